"""Calls about the journal: the transcript of a request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support import wire
from tests.support.callers import Caller
from tests.support.documents import LIST


def transcript(me: Caller, answer: wire.Answer) -> Any:
    return me.done("GET", f"/requests/{answer.header('X-Mock-Request-Id')}")


def journal(me: Caller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = me.done("GET", "/requests")["items"]
    return items


def test_a_transcript_is_returned_to_its_account_only(me: Caller) -> None:
    answer = me.send("GET", f"{LIST}?limit=1", None, "X-Own: 1")
    request_id = answer.header("X-Mock-Request-Id")
    whole = transcript(me, answer)
    [entry] = journal(me)
    assert {key: value for key, value in whole.items() if key in entry} == entry
    assert whole["responseBody"] == {
        "size": len(answer.body),
        "text": answer.body.decode(),
        "base64": None,
    }
    assert whole["responseHeaders"]["x-mock-request-id"] == request_id
    assert whole["requestBody"] == {"size": 0, "text": "", "base64": None}
    other = Caller(me.url, f"{me.client_id}-other")
    for caller, asked in ((other, request_id), (me, "nope"), (me, "999999999")):
        refused = caller.call("GET", f"/requests/{asked}")
        assert (refused.status, refused.json["error"]["type"]) == (404, "notFound")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(b'{"a": 1}', {"size": 8, "text": '{"a": 1}', "base64": None}), (b"\xff\x00", {"size": 2, "text": None, "base64": "/wA="})],
)  # fmt: skip
def test_a_transcript_has_the_body_of_the_request(
    me: Caller, sent: bytes, shown: dict[str, Any]
) -> None:
    whole = transcript(me, me.send("POST", LIST, sent))
    assert (whole["status"], whole["requestBody"]) == (405, shown)


def test_a_transcript_has_the_part_of_a_cut_response_that_was_sent(me: Caller) -> None:
    me.done("POST", "/faults", {"script": [{"cut": "truncate"}, {"cut": "reset"}]})
    authorization = me.authorization.removeprefix("Authorization: ")
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{me.url}{LIST}", headers={"Authorization": authorization})
    half, nothing = [me.done("GET", f"/requests/{entry['id']}") for entry in journal(me)]
    assert 0 < half["responseBody"]["size"] == int(half["responseHeaders"]["content-length"]) // 2
    assert nothing["responseBody"] is None
