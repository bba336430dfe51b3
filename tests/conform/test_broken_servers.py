"""Each broken server fails the checks of what is broken, and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Sandbox
from mock_server.conform import encoding_checks, runner
from mock_server.data import collection
from mock_server.lists import broken_pages, cursors, filters
from mock_server.openapi.security import Requirement
from tests.support.conformance import failed_checks, findings
from tests.support.documents import FIXTURES, ROOT
from tests.support.rewriting_server import rewriting
from tests.support.servers import Serve, built_in

OVERLAY = (ROOT / "spec" / "usage.latest.product.live.overlay.yaml").read_text()

# The checks that fail by a kind of broken page. Those that it makes undecidable do not fail.
BROKEN_PAGES = {
    "repeat-cursor": {"walk-ends", "walk-once"},
    "empty-cursor": {"walk-ends", "cursor-presence"},
    "null-cursors": {"walk-ends", "cursor-presence", "schema"},
    "empty-page": {"walk-ends", "limit-default", "cursor-stable"},
    "short-page": {"walk-full", "limit-default"},
    "duplicate-item": {"walk-once", "walk-full", "limit-obeyed"},
    "wrong-total": {"walk-total", "limit-default"},
    "expired-cursor": {"walk-ends"},
    "missing-next": {"walk-total"},
    "repeat-page": {"walk-once", "walk-total"},
}


def test_every_kind_that_the_list_has_is_named() -> None:
    [operation] = built_in().lists.values()
    assert broken_pages.kinds_of(operation.convention) == BROKEN_PAGES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("kind", BROKEN_PAGES)
def test_broken_pages_fail(own_url: str, kind: str) -> None:
    Sandbox(own_url, kind, "secret").fail({"page": kind}, repeat="forever")
    assert failed_checks(f"{own_url}/api", f"{kind}:secret") == BROKEN_PAGES[kind]


def parts(query: bytes) -> list[bytes]:
    return [part for part in query.split(b"&") if part]


def name_of(part: bytes) -> bytes:
    return part.partition(b"=")[0]


def only_last_filter(query: bytes) -> bytes:
    kept = [part for part in parts(query) if name_of(part) in (b"limit", b"after", b"before")]
    return b"&".join(kept + [part for part in parts(query) if part not in kept][-1:])


def invented_is_first(query: bytes) -> bytes:
    return b"&".join(part for part in parts(query) if not part.endswith(b"=no-such-cursor"))


def after_goes_first(query: bytes) -> bytes:
    names = {name_of(part) for part in parts(query)}
    return b"&".join(p for p in parts(query) if name_of(p) != b"before" or b"after" not in names)


def last_limit_counts(query: bytes) -> bytes:
    limits = [part for part in parts(query) if name_of(part) == b"limit"]
    return b"&".join([part for part in parts(query) if part not in limits] + limits[-1:])


def in_lists(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Return a rewriter of queries: it replaces bytes in the parameters that take lists."""

    def rewrite(query: bytes) -> bytes:
        lists = [name.encode() for name in LISTS.split()]
        return b"&".join(p.replace(old, new) if name_of(p) in lists else p for p in parts(query))

    return rewrite


def empty_is_refused(query: bytes) -> bytes:
    return query + (b"&limit=0" if re.search(rb",,|=,|,(&|$)", query) else b"")


def rewrite_pages(
    change: Callable[[dict[str, Any], bytes], Any],
) -> Callable[[int, bytes, bytes], bytes]:
    """Return a rewriter of bodies that changes those that are pages of a list."""

    def rewrite(status: int, query: bytes, body: bytes) -> bytes:
        page = json.loads(body)
        if status == 200 and "items" in page:
            change(page, query)
        return json.dumps(page).encode()

    return rewrite


def total_of_page(page: dict[str, Any], _query: bytes) -> None:
    page["pagination"]["totalResultSize"] = len(page["items"])


def backward_upside_down(page: dict[str, Any], query: bytes) -> None:
    if b"before=" in query:
        page["items"].reverse()


def null_field(page: dict[str, Any], _query: bytes) -> None:
    for item in page["items"]:
        item["deletedAt"] = item.get("deletedAt")


def text_error(status: int, _query: bytes, body: bytes) -> bytes:
    return b'{"message": "no"}' if status == 400 else body


