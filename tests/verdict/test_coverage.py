"""Coverage: every point that there is to try, which request covers it, and which does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.callers import ID, coverage, covered, points, script, send
from tests.support.documents import LIST
from tests.support.servers import Serve, build

OPERATION = "getUsageMetrics"
FILTERS = ["name", "id", "eventType", "eventProperty", "aggregationType"]
QUERY = ["limit", "after", "before", *FILTERS]
VERSION = "2024-07-30"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of 100 generated records, whose accounts are these tests' own."""
    with server.in_thread(build(Settings())) as root:
        yield root


def after_one(
    url: str, client_id: str, target: str, *headers: str, method: str = "GET"
) -> dict[str, list[str]]:
    send(url, client_id, target, *headers, method=method)
    return covered(url, client_id)


# What there is to try


def test_nothing_is_covered_at_first(url: str) -> None:
    found = points(url, "nothing")
    assert {group: list(of) for group, of in found.items()} == {
        "parameters": [*QUERY, "Sequence-Version"],
        "values": [f"aggregationType={value}" for value in ("COUNT", "UNIQUE", "SUM", "CUSTOM")],
        "bounds": ["limit=1", "limit=100"],
        "filters": [*FILTERS, "two or more"],
        "pages": ["first", "middle", "last"],
        "directions": ["forward", "backward"],
        "statuses": ["200", "400"],
        "versions": [VERSION],
        "apart": ["401", "500", "403", "429"],
    }
    shares = coverage(url, "nothing")
    assert (shares["percent"], shares["covered"], shares["total"]) == (0, 0, 29)
    assert covered(url, "nothing") == {}


def test_401_counts_for_all_accounts_alone(url: str) -> None:
    assert list(points(url, "all", "?account=*")["statuses"]) == ["200", "400", "401"]
    assert list(points(url, "all", "?account=*")["apart"]) == ["500", "403", "429"]
    assert coverage(url, "all", "?account=*")["total"] == 30


# What a request covers

PLAIN = {"pages": ["first"], "statuses": ["200"], "versions": [VERSION]}
WHOLE = PLAIN | {"pages": ["first", "last"]}


def test_a_plain_request(url: str) -> None:
    assert after_one(url, "plain", LIST) == PLAIN


@pytest.mark.parametrize("limit", [1, 2, 99, 100])
def test_bounds(url: str, limit: int) -> None:
    bounds = {"bounds": [f"limit={limit}"]} if limit in (1, 100) else {}
    pages = WHOLE if limit == 100 else PLAIN
    assert after_one(url, f"bound-{limit}", f"{LIST}?limit={limit}") == pages | bounds | {
        "parameters": ["limit"]
    }


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("aggregationType=SUM", ["SUM"]), ("aggregationType=SUM,COUNT", ["COUNT", "SUM"]),
        ("aggregationType=SUM%2CCUSTOM", ["SUM", "CUSTOM"]), ("aggregationType=%53UM", ["SUM"]),
        ("aggregationType=UNIQUE&aggregationType=SUM", ["UNIQUE", "SUM"]),
        ("aggregationType=,COUNT,,UNIQUE,SUM,CUSTOM,", ["COUNT", "UNIQUE", "SUM", "CUSTOM"]),
    ],
)  # fmt: skip
def test_values_of_a_list(url: str, query: str, values: list[str]) -> None:
    found = after_one(url, f"list-{query}", f"{LIST}?{query}")
    assert found["values"] == [f"aggregationType={value}" for value in values]
    assert (found["parameters"], found["filters"]) == (["aggregationType"], ["aggregationType"])


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter(url: str, name: str) -> None:
    value = "SUM" if name == "aggregationType" else "e"
    found = after_one(url, f"filter-{name}", f"{LIST}?{name}={value}")
    assert (found["parameters"], found["filters"]) == ([name], [name])


def test_two_filters_in_one_request(url: str) -> None:
    send(url, "apart", f"{LIST}?name=a")
    assert covered(url, "apart").get("filters") == ["name"]
    send(url, "apart", f"{LIST}?id=a&id=b")
    send(url, "apart", f"{LIST}?id=a")
    assert covered(url, "apart").get("filters") == ["name", "id"]
    send(url, "apart", f"{LIST}?id=a&name=a")
    assert covered(url, "apart").get("filters") == ["name", "id", "two or more"]


