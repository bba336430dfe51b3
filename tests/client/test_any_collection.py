"""The client with any collection: records, faults and assertions by operation and by members of the body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mock_server.client import Sandbox, SandboxError
from tests.support.customers import CUSTOMERS
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(CUSTOMERS, tmp_path_factory.mktemp("customers")) as url:
        yield url


@pytest.fixture
def account(root: str, request: pytest.FixtureRequest) -> Sandbox:
    return Sandbox(root, f"client {request.node.name}".replace(":", "-"), "secret")


def create(account: Sandbox, **body: Any) -> int:
    return httpx.post(f"{account.base_url}/customers", auth=account.auth, json=body).status_code


def failure(account: Sandbox, **wanted: Any) -> str:
    with pytest.raises(AssertionError) as failed:
        account.assert_called(**wanted)
    return str(failed.value)


def test_records_of_any_collection_are_created_changed_and_removed(account: Sandbox) -> None:
    customer = account.create("customers", {"name": "Acme", "address": {"city": "Oslo", "zip": "1"}})
    assert account.record("customers", customer["id"]) == customer == account.records("customers")[0]
    changed = account.update("customers", customer["id"], {"address": {"zip": None}})
    assert changed == customer | {"address": {"city": "Oslo"}}
    sizes = f"customers/{customer['id']}/Größen"
    size = account.create(sizes, {"width": 2})
    assert account.records(sizes) == [size]
    assert size["customerId"] == customer["id"]
    account.load([{"id": "a", "width": 1}, {"id": "b", "width": 2}], sizes)
    account.add([{"id": "c", "width": 3}], sizes)
    assert [each["id"] for each in account.records(sizes)] == ["c", "a", "b"]
    account.remove("a", sizes)
    assert [each["id"] for each in account.records("customers/{id}/Größen")][:2] == ["c", "b"]
    account.remove(customer["id"], "customers")
    with pytest.raises(SandboxError, match="There is no record") as refused:
        account.record("customers", customer["id"])
    assert refused.value.status == 404
    # What a suite does is no request of the client.
    assert account.requests() == []


def test_a_record_that_is_wrong_is_told_with_all_its_mistakes(account: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"(?s)/address/city: .*/nam: .*write 'name'") as refused:
        account.create("customers", {"nam": "x", "address": {"city": 1}})
    assert refused.value.status == 400


def test_requests_are_found_by_operation_query_and_body(account: Sandbox) -> None:
    create(account, name="A", address={"city": "Oslo", "zip": "1"})
    create(account, name="B", address={"city": "Rome"})
    httpx.get(f"{account.base_url}/customers?limit=1", auth=account.auth)
    found = account.requests(operation="createCustomer", body={"address": {"city": "Oslo"}})
    assert [entry["body"]["name"] for entry in found] == ["A"]
    assert account.requests(operation="post /customers", body={"name": "C"}) == []
    assert len(account.requests(body={})) == 2
    assert [entry["query"] for entry in account.requests(query={"limit": 1})] == ["limit=1"]
    account.assert_called(
        times=1, operation="createCustomer", body={"name": "A", "address": {"zip": "1"}}
    )
    account.assert_called(times=0, body={"name": "A", "address": {"city": "Rome"}})


def test_a_request_without_an_answer_says_so(account: Sandbox) -> None:
    account.fail({"cut": "reset", "after": True})
    with pytest.raises(httpx.HTTPError):
        create(account, name="A")
    assert "  POST /v1/customers -> no answer\n" in failure(account, times=2)


def test_a_body_that_was_not_sent_is_told_with_the_nearest(account: Sandbox) -> None:
    create(account, name="B", address={"city": "Rome"})
    create(account, name="A")
    httpx.get(f"{account.base_url}/customers", auth=account.auth)
    said = failure(account, operation="createCustomer", body={"name": "B", "address": {"city": "Oslo"}})
    first, *lines = said.splitlines()
    assert first == (
        'expected at least one request of createCustomer with the body {"name": "B", "address": '
        '{"city": "Oslo"}}, but 0 came; the nearest requests were:'
    )
    assert lines[:5] == [
        "  POST /v1/customers -> 201", '      body {"name": "B", "address": {"city": "Rome"}}',
        "  POST /v1/customers -> 201", '      body {"name": "A"}', "  GET /v1/customers -> 200",
    ]  # fmt: skip


def test_a_body_that_was_dropped_proves_nothing(
    account: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(account, name="A")
    account.assert_called(times=0, body={"name": "B"})
    [entry] = account.requests()
    monkeypatch.setattr(
        account._api,
        "call",
        lambda *_, **__: {"items": [entry | {"body": None}], "recorded": 1, "dropped": 0},
    )
    monkeypatch.setattr(account, "_journal", lambda wanted=None, **_: {
        "items": [] if wanted and wanted.body else [entry | {"body": None}], "recorded": 1, "dropped": 0,
    })  # fmt: skip
    assert "has dropped 1 bodies of 1 requests" in failure(account, body={"name": "A"})


def test_a_fault_is_for_the_requests_with_certain_members_of_the_body(account: Sandbox) -> None:
    account.fail({"status": 503}, operation="createCustomer", body={"address": {"city": "Oslo"}})
    assert create(account, name="A") == 201
    assert create(account, name="A", address={"city": "Rome"}) == 201
    with pytest.raises(AssertionError, match=r'"when": {"body": {"address": {"city": "Oslo"}}}'):
        account.assert_faults_fired()
    assert create(account, name="A", address={"city": "Oslo", "zip": "1"}) == 503
    account.assert_faults_fired()
    # Neither has a request without a body any members.
    account.fail({"status": 503}, body={})
    assert httpx.get(f"{account.base_url}/customers", auth=account.auth).status_code == 200
    assert create(account, name="A") == 503
