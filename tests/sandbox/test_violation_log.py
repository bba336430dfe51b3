"""The ledger: what was wrong, grouped, however many requests came and whatever the journal forgets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.errors import Violation
from mock_server.sandbox.violation_log import PATHS, VIOLATION, ViolationLog
from mock_server.server import server
from mock_server.settings import RateLimit, Settings
from tests.support import wire
from tests.support.callers import ID, SHORT, bad, ledger, script, send, shown
from tests.support.documents import LIST
from tests.support.servers import Serve, build

OPERATION = "getUsageMetrics"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of 100 generated records, whose accounts are these tests' own."""
    with server.in_thread(build(Settings())) as root:
        yield root


# Grouping


def test_equal_violations_are_grouped(url: str) -> None:
    first = bad(url, "grouped", "limit=0&n=1")
    other = bad(url, "grouped", "aggregationType=TOTAL")
    last = bad(url, "grouped", "limit=101&n=2")
    range_, unknown, enum = ledger(url, "grouped")
    told = "'0' was sent for 'limit', which must be a whole number from 1 to 100; send that, or leave it out."
    assert range_ == {
        "kind": "violation", "operation": OPERATION, "key": "limit", "code": "range", "message": told, "count": 2,
        "first": first, "last": last, "example": f"GET {LIST}?limit=0&n=1",
    }  # fmt: skip
    assert (unknown["kind"], unknown["key"], unknown["count"]) == ("warning", "n", 2)
    assert (unknown["first"], unknown["last"]) == (first, last)
    assert (enum["code"], enum["key"], enum["first"], enum["last"]) == (
        "enum",
        "aggregationType",
        other,
        other,
    )


def test_the_same_key_with_another_code_is_another_group(url: str) -> None:
    for value in ("0", "x", "1&limit=2", "101", "y"):
        bad(url, "codes", f"limit={value}")
    assert shown(ledger(url, "codes"), "key", "code", "count") == [
        ("limit", "range", 2), ("limit", "type", 2), ("limit", "repeated", 1),
    ]  # fmt: skip


def test_valid_requests_are_in_no_group(url: str) -> None:
    for target in (LIST, f"{LIST}?limit=5", f"{LIST}?aggregationType=COUNT%2CSUM"):
        assert send(url, "right", target).header(SHORT) is None
    assert send(url, "right", LIST, method="HEAD").header(SHORT) is None
    assert send(url, "right", LIST, method="OPTIONS").header(SHORT) is None
    assert ledger(url, "right") == []


def test_every_kind_of_refusal_is_a_violation(serve: Serve) -> None:
    url = serve(max_body=10, count=1)
    sent = [
        send(url, "refused", LIST + "?limit=0"), send(url, "refused", LIST, "Sequence-Version: 1"),
        send(url, "refused", "/nope"), send(url, "refused", LIST, method="PUT"),
        send(url, "refused", LIST, "Accept: text/html"), send(url, "refused", LIST, "Content-Length: 11"),
        send(url, "refused", LIST, *[f"X-{i}: {'x' * 1000}" for i in range(65)]),
        send(url, "refused", LIST + "?after=x"), send(url, "refused", LIST + "?limit=0", method="HEAD"),
    ]  # fmt: skip
    assert [answer.status for answer in sent] == [400, 400, 404, 405, 406, 413, 431, 400, 400]
    groups = ledger(url, "refused")
    assert {group["kind"] for group in groups} == {"violation"}
    assert shown(groups, "operation", "code", "key", "count") == [
        (OPERATION, "range", "limit", 2), (OPERATION, "UnrecognisedApiVersion", "Sequence-Version", 1),
        (None, "notFound", "", 1), (None, "methodNotAllowed", "", 1), (OPERATION, "notAcceptable", "Accept", 1),
        (None, "payloadTooLarge", "", 1), (None, "requestHeaderFieldsTooLarge", "", 1),
        (OPERATION, "unknownCursor", "after", 1),
    ]  # fmt: skip
    assert shown(groups[1:], "first", "last") == [(a.header(ID), a.header(ID)) for a in sent[1:8]]
    assert groups[0]["last"] == sent[8].header(ID)
    assert all(answer.header(SHORT) for answer in sent)


