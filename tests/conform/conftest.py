"""A server for faults, and a clock and a pace that need no waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_server.conform import http_probe
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.documents import FIXTURES
from tests.support.servers import build


@pytest.fixture(scope="module")
def own_url() -> Iterator[str]:
    """A server whose accounts a test may give faults."""
    with server.in_thread(build(Settings(fixtures=(FIXTURES,)))) as root:
        yield root


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The one element is the time in seconds by a clock that only sleeping moves."""
    moment = [1000.0]
    monkeypatch.setattr(http_probe, "monotonic", lambda: moment[0])
    return moment


@pytest.fixture
def no_pace(monkeypatch: pytest.MonkeyPatch, now: list[float]) -> list[float]:
    """The times at which requests were sent, by that clock."""
    sent: list[float] = []
    wait = http_probe.Pace.wait

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def waited(self: http_probe.Pace) -> None:
        wait(self)
        sent.append(now[0])

    monkeypatch.setattr(http_probe, "sleep", sleep)
    monkeypatch.setattr(http_probe.Pace, "wait", waited)
    return sent
