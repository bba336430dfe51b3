"""The source: the bounds of modules, classes and functions, and who may name a list's words."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support.conventions import CURSOR_ENVELOPE
from tests.support.documents import ROOT

PACKAGE = ROOT / "mock_server"
MODULES = sorted(PACKAGE.rglob("*.py"))
PLUGIN = sorted((ROOT / "pytest_mock_server").rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

# A facade whose docstrings teach.
LONG_CLASSES = {("client/sandbox.py", "Sandbox")}

WORDS = {
    *CURSOR_ENVELOPE.parameters, *CURSOR_ENVELOPE.items,
    *(name for place in CURSOR_ENVELOPE.response.values() for name in place),
}  # fmt: skip

# Where such a word is JSON Schema's keyword, or a name in the control API's own calls and answers.
OTHER_MEANINGS = {
    # The roles have the words of the vocabulary, whatever words an API uses for them.
    "lists/roles.py": {"limit", "after", "before"},
    "lists/convention.py": {"limit", "after", "before"},
    "lists/answer_template.py": {"items"},
    # What a date is compared with in a filter.
    "lists/filters.py": {"after", "before"},
    "lists/scheme_reading.py": {"after", "items"},
    "openapi/array_parameters.py": {"items"},
    "openapi/error_draft.py": {"items"},
    "openapi/list_draft.py": {"items"},
    "openapi/scheme_draft.py": {"items"},
    "openapi/list_answers.py": {"items"},
    "openapi/list_envelope.py": {"items"},
    "openapi/operations.py": {"items"},
    "openapi/reference_places.py": {"items"},
    "openapi/schema_merging.py": {"items"},
    "openapi/references.py": {"items"},
    "openapi/overlay_schema.py": {"items"},
    "openapi/schema.py": {"items"},
    "openapi/scheme_schema.py": {"limit", "after", "before", "items"},
    "openapi/dialects.py": {"items"},
    "openapi/schema_validator.py": {"items"},
    "openapi/json_schema.py": {"items"},
    "openapi/keywords_31.py": {"items"},
    "conform/comparison.py": {"before"},
    "conform/run_record.py": {"items"},
    "data/array_items.py": {"items"},
    "data/blanks.py": {"items"},
    "data/collection_edits.py": {"items"},
    "data/fixture_schema.py": {"items"},
    "data/records.py": {"items"},
    "sandbox/walk.py": {"items"},
    # A fault may happen after the request was carried out.
    "sandbox/faults.py": {"after"},
    "sandbox/journal.py": {"after"},
    "sandbox/shown_entries.py": {"after"},
    "control/event_stream.py": {"items"},
    "control/fault_calls.py": {"items"},
    "control/journal_calls.py": {"items", "limit"},
    "control/named_collection.py": {"items"},
    "control/record_calls.py": {"items", "limit"},
    "control/verdict_calls.py": {"items"},
    "openapi/member_schema.py": {"items"},
    "openapi/quick_check.py": {"items"},
    "openapi/record_links.py": {"items"},
    "openapi/rule_checks.py": {"items"},
    "openapi/rule_parts.py": {"items"},
    "openapi/secret_members.py": {"items"},
    "openapi/unknown_members.py": {"items"},
    "verdict/body_coverage.py": {"items"},
    "client/asserting.py": {"items"},
    "client/assertions.py": {"items"},
    "client/faulting.py": {"items", "limit"},
    "client/collections.py": {"items", "limit"},
    "client/sandbox.py": {"items", "limit"},
    "client/scene.py": {"items"},
}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT).as_posix()


class Source(NamedTuple):
    """What is asked of a module; its tree is not kept, since all of them slow down each collection of garbage."""

    lines: int
    functions: dict[str, int]
    classes: dict[str, int]
    literals: frozenset[str]


def lines(nodes: Iterable[ast.AST]) -> dict[str, int]:
    """Return the lines of each function or class, named with its place."""
    return {
        f"{node.name}:{node.lineno}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in nodes
        if isinstance(node, (*FUNCTIONS, ast.ClassDef))
    }


@cache
def source(path: Path) -> Source:
    text = path.read_text()
    nodes = [*ast.walk(ast.parse(text))]
    literals = (
        node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return Source(
        len(text.splitlines()),
        lines(node for node in nodes if isinstance(node, FUNCTIONS)),
        lines(node for node in nodes if isinstance(node, ast.ClassDef)),
        frozenset(literals),
    )


def test_modules_classes_and_functions_are_short() -> None:
    for path in (*MODULES, *PLUGIN):
        name, module = name_of(path), source(path)
        assert module.lines <= 300, name
        assert {each: size for each, size in module.functions.items() if size > 40} == {}, name
        long = {each.partition(":")[0] for each, size in module.classes.items() if size > 200}
        assert {each for each in long if (name, each) not in LONG_CLASSES} == set(), name


def test_only_the_convention_names_the_words_of_a_list() -> None:
    found = {name_of(path): WORDS & source(path).literals for path in MODULES}
    assert {name: words - OTHER_MEANINGS.get(name, set()) for name, words in found.items()} == {
        name: set() for name in found
    }
