"""Checks of single records: gets, and with `--write` the life of a record, of which nothing is left."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Sandbox
from mock_server.conform import runner
from mock_server.conform.http_probe import HttpProbe
from mock_server.conform.resource_checks import Life
from mock_server.conform.runner import FAILED, PASSED, UNDECIDABLE, Finding
from tests.support import parcels
from tests.support.callers import Caller
from tests.support.conformance import FAST, load
from tests.support.servers import Serve

OF_RECORDS = {"get-listed", "get-unknown", "create", "create-get", "create-listed", "update", "delete"}


def found(url: str, document: Path, *, writes: bool) -> list[Finding]:
    loaded = load(document)
    schemes = loaded.security.offered
    with closing(HttpProbe(url, "demo:secret", FAST, None, schemes)) as probe:
        every = runner.run_checks(loaded, probe, writes=writes)
        return [each for each in every if each.check in OF_RECORDS | {"cleanup"}]


def outcomes(findings: list[Finding]) -> dict[str, str]:
    return {f"{each.check} {each.subject}": each.outcome for each in findings}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return parcels.written(tmp_path)


Records = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def url(serve: Serve, document: Path) -> str:
    return serve(document=document, count=5)


@pytest.fixture
def records(url: str) -> Records:
    """All that the account has: parcels, and the stops of each."""

    def read() -> list[dict[str, Any]]:
        caller = Caller(url, "demo")
        items = caller.send("GET", "/parcels?limit=100").json["items"]
        below = [caller.send("GET", f"/parcels/{each['id']}/stops?limit=100").json for each in items]
        return [*items, *(stop for page in below for stop in page["items"])]

    return read


def fail(url: str, *steps: Any, **where: Any) -> None:
    Sandbox(url, "demo", "secret").fail(*steps, **where)


def test_without_write_records_are_only_got(url: str, document: Path) -> None:
    assert outcomes(found(url, document, writes=False)) == {
        "get-listed getParcel": PASSED, "get-unknown getParcel": PASSED,
        "get-listed getStop": PASSED, "get-unknown getStop": PASSED,
    }  # fmt: skip
    assert {each["method"] for each in Sandbox(url, "demo", "secret").requests()} == {"GET"}


def test_with_write_a_record_lives_and_nothing_is_left(
    url: str, document: Path, records: Records
) -> None:
    before = records()
    findings = found(url, document, writes=True)
    assert {each.outcome for each in findings} == {PASSED}
    of_parcels = {each.check for each in findings if each.subject == "createParcel"}
    assert of_parcels == {"create", "create-get", "create-listed", "update", "delete"}
    assert records() == before


@pytest.mark.parametrize(
    ("operation", "failing"),
    [("replaceParcel", "update"), ("getParcel", "create-get")],
)
def test_nothing_is_left_where_a_check_fails(
    url: str, document: Path, records: Records, operation: str, failing: str
) -> None:
    before = records()
    fail(url, {"status": 500}, repeat="forever", operation=operation)
    failed = {each.check for each in found(url, document, writes=True) if each.outcome == FAILED}
    assert failing in failed
    account = Sandbox(url, "demo", "secret")
    account.remove_fault(account.faults()[0]["id"])
    assert records() == before


def test_what_cannot_be_removed_is_told(url: str, document: Path) -> None:
    fail(url, {"status": 500}, repeat="forever", operation="deleteParcel")
    findings = [each for each in found(url, document, writes=True) if each.subject == "createParcel"]
    assert {each.check for each in findings if each.outcome == FAILED} == {"delete", "cleanup"}
    [left] = [each for each in findings if each.check == "cleanup"]
    assert "is left behind, since its removal got 500" in left.message


def test_what_was_made_without_a_key_is_told(url: str, document: Path) -> None:
    headers = {"Content-Type": "application/json"}
    step = {"status": 201, "body": "{}", "headers": headers, "after": True}
    fail(url, step, operation="createParcel")
    findings = [each for each in found(url, document, writes=True) if each.subject == "createParcel"]
    assert {each.check for each in findings if each.outcome == FAILED} == {"create", "cleanup"}
    [left] = [each for each in findings if each.check == "cleanup"]
    assert "may be left behind, since the answer has no 'id'" in left.message


def test_a_record_in_a_member_of_answers_lives_as_well(serve: Serve, tmp_path: Path) -> None:
    answered = "application/json: {schema: {$ref: '#/components/schemas/Parcel'}}"
    assert answered in parcels.PARCELS
    path = tmp_path / "parcels.yaml"
    enclosed = (
        "application/json: {schema: {properties: {parcel: {$ref: '#/components/schemas/Parcel'}}}}"
    )
    path.write_text(parcels.PARCELS.replace(answered, enclosed))
    url = serve(document=path, count=3)
    caller = Caller(url, "demo")
    before = caller.send("GET", "/parcels").json
    assert caller.send("GET", f"/parcels/{before['items'][0]['id']}").json == {
        "parcel": before["items"][0]
    }
    findings = [each for each in found(url, path, writes=True) if "Parcel" in each.subject]
    assert {each.check for each in findings} == OF_RECORDS
    assert {each.outcome for each in findings} == {PASSED}
    assert caller.send("GET", "/parcels").json == before


def test_nothing_is_left_where_a_run_is_interrupted(
    url: str, document: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_life: Life) -> None:
        raise KeyboardInterrupt

    before = records()
    monkeypatch.setattr(Life, "listed", interrupt)
    with pytest.raises(KeyboardInterrupt):
        found(url, document, writes=True)
    assert records() == before


def test_nothing_is_made_that_nothing_removes(serve: Serve, tmp_path: Path) -> None:
    described = parcels.PARCELS.replace(
        "    delete:\n      operationId: deleteParcel", "    x-delete:\n      operationId: deleteParcel"
    )
    path = tmp_path / "parcels.yaml"
    path.write_text(described)
    url = serve(document=path, count=2)
    [create] = [each for each in found(url, path, writes=True) if each.subject == "createParcel"]
    assert (create.check, create.outcome) == ("create", UNDECIDABLE)
    assert "no operation removes" in create.message


def test_a_get_that_says_otherwise_than_the_list_fails(url: str, document: Path) -> None:
    listed = Caller(url, "demo").send("GET", "/parcels").json["items"][0]
    other = json.dumps(listed | {"label": "another"})
    headers = {"Content-Type": "application/json"}
    fail(url, {"status": 200, "body": other, "headers": headers}, operation="getParcel")
    failed = [each for each in found(url, document, writes=False) if each.outcome == FAILED]
    assert [each.check for each in failed] == ["get-listed"]
    assert "'label' must be" in failed[0].message
