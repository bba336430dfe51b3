"""An account: the records that one client id sees, and all that its requests have caused."""

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

    - `collections`: by name, what it sees; `changed` are its own copies among them, all others shared
    - `data_version`: a number that no other state of any account's own copies had; 0 without copies
    - `epoch`: differs from that of an earlier, evicted account of the same client id
    - `own_id`: the id that records show in place of `ACCOUNT_ID_PLACEHOLDER`
    - `window`: None without a rate limit
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
        """Set everything but the journal to the state of a new account that sees `starting`."""
        self.changed: dict[str, Collection] = {}
        self.collections = starting
        self.data_version = 0
        self.faults = Faults()
        self.clock = Clock()
        self.window = None if self.rate_limit is None else Window(self.rate_limit)

    def use_starting_data(self, starting: Snapshot) -> None:
        """See other starting data from now on, where the account has no copies of its own."""
        self.collections = {**starting, **self.changed} if self.changed else starting

    @property
    def changed_records(self) -> int:
        """Return the number of records in the account's own copies."""
        return sum(map(len, self.changed.values()))

    def count_request(self) -> int | None:
        """Count a request for the rate limit; return the seconds to wait, or None if it passes."""
        return None if self.window is None else self.window.take(self.clock.now())
