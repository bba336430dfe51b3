"""Suspicions: each warning comes where it is due, and none comes to a client that does all right."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter, Retry

from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.callers import ID, SHORT, authorization, ledger, script, send, shown
from tests.support.documents import FIXTURES, LIST, TRUTH_TABLE
from tests.support.patience import PATIENCE
from tests.support.servers import Serve, build

Params = list[tuple[str, str]]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of 100 generated records, whose accounts are these tests' own."""
    with server.in_thread(build(Settings())) as root:
        yield root


def warned(url: str, client_id: str, target: str) -> list[tuple[str, str]]:
    """The codes and keys of the warnings of one request, which is answered with a page."""
    answer = send(url, client_id, target)
    assert answer.status == 200, answer.body
    [entry] = send(url, client_id, "/_mock/requests?limit=1").json["items"]
    assert entry["id"] == answer.header(ID)
    short = [each.split() for each in (answer.header(SHORT) or "").split("; ") if each]
    assert [each[:2] for each in short] == [
        ["warning", warning["code"]] for warning in entry["warnings"]
    ]
    return [(warning["code"], warning["key"]) for warning in entry["warnings"]]


def message(url: str, client_id: str, code: str) -> str:
    [text] = [group["message"] for group in ledger(url, client_id) if group["code"] == code]
    return str(text)


def codes(url: str, client_id: str) -> list[tuple[Any, ...]]:
    assert all(group["kind"] == "warning" for group in ledger(url, client_id))
    return shown(ledger(url, client_id), "code", "key", "count")


def load(url: str, client_id: str, **fields: list[str]) -> None:
    """Give an account records that have these values, one each, and others of all else."""
    records = [
        {
            "name": "Other", "metricType": "SIMPLE", "eventType": "other", "aggregationType": "COUNT",
            "propertyFilters": {}, "parameters": [], field: value,
        }
        for field, values in fields.items()
        for value in values
    ]  # fmt: skip
    body = json.dumps({"items": records}).encode()
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    answer = send(url, client_id, "/_mock/collections/usage-metrics", *headers, method="PUT", body=body)
    assert answer.status == 200, answer.body


def pages(url: str, client_id: str, query: str = "", most: int = 1_000) -> Iterator[wire.Answer]:
    """Walk forward, at most so many pages."""
    cursor = ""
    for _ in range(most):
        answer = send(url, client_id, f"{LIST}?{query}{cursor}")
        yield answer
        if answer.status != 200 or not answer.json["pagination"].get("after"):
            return
        cursor = f"&after={answer.json['pagination']['after']}"


def walk(url: str, client_id: str, query: str = "", most: int = 1_000) -> int:
    return len(list(pages(url, client_id, query, most)))


# Parameters


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("limt", "limit"), ("Limit", "limit"), ("LIMIT", "limit"), ("aggregation_type", "aggregationType"),
        ("eventtype", "eventType"), ("event_property", "eventProperty"), ("befor", "before"), ("names", "name"),
        ("limit%20", "limit"), ("page_size", None), ("cursor", None), ("q", None), ("aggregationType%5B%5D", "aggregationType"),
        ("x" * 5_000, None),
    ],
)  # fmt: skip
def test_unknown_parameters_come_with_the_nearest_name(url: str, sent: str, meant: str | None) -> None:
    client_id = f"unknown-{sent[:20]}".replace("%", "")
    [(code, _)] = warned(url, client_id, f"{LIST}?{sent}=1")
    assert code == "unknownParameter"
    told = message(url, client_id, code)
    assert (f"did you mean '{meant}'" in told) if meant else ("did you mean" not in told)


def test_an_unknown_parameter_that_is_sent_twice_is_one_warning(url: str) -> None:
    assert warned(url, "twice", f"{LIST}?x=1&x=2&limit=5&x=3") == [("unknownParameter", "x")]


# Walks


