"""The event stream: what it sends of the journal, and when it begins anew and ends."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import httpx
import pytest

from mock_server.control import event_stream
from mock_server.control.event_feed import Feed
from mock_server.sandbox import shown_entries
from mock_server.sandbox.journal import Entry
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import LIST
from tests.support.patience import PATIENCE
from tests.support.servers import Serve, build

Event = tuple[str, dict[str, Any]]


class Stream:
    """The events of an account, read one by one."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()
        self.last: dict[str, Any] = {}

    def next(self) -> Event:
        name = ""
        for line in self._lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                self.last = json.loads(line.removeprefix("data: "))
                return name, self.last
        raise EOFError

    def requests(self, number: int) -> list[dict[str, Any]]:
        """Read `requests` events until they hold this number of requests."""
        found: list[dict[str, Any]] = []
        while len(found) < number:
            name, data = self.next()
            assert name == "requests"
            found += data["items"]
        return found

    def ended(self, number: int) -> list[dict[str, Any]]:
        """Read until this number of requests came and have ended; one under way is sent again then."""
        found = {entry["id"]: entry for entry in self.requests(number)}
        while len(found) < number or any(entry["durationMs"] is None for entry in found.values()):
            found |= {entry["id"]: entry for entry in self.requests(1)}
        return list(found.values())


@contextmanager
def listening(url: str, client_id: str) -> Iterator[Stream]:
    headers = {"Authorization": wire.basic(client_id), "Accept": "text/event-stream"}
    with httpx.stream("GET", f"{url}/_mock/events", headers=headers, timeout=PATIENCE) as response:
        assert response.status_code == 200
        yield Stream(response)


def send(
    url: str, client_id: str, target: str = LIST, *headers: str, method: str = "GET"
) -> wire.Answer:
    return wire.get(
        url, target, f"Authorization: {wire.basic(client_id)}", *headers, method=method, auth=False
    )


def journal(url: str, client_id: str) -> list[dict[str, Any]]:
    """The entries as a stream tells them: without their bodies, which take time to read."""
    found = send(url, client_id, "/_mock/requests").json["items"]
    return [{name: value for name, value in entry.items() if name != "body"} for entry in found]


def test_a_stream_sends_the_journal_and_then_new_requests(url: str) -> None:
    send(url, "live", f"{LIST}?limit=1")
    with listening(url, "live") as stream:
        assert stream.response.headers["Content-Type"] == "text/event-stream"
        epoch = stream.response.headers["X-Mock-Account-Epoch"]
        assert stream.next() == ("begin", {"epoch": epoch})
        before = stream.ended(1)
        send(url, "live", "/nothing")
        assert before + stream.ended(1) == journal(url, "live")
        assert (stream.last["recorded"], stream.last["dropped"]) == (2, 0)


def test_a_stream_has_the_requests_of_its_account_only(url: str) -> None:
    with listening(url, "mine") as stream:
        assert stream.next()[0] == "begin"
        send(url, "theirs", f"{LIST}?limit=9")
        send(url, "mine", f"{LIST}?limit=8")
        assert [entry["query"] for entry in stream.requests(1)] == ["limit=8"]


@pytest.mark.slow
def test_a_request_under_way_is_sent_again_when_it_has_ended(url: str) -> None:
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


@pytest.mark.slow
@pytest.mark.parametrize(("method", "target"), [("DELETE", "/_mock/requests"), ("POST", "/_mock/reset")])
def test_a_cleared_journal_begins_the_stream_anew(url: str, method: str, target: str) -> None:
    client_id = f"emptied by {method}"
    send(url, client_id)
    with listening(url, client_id) as stream:
        assert stream.next()[0] == "begin"
        assert len(stream.requests(1)) == 1
        assert send(url, client_id, target, method=method).status == 204
        assert stream.next()[0] == "begin"
        send(url, client_id, f"{LIST}?limit=3")
        assert [entry["query"] for entry in stream.requests(1)] == ["limit=3"]


@pytest.mark.slow
def test_an_account_can_be_evicted_while_its_stream_goes_on(serve: Serve) -> None:
    url = serve(max_accounts=2)
    send(url, "looked-at", "/_mock/reset", method="POST")
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


@pytest.mark.slow
def test_the_newest_requests_of_a_long_journal_are_sent_in_order(serve: Serve) -> None:
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


