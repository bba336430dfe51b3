"""Idempotency keys: a request that is sent again gets the first answer, and changes nothing."""

from __future__ import annotations

import json
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from mock_server.client import Sandbox
from tests.support import parcels, wire
from tests.support.callers import Caller
from tests.support.servers import Serve

RULE = {"x-idempotency": {"header": "Idempotency-Key", "seconds": 600}}
BODY = {"label": "a", "size": "S"}
NOON = "2026-01-01T12:00:00Z"


class Shipper(Caller):
    """An account that creates parcels with keys."""

    def create(self, key: str, body: Any = BODY, target: str = "/parcels") -> wire.Answer:
        return self.send("POST", target, body, f"Idempotency-Key: {key}")

    @property
    def number(self) -> int:
        total: int = self.send("GET", "/parcels?limit=1").json["total"]
        return total

    def journaled(self, answer: wire.Answer) -> Any:
        return self.done("GET", f"/requests/{answer.header('X-Mock-Request-Id')}")

    @property
    def sandbox(self) -> Sandbox:
        return Sandbox(self.url, self.client_id, "secret")


def wait_until_fired(shipper: Shipper) -> None:
    until = monotonic() + 30
    while not shipper.sandbox.faults()[0]["fired"] and monotonic() < until:
        sleep(0.01)


@pytest.fixture
def root(serve: Serve, tmp_path: Path) -> str:
    return serve(document=parcels.written(tmp_path, createParcel=RULE, createStop=RULE), count=3)


@pytest.fixture
def shipper(root: str) -> Shipper:
    return Shipper(root, "shipper")


def test_the_same_key_gets_the_first_answer_again(shipper: Shipper) -> None:
    first, second = shipper.create("k-1"), shipper.create("k-1")
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert first.header("Content-Type") == second.header("Content-Type")
    assert shipper.number == 4
    journaled = shipper.journaled(second)
    assert journaled["change"] is None
    assert journaled["idempotent"] == first.header("X-Mock-Request-Id")
    assert shipper.journaled(first)["change"]["kind"] == "created"
    assert shipper.journaled(first)["idempotent"] is None


def test_another_key_or_account_or_operation_is_another_request(shipper: Shipper) -> None:
    first = shipper.create("k").json["id"]
    assert shipper.create("K").json["id"] != first
    assert Shipper(shipper.url, "other").create("k").status == 201
    assert shipper.create("k", {"place": "Oslo"}, f"/parcels/{first}/stops").status == 201
    assert (shipper.number, Shipper(shipper.url, "other").number) == (5, 4)


def test_without_a_key_each_request_is_a_new_one(shipper: Shipper) -> None:
    for _ in range(2):
        assert shipper.send("POST", "/parcels", BODY).status == 201
    assert shipper.number == 5


def test_members_in_another_order_are_the_same_body(shipper: Shipper) -> None:
    first = shipper.create("k", {"label": "a", "size": "S"})
    assert shipper.create("k", {"size": "S", "label": "a"}).body == first.body


@pytest.mark.parametrize("body", [{"label": "b", "size": "S"}, {"label": "a", "size": "S", "tags": []}])
def test_another_body_is_refused(shipper: Shipper, body: Any) -> None:
    first = shipper.create("k")
    answer = shipper.create("k", body)
    assert (answer.status, answer.json["error"]["type"]) == (422, "idempotencyKeyReused")
    message = answer.json["error"]["message"]
    assert "'k'" in message
    assert f"request {first.header('X-Mock-Request-Id')}" in message
    (violation,) = shipper.journaled(answer)["violations"]
    assert violation["key"] == "Idempotency-Key"
    assert shipper.number == 4


def test_another_path_is_refused(shipper: Shipper) -> None:
    one, two = (shipper.create(key).json["id"] for key in ("1", "2"))
    assert shipper.create("k", {"place": "Oslo"}, f"/parcels/{one}/stops").status == 201
    assert shipper.create("k", {"place": "Oslo"}, f"/parcels/{two}/stops").status == 422


def test_errors_are_not_kept(shipper: Shipper) -> None:
    body = {"place": "Oslo"}
    assert shipper.create("k", body, "/parcels/nowhere/stops").status == 404
    parcel = shipper.create("p").json["id"]
    assert shipper.create("k", body, f"/parcels/{parcel}/stops").status == 201


def test_a_key_is_new_again_after_its_time_on_the_accounts_clock(shipper: Shipper) -> None:
    shipper.sandbox.freeze(NOON)
    first = shipper.create("k")
    shipper.sandbox.advance(599)
    assert shipper.create("k").body == first.body
    shipper.sandbox.advance(1)
    assert shipper.create("k", {"label": "b", "size": "M"}).json["label"] == "b"
    assert shipper.number == 5


