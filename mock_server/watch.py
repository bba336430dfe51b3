"""Watching fixture files: what changed is loaded again, and replaces the data if it is right."""

from __future__ import annotations

import asyncio
import logging
import sys

from mock_server import starting_data
from mock_server.document import Document
from mock_server.errors import CannotServe
from mock_server.sandbox import Sandbox
from mock_server.settings import Settings

logger = logging.getLogger("mock_server")


async def reload(document: Document, sandbox: Sandbox, settings: Settings) -> None:
    """Load the fixture files again whenever one changes; a broken one leaves the data as it is."""
    import watchfiles

    # A file's folder is watched, since editors replace the file.
    paths = {*settings.fixtures, *(path.resolve() for path in settings.fixtures)}
    folders = {path if path.is_dir() else path.parent for path in paths}
    async for _changes in watchfiles.awatch(*folders, recursive=False, debounce=200, step=50):
        try:
            data = await asyncio.to_thread(starting_data.reload, document, settings)
        except CannotServe as error:
            logger.error("%s\nThe records stay as they were.", error)
        except Exception:
            logger.exception("The fixture files cannot be loaded; the records stay as they were.")
        else:
            sandbox.replace(data.collections)
            counts = ", ".join(f"{name}: {count}" for name, count in sandbox.counts().items())
            sys.stdout.write(f"Fixture files loaded again ({counts})\n")
            sys.stdout.flush()
