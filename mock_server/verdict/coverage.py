"""Coverage: what a client has tried of the document's operations, and what it has not.

A point is something to try, e.g. the value `SUM` of a parameter. All accounts share the points; what an
account has covered is a mapping from points to the ids of the requests that tried them first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.lists.roles import AFTER, BEFORE
from mock_server.openapi.document import Document
from mock_server.openapi.effects import body_schema
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import Sent, SentValue
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.request_body import NO_BODY
from mock_server.openapi.schema import Schema
from mock_server.sandbox.coverage_points import Point
from mock_server.verdict.body_coverage import BodyPoints
from mock_server.verdict.parameter_coverage import bounds_of, point_names, values_of

GROUPS = (
    "parameters", "members", "values", "bounds", "filters", "pages", "directions", "statuses",
    "versions",
)  # fmt: skip

# The statuses that a client can cause by itself, beside that of success and, where a path names a
# record, 404; any other in the document needs a scripted fault.
_CAUSED = ("400", "401")

# The group of the point for any request of an operation, which counts for no percentage.
CALLED = "called"

# The name of the point for a request with at least two filters.
TWO_FILTERS = "two or more"

_DIRECTIONS = {AFTER: "forward", BEFORE: "backward"}


class Trial(NamedTuple):
    """One request, as far as coverage depends on it.

    - `status`: e.g. `"200"`, None where a fault gave it
    - `sent`: the query's parameters by name, without invalid ones; None where the request was not valid
    - `sent_outside`: the parameters outside the query, by location and name
    - `body`: the value of the body, NO_BODY without one, and where the request was not valid
    - `version`: the version asked for, or the newest; None where the operation has no versions
    - `is_first`, `is_last`: whether the page given was the first or the last, None without a page
    """

    status: str | None
    sent: Mapping[str, Sent] | None
    sent_outside: Mapping[tuple[str, str], Sequence[SentValue]]
    body: Any
    version: str | None
    is_first: bool | None
    is_last: bool | None


def coverables(documents: Sequence[Document]) -> tuple[Coverable | Versions, ...]:
    """Return the coverage points of each operation of documents, which are versions of one API.

    An operation that several have is there once, with the points of all of them.
    """
    found: dict[str, list[Coverable]] = {}
    for document in documents:
        for operation in document.operations:
            found.setdefault(operation.id, []).append(coverable(document, operation))
    if len(documents) == 1:
        return tuple(each for own in found.values() for each in own)
    return tuple(Versions(own) for own in found.values())


def coverable(document: Document, operation: Operation) -> Coverable:
    """Return the coverage points of one operation of a document."""
    return Coverable(operation, document.statuses(operation), body_schema(document.described(operation)))


class Coverable:
    """The coverage points of one operation."""

    def __init__(self, operation: Operation, statuses: Iterable[str], body: Schema) -> None:
        """List the points of an operation; `statuses` are those that the document describes for it.

        `body` is the schema of its bodies, empty where it has none.
        """
        self._operation = operation
        self._body = BodyPoints(body) if body else None
        self._described = list(statuses)
        self._parameters = operation.parameters
        effect = operation.effect
        self._caused = {*_CAUSED, effect.status, *filter(None, [effect.created])}
        self._caused |= {"404"} if effect.parameter or effect.ancestors else set()
        roles = {name: operation.convention.role_of(name) for name in operation.cursor_parameters}
        self._has_pages = operation.collection is not None and operation.convention.is_paged
        self._directions = {name: _DIRECTIONS[role] for name, role in roles.items() if role}
        self.called = Point(operation.id, CALLED, "")
        self._points = {(p.group, p.name): p for p in self._list_points()}
        if self._body is not None:
            self._body.bind(self._points)
        every = [_ParameterPoints(operation, p, self._points) for p in self._parameters]
        self._query = {each.parameter.name: each for each in every if each.location == "query"}
        self._outside_query = [each for each in every if each.location != "query"]

    @property
    def operation_id(self) -> str:
        """Return the id of the operation, e.g. `listThings`."""
        return self._operation.id

    def _list_points(self) -> Iterator[Point]:
        operation, parameters = self._operation, self._parameters
        for group, names in (
            ("parameters", [p.name for p in parameters]),
            ("members", self._of_body("members")),
            ("values", [n for p in parameters for n in point_names(values_of(operation, p))]),
            ("values", self._of_body("values")),
            ("bounds", [n for p in parameters for n in point_names(bounds_of(p))]),
            ("bounds", self._of_body("bounds")),
            ("filters", list(_filters(operation)) if parameters else []),
            ("pages", ["first", "middle", "last"] if self._has_pages else []),
            ("directions", list(self._directions.values())),
            ("statuses", self._described),
            ("versions", [v for p in parameters if p.version for v in p.version.known]),
        ):
            for name in names:
                yield Point(operation.id, group, name)

    def _of_body(self, group: str) -> list[str]:
        return [] if self._body is None else [name for own, name in self._body.names if own == group]

    def points(self, *, all_accounts: bool) -> tuple[list[Point], list[Point]]:
        """Return the points that count, and apart from them the statuses that need a scripted fault.

        A request without valid credentials belongs to no account, so 401 counts for all accounts
        together only (`all_accounts`).
        """
        counted, apart = list[Point](), list[Point]()
        for point in self._points.values():
            is_caused = point.name in self._caused and (all_accounts or point.name != "401")
            (counted if point.group != "statuses" or is_caused else apart).append(point)
        return counted, apart

    def covered_by(self, trial: Trial) -> list[Point]:
        """Return the points that a request covers."""
        names = [("statuses", trial.status or "")]
        covered = [self.called]
        if trial.sent is not None:
            for each in self._outside_query:
                covered += each.covered_by(trial.sent_outside.get((each.location, each.parameter.name)))
            names += self._names_of_query(trial.sent, covered)
            names += [("pages", name) for name in _pages(trial)]
            names.append(("versions", trial.version or ""))
            if self._body is not None and trial.body is not NO_BODY:
                covered += self._body.covered_by(trial.body)
        found = map(self._points.get, names)
        return covered + [point for point in found if point is not None]

    def _names_of_query(self, sent: Mapping[str, Sent], covered: list[Point]) -> list[tuple[str, str]]:
        """Add the points of parameters to `covered`; return the groups and names of the other points."""
        names = []
        for name, each in sent.items():
            parameter_points = self._query.get(name)
            if parameter_points is None:
                continue
            covered += parameter_points.covered_by(each.values)
            if each.filter is not None:
                names.append(("filters", name))
            elif name in self._directions:
                names.append(("directions", self._directions[name]))
        if sum([group == "filters" for group, _ in names]) > 1:
            names.append(("filters", TWO_FILTERS))
        return names


class _ParameterPoints:
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
        covered = [self._was_sent]
        for value in sent:
            for each in value.named:
                covered += self._by_text.get(each, ())
        return covered


class Versions:
    """The coverage points of one operation in several versions."""

    def __init__(self, versions: Sequence[Coverable]) -> None:
        """Take the operation's points in each version, those of the newest first."""
        self._versions = versions
        self.operation_id = versions[0].operation_id
        self.called = versions[0].called

    def points(self, *, all_accounts: bool) -> tuple[list[Point], list[Point]]:
        """Return the points that count, and those apart, as `Coverable.points` does."""
        every = [each.points(all_accounts=all_accounts) for each in self._versions]
        counted = dict.fromkeys(point for own, _ in every for point in own)
        apart = dict.fromkeys(point for _, own in every for point in own if point not in counted)
        return list(counted), list(apart)


