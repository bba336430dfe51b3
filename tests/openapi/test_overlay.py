"""Overlays: applied as the Overlay specification 1.0 says, or refused."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from mock_server.formats import yaml
from mock_server.formats.source_file import Source
from mock_server.openapi import overlay, overlay_schema

Refusal = Callable[..., list[str]]


def source(*actions: dict[str, Any], **fields: Any) -> Source:
    data = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": list(actions)}
    data |= fields
    return Source("o.yaml", yaml.dump(data), data)


DOCUMENT = {
    "info": {"title": "T", "tags": ["a"]},
    "paths": {"/x": {"get": {"parameters": [{"name": "p"}, {"name": "q"}]}}, "/y": {"get": {}}},
    "nothing": None,
    "same": [1, 1, 1, 1],
    "long": {"text": "a" * 40 + "!"},
}


@pytest.mark.parametrize(
    ("action", "at", "value"),
    [
        ({"target": "$.info", "update": {"title": "N", "x": 1}}, ("info",),
         {"title": "N", "tags": ["a"], "x": 1}),
        ({"target": "$", "update": {"info": {"tags": ["b"]}}}, ("info", "tags"), ["a", "b"]),
        ({"target": "$.info.tags", "update": "b"}, ("info", "tags"), ["a", "b"]),
        ({"target": "$.info.tags", "update": ["b"]}, ("info", "tags"), ["a", ["b"]]),
        ({"target": "$.paths.*.get", "update": {"s": True}}, ("paths", "/y", "get"), {"s": True}),
        ({"target": "$.paths['/x'].get.parameters[?@.name == 'q']", "update": {"in": "query"}},
         ("paths", "/x", "get", "parameters"), [{"name": "p"}, {"name": "q", "in": "query"}]),
        ({"target": "$..parameters[?@.name == 'p']", "remove": True},
         ("paths", "/x", "get", "parameters"), [{"name": "q"}]),
        ({"target": "$..parameters[*]", "remove": True}, ("paths", "/x", "get", "parameters"), []),
        ({"target": "$.paths['/x']", "remove": True, "update": {"z": 1}}, ("paths",),
         {"/y": {"get": {}}}),
        ({"target": "$", "update": {"nothing": {"a": 1}}}, ("nothing",), {"a": 1}),
        ({"target": "$", "update": {"info": None}}, ("info", "title"), "T"),
        ({"target": "$.info.title", "remove": True}, ("info",), {"tags": ["a"]}),
        ({"target": "$.nothing", "remove": True}, ("info", "title"), "T"),
        ({"target": "$.info.tags[0]", "remove": True}, ("info", "tags"), []),
        ({"target": "$.same[2,0,2]", "remove": True}, ("same",), [1, 1]),
        ({"target": "$..[?match(@.name, '[^q.]|[.]')]", "remove": True},
         ("paths", "/x", "get", "parameters"), [{"name": "q"}]),
        ({"target": "$..[?search(@.name, '^q$')]", "update": {"in": "query"}},
         ("paths", "/x", "get", "parameters", 1, "in"), "query"),
        ({"target": "$.info[?match(@, 'T') || match(@, '(')]", "remove": True}, ("info",), {"tags": ["a"]}),
    ],
)  # fmt: skip
def test_actions_change_what_they_select(
    action: dict[str, Any], at: tuple[Any, ...], value: object
) -> None:
    assert Draft7Validator(overlay_schema.schema()).is_valid(source(action).data)
    found: Any = overlay.apply(source(action), DOCUMENT)
    for step in at:
        found = found[step]
    assert found == value


def test_actions_apply_in_their_order_and_leave_the_document_alone() -> None:
    before = copy.deepcopy(DOCUMENT)
    result = overlay.apply(
        source(
            {"target": "$.paths['/y']", "remove": True},
            {"target": "$.paths", "update": {"/y": {"put": {}}}},
            {"target": "$.paths['/y'].put", "update": {"summary": "new"}},
        ),
        DOCUMENT,
    )
    assert result["paths"]["/y"] == {"put": {"summary": "new"}}
    assert before == DOCUMENT


@pytest.mark.parametrize(
    ("actions", "problem"),
    [
        (
            [{"target": r"$..[?match(@.text, '(a+)+\\1')]", "remove": True}],
            "which takes longer than 0.1 s to match",
        ),
        ([{"target": "$..[?match(@.text, '.')]", "remove": True}], "matches nothing"),
        ([{"target": "$.nope", "update": {}}], "the target '$.nope' matches nothing"),
        ([{"target": "$.info.title", "update": {}}], "neither an object nor an array"),
        ([{"target": "$.info[", "update": {}}], "is not an RFC 9535 JSONPath"),
        ([{"target": "info", "update": {}}], "is not an RFC 9535 JSONPath"),
        ([{"target": "", "update": {}}], "is not an RFC 9535 JSONPath"),
        ([{"target": "$.a[?", "update": {}}], "is not an RFC 9535 JSONPath"),
        ([{"target": "$", "remove": True}], "the whole document cannot be removed"),
        ([{"target": "$.info", "update": 5}], "the target is an object, the update is not"),
        ([{"target": "$", "update": {"info": {"tags": 1}}}], "holds an array there"),
        ([{"target": "$", "update": {"info": {"title": {}}}}], "holds a primitive value there"),
        ([{"target": "$.info", "update": {}, "removed": True}], "the field is not understood"),
        ([{"target": "$.info"}], "the action changes nothing"),
        ([{"update": {}}], "the action has no target"),
        (["x"], "the action has no target"),
        ([{"target": "$", "remove": "yes"}], "it is no boolean"),
        ([], "it has no actions"),
    ],
)
def test_an_action_that_cannot_be_applied_is_refused(
    refusal: Refusal, actions: list[Any], problem: str
) -> None:
    [found] = refusal(overlay.apply, source(*actions), DOCUMENT)
    assert problem in found
    assert found.startswith("o.yaml:")


def test_every_action_that_cannot_be_applied_is_reported_with_its_place(refusal: Refusal) -> None:
    bad = source({"target": "$.a", "remove": True}, {"target": "$.b", "update": {}})
    first, second = refusal(overlay.apply, bad, DOCUMENT)
    assert "o.yaml:6 at /actions/0/target: the target '$.a'" in first
    assert "at /actions/1/target: the target '$.b'" in second


@pytest.mark.parametrize(
    "fields",
    [{"overlay": "1.1.0"}, {"overlay": 1}, {"info": {"title": "x"}}, {"what": 1}, {"actions": 5}],
)
def test_a_file_that_is_no_overlay_is_refused(refusal: Refusal, fields: dict[str, Any]) -> None:
    assert len(refusal(overlay.apply, source({"target": "$", "update": {}}, **fields), {})) == 1


def test_extensions_are_allowed(tmp_path: Path) -> None:
    action = {"target": "$", "update": {"a": 1}, "x-why": "because", "description": "d"}
    assert overlay.apply(source(action, **{"x-y": 1, "extends": "./d.yaml"}), {}) == {"a": 1}


values = st.recursive(
    st.one_of(st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=10,
)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@pytest.mark.slow
@given(objects, objects)
def test_a_merge_of_disjoint_members_is_their_union(one: dict[str, Any], two: dict[str, Any]) -> None:
    other = {f"{key}2": value for key, value in two.items()}
    assert overlay.apply(source({"target": "$", "update": other}), one) == one | other


@given(objects)
def test_an_empty_update_changes_nothing(one: dict[str, Any]) -> None:
    assert overlay.apply(source({"target": "$", "update": {}}), one) == one


LARGE = {"parts": [{"a": {"b": [1, 2, {"c": 3}]}} for _ in range(3_000)]}


@pytest.mark.slow
@pytest.mark.parametrize("target", ["$..[?$..x]", "$..*..*..*..*..*..*", "$..[?$.parts[?1 == 2]]"])
def test_a_target_that_visits_every_part_for_every_part_is_refused(
    refusal: Refusal, target: str
) -> None:
    action = {"target": target, "update": {"x": 1}}
    assert refusal(overlay.apply, source(action), LARGE) == [
        "o.yaml:6 at /actions/0: the overlay's targets take too long to find; "
        "name the parts to change more directly."
    ]


@pytest.mark.slow
def test_updates_that_double_the_document_again_and_again_are_refused(refusal: Refusal) -> None:
    action = {"target": "$..[?@.b || @.x]", "update": {"x": {"x": 1}, "y": {"x": 1}}}
    [problem] = refusal(overlay.apply, source(*[action] * 30), LARGE)
    assert "the updates of the overlay add more than 200,000 values" in problem or "too long" in problem
