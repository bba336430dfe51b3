"""The gate: client ids that always get one answer, and the rate limit."""

from __future__ import annotations

from collections.abc import Callable

from mock_server.errors import ApiError, Forbidden, InternalError, TooManyRequests, Unauthorized
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.sandbox.sandbox import Sandbox
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import ANONYMOUS, CONTROL_PATH, DEFAULT, is_below

SLOW = "slow"
SLOW_SECONDS = 2.0

_THROTTLED_SECONDS = 1

_RESERVED: dict[str, Callable[[str], ApiError]] = {
    ANONYMOUS: lambda realm: Unauthorized(
        f"The client id '{ANONYMOUS}' names the requests without a valid account; send another.",
        realm,
    ),
    "unauthorized": lambda realm: Unauthorized("The client id 'unauthorized' always gets this.", realm),
    "forbidden": lambda _: Forbidden("The client id 'forbidden' always gets this."),
    "throttled": lambda _: TooManyRequests(
        "The client id 'throttled' always gets this.", _THROTTLED_SECONDS
    ),
    "broken": lambda _: InternalError("The client id 'broken' always gets this."),
}


class Gate:
    """A wrapper behind security: who may pass to the mocked API, and when."""

    def __init__(self, app: AsgiApp, sandbox: Sandbox, realm: str) -> None:
        self._app = app
        self._sandbox = sandbox
        self._realm = realm

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_below(scope["path"], CONTROL_PATH):
            exchange: Exchange = scope[EXCHANGE]
            if exchange.account is None:
                exchange.account = self._sandbox.account(DEFAULT)
                exchange.wait = exchange.account.overdrawn()
            await self._check(exchange)
        await self._app(scope, receive, send)

    async def _check(self, exchange: Exchange) -> None:
        if exchange.client_id in _RESERVED:
            error = _RESERVED[exchange.client_id](self._realm)
            error.blames = False
            raise error
        if exchange.client_id == SLOW:
            await exchange.wait_for(SLOW_SECONDS)
        if exchange.wait is not None:
            message = f"The account has used up its rate limit; send again in {exchange.wait} s."
            raise TooManyRequests(message, exchange.wait)
