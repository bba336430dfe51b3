"""Calls of an account that registers faults and meets them."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

from mock_server import trust
from mock_server.client import Sandbox
from tests.support import wire
from tests.support.documents import LIST

FAULTS = "/_mock/faults"


def authorization(account: Sandbox) -> str:
    return f"Authorization: {wire.basic(account.client_id, account.client_secret)}"


def trusted(account: Sandbox) -> ssl.SSLContext | bool:
    """What httpx is to verify certificates by."""
    return True if account.ca is None else trust.context(account.ca)


def get(account: Sandbox, target: str = LIST, *headers: str, method: str = "GET") -> wire.Answer:
    return wire.get(account.url, target, authorization(account), *headers, method=method, auth=False)


def head(account: Sandbox, *headers: str, method: str = "GET", target: str = LIST) -> bytes:
    """A request for a socket that a test reads itself."""
    lines = [f"{method} {target} HTTP/1.1", "Host: x", authorization(account), *headers, "", ""]
    return "\r\n".join(lines).encode()


def statuses(account: Sandbox, number: int, target: str = LIST) -> list[int]:
    return [get(account, target).status for _ in range(number)]


def script(account: Sandbox, asked: Any) -> httpx.Response:
    return httpx.post(account.url + FAULTS, auth=account.auth, json=asked)


def progress(account: Sandbox) -> list[tuple[Any, Any, Any]]:
    return [(f["fired"], f["remaining"], f["spent"]) for f in account.faults()]


def refused(account: Sandbox, asked: Any, target: str = LIST) -> list[str]:
    """The keys of what a call that is refused is told; it must have changed nothing."""
    account.fail({"status": 418})
    before = account.faults()
    answer = script(account, asked)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["type"] == "validationError"
    assert all(each["code"] and each["message"] for each in error["errors"])
    assert account.faults() == before
    assert statuses(account, 2, target) == [418, 200]
    return sorted({each["key"] for each in error["errors"]})
