"""The journal: every request of the mocked API is in it at once, no secret is, and it is bounded."""

from __future__ import annotations

import gc
import itertools
import json
import re
import string
import threading
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mock_server.client import Sandbox
from mock_server.sandbox.journal import Entry
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.callers import ID, SECRET, authorization, entries, journal, script, send
from tests.support.documents import LIST
from tests.support.patience import PATIENCE
from tests.support.servers import Serve, build

FIELDS = {
    "id", "time", "method", "path", "query", "headers", "body", "bodySize", "operation", "status", "durationMs", "violations",
    "warnings", "fault", "after", "chaos", "change", "idempotent", "walk", "step",
}  # fmt: skip


def queries(url: str, client_id: str, query: str = "") -> list[str]:
    return [entry["query"] for entry in entries(url, client_id, query)]


# Entries


def test_an_entry_says_what_came_and_what_was_answered(url: str) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    answer = send(url, "entry", f"{LIST}?limit=2&name=%65%75+x&b", "X-Custom: a", "x-custom: b")
    after = datetime.now(UTC)
    [entry] = entries(url, "entry")
    assert entry.keys() == FIELDS
    assert before <= datetime.fromisoformat(entry["time"]) <= after
    assert 0 < entry["durationMs"] < (after - before).total_seconds() * 1000
    assert entry["headers"] == {"host": "x", "authorization": "Basic [redacted]", "x-custom": "a, b"}
    assert [violation["key"] for violation in entry["warnings"]] == ["b", "name"]
    assert entry | {"time": "", "durationMs": 0, "headers": {}, "warnings": []} == {
        "id": answer.header(ID), "time": "", "method": "GET", "path": LIST, "query": "limit=2&name=%65%75+x&b",
        "headers": {}, "body": None, "bodySize": 0, "operation": "getUsageMetrics", "status": 200, "durationMs": 0, "violations": [],
        "warnings": [], "fault": None, "after": False, "chaos": None, "change": None, "idempotent": None, "walk": "walk-1",
        "step": {
            "page": 1, "items": 0, "end": True, "failed": False, "repeat": False, "retry": False,
            "backward": False, "filtersChanged": False, "skips": False,
        },
    }  # fmt: skip


def test_time_is_the_wall_clock_whatever_the_accounts_clock_says(url: str) -> None:
    body = b'{"now": "2001-01-01T00:00:00Z"}'
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    assert send(url, "wall", "/_mock/clock", *headers, method="PUT", body=body).status == 200
    send(url, "wall", LIST)
    assert entries(url, "wall")[0]["time"] > "2025"


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/api/%75sage-metrics", "/api/%75sage-metrics", ""), (LIST + "?", LIST, ""),
        ("//api//x?a=%zz&&=", "//api//x", "a=%zz&&="), ("/a%2Fb?%C3%BC=%ff", "/a%2Fb", "%C3%BC=%ff"),
        (LIST + "?limit=1?x=%0A", LIST, "limit=1?x=%0A"), ("/api/../x", "/api/../x", ""),
    ],
)  # fmt: skip
def test_path_and_query_are_as_sent(url: str, target: str, path: str, query: str) -> None:
    sent = send(url, "as-sent", target)
    [entry] = [entry for entry in entries(url, "as-sent") if entry["id"] == sent.header(ID)]
    assert (entry["path"], entry["query"]) == (path, query)


