"""Walks by the numbers of pages and by offsets, which say nothing of the walk that they belong to."""

from __future__ import annotations

import pytest

from mock_server.lists.filters import Contains
from mock_server.sandbox.walk import Attempt, ListRequest, PageGiven
from mock_server.sandbox.walks import Walks

PAGES, SIZE = 4, 10


def asking(page: int, kind: str = "", *, limit: int = SIZE, explicit: bool = True) -> ListRequest:
    """A request for a page by its number; the first one may be asked for without it."""
    filters = frozenset([Contains("name", kind)] if kind else [])
    is_first = page == 1
    return ListRequest(
        "list", filters, (("name", kind),) if kind else (), None if is_first else str(page), False,
        scope="/list", start=(page - 1) * limit, limit=limit,
        first="1" if is_first and explicit else None,
    )  # fmt: skip


def read(
    walks: Walks, page: int, kind: str = "", *, limit: int = SIZE, explicit: bool = True
) -> Attempt:
    attempt = walks.join(asking(page, kind, limit=limit, explicit=explicit))
    beside = [str(number) for number in (page + 1, page - 1) if number > 0]
    items = SIZE if page <= PAGES else 0
    start = min((page - 1) * limit, PAGES * SIZE)
    stop = min(start + limit, PAGES * SIZE)
    walks.serve(attempt, PageGiven(items, tuple(beside), page >= PAGES, start, stop))
    return attempt


def summary(walks: Walks) -> list[tuple[int, bool, int, bool]]:
    """The pages of each walk, whether it came to its end, its repeats, and whether it went back."""
    return [(walk.pages, walk.is_complete, walk.repeats, walk.is_backward) for walk in walks]


def test_numbers_in_turn_are_one_walk_to_the_end() -> None:
    walks = Walks()
    for number in range(1, PAGES + 1):
        read(walks, number)
    assert summary(walks) == [(PAGES, True, 0, False)]


def test_the_first_page_begins_a_walk_with_its_number_and_without() -> None:
    walks = Walks()
    for explicit in (True, False):
        read(walks, 1, explicit=explicit)
        read(walks, 2)
    assert summary(walks) == [(2, False, 0, False), (2, False, 0, False)]


def test_walks_side_by_side_by_the_same_numbers_are_told_apart() -> None:
    walks = Walks()
    for number in (1, 1, 2, 2, 3, 3, 4, 4):
        read(walks, number)
    assert summary(walks) == [(PAGES, True, 0, False), (PAGES, True, 0, False)]


def test_a_walk_that_is_ahead_does_not_take_a_page_from_one_that_comes_to_it() -> None:
    walks = Walks()
    for number in (1, 2):
        read(walks, number)
    read(walks, 1)
    read(walks, 3)
    assert not read(walks, 2).is_backward
    assert summary(walks) == [(3, False, 0, False), (2, False, 0, False)]


def test_lower_numbers_go_back_as_far_as_the_first_page() -> None:
    walks = Walks()
    for number in (1, 2, 3, 2, 1):
        read(walks, number)
    assert summary(walks) == [(5, False, 0, True)]


def test_a_number_that_was_asked_for_before_is_a_repeat() -> None:
    walks = Walks()
    for number in (1, 2, 2):
        attempt = read(walks, number)
    assert attempt.is_repeat
    assert summary(walks) == [(3, False, 1, False)]


def test_a_page_by_another_size_goes_on_from_the_walk_with_a_note_of_that() -> None:
    walks = Walks()
    read(walks, 1)
    assert not read(walks, 2).changes_limit
    assert read(walks, 3, limit=20).changes_limit
    assert len(summary(walks)) == 1


def test_of_two_walks_by_different_sizes_each_goes_on_by_its_own() -> None:
    walks = Walks()
    read(walks, 1, limit=10)
    read(walks, 1, limit=20)
    assert not read(walks, 2, limit=10).changes_limit
    assert not read(walks, 2, limit=20).changes_limit
    assert [walk.pages for walk in walks] == [2, 2]


def test_other_filters_on_a_later_page_are_noted() -> None:
    walks = Walks()
    read(walks, 1, "round")
    assert read(walks, 2, "").changes_filters


def test_one_page_beyond_the_end_tells_a_client_to_stop_and_a_second_is_noted() -> None:
    walks = Walks()
    for number in range(1, PAGES + 2):
        assert not read(walks, number).is_beyond
    assert read(walks, PAGES + 2).is_beyond
    assert len(summary(walks)) == 1


def test_lists_with_the_same_numbers_are_walked_apart() -> None:
    walks = Walks()
    read(walks, 1)
    elsewhere = walks.join(asking(2)._replace(scope="/others/7"))
    assert elsewhere.follows is None
    assert not elsewhere.is_repeat


