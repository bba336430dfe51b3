"""Which branch of a `oneOf` a value means, where its members of one value say so."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.openapi.named_branches import BranchNames
from mock_server.openapi.schema_errors import CompiledSchema


def named(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"type": {"enum": [value]}, **more}}


CARD = named("card", number={"type": "string"})
BANK = {"allOf": [named("bank"), {"required": ["iban"], "properties": {"iban": {"type": "string"}}}]}
DEEP = {"properties": {"structure": {"type": "object", "properties": {"kind": {"enum": ["deep"]}}}}}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ({"type": "card"}, 0),
        ({"type": "bank"}, 1),
        ({"structure": {"kind": "deep"}}, 2),
        ({"type": "bank", "structure": {"kind": "deep"}}, None),
        ({"type": "cash"}, None),
        ({"type": None}, None),
        ({"structure": 1}, None),
        ({}, None),
        ([], None),
        ("card", None),
    ],
)
def test_a_branch_is_meant_by_its_names(value: Any, number: int | None) -> None:
    assert BranchNames.of([CARD, BANK, DEEP]).meant(value) == number


def test_the_branch_that_more_names_fit_is_meant() -> None:
    branches = [named("a"), named("a", sub={"enum": ["b"]})]
    names = BranchNames.of(branches)
    assert names.meant({"type": "a", "sub": "b"}) == 1
    assert names.meant({"type": "a"}) is None
    assert names.meant({"type": "a", "sub": "c"}) == 0


def test_true_is_not_one() -> None:
    assert BranchNames.of([named(1), named(True)]).meant({"type": True}) == 1


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_the_mistakes_are_those_of_the_branch_that_is_meant(keyword: str) -> None:
    compiled = CompiledSchema({keyword: [CARD, BANK]}, is_closed=False)
    [flaw] = compiled.flaws({"type": "bank", "number": 1})
    assert (flaw.place, flaw.keyword) == (("iban",), "required")
    [flaw] = compiled.flaws({"type": "cash"})
    assert (flaw.place, flaw.keyword, flaw.remedy) == (("type",), "enum", "use one of card, bank")


def test_a_named_branch_counts_even_if_another_one_admits_the_value() -> None:
    schema = {"oneOf": [CARD, {"type": "object"}]}
    assert CompiledSchema(schema, is_closed=False).is_valid({"type": "card"})
    assert not CompiledSchema(schema, is_closed=False).is_valid({"type": "card", "number": 1})
    assert CompiledSchema(schema, is_closed=False).is_valid({"type": "cash"})
