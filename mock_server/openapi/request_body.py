"""The body of a request: read by its Content-Type, and checked as the operation describes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.errors import UnsupportedMediaType, Violation
from mock_server.formats import json
from mock_server.formats.json import Unreadable
from mock_server.formats.media_types import FORM, is_json, without_parameters
from mock_server.openapi.body_schema import BodySchema, Judgement
from mock_server.openapi.effects import CREATE, MERGE, REPLACE
from mock_server.openapi.enclosures import body_enclosure
from mock_server.openapi.form_bodies import FormBody
from mock_server.openapi.operations import Operation
from mock_server.openapi.path_repeats import PathRepeats
from mock_server.openapi.secret_members import SecretMembers
from mock_server.shown_text import name_some, quote

# The body of a request that has none, which is not the body `null`.
NO_BODY: Any = object()

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)

# Character sets that UTF-8 reads.
_READ = frozenset(["utf-8", "utf8", "us-ascii", "ascii"])


class SentBody(NamedTuple):
    """The body that a request has, as far as it was read.

    - `value`: NO_BODY where none was sent, or none can be read; bytes of a type that is only taken
    - `violations`, `warnings`: what is wrong with it, and what is odd
    - `refusal`: the error of a type that the operation does not take, None for none
    """

    value: Any = NO_BODY
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    refusal: UnsupportedMediaType | None = None


NOT_SENT = SentBody()


class _Described(NamedTuple):
    """One media type of a body: what reads it, None for one that is taken as it is; what checks it."""

    reads: Callable[[str], tuple[Any, list[Violation]]] | None
    judges: Callable[[Any], Judgement] | None


class RequestBody:
    """The body that one operation takes, its schemas compiled when they are needed first."""

    def __init__(
        self, operation: Operation, described: Any, secrets: SecretMembers | None = None
    ) -> None:
        """Compile a body of an operation, given as the document describes it, None for none.

        No message shows the values of `secrets`.
        """
        self._path_names = operation.path_parameters
        ends = (name for name in self._path_names if operation.template.endswith(f"{{{name}}}"))
        self._last_name = next(ends, None)
        effect = operation.effect
        is_record = effect.kind in (CREATE, REPLACE, MERGE)
        self._enclosure = (
            body_enclosure({"requestBody": described}, effect.resource) if is_record else None
        )
        body = described if isinstance(described, Mapping) else {}
        content = body.get("content")
        self._content: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        self._types = {without_parameters(key): key for key in reversed(list(self._content))}
        self.is_required = body.get("required") is True
        self._secrets = secrets
        self._compiled: dict[str, _Described] = {}

    def read(
        self, headers: Mapping[str, str], content: bytes, path_values: Mapping[str, Any]
    ) -> SentBody:
        """Return the body of a request as far as it can be read, with what is wrong with it.

        `path_values` are decoded, by the names in `Operation.route`.
        """
        content_type = headers.get("content-type")
        if not self._content:
            return self._unexpected(content_type, content) if content else NOT_SENT
        sent = without_parameters(content_type or "")
        if not content and not (sent == FORM and self.is_required and self._key(sent)):
            # A form without members has no bytes.
            return self._missing() if self.is_required else NOT_SENT
        key = self._key(sent)
        if key is None:
            refusal = UnsupportedMediaType(content_type, self._content, is_required=self.is_required)
            return SentBody(_any_json(sent, content), refusal=refusal)
        described = self._compiled.get(sent) or self._compile(sent, key)
        if described.reads is None:
            return SentBody(content)
        value, wrong = _read(described.reads, content_type, content)
        if wrong and value is None:
            coding = headers.get("content-encoding", "identity")
            return SentBody(NO_BODY, tuple(wrong if coding == "identity" else [_coded(coding)]))
        judgement = described.judges(value) if described.judges is not None else Judgement()
        texts = {name: str(path_values[key]) for name, key in self._path_names.items()}
        value, odd = PathRepeats(texts, self._last_name).give_way(value, self._enclosure)
        return SentBody(value, (*wrong, *_others(judgement, wrong)), (*judgement.warnings, *odd))

    def _key(self, sent: str) -> str | None:
        """Return the key under which a media type is described, ranges last; None where it is not."""
        ranges = (f"{sent.partition('/')[0]}/*", "*/*") if sent else ("*/*",)
        found = next((self._types[each] for each in (sent, *ranges) if each in self._types), None)
        if found is not None or not is_json(sent):
            return found
        # Clients name JSON where documents name a format in JSON, and the other way round.
        return next((key for each, key in self._types.items() if is_json(each)), None)

    def _compile(self, sent: str, key: str) -> _Described:
        described = self._content[key]
        described = described if isinstance(described, Mapping) else {}
        schema = described.get("schema")
        judges = BodySchema(schema, self._secrets).judge if isinstance(schema, dict) else None
        found = _Described(None, None)
        if is_json(sent):
            found = _Described(_read_json, judges)
        elif sent == FORM:
            found = _Described(FormBody(schema or {}, described.get("encoding") or {}).read, judges)
        if len(self._compiled) < _MOST_TYPES:
            self._compiled[sent] = found
        return found

    def _missing(self) -> SentBody:
        types = name_some(self._content, 5)
        message = f"the body is missing, which this operation requires; send one of {types}."
        return SentBody(violations=(Violation("required", message, ""),))

    def _unexpected(self, content_type: str | None, content: bytes) -> SentBody:
        size = f"{len(content):,} byte" + ("" if len(content) == 1 else "s")
        message = f"a body of {size} was sent, but the operation has none; leave it out."
        value = _any_json(without_parameters(content_type or ""), content)
        return SentBody(value, warnings=(Violation("unexpectedBody", message, ""),))


# How many media types of one range are compiled.
_MOST_TYPES = 20


def _others(judgement: Judgement, wrong: list[Violation]) -> tuple[Violation, ...]:
    """Return the violations of a value but for those where it could not be read as it should be."""
    keys = {violation.key for violation in wrong}
    return tuple([each for each in judgement.violations if each.key not in keys])


def _read(
    reads: Callable[[str], tuple[Any, list[Violation]]], content_type: str | None, content: bytes
) -> tuple[Any, list[Violation]]:
    charset = _CHARSET.search(content_type or "")
    if charset is not None and charset[1].lower() not in _READ:
        message = f"the body's charset is '{charset[1][:40]}'; send it in UTF-8."
        return None, [Violation("charset", message, "Content-Type")]
    try:
        return reads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return None, [Violation("json", f"byte {error.start} is not UTF-8; send UTF-8.", "")]


def _coded(coding: str) -> Violation:
    """Return the violation of a body that is not readable as it came: it is packed, e.g. by gzip."""
    message = f"the body's Content-Encoding is {quote(coding)}; send it as it is, without one."
    return Violation("contentEncoding", message, "Content-Encoding")


def _read_json(text: str) -> tuple[Any, list[Violation]]:
    try:
        return json.load(text), []
    except Unreadable as unreadable:
        column = "" if unreadable.column is None else f", column {unreadable.column}"
        where = "" if unreadable.line is None else f"line {unreadable.line}{column}: "
        message = f"{where}{unreadable.message}; {unreadable.remedy}."
        return None, [Violation("json", message, "")]


def _any_json(sent: str, content: bytes) -> Any:
    """Return the value of a body that nothing describes, if it is JSON by its type and its text."""
    try:
        return json.load(content.decode("utf-8-sig")) if is_json(sent) else NO_BODY
    except (UnicodeDecodeError, Unreadable):
        return NO_BODY


def check_type(body: SentBody, violations: list[Violation], *, defers: bool) -> None:
    """Raise UnsupportedMediaType for a body that is not read, or record it where that `defers`."""
    if body.refusal is None:
        return
    if not defers:
        body.refusal.also = tuple(violations)
        raise body.refusal
    violations += body.refusal.violations_to_record
