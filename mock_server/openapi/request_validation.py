"""Request validation: finds all violations of a request, by schemas compiled at the start."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.errors import InvalidRequest, UnknownVersion, Violation
from mock_server.formats import media_types, query_string
from mock_server.lists.filters import Filter
from mock_server.lists.pages import PageRequest, read_page_request
from mock_server.lists.sorting import Sort
from mock_server.openapi.accepted_types import require_acceptable
from mock_server.openapi.list_asking import Asked, Bound, ListAsking
from mock_server.openapi.mistakes import Read, drop_mistakes
from mock_server.openapi.operations import Operation
from mock_server.openapi.outside_query import OutsideQuery
from mock_server.openapi.parameter_compilation import compile_parameter
from mock_server.openapi.parameter_parsing import LISTED, Sent, SentValue, decode_single
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.position_checks import LookUp, PositionChecks
from mock_server.openapi.query_names import QueryNames
from mock_server.openapi.request_body import NO_BODY, NOT_SENT, RequestBody, SentBody, check_type
from mock_server.openapi.version import check_version

# Header values by their names in lower case.
Texts = Mapping[str, str]

# The values sent for each query parameter, by its name.
Decoded = dict[str, list[SentValue]]

# The values sent for each parameter outside the query, by its location and name.
Outside = dict[tuple[str, str], list[SentValue]]


class Arguments(NamedTuple):
    """What a valid request asks for.

    - `page`, `filters`: of a list
    - `wanted`, `sort`, `bound`: of a list, as `Asked` has them
    - `values`: the arguments of the query parameters by name, with defaults
    - `sent`: what was sent for each query parameter, without invalid ones
    - `sent_outside`: the same of the parameters outside the query, by location and name
    - `version`: the version asked for, or the newest; None where the operation has no versions
    - `body`: the value of the body; NO_BODY where none was sent, or one that can't be read
    - `violations`: only from a validator that defers them, see `Validator`
    """

    page: PageRequest
    filters: frozenset[Filter]
    wanted: frozenset[Filter]
    sort: Sort | None
    bound: Bound
    values: Mapping[str, Any]
    sent: Mapping[str, Sent]
    sent_outside: Mapping[tuple[str, str], Sequence[SentValue]] = MappingProxyType({})
    version: str | None = None
    body: Any = NO_BODY
    warnings: tuple[Violation, ...] = ()
    violations: tuple[Violation, ...] = ()


class Beside(NamedTuple):
    """What is known of a request beside its head.

    - `look_up`: finds records, for cursors that are values of theirs
    - `pinned`: the version if none is named
    - `body`: what its `Validator.body` read
    """

    look_up: LookUp | None = None
    pinned: str | None = None
    body: SentBody = NOT_SENT


_NOTHING = Beside()


class Validator:
    """The checks of the requests of one operation, compiled once."""

    def __init__(
        self,
        operation: Operation,
        *,
        strict: bool,
        defers: bool = False,
        answer_types: Iterable[str] = (media_types.JSON,),
        body: RequestBody | None = None,
    ) -> None:
        """Compile the parameters.

        An unknown parameter is a violation if `strict`, else a warning. If `defers`, violations are not
        raised: the arguments list them, and leave out the parameters that they are about. `answer_types`
        are those of the answer. `body` reads the bodies, None where others do.
        """
        self.operation = operation
        self._answer_types = tuple(answer_types)
        self.body = body
        self._strict = strict
        self._defers = defers
        self._convention = operation.convention
        self._query = {p.name: compile_parameter(p, operation) for p in operation.at("query")}
        self._names = QueryNames(operation.query)
        # By name, the arguments of parameters that are not sent.
        self._defaults = {n: c.default for n, c in self._query.items() if c.default is not None}
        self._filters = operation.filter_parameters
        self._checks = PositionChecks(operation)
        self._positions = set(operation.position_parameters)
        self._others = [compile_parameter(p, operation) for p in operation.parameters if _is_plain(p)]
        self._path_names = operation.path_parameters
        rules = [p.version for p in operation.parameters if p.version]
        self._versions = [(rule, rule.header.lower(), rule.newest) for rule in rules]
        self._asking = ListAsking.of(operation)

    @property
    def seeks_records(self) -> bool:
        """Tell whether a cursor is the value of a record's field, so that `validate` looks it up."""
        return self._convention.cursor is not None

    def validate(
        self, headers: Texts, query: bytes, path_values: Mapping[str, Any], beside: Beside = _NOTHING
    ) -> Arguments:
        """Return what a request asks for; `query` is raw, `path_values` are by names in its route.

        Raise UnknownVersion, NotAcceptable, UnsupportedMediaType or InvalidRequest.
        """
        violations, wrong, body = list[Violation](), set[tuple[str, str]](), beside.body
        version = self._read_version(headers, violations, outside := Outside(), beside.pinned)
        if "accept" in headers:
            require_acceptable(headers["accept"], self._answer_types, violations)
        if body.refusal is not None:
            check_type(body, violations, defers=self._defers)
        arguments = dict(self._defaults)
        sent, unknown = self._decode(query_string.parse(query))
        outside |= self._decode_outside(headers, path_values) if self._others else {}
        found = self._violations(sent, outside, arguments, wrong, beside.look_up)
        strangers = map(self._names.unknown, unknown[:LISTED])
        warnings = _collect(violations, found, strangers, body, is_strict=self._strict)
        if violations and not self._defers:
            raise InvalidRequest(violations, warnings)
        if violations:
            drop_mistakes(wrong, Read(arguments, sent, outside), self._positions, self._defaults)
        filters = {n: arguments[n] for n in self._filters if arguments.get(n) is not None}
        texts = {name: sent[name][0].decoded for name in self._positions if name in sent}
        own = frozenset(filters.values()) if filters else _UNFILTERED
        asked = _ask(self._asking, own, arguments, sent, path_values)
        return Arguments(
            read_page_request(self._convention, arguments, texts, sent),
            own,
            *asked,
            values=arguments,
            sent={name: Sent(values, filters.get(name)) for name, values in sent.items()},
            sent_outside=outside,
            version=version,
            body=body.value,
            warnings=warnings,
            violations=tuple(violations),
        )

    def _decode(self, query: query_string.Query) -> tuple[Decoded, list[str]]:
        """Return the values sent for each query parameter, decoded once, and the unknown names.

        The values under unknown names are among the others, by these names.
        """
        sent: Decoded = {}
        unknown: list[str] = []
        for name, raw_values in query.items():
            owner = self._names.exact.get(name) or self._names.owner(name)
            if owner is not None:
                values = self._query[owner.name].values_of(name, raw_values)
                sent.setdefault(owner.name, []).extend(values)
                continue
            unknown.append(name)
            if name not in self._query:
                sent[name] = [decode_single(False, name, raw_value) for raw_value in raw_values]
        return sent, unknown

    def _decode_outside(self, headers: Texts, path_values: Mapping[str, Any]) -> Outside:
        """Return the values sent for each parameter outside the query."""
        source = OutsideQuery(headers, path_values, self._path_names)
        found = {(c.parameter.location, c.parameter.name): source.values_of(c) for c in self._others}
        return {place: values for place, values in found.items() if values}

    def _read_version(
        self, headers: Texts, violations: list[Violation], outside: Outside, pinned: str | None
    ) -> str | None:
        """Return the version asked for, or the newest; None where the operation has no versions.

        The header that asks for one is added to `outside`.
        """
        version = None
        for rule, name, newest in self._versions:
            version = pinned if pinned in rule.known else newest
            if name not in headers:
                continue
            try:
                version = check_version(rule, headers[name])
                outside["header", rule.header] = [SentValue(version, version, (version,))]
            except UnknownVersion as unknown:
                if not self._defers:
                    raise
                version = None
                violations += unknown.violations_to_record
        return version

    def _violations(
        self,
        sent: Decoded,
        outside: Outside,
        arguments: dict[str, Any],
        wrong: set[tuple[str, str]],
        look_up: LookUp | None,
    ) -> Iterator[Violation]:
        """Yield the violations of parameters; add the location and name of each such one to `wrong`."""
        for name, each in self._query.items():
            if name in sent or each.parameter.required:
                for violation in each.read(sent.get(name, ()), arguments):
                    wrong.add(("query", name))
                    yield violation
        if self._names.wholes:
            yield from self._names.missing(sent)
        if len(self._positions & sent.keys()) > 1:
            wrong.update(("query", name) for name in self._positions)
            yield self._checks.conflict(sent)
        if self._checks.is_dependent:
            yield from self._settle(sent, arguments, wrong, look_up)
        for each in self._others:
            place = each.parameter.location, each.parameter.name
            # No list depends on these parameters, so their arguments are dropped.
            for violation in each.read(outside.get(place, ()), {}):
                wrong.add(place)
                yield violation

    def _settle(
        self,
        sent: Decoded,
        arguments: dict[str, Any],
        wrong: set[tuple[str, str]],
        look_up: LookUp | None,
    ) -> Iterator[Violation]:
        """Yield the violations of cursors that depend on records or filters, as `_violations` does."""
        valid = {name: values for name, values in sent.items() if ("query", name) not in wrong}
        own = frozenset(arguments[n] for n in self._filters if arguments.get(n) is not None)
        bound = _ask(self._asking, own, arguments, sent, {}).bound
        names = {*self._filters, *(self._asking.parameters if self._asking is not None else ())}
        is_known = not any(("query", name) in wrong for name in names)
        for violation in self._checks.settle(valid, arguments, bound if is_known else None, look_up):
            wrong.add(("query", violation.key))
            yield violation


_UNFILTERED: frozenset[Filter] = frozenset()


def _is_plain(parameter: Parameter) -> bool:
    return parameter.location != "query" and parameter.version is None


def _ask(
    asking: ListAsking | None,
    own: frozenset[Filter],
    arguments: Mapping[str, Any],
    sent: Collection[str],
    path_values: Mapping[str, Any],
) -> Asked:
    """Return what a request asks for with its filters, `own`, and beside them."""
    return Asked(own, None, own) if asking is None else asking.read(own, arguments, sent, path_values)


def _collect(
    violations: list[Violation],
    found: Iterable[Violation],
    strangers: Iterable[Violation],
    body: SentBody,
    *,
    is_strict: bool,
) -> tuple[Violation, ...]:
    """Add what was found to the violations, LISTED at most, and return the warnings."""
    odd = [*strangers, *body.warnings]
    violations += islice(chain(found, body.violations, odd if is_strict else ()), LISTED)
    return () if is_strict else tuple(odd[:LISTED])
