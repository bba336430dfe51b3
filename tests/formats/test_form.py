"""Reading forms: brackets become objects and lists, and what is written so is read again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.formats import form


@pytest.mark.parametrize(
    ("content", "members"),
    [
        ("a=1", {"a": ["1"]}),
        ("a=1&a=2&b", {"a": ["1", "2"], "b": [""]}),
        ("a%5Bb%5D=1&a[c]=x+y%21", {"a": {"b": ["1"], "c": ["x y!"]}}),
        ("a[]=x&a[]=y", {"a": {"0": ["x"], "1": ["y"]}}),
        ("a[0][b]=1&a[1][b]=2", {"a": {"0": {"b": ["1"]}, "1": {"b": ["2"]}}}),
        ("a[][b]=1&a[][c]=2&a[][b]=3", {"a": {"0": {"b": ["1"], "c": ["2"]}, "1": {"b": ["3"]}}}),
        ("a[b][c][]=1", {"a": {"b": {"c": {"0": ["1"]}}}}),
        ("a]b=1&[a]=2&a[b=3", {"a]b": ["1"], "[a]": ["2"], "a[b": ["3"]}),
        ("known[0]=1", {"known[0]": ["1"]}),
        ("&&=1&%zz=%ff", {"": ["1"], "%zz": ["\ufffd"]}),
        ("a" + "[b]" * 30 + "=1", {"a" + "[b]" * 30: ["1"]}),
        ("", {}),
    ],
)
def test_brackets_become_objects_and_lists(content: str, members: dict[str, Any]) -> None:
    assert form.read(content, {"known[0]": {}}) == members


@pytest.mark.parametrize(
    ("content", "steps"), [("a=1&a[b]=2", ("a",)), ("a[b][c]=1&a[b]=2", ("a", "b"))]
)
def test_a_value_beside_members_is_a_conflict(content: str, steps: tuple[str, ...]) -> None:
    with pytest.raises(form.Conflict) as caught:
        form.read(content, {})
    assert caught.value.steps == steps


NAMES = st.text("abc_.-é 1", min_size=1, max_size=3)
TREES = st.dictionaries(
    NAMES,
    st.recursive(
        st.lists(st.text(max_size=3), min_size=1, max_size=2),
        lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3),
        max_leaves=6,
    ),
)


def written(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    for key, inner in node.items():
        own = f"{name}[{key}]" if name else key
        yield from ((own, text) for text in inner) if isinstance(inner, list) else written(inner, own)


@given(TREES)
def test_what_is_written_in_brackets_is_read_again(tree: dict[str, Any]) -> None:
    assert form.read(urlencode(list(written(tree))), {}) == tree


@given(st.text(max_size=200) | st.text("a[]=&1", max_size=60))
def test_any_text_is_a_form_or_a_conflict(content: str) -> None:
    with contextlib.suppress(form.Conflict):
        assert isinstance(form.read(content, {}), dict)
