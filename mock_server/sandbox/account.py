"""An account: what one client id sees and has caused, apart from all others."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.data.collection import Collection
from mock_server.data.records import account_id
from mock_server.sandbox.clock import Clock
from mock_server.sandbox.faults import Faults
from mock_server.sandbox.journal import Journal
from mock_server.sandbox.rate_limit import Window
from mock_server.settings import RateLimit

Snapshot = Mapping[str, Collection]


class Account:
    """The state of one client id.

    `collections` are those that it sees; `changed` are its own copies among them, and the others are
    shared. `data_version` tells its copies from all that it or another account ever had; it is 0 where
    there are none. `epoch` tells the account from an earlier one of the same client id.
    """

    __slots__ = (
        "changed", "clock", "collections", "data_version", "epoch", "faults", "journal", "key", "own_id",
        "rate_limit", "window",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        epoch: str,
        starting: Snapshot,
        journal: Journal,
        rate_limit: RateLimit | None,
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.own_id = account_id(key).encode()
        self.journal = journal
        self.rate_limit = rate_limit
        self.begin(starting)

    def begin(self, starting: Snapshot) -> None:
        """Take the state in which an account begins, but for its journal."""
        self.changed: dict[str, Collection] = {}
        self.collections = starting
        self.data_version = 0
        self.faults = Faults()
        self.clock = Clock()
        self.window = None if self.rate_limit is None else Window(self.rate_limit)

    def see(self, starting: Snapshot) -> None:
        """See other starting data from now on, with its own copies over them."""
        self.collections = {**starting, **self.changed} if self.changed else starting

    @property
    def changed_records(self) -> int:
        """Return how many records its own copies hold."""
        return sum(map(len, self.changed.values()))

    def count_request(self) -> int | None:
        """Count a request for the rate limit; return None if it passes, else the seconds to wait."""
        return None if self.window is None else self.window.take(self.clock.now())