SECRETS = [
    ("Authorization: Basic aHVzaA==", "authorization", "Basic [redacted]"),
    ("Authorization: basic   aHVzaA==", "authorization", "basic"),
    ("Authorization: Bearer hush", "authorization", "Bearer [redacted]"),
    ("Authorization: Digest username=hush, realm=hush", "authorization", "Digest [redacted]"),
    ("Authorization: Basic", "authorization", None), ("Authorization: hush", "authorization", None),
    ("Authorization: Basic:hush", "authorization", None), ("Authorization: Basic\thush", "authorization", None),
    ("Authorization: hush hush", "authorization", None), ("Authorization: ", "authorization", None),
    ("Authorization: Basic aHVzaA==, Bearer hush", "authorization", "Basic [redacted]"),
    ("Proxy-Authorization: Basic aHVzaA==", "proxy-authorization", "Basic [redacted]"),
    ("Cookie: session=hush; a=hush", "cookie", None), ("COOKIE: hush", "cookie", None),
    ("Set-Cookie: token hush", "set-cookie", "[redacted]"), ("X-Api-Key: hush", "x-api-key", "[redacted]"),
    ("x-auth-token: Token hush", "x-auth-token", "Token [redacted]"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("header", "name", "shown"), SECRETS)
def test_credentials_are_redacted_and_their_scheme_is_kept(
    serve: Serve, header: str, name: str, shown: str | None
) -> None:
    url = serve(count=1)
    wire.get(url, LIST, header, auth=False)
    answer = send(url, "looker", "/_mock/requests?account=anonymous")
    assert b"hush" not in answer.body
    assert b"aHVzaA==" not in answer.body
    [entry] = answer.json["items"]
    value = entry["headers"][name]
    assert "[redacted]" in value
    if shown is not None:
        assert value.startswith(shown)


SCHEMES = """  securitySchemes:
    theirs: {type: apiKey, in: header, name: Their-Key}
"""
KEY_PARAMETERS = """        - {name: Their-Key, in: header, schema: {type: integer}}
        - {name: session, in: cookie, schema: {type: integer}}
"""


def test_headers_that_the_security_of_a_document_names_are_redacted_everywhere(
    serve: Serve, small: Callable[..., Path]
) -> None:
    document = small(
        ("  schemas:\n", f"{SCHEMES}  schemas:\n"),
        ("      parameters:\n", f"      parameters:\n{KEY_PARAMETERS}"),
    )
    url = serve(document=document)
    sent = send(url, "keyed", "/v1/things", "Their-Key: hush", "Cookie: session=hush")
    assert (sent.status, b"hush" in sent.body) == (400, False)
    assert [violation["key"] for violation in sent.violations] == ["Their-Key", "session"]
    for call in (f"/requests/{sent.header(ID)}", "/requests", "/violations", "/report"):
        assert b"hush" not in send(url, "keyed", f"/_mock{call}").body, call
    [entry] = entries(url, "keyed")
    assert entry["headers"]["their-key"] == "[redacted]"


def test_credentials_in_an_answer_are_redacted_in_its_transcript(url: str) -> None:
    step = {"status": 200, "headers": {"Set-Cookie": "a=hush", "X-Api-Key": "hush"}}
    script(url, "answers", json.dumps({"script": [step]}))
    sent = send(url, "answers", LIST)
    assert sent.header("Set-Cookie") == "a=hush"
    headers = send(url, "answers", f"/_mock/requests/{sent.header(ID)}").json["responseHeaders"]
    assert (headers["set-cookie"], headers["x-api-key"]) == ("[redacted]", "[redacted]")


def test_the_texts_of_a_requests_credentials_are_hidden_in_its_answer(url: str) -> None:
    token = authorization("echoed", SECRET).rpartition(" ")[2]
    step = {"status": 200, "headers": {"X-Echo": f"<{token}>"}, "body": {"sent": token}}
    script(url, "echoed", json.dumps({"script": [step]}))
    sent = send(url, "echoed", LIST)
    assert (sent.header("X-Echo"), sent.json) == (f"<{token}>", {"sent": token})
    shown = send(url, "echoed", f"/_mock/requests/{sent.header(ID)}").json
    assert shown["responseHeaders"]["x-echo"] == "<***>"
    assert json.loads(shown["responseBody"]["text"]) == {"sent": "***"}


def test_each_of_several_credentials_is_redacted(url: str) -> None:
    send(url, "several", LIST, "Authorization: Bearer hush", "Cookie: a=hush", "Cookie: b=hush")
    answer = send(url, "looker", "/_mock/requests?account=anonymous")
    assert b"hush" not in answer.body
    assert b"s3cret" not in send(url, "several", "/_mock/requests").body


# Which requests, and where


def test_refusals_are_journaled_where_they_belong(serve: Serve) -> None:
    url = serve(max_body=10, credentials=("mine:s3cret",), strict=True)
    answers = [
        send(url, "mine", LIST), send(url, "mine", "/nowhere"), send(url, "mine", LIST, method="PUT"),
        send(url, "mine", LIST + "?limit=0&x=1"), send(url, "mine", LIST, "Content-Length: 11"),
        send(url, "mine", LIST, "Accept: text/html"), send(url, "mine", LIST, "Sequence-Version: 1"),
        send(url, "mine", LIST, method="OPTIONS"), send(url, "mine", LIST, method="HEAD"),
        send(url, "mine", LIST, *[f"X-{i}: {'x' * 1000}" for i in range(65)]), send(url, "mine", "/"),
        send(url, "mine", "/_mocked"),
    ]  # fmt: skip
    strangers = [
        wire.get(url, LIST),
        wire.get(url, LIST, auth=False),
        wire.get(url, "/nope", auth=False),
    ]
    seen = entries(url, "mine")
    assert [entry["status"] for entry in seen] == [
        200, 404, 405, 400, 413, 406, 400, 204, 200, 431, 404, 404,
    ]  # fmt: skip
    assert [entry["id"] for entry in seen] == [answer.header(ID) for answer in answers]
    known = "getUsageMetrics"
    assert [entry["operation"] for entry in seen] == [
        known, None, None, known, None, known, known, None, known, None, None, None,
    ]  # fmt: skip
    assert [violation["key"] for violation in seen[3]["violations"]] == ["limit", "x"]
    assert answers[3].violations == seen[3]["violations"]
    unknown = entries(url, "mine", "?account=anonymous")
    assert [entry["id"] for entry in unknown] == [answer.header(ID) for answer in strangers]
    assert [(entry["status"], entry["operation"]) for entry in unknown] == [
        (401, known), (401, known), (404, None),
    ]  # fmt: skip


def test_control_calls_and_health_are_not_journaled(url: str) -> None:
    for target in (
        "/_mock/health",
        "/_mock/clock",
        "/_mock/nope",
        "/_mock",
        "/_mock/",
        "/%5Fmock/clock",
    ):
        answer = send(url, "controller", target)
        assert answer.header(ID) is None
    assert send(url, "controller", "/_mock/clock", method="PUT").status == 400
    assert journal(url, "controller") == {"items": [], "recorded": 0, "dropped": 0}


def test_ids_are_the_servers_own_and_no_two_alike(url: str) -> None:
    sent = [send(url, f"ids-{n % 3}", LIST, f"{ID}: mine").header(ID) for n in range(9)]
    assert len(set(sent)) == 9
    assert None not in sent


def test_scripted_and_preferred_faults_are_named(url: str) -> None:
    fault = script(
        url, "faulty", '{"script": [{"status": 503}, {"cut": "reset"}, {"cut": "truncate"}, "pass"]}'
    )
    assert send(url, "faulty", LIST).header(ID)
    with wire.connect(url) as connection:
        connection.sendall(
            f"GET {LIST} HTTP/1.1\r\nHost: x\r\n{authorization('faulty')}\r\n\r\n".encode()
        )
        with pytest.raises(ConnectionResetError):
            connection.recv(10)
    send(url, "faulty", LIST)
    send(url, "faulty", LIST)
    send(url, "faulty", LIST, "Prefer: code=418")
    send(url, "faulty", LIST, "Prefer: nonsense")
    seen = [(entry["fault"], entry["status"]) for entry in entries(url, "faulty")]
    assert seen == [
        (fault, 503), (fault, None), (fault, 200), (fault, 200), ("prefer", 418), (None, 200),
    ]  # fmt: skip


def test_warnings_are_recorded_beside_violations(url: str) -> None:
    send(url, "warned", LIST + "?limt=1&limit=0&after=x")
    [entry] = entries(url, "warned")
    assert [warning["key"] for warning in entry["warnings"]] == ["limt"]
    assert "did you mean 'limit'" in entry["warnings"][0]["message"]
    assert [violation["key"] for violation in entry["violations"]] == ["limit", "after"]


def test_an_entry_is_there_when_the_client_has_the_whole_answer(url: str) -> None:
    with wire.connect(url) as mocked, wire.connect(url) as control:
        for number in range(100):
            mocked.sendall(
                f"GET {LIST} HTTP/1.1\r\nHost: x\r\n{authorization('prompt')}\r\n\r\n".encode()
            )
            answer = wire.read(mocked)
            line = "GET /_mock/requests?limit=1 HTTP/1.1"
            control.sendall(f"{line}\r\nHost: x\r\n{authorization('prompt')}\r\n\r\n".encode())
            seen = wire.read(control).json
            assert seen["recorded"] == number + 1
            assert (seen["items"][0]["id"], seen["items"][0]["status"]) == (answer.header(ID), 200)
            assert seen["items"][0]["durationMs"] is not None


def test_a_request_under_way_is_there_without_a_status(url: str) -> None:
    script(url, "under-way", '{"script": [{"delay": 60}]}')
    with wire.connect(url) as connection:
        connection.sendall(
            f"GET {LIST} HTTP/1.1\r\nHost: x\r\n{authorization('under-way')}\r\n\r\n".encode()
        )
        while not (seen := entries(url, "under-way")) or seen[0]["fault"] is None:
            pass
    assert (seen[0]["status"], seen[0]["durationMs"]) == (None, None)


def test_answers_of_a_document_without_credentials_carry_ids_too(
    serve: Serve, small: Callable[..., Path]
) -> None:
    url = serve(document=small())
    answer = wire.get(url, "/v1/things?limit=x", auth=False)
    [entry] = entries(url, "default")
    assert (entry["id"], entry["status"], entry["operation"]) == (answer.header(ID), 400, "listThings")
    send(url, "any", "/v1/things")
    assert len(entries(url, "any")) == 1


# Looking things up


def test_filters_combine(url: str) -> None:
    for target in (f"{LIST}?n=1", "/nope?n=2", f"{LIST}?limit=0&n=3", f"{LIST}?n=4", "/nope?n=5"):
        send(url, "filters", target)

    def found(query: str) -> list[str]:
        return [re.sub(r".*n=", "", sent) for sent in queries(url, "filters", query)]

    assert found("") == list("12345")
    assert found("?operation=getUsageMetrics") == list("134")
    assert found("?status=200") == list("14")
    assert found("?status=404&limit=1") == ["5"]
    assert found("?operation=getUsageMetrics&status=400") == ["3"]
    assert found("?operation=getUsageMetrics&status=404") == []
    assert found("?limit=2") == list("45")
    assert found("?limit=0") == []
    assert found("?limit=1000000") == list("12345")
    counts = journal(url, "filters", "?status=404&limit=1")
    assert (counts["recorded"], counts["dropped"]) == (5, 0)


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("status=99", "status"), ("status=abc", "status"), ("status=600", "status"), ("limit=-1", "limit"),
        ("operation=getUsageMetric", "operation"), ("operation=health", "operation"), ("account=demo", "account"),
        ("account=", "account"), ("stats=200", "stats"), ("status=200&status=404", "status"),
    ],
)  # fmt: skip
def test_filters_refuse_what_they_do_not_know(url: str, query: str, key: str) -> None:
    answer = send(url, "filters-refused", f"/_mock/requests?{query}")
    assert (answer.status, [violation["key"] for violation in answer.violations]) == (400, [key])


