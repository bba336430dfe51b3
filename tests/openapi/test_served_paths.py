"""Paths of documents as they are served: percent-encoded bases, and characters that routers know."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from mock_server.openapi import document
from tests.support import wire
from tests.support.servers import Serve

Small = Callable[..., Path]

SERVERS = "servers: [{url: 'https://example.com/v1'}]"


@pytest.mark.parametrize(
    "base", ["/a b", "/ä", "/a|b", "/a<b>c", "/a?b", "/a#b", "/50%", "/a+b", "/a.b*(c"]
)
def test_a_percent_encoded_base_path_is_served(small: Small, serve: Serve, base: str) -> None:
    path = small((SERVERS, f"servers: [{{url: 'https://example.com{quote(base)}'}}]"))
    url = serve(document=path)
    answer = wire.get(url, f"{quote(base)}/things?limit=1")
    assert (answer.status, len(answer.json["items"])) == (200, 1)
    assert wire.get(url, "/things").status == 404
    assert json.loads(document.load(path).as_served)["servers"] == [{"url": quote(base)}]
