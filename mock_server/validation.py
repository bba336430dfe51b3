"""Validation: every violation of a request at once, by schemas compiled when the server starts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from http.cookies import CookieError, SimpleCookie
from itertools import islice
from typing import Any
from urllib.parse import quote_plus

from openapi_schema_validator import OAS30Validator, oas30_format_checker

from mock_server import cursors, filters, pages, query, versions
from mock_server.errors import InvalidRequest, NotAcceptable, Violation, quote, shown
from mock_server.filters import Filter
from mock_server.operations import Operation, Parameter, Schema

# Where in the ASGI scope the arguments of a valid request are left for its handler.
ARGUMENTS = "mock_server.arguments"

# A request may make thousands of mistakes; nobody reads more than the first of them.
LISTED = 100

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}

_NOUNS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "'true' or 'false'",
    "string": "a text",
}


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a valid request asks of a list: a page size, a position, filters."""

    limit: int
    after: int | None
    before: int | None
    filters: frozenset[Filter]


class Validator:
    """Checks the requests of one operation, whose parameters are compiled here once."""

    def __init__(self, operation: Operation, *, strict: bool) -> None:
        self._strict = strict
        self._query = [_compiled(p, operation) for p in operation.at("query")]
        self._known = [p.name for p in operation.at("query")]
        self._cursors = set(operation.cursor_parameters)
        self._others = [_compiled(p, operation) for p in operation.parameters if _plain(p)]
        self._path_names = operation.path_parameters
        self._versions = [p.version for p in operation.parameters if p.version]

    def validate(self, scope: dict[str, Any]) -> None:
        """Leaves the Arguments in the scope; raises UnknownVersion, NotAcceptable, InvalidRequest."""
        for rule in self._versions:
            versions.check(rule, scope["headers"])
        _check_accept(scope["headers"])
        found: dict[str, Any] = {}
        sent = query.parse(scope["query_string"])
        violations = list(islice(self._violations(scope, sent, found), LISTED))
        if violations:
            raise InvalidRequest(violations)
        scope[ARGUMENTS] = Arguments(
            limit=found.get(pages.LIMIT, pages.DEFAULT_LIMIT),
            after=found.get(pages.AFTER),
            before=found.get(pages.BEFORE),
            filters=frozenset(f for f in found.values() if isinstance(f, Filter)),
        )

    def _violations(
        self, scope: dict[str, Any], sent: query.Query, found: dict[str, Any]
    ) -> Iterator[Violation]:
        for compiled in self._query:
            yield from compiled.read(sent.get(compiled.parameter.name, ()), found)
        if len(self._cursors & sent.keys()) > 1:
            yield _both_cursors()
        if self._others:
            elsewhere = _Elsewhere(scope, self._path_names)
            for compiled in self._others:
                yield from compiled.read(elsewhere.values(compiled.parameter), found)
        if self._strict:
            yield from self._unknown(sent)

    def _unknown(self, sent: query.Query) -> Iterator[Violation]:
        for name in sent:
            if name not in self._known:
                yield Violation(
                    "unknownParameter",
                    f"{quote(name)} is no parameter of this operation{_hint(name, self._known)}; "
                    "correct it, or leave it out.",
                    shown(name),
                )


def _plain(parameter: Parameter) -> bool:
    return parameter.location != "query" and parameter.version is None


def _both_cursors() -> Violation:
    return Violation(
        "conflictingCursors",
        f"'{pages.AFTER}' and '{pages.BEFORE}' were both sent, but a page either follows one cursor "
        "or precedes one; send only one of them.",
        pages.BEFORE,
    )


# A reader turns the wire forms of a parameter's values into an argument, or says what is wrong.
Reader = Callable[[Sequence[str]], tuple[Any, list[Violation]]]


