"""Bodies that are forms: texts become values of the types that the schema names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.openapi.form_bodies import FormBody

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "share": {"type": "number"},
        "on": {"type": "boolean"},
        "end": {"type": "integer", "nullable": True},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string", "enum": [""]}]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sizes": {"type": "array", "items": {"type": "integer"}},
        "owner": {
            "type": "object",
            "properties": {"age": {"type": "integer"}, "name": {"type": "string"}},
        },
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "price": {"type": "number"},
                    "codes": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
        "free": {},
    },
}


def read(content: str, **encoding: Any) -> Any:
    return FormBody(SCHEMA, encoding).read(content)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("name=5&size=5&share=1.50&on=true", {"name": "5", "size": 5, "share": 1.5, "on": True}),
        ("size=x&on=yes&share=", {"size": "x", "on": "yes", "share": ""}),
        ("end=&either=", {"end": None, "either": ""}),
        ("either=7", {"either": 7}),
        ("tags=a&tags=b", {"tags": ["a", "b"]}),
        ("tags=a", {"tags": ["a"]}),
        ("tags=", {"tags": []}),
        ("tags[]=a", {"tags": ["a"]}),
        ("sizes[1]=2&sizes[0]=1&sizes[10]=x", {"sizes": [1, 2, "x"]}),
        ("owner[age]=3&owner[name]=4", {"owner": {"age": 3, "name": "4"}}),
        ("owner=%7B%22age%22%3A3%7D", {"owner": {"age": 3}}),
        ("lines[0][price]=1&lines[1][price]=2&lines[1][codes][]=x", {
            "lines": [{"price": 1}, {"price": 2, "codes": ["x"]}],
        }),
        ("labels[a]=1&labels[b]=x", {"labels": {"a": 1, "b": "x"}}),
        ("free=1&other[a]=2&others[0]=3", {"free": "1", "other": {"a": "2"}, "others": ["3"]}),
    ],
)  # fmt: skip
def test_texts_become_values(content: str, value: Any) -> None:
    assert read(content) == (value, [])


@pytest.mark.parametrize(
    ("content", "encoding", "value"),
    [
        ("tags=a,b&tags=c", {"tags": {"style": "form", "explode": False}}, {"tags": ["a", "b", "c"]}),
        ("tags=a,b", {"tags": {"style": "form"}}, {"tags": ["a,b"]}),
        ("tags=a+b", {"tags": {"style": "spaceDelimited"}}, {"tags": ["a", "b"]}),
        ("sizes=1|2", {"sizes": {"style": "pipeDelimited"}}, {"sizes": [1, 2]}),
        ("free=%5B1%5D", {"free": {"contentType": "application/json"}}, {"free": [1]}),
        ("owner[age]=3", {"owner": {"style": "deepObject", "explode": True}}, {"owner": {"age": 3}}),
    ],
)
def test_the_document_says_how_members_are_written(
    content: str, encoding: dict[str, Any], value: Any
) -> None:
    assert read(content, **encoding) == (value, [])


@pytest.mark.parametrize(
    ("content", "code", "key"),
    [
        ("size=1&size=2", "repeated", "/size"),
        ("owner[age]=1&owner[age]=2", "repeated", "/owner/age"),
        ("size=1&size[a]=2", "conflict", "/size"),
        ("free={", "json", "/free"),
    ],
)
def test_what_is_written_wrongly_is_named(content: str, code: str, key: str) -> None:
    _, [violation] = read(content, free={"contentType": "application/json"})
    assert (violation.code, violation.key) == (code, key)


TEXTS = st.text(min_size=1, max_size=4)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS,
        "size": st.integers(),
        "on": st.booleans(),
        "tags": st.lists(TEXTS, min_size=1),
        "owner": st.fixed_dictionaries({"age": st.integers()}, optional={"name": TEXTS}),
        "lines": st.lists(
            st.fixed_dictionaries({"codes": st.lists(TEXTS, min_size=1)}), min_size=1, max_size=3
        ),
        "labels": st.dictionaries(st.text("abc", min_size=1), st.integers(), min_size=1),
    },
)


def written(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield the names and texts that clients send for a value."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from written(part, f"{name}[{key}]" if name else key)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from written(part, f"{name}[{number}]" if isinstance(part, dict) else f"{name}[]")
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


@given(BODIES)
def test_what_clients_write_is_read_as_it_was(body: dict[str, Any]) -> None:
    assert read(urlencode(list(written(body, "")))) == (body, [])
