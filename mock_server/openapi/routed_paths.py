"""Paths of operations as they are routed: below a base path, and decoded."""

from __future__ import annotations

import re
from urllib.parse import unquote

from mock_server.formats.source_file import Place
from mock_server.openapi.schema import DocumentError
from mock_server.shown_text import quote

PATH = re.compile(r"([^{}]|\{[^{}/]+\})+")


def routed_path(base: str, template: str, place: Place) -> str:
    """Return the path of a template below a base, decoded; raise DocumentError if it can't be routed."""
    path = base + unquote(template)
    if PATH.fullmatch(path) is None or {"?", "#"} & set(template):
        message = f"the path {quote(path)} cannot be routed"
        remedy = "write parameters as {name}, and leave out ? # and other { }"
        raise DocumentError(place, message, remedy)
    return path
