"""Conventions: each reads a request in its own words, whatever its style."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.lists.convention import MAXIMUM_LIMIT, WHOLE, Convention
from mock_server.lists.pages import PageRequest, read_page_request
from mock_server.lists.roles import (
    AFTER,
    BEFORE,
    BY_OFFSET,
    BY_PAGE,
    CURSOR,
    LIMIT,
    NEXT,
    NONE,
    OFFSET,
    PAGE,
    PREVIOUS,
    TOTAL,
)
from tests.support.conventions import CURSOR_ENVELOPE

OTHER = Convention(
    style=CURSOR,
    items=("data",),
    request={LIMIT: "page_size", AFTER: "starting_after", BEFORE: "ending_before"},
    response={NEXT: ("meta", "next"), PREVIOUS: ("meta", "prev"), TOTAL: ("meta", "total_count")},
    default_limit=10,
)
NUMBERED = Convention(BY_PAGE, (), {LIMIT: "per_page", PAGE: "page"}, {})
conventions = pytest.mark.parametrize("convention", [CURSOR_ENVELOPE, OTHER])


@conventions
def test_a_request_is_read_in_its_words(convention: Convention) -> None:
    limit, after, before = (convention.request[role] for role in (LIMIT, AFTER, BEFORE))
    assert read_page_request(convention, {}, {}) == PageRequest(convention.default_limit)
    assert read_page_request(convention, {limit: 3, after: 7}, {after: "c"}) == PageRequest(
        3, 7, None, "c"
    )
    expected = PageRequest(convention.default_limit, None, 7, "c")
    assert read_page_request(convention, {before: 7}, {before: "c"}) == expected


@pytest.mark.parametrize(
    ("first", "number", "start"),
    [(1, 1, 0), (1, 3, 20), (0, 0, 0), (0, 3, 30), (1, 10**30, 10**31 - 10)],
)
def test_pages_are_counted_from_the_first(first: int, number: int, start: int) -> None:
    convention = Convention(BY_PAGE, (), {LIMIT: "size", PAGE: "p"}, {}, first=first)
    read = read_page_request(convention, {"size": 10, "p": number}, {"p": str(number)})
    assert (read.start, read.page, read.cursor) == (start, number, str(number) if start else None)


def test_an_offset_is_where_the_page_begins() -> None:
    convention = Convention(BY_OFFSET, (), {LIMIT: "size", OFFSET: "skip"}, {}, first=0)
    assert read_page_request(convention, {"size": 10, "skip": 7}, {"skip": "7"}).start == 7
    # A default that was not sent means the first page.
    assert read_page_request(convention, {"size": 10, "skip": 0}, {}) == PageRequest(10)


def test_a_limit_beyond_the_maximum_is_cut_where_the_scheme_says_so() -> None:
    convention = Convention(BY_PAGE, (), {LIMIT: "size"}, {}, maximum_limit=50, clamps=True)
    assert "maximum" not in convention.parameter_schema("size", {"type": "integer", "maximum": 50})
    assert read_page_request(convention, {"size": 51}, {}).limit == 50


def test_a_list_without_pages_is_given_whole() -> None:
    convention = Convention(NONE, ("data",), {}, {})
    assert read_page_request(convention, {"limit": 3}, {}) == PageRequest(WHOLE)


@conventions
def test_the_roles_of_parameters(convention: Convention) -> None:
    roles = [convention.role_of(name) for name in (*convention.parameters, "name")]
    assert roles == [LIMIT, AFTER, BEFORE, None]


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
    read = convention.parameter_schema(convention.request[LIMIT], schema)
    assert read["type"] == "integer"
    assert 1 <= read["minimum"] <= read["default"] <= read.get("maximum", MAXIMUM_LIMIT)
    assert ("maximum" in read) is (maximum is not None)


def test_a_limit_that_is_a_text_is_read_as_a_number() -> None:
    stated = {"type": "string", "default": "25", "pattern": "^[0-9]+$", "enum": ["10", "25"]}
    read = NUMBERED.parameter_schema("per_page", stated)
    assert read == {"type": "integer", "default": 25, "enum": [10, 25], "minimum": 1}


@pytest.mark.parametrize(
    ("enum", "stated", "default"),
    [
        ([10, 25], None, 10),
        ([25, 50], None, 25),
        ([10, 25], 25, 25),
        ([10, 25], 30, 25),
        (["10", "15"], "20", 15),
    ],
)
def test_the_default_of_a_limit_is_one_of_its_enum(enum: list[Any], stated: Any, default: int) -> None:
    schema = {"enum": enum} | ({} if stated is None else {"default": stated})
    assert NUMBERED.parameter_schema("per_page", schema)["default"] == default


@pytest.mark.parametrize(
    ("first", "schema", "expected"),
    [
        (1, {"type": "integer"}, {"minimum": 1, "default": 1}),
        (0, {"type": "string", "default": "0"}, {"minimum": 0, "default": 0}),
        (1, {"type": "integer", "minimum": 0, "exclusiveMinimum": True}, {"minimum": 1, "default": 1}),
    ],
)
def test_a_page_is_a_number_from_the_first_one_on(
    first: int, schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    convention = Convention(BY_PAGE, (), {PAGE: "page"}, {}, first=first)
    assert convention.parameter_schema("page", schema) == {"type": "integer", **expected}
