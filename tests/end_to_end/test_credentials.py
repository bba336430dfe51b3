"""Credentials of every kind that a document's security can ask for, over the socket."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mock_server import app
from mock_server.data import starting_data
from mock_server.openapi import document
from mock_server.report import writer
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.server.access_log import AccessLog
from mock_server.settings import REPORT_FORMATS, Latency, RateLimit, Settings
from tests.support import callers, secured, wire
from tests.support.secured import LIST, Alternatives
from tests.support.servers import build

SECRET = "sk_test_hush-0123"


def shown(token: str | bytes) -> str:
    """The name that stands for a token everywhere."""
    raw = token.encode() if isinstance(token, str) else token
    return f"token-{sha256(raw).hexdigest()[:16]}"


BASIC = f"Authorization: {wire.basic(SECRET, '')}"
BEARER = f"Authorization: Bearer {SECRET}"
KEY = f"X-Key: {SECRET}"
COOKIE = f"Cookie: a=b; session={SECRET}"
QUERY = f"api_key={SECRET}"

Start = Callable[..., str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server of a document with a security; gives its root. `log` gets the access log."""
    with ExitStack() as stack:

        def begin(
            security: Alternatives | None,
            log: io.StringIO | None = None,
            log_format: str = "text",
            settings: Settings | None = None,
            made: dict[str, Any] | None = None,
            **operations: Alternatives,
        ) -> str:
            path = tmp_path / "secured.json"
            path.write_text(json.dumps(made or secured.document(security, **operations)))
            loaded, settings = document.load(path), settings or Settings(count=5)
            sandbox = SandboxState(starting_data.load(loaded, settings).collections, settings)
            access = None if log is None else stack.enter_context(closing(AccessLog(log, log_format)))
            return stack.enter_context(server.in_thread(app.build(loaded, sandbox, settings, access)))

        yield begin


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Alternatives], str]]:
    """Gives the root of one server for each security."""
    roots: dict[str, str] = {}
    with ExitStack() as stack:

        def root(security: Alternatives) -> str:
            key = str(security)
            if key not in roots:
                path = tmp_path_factory.mktemp("secured") / "secured.json"
                path.write_text(json.dumps(secured.document(security)))
                application = build(Settings(count=5, document=path))
                roots[key] = stack.enter_context(server.in_thread(application))
            return roots[key]

        yield root


def get(url: str, target: str = LIST, *headers: str | bytes, **more: Any) -> wire.Answer:
    return wire.get(url, target, *headers, auth=False, **more)


def control(url: str, call: str, account: str, secret: str = "any") -> wire.Answer:
    return get(url, f"/_mock/{call}", f"Authorization: {wire.basic(account, secret)}")


def accounts(url: str) -> dict[str, int]:
    """How many requests each account has recorded."""
    items = control(url, "accounts?limit=100", "anonymous").json["items"]
    return {item["account"]: item["recorded"] for item in items}


KINDS: list[tuple[Alternatives, list[str], str, str]] = [
    ([["bearer"]], [BEARER], "", "Authorization"),
    ([["oauth"]], [BEARER], "", "Authorization"),
    ([["openId"]], [BEARER.replace("Bearer", "bearer")], "", "Authorization"),
    ([["key"]], [KEY], "", "X-Key"),
    ([["key"]], [KEY.replace("X-Key", "x-KEY")], "", "X-Key"),
    ([["query"]], [], f"?limit=2&{QUERY}", "api_key"),
    ([["query"]], [], f"?api%5Fkey={SECRET.replace('_', '%5F')}", "api_key"),
    ([["cookie"]], [COOKIE], "", "session"),
    ([["cookie"]], ["Cookie: a=b", f"Cookie: session={SECRET}"], "", "session"),
    ([["basic"], ["bearer"]], [BEARER], "", "Authorization"),
    ([["basic"], ["bearer"]], [BASIC], "", "Authorization"),
    ([["basic"], ["key"]], [KEY], "", "Authorization"),
    ([["digest"], ["key"]], [KEY], "", "X-Key"),
    ([["key", "cookie"]], [KEY, "Cookie: session=other"], "", "X-Key"),
]