@pytest.mark.parametrize(
    "query", ["name=", "eventType=", "eventType=,", "eventType=%2C%2C", "name=&eventType=,"]
)
def test_values_that_filter_nothing_cover_no_filter(url: str, query: str) -> None:
    """Send only commas, and an empty value, which filter nothing (docs/api_facts.md)."""
    assert "filters" not in after_one(url, f"no-filter-{query}", f"{LIST}?{query}")


def test_pages_and_directions(url: str) -> None:
    page = send(url, "pages", f"{LIST}?limit=40").json["pagination"]
    assert covered(url, "pages") == PLAIN | {"parameters": ["limit"]}
    page = send(url, "pages", f"{LIST}?limit=40&after={page['after']}").json["pagination"]
    assert covered(url, "pages")["pages"] == ["first", "middle"]
    assert covered(url, "pages")["directions"] == ["forward"]
    page = send(url, "pages", f"{LIST}?limit=40&after={page['after']}").json["pagination"]
    assert covered(url, "pages")["pages"] == ["first", "middle", "last"]
    assert covered(url, "pages")["directions"] == ["forward"]
    send(url, "pages", f"{LIST}?limit=40&before={page['before']}")
    assert covered(url, "pages")["directions"] == ["forward", "backward"]
    assert covered(url, "pages")["parameters"] == ["limit", "after", "before"]


def test_the_first_page_from_behind_is_the_first(url: str) -> None:
    cursor = send(url, "elsewhere", f"{LIST}?limit=40").json["pagination"]["after"]
    page = send(url, "elsewhere", f"{LIST}?limit=40&after={cursor}").json["pagination"]
    found = after_one(url, "from-behind", f"{LIST}?limit=100&before={page['before']}")
    assert (found["pages"], found["directions"]) == (["first"], ["backward"])


def test_a_page_of_nothing_is_the_first_and_the_last(url: str) -> None:
    assert after_one(url, "empty", f"{LIST}?name=nowhere")["pages"] == ["first", "last"]


def test_versions(url: str) -> None:
    assert after_one(url, "version", LIST, f"sequence-VERSION: {VERSION}") == PLAIN | {
        "parameters": ["Sequence-Version"]
    }
    assert after_one(url, "no-version", LIST, "Sequence-Version: 1") == {"statuses": ["400"]}


def test_a_refused_request_covers_only_its_status(url: str) -> None:
    query = "limit=1&aggregationType=SUM&name=a&eventType=b&after=x"
    assert after_one(url, "wrong", f"{LIST}?{query}", f"Sequence-Version: {VERSION}") == {
        "statuses": ["400"]
    }


@pytest.mark.parametrize(
    ("target", "headers", "method"),
    [
        ("/nope", (), "GET"), (LIST, (), "PUT"), (LIST, ("Accept: text/html",), "GET"), (LIST, (), "OPTIONS"),
        (LIST, ("Content-Length: 9999999",), "GET"), ("/_mock/clock", (), "GET"), ("/_mock/clock?x=1", (), "GET"),
    ],
)  # fmt: skip
def test_requests_of_no_operation_cover_nothing(
    url: str, target: str, headers: tuple[str, ...], method: str
) -> None:
    assert (
        after_one(url, f"{method}{target}{headers}".replace(":", ""), target, *headers, method=method)
        == {}
    )


def test_head_is_get_without_a_body(url: str) -> None:
    assert after_one(url, "head", f"{LIST}?limit=1", method="HEAD") == PLAIN | {
        "parameters": ["limit"], "bounds": ["limit=1"],
    }  # fmt: skip


def test_unknown_parameters_cover_nothing(url: str) -> None:
    assert after_one(url, "unknown", f"{LIST}?limt=1&Limit=100&two%20or%20more=1") == PLAIN


# Which request


def test_the_first_request_is_named(url: str) -> None:
    first = send(url, "first", f"{LIST}?limit=1").header(ID)
    second = send(url, "first", f"{LIST}?limit=1&name=a").header(ID)
    found = points(url, "first")
    assert found["bounds"] == {"limit=1": first, "limit=100": None}
    assert (found["statuses"]["200"], found["pages"]["first"]) == (first, first)
    assert (found["filters"]["name"], found["filters"]["two or more"]) == (second, None)


