"""The three headers that say what the rate limit leaves, on all answers of the mocked API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import RateLimit, Settings
from tests.support import parcels, wire
from tests.support.callers import Caller, authorization
from tests.support.documents import LIST
from tests.support.faults import get
from tests.support.servers import Serve, build

NOON = "2026-01-01T12:00:00Z"
NAMES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def quota(answer: wire.Answer) -> tuple[int, ...]:
    """The three headers of an answer: the limit, what remains of it, and the seconds to wait."""
    return tuple(int(answer.header(name) or -1) for name in NAMES)


@pytest.fixture(scope="module")
def limited_url() -> Iterator[str]:
    with server.in_thread(build(Settings(rate_limit=RateLimit(3, 60), cors_origin=("*",)))) as root:
        yield root


@pytest.fixture
def limited(limited_url: str) -> Sandbox:
    """An account that may send 3 requests in 60 seconds, by a clock that stands."""
    account = Sandbox(limited_url, "limited", "secret")
    account.reset()
    account.freeze(NOON)
    return account


def test_every_request_takes_one_and_a_wait_gives_it_back(limited: Sandbox) -> None:
    assert quota(get(limited)) == (3, 2, 60)
    limited.advance(10)
    assert quota(get(limited)) == (3, 1, 50)
    limited.advance(0.5)
    # Whole seconds, so that a client that waits so long is not a moment too early.
    assert quota(get(limited)) == (3, 0, 50)
    refused = get(limited)
    assert (refused.status, quota(refused), refused.header("Retry-After")) == (429, (3, 0, 50), "50")
    limited.advance(49.5)
    assert quota(get(limited)) == (3, 0, 10)
    limited.advance(600)
    assert quota(get(limited)) == (3, 2, 60)


def test_a_cached_answer_has_the_headers_of_its_own_request(limited: Sandbox) -> None:
    # An answer is kept at its second request, and given at the third.
    answers = [get(limited) for _ in range(3)]
    assert len({each.body for each in answers}) == 1
    assert [quota(each)[1] for each in answers] == [2, 1, 0]
    other = Sandbox(limited.url, "another", "secret")
    assert quota(get(other))[1] == 2


@pytest.mark.parametrize(
    ("target", "step", "status"),
    [
        (LIST, None, 200),
        (f"{LIST}?limit=0", None, 400),
        ("/nowhere", None, 404),
        (LIST, {"status": 304}, 304),
        (LIST, {"status": 503}, 503),
        (LIST, {"status": 204}, 204),
        (LIST, {"page": "empty-page"}, 200),
        (LIST, {"status": 429, "headers": {"Retry-After": "7"}}, 429),
    ],
)
def test_all_answers_have_them(limited: Sandbox, target: str, step: Any, status: int) -> None:
    if step is not None:
        limited.fail(step)
    answer = get(limited, target)
    assert (answer.status, quota(answer)) == (status, (3, 2, 60))
    assert [name.lower() for name, _ in answer.headers].count("ratelimit-limit") == 1


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_all_methods_have_them(limited: Sandbox, method: str) -> None:
    assert quota(get(limited, method=method)) == (3, 2, 60)


def test_a_request_without_an_account_uses_up_nothing(limited: Sandbox) -> None:
    for headers in ([], ["Authorization: Basic nonsense"]):
        answer = wire.get(limited.url, LIST, *headers, auth=False)
        assert (answer.status, quota(answer)) == (401, (3, 3, 0))
    preflight = ("Origin: http://x", "Access-Control-Request-Method: GET")
    answer = wire.get(limited.url, LIST, *preflight, auth=False, method="OPTIONS")
    assert (answer.status, quota(answer)) == (200, (3, 3, 0))


def test_pages_of_other_origins_may_read_them(limited: Sandbox) -> None:
    answer = get(limited, LIST, "Origin: http://x")
    assert answer.header("Access-Control-Expose-Headers") == "*"


def test_a_script_may_set_one_itself(limited: Sandbox) -> None:
    limited.fail({"status": 429, "headers": {"ratelimit-remaining": "0", "RateLimit-Reset": "5"}})
    assert quota(get(limited)) == (3, 0, 5)


def test_the_control_api_and_a_server_without_a_limit_have_none(limited: Sandbox, url: str) -> None:
    for answer in (
        wire.get(limited.url, "/_mock/faults", authorization("limited"), auth=False),
        wire.get(url, LIST),
    ):
        assert answer.status == 200
        assert [answer.header(name) for name in NAMES] == [None] * 3


def test_a_reset_fills_the_limit_up_again(limited: Sandbox) -> None:
    get(limited)
    limited.reset()
    limited.freeze(NOON)
    assert quota(get(limited)) == (3, 2, 60)


def test_an_operation_with_a_rate_counts_alone_and_in_place_of_the_limit(
    serve: Serve, tmp_path: Path
) -> None:
    document = parcels.written(tmp_path, createParcel={"x-rate": "2/10"})
    caller = Caller(serve(document=document, rate_limit=RateLimit(3, 60)), "a")
    account = Sandbox(caller.url, "a", "secret")
    account.freeze(NOON)
    body = {"label": "a", "size": "S"}
    created = [caller.send("POST", "/parcels", body) for _ in range(3)]
    assert [answer.status for answer in created] == [201, 201, 429]
    assert [quota(answer) for answer in created] == [(2, 1, 10), (2, 0, 10), (2, 0, 10)]
    assert created[2].header("Retry-After") == "10"
    said = "used up its rate limit of 2 requests in 10 s for createParcel; send again in 10 s."
    assert said in created[2].json["error"]["message"]
    for remaining in (2, 1):
        assert quota(caller.send("GET", "/parcels")) == (3, remaining, 60)
    account.advance(10)
    assert quota(caller.send("POST", "/parcels?x=1", body)) == (2, 1, 10)
    assert quota(Caller(caller.url, "b").send("POST", "/parcels", body)) == (2, 1, 10)
    account.reset()
    assert quota(caller.send("POST", "/parcels", body)) == (2, 1, 10)


def test_without_a_rate_limit_an_operation_with_a_rate_has_none(serve: Serve, tmp_path: Path) -> None:
    caller = Caller(serve(document=parcels.written(tmp_path, listParcels={"x-rate": "1/10"})), "a")
    for _ in range(3):
        answer = caller.send("GET", "/parcels")
        assert (answer.status, answer.header("RateLimit-Limit")) == (200, None)
