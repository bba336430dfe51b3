"""The connection of a request, as scripted faults and event streams see it."""

from __future__ import annotations

from typing import Protocol

# Where in the extensions of the ASGI scope the connection of a request is.
CONNECTION = "mock_server.connection"


class Connection(Protocol):
    """What a scripted fault can do to the connection of a request."""

    @property
    def is_abandoned(self) -> bool:
        """Whether the client sends no more, and so has left unless it waits for this one answer."""
        ...

    @property
    def is_interrupted(self) -> bool:
        """Whether the client has left or the server is told to stop, so that no pause lasts."""
        ...

    def reset(self) -> None:
        """End it with a reset."""
        ...

    def hang_up(self) -> None:
        """End it behind what was written."""
        ...

    def leave_out_date(self) -> None:
        """Send no Date header with the answer but one that it has itself."""
        ...

    async def pause(self, seconds: float, *, until_abandoned: bool = False) -> None:
        """Wait, but no longer than the client stays and the server is not told to stop."""
        ...
