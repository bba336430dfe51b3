"""A timer: one delayed call at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timer:
    """A delayed call, which can be stopped and started anew.

    `handle` is None while no call is due, so that a caller can skip `stop` at no cost.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.handle: asyncio.TimerHandle | None = None
        self._loop = loop

    def start(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back after that many seconds, in place of any call that is due."""
        self.stop()
        self.handle = self._loop.call_later(seconds, self._run, callback)

    def stop(self) -> None:
        """Cancel the call that is due, if there is one."""
        if self.handle is not None:
            self.handle.cancel()
            self.handle = None

    def _run(self, callback: Callable[[], None]) -> None:
        self.handle = None
        callback()