def test_a_long_walk_without_a_limit_is_told_once(serve: Serve) -> None:
    url = serve(count=200)
    answers = list(pages(url, "no-limit"))
    assert len(answers) == 10
    assert [answer.header(SHORT) for answer in answers] == [
        *[None] * 5, "warning limitAbsent limit", *[None] * 4,
    ]  # fmt: skip
    assert codes(url, "no-limit") == [("limitAbsent", "limit", 1)]
    assert ledger(url, "no-limit")[0]["first"] == answers[5].header(ID)
    assert walk(url, "no-limit") == 10
    assert codes(url, "no-limit") == [("limitAbsent", "limit", 2)]


def test_a_walk_of_five_pages_needs_no_limit(url: str) -> None:
    assert walk(url, "five") == 5
    assert codes(url, "five") == []


@pytest.mark.parametrize("limit", [1, 15, 20, 100])
def test_a_walk_with_a_limit_may_be_as_long_as_it_likes(url: str, limit: int) -> None:
    walk(url, f"limit-{limit}", f"limit={limit}")
    assert codes(url, f"limit-{limit}") == []


def test_a_long_walk_that_is_disturbed_is_told_once(serve: Serve) -> None:
    """The sixth page is the one that fails, and is asked for again."""
    url = serve(count=200)
    script(url, "disturbed", '{"when": {"page": 6}, "script": [{"status": 503}, {"cut": "reset"}]}')
    retries = HTTPAdapter(max_retries=Retry(5, status_forcelist=[503], backoff_factor=0))
    params: dict[str, str] = {}
    with requests.Session() as session:
        session.mount("http://", retries)
        session.auth = ("disturbed", "s3cret")
        while True:
            page = session.get(url + LIST, params=params, timeout=PATIENCE).json()["pagination"]
            if "after" not in page:
                break
            params = {"after": page["after"]}
    assert codes(url, "disturbed") == [("limitAbsent", "limit", 1)]


def test_a_long_walk_without_a_limit_is_told_although_the_journal_is_short(serve: Serve) -> None:
    url = serve(count=200, journal_size=3)
    assert walk(url, "short-journal") == 10
    assert codes(url, "short-journal") == [("limitAbsent", "limit", 1)]


def test_an_operation_without_a_limit_asks_for_none(serve: Serve, small: Callable[..., Path]) -> None:
    path = small(
        ("        - {name: limit, in: query, schema: {type: integer}}\n", ""),
        ("id: {type: string,", "id: {x-fill: id, type: string,"),
    )
    url, cursor = serve(document=path, count=200), ""
    for _ in range(10):
        answer = send(url, "limitless", f"/v1/things?{cursor}")
        cursor = f"after={answer.json['pagination'].get('after')}"
    assert codes(url, "limitless") == []


def test_filters_that_change_in_the_middle_of_a_walk(url: str) -> None:
    first = send(url, "changes", f"{LIST}?limit=10&aggregationType=SUM")
    target = f"{LIST}?limit=10&after={first.json['pagination']['after']}"
    second = send(url, "changes", target)
    assert second.header(SHORT) == "warning filtersChanged"
    third = send(
        url, "changes", f"{LIST}?limit=10&aggregationType=SUM&after={second.json['pagination']['after']}"
    )
    assert third.header(SHORT) is None
    found = [group for group in ledger(url, "changes") if group["code"] == "filtersChanged"]
    assert shown(found, "count", "first") == [(1, second.header(ID))]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("", "name=a"), ("name=a", ""), ("name=a", "name=e"), ("eventType=api_call,fax_sent", "eventType=api_call"),
        ("aggregationType=SUM", "aggregationType=SUM&name=a"), ("aggregationType=SUM", "aggregationType=SUM&id=0"),
    ],
)  # fmt: skip
def test_each_change_of_filters_is_one(url: str, first: str, then: str) -> None:
    client_id = f"change-{first}-{then}"
    cursor = send(url, client_id, f"{LIST}?limit=1&{first}").json["pagination"]["after"]
    assert ("filtersChanged", "") in warned(url, client_id, f"{LIST}?limit=1&{then}&after={cursor}")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("name=a", "name=A"), ("aggregationType=SUM,COUNT", "aggregationType=COUNT,SUM"),
        ("aggregationType=SUM&aggregationType=COUNT", "aggregationType=,COUNT,SUM"), ("", "name="),
        ("eventType=", "eventProperty=,"), ("name=a&aggregationType=SUM", "aggregationType=SUM&name=a"),
        ("name=%61", "name=a"),
    ],
)  # fmt: skip
def test_filters_that_mean_the_same_do_not_change(url: str, first: str, then: str) -> None:
    client_id = f"same-{first}-{then}"
    cursor = send(url, client_id, f"{LIST}?limit=1&{first}").json["pagination"]["after"]
    assert warned(url, client_id, f"{LIST}?limit=1&{then}&after={cursor}") == []


