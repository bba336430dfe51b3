"""Accounts: a client id sees its own, it is given up last come what may, and it costs little."""

from __future__ import annotations

import gc
import json
import socket
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from mock_server.data import starting_data
from mock_server.data.snapshot import Snapshot
from mock_server.formats.headers import HeaderBlock
from mock_server.lists.filters import AnyOf
from mock_server.openapi import document
from mock_server.sandbox.journal import Entry, RequestLine
from mock_server.sandbox.sandbox import SandboxState
from mock_server.sandbox.walk import ListRequest, PageGiven
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import CONTROL, FIXTURES, LIST, METRIC
from tests.support.patience import PATIENCE
from tests.support.processes import Process
from tests.support.servers import Serve

RECORDS = "/_mock/collections/usage-metrics"
EPOCH = "X-Mock-Account-Epoch"
REPLICA = "X-Mock-Replica"


def send(
    url: str, client_id: str | bytes, target: str, method: str = "GET", body: Any = None
) -> wire.Answer:
    """A request by a client id, which may be any bytes."""
    headers = [f"Authorization: {wire.basic(client_id)}"]
    content = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        headers += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return wire.get(url, target, *headers, method=method, auth=False, body=content)


def load(url: str, client_id: str, *names: str, **more: Any) -> None:
    items = [METRIC | {"name": name} | more for name in names]
    assert send(url, client_id, RECORDS, "PUT", {"items": items}).status == 200


def names(url: str, client_id: str | bytes) -> list[str]:
    return [item["name"] for item in send(url, client_id, LIST).json["items"]]


def recorded(url: str, client_id: str | bytes) -> int:
    number: int = send(url, client_id, "/_mock/requests").json["recorded"]
    return number


def epoch(url: str, client_id: str) -> str:
    """The epoch of an account, which is made if there is none."""
    found = send(url, client_id, "/_mock/clock", "PUT", {"advance": 0}).header(EPOCH)
    assert found
    return found


def counts(url: str) -> Any:
    return wire.get(url, "/_mock/health", auth=False).json["accounts"]


def arm(url: str, client_id: str) -> None:
    fault = {"script": [{"status": 503}]}
    assert send(url, client_id, "/_mock/faults", "POST", fault).status == 201


# Isolation


def test_an_account_sees_nothing_of_another(url: str) -> None:
    load(url, "isolated-a", "a")
    arm(url, "isolated-a")
    send(url, "isolated-a", "/_mock/clock", "PUT", {"now": "2000-01-01T00:00:00Z"})
    assert len(names(url, "isolated-b")) == 20
    assert recorded(url, "isolated-b") == 1
    assert send(url, "isolated-b", "/_mock/faults").json == {"items": []}
    assert not send(url, "isolated-b", "/_mock/clock").json["frozen"]
    assert recorded(url, "isolated-a") == 0
    send(url, "isolated-b", "/_mock/reset", "POST")
    assert send(url, "isolated-a", LIST).status == 503
    assert names(url, "isolated-a") == ["a"]


def test_the_client_id_alone_names_the_account(url: str) -> None:
    load(url, "one-id", "a")
    answers = [httpx.get(url + LIST, auth=("one-id", secret)) for secret in ("", "x", "y:z", "é")]
    assert [[item["name"] for item in answer.json()["items"]] for answer in answers] == [["a"]] * 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("case", "CASE"), ("space", "space "), ("zoë", "zoé"), ("é", "e\u0301"), ("x" * 300, "x" * 301),
        ("default", "Default"), ("a\0", "a"), ("日本", "日木"), ("%41", "A"), ("p", "ｐ"),
    ],
)  # fmt: skip
def test_client_ids_that_differ_name_accounts_that_differ(url: str, one: str, other: str) -> None:
    load(url, one, "mine")
    assert names(url, one) == ["mine"]
    assert len(names(url, other)) == 20


@pytest.mark.parametrize(
    ("one", "other"), [(b"zo\xeb", b"zo\xe9"), (b"\xff", b"\xfe"), (b"\xff", "�".encode())]
)
def test_client_ids_that_are_not_utf_8_are_told_apart(serve: Serve, one: bytes, other: bytes) -> None:
    url = serve(count=1)
    send(url, one, LIST)
    assert (recorded(url, one), recorded(url, other)) == (1, 0)


