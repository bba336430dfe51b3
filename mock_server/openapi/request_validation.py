"""Request validation: finds all violations of a request, by schemas compiled at the start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from itertools import islice
from typing import Any

from mock_server.errors import (
    InvalidRequest,
    NotAcceptable,
    UnknownVersion,
    Violation,
    did_you_mean,
    printable,
    quote,
)
from mock_server.formats import query_string
from mock_server.lists.filters import Filter
from mock_server.lists.pages import PageRequest
from mock_server.openapi.operations import Operation, Parameter
from mock_server.openapi.parameter_parsing import (
    LISTED,
    Sent,
    SentValue,
    compile_parameter,
    unknown_values,
)
from mock_server.openapi.responses import JSON_TYPE
from mock_server.openapi.version import check_version

# Header values by their names in lower case.
Texts = Mapping[str, str]

# The values sent for each query parameter, by name.
Decoded = dict[str, tuple[SentValue, ...]]


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a valid request asks for.

    - `page`, `filters`: of a list
    - `values`: the arguments of the query parameters by name, with defaults
    - `sent`: what was sent for each query parameter, without invalid ones
    - `version`: the version asked for, or the newest; None where the operation has no versions
    - `violations`: only from a validator that defers them, see `Validator`
    """

    page: PageRequest
    filters: frozenset[Filter]
    values: Mapping[str, Any]
    sent: Mapping[str, Sent]
    version: str | None = None
    warnings: tuple[Violation, ...] = ()
    violations: tuple[Violation, ...] = ()


class Validator:
    """The checks of the requests of one operation, compiled once."""

    def __init__(
        self,
        operation: Operation,
        *,
        strict: bool,
        defers: bool = False,
        media_types: Iterable[str] = (JSON_TYPE,),
    ) -> None:
        """Compile the parameters.

        An unknown parameter is a violation if `strict`, else a warning. If `defers`, violations are not
        raised: the arguments list them, and leave out the parameters that they are about. `media_types`
        are those of the answer.
        """
        self.operation = operation
        self._media_types = tuple(media_types)
        self._strict = strict
        self._defers = defers
        self._convention = operation.convention
        self._query = {p.name: compile_parameter(p, operation) for p in operation.at("query")}
        # By name, the arguments of parameters that are not sent.
        self._defaults = {n: c.default for n, c in self._query.items() if c.default is not None}
        self._filters = operation.filter_parameters
        self._cursors = set(operation.cursor_parameters)
        self._others = [compile_parameter(p, operation) for p in operation.parameters if _is_plain(p)]
        self._path_names = operation.path_parameters
        rules = [p.version for p in operation.parameters if p.version]
        self._versions = [(rule, rule.header.lower(), rule.newest) for rule in rules]

    def validate(self, headers: Texts, query: bytes, path_values: Mapping[str, Any]) -> Arguments:
        """Return what a request asks for; raise UnknownVersion, NotAcceptable or InvalidRequest.

        `query` is the raw query string; `path_values` are decoded, by the names in `Operation.route`.
        """
        violations: list[Violation] = []
        version = self._read_version(headers, violations)
        _check_accept(headers, self._media_types, violations)
        arguments = dict(self._defaults)
        sent = self._decode(query_string.parse(query))
        outside_query = _OutsideQuery(headers, path_values, self._path_names)
        violations += islice(self._violations(sent, outside_query, arguments), LISTED)
        if violations and self._defers:
            sent = self._without_mistakes(violations, arguments, sent)
        warnings = () if self._strict else tuple(islice(self._unknown_parameters(sent), LISTED))
        if violations and not self._defers:
            raise InvalidRequest(violations, warnings)
        filters = {name: arguments[name] for name in self._filters if arguments.get(name) is not None}
        cursors = {name: sent[name][0].decoded for name in self._cursors if name in sent}
        return Arguments(
            page=self._convention.read(arguments, cursors),
            filters=frozenset(filters.values()) if filters else _UNFILTERED,
            values=arguments,
            sent={name: Sent(values, filters.get(name)) for name, values in sent.items()},
            version=version,
            warnings=warnings,
            violations=tuple(violations),
        )

    def _decode(self, query: query_string.Query) -> Decoded:
        """Return the values sent for each query parameter, decoded once."""
        known = self._query
        return {
            name: known[name].values_of(raw_values) if name in known else unknown_values(raw_values)
            for name, raw_values in query.items()
        }

    def _read_version(self, headers: Texts, violations: list[Violation]) -> str | None:
        """Return the version asked for, or the newest; None where the operation has no versions."""
        version = None
        for rule, name, newest in self._versions:
            version = newest
            if name not in headers:
                continue
            try:
                version = check_version(rule, headers[name])
            except UnknownVersion as unknown:
                if not self._defers:
                    raise
                version = None
                violations += unknown.violations_to_record
        return version

    def _without_mistakes(
        self, violations: Iterable[Violation], arguments: dict[str, Any], sent: Decoded
    ) -> Decoded:
        """Return `sent` without parameters with violations, and put their defaults into `arguments`."""
        wrong = {violation.key for violation in violations}
        if self._cursors & wrong:
            wrong |= self._cursors
        for name in wrong:
            arguments.pop(name, None)
            if name in self._defaults:
                arguments[name] = self._defaults[name]
        return {name: values for name, values in sent.items() if name not in wrong}

    def _violations(
        self, sent: Decoded, outside_query: _OutsideQuery, arguments: dict[str, Any]
    ) -> Iterator[Violation]:
        for name, each in self._query.items():
            if name in sent or each.parameter.required:
                yield from each.read(sent.get(name, ()), arguments)
        if len(self._cursors & sent.keys()) > 1:
            yield _both_cursors(*self._convention.cursors)
        for each in self._others:
            # No list depends on these parameters, so their arguments are dropped.
            yield from each.read(list(map(each.value_of, outside_query.texts(each.parameter))), {})
        if self._strict:
            yield from self._unknown_parameters(sent)

    def _unknown_parameters(self, sent: Decoded) -> Iterator[Violation]:
        for name in sent:
            if name not in self._query:
                suggestion = did_you_mean(name, list(self._query))
                yield Violation(
                    "unknownParameter",
                    f"{quote(name)} is no parameter of this operation{suggestion}; "
                    "correct it, or leave it out.",
                    printable(name),
                )


