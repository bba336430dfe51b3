"""Faults before and after what a request changes, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from mock_server.client import Sandbox
from tests.support import wire
from tests.support.customers import CUSTOMERS
from tests.support.faults import authorization
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

AFTER: dict[str, Any] = {"after": True}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(CUSTOMERS, tmp_path_factory.mktemp("customers")) as url:
        yield url


@pytest.fixture
def account(root: str, request: pytest.FixtureRequest) -> Sandbox:
    return Sandbox(root, f"writes {request.node.name}".replace(":", "-"), "secret")


def create(account: Sandbox, **more: Any) -> httpx.Response:
    return httpx.post(f"{account.base_url}/customers", auth=account.auth, json={"name": "A"} | more)


def total(account: Sandbox) -> int:
    found: int = account._api.call("GET", "/collections/customers")["total"]
    return found


def tries(account: Sandbox) -> list[int | None]:
    """The status of a create, and of as many more as a client sends that gives up at none."""
    statuses: list[int | None] = []
    while not statuses or statuses[-1] not in (200, 201):
        try:
            statuses.append(create(account).status_code)
        except httpx.TransportError:
            statuses.append(None)
    return statuses


@pytest.mark.parametrize(
    ("step", "seen"),
    [({"status": 503}, 503), ({"status": 400, "body": {"why": "x"}}, 400), ({"cut": "reset"}, None),
     ({"cut": "truncate"}, None), ({"status": 503, "delay": 0.01}, 503)],
)  # fmt: skip
@pytest.mark.parametrize("after", [False, True])
def test_a_client_that_tries_again_has_made_two_where_the_first_was_made_before_the_fault(
    account: Sandbox, step: dict[str, Any], seen: int | None, after: bool
) -> None:
    fault = account.fail(step | {"after": after})
    assert tries(account) == [seen, 201]
    assert total(account) == (5 if after else 4)
    first, second = account.requests()
    assert (first["fault"], first["after"]) == (fault, after)
    assert (first["change"] is not None) is after
    newest = account.records("customers")[0]["id"]
    assert second["change"] == {"kind": "created", "collection": "customers", "id": newest}
    assert (second["fault"], second["after"]) == (None, False)
    assert first["body"] == second["body"] == {"name": "A"}
    account.assert_faults_fired()


def test_the_change_that_was_made_before_a_fault_is_that_of_the_record_that_is_there(
    account: Sandbox,
) -> None:
    account.fail({"cut": "reset"} | AFTER)
    with pytest.raises(httpx.TransportError):
        create(account, name="Booked")
    [entry] = account.requests()
    assert entry["status"] is None
    newest = account.records("customers")[0]
    assert entry["change"] == {"kind": "created", "collection": "customers", "id": newest["id"]}
    assert newest["name"] == "Booked"


def test_a_scripted_success_after_the_change_takes_the_place_of_the_real_one(account: Sandbox) -> None:
    account.fail({"status": 200, "body": {"id": "other"}} | AFTER)
    assert create(account).json() == {"id": "other"}
    assert total(account) == 4


def test_an_update_and_a_removal_are_made_before_a_fault_too(account: Sandbox) -> None:
    one, two, _ = [record["id"] for record in account.records("customers")]
    account.fail(*[{"status": 503} | AFTER] * 2)
    at = f"{account.base_url}/customers"
    assert httpx.put(f"{at}/{one}", auth=account.auth, json={"name": "B"}).status_code == 503
    assert httpx.delete(f"{at}/{two}", auth=account.auth).status_code == 503
    assert [entry["change"] and entry["change"]["kind"] for entry in account.requests()] == [
        "updated", "removed",
    ]  # fmt: skip
    assert account.records("customers")[0] | {"name": "B"} == account.records("customers")[0]
    # What is tried again finds the record gone.
    assert httpx.delete(f"{at}/{two}", auth=account.auth).status_code == 404


def test_a_refusal_of_the_handler_changes_nothing_and_gives_way_to_the_fault(account: Sandbox) -> None:
    account.fail({"status": 503} | AFTER)
    answer = httpx.delete(f"{account.base_url}/customers/none", auth=account.auth)
    assert answer.status_code == 503
    assert account.requests()[0]["change"] is None
    assert total(account) == 3


def test_an_answer_that_waits_after_the_change_leaves_it_to_be_seen_meanwhile(account: Sandbox) -> None:
    account.fail({"delay": 60} | AFTER)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{account.base_url}/customers",
            auth=account.auth,
            json={"name": "A"},
            timeout=httpx.Timeout(5, read=0.3),
        )
    [entry] = account.requests()
    assert (entry["after"], entry["durationMs"]) == (True, None)
    assert entry["change"] is not None
    assert total(account) == 4
    account.assert_faults_fired()


def test_the_half_of_a_truncated_answer_after_the_change_is_that_of_the_real_one(
    account: Sandbox,
) -> None:
    account.fail({"cut": "truncate"} | AFTER)
    answer = post(account, '{"name": "A"}')
    assert answer.status == 201
    assert b'"id"' in answer.body
    account.fail({"cut": "truncate"})
    before = post(account, '{"name": "A"}')
    assert (before.status, total(account)) == (503, 4)
    assert before.body


def test_a_stalled_request_is_made_or_not(account: Sandbox) -> None:
    for after, number in ((False, 3), (True, 4)):
        account.fail({"cut": "stall", "after": after})
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{account.base_url}/customers",
                auth=account.auth,
                json={"name": "A"},
                timeout=httpx.Timeout(5, read=0.3),
            )
        assert total(account) == number


def post(account: Sandbox, body: str) -> wire.Answer:
    headers = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return wire.get(
        account.url, "/v1/customers", authorization(account), *headers,
        method="POST", body=body.encode(), auth=False,
    )  # fmt: skip


def test_a_page_can_be_asked_for_before_and_after_alike(account: Sandbox) -> None:
    account.fail(
        {"status": 200, "body": {"items": [], "pagination": {"total": 0, "after": None}}} | AFTER
    )
    assert httpx.get(f"{account.base_url}/customers", auth=account.auth).json()["items"] == []
    [walk] = account.walks()
    # The scripted answer is no page of the list.
    assert (walk["pages"], walk["complete"]) == (0, False)


def test_operations_are_named_by_method_and_path_too(account: Sandbox) -> None:
    account.fail({"status": 503}, operation="post /customers")
    account.fail({"status": 418}, operation="DELETE /customers/{id}")
    account.fail({"status": 404}, operation="get /customers/{id}")
    assert [fault.get("operation") for fault in account.faults()] == [
        "createCustomer", "removeCustomer", "get /customers/{id}",
    ]  # fmt: skip
    at = f"{account.base_url}/customers"
    assert create(account).status_code == 503
    assert httpx.delete(f"{at}/x", auth=account.auth).status_code == 418
    assert (
        httpx.get(f"{at}/{account.records('customers')[0]['id']}", auth=account.auth).status_code == 404
    )
    assert len(account.requests(operation="POST /customers")) == 1


@pytest.mark.parametrize("name", ["createCustomr", "post /customer"])
def test_an_operation_that_is_not_there_is_refused_with_the_nearest(account: Sandbox, name: str) -> None:
    with pytest.raises(Exception, match=r"did you mean '(createCustomer|post /customers)'"):
        account.fail({"status": 503}, operation=name)
    with pytest.raises(Exception, match="did you mean"):
        account.requests(operation=name)


def test_64_creates_at_once_against_10_faults_after_them_make_64(account: Sandbox) -> None:
    account.fail({"status": 503} | AFTER, repeat=10)
    account.fail({"status": 418}, repeat=5)
    with ThreadPoolExecutor(64) as pool:
        got = sorted(pool.map(lambda _: create(account).status_code, range(64)))
    assert got == [201] * 49 + [418] * 5 + [503] * 10
    assert total(account) == 3 + 59
    made = [entry["change"]["id"] for entry in account.requests() if entry["change"] is not None]
    assert len(set(made)) == len(made) == 59
