"""The forms of a document that clients get: JSON and YAML, with the URL of the server in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from mock_server.formats import yaml
from mock_server.formats.media_types import YAML_NAMES

# Stands for the server's root, e.g. `http://127.0.0.1:8080`, in the forms that are kept. No host has
# such a name (RFC 6761 section 6.4), and neither form escapes a character of it.
ROOT = "http://root.mock-server.invalid"


def server_below(base_path: str) -> dict[str, str]:
    """Return the Server Object of a base path, e.g. `/api`, at the server's root."""
    return {"url": ROOT + quote(base_path, safe="/:@!$&'()*+,;=~-._")}


class ServedDocument:
    """A document whose forms are made once, when they are asked for first, and kept."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        """Make the document by `make`, in which ROOT stands for the server's root."""
        self._make = make
        self._forms: dict[Callable[[Any], str], bytes] = {}

    def form(self, media_type: str, root: str) -> bytes:
        """Return the document as a media type, for a client that knows the server as `root`."""
        render = yaml.dump if media_type in YAML_NAMES else json.dumps
        if render not in self._forms:
            self._forms[render] = render(self._make()).encode()
        return self._forms[render].replace(ROOT.encode(), root.encode())
