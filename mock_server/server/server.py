"""The server: an application on a port, in the foreground or in a thread.

It ends within a second of SIGTERM; uvicorn's own waits for every request.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import uvicorn

from mock_server.server import event_loop
from mock_server.server.asgi import AsgiApp
from mock_server.server.http_protocol import Protocol
from mock_server.server.notices import Notices
from mock_server.setting_parsers import without_credentials

if TYPE_CHECKING:
    from mock_server.server.tls import Tls

# How long requests may run on when the server stops.
GRACE_SECONDS = 0.8
BACKLOG = 2048

# The name of the thread that `in_thread` starts.
THREAD_NAME = "mock-server"

# What stops a server: what `kill` and Ctrl-C send, and Ctrl-Break, which Windows alone has.
_SIGNALS = [signal.SIGTERM, signal.SIGINT]
if sys.platform == "win32":
    _SIGNALS.append(signal.SIGBREAK)

logger = logging.getLogger("mock_server")

# What runs beside the requests, as long as they are served.
Background = Callable[[], Coroutine[Any, Any, None]]

# uvloop accepts one connection per socket and turn of its loop, and in each turn answers the requests of
# all accepted connections. With one socket, the last of 64 clients that connect at once waits half a
# second for its first answer; so the listening socket is duplicated.
_LISTENING_SOCKETS = 16


class CannotListen(Exception):
    """The address cannot be listened on; the message says which, why, and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; port 0 takes a free one.

    Raise CannotListen for an unknown host, a port in use, or one that is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        # All addresses of IPv6 stand for those of IPv4 too, as on most systems by default.
        both = address[0] == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except UnicodeError:
        reason = "no such host"
    except socket.gaierror as error:
        reason = error.strerror or "no such host"
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    host = without_credentials(host)
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    raise CannotListen(f"cannot listen on {where} ({reason}); give another --host or --port")


def url(listening: socket.socket, tls: Tls | None = None) -> str:
    """Return the URL that reaches a listening socket from this host, e.g. `http://127.0.0.1:8080`."""
    host, port = listening.getsockname()[:2]
    if host == "::" and not listening.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY):
        host = "127.0.0.1"  # It is there even where a container has no address of IPv6.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    host, scheme = (host, "http") if tls is None else (tls.reachable(host), "https")
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class HttpServer(uvicorn.Server):
    """uvicorn's server, which the first signal ends gently and the second at once.

    `keep_alive` is in seconds. `tls` is None for plain HTTP. `on_ready` is called when requests are
    answered.
    """

    def __init__(
        self,
        app: AsgiApp,
        *,
        keep_alive: int,
        tls: Tls | None = None,
        on_ready: Callable[[], None] = lambda: None,
        background: Background | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="none",
                http=self._new_protocol,  # type: ignore[arg-type]
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_keep_alive=keep_alive,
            )
        )
        self._tls = tls
        self._notices = Notices()
        self._on_ready = on_ready
        self._background = background
        self._stopping = asyncio.Event()

    def _new_protocol(self, **given: Any) -> asyncio.Protocol:
        """Return the protocol of a new connection; uvicorn gives what its own are made with."""
        new_protocol = partial(Protocol, **given, written=self._notices)
        if self._tls is None:
            return new_protocol()
        # A server of plain HTTP starts without it.
        from mock_server.server.handshake import Handshake

        connections: set[Any] = self.server_state.connections
        return Handshake(self._tls.context, new_protocol, connections, self._notices, self.config.app)

    async def serve_on(self, listening: socket.socket) -> None:
        """Serve a listening socket until the server is stopped, and close it."""
        # asyncio's own loop accepts a whole backlog in a turn, and on Windows none from a duplicate.
        is_slow = event_loop.accepts_one_a_turn(asyncio.get_running_loop())
        more = [listening.dup() for _ in range(_LISTENING_SOCKETS - 1)] if is_slow else []
        await self.serve([listening, *more])

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        background = asyncio.create_task(self._background()) if self._background else None
        if background:
            background.add_done_callback(_log_failure)
        try:
            await super().serve(sockets)
        finally:
            if background:
                background.cancel()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        if sys.platform == "win32":
            # Its loops have no handlers of signals; the interpreter's own interrupt the loop.
            def handle(*_: Any) -> None:
                loop.call_soon_threadsafe(self._handle_signal)

            before = {number: signal.signal(number, handle) for number in _SIGNALS}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)
            return
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._handle_signal)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def _handle_signal(self) -> None:
        if self.should_exit:
            os._exit(1)
        self.stop()

    def stop(self) -> None:
        """Begin to stop: answer the requests that run, and no others. Call it on the event loop."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        """Renew the Date header every second, until `stop` is called."""
        counter = 0
        while not await self.on_tick(counter):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=1)
            counter += 10

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._is_busy() and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for connection in list(self.server_state.connections):
            if isinstance(connection, Protocol):
                connection.cut_off()

    def _is_busy(self) -> bool:
        connections = self.server_state.connections
        is_open = any(not (isinstance(each, Protocol) and each.is_gone) for each in connections)
        return is_open or bool(self.server_state.tasks)


def _log_failure(background: asyncio.Task[None]) -> None:
    if not background.cancelled() and background.exception() is not None:
        logger.error("Watching has ended, the server goes on", exc_info=background.exception())


def run(server: HttpServer, listening: socket.socket) -> None:
    """Serve a listening socket until a signal ends it."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)

    async def main() -> None:
        # Nearly all objects of the start live as long as the server, so the collector need not visit
        # them. To find the few that do not, 2 of 100, takes a twentieth of the start.
        gc.freeze()
        # A full journal is many objects and no garbage: to visit them all stops the event loop for long.
        gc.set_threshold(20_000, 20, 100)
        gc.enable()
        await server.serve_on(listening)

    with asyncio.Runner(loop_factory=event_loop.factory()) as runner:
        runner.run(main())


@contextlib.contextmanager
def in_thread(
    app: AsgiApp,
    listening: socket.socket | None = None,
    *,
    keep_alive: int = 75,
    tls: Tls | None = None,
) -> Iterator[str]:
    """Serve in a thread while the context lasts; yield the URL of the server's root.

    `listening` is a socket from `listen`, which is closed at the end; None takes a free port. `tls` is
    None for plain HTTP.
    """
    listening = listening or listen("127.0.0.1", 0)
    # A suite may run uvicorn for servers of its own, and reads their messages.
    logging.getLogger("uvicorn.error").addFilter(_is_wanted)
    loop = event_loop.factory()()
    server = HttpServer(app, keep_alive=keep_alive, tls=tls)
    thread = threading.Thread(
        target=loop.run_until_complete,
        args=(server.serve_on(listening),),
        name=THREAD_NAME,
        daemon=True,
    )
    with listening:
        thread.start()
        try:
            while thread.is_alive() and not server.started:
                time.sleep(0.001)
            if not server.started:
                raise RuntimeError("the server did not start; its thread's traceback says why")
            yield url(listening, tls)
        finally:
            if thread.is_alive():
                loop.call_soon_threadsafe(server.stop)
            thread.join()
            loop.close()


def _is_wanted(record: logging.LogRecord) -> bool:
    """Return whether a message of uvicorn is an error, or from a server that is not one of these."""
    return record.threadName != THREAD_NAME or record.levelno >= logging.ERROR
