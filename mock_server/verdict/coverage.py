"""Coverage: what of the document's operations a client has tried, and what it never did.

A point is something to try, e.g. the value `SUM` of a parameter. Points are shared by all accounts; what
an account has covered is a mapping from points to the ids of the requests that did so first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.formats import query_string
from mock_server.lists import pages
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation, Parameter
from mock_server.openapi.schema import item_schema
from mock_server.sandbox.coverage_points import Point

GROUPS = ("parameters", "values", "bounds", "filters", "pages", "directions", "statuses", "versions")

# The statuses that a client can cause by itself; the document's others take a script.
CAUSED = ("200", "400", "401")

TWO_FILTERS = "two or more"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a request was, as far as coverage is concerned.

    `sent` is its query without what was dropped from it, `headers` are by their names in lower case;
    `answered` is whether it was valid; `first` and `last` are whether its page was, None for no page.
    """

    sent: query_string.Query
    headers: Mapping[str, str]
    status: str | None
    answered: bool
    version: str | None
    first: bool | None
    last: bool | None


def coverables(document: Document) -> tuple[Coverable, ...]:
    """List what there is to try of each operation of a document."""
    return tuple(Coverable(o, document.statuses(o)) for o in document.operations)


class Coverable:
    """The points of one operation."""

    def __init__(self, operation: Operation, statuses: Iterable[str]) -> None:
        """`statuses` are those that the document describes."""
        self._operation = operation
        self._described = list(statuses)
        self._points = {(p.group, p.name): p for p in self._listed()}
        all_sought = [Sought(parameter, self._points) for parameter in operation.parameters]
        self._query = {s.parameter.name: s for s in all_sought if s.parameter.location == "query"}
        self._elsewhere = [s for s in all_sought if s.parameter.location != "query"]

    @property
    def operation_id(self) -> str:
        return self._operation.id

    def _listed(self) -> Iterator[Point]:
        operation = self._operation
        for group, names in (
            ("parameters", [p.name for p in operation.parameters]),
            ("values", list(_values(operation))),
            ("bounds", list(_bounds(operation))),
            ("filters", list(_filters(operation))),
            ("pages", ["first", "middle", "last"] if operation.cursor_parameters else []),
            ("directions", [_DIRECTIONS[name] for name in operation.cursor_parameters]),
            ("statuses", self._described),
            ("versions", [v for p in operation.parameters if p.version for v in p.version.known]),
        ):
            for name in names:
                yield Point(operation.id, group, name)

    def points(self, *, of_all: bool) -> tuple[list[Point], list[Point]]:
        """What counts, and what is shown apart: the statuses that no client can cause unscripted.

        A request without valid credentials belongs to no account, so 401 counts for all together alone.
        """
        counted, apart = list[Point](), list[Point]()
        for point in self._points.values():
            caused = point.name in CAUSED and (of_all or point.name != "401")
            (counted if point.group != "statuses" or caused else apart).append(point)
        return counted, apart

    def covered_by(self, tried: Tried) -> Iterator[Point]:
        """The points that a request covers."""
        if tried.status is not None:
            yield from self._found("statuses", [tried.status])
        if not tried.answered:
            return
        for sought in self._elsewhere:
            yield from sought.covered_by(_elsewhere(sought.parameter, tried.headers))
        yield from self._covered_by_query(tried.sent)
        yield from self._found("pages", _places(tried))
        yield from self._found("versions", [tried.version or ""])

    def _covered_by_query(self, sent: query_string.Query) -> Iterator[Point]:
        filters = []
        for name, wires in sent.items():
            sought = self._query.get(name)
            if sought is None:
                continue
            texts = [text for wire in wires for text in query_string.decode_list(wire)[0]]
            yield from sought.covered_by(texts)
            # Commas alone are no values, and filter nothing.
            if texts and sought.parameter.filters is not None:
                filters.append(name)
            elif name in _DIRECTIONS:
                yield from self._found("directions", [_DIRECTIONS[name]])
        yield from self._found("filters", filters + [TWO_FILTERS] * (len(filters) > 1))

    def _found(self, group: str, names: Iterable[str]) -> Iterator[Point]:
        for name in names:
            point = self._points.get((group, name))
            if point is not None:
                yield point