def test_requests_without_a_valid_account_are_in_anonymous(serve: Serve) -> None:
    url = serve(credentials=("mine:s3cret",), count=1)
    strangers = [
        wire.get(url, LIST),
        wire.get(url, LIST, auth=False),
        wire.get(url, "/nope", auth=False),
    ]
    groups = ledger(url, "mine", "?account=anonymous")
    assert shown(groups, "operation", "code", "key", "count", "first", "last") == [
        (OPERATION, "unauthorized", "Authorization", 2, strangers[0].header(ID), strangers[1].header(ID)),
        (None, "notFound", "", 1, strangers[2].header(ID), strangers[2].header(ID)),
    ]  # fmt: skip
    assert ledger(url, "mine") == []
    assert ledger(url, "mine", "?account=*") == groups
    assert [answer.header(SHORT) for answer in strangers] == [
        "unauthorized Authorization", "unauthorized Authorization", "notFound",
    ]  # fmt: skip


def test_what_no_operation_serves_is_grouped_by_path(url: str) -> None:
    for target in ("/nope", "/nope?a=b", "/nope", "/other", "/nope/"):
        send(url, "by-path", target)
    send(url, "by-path", "/other", method="POST")
    send(url, "by-path", LIST, method="DELETE")
    assert shown(ledger(url, "by-path"), "code", "example", "count") == [
        ("notFound", "GET /nope", 3), ("notFound", "GET /other", 2), ("notFound", "GET /nope/", 1),
        ("methodNotAllowed", f"DELETE {LIST}", 1),
    ]  # fmt: skip


def test_paths_without_end_make_one_last_group_and_leave_room_for_other_mistakes() -> None:
    log = ViolationLog()
    for number in range(1, 301):
        log.add(VIOLATION, [Violation("notFound", "none", "")], None, str(number), f"GET /{number}")
    log.add(VIOLATION, [Violation("range", "bad", "limit")], "list", "301", "GET /list?limit=0")
    groups = [group.as_json() for group in log]
    assert len(groups) == PATHS + 2
    assert (groups[PATHS]["count"], groups[PATHS]["example"]) == (300 - PATHS, "")
    assert groups[PATHS]["message"].startswith("Requests for further paths came")
    assert groups[-1]["code"] == "range"


def test_logs_are_merged_by_path() -> None:
    logs = [ViolationLog(), ViolationLog()]
    for number, log in enumerate(logs, start=1):
        for path in ("/a", f"/{number}"):
            log.add(VIOLATION, [Violation("notFound", "none", "")], None, str(number), f"GET {path}")
    logs[0].merge(logs[1])
    assert [(group.path, group.count) for group in logs[0]] == [("/a", 2), ("/1", 1), ("/2", 1)]


def test_reserved_ids_rate_limits_and_faults_are_no_mistakes(serve: Serve) -> None:
    url = serve(rate_limit=RateLimit(4, 60), count=30)
    reserved = ("unauthorized", "forbidden", "throttled", "broken", "anonymous")
    assert [send(url, each, LIST).status for each in reserved] == [401, 403, 429, 500, 401]
    for status in (400, 401, 503):
        script(url, "no-mistakes", f'{{"script": [{{"status": {status}}}]}}')
        assert send(url, "no-mistakes", LIST).status == status
    assert send(url, "no-mistakes", LIST, "Prefer: code=400").status == 400
    throttled = send(url, "no-mistakes", LIST)
    assert (throttled.status, throttled.header(SHORT)) == (429, None)
    assert ledger(url, "no-mistakes", "?account=*") == []


