"""An account: what one client id sees and has caused, apart from all others."""

from __future__ import annotations

from mock_server.data.collection import Collection
from mock_server.data.records import account_id
from mock_server.sandbox.clock import Clock
from mock_server.sandbox.faults import Faults
from mock_server.sandbox.journal import Archive, Journal
from mock_server.sandbox.rate_limit import Window
from mock_server.settings import RateLimit


class Account:
    """The state of one client id; `changed` are its own copies of collections, the others are shared.

    `epoch` tells it from an earlier account of the same client id, and `version` its copies from all
    that it or another account ever had; it is 0 where there are none.
    """

    __slots__ = (
        "changed", "clock", "epoch", "faults", "journal", "key", "own_id", "rate_limit", "version",
        "window",
    )  # fmt: skip

    def __init__(
        self, key: str, epoch: str, archive: Archive, journal_size: int, rate_limit: RateLimit | None
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.own_id = account_id(key).encode()
        self.journal = Journal(archive, journal_size)
        self.rate_limit = rate_limit
        self.begin()

    def begin(self) -> None:
        """The state in which an account begins, but for its journal."""
        self.changed: dict[str, Collection] = {}
        self.version = 0
        self.faults = Faults()
        self.clock = Clock()
        self.window = None if self.rate_limit is None else Window(self.rate_limit)

    @property
    def changed_records(self) -> int:
        """How many records its own copies hold."""
        return sum(map(len, self.changed.values()))

    def overdrawn(self) -> int | None:
        """Count a request; gives None if the rate limit lets it pass, else the seconds to wait."""
        return None if self.window is None else self.window.take(self.clock.now())
