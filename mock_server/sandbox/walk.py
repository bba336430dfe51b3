"""A walk: list requests that belong together, page by page, and what is known of each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.lists.filters import Filter

# Stands for a number that depends on requests which the journal has dropped.
INCOMPLETE = "incomplete"


class PageGiven(NamedTuple):
    """What a page gave the client: how many items, which cursors, and whether the walk ends there."""

    items: int
    cursors: tuple[str, ...]
    is_end: bool


class ListRequest(NamedTuple):
    """What a list request asks for, as far as walks are told apart by it.

    `filter_texts` are its filters as they were sent, e.g. `(("name", "api"),)`, `cursor` the text that
    was sent.
    """

    operation: str
    filters: frozenset[Filter]
    filter_texts: tuple[tuple[str, str], ...]
    cursor: str | None
    is_backward: bool


@dataclass(slots=True, eq=False)
class Walk:
    """A walk, and what is known of it so far.

    `filters` is a hash of the filters that it began with. `is_whole` is whether the journal still has
    all of its requests, `has_beginning` whether it had the first; `kept` is how many it still has.
    `last_request` is the journal's id of the last one. `is_disturbed` is whether a page was broken.
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

    @property
    def given_up(self) -> Violation | None:
        """Return the warning of a walk whose client went on from the first page, but not to the end.

        A broken page may have ended the walk, which is no mistake of the client's. The client may yet
        go on.
        """
        if self.is_complete or self.pages < 2 or self.is_disturbed:
            return None
        message = (
            f"A walk was given up after {self.pages} pages, before its end; follow the cursors until a "
            "page has none, or ask for fewer items."
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
        }


class State(Enum):
    """How far a request of a walk has come."""

    OPEN = 1
    SERVED = 2
    FAILED = 3


def never() -> bool:
    """Tell that a client has not left: of requests that have ended, nobody asks."""
    return False


@dataclass(slots=True, eq=False)
class Attempt:
    """A request in a walk, and the page that it was given, if it was.

    `page` is the number of its page within the walk, from 1; None where the walk's beginning is not
    known. `follows` is the page that gave its cursor. `has_left` tells, while it is open, whether its
    client has left. `is_kept` is whether the journal still has it. `items` is None until it was given a
    page; `cursors` are those that the page gave.
    """

    walk: Walk
    request: ListRequest
    follows: Attempt | None
    is_repeat: bool
    page: int | None
    changes_filters: bool
    is_retry: bool = False
    is_kept: bool = True
    followed_by: Attempt | None = None
    cursors: tuple[str, ...] = ()
    items: int | None = None
    is_end: bool = False
    state: State = State.OPEN
    has_left: Callable[[], bool] = field(default=never)

    @property
    def has_failed(self) -> bool:
        """Tell whether the same request again is a retry."""
        return self.state is State.FAILED or (self.state is State.OPEN and self.has_left())

    def as_json(self) -> dict[str, Any]:
        """Return what the request was in its walk, as far as is known now."""
        return {
            "page": self.page,
            "items": self.items,
            "end": self.is_end,
            "failed": self.state is State.FAILED,
            "repeat": self.is_repeat,
            "retry": self.is_retry,
            "backward": self.request.is_backward,
            "filtersChanged": self.changes_filters,
        }