@pytest.mark.parametrize(
    ("security", "headers", "query", "missing"),
    [
        *KINDS[::4],
        *(pytest.param(*kind, marks=pytest.mark.slow) for kind in KINDS if kind not in KINDS[::4]),
    ],
)
def test_each_kind_names_an_account_and_its_absence_is_named(
    start: Start, security: Alternatives, headers: list[str], query: str, missing: str
) -> None:
    url = start(security)
    answer = get(url, LIST + query, *headers)
    assert answer.status == 200, answer.body
    assert get(url).status == 401
    refused = get(url).json["error"]["message"]
    assert missing in refused
    assert refused.count(" Or: ") == len([each for each in security if each != ["digest"]]) - 1
    assert accounts(url) == {"anonymous": 2, shown(SECRET): 1}
    [entry] = control(url, "requests", shown(SECRET)).json["items"]
    assert (entry["status"], entry["warnings"]) == (200, [])


@pytest.mark.parametrize(
    ("security", "challenge"),
    [
        ([["basic"]], 'Basic realm="mock_server"'),
        ([["bearer"]], 'Bearer realm="mock_server"'),
        ([["oauth"], ["bearer"]], 'Bearer realm="mock_server"'),
        ([["bearer"], ["basic"]], 'Bearer realm="mock_server", Basic realm="mock_server"'),
        ([["key"]], None),
        ([["digest"]], 'Digest realm="mock_server", qop="auth", nonce="mock_server"'),
    ],
)
def test_a_refusal_challenges_for_what_the_document_asks(
    shared: Callable[[Alternatives], str], security: Alternatives, challenge: str | None
) -> None:
    assert get(shared(security)).header("WWW-Authenticate") == challenge


def test_all_schemes_of_an_alternative_must_be_there_and_the_first_names_the_account(
    start: Start,
) -> None:
    url = start([["key", "query"], ["cookie"]])
    for headers, query, named in (
        ([KEY], "", ["api_key", "session"]),
        ([], f"?{QUERY}", ["X-Key", "session"]),
        ([], "", ["X-Key", "api_key", "session"]),
    ):
        message = get(url, LIST + query, *headers).json["error"]["message"]
        assert [name for name in ("X-Key", "api_key", "session") if name in message] == named
    assert get(url, f"{LIST}?api_key=other", KEY).status == 200
    assert get(url, LIST, "Cookie: session=third").status == 200
    assert accounts(url) == {"anonymous": 3, shown(SECRET): 1, shown("third"): 1}


def test_basic_is_no_token_where_a_document_asks_for_both_together(start: Start) -> None:
    url = start([["basic", "key"]])
    assert get(url, LIST, f"Authorization: {wire.basic('demo')}", KEY).status == 200
    assert accounts(url) == {"demo": 1}


def test_operations_ask_for_what_they_name_themselves(start: Start) -> None:
    url = start([["bearer"]], keyed=[["key"]], open=[], either=[[], ["key"]])
    both = [f"Authorization: Bearer {SECRET}", "X-Key: other"]
    assert [get(url, f"/v1/{name}", *both).status for name in ("things", "keyed", "open", "either")] == [
        200
    ] * 4
    assert accounts(url) == {shown(SECRET): 2, shown("other"): 2}
    statuses = [get(url, f"/v1/{name}").status for name in ("things", "keyed", "open", "either", "nope")]
    assert statuses == [401, 401, 200, 200, 404]
    assert accounts(url) == {shown(SECRET): 2, shown("other"): 2, "anonymous": 3, "default": 2}
    head = get(url, "/v1/keyed", BEARER, method="HEAD")
    assert head.header("X-Mock-Violations") == "unauthorized X-Key"


@pytest.mark.slow
@pytest.mark.parametrize("security", [None, []])
def test_where_nothing_is_asked_for_basic_or_bearer_names_the_account_else_it_is_default(
    start: Start, security: Alternatives | None
) -> None:
    url = start(security)
    for headers in ([], ["Authorization: Bearer"], [KEY], [BEARER], [BASIC.replace("sk", "sk")]):
        assert get(url, LIST, *headers).status == 200
    assert get(url, "/nope").status == 404
    assert accounts(url) == {"default": 4, shown(SECRET): 1, SECRET: 1}


@pytest.mark.parametrize("security", [[], [["raw"]]])
def test_a_token_after_any_word_or_none_names_the_same_account(
    shared: Callable[[Alternatives], str], security: Alternatives
) -> None:
    url = shared(security)
    texts = [
        SECRET,
        f"token {SECRET}",
        f'Token token="{SECRET}"',
        f"SSWS {SECRET}",
        f"Some-Key {SECRET}",
    ]
    before = accounts(url).get(shown(SECRET), 0)
    for number, text in enumerate(texts, before + 1):
        assert get(url, LIST, f"Authorization: {text}").status == 200
        assert len(get(url, "/_mock/requests", f"Authorization: {text}").json["items"]) == number
    assert accounts(url)[shown(SECRET)] == before + len(texts)