def test_a_journal_is_emptied(url: str) -> None:
    for _ in range(3):
        send(url, "emptied", LIST)
    assert send(url, "emptied", "/_mock/requests", method="DELETE").status == 204
    assert journal(url, "emptied") == {"items": [], "recorded": 0, "dropped": 0}
    assert send(url, "emptied", "/_mock/walks").json == {"items": []}
    answer = send(url, "emptied", LIST)
    [entry] = entries(url, "emptied")
    assert entry["id"] == answer.header(ID)
    assert journal(url, "emptied")["recorded"] == 1


# Bounds


def test_the_size_bounds_an_account(serve: Serve) -> None:
    url = serve(journal_size=3, count=1)
    for number in range(5):
        send(url, "sized", f"{LIST}?n={number}")
    send(url, "other", LIST + "?n=9")
    assert queries(url, "sized") == ["n=2", "n=3", "n=4"]
    counts = journal(url, "sized", "?limit=1")
    assert (counts["recorded"], counts["dropped"]) == (5, 2)
    assert journal(url, "other")["dropped"] == 0
    send(url, "sized", "/_mock/requests", method="DELETE")
    send(url, "sized", LIST)
    counts = journal(url, "sized")
    assert (counts["recorded"], counts["dropped"]) == (1, 0)


