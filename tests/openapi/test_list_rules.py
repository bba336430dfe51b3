"""Fields and parameters that an overlay's rules of lists name: what is known, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.openapi import document
from mock_server.problems import CannotServe
from tests.support import crates

LIST = "$.paths['/crates'].get"
LIMIT = f"{LIST}.parameters[?@.name == 'limit']"
SEARCH = f"{LIST}.parameters[?@.name == 'notNamed']"


def action(target: str, update: str) -> str:
    return f'- target: "{target}"\n  update: {update}\n'


@pytest.mark.parametrize(
    ("update", "problem"),
    [
        (
            action(SEARCH, "{x-filter: {field: nmae, match: contains}}"),
            "/x-filter/field: the records have no field 'nmae' (did you mean 'name'?); name one",
        ),
        (
            action(SEARCH, "{x-filter: {field: lines.price, match: contains}}"),
            "the records have no field 'lines.price'",
        ),
        (action(LIMIT, "{x-filter: {field: [], match: contains}}"), "it names no field"),
        (
            action(SEARCH, "{x-filter: {field: owner, match: contains}}"),
            "the field 'owner' is of type object, which no filter compares",
        ),
        (
            action(SEARCH, "{x-filter: {field: name, match: after, values: [a]}}"),
            "these are no values that the field may have",
        ),
        (action(LIST, "{x-hidden: {field: gone}}"), "/x-hidden/field: the records have no field 'gone'"),
        (
            action(LIST, "{x-hidden: {field: name, unless: includArchived}}"),
            "no query parameter 'includArchived' (did you mean 'includeArchived'?)",
        ),
        (
            action(LIST, "{x-sort: {columns: {DUE_DATE: due}}}"),
            "/x-sort/columns/DUE_DATE: the records have no field 'due'",
        ),
        (
            action(LIST, "{x-sort: {by: srot}}"),
            "/x-sort/by: the operation has no query parameter 'srot'",
        ),
        (action(LIST, "{x-sort: {order: down}}"), "/x-sort/order"),
        (
            action(LIST, "{x-sort: {columns: {OWNER: owner}}}"),
            "the field 'owner' is of type object, by which nothing is sorted",
        ),
    ],
)
def test_a_rule_that_names_what_is_not_there_is_refused_where_it_is_written(
    tmp_path: Path, update: str, problem: str
) -> None:
    path = crates.write_document(tmp_path, overlay=update)
    with pytest.raises(CannotServe) as caught:
        document.load(path)
    found = [str(each) for each in caught.value.problems]
    assert any(problem in each and "crates.overlay.yaml:" in each for each in found), found


@pytest.mark.parametrize("field", ["sentAt", "owner.email", "lines", "labels", "lines.sku"])
def test_a_field_that_some_operation_or_rule_knows_is_allowed(tmp_path: Path, field: str) -> None:
    update = action(SEARCH, f"{{x-filter: {{field: {field}, match: present}}}}")
    loaded = document.load(crates.write_document(tmp_path, overlay=update))
    rule = next(p.filters for o in loaded.operations for p in o.query if p.name == "notNamed")
    assert rule is not None
    assert field in rule.fields


def test_what_sorts_and_shows_hidden_records_has_an_effect(tmp_path: Path) -> None:
    loaded = document.load(crates.write_document(tmp_path))
    operation = loaded.lists["crates"]
    assert operation.ineffective_parameters == ()
    assert operation.sort_parameters == ("sortBy", "sortOrder")