def test_the_name_of_an_account_in_place_of_its_token_is_told_apart(start: Start) -> None:
    url = start([["basic"], ["bearer"]], settings=only("one"))
    named = f"Authorization: {wire.basic(shown('one'), '')}"
    message = get(url, LIST, named).json["error"]["message"]
    assert "name of a token's account, sent in place of the token; send the token itself" in message
    message = get(url, "/_mock/requests", named).json["error"]["message"]
    assert "since --credentials is given, send the token as the password of that name" in message


def test_a_token_that_is_a_reserved_client_id_acts_as_that(start: Start) -> None:
    url = start([["bearer"]])
    ids = {"unauthorized": 401, "forbidden": 403, "throttled": 429, "broken": 500, "anonymous": 401}
    for name, status in ids.items():
        answer = get(url, LIST, f"Authorization: Bearer {name}")
        assert answer.status == status
        challenge = 'Bearer realm="mock_server"' if status == 401 else None
        assert answer.header("WWW-Authenticate") == challenge
    assert accounts(url) == dict.fromkeys(ids, 1)


@pytest.mark.slow
@pytest.mark.parametrize("security", [None, [["basic"]], [["basic"], ["bearer"]], [[], ["basic"]]])
def test_a_client_id_like_the_name_of_a_token_is_refused(
    start: Start, security: Alternatives | None
) -> None:
    url = start(security)
    answer = get(url, LIST, f"Authorization: {wire.basic(shown('a'))}")
    assert (answer.status, answer.json["error"]["type"]) == (401, "unauthorized")
    assert get(url, LIST, f"Authorization: {wire.basic(shown('a')[:-1])}").status == 200


ODD = [
    ([["bearer"]], ["Authorization: Bearer a b"], "", "holds a space"),
    ([["bearer"]], [BEARER, BEARER.replace("sk", "pk")], "", "sent twice"),
    ([["bearer"]], ["Authorization: Bearer "], "", "credentials are empty"),
    ([["bearer"]], ["Authorization:"], "", "header is empty"),
    ([["bearer"]], [BASIC], "", "scheme is not Bearer"),
    ([["key"]], ["X-Key:"], "", "'X-Key' is empty"),
    ([["key"]], ["X-Key: a", "X-Key: b"], "", "'X-Key' was sent more than once"),
    ([["cookie"]], ["Cookie: session=; a"], "", "'session' is empty"),
    ([["cookie"]], ["Cookie: session; xsession=a"], "", "'session' is missing"),
    ([["query"]], [], "?api_key=a&api_key=b", "'api_key' was sent more than once"),
    ([["query"]], [], "?api_key=", "'api_key' is empty"),
    ([["query"]], [], "?api_key", "'api_key' is empty"),
    ([["query"]], [], "?Api_key=a", "'api_key' is missing"),
]


@pytest.mark.parametrize(("security", "headers", "query", "reason"), ODD)
def test_odd_credentials_are_refused_with_a_reason(
    shared: Callable[[Alternatives], str],
    security: Alternatives,
    headers: list[str],
    query: str,
    reason: str,
) -> None:
    answer = get(shared(security), LIST + query, *headers)
    assert (answer.status, reason in answer.json["error"]["message"]) == (401, True), answer.body


ACCEPTED: list[tuple[Alternatives, list[str | bytes], str, bytes]] = [
    ([["key"]], ["X-Key: ключ".encode()], "", "ключ".encode()),
    ([["key"]], [b"X-Key: \xff"], "", b"\xff"),
    ([["query"]], [], "?api_key=%D0%BA%20%FF+a", "к ".encode() + b"\xff a"),
    ([["query"]], [], "?api_key=a&api_key=%61", b"a"),
    ([["bearer"]], [f"Authorization: Bearer {'x' * 20_000}"], "", b"x" * 20_000),
    ([["bearer"]], ["Authorization:   bEARER   a  "], "", b"a"),
    ([["cookie"]], ["Cookie: session=a; session=b"], "", b"a"),
]


