"""The event loop of a server: uvloop's where it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


def factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return uvloop's factory of event loops, or asyncio's where there is no uvloop, as on Windows."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def accepts_one_a_turn(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether a loop accepts one connection per socket in each of its turns, as uvloop's does."""
    return type(loop).__module__.startswith("uvloop")
