"""Whether a document's examples fit their own schemas, which `check` tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats.media_types import is_json
from mock_server.formats.source_file import Place
from mock_server.openapi.error_fit import Locate
from mock_server.openapi.reference_places import KINDS_31, SCHEMA, inner_parts
from mock_server.openapi.schema import kinds_of
from mock_server.openapi.schema_access import READ_ONLY, WRITE_ONLY
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.problems import Problem

_REMEDY = "correct the example, or its schema"

# What holds an example beside the schema that it should fit.
_HOLDERS = ("media", "parameter", SCHEMA)


def warnings(document: Mapping[str, Any], problem: Locate) -> list[Problem]:
    """Return a warning for each example that does not fit its schema, with its first flaw.

    `document` is the effective one, and `problem` makes the problem of a place in it.
    """
    return [
        problem(place, f"the example does not fit its schema: {flaw}", _REMEDY)
        for place, schema, value in _examples(document)
        if (flaw := _flaw(schema, value)) is not None
    ]


def _examples(document: Mapping[str, Any]) -> Iterator[tuple[Place, Any, Any]]:
    """Yield the examples with their places and schemas, each once, those of components first."""
    known: dict[int, Any] = {}
    waiting: list[tuple[str, Place, Any]] = [("document", (), document)]
    while waiting:
        kind, place, node = waiting.pop()
        if not isinstance(node, dict | list) or id(node) in known:
            continue
        known[id(node)] = node
        if kind in _HOLDERS and isinstance(node, dict):
            yield from _own_examples(kind, place, node)
        # The last is looked into first.
        parts = sorted(inner_parts(node, kind, KINDS_31), key=lambda part: part[0] != "components")
        waiting += [(inner, (*place, step), part) for step, part, inner in reversed(parts)]


def _own_examples(kind: str, place: Place, node: Mapping[str, Any]) -> Iterator[tuple[Place, Any, Any]]:
    schema = node if kind == SCHEMA else node.get("schema")
    if not isinstance(schema, dict) or (kind == "media" and not is_json(str(place[-1]))):
        return
    found: list[tuple[Place, Any]] = [(("example",), node["example"])] if "example" in node else []
    named = node.get("examples") if kind != SCHEMA else None
    for name, each in named.items() if isinstance(named, dict) else ():
        if isinstance(each, dict) and "value" in each:
            found.append((("examples", name, "value"), each["value"]))
    # What a parameter's style writes is a text, whatever its schema says.
    is_written = kind == "parameter" and "string" not in kinds_of(schema)
    for steps, value in found:
        if not (is_written and isinstance(value, str)):
            yield (*place, *steps), schema, value


def _flaw(schema: Any, value: Any) -> str | None:
    """Return what is wrong with an example; None where it is right in an answer, or in a request."""
    first = None
    for left_out in (WRITE_ONLY, READ_ONLY):
        try:
            flaw = next(CompiledSchema(schema, left_out, is_closed=False).flaws(value), None)
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            # What its structure should be has been checked, and what is wrong is warned of.
            return None
        if flaw is None:
            return None
        first = first or flaw
    return str(first)
