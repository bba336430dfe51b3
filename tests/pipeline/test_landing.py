"""The landing: who is led from `/` to the inspector, and who is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.callers import entries, send
from tests.support.servers import Serve

BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("target", ["/", "/?", "/?a=b"])
def test_a_browser_is_led_to_the_inspector(url: str, method: str, target: str) -> None:
    answer = wire.get(url, target, BROWSER, method=method, auth=False)
    assert (answer.status, answer.header("Location"), answer.body) == (302, "/_mock/", b"")
    assert answer.header("Vary") == "Accept"


def test_a_client_that_takes_any_text_is_led_there_too(url: str) -> None:
    assert wire.get(url, "/", "Accept: text/*;q=0.5", auth=False).status == 302


def test_what_leads_a_browser_is_not_journaled(serve: Serve) -> None:
    url = serve(base_path="", count=1)
    assert send(url, "person", "/", BROWSER).status == 302
    assert wire.get(url, "/_mock/health", auth=False).json["accounts"]["live"] == 0
    assert entries(url, "person") == []


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/json",
        "text/html;q=0, text/*",
        "text/html;q=0, */*",
        "application/xhtml+xml",
    ],
)
def test_other_clients_get_404(url: str, accept: str | None) -> None:
    headers = [] if accept is None else [f"Accept: {accept}"]
    answer = wire.get(url, "/", *headers, auth=False)
    assert (answer.status, answer.json["error"]["type"]) == (404, "notFound")


def test_other_methods_and_paths_get_404(url: str) -> None:
    assert wire.get(url, "/", BROWSER, method="POST", auth=False).status == 404
    assert wire.get(url, "/nothing", BROWSER, auth=False).status == 404


def test_a_document_that_serves_the_root_answers_it(serve: Serve, small: Callable[..., Path]) -> None:
    url = serve(document=small(("  /things:", "  /:")), base_path="")
    assert send(url, "root", "/", "Accept: text/html, */*").json["pagination"]["totalResultSize"] == 100
