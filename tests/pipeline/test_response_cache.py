"""The replay: an answer that was given before is given again, and nothing else tells that it was."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server import app
from mock_server.client import Sandbox
from mock_server.data import starting_data
from mock_server.data.records import account_id
from mock_server.formats.headers import HeaderBlock
from mock_server.lists.page_writer import PageAnswer, PageWriter
from mock_server.pipeline import credentials, list_handler, response_cache, wsgi_bridge
from mock_server.pipeline.response_cache import (
    BARRED,
    CACHE_BYTES,
    READ,
    CachedAnswer,
    KeysAsked,
    ResponseCache,
)
from mock_server.sandbox.sandbox import SandboxState as State
from mock_server.server import server
from mock_server.server.connection import CONNECTION
from mock_server.settings import RateLimit, Settings
from tests.support import parcels, wire
from tests.support.callers import Caller, authorization
from tests.support.documents import FIXTURES, LIST
from tests.support.servers import Serve, build, built_in

NOON = "2026-01-01T12:00:00Z"
PAGE = f"{LIST}?limit=3"
METRIC = {
    "name": "added",
    "metricType": "SIMPLE",
    "eventType": "added",
    "aggregationType": "COUNT",
    "propertyFilters": {},
    "parameters": [],
}


@pytest.fixture(autouse=True, scope="module")
def kept_at_once() -> Iterator[None]:
    """Keep each answer the first time, so that the second request in these tests gets a cached one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KeysAsked, "add", lambda *_: False)
        yield


def get(
    url: str, target: str, *headers: str, client_id: str = "demo", method: str = "GET"
) -> wire.Answer:
    return wire.get(url, target, authorization(client_id), *headers, method=method, auth=False)


@dataclass
class Counted:
    """How many pages were made afresh."""

    pages: int = 0


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    write = PageWriter.write

    def writing(*args: Any) -> PageAnswer:
        counted.pages += 1
        return write(*args)

    monkeypatch.setattr(PageWriter, "write", writing)
    return counted


# What is replayed


@pytest.mark.parametrize("target", [LIST, PAGE, f"{LIST}?aggregationType=SUM&limit=2", f"{LIST}?odd=1"])
def test_the_same_request_again_is_not_worked_out_again(
    serve: Serve, made: Counted, target: str
) -> None:
    url = serve()
    first, *others = [get(url, target) for _ in range(4)]
    assert made.pages == 1
    assert [(o.status, o.body) for o in others] == [(200, first.body)] * 3
    assert [o.header("x-mock-request-id") for o in [first, *others]] == ["1", "2", "3", "4"]
    assert [o.header("x-mock-violations") for o in others] == [first.header("x-mock-violations")] * 3


def test_headers_that_nothing_reads_make_no_difference(serve: Serve, made: Counted) -> None:
    url = serve()
    for number in range(3):
        get(url, PAGE, f"User-Agent: tests/{number}", f"traceparent: 00-{number}")
    assert made.pages == 1
    sent = [entry["headers"]["traceparent"] for entry in Sandbox(url, "demo", "secret").requests()]
    assert sent == ["00-0", "00-1", "00-2"]


@pytest.mark.parametrize(
    "target", [f"{LIST}?limit=0", f"{LIST}?after=none", "/api/nothing", f"{LIST}/more"]
)
def test_a_refusal_is_journaled_each_time(serve: Serve, target: str) -> None:
    url = serve()
    first, *others = [get(url, target) for _ in range(3)]
    assert [(o.status, o.body) for o in others] == [(first.status, first.body)] * 2
    entries = Sandbox(url, "demo", "secret").requests()
    assert [entry["violations"] for entry in entries] == [entries[0]["violations"]] * 3
    ledger = get(url, "/_mock/violations").json
    assert [group["count"] for group in ledger["items"]] in ([3], [3, 3])


# What is never replayed


@pytest.mark.parametrize(
    ("headers", "client_id"),
    [
        (("Prefer: delay=0",), "demo"),
        (("Prefer: return=minimal",), "demo"),
        (("Content-Length: 0",), "demo"),
    ],
)
def test_a_request_with_prefer_or_a_body_gets_a_fresh_answer(
    serve: Serve, made: Counted, headers: tuple[str, ...], client_id: str
) -> None:
    url = serve()
    assert {get(url, PAGE, *headers, client_id=client_id).status for _ in range(3)} == {200}
    assert made.pages == 3