def test_the_limit_may_change_in_the_middle_of_a_walk(url: str) -> None:
    cursor = send(url, "limits", f"{LIST}?limit=30").json["pagination"]["after"]
    assert warned(url, "limits", f"{LIST}?limit=100&after={cursor}") == []
    assert codes(url, "limits") == []


@pytest.mark.parametrize("way", ["after", "before"])
def test_a_cursor_that_is_used_twice(url: str, way: str) -> None:
    client_id = f"twice-{way}"
    pagination = send(url, client_id, f"{LIST}?limit=40").json["pagination"]
    pagination = send(url, client_id, f"{LIST}?limit=40&after={pagination['after']}").json["pagination"]
    target = f"{LIST}?limit=40&{way}={pagination[way]}"
    assert warned(url, client_id, target) == []
    assert warned(url, client_id, target) == [("repeatedCursor", way)]
    assert warned(url, client_id, target) == [("repeatedCursor", way)]
    assert codes(url, client_id) == [("repeatedCursor", way, 2)]


def test_going_back_and_forth_uses_no_cursor_twice(url: str) -> None:
    """Each page gives its cursors anew, with limit=1 the same text for both ways."""
    target = f"{LIST}?limit=1&aggregationType=CUSTOM"
    page = send(url, "to-and-fro", target).json["pagination"]
    assert 2 < page["totalResultSize"] < 60
    for way in ("after", "after", "before", "after", "before", "before", "after"):
        page = send(url, "to-and-fro", f"{target}&{way}={page[way]}").json["pagination"]
    while "after" in page:
        page = send(url, "to-and-fro", f"{target}&after={page['after']}").json["pagination"]
    assert codes(url, "to-and-fro") == []


def test_walks_side_by_side_are_well_behaved(url: str) -> None:
    """Of one account, with the same filters, so that their cursors are the same."""
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait(timeout=PATIENCE)
        walk(url, "parallel", "limit=10")

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes(url, "parallel") == []


@pytest.mark.parametrize(("most", "given_up"), [(1, 0), (2, 1), (4, 1), (5, 0)])
def test_a_walk_of_two_pages_or_more_that_has_no_end_was_given_up(
    url: str, most: int, given_up: int
) -> None:
    client_id = f"most-{most}"
    walk(url, client_id, "limit=20", most)
    assert codes(url, client_id) == [("walkGivenUp", "", 1)] * given_up
    verdict = send(url, client_id, "/_mock/verdict?failOn=warnings").json
    assert (verdict["warnings"], verdict["passed"]) == (given_up, not given_up)


def test_walks_given_up_are_told_apart_and_counted(url: str) -> None:
    for _ in range(3):
        walk(url, "thrice", "limit=20", most=2)
    first, *_, last = (entry["id"] for entry in send(url, "thrice", "/_mock/requests").json["items"])
    [group] = ledger(url, "thrice")
    assert (group["kind"], group["operation"], group["code"], group["count"]) == (
        "warning", "getUsageMetrics", "walkGivenUp", 3,
    )  # fmt: skip
    assert int(first) < int(group["first"]) < int(group["last"]) == int(last)


def test_a_walk_that_is_taken_up_again_was_not_given_up(url: str) -> None:
    *_, last = pages(url, "resumed", "limit=20", most=3)
    assert codes(url, "resumed") == [("walkGivenUp", "", 1)]
    cursor = last.json["pagination"]["after"]
    while cursor:
        cursor = send(url, "resumed", f"{LIST}?limit=20&after={cursor}").json["pagination"].get("after")
    assert codes(url, "resumed") == []