def test_a_cursor_that_a_fault_lets_expire_is_no_mistake_of_the_client(url: str) -> None:
    script(url, "expires", '{"script": [{"page": "expired-cursor"}]}')
    cursor = send(url, "expires", f"{LIST}?limit=60").json["pagination"]["after"]
    assert send(url, "expires", f"{LIST}?limit=60&after={cursor}").status == 400
    assert shown(ledger(url, "expires"), "kind", "code") == []


def test_the_control_apis_own_refusals_are_in_no_ledger(url: str) -> None:
    for target in ("/_mock/nope", "/_mock/requests?limit=x", "/_mock/violations?account=me"):
        answer = send(url, "control", target)
        assert answer.status in (400, 404)
        assert answer.header(SHORT) is None
    assert ledger(url, "control") == []


def test_operations_that_are_no_lists_have_groups_too(serve: Serve, small: Callable[..., Path]) -> None:
    path = small(
        (
            "    get:\n",
            "    post: {operationId: make, responses: {'201': {description: made}}}\n    get:\n",
        )
    )
    url = serve(document=path)
    send(url, "post", "/v1/things?x=1", method="POST")
    assert shown(ledger(url, "post"), "operation", "kind", "code") == [
        ("make", "warning", "unknownParameter")
    ]


# Exact, and bounded


@pytest.mark.parametrize("settings", [{"journal_size": 0}, {"journal_size": 2}, {"max_journal": 2}])
def test_counts_are_exact_although_the_journal_drops_requests(
    serve: Serve, settings: dict[str, int]
) -> None:
    url = serve(count=1, **settings)
    ids = [bad(url, "exact", f"limit=0&n={number}") for number in range(20)]
    first, last = ids[0], ids[-1]
    assert shown(ledger(url, "exact"), "code", "count", "first", "last") == [
        ("range", 20, first, last), ("unknownParameter", 20, first, last),
    ]  # fmt: skip
    verdict = send(url, "exact", "/_mock/verdict").json
    assert (verdict["violations"], verdict["warnings"]) == (20, 20)


def test_a_walk_that_was_given_up_is_not_forgotten_with_its_entries(serve: Serve) -> None:
    url = serve(count=100, journal_size=3)
    cursor = send(url, "given-up", LIST).json["pagination"]["after"]
    send(url, "given-up", f"{LIST}?after={cursor}")
    assert shown(ledger(url, "given-up"), "code", "count") == [("walkGivenUp", 1)]
    for _ in range(5):
        send(url, "given-up", f"{LIST}?limit=100")
    assert shown(ledger(url, "given-up"), "code", "count") == [("walkGivenUp", 1)]


@pytest.mark.slow
def test_a_thousand_names_make_no_thousand_groups(serve: Serve) -> None:
    """10,000 names that no document knows, most of them in requests of 100 that are wrong besides."""
    url = serve(count=1)
    bad(url, "many", "limit=0")
    for start in range(0, 10_000, 100):
        send(url, "many", f"{LIST}?{'&'.join(f'x{start + n}=1' for n in range(100))}")
    last = bad(url, "many", "limit=0&yy=1")
    groups = ledger(url, "many")
    assert 100 < len(groups) <= 300
    assert sum(group["count"] for group in groups) == 10_003
    limit = next(group for group in groups if group["key"] == "limit")
    assert (limit["count"], limit["last"]) == (2, last)
    rest = [group for group in groups if group["count"] > 2]
    assert [(group["kind"], group["last"]) for group in rest] == [("warning", last)]
    assert send(url, "many", "/_mock/verdict").json == {
        "passed": False, "reasons": ["2 violations"], "requests": 102,
        "violations": 2, "warnings": 10_001, "unfiredFaults": 0,
        "coverage": send(url, "many", "/_mock/coverage").json["percent"],
    }  # fmt: skip


def test_a_group_holds_little_of_what_was_sent(url: str) -> None:
    name, path = "x" * 30_000, "/" + "y" * 30_000
    bad(url, "huge", f"{name}=1")
    bad(url, "huge", f"limit={name}")
    send(url, "huge", path)
    for group in ledger(url, "huge"):
        assert all(len(value) < 400 for value in group.values() if isinstance(value, str))


