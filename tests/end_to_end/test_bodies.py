"""Bodies of requests over a real socket: what is refused, what is only odd, and what is never shown."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mock_server.server import server
from mock_server.settings import Settings
from tests.support.servers import build

DOCUMENT = """
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders:
    parameters:
    - {name: X-Source, in: header, schema: {type: string, maxLength: 3}}
    get: &list
      operationId: listOrders
      responses:
        '200':
          description: A page
          content:
            application/json:
              schema:
                type: object
                properties: {items: {type: array, items: {$ref: '#/components/schemas/Order'}}}
    post: &create
      operationId: createOrder
      parameters:
      - {name: dry, in: query, schema: {type: boolean}}
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/NewOrder'}}
          application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/NewOrder'}}
          multipart/form-data: {schema: {type: object}}
      responses: {'201': &made {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: string}}]
    get: {operationId: getOrder, responses: {'200': *made}}
    put:
      operationId: replaceOrder
      requestBody: {content: {'application/*': {schema: {$ref: '#/components/schemas/Change'}}}}
      responses: {'200': *made}
    delete: {operationId: deleteOrder, responses: {'204': {description: Gone}}}
  /users:
    get:
      operationId: listUsers
      responses:
        '200':
          description: All
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/User'}}}}
    post:
      operationId: createUser
      requestBody: {required: true, content: &user {application/json: {schema: {$ref: '#/components/schemas/User'}}, application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/User'}}, text/plain: {}}}
      responses: {'201': {description: Made, content: *user}}
components:
  schemas:
    Order:
      type: object
      required: [id, name]
      properties: {id: {type: string, format: uuid}, name: {type: string}, size: {type: integer}}
    Change: {type: object, properties: {orderId: {type: string}, number: {type: integer}}}
    NewOrder:
      type: object
      required: [id, name, size]
      properties:
        id: {type: string, readOnly: true}
        name: {type: string, minLength: 1}
        size: {type: integer, minimum: 1, maximum: 9}
        note: {type: string, nullable: true}
        lines:
          type: array
          items:
            type: object
            required: [price]
            properties: {price: {type: number}, codes: {type: array, items: {type: string, enum: [a, b]}}}
        pay:
          oneOf:
          - {type: object, required: [type, number], properties: {type: {enum: [card]}, number: {type: string}}}
          - {type: object, required: [type, iban], properties: {type: {enum: [bank]}, iban: {type: string}}}
        closed: {type: object, additionalProperties: false, properties: {colour: {type: string}}}
        both: {allOf: [{type: object, properties: {one: {type: string}}}, {type: object, properties: {two: {type: string}}}]}
    User:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 9}
        password: {type: string, writeOnly: true, minLength: 6}
        pin: {type: string, format: password}
        keys: {type: array, items: {type: object, properties: {key: {type: string, x-secret: true}}}}
        token: {type: string, x-secret: true}
"""

Start = Callable[..., str]
RIGHT = {"name": "a", "size": 3}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts servers of the document with settings, each once."""
    path = tmp_path_factory.mktemp("bodies") / "shop.yaml"
    path.write_text(DOCUMENT)
    started: dict[str, Any] = {}

    def serve(**settings: Any) -> str:
        key = str(settings)
        if key not in started:
            started[key] = server.in_thread(build(Settings(document=path, count=3, **settings)))
            started[key].root = started[key].__enter__()
        return str(started[key].root)

    yield serve
    for each in started.values():
        each.__exit__(None, None, None)


class Caller:
    """A client of one account, and what the control API says of its newest request."""

    def __init__(self, url: str, account: str) -> None:
        self._url, self._credentials = url, (account, "s3cret-s3cret")

    def send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return httpx.request(method, self._url + path, auth=self._credentials, **sent)

    def entry(self) -> dict[str, Any]:
        [entry] = self.send("GET", "/_mock/requests?limit=1").json()["items"]
        return dict(entry)

    def transcript(self) -> str:
        return self.send("GET", f"/_mock/requests/{self.entry()['id']}").text

    def found(self) -> list[str]:
        """The codes and keys of violations, and of warnings in parentheses."""
        entry = self.entry()
        wrong = [f"{each['code']} {each['key']}".strip() for each in entry["violations"]]
        return wrong + [f"({each['code']} {each['key']})" for each in entry["warnings"]]


@pytest.fixture
def caller(start: Start, request: pytest.FixtureRequest) -> Caller:
    """A caller of a server of usual settings, whose account is the test's own."""
    return Caller(start(), f"bodies-{abs(hash(request.node.name))}")


def as_form(**members: str) -> dict[str, Any]:
    return {"data": members}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (RIGHT, []),
        ({**RIGHT, "note": None, "lines": [{"price": 1.5, "codes": ["a"]}]}, []),
        ({}, ["required /name", "required /size"]),
        ([], ["type"]),
        ({"name": "", "size": 10}, ["minLength /name", "range /size"]),
        ({"name": 1, "size": "3"}, ["type /name", "type /size"]),
        ({**RIGHT, "lines": [{"price": 1}, {"codes": ["a", "c"]}]}, [
            "enum /lines/1/codes/1", "required /lines/1/price",
        ]),
        # The branch that is meant
        ({**RIGHT, "pay": {"type": "card"}}, ["required /pay/number"]),
        ({**RIGHT, "pay": {"type": "bank", "iban": 1}}, ["type /pay/iban"]),
        ({**RIGHT, "pay": {"type": "cash"}}, ["enum /pay/type"]),
        ({**RIGHT, "pay": 1}, ["type /pay"]),
        # Unknown members, and those that no request has
        ({**RIGHT, "sise": 1, "id": "x"}, ["(readOnly /id)", "(unknownMember /sise)"]),
        ({**RIGHT, "lines": [{"price": 1, "a/b": 1}]}, ["(unknownMember /lines/0/a~1b)"]),
        ({**RIGHT, "pay": {"type": "bank", "iban": "x", "number": "1"}}, ["(unknownMember /pay/number)"]),
        ({**RIGHT, "both": {"one": "1", "two": "2", "three": "3"}}, ["(unknownMember /both/three)"]),
        ({**RIGHT, "closed": {"color": "x"}}, ["unknownMember /closed/color"]),
    ],
)  # fmt: skip
def test_every_mistake_of_a_body_is_named(caller: Caller, body: Any, found: list[str]) -> None:
    answer = caller.send("POST", "/orders", json=body)
    assert sorted(caller.found()) == sorted(found)
    assert answer.status_code == (400 if any("(" not in each for each in found) else 201), answer.text
    assert caller.entry()["body"] == body


