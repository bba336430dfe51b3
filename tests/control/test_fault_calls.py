"""Calls about faults: what a script must not hold."""

from __future__ import annotations

from tests.support.callers import Caller


def test_a_fault_with_a_number_beyond_64_bits_is_refused(me: Caller) -> None:
    body = {"script": [{"status": 500, "body": {"a": [2**64]}}]}
    answer = me.call("POST", "/faults", body)
    assert answer.status == 400
    assert [(each["code"], each["key"]) for each in answer.violations] == [
        ("range", "/script/0/body/a/0")
    ]
    assert me.call("POST", "/faults", {"script": [{"status": 500, "body": [2**64 - 1]}]}).status == 201
