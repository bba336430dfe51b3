"""Hostile pages: what each does to a page, and that a client which goes on still gets everything once."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.client import Sandbox
from mock_server.lists import broken_pages, cursors
from mock_server.lists.broken_pages import BrokenRequest
from mock_server.lists.page_sayings import sayings
from mock_server.lists.pages import Listing, PageRequest
from mock_server.lists.roles import NEXT, PREVIOUS
from tests.support.conventions import CURSOR_ENVELOPE
from tests.support.documents import LIST

KINDS = sorted(broken_pages.kinds_of(CURSOR_ENVELOPE))
TOTAL = CURSOR_ENVELOPE.name_of("total")
# Nothing is lost by going on from these; of a duplicate, one item comes twice.
HARMLESS = ["duplicate-item", "empty-page", "short-page"]
# Far more pages than any honest walk here has.
MANY = 300

Page = dict[str, Any]
Params = dict[str, str | int]


@pytest.fixture
def account(url: str, request: pytest.FixtureRequest) -> Sandbox:
    """An account of the test's own, with ten records."""
    sandbox = Sandbox(url, f"pages-{re.sub(r'[^!-9;-~]', '.', request.node.name)}", "secret")
    sandbox.generate(10)
    return sandbox


def ask(account: Sandbox, params: Params) -> httpx.Response:
    return httpx.get(account.url + LIST, auth=account.auth, params=params)


def page(account: Sandbox, **params: str | int) -> Page:
    answer = ask(account, params)
    assert answer.status_code == 200, answer.text
    found: Page = answer.json()
    return found


def ids(found: Page) -> list[str]:
    return [item["id"] for item in found["items"]]


def everything(account: Sandbox, **filters: str | int) -> list[str]:
    """The ids that match, in order: as an account without faults sees them."""
    calm = Sandbox(account.url, account.client_id + "-calm", "secret")
    calm.generate(10)
    return ids(page(calm, limit=100, **filters))


@dataclass
class Walk:
    """What a client that goes on to the end has seen."""

    pages: list[list[str]] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [each for found in self.pages for each in found]


def walk(account: Sandbox, params: Params, way: str = "after") -> Walk:
    """Go on as long as there is a cursor, whatever the pages hold."""
    seen, asking = Walk(), dict(params)
    with httpx.Client(auth=account.auth) as client:
        for _ in range(MANY):
            answer = client.get(account.url + LIST, params=asking)
            assert answer.status_code == 200, (len(seen.pages), answer.text)
            seen.pages.append(ids(answer.json()))
            seen.asked.append(str(asking[way]) if way in asking else None)
            cursor = answer.json()["pagination"].get(way)
            if cursor is None:
                return seen
            asking[way] = cursor
    raise AssertionError("the pagination never ends")


def behind(number: int) -> str:
    """The cursor behind so many records: where a walk backward begins, or a page in the middle."""
    return cursors.encode("usage-metrics", number - 1)


def hostile(account: Sandbox, kind: str, **params: str | int) -> tuple[Page, Page]:
    """A page as it is, and as a fault makes it."""
    honest = page(account, **params)
    account.fail({"page": kind})
    return honest, page(account, **params)


# Every place that a page of 3 of the 10 records can have: first, middle, last, and backward.
PLACES: list[Params] = [
    {},
    {"after": behind(3)},
    {"after": behind(7)},
    {"after": behind(9)},
    {"before": cursors.encode("usage-metrics", 10)},
    {"before": cursors.encode("usage-metrics", 5)},
    {"before": cursors.encode("usage-metrics", 2)},
]
everywhere = pytest.mark.parametrize(
    "place",
    PLACES,
    ids=["first", "middle", "full-last", "last", "end-back", "middle-back", "first-back"],
)


def way(place: Params) -> str:
    return "before" if "before" in place else "after"


@pytest.mark.slow
@everywhere
@pytest.mark.parametrize("kind", KINDS)
def test_only_the_page_of_the_fault_is_disturbed(account: Sandbox, kind: str, place: Params) -> None:
    honest, disturbed = hostile(account, kind, limit=3, **place)
    if kind == "repeat-page" and not place:
        # No page comes before the first one, so that the fault waits for a later one.
        assert disturbed == honest
        disturbed = page(account, limit=3, after=behind(3))
    assert page(account, limit=3, **place) == honest
    assert set(disturbed) == {"items", "pagination"}
    assert (disturbed["pagination"][TOTAL] == 10) is (kind != "wrong-total")
    known = {item["id"]: item for item in page(account, limit=100)["items"]}
    assert all(item == known[item["id"]] for item in disturbed["items"])
    account.assert_faults_fired()


