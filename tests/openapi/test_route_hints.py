"""Hints for requests that no route takes: allowed methods and suggested paths."""

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
def test_a_similar_path_is_suggested(routes: Routes, path: str, meant: str) -> None:
    refusal = routes.refusal("GET", path)
    assert isinstance(refusal, NotFound)
    assert f"did you mean {meant}?" in refusal.message


@pytest.mark.parametrize(
    "path", ["/", "", "/v1/shelves//things", "/v1/shelves/a/b/things", "/\x00", "/x" * 500]
)
def test_a_path_like_no_other_gets_a_short_list_of_paths(routes: Routes, path: str) -> None:
    assert routes.methods(path) == []
    assert len(routes.refusal("GET", path).message) < 250
