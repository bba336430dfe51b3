"""JSONPaths of overlays: both ways of following them find what the library finds."""

from pathlib import Path
from typing import Any

import jsonpath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mock_server.formats import yaml
from mock_server.openapi import overlay_effort, plain_paths
from mock_server.openapi.json_paths import JsonPaths
from mock_server.openapi.overlay_effort import Effort, TooMuch

PATHS = jsonpath.JSONPathEnvironment(strict=True)
SPEC = Path(__file__).parents[2] / "spec"

Places = list[tuple[tuple[int | str, ...], str]]

NAMES = ("a", "b", "c")
VALUES = ("'x'", "''", "0", "1", "1.0", "true", "false", "null")


def documents() -> st.SearchStrategy[Any]:
    scalars = st.sampled_from(["x", "xy", "", 0, 1, 1.0, True, False, None])
    containers = st.deferred(
        lambda: (
            st.lists(scalars | containers, max_size=4)
            | st.dictionaries(st.sampled_from(NAMES), scalars | containers, max_size=3)
        )
    )
    return containers


def queries(root: str) -> st.SearchStrategy[str]:
    """Queries that lead to at most one value, e.g. `@.a['b'][0]`."""
    steps = st.sampled_from([*(f".{n}" for n in NAMES), "['a']", "[0]", "[-1]"])
    return st.lists(steps, max_size=3).map(lambda found: root + "".join(found))


def filters(depth: int = 2) -> st.SearchStrategy[str]:
    single = queries("@") | queries("$")
    operands = single | st.sampled_from(VALUES) | single.map(lambda each: f"length({each})")
    operators = st.sampled_from(["==", "!=", "<", ">", "<=", ">="])
    tests = st.tuples(operands, operators, operands).map(" ".join)
    tests |= single | single.map(lambda each: f"!{each}")
    tests |= single.map(lambda each: f"count({each}.*) > 0")
    tests |= single.map(lambda each: f"match({each}, 'x.*')")
    if depth:
        inner = filters(depth - 1)
        tests |= st.builds("{}[?{}]".format, single, inner) | st.builds("!({})".format, inner)
        tests |= st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(" ".join)
    return tests


def targets() -> st.SearchStrategy[str]:
    names = st.sampled_from([f".{n}" for n in NAMES] + ["['a', 'c']", "[*]", "[0]", "[-1, 0]", "[0:2]"])
    descents = st.sampled_from(["..a", "..*", "..['b', 'a']"])
    steps = names | descents | filters().map("[?{}]".format) | filters(1).map("..[?{}]".format)
    return st.lists(steps, max_size=3).map(lambda found: "$" + "".join(found))


def plain_tests(depth: int = 2) -> st.SearchStrategy[str]:
    steps = plain_steps(depth - 1) if depth else st.sampled_from([".a", "['b']", ".*"])
    found = st.lists(steps, min_size=1, max_size=2).map("".join)
    tests = found.map("@{}".format) | found.map("!@{}".format)
    named = st.lists(st.sampled_from([".a", "['b']", '["c"]']), min_size=1, max_size=2).map("".join)
    tests |= st.builds("@{}{}{}".format, named, st.sampled_from(["==", " == "]), st.sampled_from(TEXTS))
    if depth:
        tests |= st.builds("{}{}{}".format, tests, st.sampled_from([" && ", "&&", " || ", "||"]), tests)
    return tests


def plain_steps(depth: int = 2) -> st.SearchStrategy[str]:
    names = st.sampled_from([".a", ".b", ".*", "['a', 'c']", '["c","b","c"]', "[*]", "['']"])
    descents = st.sampled_from(["..a", "..*", "..['b', 'a']", "..[*]"])
    filters = plain_tests(depth).map("[?{}]".format)
    return names | descents | filters | filters.map("..{}".format)


def plain_targets() -> st.SearchStrategy[str]:
    return st.lists(plain_steps(), max_size=3).map(lambda found: "$" + "".join(found))


TEXTS = ("'x'", '"xy"', "''")