def test_a_request_with_a_body_is_never_replayed(serve: Serve, made: Counted) -> None:
    url = serve()
    for _ in range(3):
        headers = (authorization("demo"), "Content-Length: 2", "Content-Type: application/json")
        assert wire.get(url, PAGE, *headers, auth=False, body=b"{}").status == 200
    assert made.pages == 3


def test_prefer_is_obeyed_although_the_answer_is_known(serve: Serve) -> None:
    url = serve()
    asked = [(), ("Prefer: code=503",), (), ("Prefer: code=400",)]
    assert [get(url, PAGE, *headers).status for headers in asked] == [200, 503, 200, 400]


@pytest.mark.parametrize(
    ("client_id", "status"),
    [("unauthorized", 401), ("forbidden", 403), ("throttled", 429), ("broken", 500)],
)
def test_reserved_ids_get_what_they_always_get(serve: Serve, client_id: str, status: int) -> None:
    url = serve()
    assert [get(url, PAGE, client_id=client_id).status for _ in range(3)] == [status] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "header",
    [
        "Accept: text/html",
        "Sequence-Version: 1999-01-01",
        "Authorization: Basic b3RoZXI6c2VjcmV0",
        "Cookie: a=b",
        "Origin: https://example.com",
    ],
)
def test_a_header_that_matters_is_another_request(serve: Serve, header: str) -> None:
    """The answer is that of a server which has given none before."""
    url, fresh = serve(cors_origin=("*",)), serve(cors_origin=("*",))
    name = header.partition(":")[0]
    plain = [] if name == "Authorization" else [authorization("demo")]
    for each in (url, fresh):
        wire.get(each, PAGE if each is url else "/", authorization("demo"), auth=False)
    answers = [wire.get(each, PAGE, *plain, header, auth=False) for each in (url, fresh)]
    assert comparable(answers[0]) == comparable(answers[1])


def test_methods_are_told_apart(serve: Serve) -> None:
    url = serve()
    statuses = [get(url, PAGE, method=method).status for method in ("GET", "POST", "HEAD", "GET")]
    assert statuses == [200, 405, 200, 200]
    assert get(url, PAGE, method="HEAD").body == b""
    assert get(url, PAGE).body != b""


def test_targets_are_told_apart_as_they_were_sent(serve: Serve, made: Counted) -> None:
    url = serve()
    targets = [PAGE, f"{PAGE}&", f"{LIST}?%6cimit=3", PAGE.replace("usage", "%75sage")]
    assert {get(url, target).body for target in targets} == {get(url, PAGE).body}
    assert made.pages == 4
    queries = [entry["query"] for entry in Sandbox(url, "demo", "secret").requests()]
    assert queries == ["limit=3", "limit=3&", "%6cimit=3", "limit=3", "limit=3"]


def test_accounts_share_answers_but_for_what_is_their_own(serve: Serve, made: Counted) -> None:
    url = serve()
    ids = ("demo", "other", "demo", "other")
    answers = [get(url, PAGE, client_id=client_id) for client_id in ids]
    assert made.pages == 1
    own = [account_id(client_id).encode() for client_id in ids]
    assert [answer.body.count(mine) for answer, mine in zip(answers, own, strict=True)] == [3] * 4
    assert answers[0].body.replace(own[0], own[1]) == answers[1].body


def test_accounts_that_see_others_records_share_nothing(serve: Serve, made: Counted) -> None:
    url = serve()
    for client_id in ("demo", "other"):
        Sandbox(url, client_id, "secret").load([METRIC | {"name": client_id}])
    names = [
        get(url, PAGE, client_id=client_id).json["items"][0]["name"]
        for client_id in ("demo", "other", "third", "demo", "other")
    ]
    assert names[:2] == names[3:] == ["demo", "other"]
    assert made.pages == 3


# What makes the next answer a fresh one


def one_more(sandbox: Sandbox) -> None:
    sandbox.add([METRIC])


def another_set(sandbox: Sandbox) -> None:
    sandbox.load([METRIC])


