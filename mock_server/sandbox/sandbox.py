"""The sandbox: the starting data and the accounts, and the only mutable state of the server.

It changes on the event loop only. Values that it hands out, e.g. collections, never change.
"""

from __future__ import annotations

import secrets
from collections.abc import Container, Iterable, Mapping
from itertools import count
from typing import Any

from mock_server.data.budget import Budget
from mock_server.data.collection import Collection
from mock_server.data.snapshot import Snapshot
from mock_server.errors import InsufficientStorage
from mock_server.sandbox import faults
from mock_server.sandbox.account import Account, Rules
from mock_server.sandbox.account_pool import AccountPool
from mock_server.sandbox.chaos import Chaos
from mock_server.sandbox.disposal import Disposal, free_chunks
from mock_server.sandbox.faults import Asked, Fault, Step
from mock_server.sandbox.journal import Archive, Journal
from mock_server.sandbox.kept_answers import KeptAnswers
from mock_server.settings import Settings

# How many bytes of memory the faults of all accounts may hold.
FAULT_BYTES = 256_000_000

# How many unfired faults of evicted accounts are kept for reports.
EVICTED_FAULTS = 1_000


class SandboxState:
    """The starting data, the accounts, and what reports need of evicted accounts."""

    def __init__(self, starting: Snapshot, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._starting = starting
        self._rules = Rules(self._settings.rate_limit, Chaos.of_rule(self._settings.chaos))
        self._names = tuple(starting)
        # The document that was loaded while the server runs; None before one was.
        self.document: object = None
        self._versions = count(1)
        # Accounts see equal records if this version and that of their own copies are equal.
        self.data_version = 0
        self.archive = Archive(self._settings.max_journal)
        self.accounts = AccountPool(self._settings.max_accounts, self._new_account, self._evict)
        self._epoch = secrets.token_hex(4)
        self.record_budget = Budget(self._settings.max_records)
        self.fault_budget = Budget(FAULT_BYTES)
        self._disposal = Disposal()
        self.kept_answers = KeptAnswers()
        # Only its violation log, its coverage and its number of requests are used.
        self.evicted = Journal(self.archive, size=0)
        self.evicted_faults: list[dict[str, Any]] = []

    # Accounts

    def _new_account(self, key: str, number: int) -> Account:
        journal = Journal(self.archive, self._settings.journal_size)
        epoch = f"{self._epoch}-{number}" if number else ""
        return Account(key, epoch, self._starting, journal, self._rules)

    def _evict(self, account: Account) -> None:
        account.journal.collect(self.evicted.violation_log, self.evicted.covered)
        self.evicted.recorded += account.journal.recorded
        unfired = [of_account(fault, account.key) for fault in faults.unfired_faults(account.faults)]
        self.evicted_faults += unfired[: EVICTED_FAULTS - len(self.evicted_faults)]
        self._empty(account)

    def reset(self, account: Account) -> None:
        """Reset an account to starting data, no requests, no faults, a running clock and own chaos."""
        with self.accounts.regrouping(account):
            self._empty(account)

    def _empty(self, account: Account) -> None:
        self.record_budget.held -= account.changed_records
        self.fault_budget.held -= account.faults.size + (account.chaos.size if account.chaos else 0)
        self.kept_answers.forget(account)
        own = list(account.changed.values())
        account.begin(self._starting)
        self._disposal.add(free_chunks(own))
        self.clear_journal(account)

    def clear_journal(self, account: Account) -> None:
        """Remove all entries, walks, violations and coverage of an account."""
        self._disposal.add(account.journal.clear())

    # Collections

    def counts(self) -> dict[str, int]:
        """Return the number of records in each collection of the starting data."""
        counts = self._starting.counts
        return {name: counts[name] for name in self._names}

    @property
    def fixtures_digest(self) -> str:
        """The digest of the fixture files that the starting data were read from, empty without any."""
        return self._starting.digest

    def replace(self, starting: Snapshot) -> None:
        """Use other starting data from now on; the accounts' own copies stay as they are."""
        self._starting = starting
        self.data_version = next(self._versions)
        for account in self.accounts:
            account.use_starting_data(starting)

    def add_older(self, collections: Snapshot) -> None:
        """Give all accounts collections that older documents have, unless they are there."""
        self._names += tuple(name for name in collections if name not in self._names)
        self.replace(self._starting.with_retired(collections))

    def add_fields(self, fields: Mapping[str, Iterable[str]]) -> None:
        """Have the starting data ready to be filtered by further fields; any thread may call this."""
        self._starting.add_fields(fields)

    def replace_document(self, document: object, starting: Snapshot, kept: Container[str]) -> None:
        """Use the starting data of another document from now on.

        The accounts' own copies of the collections that `kept` names stay. Requests under way still find
        the collections of the document before.
        """
        # Those of `self._names` alone, so that collections of earlier documents do not pile up.
        retired = self._starting.named(self._names)
        self._names = tuple(starting)
        self.document = document
        for account in self.accounts:
            for name in [name for name in account.changed if name not in kept]:
                self.record_budget.held -= len(account.changed.pop(name))
                account.data_version = next(self._versions)
        self.replace(starting.with_retired(retired))

    def change(self, account: Account, *collections: Collection) -> None:
        """Give an account these collections as its own copies.

        Raise InsufficientStorage, and change nothing, where all accounts would hold too many records.
        """
        new = sum(map(len, collections))
        added = new - sum(len(account.changed.get(each.name, ())) for each in collections)
        if not self.record_budget.has_room_for(added):
            raise InsufficientStorage(
                f"With {new:,} records here, the changed copies of all accounts would hold "
                f"{self.record_budget.held + added:,}, more than the {self.record_budget.limit:,} that "
                "--max-records allows; load fewer, reset accounts, or raise that limit."
            )
        if self.accounts.has(account):
            self.record_budget.held += added
            account.changed |= {each.name: each for each in collections}
            account.use_starting_data(self._starting)
            account.data_version = next(self._versions)

    # Faults

    def register(self, account: Account, fault: Fault) -> bool:
        """Add a fault that was prepared; return False, and add nothing, if its id is taken by now.

        Raise InsufficientStorage, and add nothing, where the faults of all accounts would be too large.
        """
        self._require_room(fault.size)
        with self.accounts.regrouping(account):
            is_registered = account.faults.register(fault)
        if is_registered and self.accounts.has(account):
            self.fault_budget.held += fault.size
        return is_registered

    def _require_room(self, size: int) -> None:
        if not self.fault_budget.has_room_for(size):
            raise InsufficientStorage(
                f"The faults of all accounts would hold more than {FAULT_BYTES:,} bytes; "
                "send a smaller one, or remove some."
            )

    def set_chaos(self, account: Account, chaos: Chaos | None) -> None:
        """Give an account other chaos from its next request on, None for none.

        Raise InsufficientStorage, and change nothing, where all accounts would hold too much of faults.
        """
        before = account.chaos.size if account.chaos else 0
        added = (chaos.size if chaos else 0) - before
        self._require_room(added)
        if self.accounts.has(account):
            self.fault_budget.held += added
            account.chaos, account.troubled = chaos, 0

    def remove_faults(self, account: Account, fault_ids: Iterable[str]) -> bool:
        """Remove the faults with these ids; tell whether there were any."""
        before = account.faults.size
        with self.accounts.regrouping(account):
            removed = [account.faults.remove(fault_id) for fault_id in fault_ids]
        if self.accounts.has(account):
            self.fault_budget.held -= before - account.faults.size
        return any(removed)

    def take_step(self, account: Account, asked: Asked) -> tuple[Fault, Step] | None:
        """Return the first fault that applies to a valid request, and its next step; None without one.

        The step counts as fired.
        """
        with self.accounts.regrouping(account):
            return account.faults.take(asked)


def of_account(fault: Fault, account: str) -> dict[str, Any]:
    """Return a fault as the control API shows it, with the client id of its account."""
    return fault.as_json() | {"account": account}