def test_names_of_thousands_in_one_request_are_counted_to_a_hundred(url: str) -> None:
    bad(url, "in-one", "&".join(f"x{n}" for n in range(5_000)))
    assert len(ledger(url, "in-one")) == 100


# Accounts


def test_violations_are_listed_per_account_and_for_all(serve: Serve) -> None:
    url = serve(count=1)
    bad(url, "a")
    bad(url, "b", "limit=x")
    wire.get(url, LIST, auth=False)
    assert shown(ledger(url, "a"), "code") == [("range",)]
    assert shown(ledger(url, "b"), "code") == [("type",)]
    assert shown(ledger(url, "c", "?account=anonymous"), "code") == [("unauthorized",)]
    assert sorted(shown(ledger(url, "c", "?account=*"), "code")) == [
        ("range",),
        ("type",),
        ("unauthorized",),
    ]
    assert ledger(url, "c") == []


def test_the_first_and_last_ids_span_all_accounts(serve: Serve) -> None:
    url = serve(count=1)
    first = bad(url, "a")
    second = bad(url, "b")
    assert shown(ledger(url, "a", "?account=*"), "count", "first", "last") == [(2, first, second)]
    third = bad(url, "a")
    assert shown(ledger(url, "b", "?account=*"), "count", "first", "last") == [(3, first, third)]


def test_the_example_of_all_accounts_is_the_firsts(serve: Serve) -> None:
    url = serve(count=1)
    bad(url, "a", "limit=0")
    bad(url, "b", "limit=101")
    bad(url, "a", "limit=102")
    [group] = ledger(url, "c", "?account=*")
    assert group["example"] == f"GET {LIST}?limit=0"
    assert group["message"].startswith("'0' was sent")


def test_a_client_id_that_reads_like_all_is_an_account_like_any(serve: Serve) -> None:
    url = serve(count=1)
    bad(url, "other")
    assert ledger(url, "*") == []
    assert send(url, "*", "/_mock/verdict").json["violations"] == 0


def test_accounts_that_were_given_up_still_count_in_all(serve: Serve) -> None:
    url = serve(count=1, max_accounts=2)
    ids = [bad(url, f"evicted-{number}") for number in range(10)]
    assert shown(ledger(url, "looker", "?account=*"), "count", "first", "last") == [
        (10, ids[0], ids[-1])
    ]
    assert ledger(url, "evicted-0") == []
    assert send(url, "looker", "/_mock/verdict?account=*").json["violations"] == 10


def test_walks_given_up_by_accounts_that_were_given_up_still_count_in_all(serve: Serve) -> None:
    url = serve(count=50, max_accounts=2)
    cursor = send(url, "evicted", LIST).json["pagination"]["after"]
    send(url, "evicted", f"{LIST}?after={cursor}")
    for number in range(3):
        send(url, f"later-{number}", LIST)
    assert shown(ledger(url, "looker", "?account=*"), "code", "count") == [("walkGivenUp", 1)]


@pytest.mark.parametrize("account", ["me", "", "%2A%2A", "*&account=*"])
def test_no_other_account_can_be_asked_about(url: str, account: str) -> None:
    for call in ("violations", "coverage", "verdict", "report"):
        answer = send(url, "asker", f"/_mock/{call}?account={account}")
        assert (answer.status, {each["key"] for each in answer.violations}) == (400, {"account"})


@pytest.mark.parametrize(("method", "target"), [("POST", "/_mock/reset"), ("DELETE", "/_mock/requests")])
def test_clearing_the_journal_clears_the_violation_log(url: str, method: str, target: str) -> None:
    client_id = f"cleared-{method}"
    bad(url, client_id, "limit=0&n=1")
    cursor = send(url, client_id, LIST).json["pagination"]["after"]
    send(url, client_id, f"{LIST}?after={cursor}")
    assert len(ledger(url, client_id)) == 3
    assert send(url, client_id, target, method=method).status == 204
    assert ledger(url, client_id) == []
    assert send(url, client_id, "/_mock/coverage").json["covered"] == 0
    last = bad(url, client_id)
    assert shown(ledger(url, client_id), "count", "first") == [(1, last)]


