"""Walks: the list requests of an account, put together into the walks that they belong to.

A request for a first page starts a walk. One with a cursor goes on from the last page that gave the
cursor and that no request has gone on from; if there is none, it repeats a page. A request that comes
again after it failed is a retry, which goes on from the same page as the first one.

A cursor is any text for a page's place here: the number of a page that no request has gone on from is
such a text, too. Numbers need not come in turn, since a client may ask for several pages at once: a
page that no page leads to belongs to the newest walk that lacks it. Only such a walk, or one that goes
backward by numbers, comes back to the first page; any other request for it starts a walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from mock_server.sandbox.spans import Spans
from mock_server.sandbox.walk import Attempt, ListRequest, PageGiven, State, Walk, never
from mock_server.shown_text import printable

# Characters that are kept of each filter of a walk after one of its requests was dropped.
_ABRIDGED = 200

# The walks by the same numbers, and the ranges of one, among which a page finds its place.
_RECENT = 20
_SPANS = 100


class _PagesByCursor:
    """Pages by their cursors, and by their cursors together with filters."""

    def __init__(self) -> None:
        # In the order in which they were added; dicts without values, since any page may be discarded.
        self._pages: dict[object, dict[Attempt, None]] = {}

    def add(self, page: Attempt) -> None:
        for key in page.keys:
            self._pages.setdefault(key, {})[page] = None

    def discard(self, page: Attempt) -> None:
        for key in page.keys:
            pages = self._pages.get(key, {})
            pages.pop(page, None)
            if not pages:
                self._pages.pop(key, None)

    def find(self, cursor: str, request: ListRequest) -> Attempt | None:
        """Return the newest page from which a request goes on by a cursor; None if there is none.

        A page with the request's filters and page size is preferred, and of numbered pages one before
        the page asked for, since one after it gives its number too. A page from which another request
        has gone on without failing does not count.
        """
        for key in _keys(cursor, request):
            behind = None
            for page in reversed(self._pages.get(key, {})):
                if page.followed_by is None or page.followed_by.has_failed:
                    if request.start is None or (page.request.start or 0) < request.start:
                        return page
                    behind = behind or page
            if behind is not None:
                return behind
        return None


def _keys(cursor: str, request: ListRequest) -> tuple[object, ...]:
    """Return the keys of the pages that give a cursor, those nearest to a request first."""
    place = (request.scope, cursor) if request.scope else cursor
    with_filters = (place, request.filters)
    if request.limit is None:
        return with_filters, place
    return (*with_filters, request.limit), with_filters, place


def _numbers_of(request: ListRequest) -> int:
    """Return a hash of what is the same in all requests of a walk by numbers."""
    return hash((request.operation, request.scope, request.filters, request.limit))


class Walks:
    """The walks of which the journal still has a request, in the order in which they began."""

    def __init__(self, on_gone: Callable[[Walk], None] = lambda _walk: None) -> None:
        """Call `on_gone` with each walk whose last request is dropped."""
        self._on_gone = on_gone
        self._walks: dict[str, Walk] = {}
        self._begun = 0
        self._has_dropped = False
        self._last_pages = _PagesByCursor()
        # The newest pages that gave a cursor, by cursor, and by cursor and filters.
        self._newest_pages: dict[object, Attempt] = {}
        # Requests for first pages that got none yet; dicts without values, since any may be removed.
        self._unserved: dict[ListRequest, dict[Attempt, None]] = {}
        # The walks by numbers, by their `numbers`.
        self._numbered: dict[int, dict[Walk, None]] = {}

    def __iter__(self) -> Iterator[Walk]:
        return iter(list(self._walks.values()))  # A copy: a worker thread may iterate.

    def join(self, request: ListRequest) -> Attempt:
        """Return the attempt of a request, in the walk that it belongs to or begins."""
        attempt = self._attempt(request)
        attempt.walk.kept += 1
        self._walks.setdefault(attempt.walk.id, attempt.walk)
        if attempt.follows is not None:
            attempt.follows.followed_by = attempt
        elif not attempt.walk.pages:
            self._unserved.setdefault(request, {})[attempt] = None
        if request.start is not None:
            attempt.walk.under_way[request.start] = attempt
        return attempt

    def _attempt(self, request: ListRequest) -> Attempt:
        return (
            self._go_on(request)
            or self._repeat(request)
            or self._ask_first_again(request)
            or self._fill_in(request)
            or _attempt_in(self._begin(request), request)
        )

    def _go_on(self, request: ListRequest) -> Attempt | None:
        """Return the attempt of a request that goes on from a page; None where it doesn't."""
        text = request.first if request.cursor is None else request.cursor
        page = None if text is None else self._last_pages.find(text, request)
        if page is None or (request.cursor is None and not page.is_backward):
            return None
        return self._go_on_from(page, request)

    def _repeat(self, request: ListRequest) -> Attempt | None:
        for key in () if request.cursor is None else _keys(request.cursor, request):
            if key in self._newest_pages:
                walk = self._newest_pages[key].walk
                # A page's number leads to it also where it was passed over.
                if request.start is None or walk.has_page(request.start):
                    return _attempt_in(walk, request, is_repeat=True)
        return None

    def _ask_first_again(self, request: ListRequest) -> Attempt | None:
        for attempt in reversed(self._unserved.get(request, {})):
            if attempt.has_failed:
                _close(attempt, State.FAILED)
                self._remove_unserved(attempt)  # One failure has one retry.
                return _attempt_in(attempt.walk, request)
        return None

    def _fill_in(self, request: ListRequest) -> Attempt | None:
        """Return the attempt of a page by its number that no page leads to, in a walk that lacks it."""
        walk = None if request.start is None else self._lacking(request, request.start)
        if walk is None:
            return None
        attempt = _attempt_in(walk, request)
        attempt.is_overlapping = walk.is_cut_by(request)
        return attempt

    def _lacking(self, request: ListRequest, start: int) -> Walk | None:
        """Return the newest walk by the same numbers that lacks a page, or that the page cuts into."""
        walks = self._numbered.get(_numbers_of(request), {})
        for walk in islice(reversed(walks), _RECENT):
            is_open = not walk.is_complete and walk.spans is not None and len(walk.spans) < _SPANS
            if is_open and (not walk.has_page(start) or walk.is_cut_by(request)):
                return walk
        return None

    def _go_on_from(self, last_page: Attempt, request: ListRequest) -> Attempt:
        # A page whose cursor is the one it was asked for with leads to itself: a repeat too, unless it
        # was empty, as a broken one may be.
        before = last_page.request
        again = (before.cursor, before.is_backward) == (request.cursor, request.is_backward)
        is_repeat = again and last_page.items != 0
        attempt = _attempt_in(last_page.walk, request, follows=last_page, is_repeat=is_repeat)
        if last_page.followed_by is not None:
            _close(last_page.followed_by, State.FAILED)
            attempt.is_retry = True
        return attempt

    def _begin(self, request: ListRequest) -> Walk:
        self._begun += 1
        is_whole = request.cursor is None or not self._has_dropped
        is_numbered = request.start is not None
        walk = Walk(
            f"walk-{self._begun}",
            request.operation,
            hash(request.filters),
            request.filter_texts,
            is_whole=is_whole,
            has_beginning=is_whole,
            onward=request.onward,
            spans=Spans() if is_numbered else None,
            numbers=_numbers_of(request) if is_numbered else None,
        )
        if walk.numbers is not None:
            self._numbered.setdefault(walk.numbers, {})[walk] = None
        return walk

    def serve(self, attempt: Attempt, given: PageGiven) -> None:
        """Add the page that an attempt got to its walk; nothing has cut the answer short."""
        if attempt.state is not State.OPEN:
            return  # Its client had left, and has asked again.
        _close(attempt, State.SERVED)
        attempt.items, attempt.is_end = given.items, given.is_end
        walk = attempt.walk
        _add_page(walk, attempt, given)
        attempt.follows = None
        for unserved in [a for a in self._unserved.get(attempt.request, {}) if a.walk is walk]:
            self._remove_unserved(unserved)
        if walk.last_page is not None:
            self._last_pages.discard(walk.last_page)
        if walk.id not in self._walks:
            return  # The journal has dropped the whole walk meanwhile.
        walk.last_page = attempt
        attempt.keys = [key for cursor in given.cursors for key in _keys(cursor, attempt.request)]
        self._last_pages.add(attempt)
        for key in attempt.keys if attempt.is_kept else ():
            self._newest_pages[key] = attempt

    def fail(self, attempt: Attempt) -> None:
        """Mark an attempt as failed, since it got no page."""
        _close(attempt, State.FAILED)

    def forget(self, attempt: Attempt) -> None:
        """Remove an attempt that the journal has dropped."""
        self._has_dropped = True
        walk = attempt.walk
        walk.kept -= 1
        walk.is_whole = attempt.is_kept = False
        if walk.kept:
            # Shortened, since the dropped request no longer counts for the memory of these texts.
            abridged = [(name, printable(text, _ABRIDGED)) for name, text in walk.filter_texts]
            walk.filter_texts = tuple(abridged)
        else:
            self._remove(walk)
        for key in attempt.keys:
            if self._newest_pages.get(key) is attempt:
                del self._newest_pages[key]
        self._remove_unserved(attempt)

    def _remove(self, walk: Walk) -> None:
        if self._walks.pop(walk.id, None) is not None:
            self._on_gone(walk)
            self._remove_numbered(walk)
        if walk.last_page is not None:
            self._last_pages.discard(walk.last_page)
            walk.last_page = None  # Else the walk and its page would keep each other in memory.

    def _remove_numbered(self, walk: Walk) -> None:
        if walk.numbers is not None:
            walks = self._numbered[walk.numbers]
            del walks[walk]
            if not walks:
                del self._numbered[walk.numbers]

    def _remove_unserved(self, attempt: Attempt) -> None:
        unserved = self._unserved.get(attempt.request, {})
        unserved.pop(attempt, None)
        if not unserved:
            self._unserved.pop(attempt.request, None)


