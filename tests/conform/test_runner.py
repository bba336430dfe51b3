"""The conformance kit: our own server passes it whole, and each broken one fails it where it is broken."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mock_server import cli
from mock_server.client import Sandbox
from mock_server.conform import encoding_checks, http_probe, runner
from mock_server.conform.http_probe import Prober
from mock_server.conform.runner import Finding
from mock_server.data import collection
from mock_server.lists import broken_pages, cursors, filters
from mock_server.openapi import document
from mock_server.pipeline.connexion_parts import Basic, Unchallenged
from mock_server.server import server
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import FIXTURES, ROOT
from tests.support.servers import Serve, build

Small = Callable[..., Path]

OVERLAY = (ROOT / "spec" / "usage.latest.product.live.overlay.yaml").read_text()
FAST = 1e6

load = functools.cache(document.load)


def findings(base_url: str, credentials: str = "demo:secret", **settings: Any) -> list[Finding]:
    loaded = load(settings.get("document", document.BUILT_IN))
    with closing(Prober(base_url, credentials, FAST)) as asking:
        return list(runner.run(loaded, asking))


def which(found: list[Finding], outcome: str) -> set[str]:
    """The checks that came to an outcome, e.g. `filter-finds name`."""
    return {
        f"{each.check} {each.about.partition(' ')[2]}".strip()
        for each in found
        if each.outcome == outcome
    }


def failed(base_url: str, credentials: str = "demo:secret") -> set[str]:
    return which(findings(base_url, credentials), runner.FAILED)


# The real thing


def test_the_server_passes_with_generated_records(url: str) -> None:
    found = findings(f"{url}/api")
    assert which(found, runner.FAILED) == set()
    open_ends = which(found, runner.UNDECIDABLE)
    assert {each for each in open_ends if not each.startswith("reading-")} == {
        "filter-nothing aggregationType"
    }
    assert len(which(found, runner.PASSED)) > 80


def test_the_server_passes_whole_with_the_hand_made_metrics(fixtures_url: str) -> None:
    found = findings(f"{fixtures_url}/api")
    assert which(found, runner.FAILED) == set()
    # No aggregationProperty there holds a space or a percent sign, and each aggregationType occurs.
    assert which(found, runner.UNDECIDABLE) == {
        "reading-space-plus eventProperty",
        "reading-space-percent eventProperty",
        "reading-percent-once eventProperty",
        "reading-percent-twice eventProperty",
        "filter-nothing aggregationType",
    }


def test_every_row_of_the_truth_table_is_decided_by_some_data(truth_url: str) -> None:
    found = [each for each in findings(f"{truth_url}/api") if each.about.endswith(" eventType")]
    encoding_checks = {each.check: each.outcome for each in found if each.check.startswith("reading-")}
    assert len(encoding_checks) == 18
    assert set(encoding_checks.values()) == {runner.PASSED}


@pytest.mark.parametrize("count", [0, 1, 21])
def test_the_server_passes_with_few_records(serve: Serve, count: int) -> None:
    assert failed(f"{serve(count=count)}/api") == set()


def test_a_list_that_is_too_long_to_be_walked_is_undecidable(serve: Serve) -> None:
    found = findings(f"{serve(count=5_001)}/api")
    assert which(found, runner.FAILED) == set()
    [walk] = [each for each in found if each.check == "walk-ends"]
    assert str(walk) == (
        "undecidable  walk-ends  getUsageMetrics: "
        "5,001 items take 51 pages, of which at most 50 are read"
    )


# Broken ones


@pytest.fixture(scope="module")
def own_url() -> Iterator[str]:
    """A server whose accounts get faults."""
    with server.in_thread(build(Settings(fixtures=(FIXTURES,)))) as root:
        yield root


# What a hostile page breaks; what can't be decided then is not said to have failed.
HOSTILE = {
    "repeat-cursor": {"walk-ends", "walk-once"},
    "empty-cursor": {"walk-ends", "cursor-presence"},
    "null-cursors": {"walk-ends", "cursor-presence", "schema"},
    "empty-page": {"walk-ends", "limit-default", "cursor-stable"},
    "short-page": {"walk-full", "limit-default"},
    "duplicate-item": {"walk-once", "walk-full", "limit-obeyed"},
    "wrong-total": {"walk-total", "limit-default"},
    "expired-cursor": {"walk-ends"},
}


@pytest.mark.parametrize("kind", broken_pages.KINDS)
def test_hostile_pages_fail(own_url: str, kind: str) -> None:
    Sandbox(own_url, kind, "secret").fail({"page": kind}, repeat="forever")
    assert failed(f"{own_url}/api", f"{kind}:secret") == HOSTILE[kind]


class Rewriting:
    """A server before the server, which rewrites the query on its way in and the body on its way out."""

    def __init__(
        self,
        inner: AsgiApp,
        query: Callable[[bytes], bytes] = lambda query: query,
        body: Callable[[int, bytes, bytes], bytes] = lambda _status, _query, body: body,
        content_type: bytes | None = None,
    ) -> None:
        self._inner, self._query, self._body = inner, query, body
        self._content_type = content_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = scope["query_string"]
        start: dict[str, Any] = {}
        pieces: list[bytes] = []

        async def rewritten(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            pieces.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = self._body(start["status"], sent, b"".join(pieces))
            kept = [(n, v) for n, v in start["headers"] if n.lower() != b"content-length"]
            if self._content_type:
                kept = [(n, v) for n, v in kept if n.lower() != b"content-type"]
                kept.append((b"content-type", self._content_type))
            kept.append((b"content-length", str(len(body)).encode()))
            await send({**start, "headers": kept})
            await send({"type": "http.response.body", "body": body})

        await self._inner({**scope, "query_string": self._query(sent)}, receive, rewritten)


def rewriting(**rewrites: Any) -> AbstractContextManager[str]:
    return server.in_thread(Rewriting(right(), **rewrites))


@functools.cache
def right() -> AsgiApp:
    """The application that is right, for the servers that are not to stand before."""
    built: AsgiApp = build(Settings(fixtures=(FIXTURES,)))
    return built


def parts(query: bytes) -> list[bytes]:
    return [part for part in query.split(b"&") if part]


def named(part: bytes) -> bytes:
    return part.partition(b"=")[0]


def only_last_filter(query: bytes) -> bytes:
    kept = [part for part in parts(query) if named(part) in (b"limit", b"after", b"before")]
    return b"&".join(kept + [part for part in parts(query) if part not in kept][-1:])


def invented_is_first(query: bytes) -> bytes:
    return b"&".join(part for part in parts(query) if not part.endswith(b"=no-such-cursor"))


def after_goes_first(query: bytes) -> bytes:
    names = {named(part) for part in parts(query)}
    return b"&".join(p for p in parts(query) if named(p) != b"before" or b"after" not in names)


def last_limit_counts(query: bytes) -> bytes:
    limits = [part for part in parts(query) if named(part) == b"limit"]
    return b"&".join([part for part in parts(query) if part not in limits] + limits[-1:])


def in_lists(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """A query's rewriter that replaces something in the parameters that take lists."""

    def rewrite(query: bytes) -> bytes:
        lists = [name.encode() for name in LISTS.split()]
        return b"&".join(p.replace(old, new) if named(p) in lists else p for p in parts(query))

    return rewrite


