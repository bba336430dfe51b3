"""The lines that a server prints when it is ready."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mock_server import banner
from mock_server.data import starting_data
from mock_server.openapi import document
from mock_server.settings import Settings

THINGS = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}


def listed(*parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = {"description": "OK", "content": {"application/json": {"schema": THINGS}}}
    return {"get": {"parameters": list(parameters), "responses": {"200": answer}, **more}}


def last_line(folder: Path, paths: dict[str, Any]) -> str:
    info = {"title": "Things", "version": "1"}
    path = folder / "things.json"
    servers = [{"url": "https://example.com/v 1"}]
    path.write_text(
        json.dumps(
            {"openapi": "3.0.3", "info": info, "servers": servers, "security": [], "paths": paths}
        )
    )
    loaded, settings = document.load(path), Settings(document=path)
    data = starting_data.load(loaded, settings)
    return banner.ready(loaded, data, settings, "http://127.0.0.1:8080").splitlines()[-1].strip()


TEAM = {"name": "team", "in": "path", "required": True, "schema": {"enum": ["red team", "blue"]}}
KIND = {"name": "kind", "in": "query", "required": True, "example": "a&b", "schema": {"type": "string"}}
BETA = {"name": "X-Beta", "in": "header", "required": True, "schema": {"enum": ["on"]}}


def test_the_command_to_try_is_for_a_list_that_needs_no_parameters(tmp_path: Path) -> None:
    line = last_line(tmp_path, {"/teams/{team}/things": listed(TEAM), "/things": listed()})
    assert line == "try  curl -u demo:secret http://127.0.0.1:8080/v%201/things"


def test_the_command_to_try_has_all_that_its_list_needs(tmp_path: Path) -> None:
    line = last_line(tmp_path, {"/teams/{team}/things": listed(TEAM, KIND, BETA)})
    assert line == (
        "try  curl -u demo:secret -H 'X-Beta: on' "
        "'http://127.0.0.1:8080/v%201/teams/red%20team/things?kind=a%26b'"
    )
