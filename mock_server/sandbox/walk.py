"""A walk: the requests with which a client reads a list page by page, and one attempt among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.lists.filters import Filter
from mock_server.lists.sorting import Sort
from mock_server.sandbox.spans import Spans

# Shown in place of a number that depends on dropped requests.
INCOMPLETE = "incomplete"


class PageGiven(NamedTuple):
    """What a page gave the client: how many items, what leads on, and whether the walk ends with it.

    `cursors` are the texts that a client may send for a page beside this one: cursors, tokens, ids of
    items, or the numbers of pages and offsets. `start` and `stop` say which of all items the page has,
    even where a fault left some out.
    """

    items: int
    cursors: tuple[str, ...]
    is_end: bool
    start: int = 0
    stop: int = 0


class ListRequest(NamedTuple):
    """A list request, as far as it decides which walk the request belongs to.

    - `operation`: an id
    - `filters`: with the order, if the list is sorted
    - `filter_texts`: the filters as sent, e.g. `(("name", "api"),)`
    - `cursor`: the text that was sent for the page's place, e.g. a cursor or a number; None for a first
      page, even one that was asked for by its number
    - `is_backward`: whether it asks for the page before a place
    - `scope`: what tells the list apart from others that take the same texts, e.g. its path
    - `start`: how many items come before the page, where a number says its place; else None
    - `limit`: the size of the page, where pages are numbered by it; else None
    - `first`: the text by which a first page was asked for, e.g. `1`; None where none was sent
    - `onward`: how a client goes on from page to page, as a message says it
    """

    operation: str
    filters: frozenset[Filter | Sort]
    filter_texts: tuple[tuple[str, str], ...]
    cursor: str | None
    is_backward: bool
    scope: str = ""
    start: int | None = None
    limit: int | None = None
    first: str | None = None
    onward: str = "go on from page to page to the last"


@dataclass(slots=True, eq=False)
class Walk:
    """A walk, as far as it has come.

    - `operation`: the id of the list
    - `filters`, `filter_texts`: a hash of the filters of its first request, and their texts
    - `is_whole`: whether the journal still has all of its requests
    - `has_beginning`: whether the journal had its first request
    - `kept`: how many of its requests the journal still has
    - `last_request`: the id of its newest request
    - `last_page`: the newest request that got a page
    - `pages`, `items`, `repeats`: the numbers of pages, of items, and of pages asked for with a cursor
      that was used before
    - `is_complete`: whether it has come to its end
    - `is_backward`: whether a request went to a previous page
    - `is_disturbed`: whether a fault broke one of its pages
    - `onward`: how its client goes on from page to page, as a message says it
    - `spans`: the items that it has read, where numbers say which; None where cursors lead on
    - `end`: how many items there were when it came to the last page by a number; None before that
    - `under_way`: its requests without an answer, by how many items come before their pages
    - `numbers`: a hash of what is the same in all requests of a walk by numbers
    """

    id: str
    operation: str
    filters: int
    filter_texts: tuple[tuple[str, str], ...]
    is_whole: bool
    has_beginning: bool
    kept: int = 0
    last_request: str = ""
    last_page: Attempt | None = None
    pages: int = 0
    items: int = 0
    repeats: int = 0
    is_complete: bool = False
    is_backward: bool = False
    is_disturbed: bool = False
    has_constant_filters: bool = True
    onward: str = ""
    spans: Spans | None = None
    end: int | None = None
    under_way: dict[int, Attempt] = field(default_factory=dict)
    numbers: int | None = None

    def has_page(self, start: int) -> bool:
        """Tell whether the page after `start` items was read, or is asked for by a request under way."""
        asked = self.under_way.get(start)
        is_asked = asked is not None and not asked.has_failed
        return is_asked or (self.spans is not None and start in self.spans)

    def is_cut_by(self, request: ListRequest) -> bool:
        """Tell whether a page begins among the items that were read, with some of them on it."""
        start, spans = request.start or 0, self.spans
        return request.limit is None and spans is not None and start - 1 in spans and start in spans

    @property
    def gap(self) -> tuple[int, int] | None:
        """The first items that were left out: how many come before them, and with them; None without."""
        if self.spans is None:
            return None
        begin = 0 if self.has_beginning else self.spans.start
        return self.spans.first_gap(begin, max(self.spans.stop, self.end or 0))

    @property
    def given_up_warning(self) -> Violation | None:
        """Return the warning of a walk whose client went on from the first page, but not to the end.

        The other warning is that it left out some of the pages before. None where there is nothing to
        warn of, or where a page was broken, which may have made the client stop. The client may still go
        on after this warning.
        """
        if self.is_complete or self.pages < 2 or self.is_disturbed:
            return None
        if self.gap is not None:
            before, last = self.gap
            left_out = f"record {last}" if last == before + 1 else f"the records {before + 1} to {last}"
            message = f"A walk of {self.pages} pages left out {left_out} of the list; {self.onward}."
            return Violation("pagesSkipped", message, "")
        message = (
            f"A walk was given up after {self.pages} pages, before its end; {self.onward}, or ask for "
            "fewer items."
        )
        return Violation("walkGivenUp", message, "")

    def as_json(self) -> dict[str, Any]:
        """Return the walk as the control API shows it."""
        numbers: dict[str, int | str] = {
            "pages": self.pages,
            "items": self.items,
            "repeatedCursors": self.repeats,
        }
        if not self.is_whole:
            numbers = dict.fromkeys(numbers, INCOMPLETE)
        return {
            "id": self.id,
            "operation": self.operation,
            "filters": dict(self.filter_texts),
            **numbers,
            "complete": self.is_complete,
            "filtersConstant": self.has_constant_filters,
            "backward": self.is_backward,
            "gapless": self.gap is None,
        }


class State(Enum):
    """Whether a request of a walk is under way, was served a page, or has failed."""

    OPEN = 1
    SERVED = 2
    FAILED = 3


def never() -> bool:
    """Return False: the `has_left` of requests that have ended, which need no connection any more."""
    return False


@dataclass(slots=True, eq=False)
class Attempt:
    """A request in a walk, and the page that it got.

    - `follows`: the request whose page gave the cursor, None for a first page or a repeat
    - `followed_by`: the request that went on from this one's page
    - `is_repeat`: whether it asks with a cursor that was used before
    - `page`: the number of its page, from 1: that in the list, where pages have numbers, else in
      the walk, None where its beginning is unknown
    - `changes_filters`: whether its filters differ from those of the walk's first request
    - `changes_limit`: whether pages are numbered by another size than that of the page before
    - `is_beyond`: whether it goes on from a page that lay beyond the end already
    - `is_overlapping`: whether its page begins among items that the walk has read
    - `is_backward`: whether it asks for a page before the one that it goes on from
    - `is_retry`: whether the same request failed before
    - `is_kept`: whether the journal still has it
    - `keys`: by which a request that goes on from its page finds it, see `walks`; empty without one
    - `items`, `is_end`: those of the page that it got; `items` is None without one
    - `has_left`: tells whether its client has left, while it is under way
    """

    walk: Walk
    request: ListRequest
    follows: Attempt | None
    is_repeat: bool
    page: int | None
    changes_filters: bool
    changes_limit: bool = False
    is_beyond: bool = False
    is_overlapping: bool = False
    is_backward: bool = False
    is_retry: bool = False
    is_kept: bool = True
    followed_by: Attempt | None = None
    keys: Sequence[object] = ()
    items: int | None = None
    is_end: bool = False
    state: State = State.OPEN
    has_left: Callable[[], bool] = field(default=never)

    @property
    def has_failed(self) -> bool:
        """Tell whether the request got no page, so that the same request again is a retry."""
        return self.state is State.FAILED or (self.state is State.OPEN and self.has_left())

    @property
    def skips(self) -> bool:
        """Tell whether the items right before its page were not read, by now."""
        start, spans = self.request.start, self.walk.spans
        if not start or not self.items or spans is None:
            return False
        return start - 1 not in spans

    def as_json(self) -> dict[str, Any]:
        """Return what the request is in its walk, as the control API shows it."""
        return {
            "page": self.page,
            "items": self.items,
            "end": self.is_end,
            "failed": self.state is State.FAILED,
            "repeat": self.is_repeat,
            "retry": self.is_retry,
            "backward": self.is_backward,
            "filtersChanged": self.changes_filters,
            "skips": self.skips,
        }