def test_requests_and_httpx_name_the_same_account(serve: Serve) -> None:
    # requests encodes credentials in Latin-1, httpx and the project's own client in UTF-8.
    url, auth = serve(count=1), ("zoë", "geheim")
    assert requests.get(url + LIST, auth=auth, timeout=PATIENCE).status_code == 200
    assert httpx.get(url + "/_mock/requests", auth=auth).json()["recorded"] == 1


@pytest.mark.parametrize("client_id", ["x" * 45_000, "ü" * 20_000, "\n\t\0", '"\\/', "-", "日本"])
def test_client_ids_may_be_odd(url: str, client_id: str) -> None:
    assert send(url, client_id, "/_mock/reset", "POST").status == 204
    load(url, client_id, "mine")
    arm(url, client_id)
    assert send(url, client_id, LIST).status == 503
    assert names(url, client_id) == ["mine"]
    assert recorded(url, client_id) == 2


def test_the_digest_of_a_long_client_id_names_no_account_of_its_own(serve: Serve) -> None:
    from hashlib import blake2b

    url, long = serve(count=1), "x" * 300
    send(url, long, LIST)
    assert recorded(url, blake2b(long.encode(), digest_size=32).hexdigest()) == 0


def test_requests_without_a_valid_account_are_in_the_journal_of_anonymous(serve: Serve) -> None:
    url = serve(count=1, credentials=("good:secret", "anonymous:secret"))
    wire.get(url, LIST + "?a=1", auth=False)
    wire.get(url, LIST + "?a=2", "Authorization: Bearer secret", auth=False)
    send(url, "bad", LIST + "?a=3")
    send(url, "good", LIST + "?a=4")
    send(url, "anonymous", LIST + "?a=5")
    wire.get(url, "/nowhere?a=6", auth=False)
    for seen in (
        send(url, "good", "/_mock/requests?account=anonymous").json,
        send(url, "anonymous", "/_mock/requests").json,
    ):
        assert [(entry["query"], entry["status"]) for entry in seen["items"]] == [
            ("a=1", 401), ("a=2", 401), ("a=3", 401), ("a=5", 401), ("a=6", 404),
        ]  # fmt: skip
        assert seen["recorded"] == 5
    assert recorded(url, "good") == 1


# The account's own id


def own_ids(url: str, client_id: str, target: str = LIST) -> list[str]:
    return [item["sequenceAccountId"] for item in send(url, client_id, target).json["items"]]


def test_records_that_name_no_account_show_the_accounts_own(serve: Serve) -> None:
    url, again = serve(count=3), serve(count=4, seed=1)
    for client_id in ("demo", "x" * 300, "ü"):
        [own] = set(own_ids(url, client_id))
        assert set(own_ids(url, client_id, RECORDS)) == set(own_ids(again, client_id)) == {own}
        load(url, client_id, "a", "b")
        assert own_ids(url, client_id) == own_ids(url, client_id, RECORDS) == [own, own]
    assert len({own_ids(url, client_id)[0] for client_id in ("demo", "x" * 300, "ü", "other")}) == 4


def test_an_account_that_is_written_is_kept(url: str) -> None:
    for method in ("PUT", "POST"):
        items = [METRIC | {"sequenceAccountId": "theirs"}, METRIC]
        send(url, "keeper", RECORDS, method, {"items": items})
        theirs, own = own_ids(url, "keeper")[:2]
        assert theirs == "theirs"
        assert own_ids(url, "keeper", RECORDS)[:2] == [theirs, own]
    # The id that stands for any account inside the server is a text like any other.
    from mock_server.data.records import OWN_ACCOUNT

    load(url, "keeper", "a", sequenceAccountId=str(OWN_ACCOUNT))
    assert own_ids(url, "keeper") == [str(OWN_ACCOUNT)]


def test_the_own_account_id_is_shown_in_records_of_fixture_files(fixtures_url: str) -> None:
    one, other = own_ids(fixtures_url, "fix-a"), own_ids(fixtures_url, "fix-b")
    assert FIXTURES.read_text().count("sequenceAccountId: ec1479a2-6ba1-421f-a7de-0853a20d17a1")
    assert one[0] == other[0] == "ec1479a2-6ba1-421f-a7de-0853a20d17a1"
    assert one[1] != other[1]
    assert own_ids(fixtures_url, "fix-a", RECORDS) == one