def finds_with_library(target: str, document: Any) -> Places:
    return [(each.parts, repr(each.obj)) for each in PATHS.compile(target).finditer(document)]


def finds(target: str, document: Any) -> Places:
    found = JsonPaths(Effort(document).check).find("target", target, document)
    return [(each.parts, repr(each.obj)) for each in found]


def finds_plainly(target: str, document: Any) -> Places | None:
    steps = plain_paths.read(target)
    if steps is None:
        return None
    found = plain_paths.find(steps, document, Effort(document).check)
    return [(each.parts, repr(each.obj)) for each in found]


@given(documents(), targets())
def test_a_target_selects_what_the_library_selects(document: Any, target: str) -> None:
    expected = finds_with_library(target, document)
    assert finds(target, document) == expected
    assert finds_plainly(target, document) in (None, expected)


@given(documents(), plain_targets())
def test_a_plain_target_selects_what_the_library_selects(document: Any, target: str) -> None:
    assume(target.count("[?") <= 5)
    assert finds_plainly(target, document) == finds_with_library(target, document)


@given(st.text("$@.*[]?'\"ab=|&!, 0()\\\x00é", max_size=12).map("$".__add__))
def test_only_what_the_library_takes_too_is_plain(target: str) -> None:
    if plain_paths.read(target) is not None:
        assert finds_plainly(target, DOCUMENT) == finds_with_library(target, DOCUMENT)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "a",
        "$.",
        "$..",
        "$[",
        "$[]",
        "$['a'",
        "$['a",
        "$.a ",
        " $",
        "$[0]",
        "$.1",
        "$['\\'']",
        "$['a\n']",
        "$[?@.a == 1]",
        "$[?@.a != 'x']",
        "$[?@.* == 'x']",
        "$[?@.a['b', 'c'] == 'x']",
        "$[?@..a == 'x']",
        "$[?'x' == @.a]",
        "$[?!@.a == 'x']",
        "$[?@ == 'x']",
        "$[?@]",
        "$[?(@.a)]",
        "$[?$.a]",
        "$[?length(@.a) == 1]",
        "$" + "[?@.a]" * 6,
        "$" + "[?@" * 6 + ".a" + "]" * 6,
    ],
)
def test_what_is_not_plain_is_left_to_the_library(target: str) -> None:
    assert plain_paths.read(target) is None


@pytest.mark.parametrize(
    "path", [*SPEC.glob("*.overlay.yaml"), *SPEC.glob("examples/*.overlay.yaml")], ids=str
)
def test_the_overlays_that_are_installed_do_without_the_library(path: Path) -> None:
    targets = [action["target"] for action in yaml.load(path.read_text("utf-8"))["actions"]]
    assert [target for target in targets if plain_paths.read(target) is None] == []


def test_a_plain_target_of_values_that_stand_in_many_places_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overlay_effort, "_SECONDS", 0.1)
    document: list[Any] = []
    for _ in range(60):
        document = [document, document]
    with pytest.raises(TooMuch):
        finds_plainly("$" + ".*" * 60, document)


DOCUMENT = {"a": [{"b": {"c": 1}}, {"b": {"c": 2}}, {"b": 1}, {"d": {"e": {"c": 3}}}, "b", 1, None, {}]}


@pytest.mark.parametrize(
    ("test", "places"),
    [
        ("@.b.c == 2", [1]),
        ("!@.b", [3, 4, 5, 6, 7]),
        # The value itself, which may be no container.
        ("@ == 1", [5]),
        ("@ == null", [6]),
        # More than one step leads on, or more than one level.
        ("@['b', 'd']", [0, 1, 2, 3]),
        ("@..c", [0, 1, 3]),
        ("@..['c', 'x']", [0, 1, 3]),
    ],
)
def test_a_filter_finds_what_it_asks_of_a_value(test: str, places: list[int]) -> None:
    found = finds(f"$.a[?{test}]", DOCUMENT)
    assert found == finds_with_library(f"$.a[?{test}]", DOCUMENT)
    assert [parts for parts, _ in found] == [("a", n) for n in places]
