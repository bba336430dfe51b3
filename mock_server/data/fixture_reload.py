"""Watching fixture files: what changed is loaded again, and replaces the data if it is right."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from mock_server.data import fixture_files, starting_data
from mock_server.data.collection import Collection
from mock_server.errors import CannotServe
from mock_server.openapi.document import Document
from mock_server.settings import Settings

LOOK_SECONDS = 0.25


async def reload(
    document: Document, settings: Settings, replace: Callable[[Mapping[str, Collection]], None]
) -> None:
    """Load the fixture files again whenever one changes, and give the collections to `replace`.

    A broken file leaves the data as they are, and the reasons on standard error.

    Looks for changes by itself, since the mounted folders of a container tell of none. Never returns.
    """
    loaded = last = await asyncio.to_thread(_stamps, settings.fixtures)
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        stamps = await asyncio.to_thread(_stamps, settings.fixtures)
        # What has changed since the last look may still be written.
        is_whole, last = stamps == last, stamps
        if is_whole and stamps != loaded:
            loaded = stamps
            # In a thread, since a pipe that nobody reads would block the event loop.
            await asyncio.to_thread(_say, *await _load(document, settings, replace))


async def _load(
    document: Document, settings: Settings, replace: Callable[[Mapping[str, Collection]], None]
) -> tuple[TextIO, str]:
    """Replace the data, or leave it as it is; gives what there is to say, and where."""
    try:
        data = await asyncio.to_thread(starting_data.reload, document, settings)
    except CannotServe as error:
        return sys.stderr, f"{error}\nThe records stay as they were.\n"
    replace(data.collections)
    counts = ", ".join(f"{name}: {len(each)}" for name, each in data.collections.items())
    return sys.stdout, f"Fixture files loaded again ({counts})\n"


def _say(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def _stamps(fixtures: tuple[Path, ...]) -> dict[Path, tuple[int, int, int, int]]:
    """What tells whether a fixture file changed: which file it is, its size and its times."""
    stamps: dict[Path, tuple[int, int, int, int]] = {}
    for file in fixture_files.files(fixtures, []):
        try:
            status = file.stat()
        except OSError:
            continue
        stamps[file] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return stamps
