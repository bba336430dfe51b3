"""Pages: what a request asks of a list, and the window of matching positions that it gets.

How an API writes pages in requests and answers is in `convention`; what a page says, in `page_info`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from mock_server.lists.roles import NEXT, PREVIOUS


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of at most `limit` items: after the position `next`, before `previous`, or from `start` on.

    Without any it is the first page. `start` counts the items before the page; `page` is the number that
    was sent for it. `cursor` is the text that was sent for its place, None for the first one.
    """

    limit: int
    next: int | None = None
    previous: int | None = None
    cursor: str | None = None
    start: int = 0
    page: int | None = None

    @property
    def direction(self) -> str:
        """Return the role of what a client goes on by: NEXT, or PREVIOUS when going back."""
        return NEXT if self.previous is None else PREVIOUS

    @property
    def is_first(self) -> bool:
        """Tell whether it is the page with which a walk begins."""
        return self.cursor is None


@dataclass(frozen=True, slots=True)
class Page:
    """The positions of a page's items, the number of all items, and the positions beside the page.

    `next` and `previous` are None where no page lies in that direction. `start` is how many of all items
    come before the page.
    """

    positions: Sequence[int]
    total: int
    next: int | None
    previous: int | None
    start: int = 0

    @property
    def stop(self) -> int:
        """Return how many of all items come before the page and on it."""
        return self.start + len(self.positions)


def cut_page(matching: Sequence[int], request: PageRequest) -> Page:
    """Return the page of the ascending positions that a request asks for.

    A place beyond the end gives an empty page with a way back, and a limit of 0 gives one with a way on.
    """
    if request.previous is not None:
        stop = bisect_left(matching, request.previous)
        start = max(0, stop - request.limit)
    else:
        start = request.start if request.next is None else bisect_right(matching, request.next)
        stop = start + request.limit
    positions = matching[start:stop]
    start = min(start, len(matching))
    stop = start + len(positions)
    return Page(
        positions,
        len(matching),
        # An empty page has no items to take positions from, so it takes those of its neighbours.
        next=(positions[-1] if positions else matching[stop] - 1) if stop < len(matching) else None,
        previous=(positions[0] if positions else matching[start - 1] + 1) if start > 0 else None,
        start=start,
    )
