"""The credentials that a probe sends, and the forms in which a server may send them back."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import quote, quote_plus

from mock_server.openapi.security import AUTHORIZATION, BASIC, SecurityScheme

Header = tuple[str, str]

_BASIC = SecurityScheme(BASIC, "header", AUTHORIZATION, "Basic")


class NoAnswer(Exception):
    """A request was not answered; the message says which, and why."""


def holds_token(schemes: Sequence[SecurityScheme]) -> bool:
    """Tell whether one of the schemes takes a token."""
    return any(scheme.kind != BASIC for scheme in schemes)


def own(credentials: str, schemes: Sequence[SecurityScheme]) -> tuple[list[Header], str]:
    """Return the headers with credentials, and their part of the query, e.g. `api_key=abc`.

    Raise NoAnswer where none of the schemes takes them.
    """
    headers: dict[str, str] = {}
    cookies: list[str] = []
    query: list[str] = []
    if ":" not in credentials and not holds_token(schemes):
        raise NoAnswer("the value is not of the form id:secret, which the document asks for")
    for scheme in schemes or (_BASIC,):
        if scheme.kind == BASIC:
            if ":" in credentials:
                headers.setdefault("Authorization", f"Basic {b64encode(credentials.encode()).decode()}")
        elif scheme.location == "query":
            query.append(f"{quote(scheme.name, safe='')}={quote(credentials, safe='')}")
        elif scheme.location == "cookie":
            cookies.append(f"{scheme.name}={credentials}")
        else:
            headers.setdefault(scheme.name, f"{scheme.word} {credentials}".strip())
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    return list(headers.items()), "&".join(query)


def forms_of(secret: str) -> set[str]:
    """Return the forms in which a server may send a secret back."""
    return {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)}