def test_clearing_one_account_leaves_the_others(serve: Serve) -> None:
    url = serve(count=1)
    bad(url, "clearing")
    bad(url, "staying")
    send(url, "clearing", "/_mock/reset", method="POST")
    assert shown(ledger(url, "looker", "?account=*"), "count") == [(1,)]
    assert shown(ledger(url, "staying"), "count") == [(1,)]


@pytest.mark.slow
def test_a_request_under_way_at_a_reset_is_not_in_the_ledger_after(serve: Serve) -> None:
    url = serve(count=1, on_violation="record")
    script(url, "under-way", '{"script": [{"delay": 0.3}]}')
    with wire.connect(url) as connection:
        credentials = "Authorization: Basic dW5kZXItd2F5OnMzY3JldA=="  # under-way:s3cret
        connection.sendall(f"GET {LIST}?limit=0 HTTP/1.1\r\nHost: x\r\n{credentials}\r\n\r\n".encode())
        while send(url, "under-way", "/_mock/requests").json["recorded"] == 0:
            pass
        send(url, "under-way", "/_mock/reset", method="POST")
        assert wire.read(connection).status == 200
    assert ledger(url, "under-way") == []
    assert send(url, "under-way", "/_mock/coverage").json["covered"] == 0


# The header


def test_the_header_says_in_short_what_was_wrong(url: str) -> None:
    answer = send(url, "short", f"{LIST}?limit=0&limt=1&after=x&before=y&name=a&name=b")
    assert answer.status == 400
    assert answer.header(SHORT) == (
        "range limit; unknownCursor after; unknownCursor before; repeated name; conflictingCursors before; "
        "warning unknownParameter limt"
    )


def test_a_page_with_warnings_has_the_header(url: str) -> None:
    answer = send(url, "warned", f"{LIST}?limt=1")
    assert (answer.status, answer.header(SHORT)) == (200, "warning unknownParameter limt")
    assert send(url, "warned", f"{LIST}?limt=1", method="HEAD").header(SHORT) is not None


def test_the_header_is_there_when_a_fault_answers(url: str) -> None:
    script(url, "faulty", '{"script": [{"status": 503}]}')
    answer = send(url, "faulty", f"{LIST}?limt=1")
    assert (answer.status, answer.header(SHORT)) == (503, "warning unknownParameter limt")


@pytest.mark.parametrize(
    "query",
    [
        "%0D%0AX-Evil:%201=1", "%00=1", "%7F=1", "%C3%BC=1", "%E2%80%A8=1", "=1", "%20%20=1", ";%3B=1", "%ff=1",
        "%F0%9F%92%A5=1",
    ],
)  # fmt: skip
def test_the_header_takes_hostile_names(url: str, query: str) -> None:
    answer = send(url, "hostile", f"{LIST}?{query}")
    header = answer.header(SHORT)
    assert answer.status == 200
    assert answer.header("X-Evil") is None
    assert header is not None
    assert re.fullmatch(r"warning unknownParameter( [!-:<-~]+)?", header), header
    assert ledger(url, "hostile")


@pytest.mark.parametrize("strict", [False, True])
def test_the_header_has_at_most_8_kb(serve: Serve, strict: bool) -> None:
    url = serve(count=1, strict=strict)
    names = "&".join(f"{'x' * 56}{n:03}" for n in range(900))
    answer = send(url, "long", f"{LIST}?{names}")
    header = answer.header(SHORT)
    assert answer.status == (400 if strict else 200)
    assert header is not None
    assert 4_000 < len(header.encode("latin-1")) <= 8_000
    assert all(
        re.fullmatch(r"(warning )?unknownParameter x{56}\d{3}", each) for each in header.split("; ")[:-1]
    )


