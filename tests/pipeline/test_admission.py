"""The gate: reserved client ids, the rate limit, and the order in which a request is refused."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import RateLimit, Settings
from tests.support import wire
from tests.support.callers import authorization
from tests.support.documents import LIST, ROOT
from tests.support.patience import PATIENCE
from tests.support.servers import Serve, build

NOON = "2026-01-01T12:00:00Z"
THINGS = "/v1/things"


@pytest.fixture(autouse=True)
def no_error_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def get(
    url: str, client_id: str | None, target: str = LIST, *headers: str, method: str = "GET"
) -> wire.Answer:
    """A request of a client, or of nobody."""
    named = () if client_id is None else (authorization(client_id),)
    return wire.get(url, target, *named, *headers, method=method, auth=False)


def statuses(url: str, client_id: str | None, number: int, target: str = LIST) -> list[int]:
    return [get(url, client_id, target).status for _ in range(number)]


def account(url: str, client_id: str, *, frozen: bool = True) -> Sandbox:
    """An account by its client id, whose clock stands still so that a limit is exact."""
    sandbox = Sandbox(url, client_id, "secret")
    if frozen:
        sandbox.freeze(NOON)
    return sandbox


# Reserved client ids

RESERVED = [
    ("unauthorized", 401, "unauthorized"),
    ("forbidden", 403, "forbidden"),
    ("throttled", 429, "tooManyRequests"),
    ("broken", 500, "internalServerError"),
    ("anonymous", 401, "unauthorized"),
]
reserved = pytest.mark.parametrize(("client_id", "status", "kind"), RESERVED)


@reserved
def test_a_reserved_client_id_always_gets_its_answer(
    serve: Serve, client_id: str, status: int, kind: str
) -> None:
    url = serve()
    for secret in ("secret", "", "another:one"):
        for target in (LIST, LIST + "?limit=2", LIST + "?limit=0"):
            answer = wire.get(url, target, authorization(client_id, secret), auth=False)
            assert (answer.status, answer.json["error"]["type"]) == (status, kind)
            assert answer.json["error"]["message"].endswith(".")
            assert answer.header("Sequence-Version") == "2024-07-30"
            assert answer.header("X-Mock-Request-Id")
    assert get(url, client_id, method="HEAD").status == status
    challenge = get(url, client_id).header("WWW-Authenticate")
    assert challenge == ('Basic realm="Sequence"' if status == 401 else None)
    wait = get(url, client_id).header("Retry-After")
    assert wait is not None and int(wait) >= 1 if status == 429 else wait is None


@pytest.mark.slow
@reserved
def test_the_control_api_answers_reserved_ids_as_usual(
    serve: Serve, client_id: str, status: int, kind: str
) -> None:
    url = serve()
    sandbox = Sandbox(url, client_id, "secret")
    sandbox.generate(3)
    listed = httpx.get(f"{url}/_mock/collections/usage-metrics", auth=sandbox.auth)
    assert listed.json()["total"] == 3
    fault = sandbox.fail({"status": 418})
    assert [each["id"] for each in sandbox.faults()] == [fault]
    sandbox.freeze(NOON)
    sandbox.advance(1)
    clock = httpx.get(f"{url}/_mock/clock", auth=sandbox.auth).json()
    assert clock == {"now": "2026-01-01T12:00:01Z", "frozen": True}
    # Nor does the mocked API let a fault come first.
    assert get(url, client_id).status == status
    assert sandbox.faults()[0]["fired"] == 0
    assert [(entry["status"], entry["path"]) for entry in sandbox.requests()] == [(status, LIST)]
    sandbox.reset()
    assert (sandbox.requests(), sandbox.faults()) == ([], [])


@reserved
def test_reserved_ids_are_journaled_in_accounts_of_their_own(
    serve: Serve, client_id: str, status: int, kind: str
) -> None:
    url = serve()
    assert statuses(url, client_id, 2) == [status, status]
    assert get(url, client_id, "/nope").status == 404
    assert get(url, "another").status == 200
    sandbox = Sandbox(url, client_id, "secret")
    entries = sandbox.requests()
    assert [entry["status"] for entry in entries] == [status, status, 404]
    assert [entry["operation"] for entry in entries] == ["getUsageMetrics", "getUsageMetrics", None]
    others = Sandbox(url, "another", "secret").requests(account="anonymous")
    assert len(others) == (3 if client_id == "anonymous" else 0)


def test_anonymous_names_the_journal_of_requests_without_a_valid_account(serve: Serve) -> None:
    url = serve()
    assert get(url, None, LIST + "?limit=1").status == 401
    assert get(url, None, LIST + "?limit=2", "Authorization: Bearer abc").status == 401
    assert get(url, None, "/nope").status == 404
    assert get(url, None, LIST, method="PUT").status == 405
    assert get(url, "anonymous", LIST + "?limit=3").status == 401
    for sandbox in (Sandbox(url, "anonymous", "x"), Sandbox(url, "demo", "x")):
        entries = sandbox.requests(account="anonymous")
        assert [entry["status"] for entry in entries] == [401, 401, 404, 405, 401]
        assert [entry["query"] for entry in entries] == ["limit=1", "limit=2", "", "", "limit=3"]
    assert Sandbox(url, "anonymous", "x").requests() == entries
    assert Sandbox(url, "demo", "x").requests() == []


@pytest.mark.slow
def test_slow_answers_right_after_2_seconds_and_holds_up_nobody(serve: Serve) -> None:
    url = serve()
    sandbox = Sandbox(url, "slow", "secret")
    sandbox.fail({"status": 503})
    with ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        slow = [pool.submit(get, url, "slow", LIST + "?limit=2") for _ in range(2)]
        assert get(url, "quick").status == 200
        assert [entry["status"] for entry in sandbox.requests(limit=1)] in ([], [None])
        answers = sorted((each.result() for each in slow), key=lambda answer: answer.status)
        assert time.monotonic() - began > 1.9
    assert [answer.status for answer in answers] == [200, 503]
    assert len(answers[0].json["items"]) == 2
    assert min(entry["durationMs"] or 0 for entry in sandbox.requests()) > 1900


@pytest.mark.parametrize(
    "client_id", ["Unauthorized", "forbidden ", "throttled2", "brokenn", "SLOW", "default"]
)
def test_no_other_client_id_is_reserved(serve: Serve, client_id: str) -> None:
    assert get(serve(), client_id).status == 200


def test_reserved_ids_are_listed_in_the_documentation() -> None:
    text = (ROOT / "docs" / "reference" / "faults.md").read_text()
    for client_id in ("slow", *(each[0] for each in RESERVED)):
        assert f"| `{client_id}` |" in text


# The rate limit


@pytest.mark.slow
def test_there_is_no_limit_unless_asked_for(url: str) -> None:
    with wire.connect(url) as connection:
        request = f"GET {LIST}?limit=1 HTTP/1.1\r\nHost: x\r\n{authorization('gate-unlimited')}\r\n\r\n"
        for _ in range(2000):
            connection.sendall(request.encode())
            assert wire.read(connection).status == 200


def test_a_request_past_the_limit_gets_429_and_when_one_passes(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(3, 60))
    sandbox = account(url, "one")
    assert statuses(url, "one", 3) == [200, 200, 200]
    for _ in range(3):
        answer = get(url, "one")
        assert (answer.status, answer.header("Retry-After")) == (429, "60")
        assert answer.json["error"]["type"] == "tooManyRequests"
        assert "its rate limit of 3 requests in 60 s; send" in answer.json["error"]["message"]
        assert answer.header("Sequence-Version") == "2024-07-30"
    sandbox.advance(60)
    assert statuses(url, "one", 4) == [200, 200, 200, 429]
    assert [e["status"] for e in sandbox.requests()] == [200] * 3 + [429] * 3 + [200] * 3 + [429]


def test_the_window_slides(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(3, 60))
    sandbox = account(url, "one")
    for _ in range(3):
        assert get(url, "one").status == 200
        sandbox.advance(20)
    # The first was 60 s ago, the second 40 s.
    assert get(url, "one").status == 200
    answer = get(url, "one")
    assert (answer.status, answer.header("Retry-After")) == (429, "20")
    sandbox.advance(19.5)
    answer = get(url, "one")
    assert (answer.status, answer.header("Retry-After")) == (429, "1")
    sandbox.advance(0.5)
    assert statuses(url, "one", 2) == [200, 429]


def test_retry_after_is_whole_seconds_rounded_up(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(1, 10))
    sandbox = account(url, "one")
    assert get(url, "one").status == 200
    for advance, wait in ((0.25, "10"), (0.75, "9"), (8.999999, "1"), (0.000001, None)):
        sandbox.advance(advance)
        assert get(url, "one").header("Retry-After") == wait


def test_each_account_has_a_limit_of_its_own(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(2, 60))
    for client_id in ("one", "two"):
        account(url, client_id)
        assert statuses(url, client_id, 3) == [200, 200, 429]
    account(url, "two").reset()
    assert statuses(url, "one", 1) == [429]


def test_a_reset_gives_a_fresh_limit(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(2, 3600))
    assert statuses(url, "one", 3) == [200, 200, 429]
    Sandbox(url, "one", "secret").reset()
    assert statuses(url, "one", 3) == [200, 200, 429]


REFUSED: list[tuple[str, str, tuple[str, ...], int]] = [
    ("GET", LIST + "?limit=0", (), 400),
    ("GET", LIST, ("Sequence-Version: x",), 400),
    ("GET", LIST, ("Accept: text/html",), 406),
    ("GET", "/nope", (), 404),
    ("DELETE", LIST, (), 405),
    ("OPTIONS", LIST, (), 204),
    ("GET", LIST, ("Content-Length: 9999999",), 413),
    ("HEAD", LIST, (), 200),
    ("GET", LIST, ("Prefer: code=503",), 503),
]


@pytest.mark.parametrize(("method", "target", "headers", "status"), REFUSED)
def test_refused_requests_count_too(
    serve: Serve, method: str, target: str, headers: tuple[str, ...], status: int
) -> None:
    url = serve(rate_limit=RateLimit(2, 60))
    account(url, "one")
    assert get(url, "one", target, *headers, method=method).status == status
    assert statuses(url, "one", 2) == [200, 429]


def test_control_calls_and_anonymous_requests_do_not_use_the_rate_limit(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(1, 60))
    sandbox = account(url, "one")
    for _ in range(5):
        sandbox.requests()
        assert get(url, "one", "/_mock/health").status == 200
        assert get(url, None).status == 401
        assert get(url, "one", "/_mock/nope").status == 404
    assert statuses(url, "one", 2) == [200, 429]
    # Nor does the limit hold up the control API, or those without an account.
    assert get(url, "one", "/_mock/clock").status == 200
    assert statuses(url, None, 3) == [401, 401, 401]


def test_scripted_faults_count_and_a_429_uses_none(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(2, 60))
    sandbox = account(url, "one")
    sandbox.fail({"status": 503}, {"cut": "reset"}, {"status": 418})
    assert get(url, "one").status == 503
    with pytest.raises(ConnectionResetError):
        get(url, "one")
    assert statuses(url, "one", 2) == [429, 429]
    assert sandbox.faults()[0]["remaining"] == 1
    sandbox.advance(60)
    assert statuses(url, "one", 2) == [418, 200]


def test_exactly_the_limit_passes_of_concurrent_requests(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(10, 3600))
    with ThreadPoolExecutor(32) as pool:
        got = sorted(pool.map(lambda _: get(url, "one").status, range(64)))
    assert got == [200] * 10 + [429] * 54


def test_the_limit_is_on_a_running_clock_too(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(1, 60))
    sandbox = account(url, "one", frozen=False)
    assert statuses(url, "one", 2) == [200, 429]
    assert 1 <= int(get(url, "one").header("Retry-After") or 0) <= 60
    sandbox.advance(60)
    assert statuses(url, "one", 2) == [200, 429]


@pytest.mark.slow
def test_a_wall_clock_second_passes_too(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(1, 1))
    assert get(url, "one").status == 200
    deadline = time.monotonic() + PATIENCE
    while get(url, "one").status == 429:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("moment", ["1999-01-01T00:00:00Z", "2001-02-03T04:05:06.789Z"])
def test_a_clock_that_is_set_back_locks_nobody_out(serve: Serve, moment: str) -> None:
    """However far, no more than the window is to be waited for."""
    url = serve(rate_limit=RateLimit(2, 60))
    sandbox = account(url, "one")
    assert statuses(url, "one", 3) == [200, 200, 429]
    sandbox.freeze(moment)
    answer = get(url, "one")
    if answer.status == 429:
        assert int(answer.header("Retry-After") or 0) <= 60
        sandbox.advance(int(answer.header("Retry-After") or 0))
        answer = get(url, "one")
    assert answer.status == 200


def test_one_account_s_clock_moves_no_other_s_limit(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(1, 60))
    account(url, "one")
    two = account(url, "two")
    assert get(url, "one").status == get(url, "two").status == 200
    two.advance(600)
    assert (get(url, "one").status, get(url, "two").status) == (429, 200)


@pytest.fixture(scope="module")
def limited() -> Iterator[str]:
    """A server that lets an account send 3 requests in 10 seconds."""
    with server.in_thread(build(Settings(rate_limit=RateLimit(3, 10)))) as root:
        yield root


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.integers(0, 24), max_size=12))
def test_the_rate_limit_equals_a_model_of_a_sliding_window(limited: str, halves: list[int]) -> None:
    """Requests after gaps in half seconds; those that were let pass in the last 10 s are at most 3."""
    sandbox = account(limited, "window")
    sandbox.reset()
    sandbox.freeze(NOON)
    now, passed = 0.0, list[float]()
    for half in halves:
        if half:
            sandbox.advance(half / 2)
        now += half / 2
        answer = get(limited, "window", LIST + "?limit=1")
        inside = [moment for moment in passed if moment > now - 10]
        if len(inside) < 3:
            assert answer.status == 200
            passed.append(now)
            inside.append(now)
        else:
            assert answer.status == 429
            assert answer.header("Retry-After") == str(math.ceil(inside[0] + 10 - now))
        assert answer.header("RateLimit-Remaining") == str(3 - len(inside))
        assert answer.header("RateLimit-Reset") == str(math.ceil(inside[0] + 10 - now))


def test_a_request_after_retry_after_passes_whatever_was_sent_before(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(2, 60))
    sandbox = account(url, "one")
    statuses(url, "one", 2)
    left = int(get(url, "one").header("Retry-After") or 0)
    while left:
        assert get(url, "one").header("Retry-After") == str(left)
        step = min(left, 7)
        sandbox.advance(step)
        left -= step
    assert get(url, "one").status == 200


# The order

TOO_LARGE = "Content-Length: 9999999"
VERSION, ACCEPT, PREFER = "Sequence-Version: x", "Accept: text/html", "Prefer: code=502"
BAD = LIST + "?limit=0"


def test_refusals_have_a_fixed_order(serve: Serve) -> None:
    """413 · 404 · 405 or OPTIONS · 401 · reserved · 429 · version · 406 · violations · fault · Prefer."""
    url = serve(rate_limit=RateLimit(1, 60))
    used = account(url, "used")
    used.fail({"status": 418}, repeat="forever")
    for client_id in ("used", "forbidden"):
        get(url, client_id)
    wrong = (VERSION, ACCEPT, PREFER)
    order: list[tuple[int, str | None, str, tuple[str, ...], str]] = [
        (413, "used", "/nope", (TOO_LARGE, *wrong), "PUT"),
        (413, None, BAD, (TOO_LARGE, *wrong), "GET"),
        (404, "used", "/nope", wrong, "PUT"),
        (404, "forbidden", "/nope", wrong, "OPTIONS"),
        (404, None, "/nope", wrong, "GET"),
        (405, "used", BAD, wrong, "PUT"),
        (405, "forbidden", BAD, wrong, "DELETE"),
        (405, None, BAD, wrong, "POST"),
        (204, "used", BAD, wrong, "OPTIONS"),
        (204, "unauthorized", BAD, wrong, "OPTIONS"),
        (401, None, BAD, wrong, "GET"),
        (403, "forbidden", BAD, wrong, "GET"),
        (403, "forbidden", BAD, wrong, "HEAD"),
        (429, "used", BAD, wrong, "GET"),
        (429, "used", BAD, wrong, "HEAD"),
    ]
    for status, client, target, headers, method in order:
        answer = get(url, client, target, *headers, method=method)
        assert answer.status == status, (status, client, target, method)
    rest: list[tuple[str, str, tuple[str, ...]]] = [
        ("UnrecognisedApiVersion", BAD, wrong),
        ("notAcceptable", BAD, (ACCEPT, PREFER)),
        ("validationError", BAD, (PREFER,)),
    ]
    for kind, place, sent in rest:
        used.advance(60)
        assert get(url, "used", place, *sent).json["error"]["type"] == kind
    assert used.faults()[0]["fired"] == 1
    used.advance(60)
    assert get(url, "used", LIST, PREFER).status == 418
    httpx.delete(f"{url}/_mock/faults", auth=used.auth)
    used.advance(60)
    assert get(url, "used", LIST, PREFER).status == 502
    used.advance(60)
    assert get(url, "used").status == 200


def test_a_reserved_id_comes_before_the_limit(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(1, 60))
    assert statuses(url, "broken", 3) == [500, 500, 500]
    answer = [get(url, "throttled") for _ in range(2)][1]
    assert (answer.status, answer.header("Retry-After")) == (429, "1")


# Documents that ask for no credentials


@pytest.fixture
def things(serve: Serve, small: Callable[..., Path]) -> str:
    """A server of the small document, which has no security."""
    return serve(document=small())


def total(url: str, client_id: str | None) -> int:
    found: int = get(url, client_id, THINGS).json["pagination"]["totalResultSize"]
    return found


def test_without_security_credentials_name_the_account_else_it_is_default(things: str) -> None:
    Sandbox(things, "default", "x").generate(5)
    Sandbox(things, "named", "x").generate(7)
    assert total(things, None) == 5
    assert total(things, "named") == 7
    assert total(things, "default") == 5
    assert total(things, "else") == 100
    for broken in ("Authorization: Basic %%%", "Authorization: Bearer", "Authorization:"):
        answer = get(things, None, THINGS, broken)
        assert (answer.status, answer.json["pagination"]["totalResultSize"]) == (200, 5)


def test_without_security_faults_are_those_of_the_account(things: str) -> None:
    default, named = Sandbox(things, "default", "x"), Sandbox(things, "named", "x")
    default.fail({"status": 503}, operation="listThings")
    named.fail({"status": 418})
    assert statuses(things, None, 2, THINGS) == [503, 200]
    assert statuses(things, "named", 2, THINGS) == [418, 200]
    default.assert_faults_fired()
    named.assert_faults_fired()


def test_without_security_a_page_is_counted_too(things: str) -> None:
    default = Sandbox(things, "default", "x")
    default.fail({"status": 503}, page=2)
    after = get(things, None, THINGS).json["pagination"]["after"]
    assert statuses(things, None, 2, f"{THINGS}?after={after}") == [503, 200]


def test_without_security_a_request_without_credentials_is_journaled_in_default(things: str) -> None:
    default = Sandbox(things, "default", "x")
    assert statuses(things, None, 1, THINGS) == [200]
    assert statuses(things, "default", 1, THINGS + "?limit=1") == [200]
    assert statuses(things, None, 1, "/nope") == [404]
    assert [entry["query"] for entry in default.requests()] == ["", "limit=1", ""]
    assert default.requests(account="anonymous") == []


def test_without_security_there_is_a_limit_too(serve: Serve, small: Callable[..., Path]) -> None:
    url = serve(document=small(), rate_limit=RateLimit(2, 60))
    default = account(url, "default")
    assert statuses(url, None, 3, THINGS) == [200, 200, 429]
    assert statuses(url, "default", 1, THINGS) == [429]
    assert statuses(url, "other", 3, THINGS) == [200, 200, 429]
    default.advance(60)
    assert statuses(url, None, 3, THINGS) == [200, 200, 429]


@reserved
def test_without_security_ids_are_reserved_all_the_same(
    things: str, client_id: str, status: int, kind: str
) -> None:
    answer: Any = get(things, client_id, THINGS)
    assert (answer.status, answer.json["error"]["type"]) == (status, kind)
