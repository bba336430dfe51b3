"""The report of a running server, asked for by a URL alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mock_server.client.control_api import SandboxError, wait_until_healthy
from mock_server.client.http_connection import TransportError
from mock_server.client.sandbox import Sandbox
from mock_server.settings import ANONYMOUS, FAIL_ON
from mock_server.trust import Ca

# What a report is of, instead of an account: all of them.
ALL = "*"


class NoReport(Exception):
    """A server gives no report; the message says why, e.g. that there is no server."""


def report_of(  # noqa: PLR0913 -- the arguments of `Sandbox` and of its `report`.
    url: str,
    credentials: str | None = None,
    account: str | None = None,
    fail_on: Collection[str] = FAIL_ON,
    fail_under: float | None = None,
    *,
    fail_under_all: float | None = None,
    ca: Ca | None = None,
) -> dict[str, Any]:
    """Return the report of the server at a root, in the shape that `Sandbox.report` documents.

    `credentials` are `"id:secret"` or a token, and the report is that of their account; None means all
    accounts.
    `account`, `fail_on`, `fail_under` and `fail_under_all` are those of `Sandbox.report`, and `ca` that
    of `Sandbox`.
    Raises NoReport. E.g.
    `report_of("http://127.0.0.1:8080", "nightly:secret", fail_under=80)["passed"]`.
    """
    # Without credentials it asks as the account that every server has, so that none is made.
    client_id, colon, secret = (credentials or f"{ANONYMOUS}:").partition(":")
    account = account or (None if credentials else ALL)
    try:
        wait_until_healthy(url, 0, ca)
        named = Sandbox(url, client_id, secret, ca) if colon else Sandbox(url, ca=ca, token=credentials)
        return named.report(account, fail_on, fail_under, fail_under_all)
    except (SandboxError, TimeoutError, ValueError, TransportError) as error:
        message = str(error)
        if isinstance(error, SandboxError) and error.status == 401:
            message = f"the mock server at {url} accepts only the credentials that it was started with"
    raise NoReport(message)
