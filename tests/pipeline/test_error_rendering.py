"""Error rendering: every way of failing is answered in the shape that the document's `x-error` says."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mock_server import app
from mock_server.client import Sandbox
from mock_server.openapi import document
from mock_server.server import server
from mock_server.server.access_log import AccessLog
from mock_server.settings import RateLimit, Settings
from tests.support import tls, wire
from tests.support.callers import authorization
from tests.support.documents import SMALL
from tests.support.servers import Serve, build

Small = Callable[..., Path]

BASIC = """
  - target: $
    update:
      components: {securitySchemes: {basic: {type: http, scheme: basic}}}
      security: [{basic: []}]
      x-error:
        body: {error: {type: "{type}", code: "{code}", message: "{message}", param: "{key}"}}
        types: {400: invalid_request_error, 429: rate_limit_error}
"""
PROBLEM = """
  - target: $
    update: {x-error: problem}
"""
VERSION = (
    "- {name: limit,",
    "- {name: Api-Version, in: header, schema: {type: string, enum: ['1']},\n"
    "           x-version: {unknown: {type: NoVersion, message: There is no such version.}}}\n"
    "        - {name: limit,",
)
POST = (
    "components:",
    "    post:\n      operationId: addThing\n      responses: {'200': {description: OK}}\ncomponents:",
)


def error_of(answer: wire.Answer) -> dict[str, Any]:
    assert answer.header("content-type") == "application/json; charset=utf-8"
    [(name, error)] = answer.json.items()
    assert name == "error"
    return dict(error)


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose document has a shape of errors, and an operation that is no list."""
    path, text = tmp_path_factory.mktemp("vendor") / "small.yaml", SMALL
    for old, new in (VERSION, POST):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    heading = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
    path.with_name("small.overlay.yaml").write_text(heading + BASIC)
    with server.in_thread(build(Settings(document=path, max_body=1_000, strict=True))) as root:
        yield root


@pytest.mark.parametrize(
    ("target", "options", "status", "expected"),
    [
        ("/v1/things?limit=x&nope=1", {}, 400,
         {"type": "invalid_request_error", "code": "type", "param": "limit"}),
        ("/v1/things", {"auth": False}, 401,
         {"type": "unauthorized", "code": "unauthorized", "param": "Authorization"}),
        ("/nowhere", {}, 404, {"type": "notFound", "code": "notFound"}),
        ("/v1/things", {"method": "PUT"}, 405, {"type": "methodNotAllowed", "code": "methodNotAllowed"}),
        ("/v1/things", {"method": "POST", "headers": ["Content-Length: 2000"]}, 413,
         {"type": "payloadTooLarge", "code": "payloadTooLarge"}),
        ("/v1/things", {"user": "forbidden"}, 403, {"type": "forbidden", "code": "forbidden"}),
        ("/v1/things", {"user": "throttled"}, 429,
         {"type": "rate_limit_error", "code": "tooManyRequests"}),
        ("/v1/things", {"user": "broken"}, 500,
         {"type": "internalServerError", "code": "internalServerError"}),
        ("/v1/things", {"headers": ["Api-Version: 2"]}, 400,
         {"type": "NoVersion", "code": "NoVersion", "param": "Api-Version"}),
        ("/v1/things", {"headers": ["Accept: text/html"]}, 406,
         {"type": "notAcceptable", "code": "notAcceptable", "param": "Accept"}),
        ("/v1/things", {"headers": ["Prefer: code=502"]}, 502, {"type": "badGateway", "code": "badGateway"}),
    ],
)  # fmt: skip
def test_every_error_has_the_documents_shape(
    vendor: str, target: str, options: dict[str, Any], status: int, expected: dict[str, str]
) -> None:
    user, sent = options.get("user"), options.get("headers", [])
    named = [authorization(user)] if user else []
    method, has_auth = options.get("method", "GET"), options.get("auth", True) and not user
    answer = wire.get(vendor, target, *named, *sent, method=method, auth=has_auth)
    assert answer.status == status
    error = error_of(answer)
    assert error.pop("message")
    assert error == expected


