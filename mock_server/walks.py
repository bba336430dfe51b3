"""Walks: the list requests of an account, put together as the walks through pages that they were.

A request without a cursor starts a walk. One with a cursor goes on from the last page that gave it
and that nobody has gone on from, or else repeats a page. A request again after one that failed is a
retry, which goes on from where that did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from mock_server.filters import Filter

INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Given:
    """What a page gave the client: how many items, which cursors, and whether the end of its way."""

    items: int
    cursors: tuple[str, ...]
    end: bool


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a list request asks for, in the terms that walks are told apart by.

    `shown` are its filters as they were sent, `way` is the parameter of its cursor.
    """

    operation: str
    filters: frozenset[Filter]
    shown: tuple[tuple[str, str], ...]
    cursor: str | None
    backward: bool


class Walk:
    """A walk, and what is known of it so far."""

    def __init__(self, walk_id: str, first: ListRequest, *, is_whole: bool) -> None:
        self.id = walk_id
        self._first = first
        # Whether the journal still has all of its requests, and none before that may belong to it.
        self.is_whole = self.has_beginning = is_whole
        self.kept = 0
        self.pages = self.items = self.repeats = 0
        self.complete = self.backward = False
        self.filters_constant = True

    def add(self, request: ListRequest, given: Given, *, repeats: bool) -> None:
        self.pages += 1
        self.items += given.items
        self.repeats += repeats
        self.complete |= given.end
        self.backward |= request.backward
        self.filters_constant &= request.filters == self._first.filters

    def as_json(self) -> dict[str, Any]:
        numbers = {"pages": self.pages, "items": self.items, "repeatedCursors": self.repeats}
        if not self.is_whole:
            numbers = dict.fromkeys(numbers, INCOMPLETE)  # type: ignore[arg-type]
        return {
            "id": self.id,
            "operation": self._first.operation,
            "filters": dict(self._first.shown),
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


class Attempt:
    """A request in a walk, and the page that it was given, if it was."""

    __slots__ = (
        "_abandoned",
        "followed_by",
        "follows",
        "given",
        "outcome",
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
        self.followed_by: Attempt | None = None
        self.given: tuple[str, ...] = ()
        self.outcome = Outcome.OPEN
        self._abandoned: Callable[[], bool] = lambda: False

    @property
    def page(self) -> int | None:
        """The number of its page within the walk, from 1; None where the beginning is not known."""
        return self.walk.pages + 1 if self.walk.has_beginning else None

    def watch(self, abandoned: Callable[[], bool]) -> None:
        """While it is open, `abandoned` tells whether its client has left."""
        self._abandoned = abandoned

    @property
    def failed(self) -> bool:
        """Whether the same request again is a retry."""
        return self.outcome is Outcome.FAILED or (self.outcome is Outcome.OPEN and self._abandoned())

    def close(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._abandoned = lambda: False


# In the order of their coming; a dict, since any of them may go.
_Attempts = dict[Attempt, None]


class Walks:
    """The walks of which the journal still has a request, in the order in which they began."""

    def __init__(self) -> None:
        self._walks: dict[str, Walk] = {}
        self._begun = 0
        self._lost = False
        # Pages by a cursor that they gave: those that nobody has gone on from, and the last of all.
        self._ends: dict[str, _Attempts] = {}
        self._givers: dict[str, Attempt] = {}
        # Walks that wait for their first page, by what their first request asked for.
        self._unserved: dict[ListRequest, _Attempts] = {}

    def __iter__(self) -> Iterator[Walk]:
        return iter(list(self._walks.values()))  # At once, since the worker asks while requests come.

    def join(self, request: ListRequest) -> Attempt:
        """The attempt that a request is, in the walk that it belongs to or begins."""
        attempt = self._joining(request)
        attempt.walk.kept += 1
        if attempt.follows is not None:
            if attempt.follows.followed_by is not None:
                attempt.follows.followed_by.close(Outcome.FAILED)
            attempt.follows.followed_by = attempt
        elif not attempt.walk.pages:
            self._unserved.setdefault(request, {})[attempt] = None
        return attempt

    def _joining(self, request: ListRequest) -> Attempt:
        cursor = request.cursor
        end = self._end(cursor) if cursor is not None else None
        if end is not None:
            # A page that leads to itself is a repeat too.
            again = (end.request.cursor, end.request.backward) == (cursor, request.backward)
            return Attempt(end.walk, request, end, repeats=again)
        if cursor in self._givers:
            return Attempt(self._givers[cursor].walk, request, None, repeats=True)
        for attempt in reversed(self._unserved.get(request, {})):
            if attempt.failed:
                attempt.close(Outcome.FAILED)
                return Attempt(attempt.walk, request, None, repeats=False)
        return Attempt(self._begin(request), request, None, repeats=False)

    def _end(self, cursor: str) -> Attempt | None:
        for attempt in reversed(self._ends.get(cursor, {})):
            if attempt.followed_by is None or attempt.followed_by.failed:
                return attempt
        return None

    def _begin(self, request: ListRequest) -> Walk:
        self._begun += 1
        is_whole = request.cursor is None or not self._lost
        walk = Walk(f"walk-{self._begun}", request, is_whole=is_whole)
        self._walks[walk.id] = walk
        return walk

    def serve(self, attempt: Attempt, given: Given) -> None:
        """The attempt was answered with a page, and nothing cut that."""
        if attempt.outcome is not Outcome.OPEN:
            return  # Its client had left, and has asked again.
        attempt.close(Outcome.SERVED)
        attempt.walk.add(attempt.request, given, repeats=attempt.repeats)
        self._settle(attempt)
        attempt.given = given.cursors
        for cursor in given.cursors:
            self._ends.setdefault(cursor, {})[attempt] = None
            self._givers[cursor] = attempt

    def fail(self, attempt: Attempt) -> None:
        attempt.close(Outcome.FAILED)

    def _settle(self, attempt: Attempt) -> None:
        """What the attempt has gone on from is no end any more, nor does its walk wait."""
        if attempt.follows is not None:
            self._take_ends(attempt.follows)
            attempt.follows = None
        waiting = self._unserved.get(attempt.request, {})
        for each in [other for other in waiting if other.walk is attempt.walk]:
            self._discard(self._unserved, attempt.request, each)

    def forget(self, attempt: Attempt) -> None:
        """The journal has dropped the attempt."""
        self._lost = True
        walk = attempt.walk
        walk.kept -= 1
        walk.is_whole = False
        if not walk.kept:
            self._walks.pop(walk.id, None)
        self._take_ends(attempt)
        for cursor in attempt.given:
            if self._givers.get(cursor) is attempt:
                del self._givers[cursor]
        self._discard(self._unserved, attempt.request, attempt)

    def _take_ends(self, attempt: Attempt) -> None:
        for cursor in attempt.given:
            self._discard(self._ends, cursor, attempt)

    @staticmethod
    def _discard(index: dict[Any, _Attempts], key: Any, attempt: Attempt) -> None:
        attempts = index.get(key, {})
        attempts.pop(attempt, None)
        if not attempts:
            index.pop(key, None)
