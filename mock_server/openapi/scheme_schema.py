"""The JSON Schema of `x-list`, by which editors complete and check how lists page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.lists.roles import ENDS, REQUEST_ROLES, RESPONSE_ROLES, RFC_8288, STYLES
from mock_server.lists.scheme import OVERS

_TEXT = {"type": "string", "minLength": 1}

_WORDS: Mapping[str, str] = {
    "limit": "how many records a page has", "after": "the cursor or the token to go on after",
    "before": "the cursor to go back from", "page": "the page's number",
    "offset": "how many records come before the page",
}  # fmt: skip

_SAID: Mapping[str, str] = {
    "next": "what to send to get the next page: a cursor, a token, or a page's number",
    "previous": "what to send to get the page before", "total": "the number of all records",
    "count": "the number of records on the page", "more": "whether a page follows",
    "page": "the page's number", "pages": "the number of pages", "limit": "how many records a page has",
    "offset": "how many records come before the page", "nextUrl": "the URL of the next page",
    "previousUrl": "the URL of the page before", "firstUrl": "the URL of the first page",
    "lastUrl": "the URL of the last page", "atStart": "whether the page is the first",
    "atEnd": "whether the page is the last", "hasPrevious": "whether records come before the page",
}  # fmt: skip


def _by_role(described: Mapping[str, str], roles: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {role: {**_TEXT, "description": f"{described[role]}."} for role in roles},
    }


_SCHEME: Mapping[str, Any] = {
    "description": "A scheme: how a list pages.",
    "type": "object",
    "required": ["style"],
    "additionalProperties": False,
    "properties": {
        "style": {
            "description": "`cursor`: by a cursor, forward, and back where there is a parameter for it. "
            "`token`: by an opaque text, forward only, for the same filters. `page`: by numbers of "
            "pages. `offset`: by the number of records before. `url`: by the URL of the next page. "
            "`none`: all records at once.",
            "enum": list(STYLES),
        },
        "items": {
            **_TEXT,
            "description": "Where the records are: a path into the answer; `$`: the answer itself; "
            "`auto`: its only array, which is what counts if this is absent.",
            "examples": ["data.items"],
        },
        "cursor": {
            **_TEXT,
            "description": "The field of the records whose value is the cursor. Without it cursors are "
            "opaque.",
            "examples": ["id"],
        },
        "request": {
            "description": "The names of query parameters, by their roles.",
            **_by_role(_WORDS, REQUEST_ROLES),
        },
        "response": {
            "description": "Paths into the answer, by their roles.",
            **_by_role(_SAID, RESPONSE_ROLES),
        },
        "headers": {
            "description": "What headers say, by their names: a role of `response`, or `rfc8288` for "
            "links to other pages.",
            "type": "object",
            "additionalProperties": {"enum": [RFC_8288, *RESPONSE_ROLES]},
            "examples": [{"Link": RFC_8288, "X-Total-Count": "total"}],
        },
        "end": {
            "description": "What leads to another page is where there is none: left out, null, or an "
            "empty text. If this is absent: null where the answer's schema admits it, else left out.",
            "enum": [*ENDS, None],
        },
        "first": {
            "description": "The number of the first page. If this is absent: the parameter's default, "
            "if that is 0 or 1, else 1.",
            "enum": [0, 1],
        },
        "limitDefault": {
            "description": "Records of a page where neither a request nor the parameter's schema says "
            "how many; 20 if absent.",
            "type": "integer",
            "minimum": 1,
            "maximum": 10_000,
        },
        "limitMaximum": {
            "description": "The most records of a page, or fewer where the parameter's schema says so; "
            "1,000 if neither says a maximum.",
            "type": "integer",
            "minimum": 1,
            "maximum": 10_000,
        },
        "over": {
            "description": "What happens to a limit beyond the maximum: it is refused, or cut to it.",
            "enum": list(OVERS),
        },
    },
}

LIST: Mapping[str, Any] = {
    "description": "How lists page. At the root of the document: schemes, of which the first that fits "
    "an operation counts. On an operation: its scheme, or `false` for a list that is given whole.",
    "anyOf": [{"type": "array", "items": _SCHEME}, _SCHEME, {"const": False}],
    "examples": [
        {
            "style": "cursor",
            "items": "data",
            "cursor": "id",
            "request": {"limit": "limit", "after": "starting_after"},
            "response": {"more": "has_more"},
        }
    ],
}