def test_the_first_of_all_accounts_is_named(serve: Serve) -> None:
    url = serve(count=30)
    first = send(url, "a", LIST).header(ID)
    second = send(url, "b", f"{LIST}?limit=1").header(ID)
    send(url, "a", f"{LIST}?limit=1")
    found = points(url, "looker", "?account=*")
    assert (found["statuses"]["200"], found["bounds"]["limit=1"]) == (first, second)


# Statuses


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
def test_scripted_answers_cover_no_status(url: str, status: int) -> None:
    client_id = f"scripted-{status}"
    script(url, client_id, f'{{"script": [{{"status": {status}}}]}}')
    assert send(url, client_id, LIST).status == status
    found = covered(url, client_id)
    assert "statuses" not in found
    assert "apart" not in found
    assert "pages" not in found


@pytest.mark.parametrize("code", [200, 400, 401, 403, 500])
def test_preferred_answers_cover_no_status(url: str, code: int) -> None:
    client_id = f"preferred-{code}"
    assert send(url, client_id, LIST, f"Prefer: code={code}").status == code
    found = covered(url, client_id)
    assert "statuses" not in found
    assert "apart" not in found


def test_a_cut_connection_covers_no_status(url: str) -> None:
    script(url, "cut", '{"script": [{"cut": "truncate"}, {"cut": "reset"}]}')
    send(url, "cut", LIST)
    with pytest.raises((ConnectionError, AssertionError)):
        send(url, "cut", LIST)
    assert "statuses" not in covered(url, "cut")


def test_reserved_ids_show_their_statuses_apart(serve: Serve) -> None:
    url = serve(count=1)
    for client_id in ("forbidden", "throttled", "broken", "unauthorized"):
        send(url, client_id, LIST)
    assert covered(url, "looker", "?account=*").get("apart") == ["500", "403", "429"]
    assert covered(url, "looker", "?account=*").get("statuses") == ["401"]


def test_requests_without_an_account_cover_401(serve: Serve) -> None:
    url = serve(count=1)
    request = wire.get(url, f"{LIST}?limit=1", auth=False).header(ID)
    assert covered(url, "looker") == {}
    assert covered(url, "looker", "?account=anonymous") == {"apart": ["401"]}
    assert points(url, "looker", "?account=*")["statuses"] == {"200": None, "400": None, "401": request}
    assert covered(url, "looker", "?account=*") == {"statuses": ["401"]}


def test_the_control_api_covers_nothing(url: str) -> None:
    for target in (
        "/_mock/requests?limit=1",
        "/_mock/requests?limit=x",
        "/_mock/coverage",
        "/_mock/nope",
    ):
        send(url, "controls", target)
    assert covered(url, "controls") == {}


# Shares


def test_percentages_are_rounded_to_one_decimal(url: str) -> None:
    send(url, "shares", f"{LIST}?limit=1&aggregationType=SUM")
    found = coverage(url, "shares")
    [operation] = found["operations"]
    shares = {
        group["group"]: (group["covered"], group["total"], group["percent"])
        for group in operation["groups"]
    }
    assert shares == {
        "parameters": (2, 9, 22.2), "values": (1, 4, 25.0), "bounds": (1, 2, 50.0), "filters": (1, 6, 16.7),
        "pages": (1, 3, 33.3), "directions": (0, 2, 0.0), "statuses": (1, 2, 50.0), "versions": (1, 1, 100.0),
    }  # fmt: skip
    assert sum(share[0] for share in shares.values()) == operation["covered"] == found["covered"] == 8
    assert sum(share[1] for share in shares.values()) == operation["total"] == found["total"] == 29
    assert operation["percent"] == found["percent"] == round(800 / 29, 1)


def test_accounts_add_up(serve: Serve) -> None:
    url = serve(max_accounts=2)
    for number, query in enumerate(("limit=1", "limit=100", "name=a", "id=b", "limit=0")):
        send(url, f"adds-{number}", f"{LIST}?{query}")
    found = covered(url, "looker", "?account=*")
    assert found["bounds"] == ["limit=1", "limit=100"]
    assert found["filters"] == ["name", "id"]
    assert found["statuses"] == ["200", "400"]
    assert covered(url, "looker") == {}