def test_a_walk_by_numbers_that_is_given_up_says_how_to_go_on() -> None:
    walks = Walks()
    read(walks, 1)
    attempt = read(walks, 2)
    warning = attempt.walk.given_up_warning
    assert warning is not None
    assert warning.code == "walkGivenUp"
    assert "go on from page to page" in warning.message


@pytest.mark.parametrize(
    "order", [(1, 3, 2, 4), (1, 4, 3, 2), (4, 3, 2, 1), (3, 1, 2, 4), (1, 2, 4, 3), (2, 4, 1, 3)]
)
def test_pages_that_are_asked_for_in_another_order_are_one_whole_walk(order: tuple[int, ...]) -> None:
    walks = Walks()
    for number in order:
        attempt = read(walks, number)
    assert [(walk.pages, walk.is_complete, walk.repeats) for walk in walks] == [(PAGES, True, 0)]
    assert attempt.walk.given_up_warning is None


def test_pages_that_are_asked_for_at_once_are_one_whole_walk() -> None:
    walks = Walks()
    read(walks, 1)
    attempts = [walks.join(asking(number)) for number in (2, 3, 4)]
    for number, attempt in reversed([*enumerate(attempts, 2)]):
        start = (number - 1) * SIZE
        given = PageGiven(SIZE, (str(number + 1), str(number - 1)), number == PAGES, start, start + SIZE)
        walks.serve(attempt, given)
    assert summary(walks) == [(PAGES, True, 0, False)]
    assert not any(attempt.skips for attempt in attempts)


@pytest.mark.parametrize(
    ("pages", "left_out"),
    [((1, 3, 4), "records 11 to 20"), ((2, 3, 4), "records 1 to 10"), ((3, 4, 1), "records 11 to 20")],
)
def test_a_walk_that_leaves_out_a_page_is_not_complete(pages: tuple[int, ...], left_out: str) -> None:
    walks = Walks()
    attempts = [read(walks, number) for number in pages]
    assert [(walk.pages, walk.is_complete) for walk in walks] == [(3, False)]
    assert [attempt.skips for attempt in attempts].count(True) == 1
    warning = attempts[-1].walk.given_up_warning
    assert warning is not None
    assert (warning.code, left_out in warning.message) == ("pagesSkipped", True)


def test_pages_of_another_size_leave_out_what_lies_between() -> None:
    walks = Walks()
    for number, limit in ((1, SIZE), (2, 2 * SIZE)):
        attempt = read(walks, number, limit=limit)
    assert not attempt.walk.is_complete
    assert attempt.walk.gap == (10, 20)


def test_a_failed_page_that_is_asked_for_again_is_in_its_walk() -> None:
    walks = Walks()
    read(walks, 1)
    walks.fail(walks.join(asking(3)))
    for number in (3, 2, 4):
        read(walks, number)
    assert [(walk.pages, walk.is_complete, walk.repeats) for walk in walks] == [(4, True, 0)]


def test_an_offset_among_the_items_that_were_read_overlaps() -> None:
    walks = Walks()
    for start in (0, 1):
        text = str(start) if start else None
        request = ListRequest("list", frozenset(), (), text, False, scope="/list", start=start)
        attempt = walks.join(request)
        walks.serve(
            attempt, PageGiven(10, (str(start + 10),), is_end=False, start=start, stop=start + 10)
        )
    assert attempt.is_overlapping
    assert [walk.pages for walk in walks] == [2]


def test_walks_that_are_forgotten_leave_no_numbers_behind() -> None:
    walks = Walks()
    attempts = [read(walks, number) for number in (1, 3)]
    for attempt in attempts:
        walks.forget(attempt)
    assert not walks._numbered
    assert not attempts[0].walk.under_way


def test_pages_before_the_ones_that_are_still_known_are_not_taken_for_left_out() -> None:
    walks = Walks()
    walks.forget(read(walks, 1))
    for number in range(2, PAGES + 1):
        read(walks, number)
    assert [(walk.gap, walk.is_complete) for walk in walks] == [(None, True)]


def test_a_walk_of_many_pages_apart_takes_no_further_one() -> None:
    walks = Walks()
    for place in (*range(0, 200, 2), 1, 201):
        request = ListRequest("list", frozenset(), (), str(place), False, start=place, limit=1)
        walks.serve(walks.join(request), PageGiven(1, (), False, place, place + 1))
    # Page 1 would have met two others, but the walk had too many ranges to look for its place.
    assert [walk.pages for walk in walks] == [100, 2]
