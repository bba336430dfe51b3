"""Access logging: which requests leave a line."""

from __future__ import annotations

import io

from mock_server import app
from mock_server.data import starting_data
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.server.access_log import AccessLog
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import LIST
from tests.support.servers import built_in


def test_successful_health_checks_leave_no_line() -> None:
    stream = io.StringIO()
    log = AccessLog(stream, "text")
    settings = Settings(count=1)
    sandbox = SandboxState(starting_data.load(built_in(), settings).collections, settings)
    with server.in_thread(app.build(built_in(), sandbox, settings, log)) as url:
        assert wire.get(url, LIST).status == 200
        for method in ("GET", "HEAD"):
            assert wire.get(url, "/_mock/health", method=method, auth=False).status == 200
        assert wire.get(url, "/_mock/health", "Host: evil.example", auth=False).status == 421
        assert wire.get(url, "/_mock/healthy").status == 404
    log.close(5)
    lines = [line.split()[:3] for line in stream.getvalue().splitlines()]
    assert lines == [
        ["GET", LIST, "200"],
        ["GET", "/_mock/health", "421"],
        ["GET", "/_mock/healthy", "404"],
    ]
