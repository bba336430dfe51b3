"""Calls about the journal: its requests by their query, transcripts, and which accounts got requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support import wire
from tests.support.callers import Caller
from tests.support.documents import CONTROL, LIST, assert_described
from tests.support.servers import Serve


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


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ('{"limit": 5}', ["limit=5&name=a%20b", "limit=5"]), ('{"limit": "5", "name": "a b"}', ["limit=5&name=a%20b"]),
        ('{"eventType": ["x", "y"]}', ["eventType=x&eventType=y"]), ('{"limit": 6}', []),
        ("{}", ["limit=5&name=a%20b", "eventType=x&eventType=y", "limit=5"]),
    ],
)  # fmt: skip
def test_requests_are_found_by_their_query(me: Caller, wanted: str, found: list[str]) -> None:
    for query in ("limit=5&name=a%20b", "eventType=x&eventType=y", "limit=5"):
        me.send("GET", f"{LIST}?{query}", None)
    path = f"/requests?query={quote(wanted)}"
    assert [entry["query"] for entry in me.done("GET", path)["items"]] == found
    assert [entry["query"] for entry in me.done("GET", f"{path}&limit=1")["items"]] == found[-1:]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("[1]", "it is no object"), ("{", "it is not JSON"), ("", "it is not JSON"),
        ('{"limt": 1}', "no query parameter 'limt' (did you mean 'limit'?)"), ("[" * 5000, ""),
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_query_that_is_not_understood_is_refused(me: Caller, wanted: str, said: str) -> None:
    answer = me.call("GET", f"/requests?query={quote(wanted)}")
    assert (answer.status, [each["key"] for each in answer.violations]) == (400, ["query"])
    assert said in answer.violations[0]["message"]


def test_the_accounts_that_got_requests_are_listed_the_newest_first(serve: Serve) -> None:
    url = serve(count=1)
    for client_id, query in (("a", "limit=1"), ("b", "limit=2"), ("a", "limit=3")):
        Caller(url, client_id).send("GET", f"{LIST}?{query}", None)
    wire.get(url, LIST, auth=False)
    looker = Caller(url, "looker")
    looker.done("POST", "/reset")
    answer = looker.call("GET", "/accounts")
    assert_described(answer, CONTROL["paths"]["/accounts"]["get"]["responses"])
    shown = [(use["account"], use["recorded"], use["last"]["query"]) for use in answer.json["items"]]
    assert shown == [("anonymous", 1, ""), ("a", 2, "limit=3"), ("b", 1, "limit=2")]
    two = looker.done("GET", "/accounts?limit=2")
    assert ([use["account"] for use in two["items"]], two["total"]) == (["anonymous", "a"], 3)
    assert wire.get(url, "/_mock/accounts", auth=False).status == 401


def test_an_account_whose_journal_is_off_is_listed_without_its_last_request(serve: Serve) -> None:
    me = Caller(serve(count=1, journal_size=0), "me")
    me.send("GET", LIST, None)
    assert me.done("GET", "/accounts")["items"] == [{"account": "me", "recorded": 1, "last": None}]