_UNFILTERED: frozenset[Filter] = frozenset()


def _is_plain(parameter: Parameter) -> bool:
    return parameter.location != "query" and parameter.version is None


def _both_cursors(following: str, preceding: str) -> Violation:
    return Violation(
        "conflictingCursors",
        f"'{following}' and '{preceding}' were both sent, but a page either follows one cursor "
        "or precedes one; send only one of them.",
        preceding,
    )


class _OutsideQuery:
    """The values sent for parameters outside the query."""

    __slots__ = ("_headers", "_path_names", "_path_values")

    def __init__(
        self, headers: Texts, path_values: Mapping[str, Any], path_names: Mapping[str, str]
    ) -> None:
        self._headers = headers
        self._path_values = path_values
        self._path_names = path_names

    def texts(self, parameter: Parameter) -> list[str]:
        match parameter.location:
            case "path":
                return [str(self._path_values[self._path_names[parameter.name]])]
            case "cookie":
                return self._cookies(parameter.name)
        header = self._headers.get(parameter.name.lower())
        return [] if header is None else [header]

    def _cookies(self, name: str) -> list[str]:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(self._headers.get("cookie", ""))
        except CookieError:
            return []
        return [jar[name].value] if name in jar else []


def _check_accept(headers: Texts, media_types: tuple[str, ...], violations: Iterable[Violation]) -> None:
    accept = headers.get("accept")
    if accept is not None and not _admits(accept, media_types):
        error = NotAcceptable(accept, " or ".join(media_types))
        error.also = tuple(violations)
        raise error


@lru_cache(maxsize=64)
def _admits(accept: str, media_types: tuple[str, ...]) -> bool:
    """Tell whether an Accept header admits one of the types (RFC 9110 section 12.5.1).

    The most specific range decides. Parameters such as `charset=utf-8` and texts that are no media range
    are ignored. Java sends `q=.2`, so a quality is read leniently.
    """
    qualities: dict[str, float] = {}
    for media_range in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
        if "/" in media_type:
            qualities[media_type] = max(_quality(parameters), qualities.get(media_type, 0))
    return not qualities or any(_quality_of(qualities, media_type) > 0 for media_type in media_types)


def _quality_of(qualities: Mapping[str, float], media_type: str) -> float:
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((qualities[each] for each in ranges if each in qualities), 0)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 1
    return 1
