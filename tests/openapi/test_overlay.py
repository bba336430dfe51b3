"""Overlays: applied as the Overlay specification 1.0 or 1.1 says, or refused."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from mock_server.formats import source_file, yaml
from mock_server.formats.source_file import Source
from mock_server.openapi import overlay, overlay_schema
from mock_server.problems import CannotServe, Problem

Refusal = Callable[..., list[str]]

# A checkout of https://github.com/OAI/Overlay-Specification.
CHECKOUT = Path(os.environ.get("OVERLAY_SPECIFICATION", "/nowhere"))


def source(*actions: Any, **fields: Any) -> Source:
    data = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": list(actions)}
    data |= fields
    return Source("o.yaml", yaml.dump(data), data)


def source_1_1(*actions: Any) -> Source:
    return source(*actions, overlay="1.1.0")


def apply(applied: Source, document: Any) -> Any:
    """Apply an overlay that changes something in each of its actions."""
    warnings: list[Problem] = []
    result = overlay.apply(applied, document, warnings)
    assert not warnings
    return result


def warnings_of(applied: Source, document: Any) -> list[str]:
    """Apply an overlay that changes nothing, and return its warnings."""
    warnings: list[Problem] = []
    assert overlay.apply(applied, document, warnings) is document
    return [str(warning) for warning in warnings]


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
    found: Any = apply(source(action), DOCUMENT)
    for step in at:
        found = found[step]
    assert found == value


@pytest.mark.parametrize(
    ("action", "at", "value"),
    [
        ({"target": "$.info.tags", "update": ["b", "c"]}, ("info", "tags"), ["a", "b", "c"]),
        ({"target": "$.info.tags", "update": {"b": 1}}, ("info", "tags"), ["a", {"b": 1}]),
        ({"target": "$.info.tags", "update": None}, ("info", "tags"), ["a", None]),
        ({"target": "$.info.title", "update": "N"}, ("info", "title"), "N"),
        ({"target": "$.same[-1]", "update": 2}, ("same",), [1, 1, 1, 2]),
        ({"target": "$.same[*]", "update": None}, ("same",), [None] * 4),
        ({"target": "$.nothing", "update": False}, ("nothing",), False),
        ({"target": "$.paths['/y']", "copy": "$.paths['/x']"}, ("paths", "/y", "get", "parameters"),
         [{"name": "p"}, {"name": "q"}]),
        ({"target": "$.same", "copy": "$.info.tags"}, ("same",), [1, 1, 1, 1, "a"]),
        ({"target": "$.same", "copy": "$.info"}, ("same", 4, "title"), "T"),
        ({"target": "$.info.title", "copy": "$.same[0]"}, ("info", "title"), 1),
        ({"target": "$.info", "copy": "$"}, ("info", "info", "title"), "T"),
        ({"target": "$.info.tags[0]", "remove": True, "update": "b"}, ("info", "tags"), []),
        ({"target": "$..*", "remove": True}, (), {}),
    ],
)  # fmt: skip
def test_actions_of_1_1_change_what_they_select(
    action: dict[str, Any], at: tuple[Any, ...], value: object
) -> None:
    before = copy.deepcopy(DOCUMENT)
    assert Draft7Validator(overlay_schema.schema()).is_valid(source_1_1(action).data)
    found: Any = apply(source_1_1(action), DOCUMENT)
    for step in at:
        found = found[step]
    assert found == value
    assert before == DOCUMENT


def test_actions_apply_in_their_order_and_leave_the_document_alone() -> None:
    before = copy.deepcopy(DOCUMENT)
    result = apply(
        source(
            {"target": "$.paths['/y']", "remove": True},
            {"target": "$.paths", "update": {"/y": {"put": {}}}},
            {"target": "$.paths['/y'].put", "update": {"summary": "new"}},
        ),
        DOCUMENT,
    )
    assert result["paths"]["/y"] == {"put": {"summary": "new"}}
    assert before == DOCUMENT


def test_what_no_action_changes_is_not_copied() -> None:
    result = apply(source({"target": "$.paths['/y'].get", "update": {"a": 1}}), DOCUMENT)
    assert result["paths"] is not DOCUMENT["paths"]
    assert result["paths"]["/x"] is DOCUMENT["paths"]["/x"]  # type: ignore[index]


def test_parts_that_were_written_once_and_stand_in_several_places_change_apart() -> None:
    shared = {"get": {"tags": ["a"]}}
    document = {"paths": {"/x": shared, "/y": shared}}
    update = {"put": {"tags": ["p"]}}
    result = apply(
        source_1_1(
            {"target": "$.paths.*", "update": update},
            {"target": "$.paths['/x'].put.tags", "update": "q"},
            {"target": "$.paths['/x'].get.tags", "update": "b"},
            {"target": "$.paths", "update": {"/z": {}}},
            {"target": "$.paths['/z']", "copy": "$.paths['/x']"},
            {"target": "$.paths['/z'].get.tags", "update": "c"},
        ),
        document,
    )
    tags = {path: (item["get"]["tags"], item["put"]["tags"]) for path, item in result["paths"].items()}
    assert tags == {
        "/x": (["a", "b"], ["p", "q"]),
        "/y": (["a"], ["p"]),
        "/z": (["a", "b", "c"], ["p", "q"]),
    }
    assert update == {"put": {"tags": ["p"]}}


@pytest.mark.parametrize(
    ("action", "warning"),
    [
        ({"target": "$.nope", "update": {}}, "at /actions/0/target: the target '$.nope' matches nothing;"),
        ({"target": "$.nope", "remove": True}, "matches nothing"),
        ({"target": "$.nope", "copy": "$.nope"}, "matches nothing"),
        ({"target": "$..[?match(@.text, '.')]", "remove": True}, "matches nothing; correct it or drop"),
        ({"target": r"$..[?match(@.text, '\\d')]", "remove": True},
         r"matches nothing, and the pattern '\d' is no I-Regexp (RFC 9485)"),
        ({"target": "$"}, "at /actions/0: the action changes nothing; give it 'update' or 'remove: true'"),
        ({"target": "$.info", "remove": False}, "the action changes nothing"),
        ({"target": "$.info", "update": {}, "copy": "$"}, "both 'update' and 'copy', so that neither counts"),
    ],
)  # fmt: skip
def test_an_action_that_changes_nothing_is_a_warning(action: dict[str, Any], warning: str) -> None:
    [found] = warnings_of(source_1_1(action), DOCUMENT)
    assert warning in found


@pytest.mark.parametrize(
    ("actions", "problem"),
    [
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
        (
            [{"target": "$.info", "copy": "$.info"}],
            "the field is one of Overlay 1.1; begin the file with",
        ),
        ([{"target": "$", "update": {}}] * 2, "the action is the same as action 0, counted from 0"),
        ([{"target": "$", "description": 5}], "it is no text but '5'"),
        ([{"update": {}}], "the action has no target"),
        (["x"], """it is no mapping but '"x"'"""),
        ([{"target": 10}], "at /actions/0/target: it is no text but '10'"),
        ([{"target": "$", "remove": "yes"}], "it is no boolean"),
        ([], "it has no actions"),
    ],
)
def test_an_action_that_cannot_be_applied_is_refused(
    refusal: Refusal, actions: list[Any], problem: str
) -> None:
    [found] = refusal(apply, source(*actions), DOCUMENT)
    assert problem in found
    assert found.startswith("o.yaml:")


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"target": "$.info", "update": 5}, "at /actions/0/update: the target is an object"),
        ({"target": "$.info", "copy": "$.same"}, "at /actions/0/copy: the target is an object"),
        ({"target": "$.info.title", "update": {}}, "the target is a primitive value, the update is not"),
        ({"target": "$.info.*", "update": "a"}, "the target selects values of several kinds"),
        (
            {"target": "$.info", "copy": "$.nope"},
            "'$.nope' selects no values to copy; select a single one",
        ),
        ({"target": "$.info", "copy": "$.same[*]"}, "'$.same[*]' selects 4 values to copy"),
        ({"target": "$.info", "copy": "info"}, "'info' is not an RFC 9535 JSONPath"),
        ({"target": "$.info", "copy": 100}, "at /actions/0/copy: it is no text but '100'"),
    ],
)
def test_an_action_of_1_1_that_cannot_be_applied_is_refused(
    refusal: Refusal, action: Any, problem: str
) -> None:
    [found] = refusal(apply, source_1_1(action), DOCUMENT)
    assert problem in found


def test_copies_cannot_nest_a_document_for_ever(refusal: Refusal) -> None:
    actions = [
        {"target": "$..[?@.leaf]", "copy": "$.a", "description": str(number)} for number in range(200)
    ]
    [found] = refusal(apply, source_1_1(*actions), {"a": {"b": {"leaf": 1}}})
    assert "nested more than 100 levels deep" in found or "adds more than" in found


def test_every_action_that_cannot_be_applied_is_reported_with_its_place(refusal: Refusal) -> None:
    bad = source({"target": "$", "remove": True}, {"target": "b", "update": {}})
    first, second = refusal(apply, bad, DOCUMENT)
    assert "o.yaml:6 at /actions/0/target: the whole document cannot be removed" in first
    assert "at /actions/1/target: 'b' is not an RFC 9535 JSONPath" in second


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"overlay": "1.2.0"}, "it is not an OpenAPI Overlay 1.0 or 1.1 document"),
        ({"overlay": 1}, "it is not an OpenAPI Overlay"),
        ({"overlay": 1.1}, "it is not an OpenAPI Overlay"),
        ({"overlay": "1.1"}, "it is not an OpenAPI Overlay"),
        ({"what": 1}, "at /what: the field is not understood"),
        ({"info": {"title": "x"}}, "at /info: it lacks a version"),
        ({"info": {"version": "1"}}, "at /info: it lacks a title"),
        ({"info": {"title": "x", "version": 1}}, "at /info/version: it is no text but '1'"),
        ({"info": "x"}, """at /info: it is no mapping but '"x"'"""),
        ({"actions": 5}, "at /actions: it is no list but '5'"),
        ({"actions": None}, "at /actions: it has no actions"),
        ({"info": {"title": "x", "version": "1", "description": 1}}, "at /info/description: it is no"),
        ({"extends": {}}, "at /extends: it is no text but '{}'"),
        ({"info": {"title": 1, "version": "1"}}, "at /info/title: it is no text but '1'"),
    ],
)
def test_a_file_that_is_no_overlay_is_refused(
    refusal: Refusal, fields: dict[str, Any], problem: str
) -> None:
    [found] = refusal(apply, source({"target": "$", "update": {}}, **fields), {})
    assert problem in found


def test_a_field_of_info_that_is_not_understood_is_a_warning() -> None:
    info = {"title": "t", "version": "1", "1.1": None, "description": "d", "x-note": 1}
    warnings: list[Problem] = []
    overlay.apply(source({"target": "$", "update": {}}, info=info), {}, warnings)
    assert [str(each) for each in warnings] == [
        "o.yaml:5 at /info/1.1: the field is not understood; use description, title, version."
    ]


def test_extensions_are_allowed(tmp_path: Path) -> None:
    action = {"target": "$", "update": {"a": 1}, "x-why": "because", "description": "d"}
    assert apply(source(action, **{"x-y": 1, "extends": "./d.yaml"}), {}) == {"a": 1}


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
    assert apply(source({"target": "$", "update": other}), one) == one | other


@given(objects)
def test_an_empty_update_changes_nothing(one: dict[str, Any]) -> None:
    assert apply(source({"target": "$", "update": {}}), one) == one


LARGE = {"parts": [{"a": {"b": [1, 2, {"c": 3}]}} for _ in range(3_000)]}


@pytest.mark.slow
@pytest.mark.parametrize("target", ["$..[?$..x]", "$" + "..[*, *, *]" * 6, "$..[?$.parts[?1 == 2]]"])
def test_a_target_that_visits_every_part_for_every_part_is_refused(
    refusal: Refusal, target: str
) -> None:
    action = {"target": target, "update": {"x": 1}}
    assert refusal(apply, source(action), LARGE) == [
        "o.yaml:6 at /actions/0: the overlay's targets take too long to find; "
        "name the parts to change more directly."
    ]


@pytest.mark.slow
def test_updates_that_double_the_document_again_and_again_are_refused(refusal: Refusal) -> None:
    action = {"target": "$..[?@.b || @.x]", "update": {"x": {"x": 1}, "y": {"x": 1}}}
    actions = [{**action, "description": str(number)} for number in range(30)]
    [problem] = refusal(apply, source(*actions), LARGE)
    assert "the overlay adds more than 200,000 values" in problem or "too long" in problem


def published(folder: str, pattern: str) -> list[Path]:
    return sorted((CHECKOUT / folder).glob(pattern))


@pytest.mark.skipif(not CHECKOUT.is_dir(), reason="OVERLAY_SPECIFICATION names no checkout")
@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_the_specifications_own_cases_are_applied_or_refused(version: str) -> None:
    document = {"paths": {"/foo": {"get": {"parameters": []}}, "/bar": {"get": {}}}, "tags": []}
    valid, invalid = (published(f"tests/{version}/{kind}", "*.yaml") for kind in ("pass", "fail"))
    assert valid
    assert invalid
    for path in valid:
        overlay.apply(source_file.read(path), document, [])
    for path in invalid:
        with pytest.raises(CannotServe):
            overlay.apply(source_file.read(path), document, [])


@pytest.mark.skipif(not CHECKOUT.is_dir(), reason="OVERLAY_SPECIFICATION names no checkout")
def test_the_specifications_own_overlays_give_the_documents_that_it_publishes() -> None:
    folders = published("compliant-sets", "*/")
    assert folders
    for folder in folders:
        read = {
            name: source_file.read(folder / f"{name}.yaml") for name in ("openapi", "overlay", "output")
        }
        result = overlay.apply(read["overlay"], read["openapi"].data, [])
        assert result == read["output"].data, folder.name
