"""Many clients that write at once: no record is lost, and none is there twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import parcels, wire
from tests.support.callers import Caller
from tests.support.patience import PATIENCE
from tests.support.servers import Serve


@contextmanager
def connected(url: str) -> Iterator[Client]:
    client = Client(url)
    try:
        yield client
    finally:
        client.close()


class Client:
    """A client that keeps its connection, of an account that all of them share."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE)

    def close(self) -> None:
        self._connection.close()

    def send(self, method: str, target: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body)
        headers = {"Authorization": wire.basic("crowd"), "Content-Type": "application/json"}
        self._connection.request(method, target, content, headers)
        answer = self._connection.getresponse()
        answered = answer.read()
        assert answer.status in (200, 201, 204), (answer.status, answered)
        return json.loads(answered) if answered else None


def write_at_once(url: str, clients: int, creates: int) -> list[str]:
    """Let clients create parcels and look at them meanwhile; return the labels of those created."""

    def run(number: int) -> list[str]:
        labels = [f"{number}-{n}" for n in range(creates)]
        with connected(url) as client:
            for label in labels:
                made = client.send("POST", "/parcels", {"label": label, "size": "S"})
                assert made["label"] == label
                if label.endswith("0"):
                    assert client.send("GET", f"/parcels/{made['id']}") == made
                    client.send("GET", "/parcels?size=S&limit=5")
        return labels

    with ThreadPoolExecutor(clients) as threads:
        return [label for labels in threads.map(run, range(clients)) for label in labels]


def walked(url: str) -> list[dict[str, Any]]:
    found, after = list[dict[str, Any]](), ""
    with connected(url) as client:
        while True:
            page = client.send("GET", f"/parcels?limit=100{after}")
            found += page["items"]
            if page.get("next") is None:
                assert len(found) == page["total"]
                return found
            after = f"&after={page['next']}"


def require_all(url: str, labels: list[str], start: int) -> None:
    found = walked(url)
    assert len(found) == len(labels) + start
    assert len({each["id"] for each in found}) == len(found)
    assert sorted(each["label"] for each in found[: len(labels)]) == sorted(labels)


def test_no_create_of_some_clients_is_lost(serve: Serve, tmp_path: Path) -> None:
    url = serve(document=parcels.written(tmp_path), count=10)
    require_all(url, write_at_once(url, clients=8, creates=10), start=10)


@pytest.mark.slow
def test_no_create_of_64_clients_is_lost_while_tests_load_and_reset(
    serve: Serve, tmp_path: Path
) -> None:
    url = serve(document=parcels.written(tmp_path), count=10)
    is_over = Event()

    def steer() -> None:
        """Load many records into another account, and reset it, again and again."""
        other = Caller(url, "steering")
        items = [{"label": str(n), "size": "L"} for n in range(2_000)]
        while not is_over.is_set():
            other.done("PUT", "/collections/parcels", {"items": items})
            assert other.send("GET", "/parcels?limit=1").json["total"] == 2_000
            other.done("POST", "/reset")

    with ThreadPoolExecutor(1) as thread:
        steering = thread.submit(steer)
        labels = write_at_once(url, clients=64, creates=100)
        is_over.set()
        steering.result()
    assert len(labels) == 6_400
    require_all(url, labels, start=10)
