"""Watching fixture files: what changed is loaded again, and replaces the data if it is right."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TextIO

from mock_server import fixture_files, starting_data
from mock_server.document import Document
from mock_server.errors import CannotServe
from mock_server.sandbox import Sandbox
from mock_server.settings import Settings


async def reload(document: Document, sandbox: Sandbox, settings: Settings) -> None:
    """Load the fixture files again whenever one changes; a broken one leaves the data as it is."""
    import watchfiles

    folders = _folders(settings.fixtures)
    seen = await asyncio.to_thread(_stamps, settings.fixtures)
    async for _changes in watchfiles.awatch(*folders, recursive=False, debounce=200, step=50):
        stamps = await asyncio.to_thread(_stamps, settings.fixtures)
        if stamps == seen:
            continue  # Another file of the folder changed, our own log for example.
        seen = stamps
        # In a thread, since a pipe that nobody reads would block the event loop.
        await asyncio.to_thread(_say, *await _load(document, sandbox, settings))


async def _load(document: Document, sandbox: Sandbox, settings: Settings) -> tuple[TextIO, str]:
    """Replace the data, or leave it as it is; gives what there is to say, and where."""
    try:
        data = await asyncio.to_thread(starting_data.reload, document, settings)
    except CannotServe as error:
        return sys.stderr, f"{error}\nThe records stay as they were.\n"
    sandbox.replace(data.collections)
    counts = ", ".join(f"{name}: {count}" for name, count in sandbox.counts().items())
    return sys.stdout, f"Fixture files loaded again ({counts})\n"


def _say(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def _folders(fixtures: tuple[Path, ...]) -> set[Path]:
    # A file's folder is watched, since editors replace the file; a link's target may change too.
    paths = {*fixtures, *(path.resolve() for path in fixtures)}
    return {path if path.is_dir() else path.parent for path in paths}


def _stamps(fixtures: tuple[Path, ...]) -> dict[Path, tuple[int, int, int]]:
    """What tells whether a fixture file changed: which file it is, its size and time."""
    stamps: dict[Path, tuple[int, int, int]] = {}
    for file in fixture_files.files(fixtures, []):
        try:
            status = file.stat()
        except OSError:
            continue
        stamps[file] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return stamps
