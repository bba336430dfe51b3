"""Values that no two records share (`x-unique`), and those by which a new one replaces another (`x-upsert`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import parcels, wire
from tests.support.callers import Caller
from tests.support.servers import Serve

BODY = {"label": "a", "size": "S"}


@pytest.fixture
def shipper(serve: Serve, tmp_path: Path) -> Caller:
    document = parcels.written(
        tmp_path, createParcel={"x-unique": "label"}, createStop={"x-unique": ["place"]}
    )
    return Caller(serve(document=document, count=0), "shipper")


def refusal(answer: wire.Answer) -> str:
    assert (answer.status, answer.json["error"]["type"]) == (409, "notUnique")
    message: str = answer.json["error"]["message"]
    return message


def test_a_second_one_is_refused_and_told_which_has_it(shipper: Caller) -> None:
    first = shipper.send("POST", "/parcels", BODY).json
    message = refusal(shipper.send("POST", "/parcels", BODY | {"size": "L"}))
    assert "'a' was sent for 'label'" in message
    assert f"the record '{first['id']}' in parcels" in message
    assert shipper.send("POST", "/parcels", BODY | {"label": "A"}).status == 201
    assert Caller(shipper.url, "other").send("POST", "/parcels", BODY).status == 201


def test_changes_are_refused_too_and_a_record_keeps_its_own(shipper: Caller) -> None:
    shipper.send("POST", "/parcels", BODY)
    target = f"/parcels/{shipper.send('POST', '/parcels', BODY | {'label': 'b'}).json['id']}"
    refusal(shipper.send("PATCH", target, {"label": "a"}))
    refusal(shipper.send("PUT", target, BODY))
    assert shipper.send("GET", target).json["label"] == "b"
    assert shipper.send("PATCH", target, {"label": "b", "size": "L"}).status == 200
    assert shipper.send("PUT", target, BODY | {"label": "c"}).status == 200
    assert shipper.send("POST", "/parcels", BODY | {"label": "b"}).status == 201


def test_the_value_of_a_removed_record_is_free(shipper: Caller) -> None:
    target = f"/parcels/{shipper.send('POST', '/parcels', BODY).json['id']}"
    shipper.send("DELETE", target)
    assert shipper.send("POST", "/parcels", BODY).status == 201


def test_nested_records_are_compared_within_their_parent(shipper: Caller) -> None:
    one, two = (shipper.send("POST", "/parcels", BODY | {"label": n}).json["id"] for n in "12")
    place = {"place": "Oslo"}
    assert shipper.send("POST", f"/parcels/{one}/stops", place).status == 201
    assert shipper.send("POST", f"/parcels/{two}/stops", place).status == 201
    refusal(shipper.send("POST", f"/parcels/{one}/stops", place))


@pytest.mark.parametrize("other", [BODY | {"label": "b"}, {"size": "S"}])
def test_other_values_are_free(shipper: Caller, other: Any) -> None:
    shipper.send("POST", "/parcels", BODY)
    assert shipper.send("POST", "/parcels", other).status in (201, 400)


def test_a_second_one_replaces_the_first_by_upsert(serve: Serve, tmp_path: Path) -> None:
    document = parcels.written(tmp_path, createParcel={"x-upsert": "label"})
    shipper = Caller(serve(document=document, count=2), "shipper")
    first = shipper.send("POST", "/parcels", BODY | {"note": "fragile"})
    shipper.send("POST", "/parcels", {"label": "b", "size": "M"})
    second = shipper.send("POST", "/parcels", BODY | {"size": "L"})
    assert (first.status, second.status) == (201, 201)
    assert second.json["id"] == first.json["id"]
    assert "note" not in second.json
    listed = shipper.send("GET", "/parcels").json
    assert listed["total"] == 4
    assert [parcel["label"] for parcel in listed["items"][:2]] == ["a", "b"]
    assert listed["items"][0] == second.json
    entry = shipper.done("GET", f"/requests/{second.header('X-Mock-Request-Id')}")
    assert entry["change"] == {"kind": "updated", "collection": "parcels", "id": first.json["id"]}


def test_a_record_is_found_among_many_by_its_value(serve: Serve, tmp_path: Path) -> None:
    document = parcels.written(tmp_path, createParcel={"x-upsert": "label", "x-unique": "note"})
    shipper = Caller(serve(document=document, count=2_000), "shipper")
    ids = [
        shipper.send("POST", "/parcels", BODY | {"label": str(n % 30), "note": str(n)}).json["id"]
        for n in range(60)
    ]
    assert ids[:30] == ids[30:]
    assert len(set(ids)) == 30
    assert shipper.send("GET", "/parcels?limit=1").json["total"] == 2_030
    refusal(shipper.send("POST", "/parcels", BODY | {"label": "new", "note": "59"}))