def one_less(sandbox: Sandbox) -> None:
    sandbox.remove(sandbox.records()[0]["id"])


def generated(sandbox: Sandbox) -> None:
    sandbox.generate(5, seed=9)


@pytest.mark.parametrize("change", [one_more, another_set, one_less, generated])
def test_changed_data_is_seen_at_once_and_a_reset_too(
    serve: Serve, change: Callable[[Sandbox], None]
) -> None:
    url = serve()
    sandbox = Sandbox(url, "demo", "secret")
    before = get(url, PAGE)
    change(sandbox)
    changed = get(url, PAGE)
    assert changed.json["pagination"]["totalResultSize"] == len(sandbox.records())
    assert changed.json["items"] == sandbox.records()[:3]
    assert get(url, PAGE).body == changed.body
    sandbox.reset()
    assert get(url, PAGE).body == before.body
    change(sandbox)
    assert get(url, PAGE).json["items"] == sandbox.records()[:3]


def test_warnings_about_values_follow_the_data(serve: Serve) -> None:
    url = serve()
    sandbox = Sandbox(url, "demo", "secret")
    target = f"{LIST}?eventType=added"
    warned = [get(url, target).header("x-mock-violations") for _ in range(2)]
    sandbox.add([METRIC])
    warned += [get(url, target).header("x-mock-violations") for _ in range(2)]
    assert warned == ["warning noSuchValue eventType"] * 2 + [None] * 2


def test_a_fault_strikes_and_is_gone(serve: Serve) -> None:
    url = serve()
    sandbox = Sandbox(url, "demo", "secret")
    get(url, PAGE)
    sandbox.fail({"status": 503}, "pass", {"page": "wrong-total"})
    assert [get(url, PAGE).status for _ in range(2)] == [503, 200]
    spoilt, well = get(url, PAGE), get(url, PAGE)
    assert spoilt.json["pagination"] != well.json["pagination"]
    fault = sandbox.fail({"status": 500}, repeat="forever")
    assert get(url, PAGE).status == 500
    sandbox.remove_fault(fault)
    assert get(url, PAGE).body == well.body


def test_a_fault_for_others_counts_only_those_that_it_is_for(serve: Serve) -> None:
    url = serve()
    sandbox = Sandbox(url, "demo", "secret")
    get(url, PAGE)
    sandbox.fail({"status": 503}, query={"limit": 7})
    assert [get(url, PAGE).status for _ in range(2)] == [200, 200]
    assert get(url, f"{LIST}?limit=7").status == 503


def test_the_rate_limit_counts_what_is_replayed_and_the_clock_opens_it(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(3, 10))
    sandbox = Sandbox(url, "demo", "secret")
    sandbox.freeze(NOON)
    assert [get(url, PAGE).status for _ in range(5)] == [200, 200, 200, 429, 429]
    assert get(url, PAGE).header("retry-after") == "10"
    sandbox.advance(9)
    assert get(url, PAGE).header("retry-after") == "1"
    sandbox.advance(1)
    assert get(url, PAGE).status == 200


def test_an_account_that_was_given_up_begins_anew(serve: Serve) -> None:
    url = serve(max_accounts=1)
    Sandbox(url, "demo", "secret").add([METRIC])
    assert get(url, PAGE).json["pagination"]["totalResultSize"] == 101
    get(url, PAGE, client_id="other")
    assert get(url, PAGE).json["pagination"]["totalResultSize"] == 100


def test_another_snapshot_is_seen_at_once() -> None:
    loaded = built_in()
    configured = Settings()
    state = State(starting_data.load(loaded, configured).collections, configured)
    with server.in_thread(app.build(loaded, state, configured)) as url:
        before = get(url, PAGE)
        state.replace(starting_data.load(loaded, Settings(fixtures=(FIXTURES,))).collections)
        assert get(url, PAGE).json["pagination"] != before.json["pagination"]
        assert get(url, PAGE).json["items"] != before.json["items"]


# What goes on for a replayed request as for any other


