"""The pool of accounts: made at first use, the least recently used given up when there are too many."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

from mock_server.sandbox.account import Account

# Stands for all accounts where one could be named.
ALL = "*"

# A client id may have thousands of characters; a longer one is known by its digest.
_LONGEST_KEY = 200


class AccountPool:
    """The accounts by client id, at most `limit`.

    Accounts with faults that have steps left are given up last, since a test is waiting for them.
    """

    def __init__(
        self, limit: int, make: Callable[[str, int], Account], give_up: Callable[[Account], None]
    ) -> None:
        """Call `make` with a key and a number for a new account, `give_up` with one that goes."""
        self._limit = limit
        self._make = make
        self._give_up = give_up
        # In the order of their last use.
        self._idle: OrderedDict[str, Account] = OrderedDict()
        self._armed: OrderedDict[str, Account] = OrderedDict()
        self._made = self.evicted = 0

    def __len__(self) -> int:
        return len(self._idle) + len(self._armed)

    def __iter__(self) -> Iterator[Account]:
        return iter([*self._idle.values(), *self._armed.values()])

    def find(self, client_id: str) -> Account | None:
        """Return the account of a client id if there is one; it does not count as used."""
        return self._idle.get(client_id) or self._armed.get(client_id)

    def get(self, client_id: str) -> Account:
        """Return the account of a client id, made if there is none; it counts as used now."""
        account = self._idle.get(client_id)
        if account is not None:
            self._idle.move_to_end(client_id)
            return account
        key = _digest(client_id) if len(client_id) > _LONGEST_KEY or client_id == ALL else client_id
        account = self.find(key) or self._add(key)
        self._home(account).move_to_end(key)
        return account

    def _add(self, key: str) -> Account:
        while len(self) >= self._limit:
            _, account = (self._idle or self._armed).popitem(last=False)
            self.evicted += 1
            self._give_up(account)
        self._made += 1
        account = self._idle[key] = self._make(key, self._made)
        return account

    def _home(self, account: Account) -> OrderedDict[str, Account]:
        return self._armed if account.faults.live else self._idle

    def has(self, account: Account) -> bool:
        """Tell whether an account is still in use: it may be given up while a request is under way."""
        return self._home(account).get(account.key) is account

    @contextmanager
    def rehousing(self, account: Account) -> Iterator[None]:
        """Keep an account among those that it belongs to, around a change of its faults."""
        before, is_here = self._home(account), self.has(account)
        yield
        after = self._home(account)
        if is_here and after is not before:
            after[account.key] = before.pop(account.key)


def _digest(client_id: str) -> str:
    # No client id holds a colon (RFC 7617), so that none is taken for another's digest.
    return ":" + blake2b(client_id.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
