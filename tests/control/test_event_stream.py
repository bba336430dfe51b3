"""The stream of events: the journal as it grows, told to whoever looks at it."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mock_server.control.event_stream import Feed
from mock_server.sandbox.sandbox import Sandbox
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import LIST
from tests.support.servers import Serve, build

Event = tuple[str, dict[str, Any]]


class Stream:
    """A reader of the events of an account."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self) -> Event:
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise EOFError

    def requests(self, number: int) -> list[dict[str, Any]]:
        """The next so many requests that are told."""
        found: list[dict[str, Any]] = []
        while len(found) < number:
            name, data = self.next()
            assert name == "requests"
            found += data["items"]
        return found


@contextmanager
def listening(url: str, client_id: str) -> Iterator[Stream]:
    headers = {"Authorization": wire.basic(client_id), "Accept": "text/event-stream"}
    with httpx.stream("GET", f"{url}/_mock/events", headers=headers, timeout=20) as response:
        assert response.status_code == 200
        yield Stream(response)


def send(
    url: str, client_id: str, target: str = LIST, *headers: str, method: str = "GET"
) -> wire.Answer:
    return wire.get(
        url, target, f"Authorization: {wire.basic(client_id)}", *headers, method=method, auth=False
    )


def journal(url: str, client_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = send(url, client_id, "/_mock/requests").json["items"]
    return found


def test_it_begins_with_the_journal_and_goes_on_with_what_comes(url: str) -> None:
    send(url, "live", f"{LIST}?limit=1")
    with listening(url, "live") as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream"
        epoch = stream.response.headers["X-Mock-Account-Epoch"]
        assert stream.next() == ("begin", {"epoch": epoch})
        before = stream.requests(1)
        began = time.monotonic()
        send(url, "live", "/nothing")
        name, data = stream.next()
        assert time.monotonic() - began < 1
        assert (name, data["recorded"], data["dropped"]) == ("requests", 2, 0)
        assert before + data["items"] == journal(url, "live")


def test_no_account_is_told_of_anothers_requests(url: str) -> None:
    with listening(url, "mine") as stream:
        assert stream.next()[0] == "begin"
        send(url, "theirs", f"{LIST}?limit=9")
        send(url, "mine", f"{LIST}?limit=8")
        assert [entry["query"] for entry in stream.requests(1)] == ["limit=8"]


def test_a_request_under_way_is_told_again_when_it_has_ended(url: str) -> None:
    with listening(url, "slowly") as stream, wire.connect(url) as connection:
        assert stream.next()[0] == "begin"
        request = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.basic('slowly')}\r\nPrefer: delay=0.6\r\n\r\n"
        connection.sendall(request.encode())
        [under_way] = stream.requests(1)
        assert (under_way["status"], under_way["durationMs"]) == (None, None)
        assert wire.read(connection).status == 200
        [ended] = stream.requests(1)
        assert (ended["id"], ended["status"], ended["operation"]) == (
            under_way["id"],
            200,
            "getUsageMetrics",
        )


@pytest.mark.parametrize(("method", "target"), [("DELETE", "/_mock/requests"), ("POST", "/_mock/reset")])
def test_it_begins_anew_when_the_journal_is_emptied(url: str, method: str, target: str) -> None:
    client_id = f"emptied by {method}"
    send(url, client_id)
    with listening(url, client_id) as stream:
        assert stream.next()[0] == "begin"
        assert len(stream.requests(1)) == 1
        assert send(url, client_id, target, method=method).status == 204
        assert stream.next()[0] == "begin"
        send(url, client_id, f"{LIST}?limit=3")
        assert [entry["query"] for entry in stream.requests(1)] == ["limit=3"]


def test_it_keeps_no_account_and_begins_anew_with_the_next(serve: Serve) -> None:
    url = serve(max_accounts=2)
    with listening(url, "looked-at") as stream:
        _, first = stream.next()
        send(url, "a")
        send(url, "b")
        assert stream.next() == ("begin", {"epoch": None})
        assert wire.get(url, "/_mock/health", auth=False).json["accounts"] == {"live": 2, "evicted": 1}
        send(url, "looked-at", f"{LIST}?limit=4")
        name, again = stream.next()
        assert name == "begin"
        assert again["epoch"] not in (None, first["epoch"])
        assert [entry["query"] for entry in stream.requests(1)] == ["limit=4"]


def test_of_very_many_at_once_the_newest_are_told_in_order(serve: Serve) -> None:
    url = serve(journal_size=3_000)
    with wire.connect(url) as connection:
        request = (
            f"GET /nothing HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.basic('many')}\r\n\r\n".encode()
        )
        for _ in range(1_200):
            connection.sendall(request)
            wire.read(connection)
    with listening(url, "many") as stream:
        assert stream.next()[0] == "begin"
        told = stream.requests(1_000)
    assert told == journal(url, "many")[-1_000:]