def test_walks_and_coverage_count_what_is_replayed_after_all_was_cleared(serve: Serve) -> None:
    url = serve()
    sandbox = Sandbox(url, "demo", "secret")

    def walked() -> tuple[Any, ...]:
        target = after = f"{LIST}?limit=40"
        while after:
            cursor = get(url, after).json["pagination"].get("after")
            after = f"{target}&after={cursor}" if cursor else ""
        [walk] = get(url, "/_mock/walks").json["items"]
        points = get(url, "/_mock/coverage").json
        return {k: v for k, v in walk.items() if k != "id"}, points["covered"], points["percent"]

    first = walked()
    assert first[0]["pages"] == 3
    assert first[0]["complete"] is True
    for clear in (sandbox.clear_requests, sandbox.reset, sandbox.clear_requests):
        clear()
        assert walked() == first


def test_a_page_asked_for_twice_is_a_repeat_although_it_is_replayed(serve: Serve) -> None:
    url = serve()
    cursor = get(url, PAGE).json["pagination"]["after"]
    answers = [get(url, f"{PAGE}&after={cursor}") for _ in range(3)]
    assert [a.header("x-mock-violations") for a in answers] == [
        None,
        "warning repeatedCursor after",
        "warning repeatedCursor after",
    ]


# The law: a server that keeps answers can't be told from one that keeps none

TARGETS = [
    LIST,
    PAGE,
    f"{LIST}?limit=40",
    f"{LIST}?limit=0",
    f"{LIST}?eventType=added",
    f"{LIST}?aggregationType=SUM,COUNT&limit=2",
    f"{LIST}?odd=1",
    "/api/nothing",
]
HEADERS: list[tuple[str, ...]] = [
    (),
    (),
    ("Accept: application/json",),
    ("Accept: text/html",),
    ("Sequence-Version: 1999-01-01",),
    ("User-Agent: another",),
    ("Prefer: code=503",),
]
FAULTS: list[Any] = [
    [{"status": 503}],
    [{"status": 503}, "pass", {"status": 429}],
    [{"page": "repeat-cursor"}],
    [{"page": "short-page"}],
]