@everywhere
def test_repeat_cursor(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "repeat-cursor", limit=3, **place)
    assert disturbed["items"] == honest["items"]
    cursor = disturbed["pagination"][way(place)]
    if place:
        assert cursor == place[way(place)]
    # It leads to the same page, which is honest then.
    again = page(account, limit=3, **{way(place): cursor})
    assert again["items"] == honest["items"]
    assert again["pagination"].get(way(place)) == honest["pagination"].get(way(place))


@everywhere
def test_empty_cursor(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "empty-cursor", limit=3, **place)
    assert disturbed["items"] == honest["items"]
    assert disturbed["pagination"]["after"] == ""
    # A client that sends it back is told, and does not begin again.
    answer = ask(account, {"limit": 3, "after": ""})
    assert [each["key"] for each in answer.json()["error"]["errors"]] == ["after"]


@everywhere
def test_null_cursors(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "null-cursors", limit=3, **place)
    assert disturbed["items"] == honest["items"]
    assert disturbed["pagination"] == {"after": None, "before": None, TOTAL: 10}


@everywhere
def test_empty_page(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "empty-page", limit=3, **place)
    assert disturbed["items"] == []
    cursor = disturbed["pagination"][way(place)]
    # A good paginator may stop at a cursor that it has asked with already.
    assert cursor != place.get(way(place))
    assert page(account, limit=3, **{way(place): cursor})["items"] == honest["items"]


@everywhere
def test_short_page(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "short-page", limit=3, **place)
    if len(honest["items"]) == 1:
        assert disturbed in (honest, disturbed | {"items": []})
    else:
        assert 0 < len(disturbed["items"]) < len(honest["items"])
    cursor = disturbed["pagination"].get(way(place))
    if cursor is None:
        assert disturbed == honest
        return
    rest = page(account, limit=3, **{way(place): cursor})
    if way(place) == "after":
        assert (ids(disturbed) + ids(rest))[: len(honest["items"])] == ids(honest)
    else:
        assert (ids(rest) + ids(disturbed))[-len(honest["items"]) :] == ids(honest)


@everywhere
def test_duplicate_item(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "duplicate-item", limit=3, **place)
    assert sorted(Counter(ids(disturbed)).values())[-2:] in ([1, 2], [2])
    assert set(ids(disturbed)) <= set(ids(honest))


@everywhere
def test_wrong_total(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "wrong-total", limit=3, **place)
    assert isinstance(disturbed["pagination"][TOTAL], int)
    assert disturbed["pagination"].pop(TOTAL) != honest["pagination"].pop(TOTAL)
    assert disturbed == honest


@everywhere
def test_expired_cursor(account: Sandbox, place: Params) -> None:
    honest, disturbed = hostile(account, "expired-cursor", limit=3, **place)
    assert disturbed["items"] == honest["items"]
    assert set(disturbed["pagination"]) == set(honest["pagination"])
    cursor = disturbed["pagination"].get(way(place))
    if cursor is None:
        return  # The last page has no next cursor.
    assert len(cursor) == len(behind(0))
    for _ in range(2):
        answer = ask(account, {"limit": 3, way(place): cursor})
        assert answer.status_code == 400
        assert [each["key"] for each in answer.json()["error"]["errors"]] == [way(place)]
    # The other way, and the cursor that an honest page gives, are still good.
    for name, other in honest["pagination"].items():
        if name != TOTAL:
            assert ask(account, {"limit": 3, name: other}).status_code == 200


def test_a_refused_cursor_uses_no_step(account: Sandbox) -> None:
    account.fail({"page": "expired-cursor"}, {"status": 503})
    cursor = page(account, limit=3)["pagination"]["after"]
    assert ask(account, {"after": cursor}).status_code == 400
    assert [fault["remaining"] for fault in account.faults()] == [1]
    assert ask(account, {}).status_code == 503


