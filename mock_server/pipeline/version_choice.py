"""The choice of a version: a request goes on in the pipeline of the document that its header names."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

from mock_server.errors import ApiError
from mock_server.openapi.document import Document, OlderDocument
from mock_server.openapi.error_shape import ErrorShape
from mock_server.pipeline.error_rendering import render
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Facts, Request
from mock_server.problems import CannotServe
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.shown_text import printable, quote

logger = logging.getLogger("mock_server")


class VersionNotServed(ApiError):
    """501: the document of the version that was asked for cannot be served; `problem` says why."""

    status, type = 501, "notImplemented"

    def __init__(self, version: str, problem: str) -> None:
        super().__init__(
            f"The document of version {quote(version)} cannot be served ({printable(problem, 1_000)}); "
            "'mock-server check' lists what is wrong with it."
        )


class VersionPipeline(NamedTuple):
    """What answers the requests of one version, and what the recorder has to know of them."""

    app: AsgiApp
    facts: Facts


class OlderVersion:
    """The pipeline of an older version, which is made in a thread when a request asks for it first."""

    def __init__(
        self,
        older: OlderDocument,
        compose: Callable[[Document], VersionPipeline],
        install: Callable[[Document], Callable[[], None]],
    ) -> None:
        """Compile a document, and compose its pipeline.

        `install` prepares what the sandbox needs for a document, in the thread, and returns what gives
        it to the sandbox, on the event loop.
        """
        self.version = older.version
        self._older, self._compose, self._install = older, compose, install
        self._made: VersionPipeline | None = None
        self._making: asyncio.Future[VersionPipeline] | None = None

    async def pipeline(self) -> VersionPipeline:
        """Return the pipeline; raise VersionNotServed where its document cannot be served."""
        if self._made is None:
            if self._making is None:
                self._making = asyncio.ensure_future(self._make())
            try:
                # The next request needs it, too, where the client of this one leaves.
                self._made = await asyncio.shield(self._making)
            except CannotServe as error:
                raise VersionNotServed(self.version, str(error.problems[0])) from None
            except Exception as error:
                # Whatever a file holds, it ends no request without an answer.
                logger.error("The document of version %s failed", self.version, exc_info=error)
                raise VersionNotServed(self.version, type(error).__name__) from None
        return self._made

    async def _make(self) -> VersionPipeline:
        made, give = await asyncio.get_running_loop().run_in_executor(_thread(), self._prepare)
        give()
        return made

    def _prepare(self) -> tuple[VersionPipeline, Callable[[], None]]:
        document = self._older.load()
        return self._compose(document), self._install(document)


@cache
def _thread() -> ThreadPoolExecutor:
    # One, so that the newer of two versions which are asked for at once is ready first.
    return ThreadPoolExecutor(1, "versions")


class VersionChoice:
    """ASGI middleware before the response cache: hands a request to the pipeline of its version.

    Without the header, and without a version that its account is pinned to, that is the newest, and so
    for an unknown one, which the newest refuses in its turn.
    """

    def __init__(
        self,
        app: AsgiApp,
        headers: Iterable[str],
        older: Iterable[OlderVersion],
        shape: ErrorShape,
    ) -> None:
        """Take the pipeline of the newest, the headers that select a version, and the other ones."""
        self._app = app
        self._headers = tuple(dict.fromkeys(name.lower() for name in headers))
        self._older = {each.version: each for each in older}
        self._shape = shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        older = self._older.get(self._asked(exchange.request) or "")
        if older is None:
            await self._app(scope, receive, send)
            return
        try:
            app, exchange.facts = await older.pipeline()
        except VersionNotServed as error:
            await self._refuse(error, send)
        else:
            await app(scope, receive, send)

    def _asked(self, request: Request) -> str | None:
        """Return the version that a request asks for, None for none."""
        texts = request.headers.texts
        return next((texts[name] for name in self._headers if name in texts), request.pinned)

    async def _refuse(self, error: VersionNotServed, send: Send) -> None:
        status, named, body = render(error, self._shape)
        headers = [(name.lower().encode(), value.encode()) for name, value in named.items()]
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
