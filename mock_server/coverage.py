"""Coverage: what of the document's operations a client has tried, and what it never did.

A point is something to try, e.g. the value `SUM` of a parameter. Points are shared by all accounts; what
an account has covered is a mapping from points to the ids of the requests that did so first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server import pages, query
from mock_server.operations import Operation, Parameter

GROUPS = ("parameters", "values", "bounds", "filters", "pages", "directions", "statuses", "versions")

# The statuses that a client can cause by itself; the document's others take a script.
CAUSED = ("200", "400", "401")

TWO_FILTERS = "two or more"


@dataclass(frozen=True, slots=True)
class Point:
    """Something to try: an operation's id, one of GROUPS, and a name, e.g. `limit=1`."""

    operation: str
    group: str
    name: str


Covered = dict[Point, str]


def cover(covered: Covered, points: Mapping[Point, str]) -> None:
    """Add points to those covered; of two requests, the first keeps it."""
    for point, request in points.items():
        covered[point] = min(covered.get(point, request), request, key=int)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a request was, as far as coverage is concerned.

    `sent` is its query without what was dropped from it, `headers` are by their names in lower case;
    `answered` is whether it was valid; `first` and `last` are whether its page was, None for no page.
    """

    sent: query.Query
    headers: Mapping[str, str]
    status: str | None
    answered: bool
    version: str | None
    first: bool | None
    last: bool | None


class Coverable:
    """The points of one operation."""

    def __init__(self, operation: Operation, statuses: Iterable[str]) -> None:
        """`statuses` are those that the document describes."""
        self._operation = operation
        self._described = list(statuses)
        self._points = {(p.group, p.name): p for p in self._listed()}

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
        for parameter in self._operation.parameters:
            texts = _texts(parameter, tried)
            if texts is not None:
                yield from self._found("parameters", [parameter.name])
                for group in ("values", "bounds"):
                    yield from self._found(group, [f"{parameter.name}={text}" for text in texts])
        sent = tried.sent
        filters = [name for name in self._operation.filter_parameters if _filters_by(sent.get(name, ()))]
        yield from self._found("filters", filters + [TWO_FILTERS] * (len(filters) > 1))
        yield from self._found("pages", _places(tried))
        yield from self._found("directions", [_DIRECTIONS[n] for n in _DIRECTIONS if n in sent])
        yield from self._found("versions", [tried.version or ""])

    def _found(self, group: str, names: Iterable[str]) -> Iterator[Point]:
        for name in names:
            point = self._points.get((group, name))
            if point is not None:
                yield point


_DIRECTIONS = {pages.AFTER: "forward", pages.BEFORE: "backward"}


def _texts(parameter: Parameter, tried: Tried) -> list[str] | None:
    """The single values that were sent for a parameter, decoded; None where it was not sent."""
    name = parameter.name
    match parameter.location:
        case "query" if name in tried.sent:
            return [text for wire in tried.sent[name] for text in query.decode_list(wire)[0]]
        case "header" if name.lower() in tried.headers:
            value = tried.headers[name.lower()]
            return [value] if parameter.version is None or value in parameter.version.known else None
        case "cookie" if f"{name}=" in tried.headers.get("cookie", ""):
            return []
        case "path":
            return []
    return None


def _filters_by(wires: Iterable[str]) -> bool:
    """Whether the values of a filter are more than commas, which filter nothing."""
    return any(query.decode_list(wire)[0] for wire in wires)


def _values(operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.location in ("query", "header") and parameter.version is None:
            for value in _enum(operation, parameter):
                yield f"{parameter.name}={value if isinstance(value, str) else json.dumps(value)}"


def _enum(operation: Operation, parameter: Parameter) -> list[Any]:
    schema = parameter.schema
    if "enum" not in schema and schema.get("type") == "array":
        schema = schema.get("items", {})
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
