"""Turns at the worker threads: accounts take turns, so that one account's calls do not keep the others'.

One call runs in a thread, and at most one of each account waits for it. A further call that changes
something waits a second for that place, and is answered with 503 then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from mock_server.errors import ServiceUnavailable
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import operation_of
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send

# How long a call that changes something waits for its account's place in the line.
PATIENCE_SECONDS = 1.0

# How long the client of a call without a place is asked to wait.
_WAIT_SECONDS = 1


class WorkerTurns:
    """The innermost ASGI middleware: lets a call pass when its account has its turn at the thread."""

    def __init__(self, app: AsgiApp, workers: Mapping[str, str]) -> None:
        """Let calls take turns: `workers` maps the route names of operations to names of threads."""
        self._app = app
        self._workers = workers
        self._lines = {name: Line() for name in set(workers.values())}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        worker = self._workers.get(operation_of(scope))
        if worker is None:
            await self._app(scope, receive, send)
            return
        exchange: Exchange = scope[EXCHANGE]
        patience = None if scope["method"] in ("GET", "HEAD") else PATIENCE_SECONDS
        # Calls without credentials, such as those for documents, share one place in the line.
        account = exchange.request.client_id or ""
        async with self._lines[worker].turn(account, patience) as end_turn:

            async def send_after_turn(message: Message) -> None:
                # A client that reads slowly keeps no other from its turn.
                end_turn()
                await send(message)

            await self._app(scope, receive, send_after_turn)


class Line:
    """The calls that wait for one thread."""

    def __init__(self) -> None:
        self._places = _Places()
        self._is_taken = False
        self._last = ""
        # By account, in the order of their coming; done when it is the call's turn.
        self._waiting: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def turn(self, account: str, patience: float | None) -> AsyncIterator[Callable[[], None]]:
        """Wait for an account's turn; yield a function that ends it before the `with` does.

        Raise ServiceUnavailable where another call of the account still waits after `patience` seconds;
        None waits as long as it takes.
        """
        async with self._places.place(account, patience):
            await self._wait(account)
        is_ended = False

        def end() -> None:
            nonlocal is_ended
            if not is_ended:
                is_ended = True
                self._pass_on()

        try:
            yield end
        finally:
            end()

    async def _wait(self, account: str) -> None:
        if self._is_taken:
            turn = self._waiting[account] = asyncio.get_running_loop().create_future()
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._pass_on()
                else:
                    del self._waiting[account]
                raise
        self._is_taken, self._last = True, account

    def _pass_on(self) -> None:
        """Give the turn to the first account that waits, if possible to another than the last one."""
        self._is_taken = bool(self._waiting)
        if self._is_taken:
            others = (account for account in self._waiting if account != self._last)
            self._waiting.pop(next(others, self._last)).set_result(None)


class _Places:
    """The places in a line: each account has one, for which its calls wait in their order."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def place(self, account: str, patience: float | None) -> AsyncIterator[None]:
        with self._used(account) as lock:
            try:
                async with asyncio.timeout(patience):
                    await lock.acquire()
            except TimeoutError:
                raise ServiceUnavailable(
                    "An earlier call of this account is under way, and another one waits for it; "
                    f"send this one again in {_WAIT_SECONDS} s, or one after the other.",
                    _WAIT_SECONDS,
                ) from None
            try:
                yield
            finally:
                lock.release()

    @contextmanager
    def _used(self, account: str) -> Iterator[asyncio.Lock]:
        """Keep the lock of an account while a call uses it, so that accounts leave none behind."""
        lock = self._locks.setdefault(account, asyncio.Lock())
        self._users[account] = self._users.get(account, 0) + 1
        try:
            yield lock
        finally:
            self._users[account] -= 1
            if not self._users[account]:
                del self._users[account], self._locks[account]
