"""Ask the server in the same container whether it is ready: `python -m mock_server.healthcheck`.

It finds the server by the same environment variables, imports little, and exits with 0 or 1.
"""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from mock_server.setting_table import SETTINGS
from mock_server.settings import CONTROL_PATH

# Where a server answers that listens on all addresses.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "localhost"}  # noqa: S104

_TIMEOUT_SECONDS = 2.0


def find_problem(environment: Mapping[str, str]) -> str | None:
    """Return why the server that these variables describe is not ready; None if it is."""
    try:
        host, port = (_value(name, environment) for name in ("host", "port"))
        connection = http.client.HTTPConnection(
            _LOOPBACK.get(host, host), port, timeout=_TIMEOUT_SECONDS
        )
        with closing(connection):
            connection.request("GET", f"{CONTROL_PATH}/health")
            status = connection.getresponse().status
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"it is not reached by MOCK_SERVER_HOST and MOCK_SERVER_PORT: {error}"
    return None if status == 200 else f"health was answered with {status}"


def _value(name: str, environment: Mapping[str, str]) -> Any:
    setting = next(each for each in SETTINGS if each.name == name)
    text = setting.from_environment(environment)
    return setting.default if text is None or setting.parse is None else setting.parse(text)


if __name__ == "__main__":
    problem = find_problem(os.environ)
    sys.exit(problem and f"unhealthy: {problem}")
