"""Validation: every violation of a request at once, by schemas compiled when the server starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from itertools import islice
from typing import Any
from urllib.parse import quote_plus

from mock_server.errors import (
    InvalidRequest,
    NotAcceptable,
    UnknownVersion,
    Violation,
    hint,
    quote,
    shown,
)
from mock_server.formats import query_string
from mock_server.formats.headers import Headers, header_value
from mock_server.lists import pages
from mock_server.lists.filters import Filter
from mock_server.openapi.operations import Operation, Parameter
from mock_server.openapi.parameter_parsing import LISTED, compiled
from mock_server.openapi.version import check_version

# Where in the ASGI scope the arguments of a valid request are left for its handler.
ARGUMENTS = "mock_server.arguments"

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a request asks of a list: a page size, a position, filters; and all values by their names.

    `violations` are left to a handler that has a body to check too; else there are none.
    """

    limit: int
    after: int | None
    before: int | None
    filters: frozenset[Filter]
    values: Mapping[str, Any]
    query: query_string.Query
    version: str | None = None
    warnings: tuple[Violation, ...] = ()
    violations: tuple[Violation, ...] = ()

    def cursor(self, name: str) -> str | None:
        """The cursor that was sent as this parameter."""
        wires = self.query.get(name)
        return query_string.decode(wires[0]) if wires else None


class Validator:
    """Checks the requests of one operation, whose parameters are compiled here once."""

    def __init__(
        self,
        operation: Operation,
        *,
        strict: bool,
        defers: bool = False,
        media_types: Iterable[str] = (JSON_TYPE,),
    ) -> None:
        """A strict one takes unknown parameters for violations; one that defers raises none itself.

        `media_types` are those that the operation answers with.
        """
        self._media_types = tuple(media_types)
        self._strict = strict
        self._defers = defers
        self._query = [compiled(p, operation) for p in operation.at("query")]
        # What stands for parameters that are not sent.
        self._defaults = {e.parameter.name: e.default for e in self._query if e.default is not None}
        self._known = [p.name for p in operation.at("query")]
        self._cursors = set(operation.cursor_parameters)
        self._others = [compiled(p, operation) for p in operation.parameters if _plain(p)]
        self._path_names = operation.path_parameters
        self._versions = [p.version for p in operation.parameters if p.version]

    def validate(self, scope: dict[str, Any]) -> None:
        """Leaves the Arguments in the scope; raises UnknownVersion, NotAcceptable, InvalidRequest."""
        violations: list[Violation] = []
        version = self._version(scope["headers"], violations)
        _check_accept(scope["headers"], self._media_types, violations)
        found = dict(self._defaults)
        sent = query_string.parse(scope["query_string"])
        violations += islice(self._violations(scope, sent, found), LISTED)
        if violations and self._defers:
            sent = self._drop(violations, found, sent)
        warnings = () if self._strict else tuple(islice(self._unknown(sent), LISTED))
        if violations and not self._defers:
            raise InvalidRequest(violations, warnings)
        scope[ARGUMENTS] = Arguments(
            limit=found.get(pages.LIMIT, pages.DEFAULT_LIMIT),
            after=found.get(pages.AFTER),
            before=found.get(pages.BEFORE),
            filters=_filters(found),
            values=found,
            query=sent,
            version=version,
            warnings=warnings,
            violations=tuple(violations),
        )

    def _version(self, headers: Headers, violations: list[Violation]) -> str | None:
        """The version asked for, or else the newest; None where the operation has none."""
        version = None
        for rule in self._versions:
            try:
                version = check_version(rule, headers)
            except UnknownVersion as unknown:
                if not self._defers:
                    raise
                violations += unknown.blame
        return version

    def _drop(
        self, violations: Iterable[Violation], found: dict[str, Any], sent: query_string.Query
    ) -> query_string.Query:
        """Leave out what is wrong: the default stands for it, or nothing. Gives the query without it."""
        wrong = {violation.key for violation in violations}
        if self._cursors & wrong:
            wrong |= self._cursors
        for name in wrong:
            found.pop(name, None)
            if name in self._defaults:
                found[name] = self._defaults[name]
        return {name: wires for name, wires in sent.items() if name not in wrong}

    def _violations(
        self, scope: dict[str, Any], sent: query_string.Query, found: dict[str, Any]
    ) -> Iterator[Violation]:
        for each in self._query:
            if each.parameter.name in sent or each.parameter.required:
                yield from each.read(sent.get(each.parameter.name, ()), found)
        if len(self._cursors & sent.keys()) > 1:
            yield _both_cursors()
        if self._others:
            elsewhere = _Elsewhere(scope, self._path_names)
            for each in self._others:
                # What they ask for means nothing to a list, so it is only checked.
                yield from each.read(elsewhere.values(each.parameter), {})
        if self._strict:
            yield from self._unknown(sent)

    def _unknown(self, sent: query_string.Query) -> Iterator[Violation]:
        for name in sent:
            if name not in self._known:
                yield Violation(
                    "unknownParameter",
                    f"{quote(name)} is no parameter of this operation{hint(name, self._known)}; "
                    "correct it, or leave it out.",
                    shown(name),
                )