def reset_frozen(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.freeze(NOON)


def one_less_if_any(sandbox: Sandbox) -> None:
    for record in sandbox.records()[:1]:
        sandbox.remove(record["id"])


def no_faults(sandbox: Sandbox) -> None:
    for fault in sandbox.faults():
        sandbox.remove_fault(fault["id"])


CHANGES: dict[str, Callable[[Sandbox], None]] = {
    "add": one_more,
    "load": another_set,
    "remove": one_less_if_any,
    "generate": generated,
    "reset": reset_frozen,
    "clear": Sandbox.clear_requests,
    "advance": lambda sandbox: sandbox.advance(2),
    "unfault": no_faults,
}

gets = st.tuples(
    st.just("get"), st.sampled_from(TARGETS), st.sampled_from(HEADERS), st.sampled_from(["GET", "HEAD"])
)
follows = st.tuples(st.just("follow"), st.sampled_from(TARGETS[:3]))
changes = st.tuples(st.sampled_from(sorted(CHANGES)))
faults = st.tuples(st.just("fault"), st.sampled_from(FAULTS))
steps = st.lists(
    st.tuples(st.sampled_from(["demo", "other"]), st.one_of(gets, gets, follows, changes, faults)),
    max_size=25,
)


def comparable(answer: wire.Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = [(n.lower(), v) for n, v in answer.headers]
    return (
        answer.status,
        [h for h in headers if h[0] not in ("date", "x-mock-account-epoch")],
        answer.body,
    )


class Client:
    """Does the steps at one server, and tells all that it saw."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cursors: dict[str, str] = {}
        self.accounts = {each: Sandbox(url, each, "secret") for each in ("demo", "other")}

    def do(self, client_id: str, step: tuple[Any, ...]) -> Any:
        match step:
            case ("get", target, headers, method):
                return self._get(client_id, target, *headers, method=method)
            case ("follow", target):
                cursor = self.cursors.get(client_id, "")
                return self._get(client_id, f"{target}{'&' if '?' in target else '?'}after={cursor}")
            case ("fault", script):
                return self.accounts[client_id].fail(*script)
        CHANGES[step[0]](self.accounts[client_id])
        return None

    def _get(self, client_id: str, target: str, *headers: str, method: str = "GET") -> Any:
        answer = get(self.url, target, *headers, client_id=client_id, method=method)
        if answer.status == 200 and answer.body:
            self.cursors[client_id] = answer.json["pagination"].get("after", "")
        return comparable(answer)

    def told(self) -> Any:
        """All that the server tells of the two accounts, but for times and memory."""
        calls = ["requests?limit=1000", "walks", "violations", "coverage", "faults", "verdict"]
        told = [
            get(self.url, f"/_mock/{call}", client_id=each).json
            for each in self.accounts
            for call in calls
        ]
        text = json.dumps(told, sort_keys=True)
        return json.loads(text, object_hook=lambda o: {k: v for k, v in o.items() if k not in _TIMES})


_TIMES = ("time", "durationMs")


@contextmanager
def keeping(limit: int) -> Iterator[str]:
    """A server of a few records whose replay may hold so many bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "ResponseCache", partial(ResponseCache, limit=limit))
        built = build(Settings(count=12, rate_limit=RateLimit(8, 3)))
    with server.in_thread(built) as url:
        yield url


@pytest.mark.slow
@given(steps)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_cached_and_fresh_answers_are_equal(steps: list[tuple[str, tuple[Any, ...]]]) -> None:
    with keeping(0) as forgetful, keeping(CACHE_BYTES) as usual:
        clients = [Client(url) for url in (forgetful, usual)]
        for client in clients:
            for sandbox in client.accounts.values():
                sandbox.freeze(NOON)
        for client_id, step in steps:
            fresh, kept = (client.do(client_id, step) for client in clients)
            assert kept == fresh
        fresh, kept = (client.told() for client in clients)
        assert kept == fresh


# What it is kept by


COMPARED: set[bytes] = set()


class Text(str):
    """A header's name, decoded, that notes what it is compared with."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            COMPARED.add(other.lower().encode())
        return str(self) == other

    __hash__ = str.__hash__

    def lower(self) -> str:
        return Text(super().lower())


class Name(bytes):
    """A header's name that notes what it is compared with."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, bytes):
            COMPARED.add(bytes(other).lower())
        return bytes(self) == other

    __hash__ = bytes.__hash__

    def decode(self, *args: Any, **kwargs: Any) -> str:
        return Text(super().decode(*args, **kwargs))


class Texts(dict[str, str]):
    """Headers by name that note which of them the code behind the cache looks for."""

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note(str(name))
        return super().__contains__(name)

    @staticmethod
    def _note(name: str) -> None:
        if sys._getframe(2).f_code.co_filename != response_cache.__file__:
            COMPARED.add(name.encode())


def read_noting(pairs: Sequence[tuple[bytes, bytes]]) -> HeaderBlock:
    block = HeaderBlock([(bytes(name), value) for name, value in pairs])
    block.texts = Texts(block.texts)
    return block


SENT = [
    (b"host", b"localhost"),
    (b"accept", b"application/json"),
    (b"authorization", wire.BASIC.encode()),
    (b"user-agent", b"tests"),
    (b"x-anything", b"1"),
]


class Nobody:
    """A connection that nobody is at the other end of."""

    is_abandoned = False


def ask(built: Any, target: str, headers: Sequence[tuple[bytes, bytes]], method: str = "GET") -> int:
    """The status that an application answers with."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [*headers],
        "server": ("127.0.0.1", 80),
        "extensions": {CONNECTION: Nobody()},
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    asyncio.run(built(scope, receive, send))
    return statuses[0]


def test_headers_that_code_reads_are_listed_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What of a request's headers is looked at, whatever becomes of the request."""
    monkeypatch.setattr(credentials, "header_reader", lambda _: read_noting)
    built = build(Settings(cors_origin=("https://example.com",)))
    COMPARED.clear()
    headers = [(Name(name), value) for name, value in SENT]
    extra = [(Name(b"origin"), b"https://example.com"), (Name(b"access-control-request-method"), b"GET")]
    seen = [
        ask(built, PAGE, headers),
        ask(built, f"{LIST}?limit=0", headers),
        ask(built, "/api/nothing", headers),
        ask(built, PAGE, [*headers, extra[0]]),
        ask(built, PAGE, [*headers, *extra], "HEAD"),
        ask(built, PAGE, headers[:2]),
    ]
    assert seen == [200, 400, 404, 200, 200, 401]
    described = {name.lower().encode() for name in built_in().header_parameters}
    listed = {name.encode() for name in READ | BARRED}
    # `host` is only kept from werkzeug, together with two that uvicorn alone reads; `origin` is read in
    # front of the cache, cookies where the document describes one, and a type where it describes a body.
    noted = COMPARED - {b"user-agent", b"x-anything"}
    not_behind = {b"host", b"connection", b"upgrade", b"origin"}
    assert noted - not_behind <= listed | described | {b"authorization"}
    assert described - noted == set()
    assert listed - noted <= {b"cookie", b"content-type"}


def test_a_described_header_and_a_cookie_are_read(serve: Serve, small: Callable[..., Path]) -> None:
    parameters = """
        - {name: X-Colour, in: header, schema: {type: string, enum: [red, blue]}}
        - {name: taste, in: cookie, schema: {type: string, enum: [sweet]}}
"""
    url = serve(document=small(("      parameters:\n", f"      parameters:{parameters.rstrip()}\n")))
    sent = ["X-Colour: red", "X-Colour: green", "Cookie: taste=sweet", "Cookie: taste=sour"]
    for _ in range(2):
        assert [get(url, "/v1/things", header).status for header in sent] == [200, 400, 200, 400]


# Memory


@pytest.mark.slow
def test_the_response_cache_is_bounded() -> None:
    limit = 100_000
    others = {id(each) for each in gc.get_objects() if isinstance(each, CachedAnswer)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "ResponseCache", partial(ResponseCache, limit=limit))
        built = build(Settings())
    for number in range(200):
        assert ask(built, f"{LIST}?limit={number % 50 + 1}&n={number}", SENT) == 200
    gc.collect()
    kept = [
        each for each in gc.get_objects() if isinstance(each, CachedAnswer) and id(each) not in others
    ]
    sizes = sum(each.size for each in kept)
    assert 0 < sizes <= limit
    assert sum(len(each.page) for each in kept) < sizes


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (f"{LIST}?limit=1&{'a&' * 1_000}", ()),
        (f"{LIST}?name={'x' * 2_000}", ()),
        (f"{LIST}?limit=1", ("Accept: */*",) * 1_000),
    ],
)
def test_long_requests_are_not_kept(
    serve: Serve, made: Counted, target: str, headers: tuple[str, ...]
) -> None:
    url = serve()
    assert {get(url, target, *headers).status for _ in range(3)} == {200}
    assert made.pages == 3


