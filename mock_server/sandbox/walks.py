"""Walks: the list requests of an account, put together as the walks through pages that they were.

A request without a cursor starts a walk. One with a cursor goes on from the last page that gave it
and that nobody has gone on from, or else repeats a page. A request again after one that failed is a
retry, which goes on from where that did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from mock_server.errors import Violation, shown
from mock_server.lists.filters import Filter

INCOMPLETE = "incomplete"

# Characters of a filter that a walk keeps whose beginning was dropped.
_ABRIDGED = 200


class Given(NamedTuple):
    """What a page gave the client: how many items, which cursors, and whether the end of its way."""

    items: int
    cursors: tuple[str, ...]
    end: bool


class ListRequest(NamedTuple):
    """What a list request asks for, in the terms that walks are told apart by.

    `shown` are its filters as they were sent, `way` is the parameter of its cursor.
    """

    operation: str
    filters: frozenset[Filter]
    shown: tuple[tuple[str, str], ...]
    cursor: str | None
    backward: bool

    @property
    def size(self) -> int:
        """Bytes in memory, roughly, of what it may have many of."""
        texts = sum(len(name) + len(text) for name, text in self.shown)
        return texts + sum(wanted.size for wanted in self.filters)


class Walk:
    """A walk, and what is known of it so far."""

    __slots__ = (
        "_filters", "backward", "complete", "filters_constant", "has_beginning", "id", "is_disturbed",
        "is_whole", "items", "kept", "last_page", "last_request", "operation",
        "pages", "repeats", "shown",
    )  # fmt: skip

    def __init__(self, walk_id: str, first: ListRequest, *, is_whole: bool) -> None:
        self.id = walk_id
        self.operation = first.operation
        # The filters that it began with, and as they were sent.
        self._filters = hash(first.filters)
        self.shown = first.shown
        # Whether the journal still has all of its requests, and none before that may belong to it.
        self.is_whole = self.has_beginning = is_whole
        self.kept = 0
        # The journal's id of the last of them.
        self.last_request = ""
        self.last_page: Attempt | None = None
        self.pages = self.items = self.repeats = 0
        self.complete = self.backward = self.is_disturbed = False
        self.filters_constant = True

    def add(self, request: ListRequest, given: Given, *, repeats: bool) -> None:
        self.pages += 1
        self.items += given.items
        self.repeats += repeats
        self.complete |= given.end
        self.backward |= request.backward
        self.filters_constant &= self.begins_with(request.filters)

    @property
    def given_up(self) -> Violation | None:
        """What is wrong if its client went on from the first page, but not to the end; it may yet.

        A page that a script disturbed may have ended it, which is no mistake then.
        """
        if self.complete or self.pages < 2 or self.is_disturbed:
            return None
        message = (
            f"A walk was given up after {self.pages} pages, before its end; follow the cursors until a "
            "page has none, or ask for fewer items."
        )
        return Violation("walkGivenUp", message, "")

    @property
    def filters(self) -> dict[str, str]:
        """Those that it began with, as they were sent."""
        return dict(self.shown)

    def begins_with(self, filters: frozenset[Filter]) -> bool:
        return self._filters == hash(filters)

    def abridge(self) -> None:
        """Keep no long text: the request that held it, and counted for it, has been dropped."""
        self.shown = tuple((name, shown(text, _ABRIDGED)) for name, text in self.shown)

    def as_json(self) -> dict[str, Any]:
        numbers = {"pages": self.pages, "items": self.items, "repeatedCursors": self.repeats}
        if not self.is_whole:
            numbers = dict.fromkeys(numbers, INCOMPLETE)  # type: ignore[arg-type]
        return {
            "id": self.id,
            "operation": self.operation,
            "filters": self.filters,
            **numbers,
            "complete": self.complete,
            "filtersConstant": self.filters_constant,
            "backward": self.backward,
        }


class Outcome(Enum):
    """How a request ended, as far as it has."""

    OPEN = 1
    SERVED = 2
    FAILED = 3


def _stays() -> bool:
    return False


class Attempt:
    """A request in a walk, and the page that it was given, if it was."""

    __slots__ = (
        "_abandoned",
        "followed_by",
        "follows",
        "given",
        "is_end",
        "is_kept",
        "is_retry",
        "items",
        "outcome",
        "page",
        "repeats",
        "request",
        "walk",
    )

    def __init__(
        self, walk: Walk, request: ListRequest, follows: Attempt | None, *, repeats: bool
    ) -> None:
        self.walk = walk
        self.request = request
        self.follows = follows
        self.repeats = repeats
        # The number of its page within the walk, from 1; None where the beginning is not known.
        self.page = walk.pages + 1 if walk.has_beginning else None
        self.is_retry = False
        # Whether the journal still has it.
        self.is_kept = True
        self.followed_by: Attempt | None = None
        self.given: tuple[str, ...] = ()
        # What its page gave: how many items, and whether the end of its way.
        self.items: int | None = None
        self.is_end = False
        self.outcome = Outcome.OPEN
        self._abandoned: Callable[[], bool] = _stays

    @property
    def changes_filters(self) -> bool:
        """Whether its filters are others than those that the walk began with."""
        return not self.walk.begins_with(self.request.filters)

    def watch(self, abandoned: Callable[[], bool]) -> None:
        """While it is open, `abandoned` tells whether its client has left."""
        self._abandoned = abandoned

    @property
    def failed(self) -> bool:
        """Whether the same request again is a retry."""
        return self.outcome is Outcome.FAILED or (self.outcome is Outcome.OPEN and self._abandoned())

    def close(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._abandoned = _stays

    def as_json(self) -> dict[str, Any]:
        """What it was in its walk, as far as is known now."""
        return {
            "page": self.page,
            "items": self.items,
            "end": self.is_end,
            "failed": self.outcome is Outcome.FAILED,
            "repeat": self.repeats,
            "retry": self.is_retry,
            "backward": self.request.backward,
            "filtersChanged": self.changes_filters,
        }


class _Index:
    """Pages by the cursors that they gave; of several, the newest, rather one with like filters."""

    def __init__(self) -> None:
        # In the order of their coming; dicts, since any of them may go.
        self._pages: dict[object, dict[Attempt, None]] = {}

    def add(self, page: Attempt) -> None:
        for key in self._keys(page):
            self._pages.setdefault(key, {})[page] = None

    def discard(self, page: Attempt) -> None:
        for key in self._keys(page):
            pages = self._pages.get(key, {})
            pages.pop(page, None)
            if not pages:
                self._pages.pop(key, None)

    def find(self, request: ListRequest) -> Attempt | None:
        """The page to go on from, which nobody has gone on from with success."""
        for key in ((request.cursor, request.filters), request.cursor):
            for page in reversed(self._pages.get(key, {})):
                if page.followed_by is None or page.followed_by.failed:
                    return page
        return None

    @staticmethod
    def _keys(page: Attempt) -> Iterator[object]:
        for cursor in page.given:
            yield cursor
            yield cursor, page.request.filters


class Walks:
    """The walks of which the journal still has a request, in the order in which they began."""

    def __init__(self, gone: Callable[[Walk], None] = lambda _walk: None) -> None:
        """`gone` is told of each walk whose last request is dropped."""
        self._gone = gone
        self._walks: dict[str, Walk] = {}
        self._begun = 0
        self._lost = False
        # The last pages of walks, and the newest pages that gave a cursor.
        self._ends = _Index()
        self._givers: dict[object, Attempt] = {}
        # Requests that a walk waits for its first page with; a dict, since any of them may go.
        self._unserved: dict[ListRequest, dict[Attempt, None]] = {}

    def __iter__(self) -> Iterator[Walk]:
        return iter(list(self._walks.values()))  # At once, since the worker asks while requests come.

    def join(self, request: ListRequest) -> Attempt:
        """The attempt that a request is, in the walk that it belongs to or begins."""
        attempt = self._joining(request)
        attempt.walk.kept += 1
        self._walks.setdefault(attempt.walk.id, attempt.walk)
        if attempt.follows is not None:
            attempt.follows.followed_by = attempt
        elif not attempt.walk.pages:
            self._unserved.setdefault(request, {})[attempt] = None
        return attempt

    def _joining(self, request: ListRequest) -> Attempt:
        if request.cursor is not None:
            end = self._ends.find(request)
            if end is not None:
                return self._following(end, request)
            giver = self._givers.get((request.cursor, request.filters))
            giver = giver or self._givers.get(request.cursor)
            if giver is not None:
                return Attempt(giver.walk, request, None, repeats=True)
        for attempt in reversed(self._unserved.get(request, {})):
            if attempt.failed:
                attempt.close(Outcome.FAILED)
                self._serve_no_more(attempt)  # One failure has one retry.
                return Attempt(attempt.walk, request, None, repeats=False)
        return Attempt(self._begin(request), request, None, repeats=False)

    def _following(self, end: Attempt, request: ListRequest) -> Attempt:
        # A page that leads to itself is a repeat too.
        again = (end.request.cursor, end.request.backward) == (request.cursor, request.backward)
        attempt = Attempt(end.walk, request, end, repeats=again)
        if end.followed_by is not None:
            end.followed_by.close(Outcome.FAILED)
            attempt.is_retry = True
        return attempt

    def _begin(self, request: ListRequest) -> Walk:
        self._begun += 1
        is_whole = request.cursor is None or not self._lost
        return Walk(f"walk-{self._begun}", request, is_whole=is_whole)

    def serve(self, attempt: Attempt, given: Given) -> None:
        """The attempt was answered with a page, and nothing cut that."""
        if attempt.outcome is not Outcome.OPEN:
            return  # Its client had left, and has asked again.
        attempt.close(Outcome.SERVED)
        attempt.items, attempt.is_end = given.items, given.end
        walk = attempt.walk
        walk.add(attempt.request, given, repeats=attempt.repeats)
        attempt.follows = None
        for waiting in [a for a in self._unserved.get(attempt.request, {}) if a.walk is walk]:
            self._serve_no_more(waiting)
        if walk.last_page is not None:
            self._ends.discard(walk.last_page)
        if walk.id not in self._walks:
            return  # All of it was dropped in the meantime.
        walk.last_page = attempt
        attempt.given = given.cursors
        self._ends.add(attempt)
        for cursor in given.cursors if attempt.is_kept else ():
            self._givers[cursor] = self._givers[cursor, attempt.request.filters] = attempt

    def fail(self, attempt: Attempt) -> None:
        attempt.close(Outcome.FAILED)

    def forget(self, attempt: Attempt) -> None:
        """The journal has dropped the attempt."""
        self._lost = True
        walk = attempt.walk
        walk.kept -= 1
        walk.is_whole = attempt.is_kept = False
        walk.abridge()
        if not walk.kept:
            if self._walks.pop(walk.id, None) is not None:
                self._gone(walk)
            if walk.last_page is not None:
                self._ends.discard(walk.last_page)
                walk.last_page = None  # They would keep each other alive.
        for cursor in attempt.given:
            for key in (cursor, (cursor, attempt.request.filters)):
                if self._givers.get(key) is attempt:
                    del self._givers[key]
        self._serve_no_more(attempt)

    def _serve_no_more(self, attempt: Attempt) -> None:
        waiting = self._unserved.get(attempt.request, {})
        waiting.pop(attempt, None)
        if not waiting:
            self._unserved.pop(attempt.request, None)