def test_the_journal_may_forget_what_was_covered(serve: Serve) -> None:
    url = serve(journal_size=0)
    send(url, "off", f"{LIST}?limit=1")
    assert covered(url, "off") == PLAIN | {"parameters": ["limit"], "bounds": ["limit=1"]}


def test_a_session_can_cover_everything(serve: Serve) -> None:
    """As a thorough suite would, with a real client."""
    url = serve(count=100)
    versioned = {"Sequence-Version": VERSION}
    with httpx.Client(base_url=url, auth=("thorough", "s3cret"), headers=versioned) as client:
        for params in (
            {"limit": "1"}, {"limit": "100"}, {"limit": "0"}, {"name": "a", "id": "b"}, {"eventType": "api_call"},
            {"eventProperty": "bytes_out"}, {"aggregationType": "COUNT,UNIQUE,SUM,CUSTOM"},
        ):  # fmt: skip
            client.get(LIST, params=params)
        page, params = client.get(LIST).json()["pagination"], {}
        while "after" in page:
            params = {"after": page["after"]}
            page = client.get(LIST, params=params).json()["pagination"]
        client.get(LIST, params={"before": page["before"]})
    found = coverage(url, "thorough")
    assert (found["percent"], found["covered"], found["total"]) == (100, 29, 29)
    assert send(url, "thorough", "/_mock/verdict?failOn=unfired&failUnder=100").json["passed"] is True
    assert coverage(url, "thorough", "?account=*")["percent"] == 96.7
    wire.get(url, LIST, auth=False)
    found = coverage(url, "thorough", "?account=*")
    assert (found["percent"], found["covered"], found["total"]) == (100, 30, 30)


# Another document


def filtered(small: Callable[..., Path], more: str, *replacements: tuple[str, str]) -> Path:
    """The small document, whose things can be filtered by kind, with further parameters."""
    target = "$.paths['/things'].get.parameters[?@.name == 'kind']"
    last = "        - {name: kind, in: query, schema: {type: string}}\n"
    return small(
        (last, last + more), *replacements,
        overlay=f'- target: "{target}"\n  update: {{x-filter: {{field: kind, match: any-of}}}}\n',
    )  # fmt: skip


def test_the_points_are_the_documents(serve: Serve, small: Callable[..., Path]) -> None:
    post = "    post: {operationId: make, responses: {'201': {description: made}}}\n    get:\n"
    url = serve(document=filtered(small, "", ("    get:\n", post)))
    assert {group: list(of) for group, of in points(url, "a", operation="listThings").items()} == {
        "parameters": ["limit", "after", "before", "kind"], "values": ["kind=round", "kind=square"],
        "bounds": ["limit=1"], "filters": ["kind"], "pages": ["first", "middle", "last"],
        "directions": ["forward", "backward"], "statuses": ["200"], "apart": [],
    }  # fmt: skip
    assert points(url, "a", operation="make") == {"statuses": {"201": None}, "apart": {}}
    send(url, "a", "/v1/things?kind=round,square&limit=1")
    send(url, "a", "/v1/things?limit=0")
    send(url, "a", "/v1/things", method="POST")
    assert covered(url, "a", operation="listThings") == {
        "parameters": ["limit", "kind"], "values": ["kind=round", "kind=square"], "bounds": ["limit=1"],
        "filters": ["kind"], "pages": ["first"], "statuses": ["200"],
    }  # fmt: skip
    assert covered(url, "a", operation="make") == {"statuses": ["201"]}


