"""Paths of operations as they are routed: below the base path that servers name, and decoded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from mock_server.formats.source_file import Place
from mock_server.openapi.schema import DocumentError
from mock_server.shown_text import quote

PATH = re.compile(r"([^{}]|\{[^{}/]+\})+")


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


def routed_path(base: str, template: str, place: Place) -> str:
    """Return the path of a template below a base, decoded; raise DocumentError if it can't be routed."""
    path = base + unquote(template)
    if PATH.fullmatch(path) is None or {"?", "#"} & set(template):
        message = f"the path {quote(path)} cannot be routed"
        remedy = "write parameters as {name}, and leave out ? # and other { }"
        raise DocumentError(place, message, remedy)
    return path
