"""Request bodies of the control API: media types, sizes, and content that is not JSON or YAML."""

from __future__ import annotations

import pytest

from tests.support import wire
from tests.support.callers import JSON, RECORDS, YAML, Caller, keys, metrics
from tests.support.documents import LIST
from tests.support.servers import Serve


def test_an_unreadable_body_is_refused_with_its_line(me: Caller) -> None:
    [error] = me.call("PUT", "/collections", b"a: 1\nb: [\n", YAML).json["error"]["errors"]
    assert error["message"].startswith("line 3: it is not YAML")
    [error] = me.call("PUT", RECORDS, b'{"items":\n}', JSON).json["error"]["errors"]
    assert error["message"].startswith("line 2: it is not JSON")


def test_yaml_is_taken_for_fixture_files_only(me: Caller) -> None:
    refused = me.call("PUT", RECORDS, b"items: []", YAML)
    assert (refused.status, "'application/json', or" in refused.body.decode()) == (415, True)
    refused = me.call("PUT", RECORDS, b"items: []", "Content-Type: text/yaml")
    assert (refused.status, "'text/yaml'; send" in refused.body.decode()) == (415, True)
    refused = me.call("PUT", "/collections", b"a: []", "Content-Type: text/plain")
    assert (refused.status, "'application/yaml', or" in refused.body.decode()) == (415, True)


@pytest.mark.parametrize(
    "media_type", ["application/x-yaml", "text/yaml", "text/x-yaml", "Text/YAML; charset=utf-8"]
)
def test_yaml_is_taken_under_its_older_names_too(me: Caller, media_type: str) -> None:
    answer = me.call("PUT", "/collections", b"usage-metrics: []", f"Content-Type: {media_type}")
    assert (answer.status, answer.json) == (200, {"records": {"usage-metrics": 0}})
    [error] = me.call("PUT", "/collections", b"a: [", f"Content-Type: {media_type}").violations
    assert error["code"] == "yaml"


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("PUT", RECORDS, b'{"items": []}', [], 415),
        ("PUT", RECORDS, b'{"items": []}', ["Content-Type: text/plain"], 415),
        ("PUT", RECORDS, b'{"items": []}', ["Content-Type: application/x-www-form-urlencoded"], 415),
        ("PUT", RECORDS, b'{"items": []}', ["Content-Type: application/jsonx"], 415),
        ("PUT", RECORDS, b'{"items": []}', ["Content-Type: text/plain; application/json"], 415),
        ("PUT", RECORDS, b'{"items": []}', [JSON, "Content-Type: text/plain"], 415),
        ("PUT", RECORDS, b'{"items": []}', ["Content-Type:"], 415),
        ("PUT", RECORDS, b'{"items": []}', [JSON], 200),
        ("PUT", RECORDS, b'{"items": []}', ["content-type: APPLICATION/json;charset=utf-8"], 200),
        ("POST", "/reset", None, ["Content-Type: text/plain"], 415),
        ("POST", "/reset", None, ["Content-Type: multipart/form-data; boundary=x"], 415),
        ("POST", "/reset", None, [JSON], 204), ("POST", "/reset", None, [], 204),
        ("POST", "/reset", b"{}", [JSON], 204), ("POST", "/reset", b"{}", [], 415),
        ("POST", "/reset", b'{"a": 1}', [JSON], 400), ("POST", "/reset", b"nonsense", [JSON], 400),
        ("DELETE", "/requests", None, ["Content-Type: text/plain"], 415),
        ("DELETE", "/faults", None, [JSON], 204),
        ("GET", "/clock", None, [JSON], 200),
        # A GET changes nothing, so that its Content-Type is not checked.
        ("GET", "/clock", None, ["Content-Type: text/plain"], 200),
        ("GET", "/health", None, ["Content-Type: text/plain"], 200),
    ],
)  # fmt: skip
def test_other_media_types_are_415(
    me: Caller, method: str, path: str, body: bytes | None, headers: list[str], status: int
) -> None:
    answer = me.call(method, path, body, *headers)
    assert answer.status == status, answer.body
    if status == 415:
        assert answer.json["error"]["type"] == "unsupportedMediaType"
        assert len(me.records()) == 100


BAD_BODIES = [
    b"", b"{", b"nonsense", b'{"items": [],}', b'{"items": []} []', b"\xff", b'{"items": ["\xff"]}',
    b"\xef\xbb\xbf{}", '{"items": []}'.encode("utf-16"), b'{"items": [NaN]}', b'{"items": [Infinity]}',
    b'{"items": [1e999]}', b'{"items": [' + b"9" * 5000 + b"]}", b'{"items": [], "items": []}',
    b'{"items": [{"name": "a", "name": "b"}]}', b"[" * 100_000, b'{"items": ' + b"[" * 101 + b"]" * 101 + b"}",
    b'{"items": ["\\ud800"]}', b'{"items": [{"\\udc00": 1}]}', b"null", b"[]", b'"items"', b"{}",
    b'{"items": {}}', b'{"items": null}', b'{"items": "x"}', b'{"items": [], "x": 1}', b'{"Items": []}',
    b'{"items": [{"name": "a\x00"}]}',
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_bad_bodies_change_nothing(me: Caller, body: bytes) -> None:
    before = me.records()
    for method in ("PUT", "POST"):
        assert keys(me.call(method, RECORDS, body, JSON))
    assert me.records() == before


def test_a_body_beyond_max_control_body_is_413(serve: Serve) -> None:
    me = Caller(serve(max_control_body=1000, max_body=10), "large")
    answer = me.call("PUT", RECORDS, metrics("a" * 1000))
    assert (answer.status, answer.json["error"]["type"]) == (413, "payloadTooLarge")
    assert "--max-control-body" in answer.json["error"]["message"]
    chunked = b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"
    headers = (me.authorization, JSON, "Transfer-Encoding: chunked")
    sent = wire.get(me.url, "/_mock" + RECORDS, *headers, method="PUT", auth=False, body=chunked)
    assert sent.status == 413
    assert len(me.records()) == 100
    assert me.done("PUT", RECORDS, metrics("a" * 700)) == {"total": 1}
    assert "--max-body" in me.send("GET", LIST, b"x" * 11).json["error"]["message"]


def test_a_call_read_on_the_event_loop_takes_at_most_100_000_bytes(me: Caller) -> None:
    [error] = me.call("POST", "/reset", b"{" + b" " * 100_000 + b"}", JSON).json["error"]["errors"]
    assert (error["code"], error["key"]) == ("size", "")
    assert error["message"] == "the body has 100,002 bytes; this call takes at most 100,000."
    assert me.call("POST", "/reset", b"{" + b" " * 99_998 + b"}", JSON).status == 204
