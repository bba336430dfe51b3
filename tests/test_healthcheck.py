"""The health check of the image: which server it asks, and what it survives."""

from __future__ import annotations

import pytest

from mock_server.healthcheck import find_problem


def test_a_server_that_answers_is_healthy(url: str) -> None:
    port = url.rpartition(":")[2]
    for name, host in (("PORT", "0.0.0.0"), ("MOCK_SERVER_PORT", ""), ("MOCK_SERVER_PORT", "127.0.0.1")):
        assert find_problem({name: port, "MOCK_SERVER_HOST": host}) is None
    beside_a_service = {"MOCK_SERVER_PORT": "tcp://10.96.0.12:8080", "PORT": port}
    assert find_problem(beside_a_service) is None


@pytest.mark.parametrize(
    "port", ["http", "", "0", "-1", "99999999", "8_080", "1" * 5000, "9", "\0", "9/x"]
)
def test_an_odd_port_is_unhealthy_with_a_sentence(port: str) -> None:
    problem = find_problem({"MOCK_SERVER_PORT": port, "PORT": "9"})
    assert problem is not None
    assert "it is not reached by MOCK_SERVER_HOST and MOCK_SERVER_PORT: " in problem


def test_an_odd_host_is_unhealthy_with_a_sentence() -> None:
    for host in ("no.such.host.invalid", "a" * 300, "a..b", "\x7f"):
        assert find_problem({"MOCK_SERVER_HOST": host, "PORT": "9"})