@pytest.mark.parametrize("kind", KINDS)
def test_under_filters_it_is_a_page_of_what_matches(account: Sandbox, kind: str) -> None:
    matching = everything(account, aggregationType="COUNT,SUM,UNIQUE")
    assert 4 <= len(matching) < 10
    honest, disturbed = hostile(account, kind, limit=3, aggregationType="COUNT,SUM,UNIQUE")
    assert ids(honest) == matching[:3]
    assert set(ids(disturbed)) <= set(matching[:3])
    assert (disturbed["pagination"][TOTAL] == len(matching)) is (kind != "wrong-total")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "params", [{"name": "nothing has this"}, {"after": behind(99)}, {"before": behind(-5)}]
)
def test_where_nothing_is_there_is_nothing_to_disturb(
    account: Sandbox, kind: str, params: Params
) -> None:
    honest, disturbed = hostile(account, kind, limit=3, **params)
    assert honest["items"] == disturbed["items"] == []
    assert page(account, limit=3, **params) == honest


@pytest.mark.slow
@pytest.mark.parametrize("kind", HARMLESS)
@pytest.mark.parametrize("direction", ["after", "before"])
@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11])
def test_a_whole_walk_of_them_ends(account: Sandbox, kind: str, direction: str, limit: int) -> None:
    """As many in a row as an honest walk has pages; then the walk is honest again."""
    number = -(-10 // limit)
    account.fail({"page": kind}, repeat=number)
    start: Params = {} if direction == "after" else {"before": behind(11)}
    seen = walk(account, {"limit": limit, **start}, direction)
    account.assert_faults_fired()
    counted = Counter(seen.ids)
    assert set(counted) == set(everything(account))
    doubles = sum(counted.values()) - 10
    assert doubles == (number if kind == "duplicate-item" else 0)
    account.assert_walked(complete=True, repeats=False)


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 15, 16, 17, 40, 200])
@pytest.mark.parametrize("direction", ["after", "before"])
def test_many_empty_pages_in_a_row_lose_nothing(account: Sandbox, number: int, direction: str) -> None:
    account.fail({"page": "empty-page"}, repeat=number)
    start: Params = {} if direction == "after" else {"before": behind(11)}
    seen = walk(account, {"limit": 100, **start}, direction)
    assert [len(found) for found in seen.pages] == [0] * number + [10]
    assert len(set(seen.asked)) == len(seen.asked)


def test_an_empty_page_is_no_repeat_whichever_fault_it_comes_from(account: Sandbox) -> None:
    for number in (1, 2, 3):
        account.fail({"page": "empty-page"}, page=number)
    seen = walk(account, {"limit": 100})
    assert [len(found) for found in seen.pages] == [0, 0, 0, 10]
    assert len(set(seen.asked)) == len(seen.asked)
    account.assert_walked(complete=True, repeats=False)


@pytest.mark.slow
def test_empty_pages_late_in_a_long_script_lose_nothing(account: Sandbox) -> None:
    account.fail(*["pass"] * 40, {"page": "empty-page"})
    for _ in range(40):
        page(account, limit=1)
    assert walk(account, {"limit": 100}).ids == everything(account)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["short-page", "duplicate-item", "wrong-total"])
@pytest.mark.parametrize("direction", ["after", "before"])
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_for_ever_is_no_pagination_without_end(
    account: Sandbox, kind: str, direction: str, limit: int
) -> None:
    account.fail({"page": kind}, repeat="forever")
    start: Params = {} if direction == "after" else {"before": behind(11)}
    assert set(walk(account, {"limit": limit, **start}, direction).ids) == set(everything(account))


def test_a_walk_of_hostile_pages_is_the_journals_too(account: Sandbox) -> None:
    script = [{"page": "empty-page"}, {"page": "short-page"}, {"page": "duplicate-item"}]
    account.fail(*script)
    seen = walk(account, {"limit": 4})
    [found] = account.walks()
    assert (found["pages"], found["items"]) == (len(seen.pages), len(seen.ids))
    assert (found["complete"], found["repeatedCursors"]) == (True, 0)


@pytest.mark.parametrize("kind", ["null-cursors", "empty-cursor", "repeat-cursor", "expired-cursor"])
def test_a_client_that_a_hostile_page_stops_has_not_walked_to_the_end(
    account: Sandbox, kind: str
) -> None:
    account.fail({"page": kind}, page=2)
    after = page(account, limit=3)["pagination"]["after"]
    page(account, limit=3, after=after)
    with pytest.raises(AssertionError, match="a walk to the end"):
        account.assert_walked(complete=True)