def test_mistakes_of_parameters_and_body_are_named_together(caller: Caller) -> None:
    answer = caller.send("POST", "/orders?dry=x&more=1", json={"size": 0}, headers={"X-Source": "abcd"})
    assert answer.status_code == 400
    assert [(each["code"], each["key"]) for each in answer.json()["error"]["errors"]] == [
        ("type", "dry"), ("maxLength", "X-Source"), ("required", "/name"), ("range", "/size"),
    ]  # fmt: skip
    assert caller.found()[-1] == "(unknownParameter more)"


def test_strict_servers_refuse_what_is_odd_too(start: Start) -> None:
    caller = Caller(start(strict=True), "strict")
    body = {**RIGHT, "sise": 1, "id": "x", "pay": {"type": "card", "number": "1", "iban": "2"}}
    answer = caller.send("POST", "/orders", json=body)
    assert answer.status_code == 400
    assert caller.found() == ["readOnly /id", "unknownMember /sise", "unknownMember /pay/iban"]
    [_, unknown, _] = answer.json()["error"]["errors"]
    assert "'sise' is no member of this object (did you mean 'size'?)" in unknown["message"]
    assert caller.send("DELETE", "/orders/1", json={}).status_code == 400
    assert caller.found() == ["unexpectedBody"]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (as_form(name="a", size="3"), []),
        (as_form(name="5", size="x"), ["type /size"]),
        ({"data": {"name": "a", "size": "3", "lines[0][price]": "1.5", "lines[0][codes][]": ["a", "c"]}}, [
            "enum /lines/0/codes/1",
        ]),
        (as_form(**{"name": "a", "size": "3", "pay[type]": "card", "pay[nr]": "1"}), [
            "required /pay/number", "(unknownMember /pay/nr)",
        ]),
        (as_form(**{"name": "a", "size": "3", "name[x]": "1"}), ["conflict /name"]),
        ({"data": {"name": ["a", "b"], "size": "3"}}, ["repeated /name"]),
        ({"content": b"", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, [
            "required /name", "required /size",
        ]),
    ],
)  # fmt: skip
def test_forms_are_read_as_the_schema_says(caller: Caller, sent: Any, found: list[str]) -> None:
    answer = caller.send("POST", "/orders", **sent)
    assert sorted(caller.found()) == sorted(found)
    assert answer.status_code == (400 if found else 201), answer.text


