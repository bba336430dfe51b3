"""Coverage of parameters: that each was sent, with the values and bounds that its schema names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mock_server.formats.numbers import is_number, plain_text
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import items_of, named_values

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