@pytest.mark.parametrize(("security", "headers", "query", "token"), ACCEPTED)
def test_unusual_tokens_are_taken_byte_for_byte(
    shared: Callable[[Alternatives], str],
    security: Alternatives,
    headers: list[str | bytes],
    query: str,
    token: bytes,
) -> None:
    url = shared(security)
    assert get(url, LIST + query, *headers).status == 200
    assert shown(token) in accounts(url)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["digest", "hmac"])
def test_a_scheme_that_cannot_be_checked_has_to_be_there(start: Start, scheme: str) -> None:
    url = start([[scheme]])
    assert get(url, LIST, f'Authorization: {scheme.title()} username="a"').status == 200
    assert get(url, LIST, BEARER).status == 401
    assert accounts(url) == {"default": 1, "anonymous": 1}


# Keys that are accepted


def only(*texts: str) -> Settings:
    return Settings(count=5, credentials=texts)


def test_only_listed_tokens_are_accepted(start: Start) -> None:
    url = start([["bearer"], ["key"]], settings=only("one", "a:b"))
    for token, status in (("one", 200), ("a:b", 200), ("a", 401), ("two", 401), ("on", 401)):
        assert get(url, LIST, f"Authorization: Bearer {token}").status == status
        assert get(url, LIST, f"X-Key: {token}").status == status
    assert accounts_with(url, shown("one"), "one") == {shown("one"): 2, shown("a:b"): 2, "anonymous": 6}


def accounts_with(url: str, account: str, secret: str) -> dict[str, int]:
    items = control(url, "accounts?limit=100", account, secret).json["items"]
    return {item["account"]: item["recorded"] for item in items}


def test_a_listed_token_is_basic_s_user_name_with_or_without_a_password(start: Start) -> None:
    url = start([["basic"], ["bearer"]], settings=only("one", "demo:secret"))
    tried = [("one", ""), ("one", "any"), ("demo", "secret"), ("demo", ""), ("two", "")]
    answers = [get(url, LIST, f"Authorization: {wire.basic(*each)}").status for each in tried]
    assert answers == [200, 200, 200, 401, 401]
    found = accounts_with(url, shown("one"), "one")
    assert found == {shown("one"): 2, shown("demo"): 1, "anonymous": 2}


def test_the_control_api_takes_tokens_in_headers_and_by_the_name_under_which_they_are_shown(
    start: Start,
) -> None:
    url = start([["key"], ["query"], ["cookie"]], settings=only("one"))
    call, name = "/_mock/requests", f"Authorization: {wire.basic(shown('one'), 'one')}"
    assert get(url, call, "X-Key: one").status == 200
    assert get(url, call, name).status == 200
    refused: list[list[str]] = [
        [], ["X-Key: two"], ["Cookie: session=one"], ["Authorization: Bearer one"],
        [f"Authorization: {wire.basic(shown('one'), 'two')}"],
        [f"Authorization: {wire.basic(shown('two'), 'one')}"],
        [f"Authorization: {wire.basic('one', '')}"],
    ]  # fmt: skip
    for headers in refused:
        answer = get(url, call, *headers)
        assert (answer.status, answer.header("WWW-Authenticate")) == (401, None), headers
    assert get(url, f"{call}?api_key=one").status == 401


# What is shown


def test_no_output_shows_a_token(start: Start) -> None:
    log = io.StringIO()
    url = start([["query"], ["key"], ["cookie"], ["bearer"]], log)
    place = f"{LIST}?api%5fkey={SECRET}&limit=zero&api_key={SECRET}&colour={'x' * 5}"
    for target, *headers in (
        (place,), (f"/nope?{QUERY}",), (f"{LIST}?limit=0", KEY), (f"{LIST}?limit=0", COOKIE),
        (f"{LIST}?limit=0", BEARER), (f"{LIST}?api_key={SECRET}", KEY.replace("X-Key", "X-Api-Key")),
        (f"/_mock/requests?{QUERY}",), (f"/_mock/requests?query=%7B%22api_key%22:%22{SECRET}%22%7D",),
    ):  # fmt: skip
        answer = get(url, target, *headers)
        assert SECRET.encode() not in answer.body
        assert SECRET not in str(answer.headers)
    name = shown(SECRET)
    entries = control(url, "requests", name).json["items"]
    assert entries[0]["query"] == "api%5fkey=***&limit=zero&api_key=***&colour=xxxxx"
    calls = ["requests", "violations", "walks", "report?account=*", "accounts", "report"]
    calls += [f"requests/{entry['id']}" for entry in entries]
    for call in calls:
        answer = control(url, call, name)
        assert answer.status == 200
        assert SECRET not in answer.body.decode(), call
    report = control(url, "report?account=*", name).json
    for form in REPORT_FORMATS:
        assert SECRET not in writer.render(report, form).decode(), form
    assert "api%5fkey=***" in str(report)
    wait_for(log, "GET /_mock/requests?api_key=*** 401")
    assert SECRET not in log.getvalue()
    assert f"GET {LIST}?api%5fkey=***&limit=zero&api_key=***&colour=xxxxx 400" in log.getvalue()