def _filters(found: Mapping[str, Any]) -> frozenset[Filter]:
    filters = [f for f in found.values() if isinstance(f, Filter)]
    return frozenset(filters) if filters else _UNFILTERED


_UNFILTERED: frozenset[Filter] = frozenset()


def _plain(parameter: Parameter) -> bool:
    return parameter.location != "query" and parameter.version is None


def _both_cursors() -> Violation:
    return Violation(
        "conflictingCursors",
        f"'{pages.AFTER}' and '{pages.BEFORE}' were both sent, but a page either follows one cursor "
        "or precedes one; send only one of them.",
        pages.BEFORE,
    )


class _Elsewhere:
    """The values of parameters that are not in the query."""

    def __init__(self, scope: Mapping[str, Any], path_names: Mapping[str, str]) -> None:
        self._scope = scope
        self._path_names = path_names

    def values(self, parameter: Parameter) -> list[str]:
        """The values in the wire form of a query, which is decoded where it is read."""
        return [quote_plus(value) for value in self._values(parameter)]

    def _values(self, parameter: Parameter) -> list[str]:
        match parameter.location:
            case "path":
                return [str(self._scope["path_params"][self._path_names[parameter.name]])]
            case "cookie":
                return self._cookies(parameter.name)
        header = header_value(self._scope["headers"], parameter.name.lower().encode("latin-1"))
        return [] if header is None else [header]

    def _cookies(self, name: str) -> list[str]:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(header_value(self._scope["headers"], b"cookie") or "")
        except CookieError:
            return []
        return [jar[name].value] if name in jar else []


def _check_accept(
    headers: Iterable[tuple[bytes, bytes]],
    media_types: tuple[str, ...],
    violations: Iterable[Violation],
) -> None:
    accept = header_value(headers, b"accept")
    if accept is not None and not _admits(accept, media_types):
        error = NotAcceptable(accept, " or ".join(media_types))
        error.also = tuple(violations)
        raise error


@lru_cache(maxsize=64)
def _admits(accept: str, media_types: tuple[str, ...]) -> bool:
    """Whether an Accept header admits one of them (RFC 9110 section 12.5.1); an empty one admits all.

    The most specific range decides; parameters such as `charset=utf-8` do not matter, nor does what
    is no media range. Java sends `q=.2`, so a quality is read leniently.
    """
    qualities: dict[str, float] = {}
    for media_range in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
        if "/" in media_type:
            qualities[media_type] = max(_quality(parameters), qualities.get(media_type, 0))
    return not qualities or any(_preferred(qualities, media_type) > 0 for media_type in media_types)


def _preferred(qualities: Mapping[str, float], media_type: str) -> float:
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