def test_a_failure_of_the_server_itself_is_not_kept(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    url = serve()
    write = PageWriter.write
    failing = [MemoryError()]

    def writing(*args: Any) -> PageAnswer:
        if failing:
            raise failing.pop()
        return write(*args)

    monkeypatch.setattr(PageWriter, "write", writing)
    assert [get(url, PAGE).status for _ in range(3)] == [500, 200, 200]
    assert "failed" in caplog.text


def test_a_cached_head_response_has_no_body(serve: Serve) -> None:
    url = serve()
    ids = [get(url, PAGE, method="HEAD").header("x-mock-request-id") for _ in range(3)]
    kept = [get(url, f"/_mock/requests/{each}").json["responseBody"]["size"] for each in ids]
    assert kept == [0, 0, 0]


def test_a_change_makes_the_cached_answers_of_its_account_alone_stale(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []
    show = wsgi_bridge.Response

    def counting(body: bytes, **options: Any) -> Any:
        made.append(body)
        return show(body, **options)

    monkeypatch.setattr(list_handler, "Response", counting)
    url = serve(document=parcels.written(tmp_path), count=3)
    one, other = Caller(url, "one"), Caller(url, "other")
    before = [caller.send("GET", "/parcels").json["total"] for caller in (one, other, one)]
    assert (before, len(made)) == ([3, 3, 3], 1)
    one.send("POST", "/parcels", {"label": "a", "size": "S"})
    after = [caller.send("GET", "/parcels").json["total"] for caller in (one, other, one, other)]
    assert (after, len(made)) == ([4, 3, 4, 3], 2)
