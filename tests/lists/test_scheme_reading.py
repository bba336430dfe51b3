"""Schemes as an `x-list` says them, and what is said of those that are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.lists.built_in_schemes import Family, built_in, plain
from mock_server.lists.roles import REQUEST_ROLES, RESPONSE_ROLES, STYLES
from mock_server.lists.scheme import Scheme
from mock_server.lists.scheme_reading import SchemeError, read_scheme, read_schemes

CURSOR = {
    "style": "cursor", "items": "data", "cursor": "id", "request": {"limit": "n", "after": "from"},
    "response": {"more": "has_more"}, "end": "null",
}  # fmt: skip
PAGE = {"style": "page", "request": {"page": "p"}}


def test_a_scheme_has_what_its_x_list_says() -> None:
    assert read_scheme(CURSOR) == Scheme(
        "cursor", "data", "id", {"limit": "n", "after": "from"}, {"more": "has_more"}, end="null"
    )
    said = {
        "first": 0,
        "limitDefault": 5,
        "limitMaximum": 50,
        "over": "clamp",
        "headers": {"X-T": "total"},
    }
    scheme = read_scheme(PAGE | said)
    assert (scheme.first, scheme.limit_default, scheme.limit_maximum, scheme.over) == (0, 5, 50, "clamp")
    assert scheme.headers == {"X-T": "total"}
    assert read_scheme(PAGE).items == "auto"
    # YAML reads `end: null` as no value.
    assert read_scheme(PAGE | {"end": None}).end == "null"
    assert [each.style for each in read_schemes([PAGE, {"style": "none"}])] == ["page", "none"]


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        ("cursor", (), "it is not a scheme"),
        ({}, (), "the scheme has no style"),
        ({"style": "pages"}, ("style",), "'pages' is none of cursor, token, page, offset, url, none"),
        (PAGE | {"itms": "data"}, ("itms",), "'itms' is no member of a scheme (did you mean 'items'?)"),
        (PAGE | {"items": "data..x"}, ("items",), "'data..x' is no path into the answer"),
        (PAGE | {"items": 3}, ("items",), "it is not a text"),
        (PAGE | {"request": {"page": "p", "limt": "n"}}, ("request", "limt"), "'limt' is no role"),
        (PAGE | {"request": {"page": "p", "limit": "p"}}, ("request", "limit"), "'p' cannot be both page and limit"),
        (PAGE | {"request": ["page"]}, ("request",), "it is not a mapping"),
        (PAGE | {"response": {"nxt": "a"}}, ("response", "nxt"), "'nxt' is no role"),
        (PAGE | {"headers": {"X-Total": "sum"}}, ("headers", "X-Total"), "'sum' is nothing that a header can say"),
        (PAGE | {"headers": {"a b": "total"}}, ("headers", "a b"), "'a b' is no name of a header"),
        (PAGE | {"first": 2}, ("first",), "'2' is no whole number from 0 to 1"),
        (PAGE | {"first": True}, ("first",), "'True' is no whole number from 0 to 1"),
        (PAGE | {"limitDefault": 0}, ("limitDefault",), "'0' is no whole number from 1 to 10000"),
        (PAGE | {"limitMaximum": "9"}, ("limitMaximum",), "'9' is no whole number from 1 to 10000"),
        (PAGE | {"limitDefault": 9, "limitMaximum": 8}, ("limitDefault",), "limitDefault 9 is beyond limitMaximum 8"),
        (PAGE | {"over": "cut"}, ("over",), "'cut' is none of refuse, clamp"),
        (PAGE | {"end": "never"}, ("end",), "'never' is none of omit, null, empty"),
        (PAGE | {"cursor": "id"}, ("cursor",), "a list of style page has no cursor"),
        ({"style": "page"}, ("request",), "style page needs the parameter for page"),
        ({"style": "token", "request": {"after": "t"}}, ("response",), "nothing in the answer says how to go on"),
        ({"style": "url"}, ("response",), "nothing in the answer says how to go on"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_by_name(
    value: Any, place: tuple[str, ...], message: str
) -> None:
    with pytest.raises(SchemeError) as refused:
        read_scheme(value)
    assert refused.value.place == place
    assert refused.value.message.startswith(message)
    assert refused.value.remedy


def test_a_mistake_in_one_of_several_schemes_has_its_number() -> None:
    with pytest.raises(SchemeError) as refused:
        read_schemes([PAGE, PAGE | {"first": 7}])
    assert refused.value.place == (1, "first")
    with pytest.raises(SchemeError, match="not a list of schemes"):
        read_schemes(PAGE)


def test_the_data_file_names_roles_and_styles_that_are_known_in_plain_names() -> None:
    data = built_in()
    assert data.request.keys() <= set(REQUEST_ROLES)
    assert data.response.keys() == set(RESPONSE_ROLES)
    for words in [*data.request.values(), *data.response.values(), *data.headers.values()]:
        assert list(words) == [plain(word) for word in words]
        assert len(words) == len(set(words))
    for scheme in data.schemes:
        assert scheme.style in STYLES
        if isinstance(scheme, Family):
            assert scheme.request.keys() <= data.request.keys()
            assert scheme.response.keys() <= data.response.keys()