def test_a_journal_size_of_0_disables_the_journal(serve: Serve) -> None:
    url = serve(journal_size=0, count=1)
    sent = [send(url, "off", LIST).header(ID) for _ in range(3)]
    assert len(set(sent)) == 3
    assert journal(url, "off") == {"items": [], "recorded": 3, "dropped": 3}
    assert send(url, "off", "/_mock/walks").json == {"items": []}


def test_one_bound_holds_over_all_accounts_and_the_oldest_of_all_fall_out(serve: Serve) -> None:
    url = serve(max_journal=4, count=1)
    for number, client_id in enumerate("aabbaccc"):
        send(url, client_id, f"{LIST}?n={number}")
    assert [queries(url, client_id) for client_id in "abc"] == [["n=4"], [], ["n=5", "n=6", "n=7"]]
    counted = [(seen["recorded"], seen["dropped"]) for seen in (journal(url, each) for each in "abc")]
    assert counted == [(3, 2), (2, 2), (3, 0)]
    wire.get(url, LIST, auth=False)
    assert queries(url, "a") == []
    assert len(queries(url, "a", "?account=anonymous")) == 1
    # What a reset lets go makes room.
    send(url, "c", "/_mock/reset", method="POST")
    send(url, "b", LIST + "?n=8")
    assert journal(url, "a", "?account=anonymous")["dropped"] == 0


