"""The control API: what each call does, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.formats import source_file
from mock_server.server import server
from mock_server.settings import RateLimit, Settings
from tests.support import wire
from tests.support.callers import JSON, RECORDS, Caller, keys, metrics
from tests.support.documents import FIXTURES, LIST, METRIC, SMALL
from tests.support.servers import Serve, build

# Reset


def test_reset_gives_starting_data_no_journal_no_faults_and_a_running_clock(me: Caller) -> None:
    starting = me.records()
    me.done("PUT", RECORDS, metrics("a"))
    me.done("POST", "/faults", {"script": ["pass"]})
    me.done("PUT", "/clock", {"now": "2000-01-01T00:00:00Z"})
    me.page()
    answer = me.call("POST", "/reset")
    assert (answer.status, answer.body) == (204, b"")
    assert me.records() == starting
    assert me.done("GET", "/requests") == {"items": [], "recorded": 0, "dropped": 0}
    assert me.done("GET", "/faults") == me.done("GET", "/walks") == {"items": []}
    clock = me.done("GET", "/clock")
    assert not clock["frozen"]
    assert clock["now"] > "2025"


def test_reset_gives_a_fresh_rate_limit(serve: Serve) -> None:
    me = Caller(serve(rate_limit=RateLimit(1, 1000)), "reset")
    assert [me.send("GET", LIST).status for _ in range(2)] == [200, 429]
    me.done("POST", "/reset")
    assert [me.send("GET", LIST).status for _ in range(2)] == [200, 429]


# Collections: reading


def test_a_thousand_records_are_listed_unless_a_limit_says_otherwise(serve: Serve) -> None:
    me = Caller(serve(count=1002), "reader")
    everything = me.records("?limit=1000000")
    assert len(everything) == 1002
    assert me.done("GET", RECORDS) == {"items": everything[:1000], "total": 1002}
    assert me.records("?offset=1000") == everything[1000:]
    assert me.records("?limit=2&offset=3") == everything[3:5]
    assert me.done("GET", RECORDS + "?limit=0") == {"items": [], "total": 1002}
    assert me.done("GET", RECORDS + "?offset=1002&limit=5") == {"items": [], "total": 1002}


def test_the_control_api_and_the_mocked_api_show_the_same_records(me: Caller) -> None:
    assert me.page("?limit=100")["items"] == me.records()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?limit=-1", ["limit"]), ("?limit=x&offset=-1&colour=red", ["colour", "limit", "offset"]),
        ("?limit=1&limit=2", ["limit"]), ("?limit=", ["limit"]), ("?limit=1.0", ["limit"]),
        ("?Limit=1", ["Limit"]), ("?offset=%2B1", ["offset"]),
    ],
)  # fmt: skip
def test_query_parameters_are_named_barely(me: Caller, query: str, found: list[str]) -> None:
    assert keys(me.call("GET", RECORDS + query)) == found


# Collections: replacing and adding


def test_put_replaces_all(me: Caller) -> None:
    answer = me.call("PUT", RECORDS, metrics("a", "b", "c"))
    assert (answer.status, answer.json) == (200, {"total": 3})
    assert me.names() == [item["name"] for item in me.page()["items"]] == ["a", "b", "c"]
    assert me.page()["pagination"] == {"totalResultSize": 3}
    assert me.call("PUT", RECORDS, {"items": []}).json == {"total": 0}
    assert me.page() == {"items": [], "pagination": {"totalResultSize": 0}}


def test_put_completes_as_fixture_files_do(me: Caller, fixtures_url: str) -> None:
    items = source_file.read(FIXTURES).data["usage-metrics"]
    me.done("PUT", RECORDS, {"items": items})
    assert me.records() == Caller(fixtures_url, me.client_id).records()


def test_what_was_got_can_be_put(me: Caller) -> None:
    before = me.records()
    me.done("PUT", RECORDS, {"items": before[::-1]})
    assert me.records() == before[::-1]


def test_post_adds_in_front_in_the_order_given(me: Caller) -> None:
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
def test_records_added_are_as_old_as_the_frozen_clock_says(me: Caller, now: str, created: str) -> None:
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
    # The ids that the next records would get, written down beforehand: before, in, and behind the load.
    me.done("PUT", RECORDS, metrics("a", id=x))
    me.done("POST", RECORDS, {"items": [METRIC, METRIC | {"id": y}]})
    for _ in range(3):
        me.done("POST", RECORDS, metrics("b", "c"))
        me.done("DELETE", f"{RECORDS}/{me.records()[0]['id']}")
    ids = [record["id"] for record in me.records()]
    assert len(set(ids)) == len(ids) == 6


def test_the_id_of_a_removed_record_is_not_given_again(me: Caller) -> None:
    gone = set()
    for _ in range(5):
        me.done("POST", RECORDS, metrics("a"))
        gone.add(me.records("?limit=1")[0]["id"])
        me.done("DELETE", f"{RECORDS}/{me.records('?limit=1')[0]['id']}")
    assert len(gone) == 5


def test_an_id_that_is_there_is_refused(me: Caller) -> None:
    known = me.records("?limit=1")[0]["id"]
    new = {"items": [METRIC | {"id": known}, METRIC | {"id": "x"}, METRIC | {"id": "x"}]}
    assert keys(me.call("POST", RECORDS, new)) == ["/items/0/id", "/items/2/id"]
    assert keys(me.call("PUT", RECORDS, new)) == ["/items/2/id"]


BROKEN: dict[str, Any] = {
    "items": [
        METRIC, {}, 5, METRIC | {"eventTyp": 1, "a/b~c": 2}, METRIC | {"metricType": "ODD", "name": None},
        METRIC | {"parameters": [{"nam": "p"}, []]}, METRIC | {"id": 7, "parameters": {}}, None, [],
        METRIC | {"propertyFilters": {"deep": [2**64]}},
    ]
}  # fmt: skip
REQUIRED = ("aggregationType", "eventType", "metricType", "name", "parameters", "propertyFilters")
FAULTS = sorted(
    [
        *(f"/items/1/{name}" for name in REQUIRED), "/items/2", "/items/3/eventTyp", "/items/3/a~1b~0c",
        "/items/4/metricType", "/items/4/name", "/items/5/parameters/0/nam",
        *(f"/items/5/parameters/0/{name}" for name in ("defaultValue", "description", "name", "type")),
        "/items/5/parameters/1",
        "/items/6/id", "/items/6/parameters", "/items/7", "/items/8", "/items/9/propertyFilters/deep/0",
    ]
)  # fmt: skip


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_load_is_refused_with_every_fault_at_its_place(me: Caller, method: str) -> None:
    before = me.state()
    assert keys(me.call(method, RECORDS, BROKEN)) == FAULTS
    assert me.state() == before


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_hundreds_of_faults_are_all_listed(me: Caller, method: str) -> None:
    load = {"items": [METRIC | {"metricType": "ODD"}] * 300}
    assert len(keys(me.call(method, RECORDS, load))) == 300


@pytest.mark.parametrize(
    ("method", "path", "body", "found"),
    [
        ("PUT", RECORDS, {"items": [5], "extra": 1}, ["/extra", "/items/0"]),
        ("PUT", RECORDS + "?colour=red", {"items": [5]}, ["/items/0", "colour"]),
        ("POST", RECORDS + "?colour=red", {}, ["/items", "colour"]),
        ("POST", RECORDS + "/generate", {"count": -1, "seed": 0.5, "x": 1}, ["/count", "/seed", "/x"]),
        ("GET", "/requests?operation=nope&status=9&x=1", None, ["operation", "status", "x"]),
        ("POST", "/faults", {"operation": "no", "script": [{"status": 7}]}, ["/operation", "/script/0/status"]),
        ("POST", "/reset?colour=red", {"size": 1}, ["/size", "colour"]),
        ("PUT", "/clock?colour=red", {"advance": -1}, ["/advance", "colour"]),
    ],
)  # fmt: skip
def test_a_call_is_refused_with_everything_that_is_wrong_with_it(
    me: Caller, method: str, path: str, body: Any, found: list[str]
) -> None:
    before = me.state()
    assert keys(me.call(method, path, body)) == found
    assert me.state() == before


# Collections: generating and removing


def test_generated_records_are_those_that_a_server_starts_with(me: Caller, serve: Serve) -> None:
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
def test_generate_refuses(me: Caller, body: Any, found: list[str]) -> None:
    before = me.state()
    assert keys(me.call("POST", RECORDS + "/generate", body, *[JSON] * (body == b""))) == found
    assert me.state() == before


def test_a_record_is_removed_once(me: Caller) -> None:
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
def test_a_record_of_any_id_can_be_removed(
    serve: Serve, small: Callable[..., Path], record_id: str
) -> None:
    url = serve(document=small(("id: {type: string, format: uuid}", "id: {x-fill: id, type: string}")))
    me = Caller(url, "remover")
    things = {"items": [{"id": record_id, "kind": "round"}, {"kind": "square"}]}
    me.done("PUT", "/collections/things", things)
    escaped = "".join(f"%{byte:02X}" for byte in record_id.encode())
    assert me.call("DELETE", f"/collections/things/{escaped}").status == 204
    assert me.done("GET", "/collections/things")["total"] == 1


# Collections: what holds whatever changes


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


def test_a_walk_over_changed_data_gives_each_record_once(me: Caller) -> None:
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


def test_filters_see_the_changed_data(me: Caller) -> None:
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


def test_another_account_is_unaffected(me: Caller) -> None:
    other = Caller(me.url, me.client_id + "-other")
    before = other.state()
    me.done("PUT", RECORDS, metrics("a"))
    me.done("POST", RECORDS, metrics("b"))
    me.done("POST", "/faults", {"script": [{"status": 503}], "repeat": "forever"})
    me.done("PUT", "/clock", {"now": "2000-01-01T00:00:00Z"})
    me.page()
    assert other.state() == before
    assert len(other.page()["items"]) == 20


YAML = "Content-Type: application/yaml"


@pytest.mark.parametrize(
    ("content_type", "write"),
    [(YAML, lambda data: FIXTURES.read_bytes()), (JSON, lambda data: json.dumps(data).encode())],
)
def test_a_fixture_file_is_loaded_as_it_is(
    me: Caller, fixtures_url: str, content_type: str, write: Callable[[Any], bytes]
) -> None:
    data = source_file.read(FIXTURES).data
    told = me.call("PUT", "/collections", write(data), content_type)
    assert (told.status, told.json) == (200, {"records": {"usage-metrics": len(data["usage-metrics"])}})
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
def test_a_fixture_file_is_refused_whole(
    me: Caller, content_type: str, sent: bytes, found: list[tuple[str, str]]
) -> None:
    before = me.state()
    answer = me.call("PUT", "/collections", sent, content_type)
    assert answer.status == 400
    errors = answer.json["error"]["errors"]
    assert {(each["key"], each["code"]) for each in errors} == set(found), errors
    assert me.state() == before


def test_what_is_unreadable_is_told_with_its_line(me: Caller) -> None:
    [error] = me.call("PUT", "/collections", b"a: 1\nb: [\n", YAML).json["error"]["errors"]
    assert error["message"].startswith("line 3: it is not YAML")
    [error] = me.call("PUT", RECORDS, b'{"items":\n}', JSON).json["error"]["errors"]
    assert error["message"].startswith("line 2: it is not JSON")


def test_yaml_is_for_fixture_files_alone(me: Caller) -> None:
    refused = me.call("PUT", RECORDS, b"items: []", YAML)
    assert (refused.status, "'application/json', or" in refused.body.decode()) == (415, True)
    refused = me.call("PUT", "/collections", b"a: []", "Content-Type: text/yaml")
    assert (refused.status, "'application/yaml', or" in refused.body.decode()) == (415, True)


def test_collections_are_loaded_together_or_not_at_all(serve: Serve, tmp_path: Path) -> None:
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


def test_a_load_past_the_limit_changes_nothing(serve: Serve) -> None:
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
    # What is let go can be used again, whoever lets it go.
    one.done("PUT", RECORDS, metrics(*"abcde"))
    two.done("PUT", RECORDS, metrics(*"abcde"))
    one.done("POST", "/reset")
    two.done("PUT", RECORDS, metrics(*"abcdefghij"))
    assert len(one.names()) == 5


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("GET", "/collections/usage-metric", "usage-metrics"),
        ("PUT", "/collections/nope", "usage-metrics"),
        ("POST", "/collections/nope", "usage-metrics"),
        ("POST", "/collections/nope/generate", "usage-metrics"),
        ("DELETE", "/collections/nope/1", "usage-metrics"),
        ("DELETE", RECORDS + "/1", "usage-metrics"),
        ("GET", "/nope", "/_mock/health"),
    ],
)
def test_what_is_not_there_is_404_and_says_what_is(
    me: Caller, method: str, path: str, named: str
) -> None:
    body = {"count": 1} if path.endswith("generate") else metrics("a")
    answer = me.call(method, path, body if method in ("PUT", "POST") else None)
    assert (answer.status, answer.json["error"]["type"]) == (404, "notFound")
    assert named in answer.json["error"]["message"]


def test_a_collection_whose_name_holds_a_slash(serve: Serve, small: Callable[..., Path]) -> None:
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


def test_names_that_an_encoded_slash_alone_tells_apart(serve: Serve, small: Callable[..., Path]) -> None:
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


def test_what_has_a_slash_too_many_is_not_allowed_or_not_there(me: Caller) -> None:
    for method, path, status in (
        ("GET", RECORDS + "/x", 405), ("PUT", RECORDS + "/generate", 405), ("GET", RECORDS + "/", 404),
        ("GET", RECORDS + "/x/y", 404), ("DELETE", RECORDS + "/x/y", 404), ("GET", "/collections/", 404),
        ("GET", "/collections/a%0Ab", 404), ("DELETE", RECORDS + "/a%0Ab", 404),
    ):  # fmt: skip
        answer = me.call(method, path, metrics("a") if method == "PUT" else None)
        assert (answer.status, path) == (status, path)


def test_calls_at_once_lose_nothing(me: Caller) -> None:
    doomed = [record["id"] for record in me.records()[:40]]
    calls: list[tuple[str, str, Any]] = [("DELETE", f"{RECORDS}/{record}", None) for record in doomed]
    calls += [("POST", RECORDS, metrics(f"x{n}", f"y{n}")) for n in range(40)]
    calls += [("POST", "/faults", {"script": ["pass"]}) for _ in range(40)]
    mixed = [call for trio in zip(calls[:40], calls[40:80], calls[80:], strict=True) for call in trio]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda call: me.call(*call), mixed))
    assert {answer.status for answer in answers} == {201, 204}
    names = me.names()
    assert len(names) == 100 - 40 + 80
    assert {name for name in names if name[0] in "xy" and name[1:].isdigit()} == {
        f"{letter}{number}" for letter in "xy" for number in range(40)
    }
    assert all(names.index(f"y{n}") == names.index(f"x{n}") + 1 for n in range(40))
    faults = [fault["id"] for fault in me.done("GET", "/faults")["items"]]
    assert len(set(faults)) == len(faults) == 40
    assert len({answer.json["id"] for answer in answers if b'"fired"' in answer.body}) == 40


def test_replacements_at_once_are_each_whole(me: Caller) -> None:
    def replace(letter: str) -> int:
        return me.call("PUT", RECORDS, metrics(*[letter] * 20)).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(replace, "abcdefghij" * 3)) == {200}
    names = me.names()
    assert len(names) == 20
    assert len(set(names)) == 1


# Who may call


@pytest.fixture(scope="module")
def good_url() -> Iterator[str]:
    with server.in_thread(build(Settings(allow_host=("good.example",), count=1))) as root:
        yield root


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 204), ("127.0.0.1:80", 204), ("10.1.2.3:8080", 204), ("8.8.8.8", 204),
        ("[::1]", 204), ("[::1]:8080", 204), ("[fe80::1]:1", 204), ("localhost", 204),
        ("LOCALHOST:8080", 204), ("localhost.", 204), ("usage-api", 204), ("usage-api:8080", 204),
        ("a.localhost", 204), ("a.b.internal:1", 204), ("A.Test", 204), ("host.docker.internal", 204),
        ("good.example:8080", 204), ("GOOD.example", 204),
        ("evil.example", 421), ("evil.example:8080", 421), ("evil.example.", 421), ("localhost.com", 421),
        ("127.0.0.1.evil.example", 421), ("1.2.3.4.5", 421), ("256.1.1.1", 421), ("evillocalhost.com", 421),
        ("evil.test.com", 421), ("x.good.example", 421), ("good.example.evil", 421), ("evil.internals", 421),
        ("good.example:1:2", 421), ("a.contest", 421),
    ],
)  # fmt: skip
def test_hosts(good_url: str, host: str, status: int) -> None:
    head = f"POST /_mock/reset HTTP/1.1\r\nHost: {host}\r\nAuthorization: {wire.BASIC}\r\n\r\n"
    answer = wire.exchange(good_url, head.encode())
    assert answer.status == status
    if status == 421:
        assert answer.json["error"]["type"] == "misdirectedRequest"
        assert "--allow-host" in answer.json["error"]["message"]
    health = wire.exchange(good_url, f"GET /_mock/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert health.status == (421 if status == 421 else 200)
    mocked = f"GET {LIST} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {wire.BASIC}\r\n\r\n"
    assert wire.exchange(good_url, mocked.encode()).status == 200


CALLS = [
    ("POST", "/reset"), ("GET", RECORDS), ("PUT", RECORDS), ("POST", RECORDS), ("DELETE", RECORDS + "/x"),
    ("POST", RECORDS + "/generate"), ("GET", "/requests"), ("DELETE", "/requests"), ("GET", "/walks"),
    ("GET", "/faults"), ("POST", "/faults"), ("DELETE", "/faults"), ("DELETE", "/faults/x"),
    ("GET", "/clock"), ("PUT", "/clock"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_call_without_credentials_is_401_without_a_challenge(url: str, method: str, path: str) -> None:
    for header in ([], ["Authorization: Bearer x"], ["Authorization: Basic !"]):
        answer = wire.get(url, "/_mock" + path, *header, method=method, auth=False)
        assert (answer.status, answer.json["error"]["type"]) == (401, "unauthorized")
        assert answer.header("WWW-Authenticate") is None
        assert answer.header("X-Mock-Account-Epoch") is None


def test_reserved_client_ids_steer_as_any_other(url: str) -> None:
    for name in ("unauthorized", "forbidden", "throttled", "broken", "slow", "anonymous"):
        me = Caller(url, name)
        assert [me.call(method, path).status for method, path in (CALLS[0], CALLS[1], CALLS[13])] == [
            204, 200, 200,
        ]  # fmt: skip


def test_no_call_sends_cors_headers(serve: Serve) -> None:
    url = serve(cors_origin=("*",), count=1)
    me = Caller(url, "browser")
    origin = "Origin: http://page.example"
    asked = (
        origin,
        "Access-Control-Request-Method: PUT",
        "Access-Control-Request-Headers: authorization",
    )
    answers = [me.call(method, path, None, origin) for method, path in CALLS]
    answers += [me.call("OPTIONS", path, None, *asked) for _, path in CALLS]
    answers += [me.call("GET", "/health", None, origin), me.call("GET", "/nope", None, origin)]
    for answer in answers:
        names = {name.lower() for name, _ in answer.headers}
        assert not any(name.startswith("access-control-") for name in names)
    assert me.send("GET", LIST, None, origin).header("Access-Control-Allow-Origin")


@pytest.mark.parametrize(("method", "path"), [*CALLS, ("GET", "/health")])
def test_unknown_query_parameters_are_refused(me: Caller, method: str, path: str) -> None:
    before = me.state()
    bodies = {RECORDS: metrics("a"), RECORDS + "/generate": {"count": 1}, "/clock": {"advance": 1}}
    body = bodies.get(path) or ({"script": ["pass"]} if path == "/faults" else None)
    answer = me.call(method, path + "?colour=red", body if method in ("PUT", "POST") else None)
    assert keys(answer) == ["colour"]
    assert me.state() == before


def test_other_methods_are_405_and_say_which_there_are(me: Caller) -> None:
    for method, path, allowed in (
        ("PATCH", RECORDS, "GET, PUT, POST, HEAD, OPTIONS"),
        ("GET", "/reset", "POST, OPTIONS"),
        ("DELETE", "/clock", "GET, PUT, HEAD, OPTIONS"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
    ):
        answer = me.call(method, path)
        assert (answer.status, answer.json["error"]["type"]) == (405, "methodNotAllowed")
        assert sorted((answer.header("Allow") or "").split(", ")) == sorted(allowed.split(", "))
