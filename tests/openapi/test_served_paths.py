"""Paths of documents as they are served: percent-encoded bases, and characters that routers know."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from mock_server import setting_parsers
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
    served = json.loads(document.load(path).served.form("application/json", "http://h"))
    [server] = served["servers"]
    assert unquote(server["url"]) == f"http://h{base}"


def test_a_percent_encoded_base_path_is_taken_from_the_settings() -> None:
    assert setting_parsers.base_path("/a%20b/") == "/a b"
    for text in ("/a b", "/a%7Bb", "/a%00"):
        with pytest.raises(ValueError, match="is not a path"):
            setting_parsers.base_path(text)


def test_a_server_whose_url_is_none_is_refused(small: Small, refusal: Callable[..., list[str]]) -> None:
    [found] = refusal(document.load, small((SERVERS, "servers: [{url: 'http://[::1/api'}]")))
    assert "the server's URL 'http://[::1/api' is not understood (Invalid IPv6 URL)" in found


def test_a_path_that_no_request_can_have_is_refused(
    small: Small, refusal: Callable[..., list[str]]
) -> None:
    for path in ("/things?kind=a", "/things#a"):
        [found] = refusal(document.load, small(("  /things:", f"  '{path}':")))
        assert "cannot be routed; write parameters as {name}, and leave out ? # and other { }" in found