def test_the_own_account_id_is_shown_in_nested_objects(serve: Serve, small: Callable[..., Path]) -> None:
    parts = (
        "        parts:\n          type: array\n          items:\n            type: object\n"
        "            properties: {owner: {type: string, x-fill: account}}\n"
    )
    path = small(
        ("        size: {", parts + "        size: {"), ("required: [id, kind]", "required: [kind]")
    )
    url = serve(document=path, count=2)
    items = [{"kind": "round", "parts": [{}, {"owner": "theirs"}]}]
    for client_id in ("a", "b"):
        send(url, client_id, "/_mock/collections/things", "PUT", {"items": items})
    [[one, theirs], [other, _]] = [
        [part["owner"] for part in send(url, client_id, "/v1/things").json["items"][0]["parts"]]
        for client_id in ("a", "b")
    ]
    assert theirs == "theirs"
    assert one != other


# Eviction


def test_the_least_recently_used_account_goes_first(serve: Serve) -> None:
    url = serve(max_accounts=3, count=2)
    assert counts(url) == {"live": 0, "evicted": 0}
    for client_id in ("a", "b", "c"):
        load(url, client_id, client_id)
    assert counts(url) == {"live": 3, "evicted": 0}
    send(url, "a", LIST)
    send(url, "b", "/_mock/clock")
    load(url, "d", "d")
    assert counts(url) == {"live": 3, "evicted": 1}
    assert [names(url, client_id) for client_id in ("a", "b", "d")] == [["a"], ["b"], ["d"]]
    assert len(names(url, "c")) == 2
    assert counts(url) == {"live": 3, "evicted": 2}
    assert recorded(url, "a") == 0


def test_health_makes_no_account_but_credentials_do(serve: Serve) -> None:
    url = serve(count=1)
    for _ in range(3):
        assert counts(url) == {"live": 0, "evicted": 0}
    send(url, "a", "/nope")
    assert counts(url) == {"live": 1, "evicted": 0}


def test_accounts_with_unspent_faults_go_last(serve: Serve) -> None:
    url = serve(max_accounts=3, count=1)
    arm(url, "armed")
    for number in range(5):
        send(url, f"idle-{number}", LIST)
    assert counts(url) == {"live": 3, "evicted": 3}
    assert send(url, "armed", LIST).status == 503
    # Its fault is spent now, so that it goes like any other.
    for number in range(3):
        send(url, f"later-{number}", LIST)
    assert recorded(url, "armed") == 0


def test_accounts_whose_faults_were_removed_go_like_any_other(serve: Serve) -> None:
    url = serve(max_accounts=2, count=1)
    for method, target in (("DELETE", "/_mock/faults"), ("POST", "/_mock/reset")):
        arm(url, "disarmed")
        send(url, "disarmed", method=method, target=target)
        before = epoch(url, "disarmed")
        send(url, "x", LIST)
        send(url, "y", LIST)
        assert epoch(url, "disarmed") != before


def test_the_least_recently_used_of_accounts_with_faults_is_evicted(serve: Serve) -> None:
    url = serve(max_accounts=2, count=1)
    arm(url, "a")
    arm(url, "b")
    send(url, "a", "/_mock/faults")
    arm(url, "c")
    assert counts(url) == {"live": 2, "evicted": 1}
    assert [send(url, client_id, LIST).status for client_id in ("a", "c")] == [503, 503]


def test_eviction_frees_the_budgets_of_an_account(serve: Serve) -> None:
    url = serve(max_accounts=1, max_records=10, max_journal=10, count=1)
    for client_id in ("a", "b", "c"):
        load(url, client_id, *"abcdefghij")
        for _ in range(10):
            send(url, client_id, LIST)
        assert send(url, client_id, "/_mock/requests").json["dropped"] == 0


# Asking

# Each path of the control API that can be read, with a query where a parameter names accounts.
READABLE = [
    *(path for path, item in CONTROL["paths"].items() if "get" in item),
    "/verdict?account=*", "/report?account=*", "/requests?account=anonymous",
]  # fmt: skip


