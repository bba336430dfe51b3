"""What leads to pages, whatever a client sends for it: starts, ids at the ends of pages, and links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.servers import build

RECORD = "{type: object, required: [id], properties: {id: {type: string}, n: {type: integer}}}"
LIMIT = "{name: limit, in: query, schema: {type: integer, maximum: 50}}"


def path(name: str, parameters: str, members: str, headers: str = "", record: str = RECORD) -> str:
    """Return a list in YAML; `members` are those of its answer beside the records, "" for a bare array."""
    array = f"{{type: array, items: {record}}}"
    schema = f"{{type: object, properties: {{data: {array}, {members}}}}}" if members else array
    return f"""
  /{name}:
    get:
      parameters: [{parameters}]
      responses: {{'200': {{description: OK, headers: {{{headers}}},
        content: {{application/json: {{schema: {schema}}}}}}}}}"""


def document(*paths: str) -> str:
    return "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:" + "".join(paths) + "\n"


NUMBER_RECORD = "{type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}"
STARTS = (
    "in: query, allowEmptyValue: true, example: '1348790499819', schema: {type: string, default: first}, "
    "description: 'A position; `now` and `0` or `null` begin.'"
)
AFTER = "{name: after, in: query, schema: {type: string}}"
BEFORE = "{name: before, in: query, schema: {type: string}}"
NUMBERED = "{name: page, in: query, schema: {type: integer}}"
LINK = "Link: {schema: {type: string}}"
DOCUMENT = document(
    path("ids", f"{LIMIT}, {AFTER}, {BEFORE}",
         "has_more: {type: boolean}, first_id: {type: string}, last_id: {type: string}"),
    path("strict-ids", f"{LIMIT}, {AFTER}",
         "has_more: {type: boolean}, first_id: {type: string, nullable: true}, last_id: {type: string}")
    .replace("object, properties: {data", "object, required: [first_id, last_id], properties: {data"),
    path("linked", f"{LIMIT}, {NUMBERED}", "total: {type: integer}", LINK),
    path("unlinked", f"{LIMIT}, {NUMBERED}", "total: {type: integer}"),
    path("tokens", f"{LIMIT}, {{name: page_token, in: query, schema: {{type: string}}}}",
         "next_page_token: {type: string}"),
    path("linked-tokens", f"{LIMIT}, {AFTER}, {BEFORE}", "", LINK),
    path("bare", f"{LIMIT}, {NUMBERED}", ""),
    path("sizes", "{name: limit, in: query, schema: {type: integer, enum: [10, 25]}}, " + NUMBERED,
         "total: {type: integer}"),
    path("users", f"{LIMIT}, {{name: since, in: query, schema: {{type: integer}}}}", "", LINK, NUMBER_RECORD),
    path("members", f"{LIMIT}, {AFTER}", "", "", "{type: object, required: [user], properties: {"
         "user: {type: object, required: [id], properties: {id: {type: string, pattern: '^[1-9][0-9]*$'}, n: {type: integer}}},"
         " notes: {type: object, properties: {text: {type: string}}}}}")
    .replace("name: after, in: query, schema: {type: string}", "name: after, in: query, schema: {type: integer}"),
    path("rooms/{room}/users", f"{LIMIT}, {{name: after, in: query, schema: {{type: string, pattern: '^[0-9]+$'}}}},"
         " {name: room, in: path, required: true, schema: {type: string}}", "", "",
         "{type: object, properties: {room_id: {type: string}, user_id: {type: string, pattern: '^[0-9]+$'}}}"),
    path("logs", f"{LIMIT}, {{name: before, in: query, schema: {{type: string, pattern: '^[0-9]+$'}}}}",
         "has_more: {type: boolean}", "",
         "{type: object, required: [id], properties: {id: {type: string, pattern: '^[0-9]+$'}}}"),
    path("events", f"{LIMIT}, {{name: stream_position, {STARTS}}}", "next_stream_position: {type: string}"),
    path("marked", f"{LIMIT}, {{name: starting_after, {STARTS}}}", "has_more: {type: boolean}"),
)  # fmt: skip


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("positions") / "lists.yaml"
    file.write_text(DOCUMENT)
    with server.in_thread(build(Settings(document=file, count=30))) as address:
        yield address


# Fields whose values are cursors


@pytest.mark.parametrize(
    ("name", "field", "parameter"),
    [("members", "user.id", "after"), ("rooms/1/users", "user_id", "after"), ("logs", "id", "before")],
)
def test_the_id_in_a_record_leads_on_wherever_it_is(
    url: str, name: str, field: str, parameter: str
) -> None:
    found: list[Any] = []
    position = ""
    for _ in range(20):
        page = wire.get(url, f"/{name}?limit=4{position}").json
        records = page["data"] if isinstance(page, dict) else page
        found += records
        if len(records) < 4:
            break
        last = records[-1]
        for step in field.split("."):
            last = last[step]
        position = f"&{parameter}={last}"
    whole = wire.get(url, f"/{name}?limit=50").json
    assert found == (whole["data"] if isinstance(whole, dict) else whole)
    assert len(found) == 30


# The ids at the ends of a page


def test_a_page_names_its_first_and_its_last_record_wherever_it_is(url: str) -> None:
    for query in ("limit=12", "limit=12&after=LAST", "limit=50&after=LAST", "limit=5&before=LAST"):
        last = wire.get(url, "/ids?limit=12").json["last_id"]
        page = wire.get(url, f"/ids?{query.replace('LAST', last)}").json
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])


def test_an_empty_page_names_no_record(url: str) -> None:
    first = wire.get(url, "/ids?limit=1").json["data"][0]["id"]
    last = wire.get(url, "/strict-ids?limit=50").json["last_id"]
    assert wire.get(url, f"/ids?before={first}").json == {"data": [], "has_more": False}
    # Where it must be there, and must be a text, it is an empty one.
    empty = wire.get(url, f"/strict-ids?after={last}").json
    assert empty == {"data": [], "has_more": False, "first_id": None, "last_id": ""}


# Links in a header


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("linked?limit=10&page=2", {"first", "prev", "next", "last"}),
        ("linked?limit=10", {"next", "last"}),
        ("bare?limit=10&page=3", {"first", "prev"}),
        ("linked-tokens?limit=10", {"next"}),
        ("unlinked?limit=10&page=2", set()),
        ("tokens?limit=10", set()),
    ],
)
def test_links_come_where_the_answer_describes_them_or_is_an_array_of_numbered_pages(
    url: str, query: str, expected: set[str]
) -> None:
    header = wire.get(url, f"/{query}").header("Link") or ""
    assert set(re.findall(r'rel="(\w+)"', header)) == expected


def test_the_size_of_a_page_is_one_of_its_enum_without_being_sent(url: str) -> None:
    assert len(wire.get(url, "/sizes").json["data"]) == 10
    assert len(wire.get(url, "/sizes?limit=25").json["data"]) == 25
    assert wire.get(url, "/sizes?limit=20").status == 400


# Starts


@pytest.mark.parametrize(
    "choose", [lambda _: 0, lambda _: -5, lambda ids: ids[9], lambda ids: ids[-1], lambda ids: 10**30]
)
def test_any_number_is_a_place_among_records_whose_ids_are_numbers(
    url: str, choose: Callable[[list[int]], int]
) -> None:
    ids = [each["id"] for each in wire.get(url, "/users?limit=50").json]
    sent = choose(ids)
    answer = wire.get(url, f"/users?limit=50&since={sent}")
    assert [each["id"] for each in answer.json] == [each for each in ids if each > sent]


@pytest.mark.parametrize("text", ["0", "now", "null", "1348790499819", "first", ""])
@pytest.mark.parametrize("name", ["events", "marked"])
def test_what_a_document_says_of_a_start_means_the_first_page(url: str, name: str, text: str) -> None:
    parameter = {"events": "stream_position", "marked": "starting_after"}[name]
    whole = wire.get(url, f"/{name}?limit=5").json["data"]
    assert wire.get(url, f"/{name}?limit=5&{parameter}={text}").json["data"] == whole
    assert wire.get(url, f"/{name}?limit=5&{parameter}=later").status == 400
