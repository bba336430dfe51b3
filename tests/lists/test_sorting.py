"""Sorting: pages of any order together are the whole list, whatever is removed or changed meanwhile."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mock_server.data.collection import Collection
from mock_server.lists import cursors
from mock_server.lists.convention import Convention
from mock_server.lists.filters import AnyOf, Filter
from mock_server.lists.order_keys import bounds_of, key_of, read_key, write_key
from mock_server.lists.pages import Listing, PageRequest, cut
from mock_server.lists.roles import CURSOR
from mock_server.lists.sorting import Sort

VALUES = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.sampled_from([0.5, "a", "b", "B", "007", "10", "2024-07-30", "2024-07-30T10:00:00+02:00"]),
    st.lists(st.sampled_from(["x", "y"]), max_size=2),
)
RECORDS = st.lists(
    st.fixed_dictionaries({"kind": st.sampled_from("ab")}, optional={"v": VALUES}), max_size=25
)
SORTS = st.builds(Sort, st.sampled_from(["v", None]), st.booleans())
FILTERS = st.sampled_from([frozenset(), frozenset([AnyOf("kind", frozenset(["a"]))])])
PAGES = Convention(CURSOR, (), {}, {})


def listed(
    collection: Collection, filters: frozenset[Filter], sort: Sort, request: PageRequest
) -> Listing:
    matching = collection.ordered(filters, sort)
    return Listing(PAGES, "things", matching, request, order=collection.order(sort))


def sent(listing: Listing, position: int) -> int:
    """Return the place that a client sends back for a position, as a cursor."""
    return cursors.decode("things", str(listing.text_of(position)))


@given(RECORDS, FILTERS, SORTS, st.integers(0, 6))
def test_a_walk_in_either_direction_gives_all_records_in_their_order(
    records: list[dict[str, Any]], filters: frozenset[Filter], sort: Sort, limit: int
) -> None:
    collection = Collection("things", records, ["v", "kind"])
    wanted = list(collection.ordered(filters, sort))
    assert sorted(wanted) == list(collection.matching(filters))
    request, read = PageRequest(limit), list[int]()
    while True:
        listing = listed(collection, filters, sort, request)
        page = cut(listing)
        read += page.positions
        if page.next is None:
            break
        # A page of no records leads on to those that it would have had.
        request = PageRequest(limit or 2, next=sent(listing, page.next))
    assert read == wanted
    back = list(page.positions)
    while page.previous is not None:
        listing = listed(collection, filters, sort, request)
        request = PageRequest(limit or 2, previous=sent(listing, page.previous))
        page = cut(listed(collection, filters, sort, request))
        back = [*page.positions, *back]
    assert back == wanted


@given(RECORDS, SORTS, st.data())
def test_a_cursor_leads_on_where_its_record_is_gone_or_has_another_value(
    records: list[dict[str, Any]], sort: Sort, data: st.DataObject
) -> None:
    collection = Collection("things", records, ["v", "kind"])
    wanted = list(collection.ordered(frozenset(), sort))
    if not wanted:
        return
    index = data.draw(st.integers(0, len(wanted) - 1))
    cursor = sent(listed(collection, frozenset(), sort, PageRequest(1)), wanted[index])
    if data.draw(st.booleans()):
        changed = collection.without_record(wanted[index])
    else:
        changed = collection.with_record(wanted[index], {"v": data.draw(VALUES), "kind": "a"})
    changed = changed.with_records([{"kind": "b"}]).without_record(-1)
    after = cut(listed(changed, frozenset(), sort, PageRequest(99, next=cursor))).positions
    before = cut(listed(changed, frozenset(), sort, PageRequest(99, previous=cursor))).positions
    own = {wanted[index]} if sort.field is not None else set()
    assert [p for p in after if p not in own] == [p for p in wanted[index + 1 :] if p not in own]
    assert [p for p in before if p not in own] == [p for p in wanted[:index] if p not in own]


@given(st.one_of(st.text(max_size=120), st.sampled_from(["1e3", "-0.5", "2024-02-30", "0", "00", "-"])))
def test_a_key_comes_back_as_it_was_written(text: str) -> None:
    assert read_key(write_key(key_of(text))) == key_of(text)


def test_a_date_names_a_whole_day_and_a_moment_itself() -> None:
    day, moment = bounds_of("2024-07-30"), bounds_of("2024-07-30T23:59:59.999999Z")
    assert day is not None
    assert moment is not None
    assert day[1] == moment[0] == moment[1]
    assert key_of("2024-07-30T02:00:00+02:00") == day[0] == key_of("2024-07-30T00:00")
    assert bounds_of("10") == (key_of("10.0"), key_of("1e1"))
    assert bounds_of("soon") is bounds_of("2024-13-01") is None
