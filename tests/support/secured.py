"""Small documents with one list each, by what their security asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.support.documents import SMALL

BASIC = {"type": "http", "scheme": "basic"}
BEARER = {"type": "http", "scheme": "bearer"}
OAUTH = {
    "type": "oauth2",
    "flows": {
        "clientCredentials": {"tokenUrl": "https://example.com/token", "scopes": {"read": "Reads"}}
    },
}
OPEN_ID = {"type": "openIdConnect", "openIdConnectUrl": "https://example.com/openid"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
QUERY = {"type": "apiKey", "in": "query", "name": "api_key"}
RAW = {"type": "apiKey", "in": "header", "name": "Authorization"}
COOKIE = {"type": "apiKey", "in": "cookie", "name": "session"}
DIGEST = {"type": "http", "scheme": "digest"}
HMAC = {"type": "http", "scheme": "hmac"}
SCHEMES = {
    "basic": BASIC, "bearer": BEARER, "oauth": OAUTH, "openId": OPEN_ID, "key": KEY, "query": QUERY, "raw": RAW,
    "cookie": COOKIE, "digest": DIGEST, "hmac": HMAC,
}  # fmt: skip

LIST = "/v1/things"

# An alternative is the names of its schemes.
Alternatives = list[list[str]]
Secured = Callable[..., Path]


def document(security: Alternatives | None, **operations: Alternatives) -> dict[str, Any]:
    """Return a document whose security is that, None for none, with more lists with one of their own.

    E.g. `document([["bearer"]], open=[])`, whose `/v1/open` asks for nothing.
    """
    made: dict[str, Any] = yaml.safe_load(SMALL)
    made["components"]["securitySchemes"] = SCHEMES
    things = made["paths"]["/things"]["get"]
    for name, own in operations.items():
        more = {**things, "operationId": f"list{name.title()}", "security": _requirements(own)}
        made["paths"][f"/{name}"] = {"get": more}
    return made if security is None else {**made, "security": _requirements(security)}


def _requirements(alternatives: Alternatives) -> list[dict[str, list[str]]]:
    return [{name: [] for name in alternative} for alternative in alternatives]