def test_a_walk_backward_ends_at_the_first_page(url: str) -> None:
    *_, last = pages(url, "backward", "limit=20")
    cursor = last.json["pagination"]["before"]
    other = "elsewhere"  # Which has not seen the pages forward.
    while cursor:
        answer = send(url, other, f"{LIST}?limit=20&before={cursor}")
        cursor = answer.json["pagination"].get("before")
    assert codes(url, other) == []


@pytest.mark.parametrize("page", ["empty-cursor", "null-cursors"])
def test_a_walk_that_a_fault_ends_was_not_given_up(url: str, page: str) -> None:
    """The client has no cursor to go on with, and stops as it should."""
    client_id = f"ended-{page}"
    script(url, client_id, f'{{"when": {{"page": 3}}, "script": [{{"page": "{page}"}}]}}')
    assert walk(url, client_id, "limit=20") == 3
    assert codes(url, client_id) == []


# Values


def test_each_value_that_no_record_has(url: str) -> None:
    load(url, "values", eventType=["a", "b", "c,d"])
    assert warned(url, "values", f"{LIST}?eventType=a,zz,b,yy") == [("noSuchValue", "eventType")] * 2
    [entry] = send(url, "values", "/_mock/requests").json["items"]
    assert [text for text in ("zz", "yy", "'a'", "'b'") if any(text in w["message"] for w in entry["warnings"])] == [
        "zz", "yy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "eventType=zz", "eventType=a&eventType=zz", "eventType=A", "eventType=a%2Czz", "eventType=a%252Czz",
        "eventType=c,d", "eventType=%20a", "eventType=a+",
    ],
)  # fmt: skip
def test_a_value_that_no_record_has(url: str, query: str) -> None:
    client_id = f"value-{query}"
    load(url, client_id, eventType=["a", "b", "c,d"])
    assert set(warned(url, client_id, f"{LIST}?{query}")) == {("noSuchValue", "eventType")}


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("name=nowhere", "name"), ("id=zz", "id"), ("eventProperty=nowhere", "eventProperty"),
        ("aggregationType=UNIQUE", "aggregationType"), ("aggregationType=COUNT,SUM", "aggregationType"),
    ],
)  # fmt: skip
def test_filters_of_every_kind_are_looked_up(url: str, query: str, key: str) -> None:
    client_id = f"every-{query}"
    load(url, client_id, name=["Calls", "Größe"])
    assert warned(url, client_id, f"{LIST}?{query}") == [("noSuchValue", key)]


@pytest.mark.parametrize(
    "query",
    [
        "name=call",
        "name=GR%C3%96SSE",
        "id=-",
        "name=",
        "eventType=",
        "eventType=,",
        "aggregationType=COUNT",
    ],
)
def test_values_that_records_have_are_not_told(url: str, query: str) -> None:
    client_id = f"has-{query}"
    load(url, client_id, name=["Calls", "Größe"])
    assert warned(url, client_id, f"{LIST}?{query}") == []


def test_filters_that_match_nothing_together_are_no_mistake(url: str) -> None:
    load(url, "together", eventType=["a"], name=["Mine"])
    answer = send(url, "together", f"{LIST}?eventType=a&name=Mine")
    assert (answer.json["items"], answer.header(SHORT)) == ([], None)


def test_an_accounts_own_records_are_what_counts(url: str) -> None:
    load(url, "own", eventType=["mine"])
    assert warned(url, "own", f"{LIST}?eventType=mine") == []
    assert warned(url, "not-own", f"{LIST}?eventType=mine") == [("noSuchValue", "eventType")]


def test_an_empty_collection_has_no_value_to_choose(serve: Serve) -> None:
    assert warned(serve(count=0), "empty", f"{LIST}?eventType=a&name=b") == []


@pytest.mark.parametrize(("sent", "values"), TRUTH_TABLE)
def test_every_list_encoding_is_free_of_warnings(
    url: str, truth_url: str, sent: str, values: set[str]
) -> None:
    """Neither where the data have every value, nor where they have those of one honest reading alone."""
    assert warned(truth_url, f"truth-{sent}", f"{LIST}?eventType={sent}") == []
    readings = [{"a", "b"}, {"a,b"}] if values == {"a", "b", "a,b"} else [values]
    for number, reading in enumerate(readings):
        client_id = f"reading-{number}-{sent}"
        load(url, client_id, eventType=sorted(reading | {"other"}))
        assert warned(url, client_id, f"{LIST}?eventType={sent}") == []


