"""Kept answers: what the first request with an idempotency key was answered, to be sent again."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from mock_server.data.budget import Budget
from mock_server.formats.timestamps import SECOND
from mock_server.sandbox.account import Account

# How many bytes of memory the kept answers of all accounts may hold.
KEPT_BYTES = 8_000_000

# The memory of a kept answer beside its texts, and that of a header.
_OWN_BYTES = 1_000
_HEADER_BYTES = 150


class Answer(NamedTuple):
    """A whole answer; its headers are as ASGI has them."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class KeptAnswer(NamedTuple):
    """The answer of the first request with a key.

    - `sent`: a digest of what the request asked for
    - `entry`: the id of its entry in the journal
    - `until`: the moment from which on the key is new again, in microseconds since 1970
    """

    answer: Answer
    sent: bytes
    entry: str
    until: int


class Key(NamedTuple):
    """An idempotency key: of an account, of an operation, and as it was sent."""

    account: Account
    operation: str
    text: str


class KeptAnswers:
    """The kept answers of all accounts within a budget, and the keys whose first request still runs."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self.budget = Budget(limit, self._drop_oldest)
        self._answers: OrderedDict[Key, KeptAnswer] = OrderedDict()
        # By account, the keys that it has an answer for.
        self._keys: dict[Account, set[Key]] = {}
        # By key, a thing of the request's own: after a reset, another request may run with the key.
        self._running: dict[Key, object] = {}

    def find(self, key: Key) -> KeptAnswer | None:
        """Return what is kept for a key by the clock of its account; None where there is nothing."""
        kept = self._answers.get(key)
        if kept is not None and key.account.clock.now() >= kept.until:
            self._drop(key)
            return None
        return kept

    def is_running(self, key: Key) -> bool:
        """Tell whether a request with a key is under way, and its answer not yet known."""
        return key in self._running

    def begin(self, key: Key, request: object) -> None:
        """Note that a request with a key is under way."""
        self._running[key] = request

    def end(self, key: Key, request: object) -> None:
        """Note that a request with a key is over, or that its answer is kept."""
        if self._running.get(key) is request:
            del self._running[key]

    def keep(self, key: Key, answer: Answer, sent: bytes, entry: str, seconds: int) -> None:
        """Keep an answer for seconds on the account's clock; the oldest fall out of the budget."""
        self._drop(key)
        until = key.account.clock.now() + seconds * SECOND
        self._answers[key] = KeptAnswer(answer, sent, entry, until)
        self._keys.setdefault(key.account, set()).add(key)
        self.budget.held += _size(key, answer)
        self.budget.shrink()

    def forget(self, account: Account) -> None:
        """Forget all keys of an account."""
        for key in list(self._keys.get(account, ())):
            self._drop(key)
        for key in [key for key in self._running if key.account is account]:
            del self._running[key]

    def _drop_oldest(self) -> None:
        self._drop(next(iter(self._answers)))

    def _drop(self, key: Key) -> None:
        kept = self._answers.pop(key, None)
        if kept is None:
            return
        self.budget.held -= _size(key, kept.answer)
        keys = self._keys[key.account]
        keys.remove(key)
        if not keys:
            del self._keys[key.account]


def _size(key: Key, answer: Answer) -> int:
    headers = sum([len(name) + len(value) + _HEADER_BYTES for name, value in answer.headers])
    return _OWN_BYTES + 4 * len(key.text) + headers + len(answer.body)
