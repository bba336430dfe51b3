"""Latency: how long each answer of the mocked API waits, by a seed and the number of its request."""

from __future__ import annotations

from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.sandbox.draws import draw
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import Latency


class Delaying:
    """ASGI middleware after the recorder: lets every answer wait, cached ones and refusals too."""

    def __init__(self, app: AsgiApp, latency: Latency, seed: int) -> None:
        self._app = app
        self._latency = latency
        self._seed = seed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        request = exchange.request
        await request.delay(milliseconds(self._latency, self._seed, request.number) / 1000)
        await self._app(scope, receive, send)


def milliseconds(latency: Latency, seed: int, number: int) -> int:
    """Return how long the answer to an account's request with a number waits, from 1."""
    drawn, _ = draw("latency", seed, number)
    return latency.least + drawn % (latency.most - latency.least + 1)
