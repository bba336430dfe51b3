"""All calls of the control API: who may make them, where they are, and all that is wrong with one at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.callers import RECORDS, Caller, keys, metrics
from tests.support.documents import LIST
from tests.support.servers import Serve, build


@pytest.mark.parametrize(
    ("method", "path", "body", "found"),
    [
        ("PUT", RECORDS, {"items": [5], "extra": 1}, ["/extra", "/items/0"]),
        ("PUT", RECORDS + "?colour=red", {"items": [5]}, ["/items/0", "colour"]),
        ("POST", RECORDS + "?colour=red", {}, ["/items", "colour"]),
        ("POST", RECORDS + "/generate", {"count": -1, "seed": 0.5, "x": 1}, ["/count", "/seed", "/x"]),
        ("GET", "/requests?operation=nope&status=9&x=1", None, ["operation", "status", "x"]),
        ("POST", "/faults", {"operation": "no", "script": [{"status": 7}]}, ["/operation", "/script/0/status"]),
        ("POST", "/reset?colour=red", {"size": 1}, ["/size", "colour"]),
        ("PUT", "/clock?colour=red", {"advance": -1}, ["/advance", "colour"]),
    ],
)  # fmt: skip
def test_a_refusal_lists_violations_of_parameters_and_body_together(
    me: Caller, method: str, path: str, body: Any, found: list[str]
) -> None:
    before = me.state()
    assert keys(me.call(method, path, body)) == found
    assert me.state() == before


def test_calls_leave_other_accounts_unchanged(me: Caller) -> None:
    other = Caller(me.url, me.client_id + "-other")
    before = other.state()
    me.done("PUT", RECORDS, metrics("a"))
    me.done("POST", RECORDS, metrics("b"))
    me.done("POST", "/faults", {"script": [{"status": 503}], "repeat": "forever"})
    me.done("PUT", "/clock", {"now": "2000-01-01T00:00:00Z"})
    me.page()
    assert other.state() == before
    assert len(other.page()["items"]) == 20


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("GET", "/collections/usage-metric", "usage-metrics"),
        ("PUT", "/collections/nope", "usage-metrics"),
        ("POST", "/collections/nope", "usage-metrics"),
        ("POST", "/collections/nope/generate", "usage-metrics"),
        ("DELETE", "/collections/nope/1", "usage-metrics"),
        ("DELETE", RECORDS + "/1", "usage-metrics"),
        ("GET", "/nope", "/_mock/health"),
    ],
)
def test_404_names_what_exists(me: Caller, method: str, path: str, named: str) -> None:
    body = {"count": 1} if path.endswith("generate") else metrics("a")
    answer = me.call(method, path, body if method in ("PUT", "POST") else None)
    assert (answer.status, answer.json["error"]["type"]) == (404, "notFound")
    assert named in answer.json["error"]["message"]


def test_paths_with_extra_segments_are_404_or_405(me: Caller) -> None:
    for method, path, status in (
        ("GET", RECORDS + "/x", 405), ("PUT", RECORDS + "/generate", 405), ("GET", RECORDS + "/", 404),
        ("GET", RECORDS + "/x/y", 404), ("DELETE", RECORDS + "/x/y", 404), ("GET", "/collections/", 404),
        ("GET", "/collections/a%0Ab", 404), ("DELETE", RECORDS + "/a%0Ab", 404),
    ):  # fmt: skip
        answer = me.call(method, path, metrics("a") if method == "PUT" else None)
        assert (answer.status, path) == (status, path)


def test_concurrent_calls_lose_no_change(me: Caller) -> None:
    doomed = [record["id"] for record in me.records()[:40]]
    calls: list[tuple[str, str, Any]] = [("DELETE", f"{RECORDS}/{record}", None) for record in doomed]
    calls += [("POST", RECORDS, metrics(f"x{n}", f"y{n}")) for n in range(40)]
    calls += [("POST", "/faults", {"script": ["pass"]}) for _ in range(40)]
    mixed = [call for trio in zip(calls[:40], calls[40:80], calls[80:], strict=True) for call in trio]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda call: me.call(*call), mixed))
    assert {answer.status for answer in answers} == {201, 204}
    names = me.names()
    assert len(names) == 100 - 40 + 80
    assert {name for name in names if name[0] in "xy" and name[1:].isdigit()} == {
        f"{letter}{number}" for letter in "xy" for number in range(40)
    }
    assert all(names.index(f"y{n}") == names.index(f"x{n}") + 1 for n in range(40))
    faults = [fault["id"] for fault in me.done("GET", "/faults")["items"]]
    assert len(set(faults)) == len(faults) == 40
    assert len({answer.json["id"] for answer in answers if b'"fired"' in answer.body}) == 40


@pytest.fixture(scope="module")
def good_example_url() -> Iterator[str]:
    allowed = ("good.example", "*.fine.example")
    with server.in_thread(build(Settings(allow_host=allowed, count=1))) as root:
        yield root


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 204), ("127.0.0.1:80", 204), ("10.1.2.3:8080", 204), ("8.8.8.8", 204),
        ("[::1]", 204), ("[::1]:8080", 204), ("[fe80::1]:1", 204), ("localhost", 204),
        ("LOCALHOST:8080", 204), ("localhost.", 204), ("usage-api", 204), ("usage-api:8080", 204),
        ("a.localhost", 204), ("a.b.internal:1", 204), ("A.Test", 204), ("host.docker.internal", 204),
        ("good.example:8080", 204), ("GOOD.example", 204),
        ("evil.example", 421), ("evil.example:8080", 421), ("evil.example.", 421), ("localhost.com", 421),
        ("127.0.0.1.evil.example", 421), ("1.2.3.4.5", 421), ("256.1.1.1", 421), ("evillocalhost.com", 421),
        ("evil.test.com", 421), ("x.good.example", 421), ("good.example.evil", 421), ("evil.internals", 421),
        ("good.example:1:2", 421), ("a.contest", 421), ("a.fine.example", 204), ("A.b.fine.example:1", 204),
        ("usage_api", 204), ("fine.example", 421), ("notfine.example", 421), ("a.fine.example.evil", 421),
        ("a,b", 421), ("user@localhost", 421), ("evil.com#.localhost", 421), ("evil.com/.localhost", 421),
        ("evil.com?.test", 421), ("a b", 421), ("evil.com\\.localhost", 421), ("", 421), ("..", 421),
        ("a..localhost", 421), ("-.localhost", 421), ("[::1", 421), ("[127.0.0.1]", 421), ("::1", 421),
        ("[::1]evil.com", 421), ("%6cocalhost", 421), ("localhost:x", 421), ("\xfc.localhost", 421),
        (f"{'a' * 64}.localhost", 421),
    ],
)  # fmt: skip
def test_only_local_and_allowed_hosts_are_served(good_example_url: str, host: str, status: int) -> None:
    head = f"POST /_mock/reset HTTP/1.1\r\nHost: {host}\r\nAuthorization: {wire.BASIC}\r\n\r\n"
    answer = wire.exchange(good_example_url, head.encode("latin-1"))
    assert answer.status == status
    if status == 421:
        assert answer.json["error"]["type"] == "misdirectedRequest"
        assert "--allow-host" in answer.json["error"]["message"]
    health = wire.exchange(
        good_example_url, f"GET /_mock/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1")
    )
    assert health.status == (421 if status == 421 else 200)
    mocked = f"GET {LIST} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {wire.BASIC}\r\n\r\n"
    assert wire.exchange(good_example_url, mocked.encode("latin-1")).status == 200


def test_a_star_allows_every_host_name_and_nothing_else(serve: Serve) -> None:
    url = serve(allow_host=("*",), count=1)
    for host, status in (("evil.example", 200), ("user@evil.example", 421), ("a,b", 421)):
        health = wire.exchange(url, f"GET /_mock/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert health.status == status


def test_the_password_in_a_host_header_is_not_shown(url: str) -> None:
    answer = wire.exchange(url, b"GET /_mock/health HTTP/1.1\r\nHost: me:hush@localhost\r\n\r\n")
    assert (answer.status, b"hush" in answer.body) == (421, False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((), 204), (("Sec-Fetch-Site: same-origin",), 204), (("Sec-Fetch-Site: none",), 204),
        (("Origin: http://localhost:80",), 204), (("Origin: http://LOCALHOST",), 204),
        (("Origin: https://localhost:80",), 204), (("Sec-Fetch-Site: cross-site",), 403),
        (("Sec-Fetch-Site: same-site",), 403), (("Sec-Fetch-Site: ",), 403), (("Origin: null",), 403),
        (("Origin: http://localhost:3000",), 403), (("Origin: http://evil.example",), 403),
        (("Origin: https://localhost",), 403), (("Origin: http://localhost.evil.example",), 403),
        (("Sec-Fetch-Site: same-origin", "Origin: http://evil.example"), 403),
        (("Sec-Fetch-Site: cross-site", "Origin: http://localhost"), 403),
        (("Origin: file://localhost",), 403), (("Origin: ",), 403),
    ],
)  # fmt: skip
def test_no_page_of_another_origin_steers_an_account(
    url: str, headers: tuple[str, ...], status: int
) -> None:
    calls = ["POST /_mock/reset", "DELETE /_mock/requests", "PUT /_mock/clock", "POST /_mock/faults"]
    for call in calls:
        lines = [f"{call} HTTP/1.1", "Host: localhost:80", f"Authorization: {wire.BASIC}", *headers]
        answer = wire.exchange(url, "\r\n".join([*lines, "\r\n"]).encode())
        if status == 403:
            assert (answer.status, answer.json["error"]["type"]) == (403, "forbidden")
        else:
            assert answer.status in (204, 400)
    lines = [
        "GET /_mock/requests HTTP/1.1",
        "Host: localhost:80",
        f"Authorization: {wire.BASIC}",
        *headers,
    ]
    assert wire.exchange(url, "\r\n".join([*lines, "\r\n"]).encode()).status == 200


def test_a_body_that_a_form_of_another_page_could_send_is_refused(url: str) -> None:
    body = b'{"script": [{"status": 503}]}'
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/plain; application/json",
    ):
        headers = (f"Content-Type: {media_type}", f"Content-Length: {len(body)}")
        assert wire.get(url, "/_mock/faults", *headers, method="POST", body=body).status == 415


CALLS = [
    ("POST", "/reset"), ("GET", RECORDS), ("PUT", RECORDS), ("POST", RECORDS), ("DELETE", RECORDS + "/x"),
    ("POST", RECORDS + "/generate"), ("GET", "/requests"), ("DELETE", "/requests"), ("GET", "/walks"),
    ("GET", "/faults"), ("POST", "/faults"), ("DELETE", "/faults"), ("DELETE", "/faults/x"),
    ("GET", "/clock"), ("PUT", "/clock"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_call_without_credentials_is_401_without_a_challenge(url: str, method: str, path: str) -> None:
    for header in ([], ["Authorization: Bearer x"], ["Authorization: Basic !"]):
        answer = wire.get(url, "/_mock" + path, *header, method=method, auth=False)
        assert (answer.status, answer.json["error"]["type"]) == (401, "unauthorized")
        assert answer.header("WWW-Authenticate") is None
        assert answer.header("X-Mock-Account-Epoch") is None


def test_reserved_client_ids_can_call_the_control_api(url: str) -> None:
    for name in ("unauthorized", "forbidden", "throttled", "broken", "slow", "anonymous"):
        me = Caller(url, name)
        assert [me.call(method, path).status for method, path in (CALLS[0], CALLS[1], CALLS[13])] == [
            204, 200, 200,
        ]  # fmt: skip


def test_no_call_sends_cors_headers(serve: Serve) -> None:
    url = serve(cors_origin=("*",), count=1)
    me = Caller(url, "browser")
    origin = "Origin: http://page.example"
    asked = (
        origin,
        "Access-Control-Request-Method: PUT",
        "Access-Control-Request-Headers: authorization",
    )
    answers = [me.call(method, path, None, origin) for method, path in CALLS]
    answers += [me.call("OPTIONS", path, None, *asked) for _, path in CALLS]
    answers += [me.call("GET", "/health", None, origin), me.call("GET", "/nope", None, origin)]
    for answer in answers:
        names = {name.lower() for name, _ in answer.headers}
        assert not any(name.startswith("access-control-") for name in names)
    assert me.send("GET", LIST, None, origin).header("Access-Control-Allow-Origin")


@pytest.mark.parametrize(("method", "path"), [*CALLS, ("GET", "/health")])
def test_unknown_query_parameters_are_refused(me: Caller, method: str, path: str) -> None:
    before = me.state()
    bodies = {RECORDS: metrics("a"), RECORDS + "/generate": {"count": 1}, "/clock": {"advance": 1}}
    body = bodies.get(path) or ({"script": ["pass"]} if path == "/faults" else None)
    answer = me.call(method, path + "?colour=red", body if method in ("PUT", "POST") else None)
    assert keys(answer) == ["colour"]
    assert me.state() == before


def test_other_methods_are_405_with_allow(me: Caller) -> None:
    for method, path, allowed in (
        ("PATCH", RECORDS, "GET, PUT, POST, HEAD, OPTIONS"),
        ("GET", "/reset", "POST, OPTIONS"),
        ("DELETE", "/clock", "GET, PUT, HEAD, OPTIONS"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
    ):
        answer = me.call(method, path)
        assert (answer.status, answer.json["error"]["type"]) == (405, "methodNotAllowed")
        assert sorted((answer.header("Allow") or "").split(", ")) == sorted(allowed.split(", "))
