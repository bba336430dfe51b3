"""Coverage of parameters: that each was sent, with the values and bounds that its schema names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.formats.numbers import is_number, plain_text
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import SentValue
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import items_of, named_values
from mock_server.sandbox.coverage_points import Point

# The name of a single value of a parameter, and a text that it may have.
_Text = tuple[str, str]


def values_of(operation: Operation, parameter: Parameter) -> Iterator[_Text]:
    """Yield the values that enums name, a number as records spell it: `("price", "1.5")`."""
    if parameter.location not in ("query", "header") or parameter.version is not None:
        return
    for name, schema in parameter.described.items():
        values = named_values(schema) or named_values(items_of(schema))
        if not values and parameter.filters is not None and parameter.filters.compares_values:
            values = named_values(operation.values_schema(parameter.filters.field))
        yield from ((name, _as_sent(value)) for value in values if value not in (None, ""))


def _as_sent(value: Any) -> str:
    if isinstance(value, str):
        return value
    return plain_text(value) if is_number(value) else json.dumps(value)


def bounds_of(parameter: Parameter) -> Iterator[_Text]:
    """Yield the least and the greatest value, where they may be sent."""
    if parameter.location not in ("query", "header"):
        return
    for name, schema in parameter.described.items():
        bounds = [
            plain_text(schema[bound])
            for bound, excluded in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
            if bound in schema and not schema.get(excluded)
        ]
        yield from ((name, bound) for bound in dict.fromkeys(bounds))


def point_names(texts: Iterable[_Text]) -> list[str]:
    """Return the names of the points of single values, e.g. `price=1.5`."""
    return [f"{name}={text}" for name, text in texts]


class ParameterPoints:
    """The points of one parameter: that it was sent, and its values and bounds by their texts."""

    def __init__(
        self, operation: Operation, parameter: Parameter, points: Mapping[tuple[str, str], Point]
    ) -> None:
        self.parameter = parameter
        self.location = parameter.location
        self._was_sent = points["parameters", parameter.name]
        self._by_text: dict[tuple[str, str], list[Point]] = {}
        for name, text in [*values_of(operation, parameter), *bounds_of(parameter)]:
            for group in ("values", "bounds"):
                point = points.get((group, f"{name}={text}"))
                if point is not None:
                    self._by_text.setdefault((name, text), []).append(point)

    def covered_by(self, sent: Sequence[SentValue] | None) -> list[Point]:
        """Return the points that the values sent cover; `sent` is None where none were."""
        if sent is None:
            return []
        found = [self._by_text[each] for value in sent for each in value.named if each in self._by_text]
        return [self._was_sent, *[point for points in found for point in points]]