@pytest.mark.slow
def test_a_burst_of_requests_is_sent_whole(url: str) -> None:
    with listening(url, "burst") as stream:
        assert stream.next()[0] == "begin"
        threads = [
            threading.Thread(target=lambda: [send(url, "burst") for _ in range(60)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        told = stream.ended(240)
        for thread in threads:
            thread.join()
    assert told == journal(url, "burst")


def test_a_stream_without_credentials_is_401(url: str) -> None:
    answer = wire.get(url, "/_mock/events", auth=False)
    assert answer.status == 401
    assert answer.header("WWW-Authenticate") is None


def test_a_stream_refuses_unknown_parameters_media_types_and_methods(url: str) -> None:
    answer = send(url, "asks", "/_mock/events?since=1")
    assert (answer.status, answer.violations[0]["key"]) == (400, "since")
    assert send(url, "asks", "/_mock/events", "Accept: text/html").status == 406
    assert send(url, "asks", "/_mock/events", method="DELETE").status == 405


def test_head_refuses_what_get_refuses(url: str) -> None:
    assert send(url, "headed", "/_mock/events?since=1", method="HEAD").status == 400


def test_head_has_the_headers_of_the_stream_and_ends(url: str) -> None:
    answer = send(url, "head", "/_mock/events", method="HEAD")
    assert (answer.status, answer.header("Content-Type")) == (200, "text/event-stream")


def test_a_stream_is_not_journaled(url: str) -> None:
    with listening(url, "quiet") as stream:
        assert stream.next()[0] == "begin"
    assert journal(url, "quiet") == []


def test_a_stream_ends_with_the_server_without_delaying_it() -> None:
    with server.in_thread(build(Settings())) as url:
        opened = listening(url, "stopping")
        stream = opened.__enter__()
        assert stream.next()[0] == "begin"
    # The response ends whole: the server did not have to cut it off.
    with pytest.raises(EOFError):
        stream.next()
    opened.__exit__(None, None, None)


def open_feeds(key: str) -> int:
    """Return the number of open streams of an account."""
    gc.collect()
    return sum(isinstance(each, Feed) and each._key == key for each in gc.get_objects())


@pytest.mark.slow
def test_a_stream_ends_when_its_client_leaves(serve: Serve) -> None:
    url = serve()
    for _ in range(50):
        with listening(url, "leaves") as stream:
            assert stream.next()[0] == "begin"
    send(url, "leaves")
    deadline = time.monotonic() + PATIENCE
    while open_feeds("leaves") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert open_feeds("leaves") == 0
    assert len(journal(url, "leaves")) == 1


def test_a_stream_without_a_journal_sends_counts_only(serve: Serve) -> None:
    url = serve(journal_size=0)
    with listening(url, "none") as stream:
        assert stream.next()[0] == "begin"
        send(url, "none")
        assert stream.next() == ("requests", {"items": [], "recorded": 1, "dropped": 1})


def test_streams_of_one_account_render_each_request_once(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[tuple[str, bool]] = []
    as_json = shown_entries.as_json

    def note(entry: Entry) -> dict[str, Any]:
        rendered.append((entry.id, entry.duration is None))
        return as_json(entry)

    monkeypatch.setattr(shown_entries, "as_json", note)
    url = serve()
    with ExitStack() as opened:
        streams = [opened.enter_context(listening(url, "together")) for _ in range(5)]
        for stream in streams:
            assert stream.next()[0] == "begin"
        for _ in range(3):
            send(url, "together")
        for stream in streams:
            told = stream.ended(3)
    assert {entry_id for entry_id, _ in rendered} == {entry["id"] for entry in told}
    assert len(rendered) == len(set(rendered))


def assert_refused(url: str, client_id: str, text: str) -> None:
    answer = send(url, client_id, "/_mock/events")
    assert (answer.status, answer.header("Retry-After")) == (503, "1")
    assert answer.json["error"]["type"] == "serviceUnavailable"
    assert text in answer.json["error"]["message"]


def test_a_stream_beyond_those_of_the_account_or_of_all_is_503(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (event_stream.STREAMS, event_stream.ACCOUNT_STREAMS) == (1_000, 100)
    monkeypatch.setattr(event_stream, "STREAMS", 3)
    monkeypatch.setattr(event_stream, "ACCOUNT_STREAMS", 2)
    url = serve()
    with ExitStack() as opened:
        for _ in range(2):
            opened.enter_context(listening(url, "a"))
        assert_refused(url, "a", "This account has 2 event streams open")
        opened.enter_context(listening(url, "b"))
        assert_refused(url, "c", "3 event streams are open")
    deadline = time.monotonic() + PATIENCE
    headers = {"Authorization": wire.basic("c")}
    while True:
        with httpx.stream("GET", f"{url}/_mock/events", headers=headers) as response:
            if response.status_code == 200:
                return
        assert time.monotonic() < deadline, "streams that were closed still count"


@pytest.mark.slow
def test_hundreds_of_streams_get_every_request_and_end_with_the_server() -> None:
    accounts = [f"crowd {number}" for number in range(3)]
    with ExitStack() as opened:
        stopping = opened.enter_context(ExitStack())
        url = stopping.enter_context(server.in_thread(build(Settings(count=1))))
        streams = [
            (client_id, opened.enter_context(closing(wire.connect(url))))
            for client_id in accounts
            for _ in range(100)
        ]
        for client_id, connection in streams:
            head = f"GET /_mock/events HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.basic(client_id)}\r\n\r\n"
            connection.sendall(head.encode())
        for client_id in accounts:
            send(url, client_id, f"{LIST}?limit=7")
        received = []
        for _, connection in streams:
            text = b""
            # Who reads while the request is under way gets it twice, and only then ended.
            while b"limit=7" not in text or b'"status":200' not in text:
                text += connection.recv(65_536)
            received.append(text)
        assert all(text.startswith(b"HTTP/1.1 200 OK") for text in received)
        began = time.monotonic()
        stopping.close()
        assert time.monotonic() - began < PATIENCE
        for _, connection in streams:
            while connection.recv(65_536):
                pass
