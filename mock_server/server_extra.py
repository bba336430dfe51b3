"""The extra `server`: packages that a server takes; the client, the plugin and `report` do without."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# What a user writes for the program with its server, e.g. behind `pip install`.
REQUIREMENT = "'openapi-sandbox[server]'"

# A command that starts a server from an environment of its own; flags follow it.
COMMAND = f"uvx --from {REQUIREMENT} mock-server"

_OWN = ("mock_server", "pytest_mock_server")

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


class ServerNotInstalled(ImportError):
    """Packages of the extra are missing, or are of other versions; the message says what to install."""


@contextmanager
def required(subject: str, otherwise: str) -> Iterator[None]:
    """Raise ServerNotInstalled in place of an ImportError of a package that others have written.

    `subject` is what needs the extra, e.g. `mock-server serve`, and `otherwise` is what to do for who
    doesn't want to install it here, e.g. `run uvx …`.
    """
    try:
        yield
    except ImportError as error:
        if not _is_of_others(error):
            raise
        message = (
            f"{subject} needs the extra 'server', whose packages are not installed here ({error}); "
            f"run pip install {REQUIREMENT}, or {otherwise}"
        )
        raise ServerNotInstalled(message) from None


def _is_of_others(error: ImportError) -> bool:
    package = (error.name or "").partition(".")[0]
    return bool(package) and package not in (*_OWN, *sys.stdlib_module_names)