def test_a_reset_forgets_keys(shipper: Shipper) -> None:
    shipper.create("k")
    shipper.sandbox.reset()
    assert shipper.create("k", {"label": "b", "size": "M"}).status == 201
    assert shipper.number == 4


@pytest.mark.parametrize("step", [{"status": 503, "after": True}, {"cut": "reset", "after": True}])
def test_a_fault_after_the_change_leaves_the_kept_answer_right(shipper: Shipper, step: Any) -> None:
    shipper.sandbox.fail(step)
    try:
        assert shipper.create("k").status == 503
    except ConnectionResetError:
        assert "cut" in step
    answer = shipper.create("k")
    assert answer.status == 201
    assert shipper.number == 4
    assert shipper.send("GET", "/parcels").json["items"][0] == answer.json
    assert shipper.journaled(answer)["idempotent"] is not None


def test_a_fault_before_the_change_leaves_the_key_new(shipper: Shipper) -> None:
    shipper.sandbox.fail({"status": 503})
    assert [shipper.create("k").status for _ in range(3)] == [503, 201, 201]
    assert shipper.number == 4


def test_faults_meet_repeated_requests_too(shipper: Shipper) -> None:
    shipper.create("k")
    shipper.sandbox.fail({"status": 503})
    assert [shipper.create("k").status for _ in range(2)] == [503, 201]


def test_a_key_whose_first_request_still_runs_is_refused(shipper: Shipper) -> None:
    shipper.sandbox.fail({"delay": 1.0})
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(shipper.create, "k")
        wait_until_fired(shipper)
        second = shipper.create("k")
        assert (second.status, second.json["error"]["type"]) == (409, "idempotencyKeyInUse")
        assert first.result().status == 201
    assert shipper.create("k").body == first.result().body
    assert shipper.number == 4


def test_a_key_is_free_again_where_its_client_has_left(shipper: Shipper) -> None:
    shipper.sandbox.fail({"delay": 60})
    body = json.dumps(BODY).encode()
    head = (
        f"POST /parcels HTTP/1.1\r\nHost: x\r\n{shipper.authorization}\r\nIdempotency-Key: k\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with wire.connect(shipper.url) as connection:
        connection.sendall(head.encode() + body)
        wait_until_fired(shipper)
        # A reset, since one who only sends no more may still wait for the answer.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    until = monotonic() + 30
    while (answer := shipper.create("k")).status == 409 and monotonic() < until:
        sleep(0.01)
    assert (answer.status, shipper.number) == (201, 4)


def test_a_key_has_at_most_255_characters_where_the_document_says_nothing(shipper: Shipper) -> None:
    assert shipper.create("k" * 255).status == 201
    refused = shipper.create("k" * 256)
    assert refused.status == 400
    assert [(each["code"], each["key"]) for each in refused.violations] == [
        ("maxLength", "Idempotency-Key")
    ]
    assert shipper.create("").status == 400


def test_the_documents_own_length_of_a_key_counts(serve: Serve, tmp_path: Path) -> None:
    header = {"name": "idempotency-key", "in": "header", "schema": {"type": "string", "maxLength": 3}}
    document = parcels.written(tmp_path, createParcel=RULE | {"parameters": [header]})
    shipper = Shipper(serve(document=document), "shipper")
    assert shipper.create("abc").body == shipper.create("abc").body
    assert shipper.create("abcd").status == 400


def test_a_key_that_is_recorded_as_a_mistake_counts_for_nothing(serve: Serve, tmp_path: Path) -> None:
    document = parcels.written(tmp_path, createParcel=RULE)
    shipper = Shipper(serve(document=document, on_violation="record", count=0), "shipper")
    for _ in range(2):
        assert shipper.create("k" * 256).status == 201
    assert shipper.number == 2


def test_answers_are_kept_for_other_methods_too(serve: Serve, tmp_path: Path) -> None:
    document = parcels.written(tmp_path, deleteParcel=RULE, createParcel=RULE)
    shipper = Shipper(serve(document=document, count=0), "shipper")
    parcel = shipper.create("k").json["id"]
    key = "Idempotency-Key: d"
    answers = [shipper.send("DELETE", f"/parcels/{parcel}", None, key) for _ in range(2)]
    assert [answer.status for answer in answers] == [204, 204]
    assert shipper.send("DELETE", f"/parcels/{parcel}").status == 404


def test_without_a_rule_a_header_means_nothing(serve: Serve, tmp_path: Path) -> None:
    shipper = Shipper(serve(document=parcels.written(tmp_path), count=0), "shipper")
    for _ in range(2):
        shipper.create("k")
    assert shipper.number == 2
