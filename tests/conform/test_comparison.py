"""Records of runs, and what `mock-server conform --compare` says of two."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server import cli
from tests.support import wire
from tests.support.rewriting_server import rewriting

Write = Callable[..., str]

CHECKS = {"answers": "passed", "schema": "passed", "walk-once": "failed", "walk-total": "undecidable"}
FACTS: dict[str, Any] = {"default limit": 20, "keys of an item": ["id", "name"], "statuses": ["200"]}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the record of a run with other outcomes of checks, None for one that is not there."""
    monkeypatch.chdir(tmp_path)

    def written(name: str, facts: dict[str, Any] | None = None, **outcomes: str | None) -> str:
        changed = {each.replace("_", "-"): outcome for each, outcome in outcomes.items()}
        checks = [
            {"check": check, "subject": "listThings", "outcome": outcome, "message": f"why {outcome}"}
            for check, outcome in (CHECKS | changed).items()
            if outcome is not None
        ]
        counts = {"passed": 2, "failed": 1, "undecidable": 1}
        record = {"conform": 1, "url": "http://x/v1", "requests": 9, "counts": counts, "checks": checks}
        Path(name).write_text(json.dumps({**record, "facts": {"listThings": FACTS | (facts or {})}}))
        return name

    return written


def compare(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.main(["conform", "--compare", *arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_two_runs_alike_exit_0(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(capsys, write("a.json"), write("b.json")) == (
        0,
        "a.json: http://x/v1, 2 passed, 1 failed, 1 undecidable\n"
        "b.json: http://x/v1, 2 passed, 1 failed, 1 undecidable\n"
        "\n"
        "Nothing has changed\n",
    )


def test_all_that_changed_is_listed_by_what_became_of_it(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    now = write(
        "b.json",
        {"default limit": 50, "keys of an item": ["colour", "id"], "keys of a 400": ["error"]},
        answers="failed", schema="undecidable", walk_once="passed", walk_total=None, cursor_both="passed",
    )  # fmt: skip
    status, text = compare(capsys, write("a.json"), now)
    assert status == 1
    assert text.split("\n", 3)[3] == (
        "Fail now:\n"
        "  answers  listThings (was passed): why failed\n"
        "\n"
        "Pass now:\n"
        "  walk-once  listThings (was failed)\n"
        "\n"
        "Cannot be decided now:\n"
        "  schema  listThings (was passed): why undecidable\n"
        "\n"
        "New:\n"
        "  cursor-both  listThings (passed): why passed\n"
        "\n"
        "Gone:\n"
        "  walk-total  listThings (was undecidable)\n"
        "\n"
        "Facts:\n"
        "  listThings, default limit: 20 before, 50 now\n"
        "  listThings, keys of an item: 'name' is gone, 'colour' is new\n"
        "\n"
        "7 changes\n"
    )


def test_a_comparison_as_json_says_the_same(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    now = write("b.json", {"default limit": 50}, answers="failed")
    status, text = compare(capsys, write("a.json"), now, "--json")
    found = json.loads(text)
    assert (status, found["changed"]) == (1, True)
    failing = {"check": "answers", "subject": "listThings", "before": "passed", "now": "failed"}
    assert found["checks"] == {
        "failNow": [{**failing, "message": "why failed"}],
        "passNow": [], "undecidableNow": [], "new": [], "gone": [],
    }  # fmt: skip
    fact = {"subject": "listThings", "fact": "default limit", "before": 20, "now": 50}
    assert found["facts"] == [fact]
    assert compare(capsys, "a.json", "a.json", "--json")[0] == 0


@pytest.mark.parametrize("unknown", [{"default limit": None}, {"headers of a 503": ["date"]}])
def test_a_fact_that_one_run_could_not_learn_is_no_change(
    write: Write, capsys: pytest.CaptureFixture[str], unknown: dict[str, Any]
) -> None:
    a, b = write("a.json"), write("b.json", unknown)
    assert (compare(capsys, a, b)[0], compare(capsys, b, a)[0]) == (0, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "b.json: there is no such file; give the path of an existing one."),
        ("", "b.json:1: it is not JSON"),
        ("[]", "b.json:1: it is no record of a run: [] is not of type object"),
        ('{"conform": 2}', "b.json:1 at /conform: it is no record of a run: 2 is not allowed"),
        ('{"a": 1}', "b.json:1 at /url: it is no record of a run: the field is missing"),
        ('{"facts": {"a": {"b": [1]}}}', "b.json:1 at /facts/a/b/0: it is no record of a run"),
        (b"\xff", "b.json: byte 0 is not UTF-8; save it as UTF-8 text."),
    ],
)
def test_a_file_that_is_no_record_exits_2_and_says_how_to_write_one(
    write: Write, capsys: pytest.CaptureFixture[str], content: str | bytes | None, message: str
) -> None:
    if content is not None:
        Path("b.json").write_bytes(content.encode() if isinstance(content, str) else content)
    status, text = compare(capsys, write("a.json"), "b.json")
    assert status == 2
    assert f"mock-server: {message}" in text


def test_a_comparison_asks_no_server(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["conform", "http://x/api", "--compare", write("a.json"), "a.json"]) == 2
    assert "leave the URL out" in capsys.readouterr().err


def add_a_key(_status: int, query: bytes, body: bytes) -> bytes:
    """Give each item a key more, and show the credentials where a limit of 2 is asked for."""
    secret = wire.BASIC.removeprefix("Basic ").encode()
    body = body.replace(b'{"id"', b'{"colour":"red","id"')
    return body.replace(b'"colour"', b'"' + secret + b'"') if b"limit=2" in query else body


@pytest.mark.slow
def test_runs_written_by_the_command_can_be_compared(
    own_url: str, no_pace: list[float], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    records = [tmp_path / name for name in ("a.json", "b.json")]
    with rewriting(body=add_a_key) as changed:
        for path, root in zip(records, (own_url, changed), strict=True):
            status = cli.main(["conform", f"{root}/api", "--credentials", "demo:secret", "--json"])
            assert status == 0
            path.write_text(capsys.readouterr().out)
    before, now = (json.loads(path.read_text()) for path in records)
    assert before["counts"] == {"passed": 96, "failed": 0, "undecidable": 5}
    assert len(before["checks"]) == 101
    assert before["requests"] == len(no_pace) / 2
    facts = before["facts"]["getUsageMetrics"]
    assert {"id", "eventType"} <= set(facts["keys of an item"])
    assert facts["keys of the pagination"] == ["after", "before", "totalResultSize"]
    assert facts["statuses"] == ["200", "400", "401"]
    assert "sequence-version" in facts["headers of a 200"]
    assert facts["www-authenticate of a 401"] == ['Basic realm="Sequence"']
    assert "error.errors[].code" in facts["keys of a 400"]
    assert "colour" in now["facts"]["getUsageMetrics"]["keys of an item"]
    assert wire.BASIC.removeprefix("Basic ") not in records[1].read_text()
    assert cli.main(["conform", "--compare", *map(str, records)]) == 1
    assert "keys of an item: '…' is new, 'colour' is new" in capsys.readouterr().out