@dataclass(frozen=True, slots=True)
class _Compiled:
    parameter: Parameter
    reader: Reader
    default: Any

    def read(self, wires: Sequence[str], found: dict[str, Any]) -> Iterator[Violation]:
        """The violations of the values sent; the argument of a valid one is put into `found`."""
        name = self.parameter.name
        if not wires:
            if self.parameter.required:
                message = f"'{name}' is required in the {self.parameter.location}; send it."
                yield Violation("required", message, name)
            elif self.default is not None:
                found[name] = self.default
            return
        if len(wires) > 1 and not self.parameter.repeatable:
            message = f"'{name}' was sent {len(wires)} times, but has a single value; send it once."
            yield Violation("repeated", message, name)
        argument, violations = self.reader(wires)
        found[name] = argument
        yield from violations


def _compiled(parameter: Parameter, operation: Operation) -> _Compiled:
    reader = _reader(parameter, operation)
    default = parameter.schema.get("default")
    if parameter.filters and default is not None:
        default, _ = reader([quote_plus(str(default))])
    return _Compiled(parameter, reader, default)


def _reader(parameter: Parameter, operation: Operation) -> Reader:
    rule = parameter.filters
    if rule is not None and rule.match == "any-of":
        schema = operation.record_schema["properties"][rule.field]
        field_schema = {key: schema[key] for key in ("type", "enum") if key in schema}
        return partial(_read_any_of, rule.field, _checks(parameter, field_schema))
    if rule is not None:
        return partial(_read_contains, _scalar(parameter), rule.field)
    if parameter in operation.at("query") and parameter.name in operation.cursor_parameters:
        return partial(_read_single, partial(_check_cursor, parameter.name, str(operation.collection)))
    if parameter.schema.get("type") == "array":
        return partial(_read_list, _checks(parameter, parameter.schema.get("items", {})))
    return partial(_read_single, _scalar(parameter))


