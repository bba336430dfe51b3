"""Pages: forwards and backwards, whatever matches, everything comes once and in order."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mock_server.lists import cursors, pages

matching = st.sets(st.integers(-50, 300), max_size=120).map(sorted)
limits = st.integers(1, 100)


@given(matching, limits)
def test_forward_paging_yields_everything_once_in_order(found: list[int], limit: int) -> None:
    page = pages.assemble(found, limit)
    walked = list(page.positions)
    assert page.before is None
    while page.after is not None:
        page = pages.assemble(found, limit, after=page.after)
        assert page.total == len(found)
        walked += page.positions
    assert walked == found


@given(matching, limits)
def test_backward_paging_yields_everything_once_in_order(found: list[int], limit: int) -> None:
    page = pages.assemble(found, limit, after=10**6)
    walked: list[int] = []
    while page.before is not None:
        page = pages.assemble(found, limit, before=page.before)
        walked = [*page.positions, *walked]
    assert walked == found


@given(matching, limits, st.integers(-60, 310))
def test_a_page_and_the_way_back_meet_at_any_cursor(found: list[int], limit: int, cursor: int) -> None:
    page = pages.assemble(found, limit, after=cursor)
    assert list(page.positions) == [p for p in found if p > cursor][:limit]
    assert (page.before is None) == (not any(p <= cursor for p in found))
    if page.before is not None:
        back = pages.assemble(found, limit, before=page.before)
        assert list(back.positions) == [p for p in found if p <= cursor][-limit:]


@given(matching, limits, st.integers(-60, 310))
def test_a_page_before_any_cursor_leads_on(found: list[int], limit: int, cursor: int) -> None:
    page = pages.assemble(found, limit, before=cursor)
    assert list(page.positions) == [p for p in found if p < cursor][-limit:]
    assert (page.after is None) == (not any(p >= cursor for p in found))
    if page.after is not None:
        on = pages.assemble(found, limit, after=page.after)
        assert list(on.positions) == [p for p in found if p >= cursor][:limit]


def test_a_cursor_beyond_the_end_gives_an_empty_page_with_the_way_back() -> None:
    page = pages.assemble(range(5), 2, after=99)
    assert (list(page.positions), page.total, page.after) == ([], 5, None)
    assert page.before is not None
    assert list(pages.assemble(range(5), 2, before=page.before).positions) == [3, 4]


def test_the_envelope_is_compact_and_leaves_out_the_cursors_that_lead_nowhere() -> None:
    def rendered(page: pages.Page) -> bytes:
        items = [b'{"n":%d}' % position for position in page.positions]
        return pages.render(items, pages.pagination(page, "things"))

    first = rendered(pages.assemble(range(3), 1))
    cursor = cursors.encode("things", 0)
    assert first == (
        b'{"items":[{"n":0}],"pagination":{"after":"%s","totalResultSize":3}}' % cursor.encode()
    )
    only = json.loads(rendered(pages.assemble(range(3), 3)))
    assert only["pagination"] == {"totalResultSize": 3}
    none = json.loads(rendered(pages.assemble([], 3)))
    assert none == {"items": [], "pagination": {"totalResultSize": 0}}