_DIRECTIONS = {pages.AFTER: "forward", pages.BEFORE: "backward"}


class Sought:
    """The points of one parameter: it itself, and values and bounds of it by their texts."""

    def __init__(self, parameter: Parameter, points: Mapping[tuple[str, str], Point]) -> None:
        self.parameter = parameter
        self._itself = points["parameters", parameter.name]
        self._texts: dict[str, list[Point]] = {}
        beginning = f"{parameter.name}="
        for (group, name), point in points.items():
            if group in ("values", "bounds") and name.startswith(beginning):
                self._texts.setdefault(name.removeprefix(beginning), []).append(point)

    def covered_by(self, texts: Iterable[str] | None) -> Iterator[Point]:
        """The points that these values cover, decoded; None where the parameter was not sent."""
        if texts is not None:
            yield self._itself
            for text in texts:
                yield from self._texts.get(text, ())


def _elsewhere(parameter: Parameter, headers: Mapping[str, str]) -> list[str] | None:
    """The values that were sent for a parameter that is not in the query; None where it was not."""
    name = parameter.name
    match parameter.location:
        case "header" if name.lower() in headers:
            value = headers[name.lower()]
            return [value] if parameter.version is None or value in parameter.version.known else None
        case "cookie" if f"{name}=" in headers.get("cookie", ""):
            return []
        case "path":
            return []
    return None


def _values(operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.location in ("query", "header") and parameter.version is None:
            for value in _enum(operation, parameter):
                yield f"{parameter.name}={value if isinstance(value, str) else json.dumps(value)}"


def _enum(operation: Operation, parameter: Parameter) -> list[Any]:
    schema = parameter.schema
    if "enum" not in schema and schema.get("type") == "array":
        schema = item_schema(schema)
    if "enum" not in schema and parameter.filters is not None:
        schema = operation.record_schema["properties"][parameter.filters.field]
    return [value for value in schema.get("enum", ()) if value not in (None, "")]


def _bounds(operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.location in ("query", "header"):
            schema = parameter.schema
            bounds = [
                schema[bound]
                for bound, excluded in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
                if bound in schema and not schema.get(excluded)
            ]
            yield from dict.fromkeys(f"{parameter.name}={bound}" for bound in bounds)


def _filters(operation: Operation) -> Iterator[str]:
    names = operation.filter_parameters
    yield from names
    if len(names) > 1:
        yield TWO_FILTERS


def _places(tried: Tried) -> list[str]:
    places = [name for name, is_there in (("first", tried.first), ("last", tried.last)) if is_there]
    is_page = tried.first is not None
    return places or (["middle"] if is_page else [])


def summary(
    coverables: Iterable[Coverable], covered: Mapping[Point, str], *, of_all: bool
) -> dict[str, Any]:
    """What was covered of all operations, with percentages; `of_all` as in `Coverable.points`."""
    operations = []
    for coverable in coverables:
        counted, apart = coverable.points(of_all=of_all)
        groups = [_group(name, counted, covered) for name in GROUPS]
        operations.append(
            {
                "operation": coverable.operation_id,
                **_share(counted, covered),
                "groups": [group for group in groups if group["points"]],
                "apart": [_shown(point, covered) for point in apart],
            }
        )
    every = [point for each in coverables for point in each.points(of_all=of_all)[0]]
    return {**_share(every, covered), "operations": operations}


def _group(name: str, points: Iterable[Point], covered: Mapping[Point, str]) -> dict[str, Any]:
    own = [point for point in points if point.group == name]
    return {"group": name, **_share(own, covered), "points": [_shown(point, covered) for point in own]}


def _share(points: list[Point], covered: Mapping[Point, str]) -> dict[str, Any]:
    number = sum(point in covered for point in points)
    percent = round(100 * number / len(points), 1) if points else 100.0
    return {"percent": percent, "covered": number, "total": len(points)}


def _shown(point: Point, covered: Mapping[Point, str]) -> dict[str, Any]:
    return {"name": point.name, "covered": point in covered, "request": covered.get(point)}
