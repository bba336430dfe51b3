"""The paths of servers, below which a document's paths are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from mock_server.openapi.schema import DocumentError
from mock_server.shown_text import quote


def base_path_of(*levels: Mapping[str, Any]) -> str:
    """Return the base path from the last of `levels` that has servers; empty where none has.

    The levels are the document, a path item and an operation.
    """
    servers = next((level["servers"] for level in reversed(levels) if level.get("servers")), None)
    if not servers:
        return ""
    url = servers[0]["url"]
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace("{" + name + "}", str(variable["default"]))
    try:
        path = unquote(urlsplit(url).path)
    except ValueError as error:
        message = f"the server's URL {quote(url)} is not understood ({error})"
        raise DocumentError(("servers",), message, "correct it, or give --base-path") from None
    return "".join(f"/{part}" for part in path.split("/") if part not in ("", ".", ".."))
