"""A timer: one delayed call at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timer:
    """Calls something after some seconds, unless it is stopped or started anew."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        return self._handle is not None

    def start(self, seconds: float, call: Callable[[], None]) -> None:
        self.stop()
        self._handle = self._loop.call_later(seconds, self._run, call)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _run(self, call: Callable[[], None]) -> None:
        self._handle = None
        call()