def _attempt_in(
    walk: Walk, request: ListRequest, follows: Attempt | None = None, *, is_repeat: bool = False
) -> Attempt:
    page = walk.pages + 1 if walk.has_beginning else None
    if request.start is not None and request.limit:
        page = request.start // request.limit + 1
    attempt = Attempt(walk, request, follows, is_repeat, page, walk.filters != hash(request.filters))
    attempt.is_backward = request.is_backward
    if follows is not None and request.start is not None:
        before = follows.request
        attempt.changes_limit = before.limit != request.limit
        attempt.is_backward = request.start < (before.start or 0)
        attempt.is_beyond = follows.is_end and not follows.items and not attempt.is_backward
    return attempt


def _close(attempt: Attempt, state: State) -> None:
    attempt.state = state
    attempt.has_left = never  # So that the connection is not kept in memory.
    start, under_way = attempt.request.start, attempt.walk.under_way
    if start is not None and under_way.get(start) is attempt:
        del under_way[start]


def _add_page(walk: Walk, attempt: Attempt, given: PageGiven) -> None:
    walk.pages += 1
    walk.items += given.items
    walk.repeats += attempt.is_repeat
    if walk.spans is None:
        walk.is_complete |= given.is_end
    else:
        walk.spans.add(given.start, given.stop)
        walk.end = given.stop if given.is_end else walk.end
        walk.is_complete |= walk.end is not None and walk.gap is None
    walk.is_backward |= attempt.is_backward
    walk.has_constant_filters &= not attempt.changes_filters
