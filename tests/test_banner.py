"""The lines that a server prints when it is ready."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server import banner
from mock_server.data import starting_data
from mock_server.openapi import document
from mock_server.settings import Settings
from tests.support.documents import SMALL

Small = Callable[..., Path]


def tried(path: Path) -> str:
    loaded = document.load(path)
    settings = Settings(count=1)
    data = starting_data.load(loaded, settings)
    return banner.ready(loaded, data, settings, "http://x").splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("first", "parameter"),
    [
        ("/needs", {"name": "target", "in": "query", "required": True, "schema": {"type": "string"}}),
        (
            "/of/{parent}",
            {"name": "parent", "in": "path", "required": True, "schema": {"type": "string"}},
        ),
    ],
)
def test_the_command_to_copy_needs_no_value_that_a_reader_would_have_to_find(
    small: Small, first: str, parameter: dict[str, Any]
) -> None:
    path = small()
    written = yaml.safe_load(SMALL)
    [(own, item)] = written["paths"].items()
    get = {**item["get"], "operationId": "other", "parameters": [parameter]}
    written["paths"] = {first: {"get": get}, own: item}
    path.write_text(yaml.safe_dump(written, sort_keys=False))
    assert tried(path).partition("?")[0].endswith(own)
