"""What is secret of the bodies of an operation: those of its requests and of its answers.

A request that no operation takes, e.g. since its path is misspelled, may hold what is secret of any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

import orjson

from mock_server.formats import form
from mock_server.formats.media_types import FORM, is_json, without_parameters
from mock_server.formats.secret_texts import HIDDEN
from mock_server.openapi.secret_members import SecretMembers


class BodySecrets:
    """The secret members of an operation's bodies: `request` and `answer`, None where there are none."""

    def __init__(self, described: Iterable[Mapping[str, Any]], clean: set[int] | None = None) -> None:
        """Take what the document says of the operation, or of all that it may be.

        `clean` is as in `SecretMembers.of`.
        """
        every = list(described)
        self.request = SecretMembers.of(
            [s for o in every for s in _schemas(o.get("requestBody"))], clean
        )
        answers = [answer for o in every for answer in _answers(o)]
        self.answer = SecretMembers.of([s for each in answers for s in _schemas(each)], clean)

    def hide_in_request(self, content_type: str | None, content: bytes) -> bytes:
        """Return the body of a request as it may be shown; `***` for one that can't be read."""
        if self.request is None or not content:
            return content
        sent = without_parameters(content_type or "")
        if sent == FORM:
            return _hide_in_form(self.request, content)
        return _hide_in_json(self.request, content) if is_json(sent) else HIDDEN

    def form_value(self, content_type: str | None, value: Any) -> bytes:
        """Return the value of a form in JSON, as it may be shown; nothing of any other body."""
        if without_parameters(content_type or "") != FORM or not isinstance(value, dict):
            return b""
        shown = value if self.request is None else self.request.hide(value)
        # A number may have more bits than orjson writes.
        return json.dumps(shown).encode()

    def hide_in_answer(self, content: bytes) -> bytes:
        """Return the body of an answer as it may be shown; `***` for JSON that can't be read."""
        if self.answer is None or content.lstrip()[:1] not in _JSON_STARTS:
            return content
        return _hide_in_json(self.answer, content)


# How the body begins of an answer in JSON that may hold what is secret.
_JSON_STARTS = frozenset([b"{", b"[", b'"'])


def _answers(described: Mapping[str, Any]) -> list[Any]:
    responses = described.get("responses")
    return list(responses.values()) if isinstance(responses, Mapping) else []


def _schemas(described: Any) -> Iterator[Any]:
    """Yield the schemas of a body or an answer, one for each media type."""
    content = described.get("content") if isinstance(described, Mapping) else None
    for media_type in content.values() if isinstance(content, Mapping) else ():
        if isinstance(media_type, Mapping):
            yield media_type.get("schema")


def _hide_in_json(secrets: SecretMembers, content: bytes) -> bytes:
    try:
        value = orjson.loads(content)
        shown = secrets.hide(value)
        return content if shown is value else orjson.dumps(shown)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
        return HIDDEN


def _hide_in_form(secrets: SecretMembers, content: bytes) -> bytes:
    """Return a form with `***` for each value whose name means a secret member."""
    pieces = content.split(b"&")
    for number, piece in enumerate(pieces):
        for name, _ in form.pairs(piece.decode("latin-1")):
            if secrets.is_secret(form.steps_of(name, {})):
                pieces[number] = quote_plus(name).encode() + b"=" + HIDDEN
    return b"&".join(pieces)


# Those of a request without a body that no operation takes.
NO_SECRETS = BodySecrets(())