PLACED: list[tuple[Alternatives, str, str]] = [
    ([["key"]], KEY, ""),
    ([["query"]], "", QUERY),
    ([["cookie"]], COOKIE, ""),
    ([["bearer"]], BEARER, ""),
    ([["basic"]], f"Authorization: {wire.basic('demo', SECRET)}", ""),
    ([["basic"], ["bearer"]], BASIC, ""),
    ([["digest"]], f"Authorization: Digest {SECRET}", ""),
]


@pytest.mark.parametrize(
    ("security", "header", "query"),
    [*PLACED[:2], *(pytest.param(*each, marks=pytest.mark.slow) for each in PLACED[2:])],
)
def test_no_output_shows_a_credential_that_is_sent_in_a_wrong_place_too(
    start: Start, security: Alternatives, header: str, query: str
) -> None:
    log = io.StringIO()
    url = start(security, log)
    encoded, twice = (SECRET.replace("-", mark) for mark in ("%2D", "%252d"))
    more = [
        f"Referer: https://x/?k={SECRET}&limit=1", f"X-Original-URL: /things/{encoded}?a",
        f"X-Forwarded-Uri: {twice}", f"X-API-Key: {SECRET}", "api-key: unused-of-this-request",
    ]  # fmt: skip
    headers = [*more, header] if header else more
    for target in (
        f"{LIST}?kind={SECRET}&{query}", f"{LIST}?limit={encoded}&{query}",
        f"{LIST}?{SECRET}=1&API_KEY=unused-0123&{query}", f"{LIST}/{twice}?{query}",
        f"{LIST}?kind=round&access_token=unused-0123&{query}&after={SECRET}",
    ):  # fmt: skip
        body = json.dumps({"echo": SECRET}).encode()
        answer = get(url, target, *headers, f"Content-Length: {len(body)}", body=body)
        assert SECRET.encode() not in answer.body.replace(b"%2D", b"-"), target
    [(name, recorded)] = accounts(url).items()
    entries = control(url, "requests", name).json["items"]
    assert len(entries) == recorded == 5
    calls = ["requests", "violations", "walks", "accounts", "report", "report?account=*"]
    for call in [*calls, *(f"requests/{entry['id']}" for entry in entries)]:
        said = control(url, call, name).body.decode()
        assert not [form for form in (SECRET, encoded, twice, "unused") if form in said], call
    if header:
        [entry] = [each for each in entries if "kind=***" in each["query"]]
        assert entry["headers"]["referer"] == "https://x/?k=***&limit=1"
        assert entry["headers"]["x-original-url"] == "/things/***?a"
        assert (
            control(url, f"requests/{entry['id']}", name).json["requestBody"]["text"]
            == '{"echo": "***"}'
        )
    wait_for(log, "access_token=***")
    assert not [form for form in (SECRET, encoded, twice, "unused") if form in log.getvalue()]


def test_a_key_of_the_query_is_hidden_in_other_headers_and_in_what_the_answer_repeats(
    start: Start,
) -> None:
    url, name = start([["query"]]), shown(SECRET)
    step = {"status": 503, "headers": {"X-Echo": f"key {SECRET}"}, "body": {"echo": SECRET}}
    callers.script(url, name, json.dumps({"script": [step]}))
    answer = get(url, f"{LIST}?{QUERY}", f"Referer: https://x/?k={SECRET}")
    assert (answer.header("X-Echo"), answer.json) == (f"key {SECRET}", {"echo": SECRET})
    [entry] = control(url, "requests", name).json["items"]
    assert entry["headers"]["referer"] == "https://x/?k=***"
    told = control(url, f"requests/{entry['id']}", name).json
    assert told["responseHeaders"]["x-echo"] == "key ***"
    assert told["responseBody"]["text"] == '{"echo": "***"}'


