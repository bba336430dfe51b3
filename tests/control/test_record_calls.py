"""Calls about collections: what each does, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.formats import source_file
from tests.support import wire
from tests.support.callers import JSON, RECORDS, YAML, Caller, keys, metrics
from tests.support.documents import FIXTURES, METRIC, SMALL
from tests.support.servers import Serve


def test_list_returns_a_thousand_records_by_default(serve: Serve) -> None:
    me = Caller(serve(count=1002), "reader")
    everything = me.records("?limit=1000000")
    assert len(everything) == 1002
    assert me.done("GET", RECORDS) == {"items": everything[:1000], "total": 1002}
    assert me.records("?offset=1000") == everything[1000:]
    assert me.records("?limit=2&offset=3") == everything[3:5]
    assert me.done("GET", RECORDS + "?limit=0") == {"items": [], "total": 1002}
    assert me.done("GET", RECORDS + "?offset=1002&limit=5") == {"items": [], "total": 1002}


def test_control_api_and_mocked_api_return_the_same_records(me: Caller) -> None:
    assert me.page("?limit=100")["items"] == me.records()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?limit=-1", ["limit"]), ("?limit=x&offset=-1&colour=red", ["colour", "limit", "offset"]),
        ("?limit=1&limit=2", ["limit"]), ("?limit=", ["limit"]), ("?limit=1.0", ["limit"]),
        ("?Limit=1", ["Limit"]), ("?offset=%2B1", ["offset"]),
    ],
)  # fmt: skip
def test_a_violation_of_a_query_parameter_has_its_name_as_key(
    me: Caller, query: str, found: list[str]
) -> None:
    assert keys(me.call("GET", RECORDS + query)) == found


def test_put_replaces_all_records(me: Caller) -> None:
    answer = me.call("PUT", RECORDS, metrics("a", "b", "c"))
    assert (answer.status, answer.json) == (200, {"total": 3})
    assert me.names() == [item["name"] for item in me.page()["items"]] == ["a", "b", "c"]
    assert me.page()["pagination"] == {"totalResultSize": 3}
    assert me.call("PUT", RECORDS, {"items": []}).json == {"total": 0}
    assert me.page() == {"items": [], "pagination": {"totalResultSize": 0}}


def test_put_completes_records_as_fixture_files_do(me: Caller, fixtures_url: str) -> None:
    items = source_file.read(FIXTURES).data["usage-metrics"]
    me.done("PUT", RECORDS, {"items": items})
    assert me.records() == Caller(fixtures_url, me.client_id).records()


def test_listed_records_can_be_put_back(me: Caller) -> None:
    before = me.records()
    me.done("PUT", RECORDS, {"items": before[::-1]})
    assert me.records() == before[::-1]


def test_post_adds_records_in_front_in_their_order(me: Caller) -> None:
    before = me.records()
    answer = me.call("POST", RECORDS, metrics("a", "b"))
    assert (answer.status, answer.json) == (201, {"total": 102})
    assert me.done("POST", RECORDS, metrics("c", "d")) == {"total": 104}
    assert me.names()[:4] == ["c", "d", "a", "b"]
    assert me.records()[4:] == before
    assert [item["name"] for item in me.page("?limit=3")["items"]] == ["c", "d", "a"]
    assert me.call("POST", RECORDS, {"items": []}).json == {"total": 104}


@pytest.mark.parametrize(
    ("now", "created"),
    [
        ("2030-02-03T04:05:06.000007Z", "2030-02-03T04:05:06.000007Z"),
        ("2030-02-03T04:05:06.1+01:00", "2030-02-03T03:05:06.1Z"),
        ("2030-02-03T04:05:06Z", "2030-02-03T04:05:06Z"),
    ],
)
def test_added_records_are_created_at_the_time_of_the_clock(me: Caller, now: str, created: str) -> None:
    me.done("PUT", "/clock", {"now": now})
    me.done("POST", RECORDS, metrics("a", "b"))
    me.done("POST", RECORDS, metrics("c", createdAt="2001-01-01T00:00:00Z"))
    me.done("PUT", "/clock", {"advance": 0.25})
    me.done("POST", RECORDS, metrics("d"))
    later = me.done("GET", "/clock")["now"]
    assert [r["createdAt"] for r in me.records("?limit=4")] == [
        later, "2001-01-01T00:00:00Z", created, created,
    ]  # fmt: skip


def test_ids_never_collide(me: Caller, url: str) -> None:
    other = Caller(url, f"{me.client_id}-other")
    other.done("POST", RECORDS, metrics("x", "y"))
    [x, y] = [record["id"] for record in other.records("?limit=2")]
    # Records that have, before the load, the ids that generated records would get next.
    me.done("PUT", RECORDS, metrics("a", id=x))
    me.done("POST", RECORDS, {"items": [METRIC, METRIC | {"id": y}]})
    for _ in range(3):
        me.done("POST", RECORDS, metrics("b", "c"))
        me.done("DELETE", f"{RECORDS}/{me.records()[0]['id']}")
    ids = [record["id"] for record in me.records()]
    assert len(set(ids)) == len(ids) == 6


def test_the_id_of_a_removed_record_is_not_reused(me: Caller) -> None:
    gone = set()
    for _ in range(5):
        me.done("POST", RECORDS, metrics("a"))
        gone.add(me.records("?limit=1")[0]["id"])
        me.done("DELETE", f"{RECORDS}/{me.records('?limit=1')[0]['id']}")
    assert len(gone) == 5


def test_an_existing_id_is_refused(me: Caller) -> None:
    known = me.records("?limit=1")[0]["id"]
    new = {"items": [METRIC | {"id": known}, METRIC | {"id": "x"}, METRIC | {"id": "x"}]}
    assert keys(me.call("POST", RECORDS, new)) == ["/items/0/id", "/items/2/id"]
    assert keys(me.call("PUT", RECORDS, new)) == ["/items/2/id"]


BROKEN: dict[str, Any] = {
    "items": [
        METRIC, {}, 5, METRIC | {"eventTyp": 1, "a/b~c": 2}, METRIC | {"metricType": "ODD", "name": None},
        METRIC | {"parameters": [{"nam": "p"}, []]}, METRIC | {"id": 7, "parameters": {}}, None, [],
    ]
}  # fmt: skip

REQUIRED = ("aggregationType", "eventType", "metricType", "name", "parameters", "propertyFilters")

VIOLATED = sorted(
    [
        *(f"/items/1/{name}" for name in REQUIRED), "/items/2", "/items/3/eventTyp", "/items/3/a~1b~0c",
        "/items/4/metricType", "/items/4/name", "/items/5/parameters/0/nam",
        *(f"/items/5/parameters/0/{name}" for name in ("defaultValue", "description", "name", "type")),
        "/items/5/parameters/1",
        "/items/6/id", "/items/6/parameters", "/items/7", "/items/8",
    ]
)  # fmt: skip


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_refused_load_lists_every_violation_by_json_pointer(me: Caller, method: str) -> None:
    before = me.state()
    assert keys(me.call(method, RECORDS, BROKEN)) == VIOLATED
    assert me.state() == before


@pytest.mark.slow
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_hundreds_of_violations_are_all_listed(me: Caller, method: str) -> None:
    load = {"items": [METRIC | {"metricType": "ODD"}] * 300}
    assert len(keys(me.call(method, RECORDS, load))) == 300


@pytest.mark.slow
def test_generate_makes_the_records_that_a_server_starts_with(me: Caller, serve: Serve) -> None:
    answer = me.call("POST", RECORDS + "/generate", {"count": 30, "seed": 7})
    assert (answer.status, answer.json) == (201, {"total": 30})
    assert me.records() == Caller(serve(count=30, seed=7), me.client_id).records()
    me.done("POST", RECORDS + "/generate", {"count": 100})
    assert me.records() == Caller(serve(count=100, seed=0), me.client_id).records()
    assert me.done("POST", RECORDS + "/generate", {"count": 0}) == {"total": 0}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, ["/count"]), ({"count": 1_000_001}, ["/count"]), ({"count": 1.5}, ["/count"]),
        ({"count": True}, ["/count"]), ({"count": None, "seed": "7"}, ["/count", "/seed"]),
        ({"count": 1, "seed": 10**30}, ["/seed"]), ({"count": 1, "sed": 1}, ["/sed"]), ([], [""]),
        ("5", [""]), (b"", [""]),
    ],
)  # fmt: skip
def test_generate_refuses_invalid_bodies(me: Caller, body: Any, found: list[str]) -> None:
    before = me.state()
    assert keys(me.call("POST", RECORDS + "/generate", body, *[JSON] * (body == b""))) == found
    assert me.state() == before


def test_a_removed_record_cannot_be_removed_again(me: Caller) -> None:
    before = me.records()
    answer = me.call("DELETE", f"{RECORDS}/{before[50]['id']}")
    assert (answer.status, answer.body) == (204, b"")
    assert me.records() == before[:50] + before[51:]
    assert me.call("DELETE", f"{RECORDS}/{before[50]['id']}").status == 404
    assert me.call("DELETE", f"{RECORDS}/{before[51]['id'].upper()}").status == 404
    assert len(me.records()) == 99


@pytest.mark.parametrize(
    "record_id", ["ä ö", "a%b", "generate", "a+b", "a;b", "~", "a/b", "a\nb", "..", "%2F"]
)
def test_a_record_with_any_id_can_be_removed(
    serve: Serve, small: Callable[..., Path], record_id: str
) -> None:
    url = serve(document=small(("id: {type: string, format: uuid}", "id: {x-fill: id, type: string}")))
    me = Caller(url, "remover")
    things = {"items": [{"id": record_id, "kind": "round"}, {"kind": "square"}]}
    me.done("PUT", "/collections/things", things)
    escaped = "".join(f"%{byte:02X}" for byte in record_id.encode())
    assert me.call("DELETE", f"/collections/things/{escaped}").status == 204
    assert me.done("GET", "/collections/things")["total"] == 1


def test_a_cursor_outlives_deletion_and_replacement(me: Caller) -> None:
    first = me.page("?limit=10")
    cursor = first["pagination"]["after"]
    me.done("DELETE", f"{RECORDS}/{first['items'][9]['id']}")
    expected = me.records("?offset=9&limit=10")
    assert me.page(f"?limit=10&after={cursor}")["items"] == expected
    me.done("POST", RECORDS, metrics("a", "b", "c"))
    assert me.page(f"?limit=10&after={cursor}")["items"] == expected
    me.done("PUT", RECORDS, metrics(*"abcdefghijkl"))
    page = me.page(f"?after={cursor}")
    assert [item["name"] for item in page["items"]] == ["k", "l"]
    me.done("PUT", RECORDS, metrics("a"))
    past = me.page(f"?after={cursor}")
    assert past["items"] == []
    back = me.page(f"?before={past['pagination']['before']}")
    assert [item["name"] for item in back["items"]] == ["a"]


@pytest.mark.slow
def test_a_walk_over_changed_data_returns_each_record_once(me: Caller) -> None:
    for number in range(4):
        me.done("POST", RECORDS, metrics(f"x{number}", f"y{number}"))
        me.done("DELETE", f"{RECORDS}/{me.records()[3 * number]['id']}")
    page = me.page("?limit=7")
    seen = page["items"]
    while "after" in page["pagination"]:
        page = me.page(f"?limit=7&after={page['pagination']['after']}")
        seen += page["items"]
    assert seen == me.records()
    assert page["pagination"]["totalResultSize"] == 104
    back = page["items"]
    while "before" in page["pagination"]:
        page = me.page(f"?limit=7&before={page['pagination']['before']}")
        back = page["items"] + back
    assert back == seen


def test_filters_apply_to_changed_data(me: Caller) -> None:
    def found(query: str) -> list[str]:
        return [item["name"] for item in me.page(query)["items"]]

    assert found("?eventType=fresh") == []
    me.done("POST", RECORDS, metrics("Aa", "Ab", eventType="fresh"))
    assert found("?eventType=fresh") == found("?name=a&eventType=fresh") == ["Aa", "Ab"]
    me.done("DELETE", f"{RECORDS}/{me.records()[0]['id']}")
    assert found("?eventType=fresh") == ["Ab"]
    me.done("PUT", RECORDS, metrics("Ac", "b", eventType="fresh"))
    assert found("?eventType=fresh") == ["Ac", "b"]
    assert found("?name=A") == ["Ac"]
    me.done("POST", "/reset")
    assert found("?eventType=fresh") == []


@pytest.mark.parametrize(
    ("content_type", "write"),
    [(YAML, lambda data: FIXTURES.read_bytes()), (JSON, lambda data: json.dumps(data).encode())],
)
def test_a_fixture_file_can_be_sent_unchanged(
    me: Caller, fixtures_url: str, content_type: str, write: Callable[[Any], bytes]
) -> None:
    data = source_file.read(FIXTURES).data
    answer = me.call("PUT", "/collections", write(data), content_type)
    assert (answer.status, answer.json) == (
        200,
        {"records": {"usage-metrics": len(data["usage-metrics"])}},
    )
    started = Caller(fixtures_url, me.client_id)
    assert me.done("GET", RECORDS) == started.done("GET", RECORDS)
    assert me.page() == started.page()


@pytest.mark.parametrize(
    ("content_type", "sent", "found"),
    [
        (YAML, b"usage-metrics: [{name: n, metricType: WRONG}]", [
            ("/usage-metrics/0/metricType", "enum"), ("/usage-metrics/0/eventType", "required"),
            ("/usage-metrics/0/aggregationType", "required"), ("/usage-metrics/0/propertyFilters", "required"),
            ("/usage-metrics/0/parameters", "required"),
        ]),
        (YAML, b"usage-metric: []\nusage-metrics: [1]", [("/usage-metric", "enum"), ("/usage-metrics/0", "type")]),
        (YAML, b"a/b: 1\nusage-metrics: {}", [("/a~1b", "type"), ("/usage-metrics", "type"), ("/a~1b", "enum")]),
        (YAML, b"- 1", [("", "type")]),
        (YAML, b"{}", [("", "minProperties")]),
        (YAML, b"a: [\n", [("", "yaml")]),
        (YAML, b"a: \xff", [("", "yaml")]),
        (YAML, b'usage-metrics: ["\\ud800"]', [("", "yaml")]),
        (YAML, b"a: &a [*a]", [("", "yaml")]),
        (YAML, b"[" * 5_000, [("", "yaml")]),
        (YAML, b"", [("", "required")]),
        (JSON, b"usage-metrics: []", [("", "json")]),
    ],
)  # fmt: skip
def test_a_fixture_file_with_a_violation_changes_nothing(
    me: Caller, content_type: str, sent: bytes, found: list[tuple[str, str]]
) -> None:
    before = me.state()
    answer = me.call("PUT", "/collections", sent, content_type)
    assert answer.status == 400
    errors = answer.json["error"]["errors"]
    assert {(each["key"], each["code"]) for each in errors} == set(found), errors
    assert me.state() == before


def test_collections_are_loaded_all_or_none(serve: Serve, tmp_path: Path) -> None:
    described = yaml.safe_load(SMALL)
    other = {"get": described["paths"]["/things"]["get"] | {"operationId": "listOthers"}}
    described["paths"]["/others"] = other
    (tmp_path / "two.yaml").write_text(json.dumps(described))
    me = Caller(serve(document=tmp_path / "two.yaml", max_records=5, count=1), "me")
    things = [{"id": str(uuid.UUID(int=number)), "kind": "round"} for number in range(6)]

    def load(*numbers: int) -> wire.Answer:
        loaded = zip(("things", "others"), numbers, strict=True)
        return me.call("PUT", "/collections", {name: things[:number] for name, number in loaded})

    assert load(2, 3).json == {"records": {"things": 2, "others": 3}}
    assert load(1, 5).status == 507
    assert me.call("PUT", "/collections", {"things": [], "others": [{}]}).status == 400
    assert [me.done("GET", f"/collections/{name}")["total"] for name in ("things", "others")] == [2, 3]
    assert load(0, 5).json == {"records": {"things": 0, "others": 5}}


@pytest.mark.slow
def test_a_load_beyond_max_records_changes_nothing(serve: Serve) -> None:
    url = serve(max_records=10, count=5)
    one, two = Caller(url, "one"), Caller(url, "two")
    one.done("PUT", RECORDS, metrics(*"abcdef"))
    answer = two.call("PUT", RECORDS, metrics(*"abcde"))
    assert (answer.status, answer.json["error"]["type"]) == (507, "insufficientStorage")
    assert "--max-records" in answer.json["error"]["message"]
    assert two.call("POST", RECORDS, metrics("a")).status == 507
    assert two.call("POST", RECORDS + "/generate", {"count": 5}).status == 507
    assert one.call("POST", RECORDS, metrics(*"abcde")).status == 507
    assert (one.names(), len(two.names())) == (list("abcdef"), 5)
    # Records that one account gives up count for no account any more.
    one.done("PUT", RECORDS, metrics(*"abcde"))
    two.done("PUT", RECORDS, metrics(*"abcde"))
    one.done("POST", "/reset")
    two.done("PUT", RECORDS, metrics(*"abcdefghij"))
    assert len(one.names()) == 5


def test_a_collection_name_can_hold_an_encoded_slash(serve: Serve, small: Callable[..., Path]) -> None:
    path = small(
        ("  /things:", "  /a/things:"), ("id: {type: string,", "id: {x-fill: id, type: string,")
    )
    me = Caller(serve(document=path, count=3), "slash")
    target = "/collections/a%2Fthings"
    assert me.done("GET", target)["total"] == 3
    assert me.done("POST", target, {"items": [{"kind": "round"}]}) == {"total": 4}
    [first, *_] = me.done("GET", target)["items"]
    assert me.call("DELETE", f"{target}/{first['id']}").status == 204
    assert me.done("PUT", target, {"items": [{"kind": "square"}]}) == {"total": 1}
    assert len(me.send("GET", "/v1/a/things").json["items"]) == 1
    assert me.done("POST", f"{target}/generate", {"count": 2}) == {"total": 2}
    assert "a/things" in me.call("GET", "/collections/things").json["error"]["message"]


def test_an_encoded_slash_distinguishes_collection_names_from_paths(
    serve: Serve, small: Callable[..., Path]
) -> None:
    paths = SMALL.partition("  /things:")[2].partition("components:")[0]
    more = "".join(
        f"  /things/{name}:{paths.replace('listThings', f'list{name}')}" for name in ("a", "generate")
    )
    path = small(
        ("components:\n", more + "components:\n"),
        ("id: {type: string, format: uuid}", "id: {x-fill: id, type: string}"),
    )
    me = Caller(serve(document=path, count=1), "names")
    thing = {"id": "b", "kind": "round"}
    me.done("PUT", "/collections/things", {"items": [thing | {"id": "a/b"}]})
    me.done("PUT", "/collections/things%2Fa", {"items": [thing]})
    assert me.call("DELETE", "/collections/things/a%2Fb").status == 204
    assert me.done("GET", "/collections/things")["total"] == 0
    assert me.done("GET", "/collections/things%2Fa")["total"] == 1
    assert me.call("DELETE", "/collections/things%2Fa/b").status == 204
    assert me.done("POST", "/collections/things%2fgenerate", {"items": [thing]}) == {"total": 2}
    assert me.done("POST", "/collections/things/generate", {"count": 3}) == {"total": 3}
    assert me.done("POST", "/collections/things%2Fgenerate/generate", {"count": 4}) == {"total": 4}


def test_concurrent_replacements_do_not_mix(me: Caller) -> None:
    def replace(letter: str) -> int:
        return me.call("PUT", RECORDS, metrics(*[letter] * 20)).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(replace, "abcdefghij" * 3)) == {200}
    names = me.names()
    assert len(names) == 20
    assert len(set(names)) == 1


def test_unusual_strings_are_returned_unchanged(me: Caller) -> None:
    odd = ["\0", "😀", "\u2028", '"\\', "%00", "\uffff", "é" * 10_000, "\\u0000", ""]
    me.done("PUT", RECORDS, metrics(*odd))
    assert me.names() == odd
    assert [item["name"] for item in me.page()["items"]] == odd