def empty_is_refused(query: bytes) -> bytes:
    return query + (b"&limit=0" if re.search(rb",,|=,|,(&|$)", query) else b"")


def paged(change: Callable[[dict[str, Any], bytes], Any]) -> Callable[[int, bytes, bytes], bytes]:
    """A body's rewriter that changes the lists among them."""

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
    """Leads from the last page to the first, each time by another cursor."""

    def __init__(self) -> None:
        self._lap = 0

    def __call__(self, page: dict[str, Any], query: bytes) -> None:
        self._lap += 1
        again = cursors.encode("usage-metrics", -1, self._lap)
        page["pagination"].setdefault("after", again)


class Unsteady:
    """Turns every other page around."""

    def __init__(self) -> None:
        self._asked = 0

    def __call__(self, page: dict[str, Any], query: bytes) -> None:
        self._asked += 1
        if self._asked % 2:
            page["items"].reverse()


def of(parameters: str, *checks: str) -> set[str]:
    """Checks of each of some parameters."""
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
        {"body": paged(total_of_page)},
        {"walk-total"} | of(FILTERS, "filter-walk"),
    ),
    "pages backward are upside down": (
        {"body": paged(backward_upside_down)},
        {"walk-backward", "cursor-other-limit"},
    ),
    "there is no way back": ({"body": paged(no_way_back)}, {"walk-backward", "cursor-presence"}),
    "the way back has other pages": ({"query": half_the_way_back}, {"walk-backward"}),
    "there is no end": (
        {"body": paged(Endless())},
        {"walk-ends", "walk-once", "walk-full"},
    ),
    "a field is null": ({"body": paged(null_field)}, {"schema"}),
    "pages change": ({"body": paged(Unsteady())}, {"cursor-stable", "cursor-other-limit"}),
    "errors have another shape": (
        {"body": text_error},
        REFUSALS | {"error-shape", "version-unknown", "version-header-case"},
    ),
    "errors have no key": ({"body": other_errors}, REFUSALS),
    "answers are said to be text": ({"content_type": b"text/plain"}, {"answers"}),
}


