"""Routes: what a path allows, and which was meant."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.errors import MethodNotAllowed, NotFound
from mock_server.openapi import document
from mock_server.openapi.route_hints import Routes

Small = Callable[..., Path]

SHELF = "        - {name: shelf, in: path, required: true, schema: {type: integer}}\n"


@pytest.fixture
def routes(small: Small) -> Routes:
    path = small(
        ("  /things:", "  /shelves/{shelf}/things:"),
        ("      parameters:\n", f"      parameters:\n{SHELF}"),
    )
    return Routes(document.load(path).operations)


@pytest.mark.parametrize(
    "path", ["/v1/shelves/5/things", "/v1/shelves/top/things", "/v1/shelves/ö/things"]
)
def test_a_parameter_stands_for_any_segment(routes: Routes, path: str) -> None:
    assert routes.methods(path) == ["GET", "HEAD", "OPTIONS"]
    assert isinstance(routes.refusal("POST", path), MethodNotAllowed)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/shelves/5/things", "/v1/shelves/5/things"),
        ("/v1/shelves/5/things/", "/v1/shelves/5/things"),
        ("/v1//shelves/5/things", "/v1/shelves/5/things"),
        ("/v1/shelfs/5/things", "/v1/shelves/{shelf}/things"),
    ],
)
def test_a_near_miss_leads_to_the_path_that_was_meant(routes: Routes, path: str, meant: str) -> None:
    refusal = routes.refusal("GET", path)
    assert isinstance(refusal, NotFound)
    assert f"did you mean {meant}?" in refusal.message


@pytest.mark.parametrize(
    "path", ["/", "", "/v1/shelves//things", "/v1/shelves/a/b/things", "/\x00", "/x" * 500]
)
def test_what_is_near_to_nothing_gets_the_list(routes: Routes, path: str) -> None:
    assert routes.methods(path) == []
    assert len(routes.refusal("GET", path).message) < 250