def test_a_request_whose_entry_was_dropped_is_answered_all_the_same(serve: Serve) -> None:
    url = serve(journal_size=1, count=30)
    script(url, "dropped", '{"script": [{"delay": 0.2}]}')
    answers: list[wire.Answer] = []
    slow = threading.Thread(target=lambda: answers.append(send(url, "dropped", LIST + "?limit=7")))
    slow.start()
    while not entries(url, "dropped"):
        pass
    send(url, "dropped", LIST + "?limit=8")
    slow.join()
    assert answers[0].status == 200
    assert queries(url, "dropped") == ["limit=8"]
    counts = journal(url, "dropped")
    assert (counts["recorded"], counts["dropped"]) == (2, 1)


def long_lists(number: int) -> str:
    """A query of nearly 60 kB: thousands of values, other ones for each number."""
    letters = string.ascii_letters[number % 50 :] + string.ascii_letters[: number % 50]
    values = map("".join, itertools.islice(itertools.product(letters, repeat=3), 14_000))
    return f"eventType={','.join(values)}&n={number}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        lambda n: f"name={n}{'x' * 59_000}", lambda n: f"name={n}" + "%25" * 19_000,
        lambda n: f"n={n}" + "&a=1" * 14_000, lambda n: "&".join(f"{n}a{i}" for i in range(8_000)),
        lambda n: f"n={n}&aggregationType=" + ",".join(f"{n}{i}" for i in range(9_000)), long_lists,
    ],
    ids=["text", "escaped", "repeated", "unknown", "wrong", "lists"],
)  # fmt: skip
def test_long_queries_do_not_fill_the_memory(query: Callable[[int], str]) -> None:
    """By default 1,000 entries of 4 kB are kept for an account; so these take a tenth of that."""
    with server.in_thread(build(Settings(max_journal=100, count=1))) as url:
        # Not the memory of filters that were seen, which a collection keeps as it is searched.
        script(url, "long", '{"script": [{"status": 503}], "repeat": "forever"}')
        send(url, "long", f"{LIST}?{query(0)}")
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for number in range(1, 16):
                assert send(url, "long", f"{LIST}?{query(number)}").status in (400, 503)
            # 100 entries at 4 kB, and five times that for what Python needs around them.
            assert falls_below(before + 2_400_000)
        finally:
            tracemalloc.stop()
        assert journal(url, "long")["recorded"] == 16


def falls_below(size: int) -> bool:
    """Return whether the traced memory is soon less; a request may hold some after its answer has come."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        gc.collect()
        if tracemalloc.get_traced_memory()[0] < size:
            return True
        time.sleep(0.05)
    return False


def test_long_requests_count_as_several(serve: Serve) -> None:
    url = serve(max_journal=50, count=1)
    for number in range(5):
        send(url, "several", f"{LIST}?name={number}{'x' * 59_000}")
    kept = queries(url, "several")
    assert 1 <= len(kept) < 5
    assert kept[-1].startswith("name=4")
    assert journal(url, "several")["dropped"] == 5 - len(kept)


def test_empty_headers_count_for_what_they_take(serve: Serve) -> None:
    url = serve(max_journal=100)
    many = [f"a{number}:" for number in range(2_000)]
    for _ in range(3):
        wire.get(url, LIST, *many)
    assert len(Sandbox(url, "demo", "secret").requests()) == 1


@pytest.mark.slow
def test_dropped_entries_are_freed_without_the_collector(serve: Serve) -> None:
    url = serve(journal_size=1)
    gc.collect()
    gc.disable()
    try:
        for number in range(10):
            wire.get(url, f"/dropped-{number}")
        wire.get(url, LIST)
        entries = [each for each in gc.get_objects() if isinstance(each, Entry)]
    finally:
        gc.enable()
    # The last of all may still be on its way out.
    assert len([each for each in entries if each.path.startswith(b"/dropped-")]) <= 1
