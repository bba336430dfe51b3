"""Admission: which requests the mocked API refuses because of who sends them.

Refused are requests without valid credentials, requests with a reserved client id, which always gets the
same answer, and requests beyond the account's rate limit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_server.errors import ApiError, Forbidden, InternalError, TooManyRequests, Unauthorized
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Request
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import ANONYMOUS

SLOW = "slow"
SLOW_SECONDS = 2.0

_THROTTLED_SECONDS = 1

# By client ids, the error of each; its argument is the challenge of a 401.
_RESERVED: dict[str, Callable[[str | None], ApiError]] = {
    ANONYMOUS: lambda challenge: Unauthorized(
        f"The client id '{ANONYMOUS}' names the requests without a valid account; send another.",
        challenge,
    ),
    "unauthorized": lambda challenge: Unauthorized(
        "The client id 'unauthorized' always gets this.", challenge
    ),
    "forbidden": lambda _: Forbidden("The client id 'forbidden' always gets this."),
    "throttled": lambda _: TooManyRequests(
        "The client id 'throttled' always gets this.", _THROTTLED_SECONDS
    ),
    "broken": lambda _: InternalError("The client id 'broken' always gets this."),
}


def require_caller(asgi_request: Any) -> dict[str, str]:
    """Return the token of a call of the control API for Connexion, e.g. `{"sub": "demo"}`.

    Raise Unauthorized without a challenge where the call has no valid credentials.
    """
    request: Request = asgi_request.scope[EXCHANGE].request
    if request.refusal is not None:
        raise Unauthorized(request.refusal.message, None, request.refusal.key)
    return {"sub": str(request.client_id)}


class Admission:
    """ASGI middleware after routing: refuses who may not ask, and what exceeds the rate limit.

    It answers reserved client ids too.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        request = exchange.request
        if request.refusal is not None:
            raise request.refusal
        if request.client_id in _RESERVED:
            error = _RESERVED[request.client_id](request.challenge)
            # A client that chose this client id wants this answer, which is no mistake to record.
            error.is_clients_mistake = False
            raise error
        if request.client_id == SLOW:
            await request.delay(SLOW_SECONDS)
        if request.quota is not None and request.quota.is_exceeded:
            wait, rule = request.quota.reset, request.quota.rule
            message = f"The account has used up its rate limit of {rule}; send again in {wait} s."
            raise TooManyRequests(message, wait)
        await self._app(scope, receive, send)