# Encoding


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=api%2520call", "doubleEncoded"), ("name=gr%25C3%25B6sse", "doubleEncoded"),
        ("eventType=api%252520call", "doubleEncoded"), ("eventType=a,b%25252Cc", "doubleEncoded"),
        ("id=%2566", "doubleEncoded"), ("eventType=a%25252Cb", "doubleEncoded"),
        ("name=a|b", "notEncoded"), ("name=a%22b\"", "notEncoded"), ("eventType=<a>", "notEncoded"),
        ("eventType={a}", "notEncoded"), ("name=`a`", "notEncoded"), ("name=a\\b", "notEncoded"),
        ("name=a^b", "notEncoded"), ("name=50%", "notEncoded"), ("name=50%25%", "notEncoded"),
        ("name=%zz", "notEncoded"), ("eventType=50%,a", "notEncoded"), ("eventType=5%0", "notEncoded"),
    ],
)  # fmt: skip
def test_values_that_look_encoded_too_often_or_not_at_all(url: str, query: str, expected: str) -> None:
    found = warned(url, f"encoding-{query}", f"{LIST}?{query}")
    key = query.partition("=")[0]
    assert [each for each in found if each[0] in ("doubleEncoded", "notEncoded")] == [(expected, key)]


@pytest.mark.parametrize(
    "name",
    [
        "100%25 off",
        "50%ad",
        "a%2Cb",
        "50% off",
        "C++",
        "a&b=c",
        "ä|ö",
        "{x}",
        "%",
        "%%",
        "/?:@!$'()*;,~-._",
        '"',
    ],
)
def test_names_that_records_have_are_not_called_badly_encoded(url: str, name: str) -> None:
    client_id = "named-" + quote(name)
    load(url, client_id, name=[name])
    assert warned(url, client_id, f"{LIST}?{urlencode({'name': name})}") == []
    assert warned(url, client_id, f"{LIST}?name={quote(name, safe='')}") == []


# Real clients: nothing that they do by themselves is suspicious

Fetch = Callable[[str, str, Params], Any]


def with_requests(url: str, client_id: str, params: Params) -> Any:
    return requests.get(url, params=params, auth=(client_id, "s3cret"), timeout=PATIENCE).json()


def with_httpx(url: str, client_id: str, params: Params) -> Any:
    return httpx.get(url, params=params, auth=(client_id, "s3cret")).json()  # type: ignore[arg-type]


def with_urllib(url: str, client_id: str, params: Params) -> Any:
    request = urllib.request.Request(f"{url}?{urlencode(params)}")
    name, _, value = authorization(client_id).partition(": ")
    request.add_header(name, value)
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)


def with_aiohttp(url: str, client_id: str, params: Params) -> Any:
    async def fetch() -> Any:
        name, _, value = authorization(client_id).partition(": ")
        async with (
            aiohttp.ClientSession(headers={name: value}) as session,
            session.get(url, params=params) as response,
        ):
            return await response.json()

    return asyncio.run(fetch())


def as_fetch(url: str, client_id: str, params: Params) -> Any:
    """As URLSearchParams puts it: a form, with `*-._` as they are and all else encoded."""
    query = urlencode(params).replace("~", "%7E").replace("%2A", "*")
    return send(url.removesuffix(LIST), client_id, f"{LIST}?{query}").json


def by_hand(url: str, client_id: str, params: Params) -> Any:
    """With commas as they are, as curl sends and axios."""
    query = "&".join(f"{name}={quote(value, safe=',')}" for name, value in params)
    return send(url.removesuffix(LIST), client_id, f"{LIST}?{query}").json


CLIENTS: list[Fetch] = [with_requests, with_httpx, with_urllib, with_aiohttp, as_fetch, by_hand]
clients = pytest.mark.parametrize("fetch", CLIENTS)

