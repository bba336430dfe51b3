"""The control API, fuzzed: schemathesis finds nothing against spec/control.yaml, with all its checks."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mock_server.openapi import document
from mock_server.sandbox.fault_checks import page_faults
from mock_server.settings import CHAOS_NAMES
from tests.support.control_fuzzing import ALLOWED, CONFIG, UNSPEAKABLE, control
from tests.support.servers import Serve

pytestmark = pytest.mark.slow


def fuzz(folder: Path, url: str, described: dict[str, Any], config: str, *more: str) -> None:
    """Run schemathesis with all its checks; it must find nothing."""
    (folder / "control.json").write_text(json.dumps(described))
    (folder / "config.toml").write_text(config)
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "--config-file=config.toml", "run",
        "control.json", f"--url={url}/_mock", "--no-color", "--auth=demo:secret",
        "--generation-deterministic", "--continue-on-failure", *more,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated, done.stdout[-2000:]
    assert int(generated[2]) > 50


@pytest.fixture
def fuzzed(serve: Serve) -> str:
    """Credentials are checked, as the checks of schemathesis expect."""
    return serve(credentials=("demo:secret",))


def test_schemathesis_finds_nothing(fuzzed: str, tmp_path: Path) -> None:
    config = CONFIG + "".join(map(ALLOWED.format, UNSPEAKABLE))
    fuzz(tmp_path, fuzzed, control(), config, "--max-examples=8")


def spoken() -> dict[str, Any]:
    """The document, with what it can't say said for this server, as far as a schema can."""
    described = control()
    name = {"type": "string", "enum": ["usage-metrics"]}
    operation = {"type": "string", "enum": ["getUsageMetrics"]}
    for path, item in described["paths"].items():
        for method in item.values():
            for parameter in method.get("parameters", []):
                if "/collections/" in path and parameter["name"] == "name":
                    parameter["schema"] = name
                elif parameter["name"] == "operation":
                    parameter["schema"] = operation
                elif parameter["name"] in ("query", "body"):
                    parameter["schema"] = {"type": "string", "enum": ["{}", '{"limit": 5}']}
                elif parameter["name"] == "version":
                    parameter["schema"] = {"type": "string", "enum": ["2024-07-30"]}
    records = described["paths"]["/collections/{name}"]
    for method in ("put", "post"):
        body(records[method])["properties"]["items"]["items"] = record()
    body(described["paths"]["/collections/{name}/records"]["post"]).update(record())
    patch = body(described["paths"]["/collections/{name}/records/{id}"]["patch"])
    named = {"name": record()["properties"]["name"]}
    patch |= {"additionalProperties": False, "properties": named}
    loaded = {"usage-metrics": {"type": "array", "items": record()}}
    closed = {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": loaded}
    content = described["paths"]["/collections"]["put"]["requestBody"]["content"]
    content["application/json"]["schema"] = closed
    # schemathesis writes YAML 1.1, in which a plain 1e+100 is a text; in YAML 1.2 it is a number.
    del content["application/yaml"]
    fault = body(described["paths"]["/faults"]["post"])
    fault["properties"]["operation"] = operation
    query = fault["properties"]["when"]["properties"]["query"]
    value = query.pop("additionalProperties")
    query |= {"additionalProperties": False, "properties": {"limit": value, "name": value}}
    [_, step] = fault["properties"]["script"]["items"]["anyOf"]
    chaos = body(described["paths"]["/chaos"]["put"])
    [named, _, action] = chaos["properties"]["faults"]["items"]["anyOf"]
    # Pages that a list of the built-in document has; none comes before the first of a walk.
    kinds = page_faults(document.load(document.BUILT_IN).operations)["getUsageMetrics"] - {"repeat-page"}
    named["enum"] = ["503", *(name for name in CHAOS_NAMES if "-" not in name or name in kinds)]
    for each in (step, action):
        each["properties"]["page"]["enum"] = sorted(kinds)
        each["properties"]["headers"] = {
            "type": "object", "additionalProperties": False,
            "properties": {"Retry-After": {"type": "string", "pattern": "^[0-9]{1,3}$"}},
        }  # fmt: skip
    clock = body(described["paths"]["/clock"]["put"])
    clock["properties"]["now"] = {"type": "string", "enum": ["2030-01-01T00:00:00Z"]}
    clock["properties"]["advance"]["maximum"] = 1000
    return described


def body(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def record() -> dict[str, Any]:
    """The schema of a record that is given what it lacks."""
    loaded = document.load(document.BUILT_IN)
    schema: dict[str, Any] = copy.deepcopy(dict(loaded.lists["usage-metrics"].record_schema))
    parameters = schema["properties"]["parameters"]["items"]
    for each in (schema, parameters):
        given = [name for name, part in each["properties"].items() if "x-fill" in part]
        each["properties"] = {n: p for n, p in each["properties"].items() if n not in given}
        each["required"] = [name for name in each["required"] if name not in given]
        each["additionalProperties"] = False
    return schema


def test_schemathesis_sees_all_valid_calls_accepted(fuzzed: str, tmp_path: Path) -> None:
    only = [f"--include-operation-id={operation}" for operation in UNSPEAKABLE]
    phases = "--phases=coverage,fuzzing"
    fuzz(tmp_path, fuzzed, spoken(), CONFIG, "--mode=positive", "--max-examples=25", phases, *only)