def test_a_short_credential_is_hidden_where_it_stands_alone(start: Start) -> None:
    url = start([["key"]])
    get(url, f"{LIST}?kind=k1y&limit=2&b=k1y2&c=k1%79,2", "X-Key: k1y", "Referer: http://k1y/x-k1y")
    [entry] = control(url, "requests", shown("k1y")).json["items"]
    assert entry["query"] == "kind=***&limit=2&b=k1y2&c=***,2"
    assert entry["headers"]["referer"] == "http://***/x-k1y"


def test_a_filter_that_is_named_like_a_cookie_with_a_key_is_shown(start: Start) -> None:
    made = secured.document([["cookie"]])
    parameter = {"name": "session", "in": "query", "schema": {"type": "string"}}
    made["paths"]["/things"]["get"]["parameters"].append(parameter)
    url = start([["cookie"]], made=made)
    get(url, f"{LIST}?session=morning&Session=evening", COOKIE)
    [entry] = control(url, "requests", shown(SECRET)).json["items"]
    assert entry["query"] == "session=morning&Session=***"


@pytest.mark.parametrize("blank", ["+", "%20"])
def test_a_key_whose_name_has_a_blank_is_hidden(start: Start, blank: str) -> None:
    made = secured.document([["query"]])
    scheme = {"type": "apiKey", "in": "query", "name": "api key"}
    made["components"] = made["components"] | {"securitySchemes": {"query": scheme}}
    url = start([["query"]], made=made)
    assert get(url, f"{LIST}?api{blank}key={SECRET}&limit=2").status == 200
    [entry] = control(url, "requests", shown(SECRET)).json["items"]
    assert entry["query"] == f"api{blank}key=***&limit=2"


def test_no_line_of_a_log_in_json_shows_a_token(start: Start) -> None:
    log = io.StringIO()
    url = start([["query"]], log, "json")
    assert get(url, f"{LIST}?{QUERY}").status == 200
    wait_for(log, "api_key=***")
    assert SECRET not in log.getvalue()


def wait_for(log: io.StringIO, text: str) -> None:
    for _ in range(1_000):
        if text in log.getvalue():
            return
        time.sleep(0.01)
    raise AssertionError(log.getvalue())


# Versions that keys are pinned to


def versioned(security: Alternatives) -> dict[str, Any]:
    """The document with a header that selects one of two versions."""
    header = {
        "name": "Api-Version", "in": "header", "schema": {"enum": ["2024-01-01", "2025-01-01"]},
        "x-version": {"unknown": {"type": "unknown", "message": "No such version."}},
    }  # fmt: skip
    made = secured.document(security)
    made["paths"]["/things"]["get"]["parameters"].append(header)
    return made


def test_a_key_can_be_pinned_to_a_version_that_is_served(start: Start) -> None:
    texts = ("one@2024-01-01", "two@2023-01-01", "three", "demo:a@b@2024-01-01")
    url = start([["basic"], ["bearer"]], settings=only(*texts), made=versioned([["basic"], ["bearer"]]))

    def version(authorization: str, *headers: str) -> tuple[int, str | None]:
        answer = get(url, LIST, f"Authorization: {authorization}", *headers)
        return answer.status, answer.header("Api-Version")

    newest, oldest = "2025-01-01", "2024-01-01"
    assert version("Bearer one") == version(wire.basic("one", "")) == (200, oldest)
    assert version("Bearer one") == (200, oldest)
    assert version("Bearer one", f"Api-Version: {newest}") == (200, newest)
    assert version("Bearer three") == (200, newest)
    assert version("Bearer two@2023-01-01") == (200, newest)
    assert version(wire.basic("demo", "a@b")) == (200, oldest)
    assert version("Bearer two")[0] == version("Bearer one@2024-01-01")[0] == 401
    assert control(url, "requests", shown("one"), "one").status == 200
    # Its owner may not know which versions are served.
    assert control(url, "requests", "demo", "a@b@2024-01-01").status == 200
    report = control(url, "report", shown("one"), "one").json
    [operation] = [o for o in report["coverage"]["operations"] if o["operation"] == "listThings"]
    covered = {p["name"] for g in operation["groups"] for p in g["points"] if p["covered"]}
    assert {oldest, newest} <= covered


# Requests that nobody's credentials came with


def test_where_nothing_is_asked_for_requests_count_once(start: Start) -> None:
    url = start(None, settings=Settings(count=5, latency=Latency(0, 1), rate_limit=RateLimit(3, 60)))
    assert [get(url).status for _ in range(4)] == [200, 200, 200, 429]
    assert accounts(url) == {"default": 4}
