"""Conventions: each reads a request and writes a page in its own words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.lists.convention import CURSOR_ENVELOPE, WHOLE, Convention
from mock_server.lists.pages import NEXT, PREVIOUS, TOTAL, PageInfo, PageRequest

OTHER = Convention(
    limit="page_size",
    next="starting_after",
    previous="ending_before",
    items="data",
    pagination="meta",
    total="total_count",
    default_limit=10,
)
conventions = pytest.mark.parametrize("convention", [CURSOR_ENVELOPE, OTHER])


@conventions
def test_a_request_is_read_in_its_words(convention: Convention) -> None:
    assert convention.read({}, {}) == PageRequest(convention.default_limit)
    following = {convention.limit: 3, convention.next: 7}
    assert convention.read(following, {convention.next: "c"}) == PageRequest(3, 7, None, "c")
    preceding = {convention.previous: 7}
    expected = PageRequest(convention.default_limit, None, 7, "c")
    assert convention.read(preceding, {convention.previous: "c"}) == expected


info = st.fixed_dictionaries(
    {TOTAL: st.integers(0, 2**53)},
    optional={NEXT: st.one_of(st.text(), st.none()), PREVIOUS: st.one_of(st.text(), st.none())},
)


@pytest.mark.slow
@conventions
@given(items=st.lists(st.dictionaries(st.text(max_size=3), st.integers())), said=info)
def test_a_page_is_written_in_its_words(
    convention: Convention, items: list[dict[str, Any]], said: PageInfo
) -> None:
    answer = convention.write([json.dumps(item).encode() for item in items], said)
    body = json.loads(answer.body)
    assert body.keys() == {convention.items, convention.pagination}
    assert body[convention.items] == items
    assert body[convention.pagination] == {convention.name_of(role): said[role] for role in said}


@conventions
def test_a_list_is_known_by_its_words(convention: Convention) -> None:
    thing = {"type": "object"}
    page = {
        "properties": {
            convention.items: {"type": "array", "items": thing},
            convention.pagination: {"type": "object"},
        }
    }
    assert convention.items_schema(page) is thing
    others: list[Any] = [{}, {"properties": {"rows": {"type": "array"}}}, None, [], {"properties": {}}]
    for other in others:
        assert convention.items_schema(other) is None


@conventions
def test_the_roles_of_parameters(convention: Convention) -> None:
    roles = [convention.role_of(name) for name in (*convention.parameters, "name")]
    assert roles == [None, NEXT, PREVIOUS, None]


@conventions
@given(
    minimum=st.one_of(st.none(), st.integers(-5, 200)),
    maximum=st.one_of(st.none(), st.integers(-5, 200)),
    default=st.one_of(st.none(), st.integers(-5, 300), st.just("ten")),
)
def test_a_limit_has_bounds_and_its_default_lies_within_them(
    convention: Convention, minimum: int | None, maximum: int | None, default: Any
) -> None:
    stated = {"minimum": minimum, "maximum": maximum, "default": default}
    schema = {key: value for key, value in stated.items() if value is not None}
    read = convention.parameter_schema(convention.limit, schema)
    assert read["type"] == "integer"
    assert 1 <= read["minimum"] <= read["default"] <= read.get("maximum", 10**9)
    assert ("maximum" in read) is (maximum is not None)


@conventions
def test_a_page_gives_what_the_answer_describes_and_the_request_takes(convention: Convention) -> None:
    names = [convention.name_of(role) for role in (NEXT, PREVIOUS, TOTAL)]

    def given(described: list[str], taken: list[str]) -> set[str]:
        pagination = {"properties": {name: {"type": "string"} for name in described}}
        return set(convention.roles_given({"properties": {convention.pagination: pagination}}, taken))

    assert given(names, names) == {NEXT, PREVIOUS, TOTAL}
    assert given(names, names[:1]) == {NEXT, TOTAL}
    assert given(names[:1], names) == {NEXT}
    assert given(names, []) == {TOTAL}
    # A schema that names no members leaves all of them open.
    assert given([], names) == {NEXT, PREVIOUS, TOTAL}


@conventions
def test_a_list_without_a_cursor_is_given_whole_unless_the_document_says_how_much(
    convention: Convention,
) -> None:
    whole = convention.without_pages()
    assert whole.parameter_schema(convention.limit, {"maximum": 50})["default"] == WHOLE
    assert whole.parameter_schema(convention.limit, {"default": 5})["default"] == 5
    assert convention.parameter_schema(convention.limit, {"maximum": 5})["default"] == 5