def test_a_burst_is_told_whole(url: str) -> None:
    with listening(url, "burst") as stream:
        assert stream.next()[0] == "begin"
        threads = [
            threading.Thread(target=lambda: [send(url, "burst") for _ in range(60)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        told = {entry["id"]: entry for entry in stream.requests(240)}
        for thread in threads:
            thread.join()
        while any(entry["durationMs"] is None for entry in told.values()):
            told |= {entry["id"]: entry for entry in stream.requests(1)}
    assert list(told.values()) == journal(url, "burst")


def test_without_credentials_there_is_none(url: str) -> None:
    answer = wire.get(url, "/_mock/events", auth=False)
    assert answer.status == 401
    assert answer.header("WWW-Authenticate") is None


def test_what_is_not_understood_is_refused(url: str) -> None:
    answer = send(url, "asks", "/_mock/events?since=1")
    assert (answer.status, answer.violations[0]["key"]) == (400, "since")
    assert send(url, "asks", "/_mock/events", "Accept: text/html").status == 406
    assert send(url, "asks", "/_mock/events", method="DELETE").status == 405


def test_head_has_its_headers_and_an_end(url: str) -> None:
    answer = send(url, "head", "/_mock/events", method="HEAD")
    assert (answer.status, answer.header("Content-Type")) == (200, "text/event-stream")


def test_looking_is_not_journaled(url: str) -> None:
    with listening(url, "quiet") as stream:
        assert stream.next()[0] == "begin"
    assert journal(url, "quiet") == []


def test_it_ends_with_the_server_and_does_not_delay_that() -> None:
    with server.in_thread(build(Settings())) as url:
        opened = listening(url, "stopping")
        stream = opened.__enter__()
        assert stream.next()[0] == "begin"
        stopping = time.monotonic()
    # Its end is that of a whole answer, long before the server would cut it off.
    with pytest.raises(EOFError):
        stream.next()
    assert time.monotonic() - stopping < 0.7
    opened.__exit__(None, None, None)


def open_feeds(key: str) -> int:
    """How many streams of an account go on."""
    gc.collect()
    return sum(isinstance(each, Feed) and each._key == key for each in gc.get_objects())


@pytest.mark.slow
def test_a_stream_whose_client_left_is_over(serve: Serve) -> None:
    url = serve()
    for _ in range(50):
        with listening(url, "leaves") as stream:
            assert stream.next()[0] == "begin"
    send(url, "leaves")
    deadline = time.monotonic() + 10
    while open_feeds("leaves") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert open_feeds("leaves") == 0
    assert len(journal(url, "leaves")) == 1


def test_without_a_journal_there_is_nothing_to_tell(serve: Serve) -> None:
    url = serve(journal_size=0)
    with listening(url, "none") as stream:
        assert stream.next()[0] == "begin"
        send(url, "none")
        assert stream.next() == ("requests", {"items": [], "recorded": 1, "dropped": 1})


def test_the_transcript_of_a_request_is_had_by_its_account_alone(url: str) -> None:
    answer = send(url, "told", f"{LIST}?limit=1", "X-Own: 1")
    request_id = answer.header("X-Mock-Request-Id")
    whole = send(url, "told", f"/_mock/requests/{request_id}").json
    [entry] = journal(url, "told")
    assert {key: value for key, value in whole.items() if key in entry} == entry
    assert whole["responseBody"] == {
        "size": len(answer.body),
        "text": answer.body.decode(),
        "base64": None,
    }
    assert whole["responseHeaders"]["x-mock-request-id"] == request_id
    assert whole["requestBody"] == {"size": 0, "text": "", "base64": None}
    for client_id, asked in (("other", request_id), ("told", "nope"), ("told", "999999999")):
        refused = send(url, client_id, f"/_mock/requests/{asked}")
        assert (refused.status, refused.json["error"]["type"]) == (404, "notFound")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(b'{"a": 1}', {"size": 8, "text": '{"a": 1}', "base64": None}), (b"\xff\x00", {"size": 2, "text": None, "base64": "/wA="})],
)  # fmt: skip
def test_the_body_of_a_request_is_told(url: str, sent: bytes, shown: dict[str, Any]) -> None:
    headers = (f"Authorization: {wire.basic('bodies')}", f"Content-Length: {len(sent)}")
    answer = wire.get(url, LIST, *headers, method="POST", body=sent, auth=False)
    whole = send(url, "bodies", f"/_mock/requests/{answer.header('X-Mock-Request-Id')}").json
    assert (whole["status"], whole["requestBody"]) == (405, shown)


def test_of_an_answer_that_was_cut_half_is_told(url: str) -> None:
    fault = b'{"script": [{"cut": "truncate"}, {"cut": "reset"}]}'
    headers = (
        f"Authorization: {wire.basic('cut')}",
        "Content-Type: application/json",
        f"Content-Length: {len(fault)}",
    )
    assert wire.get(url, "/_mock/faults", *headers, method="POST", body=fault, auth=False).status == 201
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}{LIST}", headers={"Authorization": wire.basic("cut")})
    half, nothing = [
        send(url, "cut", f"/_mock/requests/{entry['id']}").json for entry in journal(url, "cut")
    ]
    assert 0 < half["responseBody"]["size"] == int(half["responseHeaders"]["content-length"]) // 2
    assert nothing["responseBody"] is None


def test_transcripts_are_bounded() -> None:
    transcripts = Sandbox({}).transcripts
    body = b"x" * 1_000_000
    for number in range(200):
        transcripts.hear(
            str(number), b"", {"type": "http.response.start", "headers": [(b"a", b"b" * 1_000)]}
        )
        transcripts.hear(str(number), b"", {"type": "http.response.body", "body": body})
    kept = [number for number in range(200) if transcripts.get(str(number)) is not None]
    assert kept == list(range(200 - len(kept), 200))
    assert 5 < len(kept) < 9