def _pages(trial: Trial) -> list[str]:
    if trial.is_first is None:
        return []
    places = [("first", trial.is_first), ("last", trial.is_last)]
    return [name for name, is_there in places if is_there] or ["middle"]


def _filters(operation: Operation) -> Iterator[str]:
    names = operation.filter_parameters
    yield from names
    if len(names) > 1:
        yield TWO_FILTERS


def summary(
    coverables: Iterable[Coverable | Versions], covered: Mapping[Point, str], *, all_accounts: bool
) -> dict[str, Any]:
    """Return the coverage of all operations, as control.yaml's Coverage describes it."""
    operations = []
    every, of_called = list[Point](), list[Point]()
    for coverable in coverables:
        counted, apart = coverable.points(all_accounts=all_accounts)
        groups = [_group_as_json(name, counted, covered) for name in GROUPS]
        every += counted
        of_called += counted if coverable.called in covered else ()
        operations.append(
            {
                "operation": coverable.operation_id,
                "called": coverable.called in covered,
                **_counts(counted, covered),
                "groups": [group for group in groups if group["points"]],
                "apart": [_point_as_json(point, covered) for point in apart],
            }
        )
    called = _counts(of_called, covered)
    return {**_counts(every, covered), "called": called, "operations": operations}


def _group_as_json(name: str, points: Iterable[Point], covered: Mapping[Point, str]) -> dict[str, Any]:
    own = [point for point in points if point.group == name]
    return {
        "group": name,
        **_counts(own, covered),
        "points": [_point_as_json(point, covered) for point in own],
    }


def _counts(points: list[Point], covered: Mapping[Point, str]) -> dict[str, Any]:
    number = sum(point in covered for point in points)
    return {"percent": percentage(number, len(points)), "covered": number, "total": len(points)}


def percentage(covered: int, total: int) -> float:
    """Return the share that was covered, e.g. 44.4: 0 where there is nothing, 100 only for all of it."""
    percent = round(100 * covered / total, 1) if total else 0.0
    return percent if covered == total else min(percent, 99.9)


def _point_as_json(point: Point, covered: Mapping[Point, str]) -> dict[str, Any]:
    return {"name": point.name, "covered": point in covered, "request": covered.get(point)}
