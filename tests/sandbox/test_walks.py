"""Walks: what the journal's list requests add up to, by a plain model and over a real socket."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.lists.filters import Contains, Filter
from mock_server.lists.sorting import Sort
from mock_server.sandbox.walk import Attempt, ListRequest, PageGiven
from mock_server.sandbox.walks import Walks
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import LIST
from tests.support.patience import PATIENCE
from tests.support.servers import Serve, build

PAGES, ITEMS = 4, 10


def request(cursor: str | None = None, kind: str = "", *, backward: bool = False) -> ListRequest:
    filters = frozenset([Contains("name", kind)] if kind else [])
    return ListRequest("list", filters, (("name", kind),) if kind else (), cursor, backward)


def page_of(asked: ListRequest) -> int:
    """The page that a list of PAGES pages answers with; `a2` leads behind page 2, `b2` before it."""
    if asked.cursor is None:
        return 1
    return int(asked.cursor[1:]) + (-1 if asked.is_backward else 1)


def given_on(asked: ListRequest) -> PageGiven:
    number = page_of(asked)
    cursors = [f"a{number}"] * (number < PAGES) + [f"b{number}"] * (number > 1)
    return PageGiven(ITEMS, tuple(cursors), is_end=number == (1 if asked.is_backward else PAGES))


def shown(walks: Walks, *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(walk.as_json()[name] for name in fields) for walk in walks]


# The rules of walks, one request after the other


@dataclass
class Modelled:
    """A walk of the model."""

    first: ListRequest
    # When it gave which cursor, and on a page of which filters; and the last page of all.
    gave: dict[tuple[str, frozenset[Filter | Sort]], int] = field(default_factory=dict)
    last: dict[tuple[str, frozenset[Filter | Sort]], int] = field(default_factory=dict)
    pages: int = 0
    repeats: int = 0
    complete: bool = False
    constant: bool = True
    backward: bool = False


class Model:
    def __init__(self) -> None:
        self.walks: list[Modelled] = []
        self._now = 0

    def send(self, asked: ListRequest, *, ok: bool) -> int:
        """A request and its end; gives the number of its page within the walk."""
        self._now += 1
        walk, repeats = self._find(asked)
        number = walk.pages + 1
        if ok:
            answer = given_on(asked)
            walk.pages += 1
            walk.repeats += repeats
            walk.complete |= answer.is_end
            walk.constant &= asked.filters == walk.first.filters
            walk.backward |= asked.is_backward
            walk.last = {(cursor, asked.filters): self._now for cursor in answer.cursors}
            walk.gave |= walk.last
        return number

    def _find(self, asked: ListRequest) -> tuple[Modelled, bool]:
        # Of several that are as good as each other, rather one whose filters are those asked for.
        for like in (True, False):
            if leading := self._newest("last", asked, like=like):
                return leading, False
        for like in (True, False):
            if gave := self._newest("gave", asked, like=like):
                return gave, True
        for walk in reversed(self.walks):
            if not walk.pages and walk.first == asked:
                return walk, False
        self.walks.append(Modelled(asked))
        return self.walks[-1], False

    def _newest(self, pages: str, asked: ListRequest, *, like: bool) -> Modelled | None:
        """The walk that has last given the cursor asked for, on one of those pages."""
        found = [
            (time, walk)
            for walk in self.walks
            for (cursor, filters), time in getattr(walk, pages).items()
            if cursor == asked.cursor and (filters == asked.filters or not like)
        ]
        return max(found, key=lambda each: each[0])[1] if found else None


kinds = st.sampled_from(["", "", "x"])
asked = st.one_of(
    st.builds(request, st.none(), kinds),
    st.builds(request, st.sampled_from([f"a{n}" for n in range(1, PAGES)]), kinds),
    st.builds(
        request, st.sampled_from([f"b{n}" for n in range(2, PAGES + 1)]), kinds, backward=st.just(True)
    ),
)
histories = st.lists(st.tuples(asked, st.sampled_from([True, True, True, False])), max_size=14)


@given(histories)
@example([(request(c), True) for c in (None, "a1", "a1", "a2", "a2")])
@example([(request(c), ok) for c, ok in ((None, True), ("a1", False), ("a1", False), ("a1", True))])
def test_requests_one_after_the_other_are_the_walks_of_the_model(
    history: list[tuple[ListRequest, bool]],
) -> None:
    walks, model = Walks(), Model()
    for asked_for, ok in history:
        attempt = walks.join(asked_for)
        assert attempt.page == model.send(asked_for, ok=ok)
        if ok:
            walks.serve(attempt, given_on(asked_for))
        else:
            walks.fail(attempt)
    names = ("pages", "items", "repeatedCursors", "complete", "filtersConstant", "backward")
    assert shown(walks, *names) == [
        (walk.pages, walk.pages * ITEMS, walk.repeats, walk.complete, walk.constant, walk.backward)
        for walk in model.walks
    ]


# Walkers side by side


class Walker:
    """A client that walks all pages and sends again what fails; each of its turns is one event."""

    def __init__(self, kind: str, fails: list[bool], *, gives_up: bool = False) -> None:
        self.kind = kind
        self.done = False
        self._fails = fails
        self._gives_up = gives_up
        self._cursor: str | None = None
        self._open: Attempt | None = None

    def turn(self, walks: Walks) -> None:
        asked_for = request(self._cursor, self.kind)
        if self._open is None:
            self._open = walks.join(asked_for)
            assert self._open.page == page_of(asked_for)
            return
        attempt, self._open = self._open, None
        if self._fails and self._fails.pop():
            if self._gives_up:
                attempt.has_left = lambda: True  # The server notices later, or never.
            else:
                walks.fail(attempt)
            return
        answer = given_on(asked_for)
        walks.serve(attempt, answer)
        self.done = answer.is_end
        self._cursor = answer.cursors[0]


def walk_in_turns(walkers: list[Walker], data: st.DataObject) -> Walks:
    walks = Walks()
    while left := [walker for walker in walkers if not walker.done]:
        data.draw(st.sampled_from(left)).turn(walks)
    return walks


NAMES = ("filters", "pages", "items", "repeatedCursors", "complete", "filtersConstant", "backward")


def whole(kind: str) -> tuple[Any, ...]:
    return ({"name": kind} if kind else {}, PAGES, PAGES * ITEMS, 0, True, True, False)


fails = st.lists(st.booleans(), max_size=5)


@pytest.mark.slow
@given(st.lists(fails, min_size=1, max_size=4), st.booleans(), st.data())
def test_walks_between_each_other_do_not_mix(
    failures: list[list[bool]], gives_up: bool, data: st.DataObject
) -> None:
    kinds = [f"kind-{number}" for number in range(len(failures))]
    walkers = [Walker(kind, fail, gives_up=gives_up) for kind, fail in zip(kinds, failures, strict=True)]
    walks = walk_in_turns(walkers, data)
    assert sorted(shown(walks, *NAMES), key=str) == [whole(kind) for kind in kinds]


@pytest.mark.slow
@given(st.integers(1, 4), st.data())
def test_walkers_that_ask_the_same_are_walks_of_their_own(number: int, data: st.DataObject) -> None:
    walks = walk_in_turns([Walker("", []) for _ in range(number)], data)
    assert shown(walks, *NAMES) == [whole("")] * number


@pytest.mark.slow
@given(st.lists(fails, min_size=2, max_size=3), st.data())
def test_retries_of_walkers_that_ask_the_same_repeat_nothing(
    failures: list[list[bool]], data: st.DataObject
) -> None:
    # Whose retry it is can't be told, but one failure has one retry.
    walks = walk_in_turns([Walker("", fail) for fail in failures], data)
    assert shown(walks, *NAMES) == [whole("")] * len(failures)


# What the journal has dropped


@given(histories, st.integers(0, 4))
def test_numbers_that_depend_on_what_was_dropped_are_incomplete(
    history: list[tuple[ListRequest, bool]], size: int
) -> None:
    walks, kept = Walks(), list[Attempt]()
    dropped = Counter[str]()
    seen = Counter[str]()
    for asked_for, ok in history:
        attempt = walks.join(asked_for)
        seen[attempt.walk.id] += 1
        kept.append(attempt)
        if ok:
            walks.serve(attempt, given_on(asked_for))
        else:
            walks.fail(attempt)
        while len(kept) > size:
            dropped[kept[0].walk.id] += 1
            walks.forget(kept.pop(0))
        found = {walk.id: walk.as_json() for walk in walks}
        assert found.keys() == {each.walk.id for each in kept}
        for walk_id, walk in found.items():
            numbers = {str(walk[name]) for name in ("pages", "items", "repeatedCursors")}
            assert not dropped[walk_id] or numbers == {"incomplete"}
            if "incomplete" not in numbers:
                assert walk["pages"] <= seen[walk_id]


def test_a_walk_whose_beginning_may_be_lost_has_no_numbers() -> None:
    walks = Walks()
    first = walks.join(request())
    walks.serve(first, given_on(request()))
    walks.forget(first)
    attempt = walks.join(request("a1"))
    assert attempt.page is None
    walks.serve(attempt, given_on(request("a1")))
    assert shown(walks, "pages", "items", "repeatedCursors") == [("incomplete",) * 3]
    walks.serve(walks.join(request()), given_on(request()))
    assert shown(walks, "pages", "items")[1:] == [(1, ITEMS)]


@pytest.mark.parametrize("ok", [True, False])
def test_a_request_that_ends_after_it_was_dropped_leaves_nothing_behind(ok: bool) -> None:
    walks = Walks()
    attempt = walks.join(request())
    walks.forget(attempt)
    if ok:
        walks.serve(attempt, given_on(request()))
    else:
        walks.fail(attempt)
    following = walks.join(request("a1"))
    assert [walk.id for walk in walks] == [following.walk.id]
    walks.serve(following, given_on(request("a1")))
    assert shown(walks, "pages") == [("incomplete",)]
    walks.forget(following)
    left = {name: value for name, value in vars(walks).items() if isinstance(value, dict) and value}
    assert left == {}


@given(histories)
def test_walks_that_were_dropped_leave_nothing_behind(history: list[tuple[ListRequest, bool]]) -> None:
    walks, attempts = Walks(), list[Attempt]()
    for asked_for, ok in history:
        attempts.append(walks.join(asked_for))
        if ok:
            walks.serve(attempts[-1], given_on(asked_for))
        else:
            walks.fail(attempts[-1])
    for attempt in attempts:
        walks.forget(attempt)
    assert {
        name: value for name, value in vars(walks).items() if isinstance(value, dict) and value
    } == {}


# Over a real socket


@dataclass(frozen=True)
class Client:
    """A client of one account on a list of 100 records."""

    url: str
    client_id: str

    @property
    def authorization(self) -> str:
        return f"Authorization: {wire.basic(self.client_id)}"

    def send(self, target: str, method: str = "GET", body: Any = None, *headers: str) -> wire.Answer:
        content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            headers = ("Content-Type: application/json", f"Content-Length: {len(content)}", *headers)
        lines = (self.authorization, *headers)
        return wire.get(self.url, target, *lines, method=method, auth=False, body=content)

    def page(self, query: str = "limit=30", **cursors: str | None) -> Any:
        """The pagination of a page."""
        sent = "".join(f"&{name}={cursor}" for name, cursor in cursors.items() if cursor is not None)
        answer = self.send(f"{LIST}?{query}{sent}")
        assert answer.status == 200, answer.body
        return answer.json["pagination"]

    def walk(self, query: str = "limit=30", way: str = "after", start: str | None = None) -> Any:
        pagination = self.page(query, **{way: start})
        while pagination.get(way):
            pagination = self.page(query, **{way: pagination[way]})
        return pagination

    def fail(self, *steps: Any, **more: Any) -> None:
        answer = self.send("/_mock/faults", "POST", {"script": steps} | more)
        assert answer.status == 201, answer.body

    def walks(self, *names: str) -> list[tuple[Any, ...]]:
        items = self.send("/_mock/walks").json["items"]
        return [tuple(item[name] for name in names) for item in items]

    def entries(self, *names: str) -> list[tuple[Any, ...]]:
        items = self.send("/_mock/requests").json["items"]
        return [tuple(item[name] for name in names) for item in items]

    def give_up(self, target: str = LIST, seconds: float = 0.05) -> None:
        """Send a request and leave before the answer is whole."""
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(
                self.url + target,
                auth=(self.client_id, "s"),
                timeout=httpx.Timeout(PATIENCE, read=seconds),
            )


@pytest.fixture
def me(url: str, request: pytest.FixtureRequest) -> Client:
    return Client(url, f"walks-{request.node.name}")


SUMMARY = ("pages", "items", "repeatedCursors", "complete", "filtersConstant", "backward")


def test_a_complete_walk(me: Client) -> None:
    me.walk()
    [walk] = me.send("/_mock/walks").json["items"]
    del walk["id"]
    assert walk == {
        "operation": "getUsageMetrics", "filters": {}, "pages": 4, "items": 100, "complete": True,
        "repeatedCursors": 0, "filtersConstant": True, "backward": False, "gapless": True,
    }  # fmt: skip
    assert len(set(me.entries("walk"))) == 1


def test_a_walk_that_stops_early_is_not_complete(me: Client) -> None:
    me.page(after=me.page()["after"])
    assert me.walks(*SUMMARY) == [(2, 60, 0, False, True, False)]


def test_a_walk_of_one_page_is_complete(me: Client) -> None:
    me.page("limit=100")
    me.page("name=nothing+at+all")
    assert me.walks(*SUMMARY) == [(1, 100, 0, True, True, False), (1, 0, 0, True, True, False)]


def test_a_walk_there_and_back(me: Client) -> None:
    last = me.walk()
    me.walk(way="before", start=last["before"])
    assert me.walks(*SUMMARY) == [(7, 190, 0, True, True, True)]


def test_a_walk_back_is_complete_at_the_beginning_alone(me: Client) -> None:
    second = me.page(after=me.page()["after"])
    third = me.page(after=second["after"])
    me.page(before=third["before"])
    assert me.walks(*SUMMARY) == [(4, 120, 0, False, True, True)]
    me.page(before=second["before"])
    assert me.walks(*SUMMARY) == [(5, 150, 0, True, True, True)]


def test_a_cursor_sent_again_is_a_repeat(me: Client) -> None:
    after = me.page()["after"]
    for _ in range(3):
        me.page(after=after)
    assert me.walks("pages", "repeatedCursors") == [(4, 2)]
    # The page that was repeated is gone on from as from any other, once.
    cursor = me.page(after=me.page(after=after)["after"])["after"]
    assert me.walks("pages", "repeatedCursors") == [(6, 3)]
    me.page(after=cursor)
    assert me.walks("pages", "repeatedCursors", "complete") == [(7, 3, True)]


def test_repeats_of_repeated_pages_count(me: Client) -> None:
    first = me.page()["after"]
    second, _ = (me.page(after=first)["after"] for _ in range(2))
    for _ in range(2):
        me.page(after=second)
    assert me.walks("pages", "repeatedCursors") == [(5, 2)]


def test_a_paginator_that_never_ends_repeats(me: Client) -> None:
    me.fail({"page": "repeat-cursor"}, repeat=5)
    cursor = None
    for _ in range(5):
        cursor = me.page(after=cursor)["after"]
    [(pages, repeats, complete)] = me.walks("pages", "repeatedCursors", "complete")
    assert (pages, complete) == (5, False)
    assert repeats >= 3


@pytest.mark.parametrize(
    ("step", "complete"),
    [("short-page", True), ("empty-page", True), ("duplicate-item", True), ("wrong-total", True),
     ("null-cursors", False), ("empty-cursor", False)],
)  # fmt: skip
def test_hostile_pages_are_pages(me: Client, step: str, complete: bool) -> None:
    me.fail({"page": step}, when={"page": 2})
    me.walk()
    [walk] = me.walks("pages", "repeatedCursors", "complete")
    assert walk == ((5 if step == "empty-page" else 4) if complete else 2, 0, complete)


def test_a_walk_starts_again_after_an_expired_cursor(me: Client) -> None:
    me.fail({"page": "expired-cursor"}, when={"page": 1})
    cursor = me.page()["after"]
    refused = me.send(f"{LIST}?after={cursor}")
    assert (refused.status, refused.violations[0]["key"]) == (400, "after")
    me.walk()
    assert me.walks("pages", "complete") == [(1, False), (4, True)]
    assert me.entries("walk")[1] == (None,)


RETRIED = [
    {"status": 503}, {"status": 429, "headers": {"Retry-After": "0"}}, {"status": 404}, {"status": 204},
    {"status": 201}, {"cut": "reset"}, {"cut": "truncate"}, {"status": 500, "delay": 0.01},
]  # fmt: skip


@pytest.mark.parametrize("page", [1, 2, 4])
@pytest.mark.parametrize("step", RETRIED, ids=[str(step) for step in RETRIED])
def test_a_request_again_after_a_failure_is_a_retry(
    url: str, step: dict[str, Any], page: int, request: pytest.FixtureRequest
) -> None:
    client_id = f"retry-{RETRIED.index(step)}-{page}"
    me = Client(url, client_id)
    # The second failure meets the retry of the first only if that has the same page number.
    me.fail(step, step, when={"page": page})
    cursor: str | None = None
    with httpx.Client(base_url=url, auth=(client_id, "s")) as client:
        for _ in range(6):
            params = {"limit": "30"} | ({"after": cursor} if cursor else {})
            try:
                answer = client.get(LIST, params=params)
            except httpx.TransportError:
                continue
            if answer.status_code == 200:
                cursor = answer.json()["pagination"].get("after")
    assert cursor is None
    assert me.walks(*SUMMARY) == [(4, 100, 0, True, True, False)]
    assert me.entries("walk") == [("walk-1",)] * 6
    [fault] = me.send("/_mock/faults").json["items"]
    assert (fault["fired"], fault["spent"]) == (2, True)


@pytest.mark.slow
@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(
    "step", [{"delay": 0.3}, {"cut": "stall"}, {"delay": 0.3, "status": 503}], ids=str
)
def test_a_request_again_after_the_client_gave_up_is_a_retry(
    url: str, step: dict[str, Any], page: int
) -> None:
    me = Client(url, f"gave-up-{page}-{step}".replace(":", ""))
    me.fail(step, when={"page": page})
    target = f"{LIST}?limit=30" + (f"&after={me.page()['after']}" if page == 2 else "")
    me.give_up(target)
    start = None if page == 1 else target.partition("after=")[2]
    me.walk(start=start)
    time.sleep(0.4)  # What was given up ends late, and adds nothing.
    assert me.walks(*SUMMARY) == [(4, 100, 0, True, True, False)]
    assert set(me.entries("walk")) == {("walk-1",)}


def test_a_request_refused_by_the_rate_limit_is_tried_again(serve: Serve) -> None:
    from mock_server.settings import RateLimit

    me = Client(serve(rate_limit=RateLimit(2, 60)), "limited")
    me.send("/_mock/clock", "PUT", {"now": "2030-01-01T00:00:00Z"})
    cursor = me.page(after=me.page()["after"])["after"]
    assert me.send(f"{LIST}?limit=30&after={cursor}").status == 429
    me.send("/_mock/clock", "PUT", {"advance": 60})
    me.walk(start=cursor)
    assert me.walks(*SUMMARY) == [(4, 100, 0, True, True, False)]


def test_page_numbers_count_within_a_walk(me: Client) -> None:
    me.fail({"status": 503}, when={"page": 3})
    first, second = me.page()["after"], me.page("limit=50")["after"]
    third = me.page(after=first)["after"]
    me.page("limit=50", after=second)
    assert me.send(f"{LIST}?limit=30&after={third}").status == 503
    me.walk(start=third)
    assert me.walks("pages", "items") == [(4, 100), (2, 100)]


def test_walks_between_each_other(me: Client) -> None:
    queries = ["limit=30", "limit=7", "aggregationType=SUM&limit=5", "aggregationType=COUNT&limit=5"]
    cursors: dict[str, str | None] = dict.fromkeys(queries)
    while cursors:
        for query, cursor in list(cursors.items()):
            pagination = me.page(query, after=cursor)
            if "after" in pagination:
                cursors[query] = pagination["after"]
            else:
                del cursors[query]
    walks = me.walks("items", "pages", "repeatedCursors", "complete", "filtersConstant", "filters")
    assert [walk[:2] for walk in walks[:2]] == [(100, 4), (100, 15)]
    assert [walk[2:5] for walk in walks] == [(0, True, True)] * 4
    assert [walk[5] for walk in walks[2:]] == [{"aggregationType": "SUM"}, {"aggregationType": "COUNT"}]


@pytest.mark.parametrize("failing", [False, True])
def test_concurrent_clients_have_separate_walks(url: str, failing: bool) -> None:
    me = Client(url, f"at-once-{failing}")
    if failing:
        me.fail(*[{"status": 503}] * 10)

    def walk(kind: str) -> None:
        cursor: str | None = None
        with httpx.Client(base_url=url, auth=(me.client_id, "s")) as client:
            while True:
                params = {"limit": "9", "aggregationType": kind} | ({"after": cursor} if cursor else {})
                answer = client.get(LIST, params=params)
                if answer.status_code == 200:
                    cursor = answer.json()["pagination"].get("after")
                    if cursor is None:
                        return

    kinds = ["COUNT", "SUM", "UNIQUE", "CUSTOM"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(walk, kinds if failing else kinds * 3))
    walks = me.walks(*SUMMARY)
    assert len(walks) == (4 if failing else 12)
    assert {walk[2:] for walk in walks} == {(0, True, True, False)}
    totals = [me.page(f"limit=1&aggregationType={kind}")["totalResultSize"] for kind in kinds]
    assert Counter(walk[1] for walk in walks) == Counter(totals * (1 if failing else 3))


@pytest.mark.parametrize(
    ("query", "changed", "constant"),
    [
        ("limit=9&name=a", "limit=9&name=A", True), ("limit=9&name=a", "limit=5&name=a", True),
        ("limit=9&eventType=a,b,api_call,order_placed", "limit=9&eventType=order_placed,api_call,b,a", True),
        ("limit=9&name=a", "limit=9", False), ("limit=9", "limit=9&name=a", False),
        ("limit=9&name=a", "limit=9&id=a", False), ("limit=9", "limit=9&unknown=x", True),
        ("limit=9&aggregationType=COUNT", "limit=9&aggregationType=COUNT,SUM", False),
    ],
)  # fmt: skip
def test_filters_that_change_on_the_way_are_told(
    url: str, query: str, changed: str, constant: bool, request: pytest.FixtureRequest
) -> None:
    me = Client(url, f"changed-{request.node.callspec.indices}".replace(":", ""))
    me.send("/_mock/reset", "POST")
    pagination = me.page(query)
    if "after" not in pagination:
        pytest.skip("the records of the seed fill no second page")
    me.page(changed, after=pagination["after"])
    assert me.walks("pages", "filtersConstant") == [(2, constant)]


def test_filters_are_shown_decoded(me: Client) -> None:
    me.page("limit=5&name=%C3%BC+x&eventType=a%2Cb&eventType=c&aggregationType=COUNT")
    assert me.walks("filters") == [
        ({"name": "ü x", "eventType": "a,b,c", "aggregationType": "COUNT"},)
    ]  # fmt: skip


def test_only_list_requests_that_were_valid_walk(me: Client) -> None:
    for target in (f"{LIST}?limit=0", f"{LIST}?after=x", "/nope"):
        assert me.send(target).status in (400, 404)
    assert me.send(LIST, "HEAD").status == 200
    assert me.send(LIST, "OPTIONS").status == 204
    assert me.walks("id") == []
    assert set(me.entries("walk")) == {(None,)}


def test_walks_of_different_accounts_do_not_mix(url: str) -> None:
    one, other = Client(url, "apart-1"), Client(url, "apart-2")
    cursor = one.page()["after"]
    other.page(after=cursor)
    assert (one.walks("pages"), other.walks("pages")) == ([(1,)], [(1,)])
    assert one.walks("repeatedCursors") == other.walks("repeatedCursors") == [(0,)]


@pytest.fixture(scope="module")
def short_url() -> Iterator[str]:
    """A server whose journals hold three entries."""
    with server.in_thread(build(Settings(journal_size=3))) as root:
        yield root


def test_numbers_are_incomplete_where_the_journal_dropped_entries(short_url: str) -> None:
    me = Client(short_url, "short-1")
    me.walk("limit=34")
    assert me.walks(*SUMMARY) == [(3, 100, 0, True, True, False)]
    me.walk("limit=20")
    assert me.walks(*SUMMARY) == [("incomplete", "incomplete", "incomplete", True, True, False)]
    me.send(LIST + "?limit=100")
    assert me.walks("pages") == [("incomplete",), (1,)]
    me.send("/_mock/requests", "DELETE")
    me.walk("limit=50")
    assert me.walks(*SUMMARY) == [(2, 100, 0, True, True, False)]


def test_a_walk_all_of_whose_requests_were_dropped_goes_on_as_incomplete(short_url: str) -> None:
    me = Client(short_url, "short-2")
    cursor = me.page()["after"]
    for _ in range(3):
        me.send("/nope")
    assert me.walks("pages") == []
    me.page(after=cursor)
    assert me.walks("pages", "repeatedCursors") == [("incomplete", "incomplete")]


def test_a_walk_that_went_on_after_its_first_request_was_dropped_is_listed(short_url: str) -> None:
    me = Client(short_url, "short-3")
    me.fail({"delay": 0.2})
    cursors: list[str] = []
    slow = threading.Thread(target=lambda: cursors.append(me.page()["after"]))
    slow.start()
    while not me.entries("fault") or me.entries("fault")[0] == (None,):
        pass
    for _ in range(3):
        me.send("/nope")
    slow.join()
    me.page(after=cursors[0])
    [walk] = [walk for (walk,) in me.entries("walk") if walk is not None]
    assert me.walks("id", "pages") == [(walk, "incomplete")]


def test_a_walk_whose_beginning_was_dropped_keeps_no_long_text() -> None:
    text = "x" * 5_000
    first = ListRequest("things", frozenset({Contains("name", text)}), (("name", text),), None, False)
    walks = Walks()
    page = walks.join(first)
    walks.serve(page, PageGiven(1, ("next",), is_end=False))
    walks.serve(walks.join(first._replace(cursor="next")), PageGiven(1, ("last",), is_end=False))
    walks.forget(page)
    [walk] = walks
    assert dict(walk.filter_texts) == {"name": "x" * 200 + "…"}
    assert walk.filters == hash(first.filters)
