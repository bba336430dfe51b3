"""What a check may require of a reply, and the two exceptions that a check raises.

Failed blames the server; Undecidable says what the data or the document lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_server.conform.http_probe import Reply
from mock_server.formats.json import Unreadable
from mock_server.openapi.error_shape import ErrorShape
from mock_server.openapi.patterns import PatternTimeout
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.shown_text import printable

# What a user can do where a parameter needs a value that only its server knows.
TELL_VALUE = "give the parameter an 'example' by an overlay"


# The members of an error in this server's own shape (docs/reference/errors.md).
_MEMBERS = {"type", "message", "errors"}


class Failed(Exception):
    """The server departs from what it should do; the message says how, `reply` shows it."""

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message)
        self.message, self.reply = message, reply


class Undecidable(Exception):
    """The data or the document leave it open whether a check passes; the message says why."""


def require_status(reply: Reply, status: int) -> None:
    """Raise Failed unless the reply has the status."""
    if reply.status != status:
        raise Failed(f"{status} must come, but {reply.status} came", reply)


def require_error_key(reply: Reply, names: Sequence[str], shape: ErrorShape) -> None:
    """Raise Failed unless the reply is a 400 with one of the names as the `key` of an error.

    Where errors have a shape that tells no key, or no name is wanted, the status suffices.
    """
    wanted = "400 must come"
    if names:
        wanted = f"400 with the key {' or '.join(map(repr, names))} must come"
    if reply.status != 400:
        raise Failed(f"{wanted}, but {reply.status} came", reply)
    keys = {str(told["key"]) for told in read_error(reply, shape) if "key" in told}
    if names and shape.tells("key") and not keys & set(names):
        raise Failed(f"{wanted}, but the keys are {', '.join(sorted(keys)) or 'none'}", reply)


def read_error(reply: Reply, shape: ErrorShape) -> list[dict[str, Any]]:
    """Return what an error tells, e.g. `[{"code": "range", "key": "limit"}]`; empty in another shape."""
    try:
        return shape.read(reply.json)
    except Unreadable:
        return []


def has_built_in_shape(reply: Reply) -> bool:
    """Tell whether an error is written as this server writes those of which a document says nothing."""
    try:
        body = reply.json
    except Unreadable:
        return False
    error = body.get("error") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(error, dict) or not {"type", "message"} <= error.keys() <= _MEMBERS:
        return False
    return isinstance(error["type"], str) and isinstance(error["message"], str)


def require_schema(reply: Reply, schema: CompiledSchema, name: str) -> None:
    """Raise Failed unless the body keeps to a schema, which the message calls by `name`.

    Fields that the schema does not name are allowed, and so is what fits several branches of a `oneOf`:
    that is the document's fault, as which branch was meant is open.
    """
    for flaw in schema.flaws(read_json(reply)):
        if flaw.keyword == PatternTimeout.CODE:
            raise Undecidable(flaw.message)
        if flaw.keyword not in ("additionalProperties", "oneOf"):
            place = "/".join(map(str, flaw.place))
            raise Failed(f"by {name}, at /{place}: {flaw.message}", reply)


def read_json(reply: Reply) -> Any:
    """Return the body's value; raise Failed where it is not JSON, or is not called JSON."""
    # RFC 6839 section 3.1: `application/problem+json` is JSON as well.
    if reply.media_type != "application/json" and not reply.media_type.endswith("+json"):
        content_type = printable(reply.header("content-type") or "none")
        raise Failed(f"the Content-Type must be application/json, but is {content_type}", reply)
    try:
        return reply.json
    except Unreadable as error:
        raise Failed(f"the body is not as it should be: {error.message}", reply) from None
