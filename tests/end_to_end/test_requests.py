"""Requests over a real socket: routes, violations, credentials, versions, and the order of errors."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from mock_server import __version__
from mock_server.lists import cursors
from tests.support import wire
from tests.support.documents import LIST
from tests.support.servers import Serve


def keys(answer: wire.Answer) -> list[str]:
    return sorted(violation["key"] for violation in answer.violations)


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("/usage-metrics", "did you mean /api/usage-metrics?"),
        ("/api/usage-metrics/", "did you mean /api/usage-metrics?"),
        ("/api//usage-metrics", "did you mean /api/usage-metrics?"),
        ("//api/usage-metrics", "did you mean /api/usage-metrics?"),
        ("/api/usage-metric", "did you mean /api/usage-metrics?"),
        ("/api/usage_metrics", "did you mean /api/usage-metrics?"),
        ("/API/Usage-Metrics", "did you mean /api/usage-metrics?"),
        ("/api/v1/usage-metrics", "did you mean /api/usage-metrics?"),
        ("/_mock/heath", "did you mean /_mock/health?"),
        ("/", "there is /api/usage-metrics, /_mock/health, /_mock/reset, "),
        ("/api", "there is"),
        ("/%zz%00%ff", "there is"),
        ("/" + "a" * 5000, "there is"),
    ],
)
def test_a_path_that_is_not_there_says_which_was_meant(url: str, target: str, hint: str) -> None:
    answer = wire.get(url, target, auth=False)
    assert answer.status == 404
    assert answer.json["error"]["type"] == "notFound"
    assert hint in answer.json["error"]["message"]
    assert answer.header("Location") is None
    assert len(answer.body) < 300


def test_an_encoded_path_is_the_same_path(url: str) -> None:
    assert wire.get(url, "/api/usage%2Dmetrics").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "REPORT"])
def test_a_method_that_is_not_there_says_which_are(url: str, method: str) -> None:
    answer = wire.get(url, LIST, method=method, auth=False)
    assert answer.status == 405
    assert answer.header("Allow") == "GET, HEAD, OPTIONS"
    assert "send one of GET, HEAD, OPTIONS" in answer.json["error"]["message"]


def test_options_says_what_is_allowed_without_credentials(url: str) -> None:
    answer = wire.get(url, LIST, method="OPTIONS", auth=False)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Allow") == "GET, HEAD, OPTIONS"


def test_head_is_get_without_a_body(url: str) -> None:
    head, get = wire.get(url, LIST, method="HEAD"), wire.get(url, LIST)
    assert head.status == 200
    assert head.header("Content-Length") == str(len(get.body))
    assert wire.get(url, LIST + "?limit=0", method="HEAD").status == 400
    assert wire.get(url, LIST, method="HEAD", auth=False).status == 401


def test_head_sends_no_body(url: str) -> None:
    with wire.connect(url) as connection:
        request = f"HEAD {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\n\r\n"
        connection.sendall(request.encode() + request.replace("HEAD", "OPTIONS").encode())
        received = b""
        while received.count(b"HTTP/1.1") < 2:
            received += connection.recv(65536)
        assert b"items" not in received


def test_every_violation_is_reported_at_once(url: str) -> None:
    answer = wire.get(
        url, LIST + "?limit=0&limit=x&after=a&before=&aggregationType=FOO,COUNT,BAR&name=a&name=b"
    )
    assert answer.status == 400
    assert answer.json["error"]["type"] == "validationError"
    assert answer.json["error"]["message"] == "Request data validation failed"
    found = [(v["key"], v["code"]) for v in answer.violations]
    assert found == [
        ("limit", "repeated"),
        ("limit", "range"),
        ("limit", "type"),
        ("after", "unknownCursor"),
        ("before", "unknownCursor"),
        ("name", "repeated"),
        ("aggregationType", "enum"),
        ("aggregationType", "enum"),
        ("before", "conflictingCursors"),
    ]
    for violation in answer.violations:
        assert violation["message"].endswith(".")
        assert ". " not in violation["message"]


@pytest.mark.parametrize(
    "value",
    ["0", "101", "-1", "1_0", "%205", "5%20", "+5", "%EF%BC%95", "1.0", "", "1e1", "0x5", "%00", "1" * 5000,
     "-" * 50, "5%0A", "%D9%A5", "NaN", "--5", "9" * 30],
)  # fmt: skip
def test_invalid_limits_are_violations(url: str, value: str) -> None:
    answer = wire.get(url, f"{LIST}?limit={value}")
    [violation] = answer.violations
    assert (answer.status, violation["key"]) == (400, "limit")
    assert "must be a whole number from 1 to 100" in violation["message"]
    assert len(violation["message"]) < 250


@pytest.mark.parametrize("value", ["1", "100", "007", "%35", "000100"])
def test_valid_limits_are_accepted(url: str, value: str) -> None:
    answer = wire.get(url, f"{LIST}?limit={value}")
    assert answer.status == 200
    assert len(answer.json["items"]) == int(value.replace("%35", "5"))


def test_a_name_without_a_value_is_an_empty_one(url: str) -> None:
    assert keys(wire.get(url, f"{LIST}?limit")) == ["limit"]
    assert wire.get(url, f"{LIST}?name&eventType").json["pagination"]["totalResultSize"] == 100


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize(
    "value",
    ["", "x", "MDE4NDUyNjYtNmQ2NC03N2M4LTlhZGYtNDQ4N2Q5NGQxNDU3", "%00", "%ff", "A" * 6000,
     cursors.encode("others", 5), cursors.encode("usage-metrics", 5)[:-1],
     cursors.encode("usage-metrics", 5) + "%3D", quote("é")],
)  # fmt: skip
def test_an_unknown_cursor_is_a_violation(url: str, name: str, value: str) -> None:
    answer = wire.get(url, f"{LIST}?{name}={value}")
    [violation] = answer.violations
    assert (answer.status, violation["key"], violation["code"]) == (400, name, "unknownCursor")
    assert len(answer.body) < 400


def test_both_cursors_are_one_too_many(url: str) -> None:
    cursor = cursors.encode("usage-metrics", 5)
    [violation] = wire.get(url, f"{LIST}?after={cursor}&before={cursor}").violations
    assert (violation["key"], violation["code"]) == ("before", "conflictingCursors")


@pytest.mark.parametrize("name", ["limit", "after", "before", "name", "id"])
def test_a_single_value_sent_twice_is_named(url: str, name: str) -> None:
    value = {"limit": "5", "name": "a", "id": "a"}.get(name, cursors.encode("usage-metrics", 5))
    answer = wire.get(url, f"{LIST}?{name}={value}&{name}={value}")
    assert [(v["key"], v["code"]) for v in answer.violations] == [(name, "repeated")]


def test_a_misspelt_enum_value_gets_the_right_one(url: str) -> None:
    [violation] = wire.get(url, LIST + "?aggregationType=count").violations
    assert "'count' was sent for 'aggregationType', which must be one of" in violation["message"]
    assert "did you mean 'COUNT'?" in violation["message"]


def test_unknown_parameters_are_ignored_unless_strict(url: str, serve: Serve) -> None:
    target = LIST + "?limt=5&eventType[]=a&colour=red"
    assert wire.get(url, target).status == 200
    answer = wire.get(serve(strict=True), target)
    assert [(v["key"], v["code"]) for v in answer.violations] == [
        ("limt", "unknownParameter"),
        ("eventType[]", "unknownParameter"),
        ("colour", "unknownParameter"),
    ]
    assert "did you mean 'limit'?" in answer.violations[0]["message"]
    assert "did you mean 'eventType'?" in answer.violations[1]["message"]
    assert "did you mean" not in answer.violations[2]["message"]


def test_no_message_echoes_more_than_100_characters(serve: Serve) -> None:
    strict = serve(strict=True)
    long = "Z" * 3000
    for target in (f"/{long}", f"{LIST}?limit={long}", f"{LIST}?{long}=1", f"{LIST}?after={long}",
                   f"{LIST}?aggregationType={long}"):  # fmt: skip
        assert "Z" * 101 not in wire.get(strict, target).body.decode()
    assert "Z" * 101 not in wire.get(strict, LIST, f"Accept: {long}/{long}").body.decode()
    assert "Z" * 101 not in wire.get(strict, LIST, method="Z" * 200).body.decode()


def test_thousands_of_mistakes_are_answered_with_the_first_of_them(serve: Serve) -> None:
    strict = serve(strict=True)
    many = "&".join(f"x{i}=1" for i in range(7000))
    assert len(wire.get(strict, f"{LIST}?{many}").violations) == 100
    values = ",".join(f"v{i}" for i in range(9000))
    assert len(wire.get(strict, f"{LIST}?aggregationType={values}").violations) == 100


BAD_CREDENTIALS = {
    "The Authorization header is missing": [],
    "The Authorization header is empty": ["Authorization:"],
    "scheme is not Basic": ["Authorization: Bearer c2VjcmV0OnNlY3JldA=="],
    "are empty": ["Authorization: Basic"],
    "are not base64": ["Authorization: Basic !!s3cr3t!!"],
    "hold no colon": [f"Authorization: {wire.basic_of(b's3cr3t')}"],
    "have an empty client id": [f"Authorization: {wire.basic_of(b':s3cr3t')}"],
}


@pytest.mark.parametrize(("reason", "headers"), BAD_CREDENTIALS.items())
def test_bad_credentials_are_told_apart_and_never_echoed(
    url: str, reason: str, headers: list[str]
) -> None:
    answer = wire.get(url, LIST, *headers, auth=False)
    assert answer.status == 401
    assert answer.header("WWW-Authenticate") == 'Basic realm="Sequence"'
    assert answer.json["error"]["type"] == "unauthorized"
    assert reason in answer.json["error"]["message"]
    for header in headers:
        assert header.split()[-1] not in answer.body.decode() or header.endswith(("Basic", ":"))
    assert b"s3cr3t" not in answer.body


@pytest.mark.parametrize("pair", [b"a:b", b"a:", b"a:b:c", "ü:ß".encode(), b"\xff\xfe:x", b"a b:c d"])
def test_any_other_pair_is_accepted(url: str, pair: bytes) -> None:
    header = f"Authorization: {wire.basic_of(pair).replace('Basic', 'bAsIc')}"
    assert wire.get(url, LIST, header, auth=False).status == 200


def test_credentials_can_be_restricted(serve: Serve) -> None:
    restricted = serve(credentials=("one:1", "two:2:2"))
    for pair, status in ((b"one:1", 200), (b"two:2:2", 200), (b"one:2", 401), (b"one", 401)):
        header = f"Authorization: {wire.basic_of(pair)}"
        assert wire.get(restricted, LIST, header, auth=False).status == status


UNKNOWN_VERSION = (
    b'{"error":{"type":"UnrecognisedApiVersion","message":"No matching API version found. '
    b'Please make sure the specified API version is valid."}}'
)


@pytest.mark.parametrize("version", ["2023-01-01", "", "x", "2024-07-30, 2024-07-30", "é"])
def test_an_unknown_version_is_answered_first_and_word_for_word(url: str, version: str) -> None:
    answer = wire.get(url, LIST + "?limit=0", f"Sequence-Version: {version}", "Accept: text/html")
    assert (answer.status, answer.body) == (400, UNKNOWN_VERSION)
    assert answer.header("Content-Type") == "application/json; charset=utf-8"
    assert answer.header("Sequence-Version") == "2024-07-30"


@pytest.mark.parametrize("name", ["Sequence-Version", "sequence-version", "SEQUENCE-VERSION"])
def test_the_known_version_is_selected_in_any_case(url: str, name: str) -> None:
    answer = wire.get(url, LIST, f"{name}: 2024-07-30")
    assert (answer.status, answer.header("Sequence-Version")) == (200, "2024-07-30")


def test_every_response_of_the_mocked_api_says_its_version(url: str) -> None:
    for target, method, auth in (
        (LIST, "GET", True), (LIST, "GET", False), (LIST, "POST", True), (LIST, "OPTIONS", False),
        ("/nowhere", "GET", True), (LIST + "?limit=0", "GET", True), (LIST, "HEAD", True),
    ):  # fmt: skip
        answer = wire.get(url, target, method=method, auth=auth)
        assert answer.header("Sequence-Version") == "2024-07-30", (target[:50], method)
    assert wire.get(url, "/_mock/health").header("Sequence-Version") is None


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200), ("*/*", 200), ("", 200), ("application/*;q=0.1", 200),
        ("application/json; charset=utf-8", 200), ("text/html, */*;q=0.1", 200), ("nonsense", 200),
        ("APPLICATION/JSON", 200), ("text/html, image/gif, *; q=.2, */*; q=.2", 200),
        ("text/html, application/json;q=.9", 200), ("application/json;q=x", 200), ("application/json;q=1.", 200), (";;;,,,", 200),
        ("text/html", 406), ("application/json;q=0", 406), ("application/json;q=0, */*", 406),
        ("application/xml, text/*", 406), ("*/*;q=0", 406),
    ],
)  # fmt: skip
def test_an_accept_that_admits_no_json_is_refused(url: str, accept: str, status: int) -> None:
    assert wire.get(url, LIST, f"Accept: {accept}").status == status


def test_errors_come_in_their_order(url: str) -> None:
    """413 · 404 · 405 · 401 · unknown version · 406 · violations."""
    length, version, accept = "Content-Length: 9999999", "Sequence-Version: x", "Accept: text/html"
    bad = LIST + "?limit=0"
    assert wire.get(url, "/nope", length, auth=False).status == 413
    assert wire.get(url, "/nope", version, accept, auth=False).status == 404
    assert wire.get(url, bad, version, accept, auth=False, method="PUT").status == 405
    assert wire.get(url, bad, version, accept, auth=False).status == 401
    assert wire.get(url, bad, version, accept).json["error"]["type"] == "UnrecognisedApiVersion"
    assert wire.get(url, bad, accept).status == 406
    assert wire.get(url, bad).status == 400


def test_a_base_path_can_be_chosen(serve: Serve) -> None:
    assert wire.get(serve(base_path="/v9/x"), "/v9/x/usage-metrics").status == 200
    bare = serve(base_path="")
    assert wire.get(bare, "/usage-metrics").status == 200
    hint = wire.get(bare, "/api/usage-metrics").json["error"]["message"]
    assert "did you mean /usage-metrics?" in hint


def test_cors_is_off_unless_asked_for_and_never_on_the_control_api(url: str, serve: Serve) -> None:
    origin = "Origin: http://localhost:3000"
    asked = "Access-Control-Request-Method: GET"
    assert wire.get(url, LIST, origin).header("Access-Control-Allow-Origin") is None
    server = serve(cors_origin=("http://localhost:3000",))
    allowed = wire.get(server, LIST, origin)
    assert allowed.header("Access-Control-Allow-Origin") == "http://localhost:3000"
    preflight = wire.get(
        server, LIST, origin, asked, "Access-Control-Request-Headers: authorization",
        method="OPTIONS", auth=False,
    )  # fmt: skip
    assert preflight.status == 200
    assert "authorization" in (preflight.header("Access-Control-Allow-Headers") or "").lower()
    other = wire.get(server, LIST, "Origin: http://evil.example")
    assert other.header("Access-Control-Allow-Origin") is None
    assert wire.get(server, "/_mock/health", origin).header("Access-Control-Allow-Origin") is None


def test_errors_carry_cors_headers_too(serve: Serve) -> None:
    server = serve(cors_origin=("*",))
    for target in (LIST + "?limit=0", "/nope"):
        answer = wire.get(server, target, "Origin: http://a.example")
        assert answer.header("Access-Control-Allow-Origin") == "*"


def test_health_needs_no_credentials(url: str, serve: Serve) -> None:
    answer = wire.get(serve(), "/_mock/health", auth=False)
    assert answer.status == 200
    assert re.fullmatch("[0-9a-f]{32}", answer.json["digest"])
    assert answer.json == {
        "status": "ok",
        "version": __version__,
        "document": {"title": "Usage", "version": "0.1"},
        "basePath": "/api",
        "digest": answer.json["digest"],
        "records": {"usage-metrics": 100},
        "accounts": {"live": 0, "evicted": 0},
    }
    assert wire.get(url, "/_mock/health", auth=False, method="POST").status == 405