HONEST: list[Params] = [
    [], [("limit", "5")], [("eventType", "api_call,order")], [("eventType", "order%2Cpaid,order")],
    [("eventType", "order%2Cpaid")], [("eventType", "50%")], [("eventType", "50%25")], [("eventType", "api call")],
    [("eventType", "api_call"), ("eventType", "API_CALL")], [("eventProperty", "größe")],
    [("eventProperty", quote("größe"))], [("eventProperty", "amount%2Cnet,user_id")],
    [("aggregationType", "UNIQUE,CUSTOM")], [("name", "API calls"), ("id", "0b8f")], [("name", "GRÖSSE")],
    [("name", ""), ("eventType", "")], [("limit", "100"), ("aggregationType", "COUNT"), ("name", "a")],
]  # fmt: skip


@clients
@pytest.mark.parametrize("params", HONEST, ids=repr)
def test_requests_of_real_clients_have_no_warnings(
    fixtures_url: str, fetch: Fetch, params: Params
) -> None:
    client_id = f"honest {fetch.__name__} {params!r}".replace(":", "")
    assert fetch(fixtures_url + LIST, client_id, params)["items"]
    assert ledger(fixtures_url, client_id) == []


@pytest.mark.slow
@clients
@pytest.mark.parametrize(
    "filters",
    [
        [], [("aggregationType", "COUNT,SUM")], [("name", "a"), ("aggregationType", "COUNT")],
        [("eventType", "api_call,user_login,api_call")],
    ],
    ids=repr,
)  # fmt: skip
def test_a_well_behaved_walk_has_no_warnings(url: str, fetch: Fetch, filters: Params) -> None:
    client_id = f"walks {fetch.__name__} {filters!r}"
    kinds = {record["eventType"] for record in send(url, "kinds", f"{LIST}?limit=100").json["items"]}
    filters = [(name, value) for name, value in filters if name != "eventType"] + [
        (name, ",".join(sorted(kinds)[:3])) for name, _ in filters if name == "eventType"
    ]
    page = fetch(url + LIST, client_id, [*filters, ("limit", "7")])
    seen = page["items"]
    while "after" in page["pagination"]:
        page = fetch(
            url + LIST, client_id, [*filters, ("limit", "7"), ("after", page["pagination"]["after"])]
        )
        seen += page["items"]
    assert len(seen) == page["pagination"]["totalResultSize"] > 7
    while "before" in page["pagination"]:
        page = fetch(
            url + LIST, client_id, [*filters, ("limit", "7"), ("before", page["pagination"]["before"])]
        )
    assert ledger(url, client_id) == []


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_fetch_in_node_is_not_suspicious(fixtures_url: str) -> None:
    source = """
    const [url, authorization] = process.argv.slice(1);
    for (const params of [{eventType: "order%2Cpaid,order"}, {name: "GRÖSSE"}, {eventType: "50%"}]) {
      const query = new URLSearchParams(params);
      const response = await fetch(`${url}?${query}`, {headers: {Authorization: authorization}});
      console.log((await response.json()).pagination.totalResultSize > 0);
    }
    """
    header = authorization("node").partition(": ")[2]
    command = ["node", "--input-type=module", "-e", source, fixtures_url + LIST, header]
    assert subprocess.run(command, capture_output=True, check=True).stdout.split() == [b"true"] * 3
    assert ledger(fixtures_url, "node") == []


def test_curl_is_not_suspicious(fixtures_url: str) -> None:
    for value in ("order%2Cpaid,order", "50%", "api call"):
        command = [
            "curl",
            "--silent",
            "--get",
            "--user",
            "curl:s3cret",
            "--data-urlencode",
            f"eventType={value}",
        ]
        done = subprocess.run([*command, fixtures_url + LIST], capture_output=True, check=True)
        assert json.loads(done.stdout)["items"]
    assert ledger(fixtures_url, "curl") == []


# Retries