EXOTIC = [
    ("flag, in: query, schema: {type: boolean, enum: [true]}", "values", "flag=true", "?flag=true", ""),
    ("days, in: query, schema: {type: array, items: {type: string, enum: [mon, tue]}}", "values", "days=mon",
     "?days=mon,tue", ""),
    ("size, in: query, schema: {type: integer, enum: [1, 2]}", "values", "size=2", "?size=2", ""),
    ("rate, in: query, schema: {type: number, minimum: 0.5}", "bounds", "rate=0.5", "?rate=0.5", ""),
    ("flavour, in: cookie, schema: {type: string}", "parameters", "flavour", "", "Cookie: flavour=sweet"),
    ("X-Mode, in: header, schema: {type: string, enum: [fast, slow]}", "values", "X-Mode=fast", "", "X-Mode: fast"),
    ("X-Size, in: header, schema: {type: integer, maximum: 5}", "bounds", "X-Size=5", "", "X-Size: 5"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parameter", "group", "name", "query", "header"), EXOTIC, ids=lambda value: value[:25]
)
def test_parameters_of_every_kind_have_points_that_can_be_covered(
    serve: Serve,
    small: Callable[..., Path],
    parameter: str,
    group: str,
    name: str,
    query: str,
    header: str,
) -> None:
    url = serve(document=filtered(small, f"        - {{name: {parameter}}}\n"))
    assert name in points(url, "exotic", operation="listThings").get(group, {})
    assert send(url, "exotic", f"/v1/things{query}", *([header] if header else [])).status == 200
    assert name in covered(url, "exotic", operation="listThings").get(group, [])


def test_no_point_is_out_of_reach(serve: Serve, small: Callable[..., Path]) -> None:
    """A bound that the schema excludes, and a null that no query can spell, are nothing to try."""
    more = "        - {name: level, in: query, schema: {type: integer, minimum: 0, exclusiveMinimum: true}}\n"
    path = filtered(
        small, more, ("enum: [round, square]", "nullable: true, enum: [round, square, null]")
    )
    found = points(serve(document=path), "reach", operation="listThings")
    assert "level=0" not in found["bounds"]
    assert list(found["values"]) == ["kind=round", "kind=square"]


def test_versions_are_each_a_point(serve: Serve, small: Callable[..., Path]) -> None:
    unknown = "{type: Nope, message: No such version.}"
    header = (
        "        - {name: Thing-Version, in: header, schema: {type: string, enum: ['2023-01-01', '2024-01-01']},"
        f" x-version: {{unknown: {unknown}}}}}\n"
    )
    url = serve(document=filtered(small, header))
    send(url, "versions", "/v1/things")
    assert covered(url, "versions", operation="listThings")["versions"] == ["2024-01-01"]
    old = send(url, "versions", "/v1/things", "Thing-Version: 2023-01-01").header(ID)
    assert points(url, "versions", operation="listThings")["versions"]["2023-01-01"] == old


def test_an_operation_that_is_no_list_has_no_pages(serve: Serve, small: Callable[..., Path]) -> None:
    one = """  /one:
    get:
      operationId: getOne
      parameters:
        - {name: after, in: query, schema: {type: string}}
        - {name: depth, in: query, schema: {type: integer, maximum: 3}}
      responses:
        '200': {description: OK, content: {application/json: {example: {a: 1}}}}
        '404': {description: none}
"""
    url = serve(document=small(("paths:\n", "paths:\n" + one)))
    found = points(url, "no-list", operation="getOne")
    assert found == {
        "parameters": {"after": None, "depth": None}, "bounds": {"depth=3": None}, "statuses": {"200": None},
        "apart": {"404": None},
    }  # fmt: skip
    assert send(url, "no-list", "/v1/one?depth=3").status == 200
    assert covered(url, "no-list", operation="getOne") == {
        "parameters": ["depth"],
        "bounds": ["depth=3"],
        "statuses": ["200"],
    }


def test_a_status_that_a_client_can_cause_is_asked_for(serve: Serve, small: Callable[..., Path]) -> None:
    more = """    post:
      operationId: make
      responses: {'202': {description: OK}, '400': {description: wrong}, '409': {description: late}}
    get:
"""
    url = serve(document=small(("    get:\n", more)))
    send(url, "a", "/v1/things", method="POST")
    found = points(url, "a", operation="make")
    assert (list(found["statuses"]), found["apart"]) == (["202", "400"], {"409": None})
    assert covered(url, "a", operation="make") == {"statuses": ["202"]}


def test_names_that_need_encoding_are_covered(serve: Serve, small: Callable[..., Path]) -> None:
    more = "        - {name: 'filter[größe]', in: query, schema: {type: string, enum: ['a b', 'ö']}}\n"
    url = serve(document=filtered(small, more))
    send(url, "names", "/v1/things?" + urlencode({"filter[größe]": "a b"}))
    found = covered(url, "names", operation="listThings")
    assert (found["parameters"], found["values"]) == (["filter[größe]"], ["filter[größe]=a b"])
