"""Watching fixture files, and loading them again when one changes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from mock_server.data import fixture_files, starting_data
from mock_server.data.collection import Collection
from mock_server.errors import CannotServe, printable
from mock_server.openapi.document import Document
from mock_server.settings import Settings

POLL_SECONDS = 0.25


async def reload_on_change(
    document: Document, settings: Settings, replace: Callable[[Mapping[str, Collection]], None]
) -> None:
    """Load the fixture files again whenever one changes, and call `replace` with the collections.

    If a file is broken, `replace` is not called, and the problems are printed on standard error.
    Never return. The files are polled, since a folder mounted into a container gives no notices.
    """
    loaded = last = await asyncio.to_thread(_stamps, settings.fixtures)
    while True:
        await asyncio.sleep(POLL_SECONDS)
        stamps = await asyncio.to_thread(_stamps, settings.fixtures)
        # A file that changed since the last poll may still be being written.
        is_stable, last = stamps == last, stamps
        if is_stable and stamps != loaded:
            loaded = stamps
            # In a thread, since writing to a pipe that nobody reads would block the event loop.
            await asyncio.to_thread(_print, *await _load(document, settings, replace))


async def _load(
    document: Document, settings: Settings, replace: Callable[[Mapping[str, Collection]], None]
) -> tuple[TextIO, str]:
    """Load the files and replace the data; return the message about it and its stream."""
    try:
        data = await asyncio.to_thread(starting_data.reload, document, settings)
    except CannotServe as error:
        return sys.stderr, f"{error}\nThe records stay as they were.\n"
    replace(data.collections)
    counts = ", ".join(f"{name}: {len(each)}" for name, each in data.collections.items())
    return sys.stdout, printable(f"Fixture files loaded again ({counts})", None) + "\n"


def _print(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def _stamps(fixtures: tuple[Path, ...]) -> dict[Path, tuple[int, int, int, int]]:
    """Return, for each fixture file, what changes with it: its inode, its size and its times."""
    stamps: dict[Path, tuple[int, int, int, int]] = {}
    for file in fixture_files.list_files(fixtures, []):
        try:
            status = file.stat()
        except OSError:
            continue
        stamps[file] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return stamps
