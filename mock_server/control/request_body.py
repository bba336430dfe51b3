"""The request bodies of the control API, read and checked as control.yaml describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

from mock_server.data.collection_edits import as_violation
from mock_server.errors import UnsupportedMediaType, Violation
from mock_server.formats import json, yaml
from mock_server.formats.json import Unreadable
from mock_server.formats.media_types import JSON, YAML, YAML_NAMES, without_parameters
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.settings import LISTED

_READERS: Mapping[str, Callable[[str], Any]] = {
    JSON: partial(json.load, in_pieces=True),
    YAML: yaml.load,
}

# Bodies are read on the event loop, where a larger one would hold up all requests; operations with an
# `x-worker` read theirs in a thread and take more.
_EVENT_LOOP_BYTES = 100_000

# Values of a JSON body at most, since each takes some 70 bytes of memory. They are counted before they
# are read, by the characters that stand before them. Generated records that fill 64 MB have 3 million.
_VALUES = 4_000_000

# The schema for an operation that describes no body.
_EMPTY_OBJECT: Schema = {"type": "object", "properties": {}}


class RequestBody:
    """The request body that one operation takes, its schema compiled once."""

    def __init__(self, operation: Mapping[str, Any], method: str) -> None:
        """Compile the body of an operation, given as control.yaml describes it."""
        described = operation.get("requestBody", {})
        content = described.get("content", {JSON: {"schema": _EMPTY_OBJECT}})
        self._media_types = list(content)
        self._is_required = described.get("required", False)
        self._is_read_on_event_loop = "x-worker" not in operation
        self._changes_state = method in ("POST", "PUT", "PATCH", "DELETE")
        # All media types of an operation have the same schema.
        self._shape = CompiledSchema.of_body(content[self._media_types[0]]["schema"])

    def read(self, content_type: str | None, content: bytes) -> tuple[Any, list[Violation]]:
        """Return the value of a body, None if it is absent or unreadable, and its violations.

        `content_type` is that of the request, None if absent.

        Raise UnsupportedMediaType for a media type that the operation does not take.
        """
        sent = without_parameters(content_type or "")
        media_type = YAML if sent in YAML_NAMES else sent
        # A page of another site can send a request without a CORS preflight only with certain media
        # types (https://fetch.spec.whatwg.org/#cors-safelisted-request-header); none is taken here.
        is_checked = content or (self._changes_state and content_type is not None)
        if is_checked and media_type not in self._media_types:
            raise UnsupportedMediaType(content_type, self._media_types)
        return self._read(media_type, content)

    def _read(self, media_type: str, content: bytes) -> tuple[Any, list[Violation]]:
        if not content:
            return None, list(self._missing())
        if self._is_read_on_event_loop and len(content) > _EVENT_LOOP_BYTES:
            size = f"the body has {len(content):,} bytes"
            message = f"{size}; this call takes at most {_EVENT_LOOP_BYTES:,}."
            return None, [Violation("size", message, "")]
        if media_type == JSON and sum(map(content.count, (b",", b"[", b"{"))) > _VALUES:
            message = f"the body has more than {_VALUES:,} values; send it in several parts."
            return None, [Violation("size", message, "")]
        code = media_type.partition("/")[2]
        try:
            value = _READERS[media_type](content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            return None, [Violation(code, f"byte {error.start} is not UTF-8; send UTF-8.", "")]
        except Unreadable as unreadable:
            return None, [Violation(code, _message(unreadable), "")]
        return value, [as_violation(flaw) for flaw in islice(self._shape.flaws(value), LISTED)]

    def _missing(self) -> Iterator[Violation]:
        if self._is_required:
            yield Violation("required", "the body is missing; send one in JSON.", "")


def _message(unreadable: Unreadable) -> str:
    where = "" if unreadable.line is None else f"line {unreadable.line}: "
    return f"{where}{unreadable.message}; {unreadable.remedy}."
