"""Bodies: what the control API takes, as its document says, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mock_server.data.collection_edits import as_violation
from mock_server.errors import Unreadable, UnsupportedMediaType, Violation
from mock_server.formats import json, yaml
from mock_server.formats.headers import header_value
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_errors import CompiledSchema

_JSON = "application/json"

# What reads a body, by its media type.
_READERS: Mapping[str, Callable[[str], Any]] = {
    _JSON: json.load,
    "application/yaml": yaml.load,
}

# The event loop reads no more than this; what is larger is for operations that run in the worker.
_INLINE_BYTES = 100_000

# What an operation takes that describes no body.
_NOTHING: Schema = {"type": "object", "properties": {}}

Headers = list[tuple[bytes, bytes]]


class Body:
    """The body of an operation, whose schema is compiled here once."""

    def __init__(self, operation: Mapping[str, Any], method: str) -> None:
        described = operation.get("requestBody", {})
        # One schema, in whichever of the media types it comes.
        content = described.get("content", {_JSON: {"schema": _NOTHING}})
        self._types = list(content)
        self._required = described.get("required", False)
        self._is_inline = "x-worker" not in operation
        # A page of another site can send such requests with a type that needs nobody's leave.
        self._changes = method in ("POST", "PUT", "DELETE")
        self._shape = CompiledSchema(content[self._types[0]]["schema"])

    def read(self, headers: Headers, sent: bytes) -> tuple[Any, list[Violation]]:
        """What was sent, or None for nothing, and what is wrong with it; raises UnsupportedMediaType."""
        content_type = header_value(headers, b"content-type")
        named = (content_type or "").partition(";")[0].strip().lower()
        is_meant = sent or (self._changes and content_type is not None)
        if is_meant and named not in self._types:
            raise UnsupportedMediaType(content_type, self._types)
        return self._read(named, sent)

    def _read(self, media_type: str, sent: bytes) -> tuple[Any, list[Violation]]:
        if not sent:
            return None, list(self._missing())
        if self._is_inline and len(sent) > _INLINE_BYTES:
            message = f"the body has {len(sent):,} bytes, which this call can't mean; send less."
            return None, [Violation("size", message, "")]
        code = media_type.partition("/")[2]
        try:
            value = _READERS[media_type](sent.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            return None, [Violation(code, f"byte {error.start} is not UTF-8; send UTF-8.", "")]
        except Unreadable as unreadable:
            return None, [Violation(code, _told(unreadable), "")]
        return value, [as_violation(flaw) for flaw in self._shape.flaws(value)]

    def _missing(self) -> Iterator[Violation]:
        if self._required:
            yield Violation("required", "the body is missing; send one in JSON.", "")


def _told(unreadable: Unreadable) -> str:
    where = "" if unreadable.line is None else f"line {unreadable.line}: "
    return f"{where}{unreadable.message}; {unreadable.remedy}."
