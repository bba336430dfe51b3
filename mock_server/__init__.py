"""A local sandbox of a SaaS API, given its OpenAPI document, for integration tests."""

from __future__ import annotations

__version__ = "0.2.0"

# `-p mock_server` loads the pytest plugin too.
pytest_plugins = ("pytest_mock_server",)

# As `typing` has it, which nobody pays for who does not need it.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    from mock_server.local_server import LocalServer


def serve(**settings: Any) -> AbstractContextManager[LocalServer]:
    """Run a server in a thread while a `with` block lasts, on a free port of this machine.

        with mock_server.serve(count=250, rate_limit="5/60") as server:
            call_the_code_under_test(server.base_url, server.account("nightly").auth)

    `settings` are those of `mock-server serve` by the names of their flags, e.g. `rate_limit`; a value
    is the setting's own or the text that the flag takes, and a list for a repeatable one. Those that are
    not given come from the variables `MOCK_SERVER_…`, except for the address. The server has `url`, its
    root, `base_url` for clients, and `account(name)`, a `mock_server.client.Sandbox`; with
    `tls_self_signed=True`, `ca` is the path of the certificate that clients have to trust. Raises
    ValueError for wrong settings, `mock_server.local_server.CannotStart`, with all that is wrong with
    files, and ImportError, with what to install, where the extra `server` is missing.
    """
    from mock_server import server_extra

    __tracebackhide__ = True
    with server_extra.required("mock_server.serve()", "start a server by {command} serve"):
        from mock_server import local_server

        return local_server.serve(settings)