def other_errors(status: int, _query: bytes, body: bytes) -> bytes:
    return body.replace(b'"key"', b'"field"') if status == 400 else body


def no_way_back(page: dict[str, Any], _query: bytes) -> None:
    page["pagination"].pop("before", None)


def half_the_way_back(query: bytes) -> bytes:
    return query.replace(b"limit=4", b"limit=2") if b"before=" in query else query


class Endless:
    """Make the last page lead to the first, each time by another cursor."""

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self, page: dict[str, Any], query: bytes) -> None:
        self._asked += 1
        again = cursors.encode("usage-metrics", -1, self._asked)
        page["pagination"].setdefault("after", again)


class Unsteady:
    """Reverse the items of every second page."""

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self, page: dict[str, Any], query: bytes) -> None:
        self._asked += 1
        if self._asked % 2:
            page["items"].reverse()


def of(parameters: str, *checks: str) -> set[str]:
    """Return the checks of each of the parameters, e.g. `filter-finds name`."""
    return {f"{check} {parameter}" for parameter in parameters.split() for check in checks}


REFUSALS = {
    "limit-bounds",
    "limit-type",
    "limit-repeated",
    "cursor-invented",
    "cursor-both",
    "filter-repeated name",
    "filter-repeated id",
    "filter-enum aggregationType",
}
LISTS = "eventType eventProperty aggregationType"
FILTERS = f"name id {LISTS}"
TWICE = ["reading-twice-encoded", "reading-twice-encoded-comma", "reading-twice-encoded-whole"]
EMPTY = ["reading-empty-between", "reading-empty-first", "reading-empty-last", "reading-only-commas"]