def test_a_fault_and_the_rate_limit_have_the_documents_shape_and_the_control_api_has_not(
    serve: Serve, small: Small
) -> None:
    url = serve(document=small(overlay=BASIC), rate_limit=RateLimit(2, 60))
    account = Sandbox(url, "demo", "secret")
    account.fail({"status": 503})
    faulty, _, limited = (wire.get(url, "/v1/things") for _ in range(3))
    assert (faulty.status, error_of(faulty)["code"]) == (503, "serviceUnavailable")
    assert (limited.status, error_of(limited)["type"]) == (429, "rate_limit_error")
    refused = wire.get(url, "/_mock/faults/none", method="DELETE")
    assert refused.json["error"].keys() == {"type", "message"}


def test_problems_have_their_media_type(serve: Serve, small: Small) -> None:
    url = serve(document=small(overlay=PROBLEM))
    answer = wire.get(url, "/v1/things?limit=x")
    assert answer.header("content-type") == "application/problem+json"
    assert answer.json["status"] == 400
    assert answer.json["errors"][0]["parameter"] == "limit"
    assert wire.get(url, "/nowhere").json["title"] == "Not Found"


MANY_HEADERS = b"X: " + b"x" * 70_000 + b"\r\n"


@pytest.mark.parametrize(
    ("request_line", "headers", "status", "code"),
    [
        (b"GET /v1/things HTTP/1.1", b"", 400, "badRequest"),
        (b"GET /v1/things HTTP/1.1", b"Host: x\r\nHost: y\r\n", 400, "badRequest"),
        (b"NONSENSE", b"", 400, "badRequest"),
        (b"GET /v1/" + b"x" * 70_000 + b" HTTP/1.1", b"Host: x\r\n", 414, "uriTooLong"),
        (b"GET /v1/things HTTP/1.1", b"Host: x\r\n" + MANY_HEADERS, 431, "requestHeaderFieldsTooLarge"),
        (b"CONNECT x:1 HTTP/1.1", b"Host: x\r\n", 501, "notImplemented"),
    ],
)
def test_what_refuses_a_request_that_cannot_be_parsed_has_the_documents_shape(
    vendor: str, request_line: bytes, headers: bytes, status: int, code: str
) -> None:
    answer = wire.exchange(vendor, request_line + b"\r\n" + headers + b"\r\n")
    assert answer.status == status
    assert answer.header("content-type") == "application/json; charset=utf-8"
    error = error_of(answer)
    assert error.pop("message")
    kind = "invalid_request_error" if status == 400 else code
    assert error == {"type": kind, "code": code}


def test_it_is_plain_text_for_the_control_api_and_where_the_document_has_no_shape(
    vendor: str, url: str
) -> None:
    for root, target in ((vendor, b"/_mock/health"), (url, b"/api/usage-metrics")):
        answer = wire.exchange(root, b"GET " + target + b" HTTP/1.1\r\n\r\n")
        assert (answer.status, answer.header("content-type")) == (400, "text/plain; charset=utf-8")
        assert answer.body.startswith(b"The request has no Host header")


def test_it_has_the_media_type_of_the_document_over_tls_and_with_an_access_log(small: Small) -> None:
    path = small(overlay=PROBLEM)
    sent = b"GET / HTTP/1.1\r\n\r\n"
    with tls.serving(document=path) as secured:
        plain = secured.url.replace("https:", "http:")
        answers = [wire.exchange(each, sent) for each in (secured.url, plain)]
    log = AccessLog(io.StringIO(), "text")
    with closing(log), server.in_thread(app.with_log(build(Settings(document=path)), log)) as url:
        answers.append(wire.exchange(url, sent))
    for answer in answers:
        assert answer.header("content-type") == "application/problem+json"
        assert (answer.status, answer.json["status"]) == (400, 400)


def test_the_journal_has_the_violations_as_ever(vendor: str) -> None:
    wire.get(vendor, "/v1/things?limit=x&nope=1")
    entry = Sandbox(vendor, "demo", "secret").requests()[-1]
    assert [each["key"] for each in entry["violations"]] == ["limit", "nope"]


def test_a_wrong_shape_is_refused_with_its_place_and_the_remedy(small: Small, refusal: Any) -> None:
    overlay = "  - {target: $, update: {x-error: {body: {message: '{mesage}'}}}}\n"
    [problem] = refusal(document.load, small(overlay=overlay))
    assert problem.startswith(
        "small.overlay.yaml:4 at /x-error/body/message: '{mesage}' is no placeholder "
        "(did you mean 'message'?)"
    )
