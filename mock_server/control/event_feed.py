"""The feeds of event streams: what each stream has not sent of its account's journal yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice

import orjson

from mock_server.data.budget import Budget
from mock_server.sandbox import shown_entries
from mock_server.sandbox.journal import Entry, Journal
from mock_server.sandbox.sandbox import SandboxState

# The most requests in one event, and in one reading but the first.
_BATCH = 100

# The most requests that wait for a later reading; of more, only the newest are sent.
_BACKLOG = 1_000

# How many bytes of memory the rendered entries of all accounts may hold, e.g. 20,000 of usual size.
RENDERED_BYTES = 16_000_000

# The memory of a rendered entry beside its bytes: its key, and its place in the mapping.
_OWN_BYTES = 300


class RenderedEntries:
    """The JSON of journal entries, rendered once for all streams: under way, and again when ended."""

    def __init__(self, limit: int = RENDERED_BYTES) -> None:
        """Hold renderings of `limit` bytes together; those that were asked for longest ago go first."""
        self._known: OrderedDict[tuple[str, bool], bytes] = OrderedDict()
        self.budget = Budget(limit, self._drop_oldest)

    def of(self, entry: Entry) -> bytes:
        """Return the entry in JSON."""
        key = entry.id, entry.duration is None
        text = self._known.get(key)
        if text is not None:
            self._known.move_to_end(key)
            return text
        text = self._known[key] = orjson.dumps(shown_entries.as_json(entry))
        self.budget.held += len(text) + _OWN_BYTES
        if self.budget.held > self.budget.limit:
            self.budget.shrink()
        return text

    def clear(self) -> None:
        """Forget all renderings."""
        self._known.clear()
        self.budget.held = 0

    def _drop_oldest(self) -> None:
        _, text = self._known.popitem(last=False)
        self.budget.held -= len(text) + _OWN_BYTES


class Feed:
    """The part of an account's journal that one stream has not sent yet.

    Reading is no use of the account, so that it can be evicted and made anew between two readings.
    `is_behind` says that the last reading left requests for the next one.
    """

    def __init__(self, sandbox: SandboxState, key: str, rendered: RenderedEntries) -> None:
        """Begin before the first entry of the account with this key."""
        self._sandbox = sandbox
        self._key = key
        self._rendered = rendered
        # The violation log of the journal that was read last; a journal that is cleared has a new one.
        # The feed itself stands for none, as None stands for the missing log of a missing account.
        self._violation_log: object = self
        # Whether there has been no account so far. Its making voids nothing that was sent.
        self._is_awaiting = False
        self._recorded = 0
        self._under_way: dict[str, Entry] = {}
        self.is_behind = False

    def read(self) -> Iterator[bytes]:
        """Yield the events since the last call.

        `begin` voids all events before it: the journal is another one, or was cleared. `requests` holds
        entries that are new, or have ended since they were sent.
        """
        account = self._sandbox.accounts.find(self._key)
        journal = None if account is None else account.journal
        most = _BATCH
        log = None if journal is None else journal.violation_log
        self.is_behind = False
        if self._is_awaiting and log is not None:
            self._violation_log, self._is_awaiting = log, False
        if log is not self._violation_log:
            self._is_awaiting = self._violation_log is self and log is None
            self._violation_log, self._recorded = log, 0
            self._under_way.clear()
            most = _BACKLOG
            yield _event(b"begin", orjson.dumps({"epoch": None if account is None else account.epoch}))
        if journal is not None and (journal.recorded != self._recorded or self._under_way):
            yield from self._requests(journal, most)

    def _requests(self, journal: Journal, most: int) -> Iterator[bytes]:
        """Yield the `requests` events with the entries that ended and at most `most` new ones."""
        number = min(journal.recorded - self._recorded, _BACKLOG)
        waiting = list(islice(reversed(journal.entries), number))[::-1]
        new = waiting[:most]
        self.is_behind = len(new) < len(waiting)
        self._recorded = journal.recorded - len(waiting) + len(new)
        entries = [*self._take_ended(), *new]
        self._under_way |= {entry.id: entry for entry in new if entry.duration is None}
        counts = b'"recorded":%d,"dropped":%d' % (journal.recorded, journal.dropped)
        # A journal that keeps no entries gets one event with the counts and no items.
        for start in range(0, len(entries) or min(number, 1), _BATCH):
            items = b",".join(map(self._rendered.of, entries[start : start + _BATCH]))
            yield _event(b"requests", b'{"items":[%s],%s}' % (items, counts))

    def _take_ended(self) -> Sequence[Entry]:
        """Return the entries that were sent under way and have ended since, and watch them no more."""
        ended = [entry for entry in self._under_way.values() if entry.duration is not None]
        self._under_way = {
            key: entry
            for key, entry in self._under_way.items()
            if entry.duration is None and entry.is_kept
        }
        return ended


def _event(name: bytes, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name, data)
