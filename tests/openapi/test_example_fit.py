"""Examples that do not fit their own schemas: told with their lines by `check` alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server import cli
from mock_server.openapi import document, example_fit

Small = Callable[..., Path]

# A text that a parameter's style writes, and an answer without what only requests have, fit.
CHANGES = (
    ("{name: limit, in: query, schema: {type: integer}}",
     "{name: limit, in: query, example: '5', schema: {type: integer, example: 5.5}}"),
    ("size: {type: integer,", "size: {type: integer, example: big,"),
    ("              schema:\n",
     "              examples: {good: {value: {items: [{id: 00000000-0000-4000-8000-000000000000, kind: round}]}},\n"
     "                bad: {value: {items: [{id: 5, kind: round}]}}}\n              schema:\n"),
    ("        id: {", "        secret: {type: string, writeOnly: true}\n        id: {"),
    ("[id, kind]", "[id, kind, secret]"),
)  # fmt: skip


def test_each_example_that_does_not_fit_is_told_with_its_first_flaw(small: Small) -> None:
    loaded = document.load(small(*CHANGES))
    assert loaded.warnings == ()
    found = example_fit.warnings(loaded.effective, loaded.references.problem)
    told = {each.place.partition("/get/")[2] or each.place: (each.line, each.message) for each in found}
    start = "the example does not fit its schema: "
    answer = "responses/200/content/application~1json/examples/bad/value"
    assert told == {
        "/components/schemas/Thing/properties/size/example": (
            35,
            f'{start}"big" is not of type integer',
        ),
        "parameters/0/schema/example": (10, f"{start}5.5 is not of type integer"),
        answer: (20, f"{start}at /items/0/id, 5 is not of type string"),
    }


def test_examples_are_counted_in_one_line(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    many = "".join(f"    S{n}: {{type: integer, example: a}}\n" for n in range(200))
    path = str(small(("    Thing:\n", f"{many}    Thing:\n")))
    assert cli.main(["check", "--document", path]) == 0
    [first, last] = capsys.readouterr().err.splitlines()
    assert "S0/example: the example does not fit" in first
    assert first.endswith("And 199 more like this.")
    assert last == "mock-server check --verbose shows each warning."
    assert cli.main(["check", "--document", path, "--warnings-as-errors", "--verbose"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 200