def test_the_header_is_cut_between_mistakes(serve: Serve) -> None:
    url = serve(count=1, strict=True)
    wrong = ",".join(f"{'x' * 10}{n}" for n in range(1_000))
    query = f"aggregationType={wrong}&" + "&".join(f"{'y' * 59}{n}" for n in range(300))
    header = send(url, "cut", f"{LIST}?{query}").header(SHORT)
    assert header is not None
    assert len(header) <= 8_000
    assert {each.split()[0] for each in header.split("; ")} <= {"enum", "unknownParameter", "..."}


# Messages that repair

VERBS = r"(send|leave|correct|percent-encode|encode|check|go on|follow|ask|raise|start|clear|call)"
SECRET = "hush-hush"

# A request, what must be in the messages of what was wrong with it: what was sent, and what is allowed.
REPAIRED: list[tuple[str, tuple[str, ...], str, list[str]]] = [
    ("limit=0", (), "GET", ["'0'", "limit", "1 to 100"]), ("limit=ten", (), "GET", ["'ten'", "limit", "whole number"]),
    ("limit=1&limit=2", (), "GET", ["limit", "2 times", "once"]), ("name=a&name=b", (), "GET", ["name", "2 times"]),
    ("aggregationType=total", (), "GET", ["'total'", "COUNT, UNIQUE, SUM, CUSTOM"]),
    ("aggregationType=SUMM", (), "GET", ["'SUMM'", "did you mean 'SUM'"]),
    ("after=nonsense", (), "GET", ["'nonsense'", "after"]), ("before=", (), "GET", ["''", "before"]),
    ("after=x&before=y", (), "GET", ["after", "before", "only one"]), ("limt=1", (), "GET", ["'limt'", "'limit'"]),
    ("", ("Sequence-Version: 2001-02-03",), "GET", ["2001-02-03", "2024-07-30"]),
    ("", ("Accept: text/html",), "GET", ["text/html", "application/json"]),
    ("", (), "PUT", ["PUT", "GET"]), ("eventType=zz", (), "GET", ["'zz'", "eventType"]),
    ("name=zz", (), "GET", ["'zz'", "name"]), ("name=a%2520b", (), "GET", ["'a%20b'", "name"]),
    ("name=a|b", (), "GET", ["a|b", "name"]),
    ("", ("Content-Length: 9999999",), "GET", ["1,048,576"]),
]  # fmt: skip


def assert_repairs(group: dict[str, Any]) -> None:
    """The message is a sentence, which ends with what to do."""
    *_, remedy = group["message"].split("; ")
    assert re.search(rf"\b{VERBS}\b.*\.$", remedy), group["message"]
    assert len(group["message"]) < 400


@pytest.mark.parametrize(("query", "headers", "method", "said"), REPAIRED)
def test_a_message_says_what_was_sent_what_is_allowed_and_what_to_do(
    url: str, query: str, headers: tuple[str, ...], method: str, said: list[str]
) -> None:
    client_id = f"repairs {method} {query} {headers}".replace(":", "")
    send(url, client_id, f"{LIST}?{query}", *headers, method=method)
    groups = ledger(url, client_id)
    assert groups
    for group in groups:
        assert_repairs(group)
    messages = " ".join(group["message"] for group in groups)
    assert [text for text in said if text not in messages] == []


def test_the_body_of_an_unknown_version_is_the_vendors_all_the_same(url: str) -> None:
    """Compare with docs/api_facts.md word for word, although the violation log has a message of its own."""
    assert send(url, "verbatim", LIST, "Sequence-Version: 1").json["error"] == {
        "type": "UnrecognisedApiVersion",
        "message": "No matching API version found. Please make sure the specified API version is valid.",
    }


