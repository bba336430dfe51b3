"""Faults over a real socket: scripts, their steps and when they are used up, cuts, and `Prefer`."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import LIST
from tests.support.faults import get, head, progress, refused, script, statuses, trusted
from tests.support.patience import PATIENCE
from tests.support.processes import Process
from tests.support.servers import Serve, build

# Of a client that gives up waiting for an answer.
SHORT = httpx.Timeout(PATIENCE, read=0.2)

pytestmark = pytest.mark.usefixtures("no_error_is_logged")


@pytest.fixture
def process() -> Iterator[Process]:
    running = Process()
    yield running
    if running.popen.poll() is None:
        running.popen.kill()
    running.popen.communicate()


# Scripts


def test_the_steps_are_used_up_in_order(account: Sandbox) -> None:
    account.fail({"status": 503}, "pass", {"status": 404})
    assert statuses(account, 5) == [503, 200, 404, 200, 200]


def test_a_script_runs_as_often_as_it_says(account: Sandbox) -> None:
    account.fail({"status": 503}, {"status": 429}, repeat=2)
    seen = []
    for _ in range(5):
        seen.append((get(account).status, *progress(account)))
    assert seen == [
        (503, (1, 3, False)), (429, (2, 2, False)), (503, (3, 1, False)), (429, (4, 0, True)),
        (200, (4, 0, True)),
    ]  # fmt: skip


def test_a_script_can_run_for_ever(account: Sandbox) -> None:
    account.fail({"status": 503}, "pass", repeat="forever")
    assert progress(account) == [(0, "forever", False)]
    with pytest.raises(AssertionError):
        account.assert_faults_fired()
    assert statuses(account, 41) == [503, 200] * 20 + [503]
    assert progress(account) == [(41, "forever", False)]
    account.assert_faults_fired()


def test_a_fault_that_is_not_spent_counts_as_unfired(account: Sandbox) -> None:
    account.fail({"status": 503}, {"delay": 0.01}, "pass")
    for _ in range(3):
        with pytest.raises(AssertionError, match="no request met these faults"):
            account.assert_faults_fired()
        get(account)
    account.assert_faults_fired()


def test_registering_answers_with_the_whole_fault(account: Sandbox) -> None:
    asked = {
        "operation": "getUsageMetrics",
        "when": {"page": 3, "query": {"eventType": "seat_added"}},
        "script": [{"status": 503, "headers": {"Retry-After": "1"}, "body": {"a": [None]}}, "pass"],
        "repeat": 3,
    }
    answer = script(account, asked)
    assert answer.status_code == 201
    fault = answer.json()
    assert fault == {"id": fault["id"], **asked, "fired": 0, "remaining": 6, "spent": False}
    assert account.faults() == [fault]
    least = script(account, {"script": ["pass"]}).json()
    assert least["repeat"] == least["remaining"] == 1
    assert account.faults() == [fault, least]


def test_the_first_registered_fault_with_steps_left_is_used(account: Sandbox) -> None:
    account.fail({"status": 501}, query={"name": "x"})
    account.fail({"status": 502}, {"status": 503})
    account.fail({"status": 504}, operation="getUsageMetrics")
    assert statuses(account, 2) == [502, 503]
    assert [fired for fired, _, _ in progress(account)] == [0, 2, 0]
    assert statuses(account, 2, LIST + "?name=x") == [501, 504]
    assert statuses(account, 1) == [200]


def test_one_request_uses_one_step_even_if_that_is_a_pass(account: Sandbox) -> None:
    account.fail("pass")
    account.fail({"delay": 0.01})
    account.fail({"status": 503})
    assert statuses(account, 4) == [200, 200, 503, 200]


def test_the_journal_names_the_fault_that_fired(account: Sandbox) -> None:
    first, second = account.fail("pass", {"delay": 0.01}), account.fail({"status": 503})
    statuses(account, 4)
    assert [entry["fault"] for entry in account.requests()] == [first, first, second, None]


def test_faults_are_of_one_account_alone(account: Sandbox) -> None:
    other = Sandbox(account.url, account.client_id + "-other", "secret")
    account.fail({"status": 503}, repeat="forever")
    assert statuses(other, 2) == [200, 200]
    assert other.faults() == []
    assert statuses(account, 1) == [503]


def test_64_requests_at_once_against_10_failures_give_10(account: Sandbox) -> None:
    account.fail({"status": 503}, repeat=10)
    account.fail(*[{"status": 418}] * 5)
    barrier = threading.Barrier(64)

    def one(_: int) -> int:
        barrier.wait(timeout=PATIENCE)
        return get(account).status

    with ThreadPoolExecutor(64) as pool:
        got = sorted(pool.map(one, range(64)))
    assert got == [200] * 49 + [418] * 5 + [503] * 10
    assert progress(account) == [(10, 0, True), (5, 0, True)]


def test_concurrent_cuts_and_delays_use_one_step_each(account: Sandbox) -> None:
    account.fail({"delay": 0.1, "status": 503}, {"cut": "reset"}, repeat=10)

    def one(_: int) -> int:
        try:
            return get(account).status
        except ConnectionResetError:
            return 0

    with ThreadPoolExecutor(32) as pool:
        got = sorted(pool.map(one, range(64)))
    assert got == [0] * 10 + [200] * 44 + [503] * 10


@pytest.mark.slow
@pytest.mark.parametrize("query", ["name=metric", "name=metric&eventType=e", "eventType=e"])
def test_a_page_is_of_the_records_that_there_are_after_a_delay(account: Sandbox, query: str) -> None:
    def metrics(number: int) -> list[dict[str, Any]]:
        common = {"metricType": "SIMPLE", "eventType": "e", "aggregationType": "COUNT"}
        more: dict[str, Any] = {"propertyFilters": {}, "parameters": []}
        return [{"name": f"metric {i}", **common, **more} for i in range(number)]

    account.load(metrics(60))
    with ThreadPoolExecutor() as pool:
        target = f"{LIST}?limit=50&{query}"
        delayed = pool.submit(get, account, target, "Prefer: delay=0.4")
        while not account.requests():
            time.sleep(0.01)
        account.load([*metrics(2), {**metrics(1)[0], "name": "other", "eventType": "f"}])
        answer = delayed.result()
    assert answer.status == 200
    assert [item["name"] for item in answer.json["items"]] == ["metric 0", "metric 1"]
    assert answer.json["pagination"] == {"totalResultSize": 2}


def test_faults_that_are_registered_at_once_are_all_there(account: Sandbox) -> None:
    with ThreadPoolExecutor(16) as pool:
        scripted = list(pool.map(lambda number: account.fail({"status": 400 + number}), range(40)))
    assert len(set(scripted)) == 40
    assert sorted(fault["id"] for fault in account.faults()) == sorted(scripted)
    assert sorted(statuses(account, 41)) == [200, *range(400, 440)]


@pytest.mark.slow
def test_a_fault_waits_for_no_other_account_s_load(account: Sandbox) -> None:
    other = Sandbox(account.url, account.client_id + "-other", "secret")
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(other.generate, 50_000)
        time.sleep(0.2)
        account.fail({"status": 503})
        assert statuses(account, 2) == [503, 200]
        assert not load.done()
        load.result()
    other.reset()


# When


def test_a_page_is_counted_within_its_walk(account: Sandbox) -> None:
    account.generate(10)
    account.fail({"status": 503}, {"cut": "truncate"}, {"status": 500}, page=3)
    outcomes, cursor = [], ""
    for _ in range(8):
        with contextlib.suppress(httpx.RemoteProtocolError):
            answer = httpx.get(f"{account.url}{LIST}?limit=2{cursor}", auth=account.auth)
            outcomes.append(answer.status_code)
            if answer.status_code == 200:
                after = answer.json()["pagination"].get("after")
                cursor = f"&after={after}" if after else ""
    # Retries are the same page again.
    assert outcomes == [200, 200, 503, 500, 200, 200, 200]
    account.assert_faults_fired()


def test_each_walk_has_pages_of_its_own(account: Sandbox) -> None:
    account.fail({"status": 503}, repeat="forever", page=2)
    first, second = get(account).json, get(account, LIST + "?limit=3").json
    cursors = [page["pagination"]["after"] for page in (first, second)]
    assert statuses(account, 2) == [200, 200]
    assert statuses(account, 1, f"{LIST}?limit=3&after={cursors[1]}") == [503]
    assert statuses(account, 1, f"{LIST}?after={cursors[0]}") == [503]
    assert progress(account) == [(2, "forever", False)]


def test_page_1_is_every_request_without_a_cursor(account: Sandbox) -> None:
    account.fail({"status": 503}, page=1, repeat=3)
    assert statuses(account, 2) == [503, 503]
    assert statuses(account, 2, LIST + "?name=a") == [503, 200]


@pytest.mark.parametrize(
    ("wanted", "query", "matches"),
    [
        ({"eventType": "seat_added"}, "eventType=seat_added", True),
        ({"eventType": "seat_added"}, "limit=5&eventType=seat_added&name=x", True),
        ({"eventType": "seat_added"}, "eventType=api_call", False),
        ({"eventType": "seat_added"}, "", False),
        ({"eventType": "seat_added"}, "eventtype=seat_added", False),
        ({"eventType": "seat_added", "limit": 5}, "limit=5&eventType=seat_added", True),
        ({"eventType": "seat_added", "limit": 5}, "limit=6&eventType=seat_added", False),
        ({"eventType": "seat_added", "limit": "5"}, "eventType=seat_added", False),
        ({"name": "a b&c"}, "name=a+b%26c", True), ({"name": "a b"}, "name=a%20b", True),
        ({"name": "ä"}, "name=%C3%A4", True), ({"name": ""}, "name=", True), ({"name": ""}, "name", True),
        ({"name": ""}, "", False), ({"eventType": "a,b"}, "eventType=a%2Cb", True),
        ({"eventType": "a,b"}, "eventType=a,b", True),
        ({"eventType": ["a", "b"]}, "eventType=a&eventType=b", True),
        ({"eventType": ["a", "b"]}, "eventType=a", False),
        ({"name": True}, "name=true", True), ({}, "", True), ({}, "name=x", True),
    ],
)  # fmt: skip
def test_a_query_matches_a_subset(
    account: Sandbox, wanted: dict[str, Any], query: str, matches: bool
) -> None:
    account.fail({"status": 503}, query=wanted)
    assert get(account, f"{LIST}?{query}").status == (503 if matches else 200)
    assert progress(account) == [(1, 0, True) if matches else (0, 1, False)]


def test_page_and_query_must_both_match(account: Sandbox) -> None:
    account.fail({"status": 503}, page=2, query={"limit": 3})
    after = get(account, LIST + "?limit=3").json["pagination"]["after"]
    assert statuses(account, 1, f"{LIST}?limit=4&after={after}") == [200]
    after = get(account, LIST + "?limit=3").json["pagination"]["after"]
    assert statuses(account, 2, f"{LIST}?limit=3&after={after}") == [503, 200]


def test_faults_need_no_journal_but_pages_do(serve: Serve) -> None:
    account = Sandbox(serve(journal_size=0), "none", "secret")
    assert refused(account, {"script": ["pass"], "when": {"page": 2}}) == ["/when/page"]
    account.fail({"cut": "reset"}, {"page": "empty-page"})
    with pytest.raises(ConnectionResetError):
        get(account)
    assert get(account).json["items"] == []


def test_only_requests_that_are_valid_use_a_step(account: Sandbox) -> None:
    account.fail({"status": 503})
    assert get(account, LIST + "?limit=0").status == 400
    assert get(account, LIST + "?after=nonsense").status == 400
    assert get(account, LIST, "Sequence-Version: 1999-01-01").status == 400
    assert get(account, LIST, "Accept: text/html").status == 406
    assert get(account, "/api/nope").status == 404
    assert get(account, LIST, method="POST").status == 405
    assert get(account, LIST, method="OPTIONS").status == 204
    assert get(account, LIST, "Content-Length: 9999999").status == 413
    assert get(account, "/_mock/health").status == 200
    assert get(account, "/_mock/requests").status == 200
    assert wire.get(account.url, LIST, auth=False).status == 401
    assert progress(account) == [(0, 1, False)]
    assert statuses(account, 2) == [503, 200]


def test_head_uses_a_step_as_get_does(account: Sandbox) -> None:
    account.fail({"status": 503}, {"status": 404, "body": "gone"}, {"page": "empty-page"}, "pass")
    with wire.connect(account.url) as connection:
        answers = []
        for _ in range(4):
            connection.sendall(head(account, method="HEAD"))
            answers.append(wire.read(connection, head=True))
    assert [answer.status for answer in answers] == [503, 404, 200, 200]
    lengths = [int(answer.header("Content-Length") or 0) for answer in answers]
    assert lengths[1] == 4
    assert 0 < lengths[2] < lengths[3]
    account.assert_faults_fired()


# Steps


@pytest.mark.parametrize("status", [200, 201, 202, 206, 299, 300, 302, 307, 400, 401, 403, 404, 409, 418, 422,
                                    425, 429, 451, 499, 500, 501, 502, 503, 504, 507, 529, 599])  # fmt: skip
def test_a_status_is_any_from_200_to_599(account: Sandbox, status: int) -> None:
    step = {"status": status, "headers": {"Retry-After": "7", "X-Own": "ä"}, "body": "said"}
    account.fail(step, {"status": status, "headers": {"Retry-After": "7"}})
    scripted, plain = get(account), get(account)
    assert (scripted.status, scripted.body) == (status, b"said")
    assert scripted.header("Content-Type") == "text/plain; charset=utf-8"
    assert scripted.header("X-Own") == "ä"
    assert plain.status == status
    for answer in (scripted, plain):
        assert answer.header("Retry-After") == "7"
        assert answer.header("X-Mock-Request-Id")
        assert answer.header("Sequence-Version") == "2024-07-30"
    if status >= 400:
        assert plain.json["error"]["type"]
        assert plain.json["error"]["message"]
        assert plain.header("Content-Type") == "application/json; charset=utf-8"
    assert [entry["status"] for entry in account.requests()] == [status, status]


@pytest.mark.parametrize(("status", "length"), [(204, None), (205, "0"), (304, None)])
def test_a_status_without_a_body_has_none(account: Sandbox, status: int, length: str | None) -> None:
    account.fail(
        {"status": status}, {"status": status, "body": "never sent", "headers": {"ETag": '"a"'}}
    )
    with wire.connect(account.url) as connection:
        connection.sendall(head(account))
        plain = wire.read(connection)
        connection.sendall(head(account))
        scripted = wire.read(connection)
        # What is read next is the next answer, and no body.
        connection.sendall(head(account))
        assert wire.read(connection).status == 200
    assert (plain.status, scripted.status) == (status, status)
    for answer in (plain, scripted):
        assert answer.header("Content-Length") == length
        assert (answer.header("Transfer-Encoding"), answer.header("Content-Type")) == (None, None)
    assert scripted.header("ETag") == '"a"'


@pytest.mark.parametrize(
    ("body", "content_type", "sent"),
    [
        ("text", "text/plain; charset=utf-8", b"text"), ("ä€\U0001f600", "text/plain; charset=utf-8", "ä€\U0001f600".encode()),
        ("", "text/plain; charset=utf-8", b""), ({"a": [1, None]}, "application/json", b'{"a": [1, null]}'),
        ([], "application/json", b"[]"), (0, "application/json", b"0"), (None, "application/json", b"null"),
        (False, "application/json", b"false"), ({"€": 1.5}, "application/json", '{"€": 1.5}'.encode()),
    ],
)  # fmt: skip
def test_a_body_is_text_or_json(account: Sandbox, body: Any, content_type: str, sent: bytes) -> None:
    account.fail({"status": 503, "body": body}, {"status": 200, "body": body})
    for status in (503, 200):
        answer = get(account)
        assert (answer.status, answer.body) == (status, sent)
        assert (answer.header("Content-Type") or "").startswith(content_type)


def test_a_body_may_have_a_content_type_of_its_own(account: Sandbox) -> None:
    account.fail({"status": 502, "body": "<p>Bad gateway", "headers": {"content-type": "text/html"}})
    answer = get(account)
    assert (answer.body, answer.header("Content-Type")) == (b"<p>Bad gateway", "text/html")


def test_a_scripted_header_comes_once(account: Sandbox) -> None:
    step = {"status": 503, "headers": {"retry-after": "3", "X-a": "1", "WWW-Authenticate": "Basic"}}
    account.fail(step, {**step, "body": "b"})
    for _ in range(2):
        answer = get(account)
        assert (answer.header("Retry-After"), answer.header("x-A")) == ("3", "1")
        assert answer.header("WWW-Authenticate") == "Basic"


@pytest.mark.parametrize(
    ("name", "value"),
    [("Date", "Tue, 01 Jan 2030 00:00:00 GMT"), ("Sequence-Version", "1999-01-01"), ("X-Own", "1"),
     ("Content-Type", "text/html"), ("Server", "nginx")],
)  # fmt: skip
@pytest.mark.parametrize("body", [{}, {"body": "said"}])
def test_a_scripted_header_takes_the_place_of_the_server_s(
    account: Sandbox, name: str, value: str, body: dict[str, str]
) -> None:
    account.fail({"status": 503, "headers": {name: value}, **body})
    assert get(account).header(name) == value


@pytest.mark.slow
def test_a_delay_comes_before_the_answer_and_holds_up_nobody_else(account: Sandbox) -> None:
    other = Sandbox(account.url, account.client_id + "-other", "secret")
    account.fail({"delay": 0.3}, {"delay": 0.3, "status": 503}, {"delay": 0.3, "page": "empty-page"})
    for status in (200, 503, 200):
        with wire.connect(account.url) as connection:
            began = time.monotonic()
            connection.sendall(head(account))
            assert statuses(other, 1) == [200]
            connection.settimeout(0.01)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.settimeout(PATIENCE)
            answer = wire.read(connection)
            assert time.monotonic() - began > 0.29
            assert answer.status == status
    assert answer.json["items"] == []


@pytest.mark.slow
@pytest.mark.parametrize("account", ["http", "https"], indirect=True)
@pytest.mark.parametrize("cut", ["reset", "truncate", "stall"])
def test_a_delay_goes_with_a_cut(account: Sandbox, cut: str) -> None:
    account.fail({"cut": cut, "delay": 0.2})
    with wire.connect(account.url) as connection:
        began = time.monotonic()
        connection.sendall(head(account))
        with contextlib.suppress(ConnectionResetError):
            connection.recv(1)
        assert time.monotonic() - began > 0.19


def test_a_client_that_gives_up_during_a_delay_has_used_the_step(account: Sandbox) -> None:
    account.fail({"delay": 30}, {"status": 503})
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(account.url + LIST, auth=account.auth, timeout=SHORT)
    assert statuses(account, 2) == [503, 200]


def test_a_request_again_after_a_timeout_is_for_the_same_page(account: Sandbox) -> None:
    account.fail({"delay": 30}, {"status": 503}, page=2)
    target = f"{LIST}?limit=3&after={get(account, LIST + '?limit=3').json['pagination']['after']}"
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(account.url + target, auth=account.auth, timeout=SHORT)
    assert statuses(account, 2, target) == [503, 200]
    [walk] = account.walks()
    assert (walk["pages"], walk["items"], walk["repeatedCursors"]) == (2, 6, 0)


def test_who_sends_no_more_still_gets_a_delayed_page_which_may_be_asked_for_again(
    account: Sandbox,
) -> None:
    account.fail({"delay": 0.2})
    with wire.connect(account.url) as connection:
        connection.sendall(head(account))
        connection.shutdown(socket.SHUT_WR)
        assert wire.read(connection).status == 200
    # Most who send no more have left.
    assert [walk["pages"] for walk in account.walks()] == [0]


@pytest.mark.parametrize("account", ["http", "https"], indirect=True)
def test_a_reset_comes_before_a_response(account: Sandbox) -> None:
    account.fail({"cut": "reset"}, repeat=3)
    with wire.connect(account.url) as connection:
        connection.sendall(head(account))
        assert wire.is_reset(connection)
    with pytest.raises(requests.ConnectionError):
        requests.get(account.url + LIST, auth=account.auth, timeout=PATIENCE, verify=account.ca or True)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.get(account.url + LIST, auth=account.auth, verify=trusted(account))
    assert statuses(account, 1) == [200]
    assert [entry["status"] for entry in account.requests()] == [None, None, None, 200]
    assert all(entry["durationMs"] is not None for entry in account.requests())


@pytest.mark.parametrize("account", ["http", "https"], indirect=True)
def test_a_reset_hits_a_kept_connection_after_what_was_answered(account: Sandbox) -> None:
    account.fail("pass", {"cut": "reset"})
    with wire.connect(account.url) as connection:
        connection.sendall(head(account))
        assert wire.read(connection).status == 200
        connection.sendall(head(account))
        assert wire.is_reset(connection)


@pytest.mark.parametrize("account", ["http", "https"], indirect=True)
def test_a_truncated_answer_has_half_its_body(account: Sandbox) -> None:
    whole = get(account)
    account.fail({"cut": "truncate"}, repeat=3)
    with wire.connect(account.url) as connection:
        connection.sendall(head(account))
        received = everything(connection)
    start, _, body = received.partition(b"\r\n\r\n")
    assert start.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {len(whole.body)}\r\n".encode() in start + b"\r\n"
    assert body == whole.body[: len(whole.body) // 2]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(account.url + LIST, auth=account.auth, timeout=PATIENCE, verify=account.ca or True)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(account.url + LIST, auth=account.auth, verify=trusted(account))
    assert get(account).body == whole.body
    assert [entry["status"] for entry in account.requests()] == [200] * 5


@pytest.mark.parametrize("account", ["http", "https"], indirect=True)
@pytest.mark.slow
def test_a_stalled_answer_has_headers_and_then_nothing(account: Sandbox) -> None:
    whole = get(account)
    account.fail({"cut": "stall"}, repeat=2)
    with wire.connect(account.url) as connection:
        connection.sendall(head(account))
        with connection.makefile("rb", buffering=0) as stream:
            lines = list(iter(stream.readline, b"\r\n"))
        assert lines[0].startswith(b"HTTP/1.1 200 ")
        assert f"content-length: {len(whole.body)}\r\n".encode() in lines
        nothing_comes(connection)
        # Meanwhile others are served.
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(account.url + LIST, auth=account.auth, timeout=SHORT, verify=trusted(account))
        assert get(account).body == whole.body
    account.assert_faults_fired()


@pytest.mark.slow
def test_a_stall_ends_when_the_client_gives_up(process: Process) -> None:
    account = Sandbox(process.url, "stalls", "secret")
    account.fail({"cut": "stall"})
    began = time.monotonic()
    with wire.connect(process.url) as connection:
        connection.sendall(head(account))
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
    assert process.popen.stderr is not None
    lines = iter(process.popen.stderr.readline, "")
    # The log has a line for each request that has ended, control calls among them.
    assert any(line.startswith(f"GET {LIST} 200 ") for line in lines)
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("account", ["http", "https"], indirect=True)
@pytest.mark.parametrize("cut", ["truncate", "stall"])
def test_a_cut_answer_to_head_is_no_harm(account: Sandbox, cut: str) -> None:
    account.fail({"cut": cut})
    with wire.connect(account.url) as connection:
        connection.sendall(head(account, method="HEAD"))
        assert wire.read(connection, head=True).status == 200
    assert statuses(account, 1) == [200]


OTHER = """paths:
  /others:
    post:
      operationId: makeOther
      responses: {'202': {description: Taken, content: {application/json: {example: {taken: true}}}}}
