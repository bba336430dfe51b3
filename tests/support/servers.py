"""Servers by their settings, to be run in threads of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mock_server import app
from mock_server.data import fixture_files, starting_data
from mock_server.data.snapshot import Snapshot
from mock_server.openapi import document, documents
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.settings import Settings
from mock_server.stack import QUICK, Stack

Serve = Callable[..., str]


@cache
def built_in() -> document.Document:
    """The built-in document, which no server changes."""
    return document.load(document.BUILT_IN)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a server's document and records follow from; equal if the files are, wherever they lie.

    A test writes files of its own, mostly the same as many tests before it.
    """

    texts: tuple[tuple[str, bytes | None], ...]
    base_path: str | None
    count: int
    seed: int
    settings: Settings = field(compare=False)

    @classmethod
    def of(cls, settings: Settings) -> Ground:
        documents = settings.documents
        read = [*documents, *map(document.overlay_beside, documents), *settings.overlays]
        read += fixture_files.list_files(settings.fixtures, [])
        texts = tuple((path.name, path.read_bytes() if path.is_file() else None) for path in read)
        return cls(texts, settings.base_path, settings.count, settings.seed, settings)

    def start(self) -> tuple[document.Document, Snapshot]:
        settings = self.settings
        if (settings.document, settings.overlay, settings.base_path) == (None, None, None):
            loaded = built_in()
        else:
            loaded = documents.load(settings.documents, settings.overlays, settings.base_path)
        return loaded, starting_data.load(loaded, settings).collections


@lru_cache(maxsize=32)
def start(ground: Ground) -> tuple[document.Document, Snapshot]:
    """The document and the records that servers start with, which share them: none changes them."""
    return ground.start()


def build(settings: Settings, stack: Stack = QUICK) -> Any:
    ground = Ground.of(settings)
    # Older documents read their overlays when they are asked for, and these may have changed by then.
    loaded, collections = ground.start() if len(settings.documents) > 1 else start(ground)
    return app.build(loaded, SandboxState(collections, settings), settings, stack=stack)


@contextmanager
def serving_text(text: str, folder: Path) -> Iterator[str]:
    """Serve a document that is written into a folder, with 3 records of each collection; give the URL."""
    path = folder / "document.yaml"
    path.write_text(text)
    with server.in_thread(build(Settings(document=path, count=3))) as url:
        yield url
