"""Large input: refused or taken in a time that its size bounds, with so many mistakes at most."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mock_server.cli import main
from mock_server.data import fixture_files
from mock_server.data.records import RecordSchema
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.problems import CannotServe
from mock_server.settings import LISTED
from tests.support.callers import JSON, RECORDS, YAML, Caller

# Ten times what a body of 1 MB may take, so that a machine under load passes.
PATIENCE_SECONDS = 20


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE_SECONDS


@pytest.fixture
def me(url: str, request: pytest.FixtureRequest) -> Caller:
    return Caller(url, f"large-{abs(hash(request.node.name))}")


def members(count: int, value: str = "1") -> str:
    return ",".join(f'"k{number}":{value}' for number in range(count))


def refuse(me: Caller, method: str, path: str, text: str, media_type: str = JSON) -> list[Any]:
    answer = me.call(method, path, text.encode(), media_type)
    assert answer.status == 400
    errors: list[Any] = answer.json["error"]["errors"]
    assert 0 < len(errors) <= LISTED
    return errors


@pytest.mark.slow
def test_a_repeated_key_is_found_in_a_large_object(me: Caller) -> None:
    text = f'{{"items":[{{{members(90_000)},"k89999":1}}]}}'
    [error] = refuse(me, "PUT", RECORDS, text)
    assert error["message"].startswith("the key 'k89999' is there twice")


@pytest.mark.slow
def test_unknown_members_are_listed_up_to_a_limit(me: Caller) -> None:
    text = f'{{"items":[{{{members(50_000)}}}]}}'
    assert len(refuse(me, "PUT", RECORDS, text)) == LISTED
    assert len(refuse(me, "POST", "/faults", f"{{{members(50_000)}}}")) == LISTED


@pytest.mark.slow
def test_too_many_steps_headers_and_parameters_are_refused_unread(me: Caller) -> None:
    steps = '{"script":[' + ",".join(['"x"'] * 200_000) + "]}"
    headers = '{"script":[{"status":503,"headers":{' + members(20_000) + "}}]}"
    query = '{"script":["pass"],"when":{"query":{' + members(20_000, "{}") + "}}}"
    for text, keyword in ((steps, "maxItems"), (headers, "maxProperties"), (query, "maxProperties")):
        errors = refuse(me, "POST", "/faults", text)
        assert [error["code"] for error in errors] == [keyword]


@pytest.mark.slow
def test_a_large_body_keeps_no_call_of_another_account_waiting(me: Caller, url: str) -> None:
    text = '{"items":[' + f"{'9' * 299}," * 150_000 + "1]}"
    other = Caller(url, "large-other")
    with ThreadPoolExecutor(1) as executor:
        load = executor.submit(me.call, "PUT", RECORDS, text.encode(), JSON)
        while not load.done():
            began = time.monotonic()
            assert other.call("GET", "/clock").status == 200
            # Ten times what a call may be delayed.
            assert time.monotonic() - began < 5
    assert load.result().status == 400


def test_a_body_of_more_values_than_memory_holds_is_refused_unread(me: Caller) -> None:
    [error] = refuse(me, "PUT", RECORDS, '{"items":[' + "[]," * 2_000_001 + "1]}")
    assert error["message"] == "the body has more than 4,000,000 values; send it in several parts."


def test_a_step_with_many_headers_is_taken(me: Caller) -> None:
    headers = {f"X-{number}": "a" for number in range(200)}
    step = {"status": 503, "headers": headers}
    assert me.done("POST", "/faults", {"script": [step]})["script"] == [step]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "x: {" + ",".join(f"<<: {{k{number}: 1}}" for number in range(30_000)) + "}",
        "x: {<<: [" + ",".join(f"{{k{number}: 1}}" for number in range(30_000)) + "]}",
        "x: [" + ",".join(f"&a{number} 1" for number in range(50_000)) + "]",
        "".join(f"%TAG !a{number}! tag:x\n" for number in range(50_000)) + "---\na: b\n",
        "a: &a {x: 1}\n"
        + "".join(f"{b}: &{b} {{<<: [{', '.join([f'*{a}'] * 9)}]}}\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
    ],
    ids=["merges", "merged-list", "anchors", "directives", "merge-bomb"],
)  # fmt: skip
def test_yaml_of_many_parts_is_refused(me: Caller, text: str) -> None:
    refuse(me, "PUT", "/collections", text, YAML)


@pytest.mark.parametrize(
    "number", ["0x" + "f" * 20_000, "0o" + "7" * 20_000, "9" * 20_000, "0x" + "f" * 300]
)
def test_a_number_of_too_many_digits_is_refused(me: Caller, number: str) -> None:
    [error] = refuse(me, "PUT", "/collections", f"usage-metrics: [{{name: {number}}}]", YAML)
    assert "more than 308 digits" in error["message"]


def test_an_integer_beyond_the_floats_is_refused_in_json(me: Caller) -> None:
    [error] = refuse(me, "PUT", RECORDS, '{"items":[' + "9" * 400 + "]}")
    assert "more than 308 digits" in error["message"]
    # In a text it is none.
    assert refuse(me, "PUT", RECORDS, '{"items":["' + "9" * 400 + '"]}')[0]["code"] == "type"


def test_the_command_line_lists_as_many_problems_as_the_control_api(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "many.json"
    path.write_text(json.dumps({f"k{number}": [] for number in range(5_000)}))
    assert main(["check", "--fixtures", str(path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == LISTED + 1
    assert lines[-1] == "mock-server: Only the first 1,000 problems are listed."


@pytest.mark.slow
def test_the_mistakes_of_one_record_are_not_collected_without_end(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("things:\n- {" + ",".join(f"k{number}: 1" for number in range(20_000)) + "}\n")
    schema = RecordSchema("things", {"type": "object", "properties": {"name": {"type": "string"}}})
    with pytest.raises(CannotServe) as refused:
        fixture_files.load([path], {"things": schema})
    assert len(refused.value.problems) == LISTED
    assert {problem.line for problem in refused.value.problems} == {2}


@pytest.mark.parametrize(
    ("schema", "value", "keyword"),
    [
        ({"type": "array", "maxItems": 2, "items": {"type": "string"}}, [1] * 1001, "maxItems"),
        ({"type": "object", "maxProperties": 1, "additionalProperties": {"type": "string"}},
         {str(number): 1 for number in range(1001)}, "maxProperties"),
        ({"anyOf": [{"type": "array", "items": {"type": "string"}}]}, [1] * 1000, "type"),
        ({"type": "array", "items": {"type": "string", "nullable": True}}, [None, "a", 1], "type"),
    ],
)  # fmt: skip
def test_what_is_too_large_is_not_looked_into(schema: dict[str, Any], value: Any, keyword: str) -> None:
    flaws = list(CompiledSchema(schema).flaws(value))
    assert {flaw.keyword for flaw in flaws} == {keyword}
    assert len(flaws) <= 100
