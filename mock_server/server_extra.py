"""The extra `server`: packages that a server takes; the client, the plugin and `report` do without."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_DISTRIBUTION = "openapi-sandbox"

_OWN = ("mock_server", "pytest_mock_server")

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


class ServerNotInstalled(ImportError):
    """Packages of the extra are missing, or are of other versions; the message says what to install."""


@contextmanager
def required(subject: str, otherwise: str) -> Iterator[None]:
    """Raise ServerNotInstalled in place of an ImportError of a package that others have written.

    `subject` is what needs the extra, e.g. `mock-server serve`, and `otherwise` is what to do for who
    doesn't want to install it here, e.g. `run {command} serve`, in which `command()` is filled in.
    """
    try:
        yield
    except ImportError as error:
        if not _is_of_others(error):
            raise
        message = (
            f"{subject} needs the extra 'server', whose packages are not installed here ({error}); "
            f"run pip install {requirement()}, or {otherwise.format(command=command())}"
        )
        raise ServerNotInstalled(message) from None


def command() -> str:
    """Return what starts the program in an environment of its own, e.g. `uvx --from '…' mock-server`."""
    return f"uvx --from {requirement()} mock-server"


def requirement() -> str:
    """Return what an installer takes for the program with its server, quoted for a shell.

    It is `'openapi-sandbox[server]'` where the program came from the package index, which need not have
    it, and otherwise names where it came from, e.g. `'openapi-sandbox[server] @ git+https://…'`.
    """
    import shlex

    origin = _origin()
    return shlex.quote(f"{_DISTRIBUTION}[server]" + (f" @ {origin}" if origin else ""))


def _origin() -> str:
    """Return the URL that the program was installed from, "" for the index or where it isn't known.

    An installer writes it down, without credentials.
    https://packaging.python.org/en/latest/specifications/direct-url/
    """
    import json
    from importlib import metadata

    try:
        text = metadata.distribution(_DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return ""
    found = json.loads(text or '{"url": ""}')
    if "vcs_info" not in found:
        return str(found["url"])
    revision = found["vcs_info"].get("requested_revision")
    return f"{found['vcs_info']['vcs']}+{found['url']}" + (f"@{revision}" if revision else "")


def _is_of_others(error: ImportError) -> bool:
    package = (error.name or "").partition(".")[0]
    return bool(package) and package not in (*_OWN, *sys.stdlib_module_names)
