"""Calls about the records of any collection: nested ones, ones named in any letter, and single records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.callers import Caller
from tests.support.customers import CUSTOMERS
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")

SIZES = "customers/{customerId}/Größen"
UUID = "52702257-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(CUSTOMERS, tmp_path_factory.mktemp("customers")) as url:
        yield url


@pytest.fixture
def me(root: str, request: pytest.FixtureRequest) -> Caller:
    return Caller(root, f"any {request.node.name}".replace(":", "-"))


def at(name: str, *more: str) -> str:
    return "/".join(["/collections", quote(name, safe=""), *more])


def items(me: Caller, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = me.done("GET", at(name))["items"]
    return found


def test_a_nested_collection_is_named_whatever_its_parameter_is_called(me: Caller) -> None:
    first = items(me, SIZES)
    assert first
    for name in ("customers/{id}/Größen", "/customers/{customerId}/Größen", "customers/{}/Größen"):
        assert items(me, name) == first
    made = {"id": "s1", "customerId": items(me, "customers")[0]["id"], "width": 7}
    assert me.done("PUT", at("customers/{x}/Größen"), {"items": [made]}) == {"total": 1}
    assert items(me, SIZES) == [made]
    assert me.done("PUT", "/collections", {"customers/{x}/Größen": []}) == {"records": {SIZES: 0}}


def test_the_collections_are_listed_with_what_the_account_has(me: Caller) -> None:
    sizes = len(items(me, SIZES))
    me.done("POST", at("customers", "records"), {"name": "Ada"})
    assert me.done("GET", "/collections") == {
        "items": [
            {"name": "customers", "records": 4, "key": "id"},
            {"name": SIZES, "records": sizes, "key": "id"},
        ]
    }


def test_a_text_is_searched_for_in_all_records(me: Caller) -> None:
    names = ["Ada", "ADAM", 'the "x" one', "Größe", "Bob"]
    for name in names:
        me.done("POST", at("customers", "records"), {"name": name})

    def found(text: str, more: str = "") -> list[Any]:
        answer = me.done("GET", f"{at('customers')}?search={quote(text)}{more}")
        return [record["name"] for record in answer["items"]] + [answer["total"]]

    assert found("ada") == ["ADAM", "Ada", 2]
    assert found("ada", "&limit=1&offset=1") == ["Ada", 2]
    assert found('"X"') == ['the "x" one', 1]
    assert found("GRÖSSE") == [0]
    assert found("GRÖ") == ["Größe", 1]
    assert found("", "&limit=0") == [8]
    assert me.call("GET", f"{at('customers')}?search={'x' * 1001}").status == 400


def test_the_records_of_one_parent_are_named_by_its_id(me: Caller) -> None:
    one, two, _ = [record["id"] for record in items(me, "customers")]
    me.done("PUT", at(SIZES), {"items": []})
    mine, other = f"customers/{one}/Größen", f"customers/{two}/Größen"
    me.done(
        "POST",
        at(mine),
        {"items": [{"id": "a", "width": 1}, {"id": "b", "customerId": one, "width": 2}]},
    )
    me.done("POST", at(other), {"items": [{"id": "c", "width": 3}]})
    assert [record["id"] for record in items(me, mine)] == ["a", "b"]
    assert [record["id"] for record in items(me, SIZES)] == ["c", "a", "b"]
    me.done("PUT", at(mine), {"items": [{"id": "d", "width": 4}]})
    assert items(me, mine) == [{"id": "d", "customerId": one, "width": 4}]
    assert [record["id"] for record in items(me, other)] == ["c"]
    assert me.done("POST", at(other, "records"), {"width": 5})["customerId"] == two
    # Clients see what was made.
    answer = me.send("GET", "/v1/" + quote(mine))
    assert answer.json == [{"id": "d", "customerId": one, "width": 4}]
    refused = me.call("POST", at(mine), {"items": [{"id": "e", "customerId": two, "width": 1}]})
    assert (refused.status, refused.violations[0]["key"]) == (400, "/items/0/customerId")
    assert me.call("GET", at(mine, "records", "c")).status == 404
    assert me.call("GET", at("customers/none/Größen")).status == 404


def test_a_collection_that_is_not_there_is_told_with_the_nearest(me: Caller) -> None:
    answer = me.call("GET", at("customer"))
    assert answer.status == 404
    assert "did you mean 'customers'" in answer.json["error"]["message"]
    assert me.call("PUT", "/collections", {"customer": []}).violations[0]["key"] == "/customer"


def test_a_record_is_created_as_by_a_request(me: Caller) -> None:
    made = me.done("POST", at("customers", "records"), {"name": "Acme"})
    assert made == {"id": made["id"], "name": "Acme"}
    assert items(me, "customers")[0] == made
    assert me.done("GET", at("customers", "records", made["id"])) == made
    assert me.send("GET", f"/v1/customers/{made['id']}").json == made
    own = me.done(
        "POST", at("customers", "records"), {"id": UUID, "name": "B", "address": {"city": "Oslo"}}
    )
    assert own == {"id": UUID, "name": "B", "address": {"city": "Oslo"}}


@pytest.mark.parametrize(
    ("sent", "keys"),
    [({"nam": "x"}, ["/nam"]), ({"name": 1}, ["/name"]), ({"name": "x", "address": {"cty": "y"}}, ["/address/cty"]),
     ([], [""]), (None, [""])],
)  # fmt: skip
def test_a_record_that_is_wrong_is_not_created(me: Caller, sent: Any, keys: list[str]) -> None:
    answer = me.call("POST", at("customers", "records"), sent)
    assert (answer.status, [each["key"] for each in answer.violations]) == (400, keys)
    assert len(items(me, "customers")) == 3


def test_an_id_that_is_there_is_not_created_again(me: Caller) -> None:
    there = items(me, "customers")[0]["id"]
    answer = me.call("POST", at("customers", "records"), {"id": there, "name": "x"})
    assert answer.violations[0] == {
        "code": "unique", "key": "/id",
        "message": f"the id '{there}' is there already, in the collection; give each record its own.",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/collections/customers", "/collections"])
def test_two_records_with_an_id_are_refused_with_both_places_and_nothing_changes(
    me: Caller, path: str
) -> None:
    before = items(me, "customers")
    other = f"{UUID[:-1]}2"
    records = [{"id": UUID, "name": "a"}, {"id": other, "name": "b"}, {"id": UUID, "name": "c"}]
    name = "items" if path.endswith("customers") else "customers"

    refused = me.call("PUT", path, {name: records})

    assert (refused.status, refused.violations) == (400, [{
        "code": "unique", "key": f"/{name}/2/id",
        "message": f"the id '{UUID}' is there already, in /{name}/0/id; give each record its own.",
    }])  # fmt: skip
    assert items(me, "customers") == before


def test_an_id_that_is_there_is_not_added_again(me: Caller) -> None:
    before = items(me, "customers")
    refused = me.call("POST", at("customers"), {"items": [before[1]]})

    assert (refused.status, refused.violations[0]["key"]) == (400, "/items/0/id")
    assert items(me, "customers") == before


def test_ids_that_are_numbers_are_told_apart_as_paths_have_them(tmp_path: Path) -> None:
    text = CUSTOMERS.replace("id: {type: string, format: uuid}", "id: {type: integer}")
    with serving_text(text, tmp_path) as url:
        numbered = Caller(url, "numbered")
        records = [{"id": 7, "name": "a"}, {"id": 7, "name": "b"}]
        refused = numbered.call("PUT", at("customers"), {"items": records})

    assert refused.violations[0]["message"] == (
        "the id '7' is there already, in /items/0/id; give each record its own."
    )


def test_a_nested_record_needs_a_parent(me: Caller) -> None:
    answer = me.call("POST", at(SIZES, "records"), {"width": 1})
    assert answer.violations[0]["key"] == "/customerId"
    owner = items(me, "customers")[0]["id"]
    assert me.done("POST", at(SIZES, "records"), {"width": 1, "customerId": owner})["width"] == 1


def test_a_record_is_changed_by_a_merge_patch(me: Caller) -> None:
    made = {"id": UUID, "name": "B", "address": {"city": "Oslo", "zip": "1"}}
    me.done("POST", at("customers"), {"items": [made]})
    patch = {"name": "C", "address": {"zip": None}}
    after = {"id": UUID, "name": "C", "address": {"city": "Oslo"}}
    assert me.done("PATCH", at("customers", "records", UUID), patch) == after
    assert me.send("GET", "/v1/customers/" + UUID).json == after
    assert items(me, "customers")[0] == after
    assert me.done("PATCH", at("customers", "records", UUID), {"address": None}) == {
        "id": UUID,
        "name": "C",
    }
    me.done("DELETE", at("customers", "records", UUID))
    assert me.call("DELETE", at("customers", "records", UUID)).status == 404
    assert len(items(me, "customers")) == 3


@pytest.mark.parametrize(
    ("patch", "key"),
    [({"name": None}, "/name"), ({"nam": "x"}, "/nam"), ({"id": "other"}, "/id"), ([], "")],
)
def test_a_patch_that_makes_a_record_wrong_is_refused(me: Caller, patch: Any, key: str) -> None:
    before = items(me, "customers")
    answer = me.call("PATCH", at("customers", "records", before[0]["id"]), patch)
    assert (answer.status, answer.violations[0]["key"]) == (400, key)
    assert items(me, "customers") == before
    assert me.call("PATCH", at("customers", "records", "none"), {"name": "x"}).status == 404


def test_a_change_by_a_suite_is_no_other_accounts(me: Caller) -> None:
    there = items(me, "customers")[0]["id"]
    me.done("PATCH", at("customers", "records", there), {"name": "Mine"})
    other = Caller(me.url, me.client_id + "-other")
    assert other.done("GET", at("customers", "records", there))["name"] != "Mine"