def test_asking_makes_no_account_and_evicts_none(serve: Serve) -> None:
    url = serve(max_accounts=1, count=1)
    load(url, "lone", "kept")
    for path in READABLE:
        target = "/_mock" + path.replace("{name}", "usage-metrics").replace("{id}", "1")
        for method in ("GET", "HEAD"):
            if (method, path) == ("GET", "/events"):
                continue  # It has no end, and a test of its own.
            answer = send(url, "stranger", target, method)
            assert (answer.status < 500, answer.header(EPOCH)) == (True, None), (method, path)
    assert counts(url) == {"live": 1, "evicted": 0}
    assert names(url, "lone") == ["kept"]


@pytest.mark.parametrize("client_id", ["stranger", "*", "x" * 201])
def test_an_account_that_never_was_answers_like_a_new_one(serve: Serve, client_id: str) -> None:
    url = serve(count=3)
    targets = [
        f"/_mock{path}" for path in ("/requests", "/walks", "/faults", "/violations", "/coverage")
    ]
    targets.append(RECORDS)
    never = [send(url, client_id, target).json for target in targets]
    assert send(url, client_id, "/_mock/clock").json["frozen"] is False
    assert counts(url)["live"] == 0
    send(url, client_id, "/_mock/reset", "POST")
    assert counts(url)["live"] == 1
    assert [send(url, client_id, target).json for target in targets] == never
    # Once it is there, asking finds it.
    load(url, client_id, "own")
    [record] = send(url, client_id, RECORDS).json["items"]
    assert record["name"] == "own"


def test_a_call_that_is_refused_before_its_body_is_read_makes_no_account(serve: Serve) -> None:
    url = serve(count=1, max_control_body=10)
    basic = f"Authorization: {wire.basic('refused')}"
    large = wire.get(url, "/_mock/clock", basic, "Content-Length: 99", method="PUT", auth=False)
    misdirected = wire.exchange(
        url, f"POST /_mock/reset HTTP/1.1\r\nHost: evil.example\r\n{basic}\r\n\r\n".encode()
    )
    unknown = send(url, "refused", "/_mock/nope", "POST")
    assert [each.status for each in (large, misdirected, unknown)] == [413, 421, 404]
    assert counts(url)["live"] == 0


@pytest.mark.slow
def test_the_events_of_an_account_that_never_was_go_on_with_its_first_request(serve: Serve) -> None:
    url = serve(max_accounts=1, count=1)
    head = f"GET /_mock/events HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.basic('stranger')}\r\n\r\n"

    def read_until(text: bytes) -> bytes:
        got = b""
        while text not in got:
            got += stream.recv(65_536)
        return got

    with wire.connect(url) as stream:
        stream.sendall(head.encode())
        started = read_until(b'event: begin\ndata: {"epoch":null}\n\n')
        assert EPOCH.encode().lower() not in started.lower()
        assert counts(url)["live"] == 0
        send(url, "stranger", LIST)
        assert b"event: begin" not in read_until(b"event: requests")


# The epoch


def test_every_control_answer_carries_the_epoch(url: str) -> None:
    own = epoch(url, "epochal")
    for method, path, body in (
        ("GET", "/health", None), ("POST", "/reset", None), ("GET", "/nope", None), ("PATCH", "/clock", None),
        ("PUT", "/clock", {}), ("GET", "/collections/nope", None), ("DELETE", "/faults/nope", None),
        ("GET", "/requests?x=1", None), ("DELETE", "/requests", None), ("HEAD", "/clock", None),
        ("OPTIONS", "/clock", None), ("POST", "/faults", {"script": ["pass"]}), ("GET", "/walks", None),
        ("GET", "", None),
    ):  # fmt: skip
        assert send(url, "epochal", "/_mock" + path, method, body).header(EPOCH) == own, (method, path)
    basic = f"Authorization: {wire.basic('epochal')}"
    for headers, status in (
        (["Content-Type: text/plain"], 415), (["Content-Length: 99999999"], 413), (["Accept: a/b"], 406),
    ):  # fmt: skip
        answer = wire.get(url, "/_mock/clock", basic, *headers, method="PUT", auth=False)
        assert (answer.status, answer.header(EPOCH)) == (status, own)
    head = f"GET /_mock/clock HTTP/1.1\r\nHost: evil.example\r\n{basic}\r\n\r\n"
    misdirected = wire.exchange(url, head.encode())
    assert (misdirected.status, misdirected.header(EPOCH)) == (421, own)