def _read_any_of(field: str, check: Check, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    wanted, split = filters.any_of(field, wires)
    return wanted, _collect(check, split)


def _read_contains(check: Check, field: str, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    return filters.contains(field, wires[0]), _collect(check, map(query.decode, wires))


def _read_list(check: Check, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    values = [value for wire in wires for value in query.decode_list(wire)[0]]
    return values, _collect(check, values)


def _read_single(check: Check, wires: Sequence[str]) -> tuple[Any, list[Violation]]:
    argument, _ = check(query.decode(wires[0]))
    return argument, _collect(check, map(query.decode, wires))


# A check gives the value of a text, and the violation where it is not allowed.
Check = Callable[[str], tuple[Any, Violation | None]]


def _collect(check: Check, texts: Iterable[str]) -> list[Violation]:
    distinct = list(dict.fromkeys(texts))
    found = (check(text)[1] for text in distinct)
    return list(islice((violation for violation in found if violation), LISTED))


def _check_cursor(name: str, collection: str, text: str) -> tuple[Any, Violation | None]:
    try:
        return cursors.decode(collection, text), None
    except cursors.UnknownCursor:
        message = (
            f"{quote(text)} is no cursor for '{name}'; send one that a page's pagination gave, "
            "unchanged, or leave it out for the first page."
        )
        return None, Violation("unknownCursor", message, name)


def _scalar(parameter: Parameter) -> Check:
    return _checks(parameter, parameter.schema)


def _checks(parameter: Parameter, schema: Schema) -> Check:
    """The check of one value by a schema: its type first, then all else that the schema says."""
    relevant = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    validator = OAS30Validator(relevant, format_checker=oas30_format_checker)
    kind = str(schema.get("type", "string"))

    def check(text: str) -> tuple[Any, Violation | None]:
        try:
            value = _parse(kind, text)
        except ValueError:
            return None, _mistyped(parameter, schema, kind, text)
        if len(relevant) > 1 or "type" not in relevant:
            for error in validator.iter_errors(value):
                return value, _violation(parameter, schema, error.validator, text)
        return value, None

    return check


_ANNOTATIONS = {"default", "description", "example", "title", "deprecated", "x-fill", "nullable"}


def _parse(kind: str, text: str) -> Any:
    match kind:
        case "integer":
            if _INTEGER.fullmatch(text) is None:
                raise ValueError(text)
            return int(text)
        case "number":
            if _NUMBER.fullmatch(text) is None:
                raise ValueError(text)
            return float(text)
        case "boolean":
            if text not in _BOOLEANS:
                raise ValueError(text)
            return _BOOLEANS[text]
    return text


def _mistyped(parameter: Parameter, schema: Schema, kind: str, text: str) -> Violation:
    return Violation("type", _sentence(parameter, text, _allowed(schema, kind)), parameter.name)


def _violation(parameter: Parameter, schema: Schema, keyword: str, text: str) -> Violation:
    """The violation of a schema's keyword, e.g. `maximum` or `enum`."""
    kind = str(schema.get("type", "string"))
    if keyword == "enum":
        allowed = [str(value) for value in schema["enum"]]
        wanted = f"one of {', '.join(allowed[:20])}{_hint(text, allowed)}"
        return Violation("enum", _sentence(parameter, text, wanted), parameter.name)
    if keyword in ("minimum", "maximum"):
        return Violation("range", _sentence(parameter, text, _allowed(schema, kind)), parameter.name)
    wanted = f"{_allowed(schema, kind)} with {keyword} {schema.get(keyword)}"
    return Violation(keyword, _sentence(parameter, text, wanted), parameter.name)


def _sentence(parameter: Parameter, text: str, wanted: str) -> str:
    otherwise = "" if parameter.required else ", or leave it out"
    return (
        f"{quote(text)} was sent for '{parameter.name}', which must be {wanted}; send that{otherwise}."
    )


def _allowed(schema: Schema, kind: str) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    noun = _NOUNS.get(kind, f"of type {kind}")
    if low is not None and high is not None:
        return f"{noun} from {low} to {high}"
    if low is not None:
        return f"{noun} of at least {low}"
    if high is not None:
        return f"{noun} of at most {high}"
    return f"{noun} of at most 18 digits" if kind == "integer" else noun


def _hint(name: str, known: Sequence[str]) -> str:
    """`, did you mean …` where a known name is near; names of over 60 characters are not compared."""
    if len(name) > 60:
        return ""
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f" (did you mean '{lowered[near[0]]}'?)" if near else ""


class _Elsewhere:
    """The values of parameters that are not in the query."""

    def __init__(self, scope: Mapping[str, Any], path_names: Mapping[str, str]) -> None:
        self._scope = scope
        self._path_names = path_names

    def values(self, parameter: Parameter) -> list[str]:
        match parameter.location:
            case "path":
                # In the wire form, so that an encoded percent sign is not decoded twice.
                value = str(self._scope["path_params"][self._path_names[parameter.name]])
                return [quote_plus(value)]
            case "cookie":
                return self._cookies(parameter.name)
        header = versions.sent(self._scope["headers"], parameter.name.lower().encode("latin-1"))
        return [] if header is None else [header]

    def _cookies(self, name: str) -> list[str]:
        jar: SimpleCookie = SimpleCookie()
        try:
            jar.load(versions.sent(self._scope["headers"], b"cookie") or "")
        except CookieError:
            return []
        return [jar[name].value] if name in jar else []


def _check_accept(headers: Iterable[tuple[bytes, bytes]]) -> None:
    accept = versions.sent(headers, b"accept")
    if accept is not None and not _admits_json(accept):
        raise NotAcceptable(accept)


@lru_cache(maxsize=64)
def _admits_json(accept: str) -> bool:
    """Whether an Accept header admits JSON (RFC 9110 section 12.5.1); an empty one admits all.

    The most specific range decides; parameters such as `charset=utf-8` do not matter, nor does what
    is no media range. Java sends `q=.2`, so a quality is read leniently.
    """
    qualities: dict[str, float] = {}
    for media_range in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
        if "/" in media_type:
            qualities[media_type] = max(_quality(parameters), qualities.get(media_type, 0))
    for media_type in ("application/json", "application/*", "*/*"):
        if media_type in qualities:
            return qualities[media_type] > 0
    return not qualities


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 1
    return 1