def test_a_form_stands_in_the_journal_as_its_value(caller: Caller) -> None:
    caller.send("POST", "/orders", data={"name": "a", "size": "3", "lines[][price]": "1"})
    assert caller.entry()["body"] == {"name": "a", "size": 3, "lines": [{"price": 1}]}


def raw(content: bytes, content_type: str | None = "application/json") -> dict[str, Any]:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return {"content": content, "headers": headers}


@pytest.mark.parametrize(
    ("sent", "status", "found"),
    [
        ({}, 400, ["required"]),
        (raw(b""), 400, ["required"]),
        (raw(b'{"a": 1,\n "b" 2}'), 400, ["json"]),
        (raw(b"null"), 400, ["type"]),
        (raw(b'{"name": "a", "name": "b"}'), 400, ["json"]),
        (raw(b"[" * 200 + b"]" * 200), 400, ["json"]),
        (raw(b'"\xff"'), 400, ["json"]),
        (raw(b'{"name": NaN}'), 400, ["json"]),
        (raw(b'{"name": "a", "size": 3}', "application/json; charset=latin-1"), 400, ["charset Content-Type"]),
        (raw(b'{"name": "a", "size": 3}', "Application/JSON;charset=UTF-8"), 201, []),
        (raw(b'\xef\xbb\xbf{"name": "a", "size": 3}', "application/vnd.api+json"), 201, []),
        (raw(b'{"name": "a", "size": 3}', "text/json"), 415, ["unsupportedMediaType Content-Type"]),
        (raw(b'{"name": "a", "size": 3}', None), 415, ["unsupportedMediaType Content-Type"]),
        (raw(b"x" * 2_000_000), 413, ["payloadTooLarge"]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(
    caller: Caller, sent: Any, status: int, found: list[str]
) -> None:
    answer = caller.send("POST", "/orders", **sent)
    assert answer.status_code == status, answer.text
    assert caller.found() == found


def test_a_packed_body_is_told_from_one_that_is_no_json(caller: Caller) -> None:
    plain = json.dumps(RIGHT).encode()
    packed = raw(gzip.compress(plain))
    packed["headers"]["Content-Encoding"] = "gzip"
    answer = caller.send("POST", "/orders", **packed)
    assert (answer.status_code, caller.found()) == (400, ["contentEncoding Content-Encoding"])
    assert "Content-Encoding is 'gzip'; send it as it is" in answer.text
    # A body that is readable as it came is.
    packed["content"] = plain
    assert caller.send("POST", "/orders", **packed).status_code == 201


def test_messages_say_where_and_what_instead(caller: Caller) -> None:
    answer = caller.send("POST", "/orders", **raw(b'{"a": 1,\n "b" 2}'))
    assert "line 2, column 6: it is not JSON" in answer.json()["error"]["errors"][0]["message"]
    answer = caller.send("POST", "/orders", **raw(b"<a/>", "application/xml"))
    assert "the Content-Type 'application/xml'; send its body as 'application/json'" in answer.text


def test_other_media_types_are_taken_as_they_are(caller: Caller) -> None:
    assert caller.send("POST", "/orders", files={"name": b"\x00\xff"}).status_code == 201
    assert caller.found() == []


def test_a_body_that_the_operation_does_not_have_is_odd(caller: Caller) -> None:
    assert caller.send("GET", "/orders", **raw(b'{"a": 1}')).status_code == 200
    assert caller.found() == ["(unexpectedBody )"]
    assert caller.entry()["body"] == {"a": 1}
    assert caller.send("GET", "/orders", **raw(b"{")).status_code == 200


def test_a_body_that_need_not_be_sent_may_be_of_any_type_of_a_range(caller: Caller) -> None:
    order = caller.send("POST", "/orders", json=RIGHT).json()["id"]
    assert caller.send("PUT", f"/orders/{order}").status_code == 200
    for content_type in ("application/json", "application/merge-patch+json"):
        answer = caller.send("PUT", f"/orders/{order}", **raw(b'{"number": "x"}', content_type))
        assert answer.status_code == 400
        assert caller.found() == ["type /number"]
    assert caller.send("PUT", f"/orders/{order}", **raw(b"{}", "text/plain")).status_code == 415


def test_a_member_that_repeats_the_path_gives_way_to_it(caller: Caller) -> None:
    order = caller.send("POST", "/orders", json=RIGHT).json()["id"]
    for same in (order, "other"):
        assert caller.send("PUT", f"/orders/{order}", json={"orderId": same}).status_code == 200
        assert caller.found() == ([] if same == order else ["(differsFromPath /orderId)"])


def test_record_mode_hands_a_wrong_body_on(start: Start) -> None:
    caller = Caller(start(on_violation="record"), "record")
    answer = caller.send("POST", "/orders", json={"name": "kept", "size": 99})
    assert (answer.status_code, answer.json()["name"]) == (201, "kept")
    assert caller.found() == ["range /size"]
    for sent in (
        raw(b"{"),
        raw(b'{"name": "b"}', "text/x"),
        raw(b"[1]"),
        {},
        {"data": {"a": "1", "a[b]": "2"}},
    ):
        assert caller.send("POST", "/orders", **sent).status_code == 201, sent
        assert caller.found()


# Secrets

SECRETS = ("hunter2-writeonly", "1234567-format", "sk_live_abcdef", "tok_abcdef")
USER = {
    "name": "a", "password": SECRETS[0], "pin": SECRETS[1], "keys": [{"key": SECRETS[2]}], "token": SECRETS[3],
}  # fmt: skip
FORM = {**USER, "keys": None, "keys[0][key]": SECRETS[2]}
WRONG = {**USER, "name": "too long a name", "pin": [SECRETS[1]], "keys": [{"key": {"k": SECRETS[2]}}]}


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/users", {"json": USER}, 201),
        ("/users", {"data": {name: text for name, text in FORM.items() if text}}, 201),
        ("/users", {"json": WRONG}, 400),
        ("/users", {"json": [USER]}, 400),
        ("/users", raw(json.dumps(USER).encode()[:-1]), 400),
        ("/users", raw(json.dumps(USER).encode(), "text/plain"), 201),
        ("/users", raw(json.dumps(USER).encode(), "text/csv"), 415),
        ("/userz", {"json": USER}, 404),
    ],
)
def test_secrets_are_shown_nowhere(caller: Caller, path: str, sent: Any, status: int) -> None:
    answer = caller.send("POST", path, **sent)
    assert answer.status_code == status, answer.text
    transcript = caller.transcript()
    assert "***" in transcript
    for text in (transcript, json.dumps(caller.entry()), caller.send("GET", "/_mock/report").text):
        assert not any(secret in text for secret in SECRETS), text
    if status >= 400:
        assert not any(secret in answer.text for secret in SECRETS)


def test_what_is_not_secret_stands_in_the_journal(caller: Caller) -> None:
    caller.send("POST", "/users", json={"name": "ann", "password": "short"})
    assert caller.entry()["body"] == {"name": "ann", "password": "***"}
    [violation] = caller.entry()["violations"]
    assert violation["message"] == "what may be a secret does not satisfy minLength; correct it."
    caller.send("POST", "/userz", json={"name": "ann", "password": "short"})
    assert caller.entry()["body"] == {"name": "ann", "password": "***"}


def hidden(user: dict[str, Any]) -> dict[str, Any]:
    """The secret members of a user, as the journal shows them."""
    keys = {"keys": [dict.fromkeys(key, "***") for key in user["keys"]]} if "keys" in user else {}
    return {**dict.fromkeys({"pin", "token"} & user.keys(), "***"), **keys}


def test_answers_keep_their_secrets_from_the_journal(caller: Caller) -> None:
    for _ in range(3):
        # The third one comes from the cache.
        shown = caller.send("GET", "/users").json()
        transcript = json.loads(caller.transcript())
        users = json.loads(transcript["responseBody"]["text"])
        assert any("token" in user for user in shown)
        assert users == [{**user, **hidden(user)} for user in shown]


# What is counted


def test_coverage_counts_what_bodies_try(caller: Caller) -> None:
    body = {
        **RIGHT,
        "size": 9,
        "lines": [{"price": 1}, {"price": 1, "codes": ["b"]}],
        "pay": {"type": "cash"},
    }
    caller.send("POST", "/orders", json=body)
    caller.send("POST", "/orders", json={**body, "pay": {"type": "card", "number": "1"}, "unknown": 1})
    [found] = [
        each for each in caller.send("GET", "/_mock/coverage").json()["operations"]
        if each["operation"] == "createOrder"
    ]  # fmt: skip
    groups = {group["group"]: group["points"] for group in found["groups"]}
    tried = {name: [each["name"] for each in group if each["covered"]] for name, group in groups.items()}
    assert tried["members"] == [
        "/name", "/size", "/lines", "/pay", "/pay/type", "/pay/number", "/lines/*/price", "/lines/*/codes",
    ]  # fmt: skip
    assert tried["values"] == ["/pay/type=card", "/lines/*/codes/*=b"]
    assert tried["bounds"] == ["/size=9"]
    missed = [each["name"] for group in groups.values() for each in group if not each["covered"]]
    assert {"/note", "/both/two", "/pay/iban", "/pay/type=bank", "/lines/*/codes/*=a", "/size=1"} <= {
        *missed
    }
    assert "/id" not in missed


def test_the_ledger_counts_the_items_of_a_list_as_one(caller: Caller) -> None:
    for numbers in ((1, 2), (3,)):
        lines = [{"price": "x" if number in numbers else 1} for number in range(4)]
        caller.send("POST", "/orders", json={**RIGHT, "lines": lines})
    [group] = caller.send("GET", "/_mock/violations").json()["items"]
    assert (group["code"], group["key"], group["count"]) == ("type", "/lines/1/price", 3)


def test_preflights_and_allow_name_the_methods_of_the_path(start: Start) -> None:
    caller = Caller(start(cors_origin=("*",)), "cors")
    asked = {"Origin": "http://a.example", "Access-Control-Request-Headers": "x-source, content-type"}
    for path, method, methods in (
        ("/orders", "POST", "GET, POST, HEAD, OPTIONS"),
        ("/orders/1", "DELETE", "GET, PUT, DELETE, HEAD, OPTIONS"),
        ("/orders/%31", "PUT", "GET, PUT, DELETE, HEAD, OPTIONS"),
    ):
        answer = caller.send("OPTIONS", path, headers={**asked, "Access-Control-Request-Method": method})
        assert answer.status_code == 200, answer.text
        assert answer.headers["Access-Control-Allow-Methods"] == methods
        assert answer.headers["Access-Control-Allow-Headers"] == "x-source, content-type"
        assert caller.send("OPTIONS", path).headers["Allow"] == methods
        assert caller.send("PATCH", path).headers["Allow"] == methods
    refused = {**asked, "Access-Control-Request-Method": "DELETE"}
    assert caller.send("OPTIONS", "/orders", headers=refused).status_code == 400
    assert caller.send("OPTIONS", "/nowhere", headers=refused).status_code == 200