REWRITTEN: dict[str, tuple[dict[str, Any], set[str]]] = {
    "the last of two filters counts": (
        {"query": only_last_filter},
        {"filters-and"} | of("name id", "filter-repeated") | of(LISTS, "reading-repeated"),
    ),
    "an invented cursor is the first page": ({"query": invented_is_first}, {"cursor-invented"}),
    "both cursors are taken": ({"query": after_goes_first}, {"cursor-both"}),
    "the last limit counts": ({"query": last_limit_counts}, {"limit-repeated"}),
    "an encoded comma always separates": (
        {"query": in_lists(b"%2C", b",")},
        of("eventType eventProperty", "reading-comma-kept", "reading-each-encoded"),
    ),
    "an encoded comma never separates": (
        {"query": in_lists(b"%2C", b"%252C")},
        of(LISTS, "reading-comma-encoded")
        | of("eventType eventProperty", "reading-twice-encoded-whole")
        # A part of `order,paid` is an event type of its own.
        | of("eventType", "reading-comma-kept"),
    ),
    "nothing is decoded twice": (
        {"query": in_lists(b"%25", b"%2525")},
        of("eventType eventProperty", *TWICE) | of("eventType", "reading-percent-twice"),
    ),
    "a plus is a plus": ({"query": in_lists(b"+", b"%2B")}, of("eventType", "reading-space-plus")),
    "empty values are refused": ({"query": empty_is_refused}, of(LISTS, *EMPTY)),
    "the total is that of the page": (
        {"body": rewrite_pages(total_of_page)},
        {"walk-total"} | of(FILTERS, "filter-walk"),
    ),
    "pages backward are upside down": (
        {"body": rewrite_pages(backward_upside_down)},
        {"walk-backward", "cursor-other-limit"},
    ),
    "there is no way back": ({"body": rewrite_pages(no_way_back)}, {"walk-backward", "cursor-presence"}),
    "the way back has other pages": ({"query": half_the_way_back}, {"walk-backward"}),
    "there is no end": (
        {"body": rewrite_pages(Endless())},
        {"walk-ends", "walk-once", "walk-full"},
    ),
    "a field is null": ({"body": rewrite_pages(null_field)}, {"schema"}),
    "pages change": ({"body": rewrite_pages(Unsteady())}, {"cursor-stable", "cursor-other-limit"}),
    "errors have another shape": (
        {"body": text_error},
        REFUSALS | {"error-shape", "version-unknown", "version-header-case"},
    ),
    "errors have no key": ({"body": other_errors}, REFUSALS),
    "answers are said to be text": ({"content_type": b"text/plain"}, {"answers"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("broken", REWRITTEN)
def test_broken_servers_fail(broken: str) -> None:
    rewrites, wanted = REWRITTEN[broken]
    with rewriting(**rewrites) as root:
        assert failed_checks(f"{root}/api") == wanted


def without(action: str) -> str:
    """Return the overlay without the action whose target ends in a text."""
    pattern = rf"  - target: [^\n]*{re.escape(action)}\n(?:    .*\n)+"
    assert len(re.findall(pattern, OVERLAY)) == 1
    return re.sub(pattern, "", OVERLAY)


ROWS = {*encoding_checks.PLAIN, *encoding_checks.SPECIAL}
FOUND_BY_PARTS = {
    "reading-one",
    "reading-space-plus",
    "reading-space-percent",
    "reading-percent-once",
}

OVERLAID: dict[str, tuple[str, set[str]]] = {
    "a filter is ignored": (
        OVERLAY.replace("x-filter: {field: eventType, match: any-of}", "x-filter: false"),
        {"filters-and"} | of("eventType", *ROWS, *runner.FILTERS, "filter-exact"),
    ),
    "a list is taken for a part": (
        OVERLAY.replace("{field: eventType, match: any-of}", "{field: eventType, match: contains}"),
        of("eventType", "filter-exact", "filter-finds", "filter-walk", "reading-only-commas")
        | of("eventType", *(ROWS - FOUND_BY_PARTS)),
    ),
    "a part is taken for a list": (
        OVERLAY.replace("{field: name, match: contains}", "{field: name, match: any-of}"),
        of("name", "filter-substring", "filter-walk", "filter-repeated"),
    ),
    "the limit has no maximum": (OVERLAY.replace("      maximum: 100\n", ""), {"limit-bounds"}),
    "the default limit is another": (OVERLAY.replace("default: 20", "default: 10"), {"limit-default"}),
    "credentials are not asked for": (
        without("$.security"),
        {"unauthorized-missing", "unauthorized-malformed", "unauthorized-scheme"},
    ),
    "there are no versions": (
        without("[?@.name == 'Sequence-Version']"),
        {
            "version-default",
            "version-known",
            "version-unknown",
            "version-header-case",
            "version-everywhere",
        },
    ),
    "an unknown version is another error": (
        OVERLAY.replace("UnrecognisedApiVersion", "UnknownVersion"),
        {"version-unknown", "version-header-case"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("broken", OVERLAID)
def test_servers_by_another_overlay_fail(serve: Serve, tmp_path: Path, broken: str) -> None:
    overlay, wanted = OVERLAID[broken]
    (tmp_path / "overlay.yaml").write_text(overlay)
    root = serve(overlay=tmp_path / "overlay.yaml", fixtures=(FIXTURES,))
    assert failed_checks(f"{root}/api") == wanted


@pytest.mark.slow
def test_a_filter_that_looks_at_case_fails(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def matches(self: filters.Contains, rows: filters.Rows, positions: Any) -> list[int]:
        column = rows.columns[self.field]
        return [place for place in positions if self.text in str(column[place])]

    monkeypatch.setattr(filters.Contains, "matches", matches)
    assert failed_checks(f"{serve(fixtures=(FIXTURES,))}/api") == of(
        "name", "filter-substring", "filter-finds", "filter-walk"
    )


@pytest.mark.slow
def test_filters_of_which_either_will_do_fail(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    every = collection.Collection.matching

    def either(self: collection.Collection, wanted: frozenset[filters.Filter]) -> Sequence[int]:
        if not wanted:
            return every(self, wanted)
        return sorted({place for each in wanted for place in every(self, frozenset([each]))})

    monkeypatch.setattr(collection.Collection, "matching", either)
    assert failed_checks(f"{serve(fixtures=(FIXTURES,))}/api") == {"filters-and"}


def test_a_refusal_without_a_challenge_fails(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    monkeypatch.setattr(Requirement, "challenge", None)
    root = serve(count=1)
    assert failed_checks(f"{root}/api") == {"unauthorized-challenge"}


@pytest.mark.slow
def test_an_answer_that_is_cut_fails(own_url: str) -> None:
    Sandbox(own_url, "cut", "secret").fail({"cut": "reset"}, query={"limit": 2})
    [finding] = [e for e in findings(f"{own_url}/api", "cut:secret") if e.outcome == runner.FAILED]
    assert finding.check == "limit-obeyed"
    assert re.search(r"GET http://\S+/api/usage-metrics\?limit=2 was not answered", finding.message)
