"""Recording without refusing: `--on-violation record` serves an old client, and forgets no mistake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.callers import ID, SHORT, covered, entries, ledger, script, send, shown
from tests.support.documents import LIST, assert_described
from tests.support.servers import Serve, build


@pytest.fixture(scope="module")
def recording() -> Iterator[str]:
    """A server of 100 generated records that records violations."""
    with server.in_thread(build(Settings(on_violation="record"))) as root:
        yield root


def served(url: str, client_id: str, query: str, *headers: str) -> Any:
    answer = send(url, client_id, f"{LIST}?{query}", *headers)
    assert_described(answer)
    assert answer.status == 200, answer.body
    return answer.json


def ids(page: Any) -> list[str]:
    return [item["id"] for item in page["items"]]


def cursors(url: str) -> tuple[str, str]:
    """An after and a before of the middle of the list."""
    page = served(url, "scout", "limit=20")["pagination"]
    page = served(url, "scout", f"limit=20&after={page['after']}")["pagination"]
    return page["after"], page["before"]


DROPPED = [
    ("limit=0", "", ["range limit"]), ("limit=101", "", ["range limit"]), ("limit=x", "", ["type limit"]),
    ("limit=", "", ["type limit"]), ("limit=5&limit=7", "", ["repeated limit"]),
    ("limit=0&limit=0", "", ["repeated limit", "range limit"]),
    ("after=x", "", ["unknownCursor after"]), ("before=x", "", ["unknownCursor before"]),
    ("after=", "", ["unknownCursor after"]), ("limit=7&after=x", "limit=7", ["unknownCursor after"]),
    ("after=x&before=y", "", ["unknownCursor after", "unknownCursor before", "conflictingCursors before"]),
    ("aggregationType=TOTAL", "", ["enum aggregationType"]),
    ("aggregationType=TOTAL&name=a", "name=a", ["enum aggregationType"]),
    ("name=a&name=b", "", ["repeated name"]), ("id=a&id=a&limit=3", "limit=3", ["repeated id"]),
    ("limit=0&aggregationType=NO&after=x&name=e", "name=e", [
        "range limit", "unknownCursor after", "enum aggregationType",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "meant", "short"), DROPPED)
def test_record_mode_ignores_and_records_wrong_parameters(
    recording: str, query: str, meant: str, short: list[str]
) -> None:
    client_id = f"dropped {query}"
    answer = send(recording, client_id, f"{LIST}?{query}")
    assert_described(answer)
    assert (answer.status, ids(answer.json)) == (200, ids(served(recording, "right", meant)))
    violations = [
        each for each in str(answer.header(SHORT)).split("; ") if not each.startswith("warning")
    ]
    assert sorted(violations) == sorted(short)
    [entry] = entries(recording, client_id)
    assert (entry["status"], len(entry["violations"])) == (200, len(short))
    found = [group for group in ledger(recording, client_id) if group["kind"] == "violation"]
    assert sorted(f"{group['code']} {group['key']}" for group in found) == sorted(short)
    assert send(recording, client_id, "/_mock/verdict").json["violations"] == len(short)
    assert send(recording, client_id, "/_mock/verdict").json["passed"] is False


def test_the_messages_are_those_of_a_refusal(recording: str, url: str) -> None:
    query = "limit=0&aggregationType=TOTAL&after=x&before=y&name=a&name=b"
    served(recording, "messages", query)
    [entry] = entries(recording, "messages")
    assert entry["violations"] == send(url, "record-mode", f"{LIST}?{query}").violations


def test_an_unknown_version_gets_the_newest(recording: str) -> None:
    answer = send(recording, "version", f"{LIST}?limit=5", "Sequence-Version: 1999-01-01")
    assert (answer.status, answer.header("Sequence-Version")) == (200, "2024-07-30")
    assert len(answer.json["items"]) == 5
    assert answer.header(SHORT) == "UnrecognisedApiVersion Sequence-Version"
    assert shown(ledger(recording, "version"), "code", "key", "count") == [
        ("UnrecognisedApiVersion", "Sequence-Version", 1)
    ]


def test_an_unknown_version_and_all_else_are_recorded_together(recording: str) -> None:
    answer = send(recording, "with-version", f"{LIST}?limit=0&limt=1", "Sequence-Version: 1999-01-01")
    assert answer.header(SHORT) == (
        "UnrecognisedApiVersion Sequence-Version; range limit; warning unknownParameter limt"
    )


@pytest.mark.parametrize("query", ["limit=20&after={a}&before={b}", "limit=20&before={b}&after={a}"])
def test_two_cursors_cancel_each_other_in_record_mode(recording: str, query: str) -> None:
    after, before = cursors(recording)
    sent = query.format(a=after, b=before)
    page = served(recording, f"both {query}", sent)
    assert ids(page) == ids(served(recording, "right", "limit=20"))
    assert "before" not in page["pagination"]


@pytest.mark.parametrize(
    "query",
    ["limit=20&after={a}&after={a}", "limit=20&after={a}&before=x", "limit=20&after=x&before={b}"],
)
def test_a_wrong_cursor_beside_a_right_one_gets_the_first_page(recording: str, query: str) -> None:
    after, before = cursors(recording)
    page = served(recording, f"beside {query}", query.format(a=after, b=before))
    assert ids(page) == ids(served(recording, "right", "limit=20"))


def test_valid_requests_are_served_in_record_mode(recording: str, url: str) -> None:
    after, before = cursors(recording)
    for query in (
        "",
        "limit=7",
        f"after={after}",
        f"before={before}",
        "aggregationType=SUM,COUNT",
        "name=a&id=b",
    ):
        answer, other = (send(each, "record-mode", f"{LIST}?{query}") for each in (recording, url))
        assert ids(answer.json) == ids(other.json)
        assert answer.json["pagination"] == other.json["pagination"]
        assert answer.header(SHORT) == other.header(SHORT)


def test_a_mistake_that_is_dropped_is_in_no_walk(recording: str) -> None:
    """A wrong cursor gets the first page, with which a walk begins, forward."""
    page = served(recording, "walks", "limit=50&before=x")["pagination"]
    served(recording, "walks", f"limit=50&after={page['after']}")
    [walk] = send(recording, "walks", "/_mock/walks").json["items"]
    assert (walk["pages"], walk["items"], walk["complete"], walk["backward"]) == (2, 100, True, False)


def test_both_cursors_use_none_of_them(recording: str) -> None:
    """They get the first page again and again, so that a walk that comes after has used no cursor twice."""
    page = served(recording, "used", "limit=50")["pagination"]
    after = page["after"]
    for _ in range(2):
        served(recording, "used", f"limit=50&after={after}&before={after}")
    found = [group for group in ledger(recording, "used") if group["kind"] == "warning"]
    assert found == []


def test_filters_that_are_dropped_are_not_shown_as_a_walks(recording: str) -> None:
    served(recording, "shown", "limit=50&name=a&name=b&aggregationType=NO&id=-")
    [walk] = send(recording, "shown", "/_mock/walks").json["items"]
    assert walk["filters"] == {"id": "-"}


def test_ignored_parameters_cover_nothing(recording: str) -> None:
    after, before = cursors(recording)
    served(recording, "covers-a", f"after={after}&before={before}")
    assert "directions" not in covered(recording, "covers-a")
    served(recording, "covers-b", "limit=1&limit=100")
    assert "bounds" not in covered(recording, "covers-b")
    served(recording, "covers-c", "aggregationType=TOTAL")
    assert "filters" not in covered(recording, "covers-c")


def test_an_unknown_version_covers_none(recording: str) -> None:
    served(recording, "covers-version", "", "Sequence-Version: 1999-01-01")
    assert "versions" not in covered(recording, "covers-version")
    assert "parameters" not in covered(recording, "covers-version")


def test_a_value_that_is_not_allowed_is_not_looked_up_too(recording: str) -> None:
    """One mistake is one: what the document does not allow need not occur in a record."""
    served(recording, "once", "aggregationType=TOTAL")
    assert shown(ledger(recording, "once"), "kind", "code") == [("violation", "enum")]


def test_suspicions_are_recorded_beside_violations(recording: str) -> None:
    answer = send(recording, "beside", f"{LIST}?limit=0&eventType=zz&limt=1")
    assert answer.header(SHORT) == (
        "range limit; warning unknownParameter limt; warning noSuchValue eventType"
    )


def test_record_mode_still_refuses_what_it_cannot_serve(serve: Serve) -> None:
    url = serve(on_violation="record", max_body=10, credentials=("mine:s3cret",), count=1)
    answers = [
        wire.get(url, LIST), wire.get(url, LIST, auth=False), send(url, "mine", "/nope"),
        send(url, "mine", LIST, method="PUT"), send(url, "mine", LIST, "Accept: text/html"),
        send(url, "mine", LIST, "Content-Length: 11"), send(url, "mine", LIST, "Accept: text/html"),
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [401, 401, 404, 405, 406, 413, 406]
    assert shown(ledger(url, "mine"), "code", "count") == [
        ("notFound", 1), ("methodNotAllowed", 1), ("notAcceptable", 2), ("payloadTooLarge", 1),
    ]  # fmt: skip
    assert shown(ledger(url, "mine", "?account=anonymous"), "code", "count") == [("unauthorized", 2)]


def test_a_version_is_recorded_although_nothing_acceptable_is_there(recording: str) -> None:
    answer = send(recording, "all-wrong", LIST, "Accept: text/html", "Sequence-Version: 1999-01-01")
    assert answer.status == 406
    assert shown(ledger(recording, "all-wrong"), "code") == [
        ("UnrecognisedApiVersion",),
        ("notAcceptable",),
    ]


def test_the_control_api_refuses_as_ever(recording: str) -> None:
    for target in (
        "requests?limit=x",
        "violations?account=me",
        "verdict?failUnder=101",
        "requests?limt=1",
    ):
        answer = send(recording, "controls", f"/_mock/{target}")
        assert (answer.status, len(answer.violations)) == (400, 1)
    body = b'{"script": []}'
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    assert send(recording, "controls", "/_mock/faults", *headers, method="POST", body=body).status == 400
    assert ledger(recording, "controls") == []


@pytest.mark.parametrize("mode", ["record", "reject"])
def test_record_mode_works_with_strict(serve: Serve, mode: str) -> None:
    url = serve(on_violation=mode, strict=True, count=30)
    answer = send(url, "strict", f"{LIST}?limt=1&limit=5")
    assert answer.status == (200 if mode == "record" else 400)
    assert answer.header(SHORT) == "unknownParameter limt"
    [group] = ledger(url, "strict")
    assert (group["kind"], group["code"], group["key"]) == ("violation", "unknownParameter", "limt")
    assert "did you mean 'limit'" in group["message"]
    if mode == "record":
        assert len(answer.json["items"]) == 5


def test_head_is_served_too(recording: str) -> None:
    answer = send(recording, "head", f"{LIST}?limit=0", method="HEAD")
    assert (answer.status, answer.header(SHORT)) == (200, "range limit")
    assert shown(ledger(recording, "head"), "count", "first") == [(1, answer.header(ID))]


def test_faults_come_to_requests_that_are_wrong(recording: str) -> None:
    script(recording, "faulty", '{"script": [{"status": 503}]}')
    answer = send(recording, "faulty", f"{LIST}?limit=0")
    assert (answer.status, answer.header(SHORT)) == (503, "range limit")
    assert shown(ledger(recording, "faulty"), "kind", "code") == [("violation", "range")]


def test_thousands_of_mistakes_are_served(recording: str) -> None:
    query = "&".join(["limit=x"] * 1_000 + [f"aggregationType=A{n},B{n}" for n in range(1_000)])
    answer = send(recording, "thousands", f"{LIST}?{query}")
    assert (answer.status, len(answer.json["items"])) == (200, 20)
    assert len(str(answer.header(SHORT))) <= 8_000
    assert send(recording, "thousands", "/_mock/verdict").json["violations"] <= 300
