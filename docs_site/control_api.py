"""The reference of the control API, from its document: each call with what it takes and answers."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from docs_site.schema_table import table, type_text
from mock_server.control import control_document
from mock_server.formats import source_file
from mock_server.openapi.reference_places import METHODS

PAGE = "control-api.md"
ROOT = "http://127.0.0.1:8080/_mock"


@cache
def document() -> dict[str, Any]:
    """Return the document with its references as they are written, which become links."""
    data: dict[str, Any] = source_file.read(control_document.PATH).data
    return data


def render_calls() -> str:
    """Return a table of all calls, a section for each, and one for each object that they share."""
    spec = document()
    calls = list(list_calls(spec))
    overview = "".join(
        f"| [`{method.upper()} /_mock{path}`](#{call['operationId'].lower()}) | {call['summary']} |\n"
        for path, method, call in calls
    )
    sections = [_section(spec, *call) for call in calls]
    objects = [f"### {name} {{#{name.lower()}}}\n\n{render_object(name)}" for name in _objects(spec)]
    return "\n".join([f"| call | does |\n|---|---|\n{overview}", *sections, "## Objects\n", *objects])


def list_calls(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the path, the method and the Operation Object of each call."""
    for path, item in spec["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def _section(spec: Mapping[str, Any], path: str, method: str, call: Mapping[str, Any]) -> str:
    heading = f"## {method.upper()} /_mock{path} {{#{call['operationId'].lower()}}}\n"
    security = "Without credentials." if call.get("security") == [] else ""
    said = [f"{call['summary']}.", call.get("description", ""), security]
    parts = [
        heading,
        " ".join(filter(None, said)) + "\n",
        _parameters(spec, call),
        _body(spec, call),
        _answers(spec, call),
        _example(spec, path, method, call),
    ]
    return "\n".join(filter(None, parts))


def _parameters(spec: Mapping[str, Any], call: Mapping[str, Any]) -> str:
    rows = [
        f"| `{p['name']}` | {p['in']} | {type_text(p['schema'], _link)} | {_said(p)} |\n"
        for p in parameters(spec, call)
    ]
    return "| parameter | in | type | meaning |\n|---|---|---|---|\n" + "".join(rows) if rows else ""


def _said(parameter: Mapping[str, Any]) -> str:
    default = parameter["schema"].get("default")
    texts = [parameter.get("description", "").rstrip(".")]
    if default is not None:
        texts.append(
            f"`{','.join(default) if isinstance(default, list) else json.dumps(default)}` if absent"
        )
    return "; ".join(filter(None, texts))


def parameters(spec: Mapping[str, Any], call: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parameters of a call, also those that it refers to."""
    return [resolve(spec, each) for each in call.get("parameters", ())]


def resolve(spec: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of the document that a node refers to, or the node itself."""
    while "$ref" in node:
        _, *steps = node["$ref"].split("/")
        node = spec
        for step in steps:
            node = node[step]
    return node


def _body(spec: Mapping[str, Any], call: Mapping[str, Any]) -> str:
    if "requestBody" not in call:
        return ""
    body = resolve(spec, call["requestBody"])
    names = " or ".join(f"`{name}`" for name in body["content"])
    content = next(iter(body["content"].values()))
    members = _table(content["schema"])
    kind = "an object with these members" if members else type_text(content["schema"], _link)
    said = ". ".join(filter(None, [kind, body.get("description")]))
    return f"**Body**, {names}: {said}.\n{members}"


def _answers(spec: Mapping[str, Any], call: Mapping[str, Any]) -> str:
    return "\n".join(
        _answer(status, resolve(spec, answer))
        for status, answer in call["responses"].items()
        if status != "default"
    )


def _answer(status: str, answer: Mapping[str, Any]) -> str:
    content = answer.get("content")
    if not content:
        return f"**{status}**: {answer['description']}; without a body.\n"
    schema = next(iter(content.values()))["schema"]
    names = " or ".join(f"`{name}`" for name in content)
    said = f"{answer['description']}."
    if "$ref" in schema:
        said += f" It is {type_text(schema, _link)}."
    return f"**{status}**, {names}: {said}\n{_table(schema)}"


def _table(schema: Mapping[str, Any]) -> str:
    found = "" if "$ref" in schema else table(schema, _link)
    return f"\n{found}" if found else ""


def _link(reference: str) -> tuple[str, str]:
    name = reference.rpartition("/")[2]
    schema = document()["components"]["schemas"][name]
    return f"[{name}]({PAGE}#{name.lower()})", schema.get("description", "")


def render_object(name: str) -> str:
    """Return what an object of the document's components says, and the table of its members."""
    schema = document()["components"]["schemas"][name]
    said = f"{schema['description'].rstrip('.')}.\n\n" if "description" in schema else ""
    return f"{said}{table(schema, _link) or type_text(schema, _link) + chr(10)}"


def _objects(spec: Mapping[str, Any]) -> list[str]:
    return list(spec["components"]["schemas"])


def _example(spec: Mapping[str, Any], path: str, method: str, call: Mapping[str, Any]) -> str:
    command = f"```bash\n{curl(spec, path, method, call)}\n```\n"
    answer = example_answer(spec, call)
    return (
        command
        if answer is None
        else f"{command}\n```json\n{json.dumps(answer, indent=2, ensure_ascii=False)}\n```\n"
    )


def example_answer(spec: Mapping[str, Any], call: Mapping[str, Any]) -> Any:
    """Return the example of the successful answer; None without one."""
    answer = resolve(spec, next(iter(call["responses"].values())))
    content: dict[str, dict[str, Any]] = answer.get("content", {})
    return next((each.get("example") for each in content.values()), None)


def example_request(
    spec: Mapping[str, Any], path: str, call: Mapping[str, Any]
) -> tuple[str, str | None]:
    """Return the path and query of a call's example, and its body in JSON; None without one."""
    described = parameters(spec, call)
    for each in (each for each in described if each["in"] == "path"):
        path = path.replace(f"{{{each['name']}}}", quote(str(each["example"]), safe=""))
    query = urlencode(
        {p["name"]: p["example"] for p in described if p["in"] == "query" and "example" in p}
    )
    if "requestBody" not in call:
        return path + (query and f"?{query}"), None
    content = resolve(spec, call["requestBody"])["content"]["application/json"]
    if "example" not in content:
        raise LookupError(f"control.yaml has no example of the body of {call['operationId']}; add one")
    body = content["example"]
    return path + (query and f"?{query}"), json.dumps(body)


def curl(spec: Mapping[str, Any], path: str, method: str, call: Mapping[str, Any]) -> str:
    """Return the command that makes a call's example, e.g. `curl -u demo:secret http://…/_mock/clock`."""
    where, body = example_request(spec, path, call)
    words = ["curl"]
    if call.get("security") != []:
        words += ["-u", "demo:secret"]
    if method.upper() != ("GET" if body is None else "POST"):
        words += ["-X", method.upper()]
    if body is not None:
        words += ["-H", "Content-Type: application/json", "-d", body]
    return shlex.join([*words, f"{ROOT}{where}"])
