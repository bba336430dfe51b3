"""The calling account: the account on which a call of the control API acts."""

from __future__ import annotations

from mock_server.pipeline.basic_auth import Credentials
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.recorder import open_request
from mock_server.sandbox.account_pool import AccountPool
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send

# The response header with the epoch of the account.
EPOCH = b"X-Mock-Account-Epoch"


class CallingAccount:
    """The outermost middleware of the control API: finds the account, and adds its epoch to the answer.

    A changed epoch tells a client that its account was evicted and made anew.
    """

    def __init__(self, app: AsgiApp, credentials: Credentials, accounts: AccountPool) -> None:
        self._app = app
        self._credentials = credentials
        self._accounts = accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = open_request(scope, self._credentials, self._accounts)
        scope[EXCHANGE] = Exchange(request)

        async def send_with_epoch(message: Message) -> None:
            if message["type"] == "http.response.start" and request.account is not None:
                epoch = (EPOCH, request.account.epoch.encode())
                message = {**message, "headers": [*message["headers"], epoch]}
            await send(message)

        await self._app(scope, receive, send_with_epoch)
