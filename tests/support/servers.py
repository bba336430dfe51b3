"""Servers by their settings, to be run in threads of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from mock_server import app
from mock_server.data import starting_data
from mock_server.openapi import document, documents
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.settings import Settings

Serve = Callable[..., str]


@cache
def built_in() -> document.Document:
    """The built-in document, which no server changes."""
    return document.load(document.BUILT_IN)


def build(settings: Settings) -> Any:
    if (settings.document, settings.overlay, settings.base_path) == (None, None, None):
        loaded = built_in()
    else:
        loaded = documents.load(settings.documents, settings.overlays, settings.base_path)
    return app.build(
        loaded, SandboxState(starting_data.load(loaded, settings).collections, settings), settings
    )


@contextmanager
def serving_text(text: str, folder: Path) -> Iterator[str]:
    """Serve a document that is written into a folder, with 3 records of each collection; give the URL."""
    path = folder / "document.yaml"
    path.write_text(text)
    with server.in_thread(build(Settings(document=path, count=3))) as url:
        yield url
