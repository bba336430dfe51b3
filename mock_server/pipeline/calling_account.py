"""The calling account: the account on which a call of the control API acts.

Asking makes no account: where there is none, a call that only reads is answered as by a new one. So
neither a mistyped client id nor an open page pushes out an account that is in use.
"""

from __future__ import annotations

import socket

from mock_server.pipeline.credentials import Credentials
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.recorder import open_request
from mock_server.sandbox.account_pool import AccountPool
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send

# The response header with the epoch of the account.
EPOCH = b"X-Mock-Account-Epoch"

# The header with the server's name, where several share the accounts.
REPLICA = b"X-Mock-Replica"

# The methods that change nothing (RFC 9110, section 9.2.1).
_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class CallingAccount:
    """The outermost middleware of the control API: finds the account, and says which it is.

    A changed epoch tells a client that its account was evicted and made anew, and a missing one that
    there is none. The name of the replica tells where it was made.
    """

    def __init__(
        self, app: AsgiApp, replica: str | None, accounts: AccountPool, credentials: Credentials
    ) -> None:
        """Take the name of the replica; None means the name of this host and the port."""
        self._app = app
        self._replica = replica
        self._host = socket.gethostname()
        self._accounts = accounts
        self._credentials = credentials

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = open_request(
            scope, self._credentials, self._credentials.control, (), self._accounts.find
        )
        scope[EXCHANGE] = Exchange(request)

        async def send_with_names(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(REPLICA, self._name(scope))]
                if request.account is not None:
                    own.append((EPOCH, request.account.epoch.encode()))
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await self._app(scope, receive, send_with_names)

    def _name(self, scope: Scope) -> bytes:
        """Return the name of the replica, e.g. `mock-server-0` or `build-7:8080`."""
        if self._replica is not None:
            return self._replica.encode()
        _, port = scope.get("server") or ("", 80)
        return f"{self._host}:{port}".encode("ascii", "replace")


class ActingAccount:
    """ASGI middleware behind security: makes the account of a call that may change it.

    An account that is there counts as used, whatever the call does.
    """

    def __init__(self, app: AsgiApp, accounts: AccountPool) -> None:
        self._app = app
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        request, accounts = exchange.request, self._accounts
        if request.client_id is not None:
            if scope["method"] in _SAFE and request.account is None:
                request.acting_account = accounts.imagine(request.client_id)
            else:
                request.account = request.acting_account = accounts.get(request.client_id)
        await self._app(scope, receive, send)
