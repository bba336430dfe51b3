"""The stack: a server answers, records and judges the same with the stock parts in the place of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from mock_server.server import server
from mock_server.settings import Settings
from mock_server.stack import QUICK, Stack
from tests.support import wire
from tests.support.callers import JSON
from tests.support.servers import build
from tests.support.stock_parts import STOCK

BILLING = Path("spec/examples/billing.yaml")

# What differs between any two servers: when something came, how long it took, and which server it is.
_OF_ITS_OWN = re.compile(
    rb'"(time|durationMs|epoch|first|last|createdAt|updatedAt|archivedAt)":("[^"]*"|[0-9.]+)'
)


class Sent(NamedTuple):
    """A request: its method, its target, its headers and its body in JSON."""

    method: str
    target: str
    headers: tuple[str, ...] = ()
    body: object = None


def fault(**step: object) -> Sent:
    return Sent("POST", "/_mock/faults", body={"operation": "listCustomers", "script": [step]})


CUSTOMER = {
    "name": "Ada & Co",
    "email": "ada@example.com",
    "address": {"city": "Leeds", "country": "NO"},
}
# One of the generated customers.
KNOWN = "cus_5d4f85323e8b"

REQUESTS = [
    # The length of an answer to HEAD would tell the moment.
    Sent("PUT", "/_mock/clock", body={"now": "2030-01-01T00:00:00Z"}),
    # Lists, and what is wrong with them.
    Sent("GET", "/customers"),
    # The third is answered from the cache.
    *[Sent("GET", "/customers?limit=2")] * 3,
    Sent("HEAD", "/customers?limit=2"),
    Sent("GET", "/customers?limit=0&sortBy=none"),
    Sent("GET", "/customers?unknown=1&search=a"),
    Sent("GET", "/customers?search=%FF&search=b"),
    Sent("GET", "/customers?after=nothing"),
    Sent("GET", "/invoices/brief?limit=1"),
    Sent("GET", "/invoices/totals"),
    Sent("GET", "/customers", ("Accept: text/html",)),
    Sent("GET", "/customers", ("Content-Type: a; charset", "Content-Type: b")),
    Sent("GET", "/customers", ("Content-Length: 2",), body={}),
    Sent("GET", "/customers", ("Upgrade: websocket", "Connection: Upgrade")),
    Sent("GET", "/customers", ("Prefer: code=503",)),
    # Paths.
    Sent("GET", "/customers/"),
    Sent("GET", "//customers"),
    Sent("GET", "/nowhere"),
    Sent("GET", "/c%75stomers?limit=1"),
    Sent("GET", "/customers%2F"),
    Sent("GET", "/invoices/none%2Fsuch"),
    Sent("GET", "/customers/x/y/z"),
    Sent("POST", "/invoices/brief"),
    Sent("PUT", "/customers"),
    Sent("BREW", "/customers"),
    Sent("OPTIONS", "/customers"),
    Sent("OPTIONS", "/nowhere"),
    # Records.
    Sent("POST", "/customers", body=CUSTOMER),
    Sent("POST", "/customers", ("Idempotency-Key: a",), body={**CUSTOMER, "name": "Grace & Co"}),
    Sent("POST", "/customers", ("Idempotency-Key: a",), body={**CUSTOMER, "name": "Grace & Co"}),
    Sent("POST", "/customers", body={"name": 1}),
    Sent("POST", "/customers", ("Content-Type: text/plain",), body=CUSTOMER),
    Sent("POST", "/customers"),
    Sent("POST", f"/customers/{KNOWN}/archive"),
    Sent("GET", f"/customers/{KNOWN}"),
    Sent("HEAD", f"/customers/{KNOWN}"),
    Sent("DELETE", f"/customers/{KNOWN}"),
    Sent("GET", "/customers/none"),
    Sent("DELETE", "/customers/none"),
    Sent("POST", "/customers/none/archive"),
    Sent("GET", "/customers/by-alias/none"),
    # Faults and chaos.
    fault(status=503),
    Sent("GET", "/customers"),
    fault(page="repeat-cursor"),
    Sent("GET", "/customers?limit=3"),
    fault(status=500, after=True),
    Sent("HEAD", "/customers"),
    Sent("PUT", "/_mock/chaos", body={"rate": 1, "faults": [503]}),
    Sent("GET", "/customers"),
    Sent("DELETE", "/_mock/chaos"),
    # The control API.
    Sent("GET", "/_mock"),
    Sent("GET", "/_mock/"),
    Sent("GET", "/_mock/", ("If-None-Match: *",)),
    Sent("HEAD", "/_mock/inspector/steps.js"),
    Sent("GET", "/_mock/inspector/none"),
    Sent("GET", "/_mock/nowhere"),
    Sent("DELETE", "/_mock/health"),
    Sent("HEAD", "/_mock/events"),
    Sent("GET", "/_mock/requests?limit=x"),
    Sent("POST", "/_mock/faults", body={"script": 1}),
    Sent("GET", "/_mock/requests", ("Host: evil.example",)),
    # What came of all.
    Sent("GET", "/_mock/requests?limit=1000"),
    Sent("GET", "/_mock/walks"),
    Sent("GET", "/_mock/violations"),
    Sent("GET", "/_mock/coverage"),
    Sent("GET", "/_mock/verdict"),
    Sent("GET", "/_mock/collections"),
    Sent("GET", "/_mock/openapi.json"),
]


def _send(url: str, sent: Sent, *credentials: str) -> tuple[object, ...]:
    """Return what a server answers, without what differs between any two servers."""
    body = b"" if sent.body is None else json.dumps(sent.body).encode()
    headers = [*credentials, *sent.headers]
    if body:
        headers += [f"Content-Length: {len(body)}"]
        headers += [] if any(each.startswith("Content-Type") for each in headers) else [JSON]
    answer = wire.get(url, sent.target, *headers, method=sent.method, auth=False, body=body)
    told = [
        pair
        for pair in answer.headers
        if pair[0] not in ("date", "x-mock-account-epoch", "x-mock-replica")
    ]
    shown = _OF_ITS_OWN.sub(rb'"\1":0', answer.body)
    if shown != answer.body:
        told = [pair for pair in told if pair[0] != "content-length"]
    return answer.status, told, shown.replace(url.encode(), b"")


def _served(stack: Stack) -> list[tuple[Sent, object]]:
    """Return all requests with their answers by a server with these parts."""
    settings = Settings(document=(BILLING,), base_path="", count=5)
    with server.in_thread(build(settings, stack)) as url:
        answered = [(each, _send(url, each, "Authorization: Bearer tester")) for each in REQUESTS]
        refused = [(each, _send(url, each)) for each in REQUESTS]
    return [*answered, *refused]


@pytest.fixture(scope="module")
def answers() -> list[tuple[tuple[Sent, object], tuple[Sent, object]]]:
    return list(zip(_served(QUICK), _served(STOCK), strict=True))


def test_a_server_of_stock_parts_answers_the_same(
    answers: list[tuple[tuple[Sent, object], tuple[Sent, object]]],
) -> None:
    for own, stock in answers:
        assert own == stock


def test_the_requests_are_answered_in_many_ways(
    answers: list[tuple[tuple[Sent, object], tuple[Sent, object]]],
) -> None:
    found = {own[1][0] for own, _ in answers}  # type: ignore[index]
    assert found >= {200, 201, 204, 304, 308, 400, 401, 404, 405, 406, 415, 421, 500, 503}
