"""Coverage: what of the document's operations a client has tried, and what it never did.

A point is something to try, e.g. the value `SUM` of a parameter. Points are shared by all accounts; what
an account has covered is a mapping from points to the ids of the requests that did so first.
"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Tried:
    """What a request was, as far as coverage is concerned.

    `sent` is its query, `headers` are the names of those it had, in lower case; `answered` is whether it
    was valid and not a fault's; `first` and `last` are whether its page was, None for no page.
    """

    sent: query.Query
    headers: frozenset[str]
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
        operation, sent = self._operation, tried.sent
        for parameter in operation.parameters:
            if _is_sent(parameter, tried):
                yield from self._found("parameters", [parameter.name])
        for name, wires in sent.items():
            texts = [f"{name}={text}" for wire in wires for text in query.decode_list(wire)[0]]
            yield from self._found("values", texts)
            yield from self._found("bounds", texts)
        filters = [name for name in operation.filter_parameters if any(sent.get(name, ()))]
        yield from self._found("filters", filters + [TWO_FILTERS] * (len(filters) > 1))
        yield from self._found("pages", list(_places(tried)))
        yield from self._found("directions", [_DIRECTIONS[n] for n in _DIRECTIONS if n in sent])
        yield from self._found("versions", [tried.version or ""])

    def _found(self, group: str, names: Iterable[str]) -> Iterator[Point]:
        for name in names:
            point = self._points.get((group, name))
            if point is not None:
                yield point


_DIRECTIONS = {pages.AFTER: "forward", pages.BEFORE: "backward"}


def _is_sent(parameter: Parameter, tried: Tried) -> bool:
    match parameter.location:
        case "query":
            return parameter.name in tried.sent
        case "header":
            return parameter.name.lower() in tried.headers
    return parameter.location == "path" or parameter.required


def _values(operation: Operation) -> Iterator[str]:
    for parameter in operation.at("query"):
        schema = parameter.schema
        if parameter.filters is not None and "enum" not in schema:
            schema = operation.record_schema["properties"][parameter.filters.field]
        yield from (f"{parameter.name}={value}" for value in schema.get("enum", ()))


def _bounds(operation: Operation) -> Iterator[str]:
    for parameter in operation.at("query"):
        bounds = (parameter.schema.get(keyword) for keyword in ("minimum", "maximum"))
        yield from dict.fromkeys(f"{parameter.name}={bound}" for bound in bounds if bound is not None)


def _filters(operation: Operation) -> Iterator[str]:
    names = operation.filter_parameters
    yield from names
    if len(names) > 1:
        yield TWO_FILTERS


def _places(tried: Tried) -> Iterator[str]:
    if tried.first:
        yield "first"
    if tried.last:
        yield "last"
    if tried.first is False and tried.last is False:
        yield "middle"


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
