"""Lists under every filter and every way to sort, walked by every style of paging."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import mock_server
from mock_server.local_server import LocalServer
from tests.support import crates

NOW = datetime(2024, 7, 30, tzinfo=UTC)


@pytest.fixture(scope="module", params=list(crates.STYLES))
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(style: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    path = crates.write_document(tmp_path_factory.mktemp(style), style)
    with mock_server.serve(document=path, count=0) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: LocalServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url) as opened:
        yield opened


def made(number: int, draw: random.Random) -> dict[str, Any]:
    """Return a record that may lack any of its members."""
    values = {
        "name": draw.choice(["Acme", "acme", "Ärger", "10", "9", "Zoo", "x" * 150 + str(number)]),
        "status": draw.choice(["NEW", "SENT", "LOST"]),
        "weight": draw.choice([None, 0, 0.5, 10, 9, 1e3]),
        "dueDate": draw.choice([None, f"2024-0{draw.randint(1, 3)}-1{draw.randint(0, 3)}"]),
        "archivedAt": draw.choice([None, None, "2024-01-01T00:00:00Z"]),
        "labels": draw.sample(["a", "b", "c"], draw.randint(0, 3)),
        "owner": {"email": draw.choice(["a@x.org", "B@x.org"])},
        "lines": [{"sku": draw.choice(["s1", "s2"])} for _ in range(draw.randint(0, 2))],
    }
    kept = {name: value for name, value in values.items() if draw.random() < 0.8}
    return {"id": f"crate-{number}", "createdAt": at(number), **kept}


def at(number: int) -> str:
    return (NOW - timedelta(minutes=number // 2)).strftime("%Y-%m-%dT%H:%M:%SZ")


def load(server: LocalServer, client_id: str, seed: int, size: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    records = [made(number, draw) for number in range(size)]
    server.account(client_id).load(records)
    return records


def words(record: dict[str, Any]) -> list[str]:
    found = [record.get("name"), record.get("owner", {}).get("email")]
    return [each for each in [*found, *skus(record)] if each is not None]


def skus(record: dict[str, Any]) -> list[str]:
    return [line["sku"] for line in record.get("lines", ())]


# By parameter, a value that is sent and the records that it should find.
EXPECTED: dict[str, tuple[str, Any]] = {
    "dueBefore": ("2024-02-11", lambda r: (r.get("dueDate") or "9") < "2024-02-11"),
    "dueAfter": ("2024-02-11", lambda r: (r.get("dueDate") or "0") > "2024-02-11"),
    "excludeStatus": ("NEW,LOST", lambda r: r.get("status") not in ("NEW", "LOST")),
    "label": ("a,c", lambda r: bool({"a", "c"} & set(r.get("labels", ())))),
    "search": ("S1", lambda r: any("s1" in word.lower() for word in words(r))),
    "notNamed": ("acme", lambda r: "acme" not in r.get("name", "").lower()),
    "without": ("s1", lambda r: "s1" not in skus(r)),
    "isSent": ("true", lambda _: False),
    "weightAbove": ("9", lambda r: (r.get("weight") or 0) > 9),
    "empty": ("true", lambda r: r.get("weight") == 0),
    "includeArchived": ("true", lambda _: True),
}


def key(record: dict[str, Any], column: str) -> Any:
    """Return what a record is sorted by: numbers before texts; None for no value."""
    value = {
        "DUE_DATE": record.get("dueDate"),
        "NAME": record.get("name"),
        "WEIGHT": record.get("weight"),
        "OWNER": record.get("owner", {}).get("email"),
        "": record["createdAt"],
    }[column]
    if column == "NAME" and value is not None and value.isdecimal():
        return (0, float(value), "")
    return value if value is None or column == "WEIGHT" else (1, 0, value[:100])


def expected(records: list[dict[str, Any]], query: dict[str, str]) -> list[str]:
    """Return the ids of the records that a query asks for, in their order."""
    found = [r for r in records if "includeArchived" in query or r.get("archivedAt") is None]
    for name in query.keys() & EXPECTED.keys():
        found = [record for record in found if EXPECTED[name][1](record)]
    column = query.get("sortBy", "")
    is_descending = query.get("sortOrder", "DESC") == "DESC"
    if query.keys() & {"sortBy", "sortOrder"}:
        valued = [record for record in found if key(record, column) is not None]
        valued.sort(key=lambda record: key(record, column), reverse=is_descending)
        found = valued + [record for record in found if key(record, column) is None]
    return [record["id"] for record in found]


class Walker:
    """Walks the list of crates, by the style of its paging."""

    def __init__(self, client: httpx.Client, style: str, client_id: str) -> None:
        self._client = client
        self._style = style
        self._auth = (client_id, "secret")

    def get(self, query: dict[str, str]) -> Any:
        answer = self._client.get("/crates", params=query, auth=self._auth)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, query: dict[str, str], limit: int) -> Iterator[list[str]]:
        """Yield the ids on each page of a walk from the first to the last."""
        way: dict[str, str] = {}
        for number in itertools.count(1):
            if self._style == "page":
                way = {"page": str(number)}
            size = {"page": "perPage", "token": "pageSize"}.get(self._style, "limit")
            body = self.get({**query, size: str(limit), **way})
            ids = [each["id"] for each in body["items"]]
            yield ids
            following = self._following(body, ids, number * limit)
            if following is None:
                return
            way = following

    def last(self, query: dict[str, str]) -> tuple[list[str], dict[str, str] | None]:
        """Return the ids on the last page of a walk, and what leads back from there."""
        way: dict[str, str] | None = {}
        while way is not None:
            body = self.get({**query, "limit": "4", **way})
            ids = [each["id"] for each in body["items"]]
            way = self._following(body, ids, 0)
        # What has more records behind it may have none before it.
        back = {"ending_before": ids[0]} if self._style == "id" else self.preceding(body, ids)
        return ids, back

    def preceding(self, body: Any, ids: list[str]) -> dict[str, str] | None:
        """Return what leads to the page before; None where there is none."""
        if self._style == "id":
            return {"ending_before": ids[0]} if body["has_more"] else None
        before = body["pagination"].get("before")
        return None if before is None else {"before": before}

    def _following(self, body: Any, ids: list[str], read: int) -> dict[str, str] | None:
        match self._style:
            case "cursor":
                after = body["pagination"].get("after")
                return None if after is None else {"after": after}
            case "token":
                token = body.get("nextPageToken")
                return {"pageToken": token} if token else None
            case "page":
                return {} if read < body["total"] else None
        return {"starting_after": ids[-1]} if body["has_more"] else None


def queries(draw: random.Random, number: int) -> Iterator[dict[str, str]]:
    for _ in range(number):
        names = draw.sample(list(EXPECTED), draw.choice([0, 0, 1, 2]))
        query = {name: EXPECTED[name][0] for name in names}
        if draw.random() < 0.8:
            query["sortBy"] = draw.choice(list(crates.SORT["columns"]))
        if draw.random() < 0.7:
            query["sortOrder"] = draw.choice(["ASC", "DESC"])
        yield query


def test_a_walk_gives_exactly_what_is_asked_for_in_its_order(
    server: LocalServer, client: httpx.Client, style: str
) -> None:
    walker = Walker(client, style, "walks")
    records = load(server, "walks", 1, 30)
    draw = random.Random(2)
    for query in queries(draw, 14):
        pages = list(walker.pages(query, draw.choice([2, 7, 50])))
        assert [each for page in pages for each in page] == expected(records, query), query


def test_a_walk_back_gives_the_same(server: LocalServer, client: httpx.Client, style: str) -> None:
    if style not in ("cursor", "id"):
        pytest.skip("there is no way back")
    walker = Walker(client, style, "back")
    records = load(server, "back", 3, 24)
    for query in queries(random.Random(4), 6):
        wanted = expected(records, query)
        if not wanted:
            continue
        found, before = walker.last(query)
        while before is not None:
            body = walker.get({**query, "limit": "4", **before})
            ids = [each["id"] for each in body["items"]]
            found, before = ids + found, walker.preceding(body, ids)
        assert found == wanted, query


def test_records_removed_in_a_walk_neither_repeat_nor_hide_others(
    server: LocalServer, client: httpx.Client, style: str
) -> None:
    if style in ("page", "id"):
        pytest.skip("numbers of pages shift, and a record that is gone is the cursor of nothing")
    walker = Walker(client, style, "removed")
    for seed, query in enumerate(queries(random.Random(6), 6)):
        records = load(server, "removed", seed, 20)
        wanted, read, gone = expected(records, query), list[str](), set[str]()
        for ids in walker.pages(query, 4):
            read += ids
            # The record that the cursor is of, and the next one, which nobody has seen yet.
            following = wanted[wanted.index(ids[-1]) + 1 :][:1] if ids else []
            for each in [*ids[-1:], *following]:
                gone.add(each)
                server.account("removed").remove(each)
        assert read == [each for each in wanted if each in read]
        assert set(wanted) - set(read) <= gone, query


def test_a_new_record_that_sorts_before_a_cursor_is_not_on_later_pages(
    server: LocalServer, client: httpx.Client, style: str
) -> None:
    if style == "page":
        pytest.skip("numbers of pages shift")
    walker = Walker(client, style, "added")
    load(server, "added", 9, 20)
    query = {"sortBy": "WEIGHT", "sortOrder": "ASC", "includeArchived": "true"}
    read: list[str] = []
    for number, ids in enumerate(walker.pages(query, 5)):
        read += ids
        server.account("added").add([{"id": f"new-{number}", "weight": -number}])
    assert len(set(read)) == len(read)
    assert not any(each.startswith("new") for each in read)


def test_a_sent_record_has_the_member_that_no_schema_knows(client: httpx.Client) -> None:
    auth = ("kept", "secret")
    created = client.post("/crates", json={"id": "sent", "name": "Sent"}, auth=auth).json()
    found = client.get("/crates", params={"isSent": "true"}, auth=auth).json()["items"]
    absent = client.get("/crates", params={"isSent": "false"}, auth=auth).json()["items"]
    assert [each["id"] for each in found] == [created["id"]]
    assert absent == []
    assert "sentAt" not in created


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "sortBy=WEIHGT",
            "enum",
            "is nothing that 'sortBy' sorts by (did you mean 'WEIGHT'?); send DUE_DATE,",
        ),
        ("sortOrder=up", "enum", "'up' is no direction of 'sortOrder'; send asc or desc."),
        ("dueBefore=soon", "format", "'soon' is no date or date-time"),
        ("dueBefore=12", "format", "'12' is no date or date-time"),
        ("weightAbove=2024-01-01", "type", "weightAbove"),
        ("isSent=maybe", "type", "isSent"),
    ],
)
def test_what_is_not_understood_is_refused(
    client: httpx.Client, style: str, query: str, code: str, message: str
) -> None:
    if style != "cursor":
        pytest.skip("it is the same for all styles")
    answer = client.get(f"/crates?{query}", auth=("wrong", "secret"))
    [error] = answer.json()["error"]["errors"]
    assert (answer.status_code, error["code"]) == (400, code)
    assert message in error["message"]


def test_another_order_within_a_walk_is_told(
    server: LocalServer, client: httpx.Client, style: str
) -> None:
    if style in ("page", "token"):
        pytest.skip("another order is another walk, or is refused")
    load(server, "told", 5, 10)
    walker = Walker(client, style, "told")
    body = walker.get({"limit": "2", "sortBy": "NAME"})
    name = "after" if style == "cursor" else "starting_after"
    way = body["pagination"]["after"] if style == "cursor" else body["items"][-1]["id"]
    walker.get({"limit": "2", "sortBy": "WEIGHT", name: way})
    [warning] = [w for e in server.account("told").requests() for w in e["warnings"]]
    assert warning["code"] == "filtersChanged"
    assert "WEIGHT" in warning["message"]


def test_a_token_of_another_order_is_refused(tmp_path: Path) -> None:
    path = crates.write_document(tmp_path, "token")
    with (
        mock_server.serve(document=path, count=20) as server,
        httpx.Client(base_url=server.base_url) as client,
    ):
        walker = Walker(client, "token", "demo")
        token = walker.get({"pageSize": "2", "sortBy": "NAME"})["nextPageToken"]
        again = client.get(
            "/crates",
            params={"pageSize": "2", "sortBy": "WEIGHT", "pageToken": token},
            auth=("demo", "secret"),
        )
    assert (again.status_code, "unknownCursor" in again.text) == (400, True)
