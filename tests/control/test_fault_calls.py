"""The calls that register and remove faults, and what they refuse."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mock_server.client import Sandbox, SandboxError
from tests.support.callers import Caller
from tests.support.faults import FAULTS, refused, statuses

pytestmark = pytest.mark.usefixtures("no_error_is_logged")


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({}, ["/script"]), ({"script": []}, ["/script"]), ({"script": None}, ["/script"]),
        ({"script": "pass"}, ["/script"]), ({"script": {"status": 503}}, ["/script"]),
        ({"script": ["pass"] * 1001}, ["/script"]), ([], [""]), ("pass", [""]), (None, [""]),
        ({"script": ["pass"], "repeat": 0}, ["/repeat"]), ({"script": ["pass"], "repeat": -1}, ["/repeat"]),
        ({"script": ["pass"], "repeat": 1.5}, ["/repeat"]), ({"script": ["pass"], "repeat": "always"}, ["/repeat"]),
        ({"script": ["pass"], "repeat": True}, ["/repeat"]), ({"script": ["pass"], "repeat": None}, ["/repeat"]),
        ({"script": ["pass"], "operation": "getNothing"}, ["/operation"]),
        ({"script": ["pass"], "operation": 1}, ["/operation"]), ({"script": ["pass"], "when": []}, ["/when"]),
        ({"script": ["pass"], "when": {"page": 0}}, ["/when/page"]), ({"script": ["pass"], "when": {"page": "3"}}, ["/when/page"]),
        ({"script": ["pass"], "when": {"page": 1.5}}, ["/when/page"]), ({"script": ["pass"], "when": {"pages": 1}}, ["/when/pages"]),
        ({"script": ["pass"], "when": {"query": "a=b"}}, ["/when/query"]), ({"script": ["pass"], "when": {"query": {"a/b": {}}}}, ["/when/query/a~1b"]),
        ({"script": ["pass"], "wen": {}}, ["/wen"]), ({"script": ["pass"], "": 1}, ["/"]),
        ({"script": ["pass"], "a~/b": 1}, ["/a~0~1b"]),
    ],
)  # fmt: skip
def test_a_fault_that_is_not_understood_is_refused(
    account: Sandbox, asked: Any, keys: list[str]
) -> None:
    assert refused(account, asked) == keys


@pytest.mark.parametrize(
    ("step", "keys"),
    [
        ({}, ["/script/1"]), ("skip", ["/script/1"]), (5, ["/script/1"]), (None, ["/script/1"]), (["pass"], ["/script/1"]),
        ({"status": 199}, ["/script/1/status"]), ({"status": 600}, ["/script/1/status"]), ({"status": "503"}, ["/script/1/status"]),
        ({"status": 503.5}, ["/script/1/status"]), ({"status": True}, ["/script/1/status"]), ({"status": None}, ["/script/1/status"]),
        ({"delay": -0.1}, ["/script/1/delay"]), ({"delay": 60.1}, ["/script/1/delay"]), ({"delay": "1"}, ["/script/1/delay"]),
        ({"delay": 1e300}, ["/script/1/delay"]), ({"cut": "half"}, ["/script/1/cut"]), ({"cut": None}, ["/script/1/cut"]),
        ({"page": "last-page"}, ["/script/1/page"]), ({"page": 3}, ["/script/1/page"]), ({"stat": 503}, ["/script/1/stat"]),
        ({"status": 503, "cut": "reset"}, ["/script/1"]), ({"status": 503, "page": "empty-page"}, ["/script/1"]),
        ({"cut": "reset", "page": "empty-page"}, ["/script/1"]), ({"status": 503, "cut": "reset", "page": "empty-page"}, ["/script/1"]),
        ({"cut": "reset", "headers": {"A": "b"}}, ["/script/1"]), ({"delay": 0, "body": "b"}, ["/script/1"]),
        ({"status": 503, "headers": []}, ["/script/1/headers"]), ({"status": 503, "headers": {"A": 1}}, ["/script/1/headers/A"]),
        ({"status": 503, "headers": {"A b": "c"}}, ["/script/1/headers/A b"]), ({"status": 503, "headers": {"": "c"}}, ["/script/1/headers/"]),
        ({"status": 503, "headers": {"A/~b": "c\r\nd: e"}}, ["/script/1/headers/A~1~0b"]),
        ({"status": 503, "headers": {"A": "c\r\nd: e"}}, ["/script/1/headers/A"]), ({"status": 503, "headers": {"A": "€"}}, ["/script/1/headers/A"]),
        ({"status": 503, "headers": {"A": "\x00"}}, ["/script/1/headers/A"]), ({"status": 503, "headers": {"content-LENGTH": "5"}}, ["/script/1/headers/content-LENGTH"]),
        ({"status": 503, "headers": {"Transfer-Encoding": "chunked"}}, ["/script/1/headers/Transfer-Encoding"]),
        *(
            ({"status": 503, "headers": {name: "close"}}, [f"/script/1/headers/{name}"])
            for name in ("Connection", "keep-alive", "Proxy-Connection", "TE", "Trailer", "UPGRADE")
        ),
        ({"page": "empty-page", "after": True}, ["/script/1"]), ({"after": True}, ["/script/1"]), ({"after": False}, ["/script/1"]),
        ({"status": 503, "after": 1}, ["/script/1/after"]), ({"cut": "reset", "after": None}, ["/script/1/after"]),
        ({"status": 999, "cut": "half"}, ["/script/1", "/script/1/cut", "/script/1/status"]),
        ({"status": 503, "headers": {"A b": "c", "Content-Length": "5", "C": "\n"}}, ["/script/1/headers/A b", "/script/1/headers/C", "/script/1/headers/Content-Length"]),
    ],
)  # fmt: skip
def test_a_step_that_is_not_understood_is_refused(account: Sandbox, step: Any, keys: list[str]) -> None:
    assert refused(account, {"script": ["pass", step, "pass"]}) == keys


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({"script": [{"status": 1}, {"delay": -1}, "skip"], "repeat": 0, "wen": 1},
         ["/repeat", "/script/0/status", "/script/1/delay", "/script/2", "/wen"]),
        ({"script": [{"status": 1}], "operation": "getNothing"}, ["/operation", "/script/0/status"]),
        ({"script": [{"status": 503, "headers": {"A": 1, "B b": "c"}}]}, ["/script/0/headers/A", "/script/0/headers/B b"]),
        ({"script": [{"status": 503, "headers": {"Content-Length": "1"}}], "repeat": 0}, ["/repeat", "/script/0/headers/Content-Length"]),
    ],
)  # fmt: skip
def test_all_mistakes_in_a_fault_body_are_reported(
    account: Sandbox, asked: Any, keys: list[str]
) -> None:
    assert refused(account, asked) == keys


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b"{'script': ['pass']}", b'{"script": ["pass"], "script": ["pass"]}', b"\xff", b'{"script": [NaN]}',
     b'{"script": [{"delay": Infinity}]}', b'{"script": [{"status": 503, "body": "\\ud800"}]}', b"[" * 100_000],
)  # fmt: skip
def test_a_fault_body_that_is_not_json_is_refused(account: Sandbox, sent: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(account.url + FAULTS, auth=account.auth, content=sent, headers=headers)
    assert answer.status_code == 400
    assert account.faults() == []


# Removal


def test_one_fault_can_be_removed(account: Sandbox) -> None:
    first, second = account.fail({"status": 501}, {"status": 502}), account.fail({"status": 503})
    assert statuses(account, 1) == [501]
    answer = httpx.delete(f"{account.url}{FAULTS}/{first}", auth=account.auth)
    assert (answer.status_code, answer.content) == (204, b"")
    assert [fault["id"] for fault in account.faults()] == [second]
    assert statuses(account, 2) == [503, 200]
    again = httpx.delete(f"{account.url}{FAULTS}/{first}", auth=account.auth)
    assert again.status_code == 404
    assert again.json()["error"]["type"] == "notFound"


def test_all_faults_can_be_removed(account: Sandbox) -> None:
    kept = Sandbox(account.url, account.client_id + "-other", "secret")
    kept.fail({"status": 418})
    old = {account.fail({"status": 503}, repeat="forever") for _ in range(3)}
    for _ in range(2):
        assert httpx.delete(account.url + FAULTS, auth=account.auth).status_code == 204
        assert account.faults() == []
    assert statuses(account, 1) == [200]
    assert account.fail("pass") not in old
    assert statuses(kept, 1) == [418]


def test_a_reset_removes_faults(account: Sandbox) -> None:
    account.fail({"status": 503}, repeat="forever")
    assert statuses(account, 1) == [503]
    account.reset()
    assert account.faults() == []
    assert statuses(account, 1) == [200]


def test_a_fault_of_another_account_is_not_there(account: Sandbox) -> None:
    other = Sandbox(account.url, account.client_id + "-other", "secret")
    fault = other.fail({"status": 503})
    assert httpx.delete(f"{account.url}{FAULTS}/{fault}", auth=account.auth).status_code == 404
    assert len(other.faults()) == 1


def test_the_client_says_what_was_wrong(account: Sandbox) -> None:
    with pytest.raises(SandboxError, match="/script/0/status") as caught:
        account.fail({"status": 1})
    assert caught.value.status == 400


def test_a_fault_may_hold_a_number_of_300_digits(me: Caller) -> None:
    body = {"script": [{"status": 500, "body": {"a": [10**299]}}]}
    added = me.call("POST", "/faults", body)
    assert added.status == 201
    assert added.json["script"] == body["script"]
