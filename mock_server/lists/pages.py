"""Pages: what a request asks of a list, and the window of matching positions that it gets.

How an API writes pages in requests and answers is in `convention`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from mock_server.lists import cursors

# The roles of what a page says beside its items: two cursors, and the number of all matching items.
NEXT, PREVIOUS, TOTAL = ROLES = ("next", "previous", "total")

# By role, what a page says beside its items; an absent role is not written, None is written as null.
PageInfo = dict[str, str | int | None]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of at most `limit` items, after the position `next` or before the position `previous`.

    Without either it is the first page. `cursor` is the text that was sent for the position.
    """

    limit: int
    next: int | None = None
    previous: int | None = None
    cursor: str | None = None

    @property
    def direction(self) -> str:
        """Return the role of the cursor by which a client goes on: NEXT, or PREVIOUS when going back."""
        return NEXT if self.previous is None else PREVIOUS


@dataclass(frozen=True, slots=True)
class Page:
    """The positions of a page's items, the number of all items, and the positions of its cursors.

    `next` and `previous` are None where no page lies in that direction.
    """

    positions: Sequence[int]
    total: int
    next: int | None
    previous: int | None


def cut_page(matching: Sequence[int], request: PageRequest) -> Page:
    """Return the page of the ascending positions that a request asks for.

    A cursor beyond the end gives an empty page with a cursor that leads back, and a limit of 0 gives one
    with a cursor that leads on.
    """
    if request.previous is not None:
        stop = bisect_left(matching, request.previous)
        start = max(0, stop - request.limit)
    else:
        start = 0 if request.next is None else bisect_right(matching, request.next)
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
    )


def page_info(page: Page, collection: str) -> PageInfo:
    """Return what an intact page says: its cursors, where pages follow, and the total."""
    info: PageInfo = {}
    if page.next is not None:
        info[NEXT] = cursors.encode(collection, page.next)
    if page.previous is not None:
        info[PREVIOUS] = cursors.encode(collection, page.previous)
    info[TOTAL] = page.total
    return info
