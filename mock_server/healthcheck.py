"""Ask the server in the same container whether it is ready: `python -m mock_server.healthcheck`.

It finds the server by the same environment variables, imports little, and exits with 0 or 1. A server
that speaks TLS by its flags alone, which are not seen here, says so when it is asked in plain HTTP.
"""

from __future__ import annotations

import http.client
import os
import ssl
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from mock_server import setting_values
from mock_server.setting_table import SETTINGS
from mock_server.settings import CONTROL_PATH, HEALTH_CHECK_AGENT

# Where a server answers that listens on all addresses.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "localhost"}  # noqa: S104

_TIMEOUT_SECONDS = 2.0


def find_problem(environment: Mapping[str, str]) -> str | None:
    """Return why the server that these variables describe is not ready; None if it is."""
    try:
        host, port = (_value(name, environment) for name in ("host", "port"))
        named = [_value(name, environment) for name in ("tls_self_signed", "tls_cert")]
        host = _LOOPBACK.get(host, host)
        status = _ask(host, port, is_encrypted=any(named))
        if status == 400 and not any(named):
            status = _ask(host, port, is_encrypted=True)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"it is not reached by MOCK_SERVER_HOST and MOCK_SERVER_PORT: {error}"
    return None if status == 200 else f"health was answered with {status}"


def _ask(host: str, port: int, *, is_encrypted: bool) -> int:
    """Return the status that health is answered with."""
    where = (host, port)
    connection = (
        http.client.HTTPSConnection(*where, timeout=_TIMEOUT_SECONDS, context=_any_certificate())
        if is_encrypted
        else http.client.HTTPConnection(*where, timeout=_TIMEOUT_SECONDS)
    )
    with closing(connection):
        connection.request("GET", f"{CONTROL_PATH}/health", headers={"User-Agent": HEALTH_CHECK_AGENT})
        return connection.getresponse().status


def _any_certificate() -> ssl.SSLContext:
    """Return a context that accepts every certificate.

    The server is in the same container, nothing secret is sent, and its certificate may be for the names
    alone by which others call it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _value(name: str, environment: Mapping[str, str]) -> Any:
    setting = next(each for each in SETTINGS if each.name == name)
    text = setting.from_environment(environment)
    return setting.default if text is None else setting_values.parse({name: text})[name]


if __name__ == "__main__":
    problem = find_problem(os.environ)
    sys.exit(problem and f"unhealthy: {problem}")