"""


@pytest.fixture
def other(serve: Serve, small: Callable[..., Path]) -> Sandbox:
    """An account of a server with an operation that is no list, and is answered with its example."""
    return Sandbox(serve(document=small(("paths:\n", OTHER))), "other", "secret")


def make(account: Sandbox, *headers: str) -> wire.Answer:
    return get(account, "/v1/others", *headers, method="POST")


def test_an_operation_that_is_no_list_has_faults_too(other: Sandbox) -> None:
    other.fail({"status": 503}, {"status": 201, "body": []}, operation="makeOther")
    assert statuses(other, 1, "/v1/things") == [200]
    assert [make(other).status for _ in range(3)] == [503, 201, 202]
    other.fail({"status": 418}, operation="listThings")
    assert make(other).status == 202
    assert statuses(other, 1, "/v1/things") == [418]
    asked = {"operation": "makeOther", "script": ["pass", {"page": "empty-page"}]}
    assert refused(other, asked, "/v1/things") == ["/script/1/page"]


def test_a_preference_is_applied_to_what_is_no_list(other: Sandbox) -> None:
    answer = make(other, "Prefer: delay=0.01")
    assert (answer.status, answer.header("Preference-Applied")) == (202, "delay=0.01")


def test_an_example_can_be_truncated(other: Sandbox) -> None:
    length = len(make(other).body)
    other.fail({"cut": "truncate"})
    answer = make(other)
    assert (answer.status, len(answer.body)) == (202, length // 2)


@pytest.mark.slow
def test_an_example_can_be_stalled(other: Sandbox) -> None:
    other.fail({"cut": "stall"})
    with wire.connect(other.url) as connection:
        connection.sendall(head(other, method="POST", target="/v1/others"))
        with connection.makefile("rb", buffering=0) as stream:
            lines = list(iter(stream.readline, b"\r\n"))
        assert lines[0].startswith(b"HTTP/1.1 202 ")
        nothing_comes(connection)


def nothing_comes(connection: socket.socket) -> None:
    connection.settimeout(0.3)
    with pytest.raises(TimeoutError):
        connection.recv(1)


# The end


WAITS: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({"delay": 60}, (), "200"),
    ({"delay": 60, "status": 418}, (), "418"),
    ({"cut": "stall"}, (), "200"),
    ({"cut": "stall", "delay": 60}, (), "200"),
    ({}, ("Prefer: delay=60",), "200"),
]


@pytest.mark.slow
def test_sigterm_cuts_delays_and_stalls_short(process: Process) -> None:
    with contextlib.ExitStack() as stack:
        connections: list[socket.socket] = []
        for number, (step, headers, _) in enumerate(WAITS):
            account = Sandbox(process.url, f"waits-{number}", "secret")
            if step:
                account.fail(step)
            connections.append(stack.enter_context(wire.connect(process.url)))
            connections[-1].sendall(head(account, *headers))
        connections.append(stack.enter_context(wire.connect(process.url)))
        connections[-1].sendall(head(Sandbox(process.url, "slow", "secret")))
        time.sleep(0.3)
        assert process.end()[0] == 0
        *received, slow = [everything(connection) for connection in connections]
    assert [answer[9:12].decode() for answer in received] == [status for _, _, status in WAITS]
    assert slow.endswith(b"}")
    whole = {
        len(answer) for answer, (step, _, _) in zip(received, WAITS, strict=True) if "cut" not in step
    }
    assert min(whole) > 300


def everything(connection: socket.socket) -> bytes:
    """What is received until the other side has closed."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


@pytest.mark.parametrize("step", [{"delay": 60}, {"cut": "stall"}])
def test_a_server_in_a_thread_ends_with_scripted_waits_too(step: dict[str, Any]) -> None:
    with contextlib.ExitStack() as stack:
        with server.in_thread(build(Settings())) as root:
            account = Sandbox(root, "waits", "secret")
            account.fail(step)
            connection = stack.enter_context(wire.connect(root))
            connection.sendall(head(account))
            deadline = time.monotonic() + PATIENCE
            while not account.faults()[0]["spent"]:
                assert time.monotonic() < deadline
            began = time.monotonic()
        assert time.monotonic() - began < PATIENCE
