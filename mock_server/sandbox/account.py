"""An account: the records that one client id sees, and all that its requests have caused."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mock_server.data.collection import Collection
from mock_server.data.records import account_id
from mock_server.data.snapshot import Snapshot
from mock_server.sandbox.chaos import Chaos, Trouble
from mock_server.sandbox.clock import Clock
from mock_server.sandbox.faults import Faults
from mock_server.sandbox.journal import Journal
from mock_server.sandbox.rate_limit import Quota, Window
from mock_server.settings import RateLimit


class Rules(NamedTuple):
    """What the settings give every account: a rate limit and chaos, None for none."""

    rate_limit: RateLimit | None = None
    chaos: Chaos | None = None


class OperationRate(NamedTuple):
    """The rate limit of one operation, by its id."""

    operation: str
    limit: RateLimit


class Account:
    """The state of one client id.

    - `collections`: by name, what it sees; `changed` are its own copies among them, all others shared
    - `data_version`: a number that no other state of any account's own copies had; 0 without copies
    - `epoch`: differs from that of an earlier, evicted account of the same client id
    - `own_id`: the id that records show in place of `ACCOUNT_ID_PLACEHOLDER`
    - `window`: None without a rate limit; `windows` are those of operations with a limit of their own
    - `chaos`: None without
    - `received`: the number of requests that came to the mocked API, of which `troubled` met chaos
    """

    __slots__ = (
        "changed", "chaos", "clock", "collections", "data_version", "epoch", "faults", "journal", "key",
        "own_id", "received", "rules", "troubled", "window", "windows",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        epoch: str,
        starting: Snapshot,
        journal: Journal,
        rules: Rules,
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.own_id = account_id(key).encode()
        self.journal = journal
        self.rules = rules
        self.begin(starting)

    def begin(self, starting: Snapshot) -> None:
        """Set everything but the journal to the state of a new account that sees `starting`."""
        limit = self.rules.rate_limit
        self.changed: dict[str, Collection] = {}
        self.collections = starting
        self.data_version = 0
        self.faults = Faults()
        self.clock = Clock()
        self.window = None if limit is None else Window(limit)
        self.windows: dict[str, Window] = {}
        self.chaos = self.rules.chaos
        self.received = self.troubled = 0

    def use_starting_data(self, starting: Snapshot) -> None:
        """See other starting data from now on, where the account has no copies of its own."""
        self.collections = starting.with_own(self.changed) if self.changed else starting

    @property
    def changed_records(self) -> int:
        """Return the number of records in the account's own copies."""
        return sum(map(len, self.changed.values()))

    def count_request(self, rate: OperationRate | None = None) -> Quota | None:
        """Count a request for the rate limit; return what is left, None without a limit.

        `rate` is the limit of the operation asked for, which counts in place of the account's.
        """
        window = self._window(rate)
        return None if window is None else window.take(self.clock.now())

    def quota(self, rate: OperationRate | None = None) -> Quota | None:
        """Return what the rate limit leaves, None without one; count nothing."""
        window = self._window(rate)
        return None if window is None else window.look(self.clock.now())

    def _window(self, rate: OperationRate | None) -> Window | None:
        if rate is None or self.window is None:
            return self.window
        window = self.windows.get(rate.operation)
        if window is None:
            window = self.windows[rate.operation] = Window(rate.limit, rate.operation)
        return window

    def next_trouble(self, number: int, plays: Callable[[str], bool]) -> Trouble | None:
        """Return what chaos does to the request with a number, and count it; None for nothing.

        `plays` tells whether the request's page can be broken in a way; else it has no trouble.
        """
        trouble = None if self.chaos is None else self.chaos.trouble(number)
        if trouble is not None and trouble.step.page is not None and not plays(trouble.step.page):
            return None
        self.troubled += trouble is not None
        return trouble
