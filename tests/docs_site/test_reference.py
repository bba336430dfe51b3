"""The pages of the reference: what is made of the code, and what is compared with it."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft7Validator

import mock_server.client
from docs_site import commands, control_api, overlay_vocabulary, plugin_options
from mock_server import errors
from mock_server.cli.commands import cli
from mock_server.client import Sandbox
from mock_server.errors import ApiError
from mock_server.openapi import overlay_schema
from mock_server.openapi.patterns import PatternTimeout, TooDeep
from mock_server.openapi.position_checks import EXPIRED_CURSOR
from mock_server.openapi.schema_errors import CompiledSchema
from pytest_mock_server.options import SETTINGS
from tests.support.documents import CONTROL, ROOT
from tests.support.servers import Serve

SPEC = control_api.document()
CALLS = list(control_api.list_calls(SPEC))
PAGES = ROOT / "docs" / "reference"


def table_rows(markdown: str) -> list[list[str]]:
    rows = [line for line in markdown.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


# The control API


def test_every_call_and_every_object_has_a_section() -> None:
    rendered = control_api.render_calls()
    for path, method, call in CALLS:
        assert f"\n## {method.upper()} /_mock{path} {{#{call['operationId'].lower()}}}\n" in rendered
    for name in SPEC["components"]["schemas"]:
        assert f"\n### {name} {{#{name.lower()}}}\n" in rendered


def test_every_parameter_and_every_member_is_described() -> None:
    assert [row for row in table_rows(control_api.render_calls()) if "" in row] == []


def test_a_call_is_shown_with_its_parameters_body_answer_and_example() -> None:
    rendered = control_api.render_calls()
    section = rendered[rendered.index("## POST /_mock/collections/{name}/generate") :]
    section = section[: section.index("\n## ", 1)]
    assert "| `name` | path | string | The collection" in section
    assert "| `count` (required) | integer | How many; at least `0`; at most `1000000` |" in section
    assert "**Body**, `application/json`: an object with these members.\n\n| member |" in section
    assert "**201**, `application/json`: How many records there are now.\n\n| member |" in section
    assert '-d \'{"count": 500, "seed": 7}\'' in section


def test_an_answer_that_other_calls_have_too_is_linked() -> None:
    rendered = control_api.render_calls()
    assert (
        "**200**, `application/json`: Ready. It is [MockHealth](control-api.md#mockhealth).\n"
        in rendered
    )
    assert "**200**, `text/html`: The page.\n" in rendered
    assert "\\u2026" not in rendered


def split_curl(command: str) -> tuple[str, str, str | None]:
    """Return the method, the path with its query, and the body that a curl command sends."""
    words = iter(shlex.split(command)[1:])
    method, body, url = "", None, ""
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-d":
                body = next(words)
            case "-u" | "-H":
                next(words)
            case _:
                url = word
    return method or ("GET" if body is None else "POST"), url.removeprefix(control_api.ROOT), body


@pytest.mark.slow
def test_every_example_works_as_it_is_shown(serve: Serve) -> None:
    url = serve()
    # The answer of streamEvents has no end.
    for path, method, call in (each for each in CALLS if each[2]["operationId"] != "streamEvents"):
        # An account's faults are counted from 1, and a server's requests.
        with httpx.Client(base_url=f"{url}/_mock", auth=(call["operationId"], "secret")) as client:
            request_id = prepare(client, url)
            sent = split_curl(control_api.curl(SPEC, path, method, call))
            assert sent[0] == method.upper()
            headers = {"Content-Type": "application/json"} if sent[2] else {}
            where = sent[1].replace("/requests/1", f"/requests/{request_id}")
            answer = client.request(sent[0], where, content=sent[2], headers=headers)
            assert str(answer.status_code) == next(iter(call["responses"])), (sent, answer.text)
            require_described(answer, method, path)


def prepare(client: httpx.Client, url: str) -> str:
    """Give the account what the examples are about; return the id of a request of its own."""
    for method, path, body in (
        (
            "PUT",
            "/collections",
            control_api.example_request(SPEC, "", SPEC["paths"]["/collections"]["put"])[1],
        ),
        ("POST", "/faults", '{"script": ["pass"], "repeat": "forever"}'),
    ):
        headers = {"Content-Type": "application/json"}
        client.request(method, path, content=body, headers=headers).raise_for_status()
    answer = client.get(f"{url}/api/usage-metrics", params={"limit": 500})
    return str(answer.headers["X-Mock-Request-Id"])


def require_described(answer: httpx.Response, method: str, path: str) -> None:
    described = next(iter(CONTROL["paths"][path][method]["responses"].values()))
    if "json" in answer.headers.get("content-type", ""):
        schema = described["content"]["application/json"]["schema"]
        assert list(CompiledSchema.of_answer(schema).flaws(answer.json())) == []


@pytest.mark.parametrize(
    ("path", "method", "call"), CALLS, ids=[call["operationId"] for *_, call in CALLS]
)
def test_every_example_of_an_answer_is_one(path: str, method: str, call: dict[str, Any]) -> None:
    example = control_api.example_answer(SPEC, call)
    described = next(iter(CONTROL["paths"][path][method]["responses"].values()))
    if example is not None:
        schema = described["content"]["application/json"]["schema"]
        assert list(CompiledSchema.of_answer(schema).flaws(example)) == []


# Other pages that are made


def test_every_command_is_shown_with_its_help() -> None:
    rendered = commands.render_commands()
    for name in cli.commands:
        assert f"## mock-server {name}\n\n```text\nUsage: mock-server {name}" in rendered
    assert "## mock-server schema fixtures\n" in rendered


def test_every_option_of_the_plugin_is_shown() -> None:
    shown = [row[0] for row in table_rows(plugin_options.render_options())]
    assert "`--mock-server-url URL`" in shown
    assert {f"`mock_server_{name}` in the configuration file" for name in SETTINGS} <= set(shown)


def test_every_extension_of_an_overlay_is_shown_with_an_example_that_is_valid() -> None:
    rendered = overlay_vocabulary.render_vocabulary()
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", rendered, re.DOTALL)]
    assert [name for example in examples for name in example] == list(overlay_schema.EXTENSIONS)
    for example in examples:
        action = {"target": "$", "update": example}
        overlay = {"overlay": "1.0.0", "info": {"title": "", "version": ""}, "actions": [action]}
        Draft7Validator(overlay_schema.schema()).validate(overlay)
    assert [row for row in table_rows(rendered) if "" in row] == []


# Pages that are written


def test_the_pages_of_client_and_plugin_show_all_that_is_public() -> None:
    client = (PAGES / "client.md").read_text()
    for name in mock_server.client.__all__:
        assert f"\n::: mock_server.client.{name}\n" in client
    plugin = (PAGES / "plugin.md").read_text()
    fixtures = ("mock_account", "mock_account_factory", "mock_server", "mock_server_settings")
    assert all(f"\n::: pytest_mock_server.{name}\n" in plugin for name in fixtures)


def test_every_public_method_of_the_client_says_what_it_does() -> None:
    public = [each for name, each in inspect.getmembers(Sandbox) if not name.startswith("_")]
    assert [each for each in public if not inspect.getdoc(each)] == []


ERRORS = (PAGES / "errors.md").read_text()


def test_every_status_with_its_type_is_named() -> None:
    raised = [
        each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, ApiError)
    ]
    own = {(each.status, each.type) for each in raised if "type" in vars(each)}
    assert [pair for pair in own if f"| {pair[0]} | `{pair[1]}` |" not in ERRORS] == []


def codes() -> Iterator[str]:
    """Yield the codes with which violations and warnings are made."""
    yield from (PatternTimeout.CODE, TooDeep.CODE, EXPIRED_CURSOR)
    modules = (ROOT / "mock_server").rglob("*.py")
    for path in (path for path in modules if "Violation(" in path.read_text()):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Violation"
            ):
                code = node.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value


def test_every_code_is_named() -> None:
    assert sorted({code for code in codes() if f"`{code}`" not in ERRORS}) == []


def test_every_cut_is_named() -> None:
    text = (PAGES / "faults.md").read_text()
    step = SPEC["components"]["schemas"]["MockAction"]["properties"]
    for name in ("cut", "page"):
        assert all(f'`{{"{name}": "{kind}"}}`' in text for kind in step[name]["enum"])