@pytest.mark.parametrize("broken", REWRITTEN)
def test_broken_servers_fail(broken: str) -> None:
    rewrites, wanted = REWRITTEN[broken]
    with rewriting(**rewrites) as root:
        assert failed(f"{root}/api") == wanted


def without(action: str) -> str:
    """The overlay without the action whose target ends so."""
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
        without("[?@.name == 'eventType']"),
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


@pytest.mark.parametrize("broken", OVERLAID)
def test_servers_by_another_overlay_fail(serve: Serve, tmp_path: Path, broken: str) -> None:
    overlay, wanted = OVERLAID[broken]
    (tmp_path / "overlay.yaml").write_text(overlay)
    root = serve(overlay=tmp_path / "overlay.yaml", fixtures=(FIXTURES,))
    assert failed(f"{root}/api") == wanted


def test_a_filter_that_looks_at_case_fails(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def matches(self: filters.Contains, column: filters.Column, positions: Any) -> list[int]:
        return [place for place in positions if self.text in str(column[place])]

    monkeypatch.setattr(filters.Contains, "matches", matches)
    assert failed(f"{serve(fixtures=(FIXTURES,))}/api") == of(
        "name", "filter-substring", "filter-finds", "filter-walk"
    )


def test_filters_of_which_either_will_do_fail(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    every = collection.Collection.matching

    def either(self: collection.Collection, wanted: frozenset[filters.Filter]) -> Sequence[int]:
        if not wanted:
            return every(self, wanted)
        return sorted({place for each in wanted for place in every(self, frozenset([each]))})

    monkeypatch.setattr(collection.Collection, "matching", either)
    assert failed(f"{serve(fixtures=(FIXTURES,))}/api") == {"filters-and"}


def test_a_refusal_without_a_challenge_fails(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    root = serve(count=1)
    monkeypatch.setattr(Basic, "refusal", staticmethod(Unchallenged.refusal))
    assert failed(f"{root}/api") == {"unauthorized-challenge"}


def test_an_answer_that_is_cut_fails(own_url: str) -> None:
    Sandbox(own_url, "cut", "secret").fail({"cut": "reset"}, query={"limit": 2})
    [finding] = [e for e in findings(f"{own_url}/api", "cut:secret") if e.outcome == runner.FAILED]
    assert finding.check == "limit-obeyed"
    assert re.search(r"GET http://\S+/api/usage-metrics\?limit=2 was not answered", finding.said)


# What is asked


def test_it_only_reads_and_asks_nothing_twice_but_for_stability(own_url: str) -> None:
    findings(f"{own_url}/api", "reader:secret")
    account = Sandbox(own_url, "reader", "secret")
    asked = account.requests()
    assert {(each["method"], each["path"]) for each in asked} == {("GET", "/api/usage-metrics")}
    plain = [each["query"] for each in asked if "sequence-version" not in each["headers"]]
    assert len(plain) - len(set(plain)) == 2


def test_the_bytes_of_a_reading_go_onto_the_wire_as_they_are(own_url: str) -> None:
    findings(f"{own_url}/api", "bytes:secret")
    asked = [each["query"] for each in Sandbox(own_url, "bytes", "secret").requests()]
    for sent in (
        "order%2Cpaid,message_sent",
        "order%252Cpaid%2Cmessage_sent",
        "api+call",
        "50%2525",
        ",,",
    ):
        assert any(query.startswith(f"eventType={sent}&") for query in asked), sent


def test_lists_that_need_parameters_are_not_asked_for(small: Small, serve: Serve) -> None:
    required = ("kind, in: query,", "kind, in: query, required: true,")
    loaded = document.load(small(required))
    with closing(Prober("http://127.0.0.1:9/", "a:b", FAST)) as asking:
        with pytest.raises(runner.NothingToAsk):
            list(runner.run(loaded, asking))
        assert asking.requests == 0


def test_another_document_is_proved_as_well(small: Small, serve: Serve) -> None:
    path = small(overlay=KIND_FILTERED)
    found = findings(f"{serve(document=path, count=30)}/v1", document=path)
    assert which(found, runner.FAILED) == set()
    assert {"walk-total", "filter-enum kind", "filters-and"} <= which(found, runner.PASSED) | {
        "filters-and"
    }
    assert {"version-default", "unauthorized-missing", "limit-bounds"} <= which(
        found, runner.UNDECIDABLE
    )


KIND_FILTERED = """
  - target: $.paths['/things'].get.parameters[?@.name == 'kind']
    update: {x-filter: {field: kind, match: any-of}}
"""


# The command


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moment by a clock that is moved by sleeping alone."""
    moment = [1000.0]
    monkeypatch.setattr(http_probe, "monotonic", lambda: moment[0])
    return moment


@pytest.fixture
def no_pace(monkeypatch: pytest.MonkeyPatch, now: list[float]) -> list[float]:
    """The moments at which requests were sent, by that clock."""
    sent: list[float] = []
    wait = http_probe.Pace.wait

    def sleep(seconds: float) -> None:
        now[0] += seconds

    def waited(self: http_probe.Pace) -> None:
        wait(self)
        sent.append(now[0])

    monkeypatch.setattr(http_probe, "sleep", sleep)
    monkeypatch.setattr(http_probe.Pace, "wait", waited)
    return sent


@pytest.mark.parametrize(("flags", "gap"), [([], 0.5), (["--rate", "4"], 0.25)])
def test_the_command_keeps_its_pace_and_exits_0(
    fixtures_url: str, no_pace: list[float], capsys: pytest.CaptureFixture[str],
    flags: list[str], gap: float,
) -> None:  # fmt: skip
    assert cli.main(["conform", f"{fixtures_url}/api", "--credentials", "pace:secret", *flags]) == 0
    gaps = {round(later - earlier, 6) for earlier, later in pairwise(no_pace)}
    assert gaps == {gap}
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "passed       answers  getUsageMetrics"
    assert lines[-1] == f"96 passed, 0 FAILED, 5 undecidable; {len(no_pace)} requests"


def test_a_pause_is_not_caught_up_with(no_pace: list[float], now: list[float]) -> None:
    pace = http_probe.Pace(2)
    pace.wait()
    now[0] += 60
    pace.wait()
    pace.wait()
    assert [moment - no_pace[0] for moment in no_pace] == [0, 60, 60.5]


def echo(_status: int, query: bytes, body: bytes) -> bytes:
    """A server that sends the credentials back, where the limit is 2, across the cut of the excerpt."""
    token = wire.BASIC.removeprefix("Basic ")
    filling = "x" * (http_probe.HEAD - 14)
    return f'["secret", "{filling}{token}{filling}"]'.encode() if b"limit=2" in query else body


def test_the_command_exits_1_and_shows_the_exchange_without_the_credentials(
    no_pace: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with rewriting(body=echo) as root:
        assert cli.main(["conform", f"{root}/api", "--credentials", "demo:secret"]) == 1
    text = capsys.readouterr().out
    assert "FAILED       limit-obeyed  getUsageMetrics\n" in text
    assert (
        "\n\nlimit-obeyed  getUsageMetrics: the body has no array 'items' of objects\n"
        "  GET /api/usage-metrics?limit=2\n"
        "      limit = '2'\n"
        "  was answered with 200, application/json; charset=utf-8\n"
        '      ["…", "xxx'
    ) in text
    assert re.search(r"\n\d+ passed, \d FAILED, 5 undecidable; \d+ requests\n$", text)
    assert wire.BASIC.removeprefix("Basic ")[:4] not in text


def test_the_exchange_of_a_refusal_says_what_was_sent_in_place_of_credentials() -> None:
    reply = http_probe.Reply("/x?a=b%2C+c", (), False, 200, (), b"\x1b[31m{" + b"x" * 1000 + b"}")
    assert list(reply.lines(str)) == [
        "GET /x?a=b%2C+c",
        "    a = 'b, c'",
        "    without credentials",
        "was answered with 200, no Content-Type",
        f"     [31m{{{'x' * 394} … {'x' * 199}}}",
    ]
    scheme = replace(reply, sent=(("Authorization", "Bearer abc"),), body=b"")
    assert list(scheme.lines(str))[2:] == [
        "    Authorization: Bearer abc",
        "was answered with 200, no Content-Type",
        "    (no body)",
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["http://127.0.0.1:9/api"], "Missing option '--credentials'"),
        (["127.0.0.1:9/api", "--credentials", "a:b"], "is not the base URL of an API"),
        (["http://x/api?a=b", "--credentials", "a:b"], "is not the base URL of an API"),
        (["http://a:hush@x/api", "--credentials", "a:b"], "the URL holds credentials"),
        (["http://x:port/api", "--credentials", "a:b"], "nobody can be asked at http://x:port/api"),
        (["http://[x/api", "--credentials", "a:b"], "Invalid IPv6 URL"),
        (["http://x/api", "--credentials", "hush"], "the value is not of the form id:secret"),
        (["http://x/api", "--credentials", "a:b", "--rate", "0"], "'0' is not a number of requests"),
        (["http://x/api", "--credentials", "a:b", "--rate", "nan"], "'nan' is not a number"),
        (["http://127.0.0.1:9/api", "--credentials", "a:b"], "GET http://127.0.0.1:9/api/usage-metrics"),
        (["http://x/api", "--credentials", "a:b", "--document", "no.yaml"], "no.yaml"),
        ([], "Missing argument 'URL'"),
    ],
)
def test_the_command_exits_2_where_nothing_can_be_asked(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    assert cli.main(["conform", *arguments]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert reason in error
    assert "hush" not in error


def test_the_credentials_may_come_from_the_environment(
    fixtures_url: str, no_pace: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_SERVER_CONFORM_CREDENTIALS", "a:b")
    assert cli.main(["conform", f"{fixtures_url}/api"]) == 0
