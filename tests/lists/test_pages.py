"""Pages: forwards and backwards, whatever matches, everything comes once and in order."""

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mock_server.lists import cursors
from mock_server.lists.page_sayings import sayings
from mock_server.lists.page_writer import PageWriter
from mock_server.lists.pages import Listing, Page, PageRequest, cut_page, page_info
from tests.support.conventions import CURSOR_ENVELOPE

matching = st.sets(st.integers(-50, 300), max_size=120).map(sorted)
limits = st.integers(1, 100)


def cut(
    found: Sequence[int], limit: int, following: int | None = None, preceding: int | None = None
) -> Page:
    return cut_page(found, PageRequest(limit, following, preceding))


@given(matching, limits)
def test_forward_paging_yields_everything_once_in_order(found: list[int], limit: int) -> None:
    page = cut(found, limit)
    walked = list(page.positions)
    assert page.previous is None
    while page.next is not None:
        page = cut(found, limit, following=page.next)
        assert page.total == len(found)
        walked += page.positions
    assert walked == found


@given(matching, limits)
def test_backward_paging_yields_everything_once_in_order(found: list[int], limit: int) -> None:
    page = cut(found, limit, following=10**6)
    walked: list[int] = []
    while page.previous is not None:
        page = cut(found, limit, preceding=page.previous)
        walked = [*page.positions, *walked]
    assert walked == found


@given(matching, limits, st.integers(-60, 310))
def test_a_page_and_the_way_back_meet_at_any_cursor(found: list[int], limit: int, cursor: int) -> None:
    page = cut(found, limit, following=cursor)
    assert list(page.positions) == [p for p in found if p > cursor][:limit]
    assert (page.previous is None) == (not any(p <= cursor for p in found))
    if page.previous is not None:
        back = cut(found, limit, preceding=page.previous)
        assert list(back.positions) == [p for p in found if p <= cursor][-limit:]


@given(matching, limits, st.integers(-60, 310))
def test_a_page_before_any_cursor_leads_on(found: list[int], limit: int, cursor: int) -> None:
    page = cut(found, limit, preceding=cursor)
    assert list(page.positions) == [p for p in found if p < cursor][-limit:]
    assert (page.next is None) == (not any(p >= cursor for p in found))
    if page.next is not None:
        on = cut(found, limit, following=page.next)
        assert list(on.positions) == [p for p in found if p >= cursor][:limit]


def test_a_cursor_beyond_the_end_gives_an_empty_page_with_the_way_back() -> None:
    page = cut(range(5), 2, following=99)
    assert (list(page.positions), page.total, page.next) == ([], 5, None)
    assert page.previous is not None
    assert list(cut(range(5), 2, preceding=page.previous).positions) == [3, 4]


def test_the_envelope_is_compact_and_leaves_out_the_cursors_that_lead_nowhere() -> None:
    def rendered(page: Page) -> bytes:
        items = [b'{"n":%d}' % position for position in page.positions]
        listing = Listing(CURSOR_ENVELOPE, "things", (), PageRequest(3))
        writer = PageWriter(CURSOR_ENVELOPE)
        return writer.write(items, page_info(page, listing, sayings(CURSOR_ENVELOPE))).body

    first = rendered(cut(range(3), 1))
    cursor = cursors.encode("things", 0)
    assert first == (
        b'{"items":[{"n":0}],"pagination":{"after":"%s","totalResultSize":3}}' % cursor.encode()
    )
    only = json.loads(rendered(cut(range(3), 3)))
    assert only["pagination"] == {"totalResultSize": 3}
    none = json.loads(rendered(cut([], 3)))
    assert none == {"items": [], "pagination": {"totalResultSize": 0}}