def test_the_epoch_changes_with_eviction_and_restart_alone(serve: Serve) -> None:
    url, restarted = serve(max_accounts=2, count=1), serve(count=1)
    first = epoch(url, "a")
    load(url, "a", "x")
    send(url, "a", "/_mock/reset", "POST")
    send(url, "b", LIST)
    assert epoch(url, "a") == first
    send(url, "c", LIST)
    send(url, "b", LIST)
    second = epoch(url, "a")
    assert len({first, second, epoch(url, "b"), epoch(restarted, "a"), epoch(restarted, "b")}) == 5


def test_the_mocked_api_carries_no_epoch(url: str) -> None:
    answer = send(url, "epochal", LIST)
    assert (answer.header(EPOCH), answer.header(REPLICA)) == (None, None)


def test_every_answer_of_the_control_api_names_the_replica(serve: Serve) -> None:
    given, own = serve(replica_name="mock-7"), serve()
    host = f"{socket.gethostname()}:{own.rpartition(':')[2]}"
    for url, name in ((given, "mock-7"), (own, host)):
        for path in ("/health", "/clock", "/nope", "/requests?x=1", ""):
            assert wire.get(url, f"/_mock{path}", auth=False).header(REPLICA) == name, path
            assert send(url, "named", f"/_mock{path}").header(REPLICA) == name, path


# What accounts cost


@pytest.mark.slow
def test_ten_thousand_accounts_over_a_thousand_records_are_cheap() -> None:
    settings = Settings(count=1000)
    starting = starting_data.load(document.load(document.BUILT_IN), settings).collections
    sandbox = SandboxState(starting, settings)
    query = b"limit=20&eventType=seat_added"
    pairs = (b"host", b"127.0.0.1:8080"), (b"authorization", b"Basic eDp5"), (b"accept", b"*/*")
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(10_000):
            # Each of them has sent a list request, as the recorder and the wrapper of faults see it.
            account = sandbox.accounts.get(f"tests/test_something.py::test_{number}")
            entry_id, headers = sandbox.archive.new_id(), HeaderBlock(pairs)
            line = RequestLine("GET", LIST.encode(), query)
            entry = Entry(entry_id, time.time(), line, headers)
            account.journal.add(entry)
            filters = frozenset([AnyOf("eventType", frozenset([f"seat_{number}"]))])
            asked = ListRequest(
                "getUsageMetrics", filters, (("eventType", "x"),), None, is_backward=False
            )
            entry.attempt = account.journal.walks.join(asked)
            account.journal.walks.serve(
                entry.attempt, PageGiven(20, (f"cursor-{number}",), is_end=False)
            )
            assert account.collections["usage-metrics"] is starting["usage-metrics"]
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(sandbox.accounts) == 10_000
    assert size < 100_000_000


@pytest.mark.slow
def test_client_ids_of_any_length_cost_the_same() -> None:
    sandbox = SandboxState(Snapshot({}), Settings(max_accounts=1000))
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(1000):
            sandbox.accounts.get(f"{number}" + "x" * 45_000)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 10_000_000


# Watched files


@pytest.mark.slow
def test_watched_files_leave_changed_copies_alone(tmp_path: Path) -> None:
    def write(name: str) -> None:
        (tmp_path / "new").write_text(json.dumps({"usage-metrics": [METRIC | {"name": name}]}))
        (tmp_path / "new").replace(tmp_path / "m.json")

    write("first")
    process = Process("--fixtures", str(tmp_path / "m.json"), "--watch", "--quiet")
    try:
        url = process.url
        load(url, "changed", "mine")
        assert [names(url, client_id) for client_id in ("changed", "other")] == [["mine"], ["first"]]
        write("second")
        deadline = time.monotonic() + PATIENCE
        while names(url, "other") != ["second"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert names(url, "other") == ["second"]
        assert names(url, "changed") == ["mine"]
        send(url, "changed", "/_mock/reset", "POST")
        assert names(url, "changed") == ["second"]
    finally:
        process.end()