@pytest.mark.parametrize("path", ["/nope", "/api/usage-metric", "/usage-metrics", "/api/usage-metrics/"])
def test_a_path_that_is_not_there_comes_with_one_that_is(url: str, path: str) -> None:
    client_id = f"path {path}"
    send(url, client_id, path)
    [group] = ledger(url, client_id)
    assert f"'{path}'" in group["message"]
    assert f" {LIST}" in group["message"]


def test_messages_about_walks_say_what_was_sent_and_what_to_do(serve: Serve) -> None:
    url = serve(count=200)
    query, cursor = "name=a", ""
    for number in range(7):
        page = send(url, "walks", f"{LIST}?{query}{cursor}").json["pagination"]
        cursor = f"&after={page['after']}"
        query = "" if number == 1 else query
    send(url, "walks", f"{LIST}?{query}{cursor}")
    send(url, "walks", f"{LIST}?{query}{cursor}")
    messages = {group["code"]: group for group in ledger(url, "walks")}
    assert messages.keys() == {"limitAbsent", "filtersChanged", "repeatedCursor", "walkGivenUp"}
    for group in messages.values():
        assert_repairs(group)
    assert "'limit'" in messages["limitAbsent"]["message"]
    assert "100" in messages["limitAbsent"]["message"]
    assert "name" in messages["filtersChanged"]["message"]
    assert "'after'" in messages["repeatedCursor"]["message"]
    assert re.search(r"\d+ pages", messages["walkGivenUp"]["message"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "header",
    [
        f"Authorization: {wire.basic('', SECRET)}", f"Authorization: {wire.basic_of(SECRET)}",
        f"Authorization: Basic {SECRET}", f"Authorization: Bearer {SECRET}", f"Authorization: {SECRET}",
        f"Authorization: {wire.basic_of(f'demo:{SECRET}')}, Basic {SECRET}",
        f"Authorization: Basic  {wire.basic_of(f'wrong:{SECRET}').split()[1]} x",
        f"Authorization: {wire.basic_of(f'wrong:{SECRET}')}", f"Cookie: session={SECRET}",
        f"Proxy-Authorization: Basic {SECRET}",
    ],
)  # fmt: skip
def test_no_message_and_no_example_shows_credentials(serve: Serve, header: str) -> None:
    url = serve(credentials=("looker:s3cret",), count=1)
    for query in ("", "?limit=0", "?limt=1"):
        answer = wire.get(url, LIST + query, header, auth=False)
        assert answer.status == 401
        assert SECRET not in str(answer.headers)
        assert SECRET not in answer.body.decode()
    for call in ("violations", "report"):
        told = send(url, "looker", f"/_mock/{call}?account=*").body.decode()
        assert "unauthorized" in told
        assert SECRET not in told
        assert wire.basic_of(f"wrong:{SECRET}").split()[1] not in told
    for group in ledger(url, "looker", "?account=*"):
        assert_repairs(group)


def test_an_example_shows_no_credentials_of_a_url(url: str) -> None:
    """As a proxy's client would send them, in the absolute form of the target."""
    send(url, "absolute", f"http://demo:{SECRET}@x{LIST}?limit=0")
    assert SECRET not in send(url, "absolute", "/_mock/violations").body.decode()


fragment = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="&#="), max_size=80
)


@pytest.mark.slow
@given(st.sampled_from(["limit", "after", "aggregationType", "name", "eventType", "limt"]), fragment)
def test_every_message_names_its_parameter_and_repairs(url: str, name: str, value: str) -> None:
    client_id = f"property {wire.basic_of(name + value).split()[1][:150]}"
    answer = send(url, client_id, f"{LIST}?{name}={value}")
    assert answer.status in (200, 400)
    for group in ledger(url, client_id):
        assert group["key"] == name
        if group["code"] not in ("walkGivenUp", "filtersChanged"):
            assert f"'{name}'" in group["message"]
        assert_repairs(group)
        assert group["message"].isprintable()
        assert group["example"].startswith(f"GET {LIST}?{name}")
