"""Watch the files that are served, and load them again when one changes."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TextIO

from mock_server import app
from mock_server.application import Application
from mock_server.cli.options import fit_for_terminal
from mock_server.data import fixture_files, starting_data
from mock_server.data.starting_data import StartingData
from mock_server.formats import source_file
from mock_server.formats.source_file import Stamp
from mock_server.openapi import document
from mock_server.openapi.document import Document
from mock_server.openapi.equality import is_surely_same
from mock_server.problems import CannotServe
from mock_server.sandbox.sandbox import SandboxState
from mock_server.settings import Settings
from mock_server.shown_text import printable

POLL_SECONDS = 0.25

# Characters of the message of an exception that nobody foresaw, which may hold a whole file.
_LONGEST = 300

# How many values of two schemas are compared to tell whether records of one fit the other.
_COMPARED = 100_000

Stamps = dict[Path, Stamp]
Swap = Callable[[], None]


class Served(NamedTuple):
    """A document and its starting data."""

    document: Document
    data: StartingData


class Files:
    """The files of a server by its settings: the document, its overlay, referred files, fixtures."""

    def __init__(self, settings: Settings, load_document: Callable[[], Document]) -> None:
        """Take the settings, and a function that reads the document that they name."""
        self._settings = settings
        self._read_document = load_document
        # Those that the document was read from, also where one of them is broken.
        self._of_document: set[Path] = set()
        self._stamps: Stamps = {}
        self._has_fixtures = False

    def load(self) -> Served:
        """Load all files for the first time; raise CannotServe with what is wrong."""
        return self._load(None, self.look(), is_document_changed=True)

    def reload(self, before: Served, seen: Stamps) -> Served | None:
        """Load what has changed since the last time; None if nothing has.

        `seen` is how the files look. Raise what `load` raises, and then not again before a change.
        """
        paths = self._stamps.keys() | seen.keys()
        changed = {path for path in paths if self._stamps.get(path) != seen.get(path)}
        if not changed:
            return None
        is_document_changed = bool(changed & {*self._of_document, *self._paths_of_document()})
        return self._load(before, seen, is_document_changed=is_document_changed)

    def look(self) -> Stamps:
        """Return the stamps of all files that are there."""
        fixtures = map(_absolute, fixture_files.list_files(self._settings.fixtures, []))
        files = {*self._of_document, *self._paths_of_document(), *fixtures}
        found = {file: source_file.stamp(file) for file in files}
        return {file: stamp for file, stamp in found.items() if stamp is not None}

    def _paths_of_document(self) -> list[Path]:
        paths = self._settings.documents or (document.BUILT_IN,)
        overlays = self._settings.overlays or map(document.overlay_beside, paths)
        return [_absolute(path) for path in (*paths, *overlays)]

    def _load(self, before: Served | None, seen: Stamps, *, is_document_changed: bool) -> Served:
        # A file that is not read, since another one is broken, counts as it was seen; one that is read,
        # as it was then: it may have changed since it was seen.
        with source_file.noting_reads() as reads:
            try:
                if before is None or is_document_changed:
                    loaded = self._load_document(reads)
                else:
                    loaded = before.document
                data = self._load_data(loaded, before)
            finally:
                noted = {**seen, **reads}
                self._stamps = {path: stamp for path, stamp in noted.items() if stamp is not None}
        return Served(loaded, data)

    def _load_document(self, reads: Mapping[Path, Stamp | None]) -> Document:
        try:
            loaded = self._read_document()
        except BaseException:
            self._of_document |= reads.keys()
            raise
        self._of_document = set(reads)
        return loaded

    def _load_data(self, loaded: Document, before: Served | None) -> StartingData:
        if self._has_fixtures:
            starting_data.require_fixtures(self._settings)
        # Requests under way may filter by what the document before says.
        lists = before.document.lists if before is not None and loaded is not before.document else {}
        fields = {name: starting_data.filtered_fields(each) for name, each in lists.items()}
        data = starting_data.load(loaded, self._settings, fields)
        self._has_fixtures = bool(fixture_files.list_files(self._settings.fixtures, []))
        return data


def _absolute(path: Path) -> Path:
    # As a link, where it is one: what it leads to may change.
    return Path(os.path.abspath(path))


class Watch:
    """Gives a running server what its files hold, whenever one changes.

    The files are polled, since a folder that is mounted into a container gives no notices. They are read
    in a thread that nothing waits for, so that a server stops while they are loaded, too.
    """

    def __init__(self, settings: Settings, files: Files, served: Served) -> None:
        self.served = served
        self._settings, self._files = settings, files
        own = settings.document or settings.overlay
        subject = "The document and the records" if own else "The records"
        self._unchanged = f"{subject} stay as they were.\n"
        self._stopped = threading.Event()
        self._printer: threading.Thread | None = None

    async def follow(self, sandbox: SandboxState, application: Application) -> None:
        """Load changed files again until this is cancelled."""
        loop = asyncio.get_running_loop()

        def poll() -> None:
            last = self._files.look()
            while not self._stopped.wait(POLL_SECONDS):
                last, seen = self._files.look(), last
                # A file that changed since the last look may still be being written.
                swap = self._reload(sandbox, application, seen) if last == seen else None
                if swap is not None and not self._stopped.is_set():
                    loop.call_soon_threadsafe(swap)

        threading.Thread(target=poll, name="watch", daemon=True).start()
        try:
            await loop.create_future()
        finally:
            self._stopped.set()

    def _reload(self, sandbox: SandboxState, application: Application, seen: Stamps) -> Swap | None:
        """Return what makes the server use changed files; None if none has changed, or one is broken."""
        before = self.served
        try:
            served = self._files.reload(before, seen)
            if served is None:
                return None
            swap = self._swap(sandbox, application, served)
        except CannotServe as error:
            self._print(sys.stderr, f"{error}\n{self._unchanged}")
        except Exception as error:
            # Whatever a file holds, it ends no server.
            reason = printable(f"{type(error).__name__}: {error}", _LONGEST)
            self._print(sys.stderr, f"The files cannot be loaded ({reason}).\n{self._unchanged}")
        else:
            self.served = served
            return swap
        return None

    def _swap(self, sandbox: SandboxState, application: Application, served: Served) -> Swap:
        """Return a function that makes the server use other files; it is called on the event loop."""
        before, collections = self.served, served.data.collections
        counts = ", ".join(f"{name}: {count}" for name, count in served.data.counts.items())
        if served.document is before.document:

            def swap() -> None:
                sandbox.replace(collections)
                self._print(sys.stdout, f"Fixture files loaded again ({counts})\n")

            return swap
        other = app.compose(served.document, sandbox, self._settings, application)
        kept = [name for name in collections if _is_same_list(name, before.document, served.document)]

        def swap_all() -> None:
            sandbox.replace_document(served.document, collections, kept)
            application.become(other)
            self._print(sys.stdout, f"Document loaded again ({counts})\n")

        return swap_all

    def _print(self, stream: TextIO, text: str) -> None:
        """Print a message, unless nobody has read the one before: such a pipe blocks its writer."""
        if self._printer is not None and self._printer.is_alive():
            return
        shown = fit_for_terminal(text)
        self._printer = threading.Thread(target=_write, args=(stream, shown), daemon=True)
        self._printer.start()


def _is_same_list(name: str, before: Document, after: Document) -> bool:
    """Tell whether records of one document are served as well by the other: same schema and filters."""
    lists = [each.lists.get(name) for each in (before, after)]
    if lists[0] is None or lists[1] is None:
        return False
    old, new = (starting_data.filtered_fields(each) for each in lists if each is not None)
    return is_surely_same(lists[0].record_schema, lists[1].record_schema, _COMPARED) and set(new) <= set(
        old
    )


def _write(stream: TextIO, text: str) -> None:
    with suppress(OSError, ValueError):  # The stream may be closed.
        stream.write(text)
        stream.flush()
