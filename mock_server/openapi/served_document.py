"""The forms of a document that clients get: JSON and YAML, with the URL of the server in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from mock_server.formats import yaml

# The media types of the two forms: RFC 8259, RFC 9512 and the names in use before it.
JSON_TYPES = ("application/json",)
YAML_TYPES = ("application/yaml", "application/x-yaml", "text/yaml")

# Stands for the server's root, e.g. `http://127.0.0.1:8080`, in the forms that are kept. No host has
# such a name (RFC 6761 section 6.4), and neither form escapes a character of it.
ROOT = "http://root.mock-server.invalid"


def server_below(base_path: str) -> dict[str, str]:
    """Return the Server Object of a base path, e.g. `/api`, at the server's root."""
    return {"url": ROOT + quote(base_path, safe="/:@!$&'()*+,;=~-._")}


class ServedDocument:
    """A document whose forms are made once, when they are asked for first, and kept."""

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        """Make the document by `make`, in which ROOT stands for the server's root."""
        self._make = make
        self._forms: dict[str, bytes] = {}

    def form(self, media_type: str, root: str) -> bytes:
        """Return the document as a media type, for a client that knows the server as `root`."""
        render = _render_yaml if media_type in YAML_TYPES else _render_json
        if render.__name__ not in self._forms:
            self._forms[render.__name__] = render(self._make()).encode()
        return self._forms[render.__name__].replace(ROOT.encode(), root.encode())


def _render_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document)


def _render_yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(dict(document))
