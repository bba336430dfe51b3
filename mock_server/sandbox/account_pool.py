"""The pool of accounts: made at first use, the least recently used evicted when there are too many."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

from mock_server.sandbox.account import Account

# Means all accounts where a call of the control API names an account.
ALL = "*"

# Characters. A client id may have thousands; the key of an account with a longer one is a digest.
_LONGEST_KEY = 200


class AccountPool:
    """The accounts by client id, at most `limit`.

    Accounts whose faults have steps left are evicted last, since a test waits for these steps.
    """

    def __init__(
        self, limit: int, make: Callable[[str, int], Account], evict: Callable[[Account], None]
    ) -> None:
        """Make accounts by `make(key, number)`, numbered from 1; call `evict` with an evicted one."""
        self._limit = limit
        self._make = make
        self._evict = evict
        # Both by key, the least recently used first; those with live faults are in `_armed`.
        self._idle: OrderedDict[str, Account] = OrderedDict()
        self._armed: OrderedDict[str, Account] = OrderedDict()
        self._made = self.evicted = 0

    def __len__(self) -> int:
        return len(self._idle) + len(self._armed)

    def __iter__(self) -> Iterator[Account]:
        return iter([*self._idle.values(), *self._armed.values()])

    def find(self, client_id: str) -> Account | None:
        """Return the account of a client id, which does not count as a use; None if there is none."""
        key = _key(client_id)
        return self._idle.get(key) or self._armed.get(key)

    def get(self, client_id: str) -> Account:
        """Return the account of a client id, which counts as a use; make it if there is none."""
        account = self._idle.get(client_id)
        if account is not None:
            self._idle.move_to_end(client_id)
            return account
        account = self.find(client_id) or self._add(_key(client_id))
        self._group_of(account).move_to_end(account.key)
        return account

    def imagine(self, client_id: str) -> Account:
        """Return what `get` would make for a client id, without making it; its epoch is empty."""
        return self._make(_key(client_id), 0)

    def _add(self, key: str) -> Account:
        while len(self) >= self._limit:
            _, account = (self._idle or self._armed).popitem(last=False)
            self.evicted += 1
            self._evict(account)
        self._made += 1
        account = self._idle[key] = self._make(key, self._made)
        return account

    def _group_of(self, account: Account) -> OrderedDict[str, Account]:
        return self._armed if account.faults.live else self._idle

    def has(self, account: Account) -> bool:
        """Tell whether an account is still in the pool; it can be evicted during its request."""
        return self._group_of(account).get(account.key) is account

    @contextmanager
    def regrouping(self, account: Account) -> Iterator[None]:
        """Move an account to the group it belongs to after a change of its faults inside `with`."""
        before, is_here = self._group_of(account), self.has(account)
        yield
        after = self._group_of(account)
        if is_here and after is not before:
            after[account.key] = before.pop(account.key)


def _key(client_id: str) -> str:
    """Return the key of a client id, which is that of the key too."""
    if len(client_id) <= _LONGEST_KEY and client_id != ALL:
        return client_id
    # No client id holds a colon (RFC 7617), so that none is taken for another's digest.
    return ":" + blake2b(client_id.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