def test_a_client_that_follows_a_repeated_cursor_has_repeated_it(account: Sandbox) -> None:
    account.fail({"page": "repeat-cursor"}, page=2)
    after = page(account, limit=3)["pagination"]["after"]
    assert page(account, limit=3, after=after)["pagination"]["after"] == after
    page(account, limit=3, after=after)
    [found] = account.walks()
    assert (found["pages"], found["repeatedCursors"]) == (3, 1)


def test_the_same_fault_gives_the_same_bytes_in_every_run(account: Sandbox) -> None:
    def run() -> list[bytes]:
        account.reset()
        for kind in KINDS:
            account.fail({"page": kind})
        return [ask(account, {"limit": 3, "after": behind(3)}).content for _ in KINDS]

    assert run() == run()


def test_an_item_that_is_added_or_removed_between_pages_harms_no_hostile_page(account: Sandbox) -> None:
    account.fail({"page": "empty-page"})
    cursor = page(account, limit=3)["pagination"]["after"]
    account.remove(everything(account)[0])
    assert ids(page(account, limit=3, after=cursor)) == everything(account)[1:4]


# Properties, over the whole server and of the pages themselves

scripts = st.lists(st.sampled_from(["pass", *HARMLESS]), max_size=12)
filters = st.sampled_from(["", "COUNT", "COUNT,SUM", "UNIQUE,CUSTOM"])


@pytest.mark.slow
@settings(max_examples=40)
@given(scripts, st.integers(1, 60), filters, st.sampled_from(["after", "before"]))
def test_going_on_gives_everything_once(
    url: str, kinds: list[str], limit: int, wanted: str, direction: str
) -> None:
    account = Sandbox(url, "pages-property", "secret")
    account.reset()
    asked: Params = {"aggregationType": wanted} if wanted else {}
    honest = ids(page(account, limit=100, **asked))
    if kinds:
        account.fail(*[kind if kind == "pass" else {"page": kind} for kind in kinds])
    start: Params = {} if direction == "after" else {"before": behind(101)}
    seen = walk(account, {"limit": limit, **asked, **start}, direction)
    found = seen.ids if direction == "after" else [i for each in reversed(seen.pages) for i in each]
    # A double stands beside its twin.
    assert [key for key, _ in itertools.groupby(found)] == honest
    used = itertools.islice(kinds, len(seen.pages))
    assert len(found) - len(honest) == sum(kind == "duplicate-item" for kind in used)
    assert len(set(seen.asked)) == len(seen.asked)


positions = st.sets(st.integers(-50, 300), max_size=120).map(sorted)
starts = st.one_of(st.none(), st.integers(-60, 310))


@pytest.mark.slow
@given(
    positions, st.integers(1, 100), starts, st.booleans(), st.sampled_from(HARMLESS), st.integers(1, 15)
)
def test_from_any_position_nothing_is_lost(
    matching: list[int], limit: int, start: int | None, backward: bool, kind: str, fired_before: int
) -> None:
    def asked(after: int | None, before: int | None) -> BrokenRequest:
        asking = PageRequest(limit, after, before)
        listing = Listing(CURSOR_ENVELOPE, "things", matching, asking)
        return BrokenRequest(listing, sayings(CURSOR_ENVELOPE), fired_before)

    backward = backward and start is not None
    before, after = (start, None) if backward else (None, start)
    served = broken_pages.break_page(kind, asked(after, before))
    left = [p for p in matching if (p < before if before is not None else after is None or p > after)]
    cursor = served.info.get(PREVIOUS if backward else NEXT)
    rest: list[int] = []
    if isinstance(cursor, str):
        place = cursors.decode("things", cursor)
        rest = [p for p in matching if (p < place if backward else p > place)]
    found = [*rest, *served.positions] if backward else [*served.positions, *rest]
    assert sorted(set(found)) == left
    assert len(found) - len(left) == (kind == "duplicate-item" and bool(left))
    # The way back loses nothing either.
    back = served.info.get(NEXT if backward else PREVIOUS)
    others = [p for p in matching if p not in left]
    if isinstance(back, str):
        place = cursors.decode("things", back)
        led = [p for p in matching if (p > place if backward else p < place)]
        assert set(others) <= set(led)
        assert len(led) <= len(others) + len(served.positions)
    else:
        assert others == []
