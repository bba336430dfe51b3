"""The sandbox: the starting data and the accounts, and the only mutable state of the server.

It changes on the event loop alone. What is read from it, a collection say, never changes.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from itertools import count
from typing import Any

from mock_server.data.collection import Collection
from mock_server.errors import InsufficientStorage
from mock_server.formats.query_string import Query
from mock_server.sandbox import faults
from mock_server.sandbox.account import Account
from mock_server.sandbox.faults import Fault, Step
from mock_server.sandbox.journal import Archive, Journal
from mock_server.sandbox.transcripts import Transcripts
from mock_server.settings import Settings

Snapshot = Mapping[str, Collection]

# What the faults of all accounts may hold in memory.
FAULT_BYTES = 256_000_000

# How many unfired faults of accounts that were given up are kept, to be told of.
DEPARTED_FAULTS = 1_000

# Stands for all accounts where one could be named.
ALL = "*"

# A client id may have thousands of characters; a longer one is known by its digest.
_LONGEST_KEY = 200


class Sandbox:
    """The accounts by client id, made at first use, the least recently used of them given up first."""

    def __init__(self, starting: Snapshot, settings: Settings | None = None) -> None:
        self._starting = starting
        self._versions = count(1)
        self._version = 0
        self._settings = settings or Settings()
        self._archive = Archive(self._settings.max_journal)
        self.transcripts = Transcripts()
        # In the order of their last use; those with unspent faults apart, since they go last.
        self._idle: OrderedDict[str, Account] = OrderedDict()
        self._armed: OrderedDict[str, Account] = OrderedDict()
        self._started = secrets.token_hex(4)
        self._made = self.evicted = 0
        self._changed_records = self._fault_bytes = 0
        # What accounts that were given up leave behind.
        self.departed = Journal(self._archive, size=0)
        self.departed_faults: list[dict[str, Any]] = []

    # Accounts

    @property
    def live(self) -> int:
        return len(self._idle) + len(self._armed)

    def known(self, client_id: str) -> Account | None:
        """The account of a client id if there is one; it does not count as used."""
        return self._idle.get(client_id) or self._armed.get(client_id)

    def accounts(self) -> list[Account]:
        """Those that there are now."""
        return [*self._idle.values(), *self._armed.values()]

    def account(self, client_id: str) -> Account:
        """The account of a client id, which counts as used now."""
        key = _digest(client_id) if len(client_id) > _LONGEST_KEY or client_id == ALL else client_id
        account = self._idle.get(key) or self._armed.get(key) or self._make(key)
        self._home(account).move_to_end(key)
        return account

    def _make(self, key: str) -> Account:
        while self.live >= self._settings.max_accounts:
            self._evict()
        self._made += 1
        settings = self._settings
        epoch = f"{self._started}-{self._made}"
        account = Account(key, epoch, self._archive, settings.journal_size, settings.rate_limit)
        self._idle[key] = account
        return account

    def _evict(self) -> None:
        _, account = (self._idle or self._armed).popitem(last=False)
        self.evicted += 1
        account.journal.tell(self.departed.ledger, self.departed.covered)
        unfired = [named(fault, account.key) for fault in faults.unfired(account.faults)]
        self.departed_faults += unfired[: DEPARTED_FAULTS - len(self.departed_faults)]
        self._empty(account)

    def _home(self, account: Account) -> OrderedDict[str, Account]:
        return self._armed if account.faults.are_live else self._idle

    def _is_live(self, account: Account) -> bool:
        """Whether it has not been given up while a request was under way."""
        return self._home(account).get(account.key) is account

    @contextmanager
    def _rehoused(self, account: Account) -> Iterator[None]:
        """Around a change of its faults: an account is kept where it belongs then."""
        before, is_live = self._home(account), self._is_live(account)
        yield
        after = self._home(account)
        if is_live and after is not before:
            after[account.key] = before.pop(account.key)

    def reset(self, account: Account) -> None:
        """Starting data, empty journal, no faults, running clock, fresh rate limit."""
        with self._rehoused(account):
            self._empty(account)

    def _empty(self, account: Account) -> None:
        self._changed_records -= account.changed_records
        self._fault_bytes -= account.faults.size
        account.begin()
        account.journal.clear()

    def new_entry_id(self) -> str:
        return self._archive.number()

    # Collections

    @property
    def names(self) -> list[str]:
        return list(self._starting)

    def collection(self, account: Account, name: str) -> Collection:
        return account.changed[name] if name in account.changed else self._starting[name]

    def view(self, account: Account) -> tuple[int, int]:
        """What tells all records that an account sees from those that it, or another, ever saw else."""
        return self._version, account.version

    def counts(self) -> dict[str, int]:
        """The number of records in each collection of the starting data."""
        return {name: len(collection) for name, collection in self._starting.items()}

    def replace(self, starting: Snapshot) -> None:
        """Start from another snapshot from now on; changed copies stay as they are."""
        self._starting = starting
        self._version = next(self._versions)

    def change(self, account: Account, *collections: Collection) -> None:
        """Give an account its own copies; raises InsufficientStorage, and changes nothing then."""
        new = sum(map(len, collections))
        old = sum(len(account.changed.get(each.name, ())) for each in collections)
        records = self._changed_records + new - old
        if records > self._settings.max_records:
            raise InsufficientStorage(
                f"With {new:,} records here, the changed copies of all accounts would hold "
                f"{records:,}, more than the {self._settings.max_records:,} that --max-records allows; "
                "load fewer, reset accounts, or raise that limit."
            )
        if self._is_live(account):
            self._changed_records = records
            account.changed |= {each.name: each for each in collections}
            account.version = next(self._versions)

    # Faults

    def register(self, account: Account, fault: Fault) -> bool:
        """Add a fault that the account has prepared; gives False if it has registered others since.

        Raises InsufficientStorage, and changes nothing then.
        """
        if self._fault_bytes + fault.size > FAULT_BYTES:
            raise InsufficientStorage(
                f"The faults of all accounts would hold more than {FAULT_BYTES:,} bytes; "
                "send a smaller one, or remove some."
            )
        with self._rehoused(account):
            registered = account.faults.register(fault)
        if registered and self._is_live(account):
            self._fault_bytes += fault.size
        return registered

    def remove_faults(self, account: Account, fault_ids: Iterable[str]) -> bool:
        """Remove faults; gives whether there was any of them."""
        before = account.faults.size
        with self._rehoused(account):
            removed = [account.faults.remove(fault_id) for fault_id in fault_ids]
        if self._is_live(account):
            self._fault_bytes -= before - account.faults.size
        return any(removed)

    def take_step(
        self, account: Account, operation: str, page: int | None, sent: Query
    ) -> tuple[Fault, Step] | None:
        """The step that a valid request meets, which is used up; None if no fault is for it."""
        if not account.faults.are_live:
            return None
        with self._rehoused(account):
            return account.faults.take(operation, page, sent)


def named(fault: Fault, account: str) -> dict[str, Any]:
    """The fault as JSON, with the account that it belongs to."""
    return fault.as_json() | {"account": account}


def _digest(client_id: str) -> str:
    # No client id holds a colon (RFC 7617), so that none is taken for another's digest.
    return ":" + blake2b(client_id.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