@pytest.mark.slow
@pytest.mark.parametrize(
    "step",
    [
        '{"status": 503}', '{"status": 429, "headers": {"Retry-After": "0"}}', '{"cut": "reset"}',
        '{"cut": "truncate"}', '{"delay": 5}', '{"cut": "stall"}', '{"status": 400}', '{"status": 401}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", [1, 3])
def test_retries_after_faults_have_no_warnings(url: str, step: str, page: int) -> None:
    client_id = f"retries {step} {page}".replace(":", "")
    script(url, client_id, f'{{"when": {{"page": {page}}}, "script": [{step}, {step}]}}')
    params: dict[str, Any] = {"limit": 25, "aggregationType": "COUNT,SUM,UNIQUE,CUSTOM"}
    seen = 0
    read = 0.4 if "delay" in step or "stall" in step else PATIENCE
    timeout = httpx.Timeout(PATIENCE, read=read)
    with httpx.Client(base_url=url, auth=(client_id, "s3cret"), timeout=timeout) as client:
        while True:
            try:
                response = client.get(LIST, params=params)
            except httpx.TransportError:
                continue
            if response.status_code != 200:
                continue
            answer = response.json()
            seen += len(answer["items"])
            if "after" not in answer["pagination"]:
                break
            params["after"] = answer["pagination"]["after"]
    assert seen == 100
    assert ledger(url, client_id) == []


@pytest.mark.slow
@pytest.mark.parametrize("back_off", [0, 0.5])
def test_retries_after_a_timeout_have_no_warnings(url: str, back_off: float) -> None:
    """Whether or not the answer that nobody waited for is ready by then."""
    client_id = f"timeout-{back_off}"
    script(url, client_id, '{"when": {"page": 2}, "script": [{"delay": 0.4}]}')
    cursor = send(url, client_id, f"{LIST}?limit=50").json["pagination"]["after"]
    target = f"{url}{LIST}?limit=50&after={cursor}"
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(target, auth=(client_id, "s3cret"), timeout=httpx.Timeout(PATIENCE, read=0.2))
    time.sleep(back_off)
    assert "after" not in httpx.get(target, auth=(client_id, "s3cret")).json()["pagination"]
    assert ledger(url, client_id) == []


@pytest.mark.parametrize("page", ["short-page", "empty-page", "duplicate-item", "wrong-total"])
def test_hostile_pages_that_lose_nothing_raise_no_suspicion(url: str, page: str) -> None:
    client_id = f"hostile-{page}"
    script(url, client_id, f'{{"script": [{{"page": "{page}"}}], "repeat": 3}}')
    walk(url, client_id, "limit=20")
    assert codes(url, client_id) == []


def test_warnings_come_for_requests_that_a_fault_answers_too(url: str) -> None:
    script(url, "faulty", '{"script": [{"status": 503}]}')
    assert send(url, "faulty", f"{LIST}?eventType=zz").header(SHORT) == "warning noSuchValue eventType"


# Many at once


@pytest.mark.slow
def test_suspicions_of_one_request_are_bounded() -> None:
    """Of 9,000 values none is known; the answer takes less than a second, which ten times guards."""
    with server.in_thread(build(Settings(count=10_000))) as url:
        values = ",".join(f"v{n}" for n in range(9_000))
        send(url, "first", LIST)  # It makes the records.
        began = time.perf_counter()
        answer = send(url, "bounded", f"{LIST}?eventType={values}")
        assert time.perf_counter() - began < 10
        assert answer.status == 200
        assert ledger(url, "bounded")[0]["count"] <= 100
        assert len(answer.header(SHORT) or "") <= 8_000


def test_every_metric_of_the_fixtures_is_found_by_its_own_values(fixtures_url: str) -> None:
    """By each field that can be filtered, encoded as the document asks."""
    assert FIXTURES.exists()
    items = send(fixtures_url, "all-values", f"{LIST}?limit=100").json["items"]
    for item in items:
        query = {"eventType": quote(item["eventType"], safe=""), "name": item["name"], "id": item["id"]}
        if item.get("aggregationProperty"):
            query["eventProperty"] = quote(item["aggregationProperty"], safe="")
        assert send(fixtures_url, "all-values", f"{LIST}?{urlencode(query)}").json["items"]
    assert codes(fixtures_url, "all-values") == []
