"""The facts of docs/api_facts.md, checked with the HTTP clients that people use."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import httpx
import pytest
import requests

from mock_server.formats import source_file
from tests.support import wire
from tests.support.documents import AUTH, FIXTURES, LIST, TRUTH_TABLE
from tests.support.patience import PATIENCE

Params = Sequence[tuple[str, str]]
Client = Callable[[str, Params], Any]

RECORDS = source_file.read(FIXTURES).data["usage-metrics"]


def with_requests(url: str, params: Params) -> Any:
    return requests.get(url, params=params, auth=AUTH, timeout=PATIENCE).json()


def with_httpx(url: str, params: Params) -> Any:
    return httpx.get(url, params=list(params), auth=AUTH).json()


def with_urllib(url: str, params: Params) -> Any:
    request = urllib.request.Request(f"{url}?{urlencode(params)}")
    request.add_header("Authorization", wire.BASIC)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def with_aiohttp(url: str, params: Params) -> Any:
    async def fetch() -> Any:
        async with (
            aiohttp.ClientSession(headers={"Authorization": wire.BASIC}) as session,
            session.get(url, params=params) as response,
        ):
            return await response.json()

    return asyncio.run(fetch())


def with_curl(url: str, params: Params) -> Any:
    flags = [part for name, value in params for part in ("--data-urlencode", f"{name}={value}")]
    command = ["curl", "--silent", "--get", "--user", "demo:secret", *flags, url]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


CLIENTS = [
    with_requests,
    with_httpx,
    with_urllib,
    with_aiohttp,
    pytest.param(
        with_curl, marks=pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
    ),
]
clients = pytest.mark.parametrize("fetch", CLIENTS)


@clients
def test_a_client_walks_forwards_and_backwards(url: str, fetch: Client) -> None:
    page = fetch(url + LIST, [("limit", "30")])
    forward = page["items"]
    assert "before" not in page["pagination"]
    while "after" in page["pagination"]:
        page = fetch(url + LIST, [("limit", "30"), ("after", page["pagination"]["after"])])
        forward += page["items"]
    last, backward = page, page["items"]
    while "before" in page["pagination"]:
        page = fetch(url + LIST, [("limit", "30"), ("before", page["pagination"]["before"])])
        backward = page["items"] + backward
    assert backward == forward
    assert len(forward) == last["pagination"]["totalResultSize"] == 100


@clients
@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("eventType", "api_call,fax_sent", "eventType", {"api_call", "fax_sent"}),
        ("eventType", quote("order,paid", safe="") + ",order", "eventType", {"order,paid", "order"}),
        ("eventType", quote("order,paid", safe=""), "eventType", {"order,paid"}),
        ("eventType", "50%", "eventType", {"50%"}),
        ("eventType", quote("50%"), "eventType", {"50%"}),
        ("eventType", "api call", "eventType", {"api call"}),
        ("eventType", "API_CALL", "eventType", {"API_CALL"}),
        ("eventProperty", "größe", "aggregationProperty", {"größe"}),
        ("eventProperty", quote("amount,net", safe="") + ",user_id", "aggregationProperty",
         {"amount,net", "user_id"}),
        ("aggregationType", "UNIQUE,CUSTOM", "aggregationType", {"UNIQUE", "CUSTOM"}),
        ("name", "API calls", "name", {"API calls", "api CALLS"}),
        ("name", "GRÖSSE", "name", {"Größe der Anhänge"}),
        ("id", "F092246C-6B90", "id", {"f092246c-6b90-4106-bcca-304ccf06bf45"}),
    ],
)  # fmt: skip
def test_filters_mean_what_the_document_says(
    fixtures_url: str, fetch: Client, name: str, value: str, field: str, expected: set[str]
) -> None:
    page = fetch(fixtures_url + LIST, [(name, value)])
    assert {item[field] for item in page["items"]} == expected
    wanted = [r["name"] for r in RECORDS if r.get(field) in expected]
    assert [item["name"] for item in page["items"]] == wanted
    assert page["pagination"]["totalResultSize"] == len(wanted)


@clients
def test_repeated_parameters_add_up_and_filters_narrow(fixtures_url: str, fetch: Client) -> None:
    both = fetch(fixtures_url + LIST, [("eventType", "api_call"), ("eventType", "API_CALL")])
    assert both["pagination"]["totalResultSize"] == 2
    one = fetch(
        fixtures_url + LIST, [("eventType", "api_call,API_CALL"), ("name", "CALLS"), ("id", "0b8f")]
    )
    assert [item["name"] for item in one["items"]] == ["API calls"]


@clients
def test_a_client_is_told_what_it_did_wrong(url: str, fetch: Callable[..., Any]) -> None:
    if fetch is with_urllib:
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(url + LIST, [("limit", "0")])
        body = json.load(caught.value)
        caught.value.close()
    else:
        body = fetch(url + LIST, [("limit", "0")])
    assert [error["key"] for error in body["error"]["errors"]] == ["limit"]


@pytest.mark.parametrize(("sent", "values"), TRUTH_TABLE)
def test_the_truth_table_on_the_wire(
    fixtures_url: str, truth_url: str, sent: str, values: set[str]
) -> None:
    answer = wire.get(truth_url, f"{LIST}?limit=100&eventType={sent}").json
    everything = {"a", "b", "c", "a,b", "api call", "50%", "api+call", "a%2Cb"}
    expected = values if values else everything
    assert {item["eventType"] for item in answer["items"]} == expected


@pytest.mark.parametrize("sent", ["COUNT,SUM", "COUNT%2CSUM", "SUM%2cCOUNT", ",COUNT,,SUM,"])
def test_aggregation_types_are_never_a_violation_however_the_comma_is_sent(url: str, sent: str) -> None:
    answer = wire.get(url, f"{LIST}?limit=100&aggregationType={sent}")
    assert {item["aggregationType"] for item in answer.json["items"]} == {"COUNT", "SUM"}


def test_error_bodies_have_the_published_shape(url: str) -> None:
    error = requests.get(f"{url}{LIST}?limit=0", auth=AUTH, timeout=PATIENCE).json()["error"]
    assert set(error) == {"type", "message", "errors"}
    assert all({"code", "message"} <= set(each) for each in error["errors"])


def test_the_default_page_has_20_records_newest_first(url: str) -> None:
    items = requests.get(url + LIST, auth=AUTH, timeout=PATIENCE).json()["items"]
    assert len(items) == 20
    created = [item["createdAt"] for item in items]
    assert created == sorted(created, reverse=True)
    assert all(moment.endswith("Z") for moment in created)


def test_a_fixture_file_is_served_in_the_order_in_which_it_is_written(fixtures_url: str) -> None:
    items = requests.get(fixtures_url + LIST, auth=AUTH, timeout=PATIENCE).json()["items"]
    assert [item["name"] for item in items] == [record["name"] for record in RECORDS]


def test_the_published_example_is_served_word_for_word(fixtures_url: str) -> None:
    document = source_file.read(FIXTURES.parent.parent / "spec" / "usage.latest.product.live.yaml").data
    example = document["components"]["schemas"]["UsageMetric"]["example"]
    first = requests.get(fixtures_url + LIST, auth=AUTH, timeout=PATIENCE).json()["items"][0]
    assert first == example


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_fetch_in_node(fixtures_url: str) -> None:
    script = """
    const query = new URLSearchParams({ eventType: "order%2Cpaid,order" });
    const response = await fetch(`${process.argv[1]}?${query}`, {
      headers: { Authorization: `Basic ${btoa("demo:secret")}` },
    });
    console.log((await response.json()).pagination.totalResultSize);
    """
    command = ["node", "--input-type=module", "-e", script, fixtures_url + LIST]
    assert subprocess.run(command, capture_output=True, check=True).stdout.strip() == b"2"
