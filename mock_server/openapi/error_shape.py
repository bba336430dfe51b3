"""The shape of the errors that the mocked API answers: its own, or what a document's `x-error` says.

A shape is a body with placeholders in its texts. It makes the body of an error, and finds in such a body
what it tells, so that another server's errors can be read by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from mock_server import errors
from mock_server.errors import ApiError, UnknownVersion, Violation
from mock_server.openapi.error_template import Each, Text, Told, compile_body, fill, parts_of, read
from mock_server.openapi.schema import DocumentError
from mock_server.shown_text import quote

# RFC 9457; the second is for errors with violations.
_PROBLEM = {
    "type": "about:blank",
    "title": "{reason}",
    "status": "{status}",
    "detail": "{message}",
    "code": "{code}",
    "parameter": "{key}",
}
_PROBLEM_OF_VIOLATIONS = {
    **{name: _PROBLEM[name] for name in ("type", "title", "status", "detail")},
    "errors": {"each": {"code": "{code}", "detail": "{message}", "parameter": "{key}"}},
}
PROBLEM_JSON = "application/problem+json"

FIELDS = ("body", "types", "mediaType")
_EXAMPLE = 'write e.g. body: {error: {code: "{code}", message: "{message}"}}'


# Media types of JSON, as RFC 6839 and RFC 8259 name them.
_JSON_TYPE = re.compile(r"application/([a-z0-9.-]+\+)?json", re.ASCII)


class ErrorShape:
    """How errors are written: the built-in shape, unless a body is given."""

    media_type = errors.JSON

    def body(self, error: ApiError) -> Any:
        """Return the body of an error, as of JSON."""
        return error.as_json()

    def read(self, body: Any) -> list[dict[str, Any]]:
        """Return what a body tells, e.g. `[{"code": "range", "key": "limit"}]`; empty if nothing."""
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict):
            return []
        listed = error.get("errors")
        items = listed if isinstance(listed, list) else []
        return [error, *(each for each in items if isinstance(each, dict))]

    def tells(self, placeholder: str) -> bool:  # noqa: ARG002
        """Return whether a body has a member for a placeholder alone."""
        return True


class WrittenShape(ErrorShape):
    """The shape that `x-error` describes; `types` has a type by the status, e.g. `{400: "invalid"}`."""

    def __init__(
        self, body: Any, types: Mapping[int, str | int] | None = None, media_type: str = errors.JSON
    ) -> None:
        self._body = body
        self.media_type = media_type
        self._types = types or {}
        self._has_each = any(isinstance(part, Each) for part in parts_of(body))
        texts = (part for part in parts_of(body) if isinstance(part, Text))
        self._alone = frozenset(text.whole for text in texts)

    def body(self, error: ApiError) -> Any:
        return fill(self._body, self._told(error))

    def read(self, body: Any) -> list[dict[str, Any]]:
        whole: dict[str, Any] = {}
        return [whole, *read(self._body, body, whole)]

    def tells(self, placeholder: str) -> bool:
        return placeholder in self._alone

    def _told(self, error: ApiError) -> Told:
        own = Violation(error.type, error.message, error.key)
        violations = error.violations or (own,)
        kind = self._types.get(error.status, error.type)
        status = {
            "type": error.type if isinstance(error, UnknownVersion) else kind,
            "status": error.status,
            "statusText": str(error.status),
            "reason": _reason(error),
        }
        whole = own if self._has_each else _first_of(violations)
        return Told({**status, **whole.as_json()}, tuple({**status, **v.as_json()} for v in violations))


class _ProblemShape(ErrorShape):
    """The shape of RFC 9457."""

    media_type = PROBLEM_JSON

    def __init__(self) -> None:
        self._of_one = WrittenShape(compile_body(_PROBLEM, ()))
        self._of_violations = WrittenShape(compile_body(_PROBLEM_OF_VIOLATIONS, ()))

    def body(self, error: ApiError) -> Any:
        return (self._of_violations if error.violations else self._of_one).body(error)

    def read(self, body: Any) -> list[dict[str, Any]]:
        return [*self._of_one.read(body), *self._of_violations.read(body)]

    def tells(self, placeholder: str) -> bool:
        return self._of_one.tells(placeholder)


BUILT_IN = ErrorShape()
PROBLEM: ErrorShape = _ProblemShape()


def read_shape(document: Mapping[str, Any]) -> ErrorShape:
    """Return the shape that a document's `x-error` says; raise DocumentError where it is wrong."""
    said, place = document.get("x-error"), ("x-error",)
    if said is None and "x-error" not in document:
        return BUILT_IN
    if said == "problem":
        return PROBLEM
    if not isinstance(said, dict) or "body" not in said:
        raise DocumentError(place, "it has no 'body', and is not 'problem'", _EXAMPLE)
    for name in said:
        if name not in FIELDS:
            raise DocumentError(
                (*place, name), "the field is not understood", f"use {', '.join(FIELDS)}"
            )
    if not isinstance(said["body"], dict | list):
        raise DocumentError((*place, "body"), "it is neither an object nor an array", _EXAMPLE)
    media_type = said.get("mediaType", errors.JSON)
    if media_type != errors.JSON and _JSON_TYPE.fullmatch(str(media_type)) is None:
        message = f"{quote(str(media_type))} is no media type of JSON"
        raise DocumentError((*place, "mediaType"), message, "write e.g. application/vnd.api+json")
    body = compile_body(said["body"], (*place, "body"))
    return WrittenShape(body, _read_types(said.get("types", {})), media_type)


def errors_in(document: Mapping[str, Any]) -> list[DocumentError]:
    """Return what is wrong with a document's `x-error`; empty if nothing is."""
    try:
        read_shape(document)
    except DocumentError as document_error:
        return [document_error]
    return []


def _read_types(said: Any) -> dict[int, str | int]:
    place, remedy = ("x-error", "types"), "write e.g. types: {400: invalid_request, 429: rate_limit}"
    if not isinstance(said, dict):
        raise DocumentError(place, "it is no object", remedy)
    for status, kind in said.items():
        if re.fullmatch("[45][0-9][0-9]", str(status), re.ASCII) is None:
            raise DocumentError(
                (*place, status), f"{quote(str(status))} is no status of an error", remedy
            )
        if isinstance(kind, bool) or not isinstance(kind, str | int):
            raise DocumentError((*place, status), "the type is neither a text nor a number", remedy)
    return {int(status): kind for status, kind in said.items()}


def _first_of(violations: tuple[Violation, ...]) -> Violation:
    """Return the first violation, whose message says how many more there are."""
    first, more = violations[0], len(violations) - 1
    if not more:
        return first
    message = f"{first.message} (and {more} more mistake{'' if more == 1 else 's'})"
    return Violation(first.code, message, first.key)


def _reason(error: ApiError) -> str:
    try:
        return HTTPStatus(error.status).phrase
    except ValueError:
        return error.type
