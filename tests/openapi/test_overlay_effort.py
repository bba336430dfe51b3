"""JSONPaths of overlays: the bounded way of following them finds what the library finds."""

from typing import Any

import jsonpath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.openapi.overlay_effort import Effort

PATHS = jsonpath.JSONPathEnvironment(strict=True)

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


@given(documents(), targets())
def test_a_target_selects_what_the_library_selects(document: Any, target: str) -> None:
    expected = [(each.parts, each.obj) for each in PATHS.compile(target).finditer(document)]
    found = Effort(document).find(PATHS.compile(target), document)
    assert [(each.parts, repr(each.obj)) for each in found] == [(p, repr(v)) for p, v in expected]


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
    path = PATHS.compile(f"$.a[?{test}]")
    assert [each.parts[1] for each in path.finditer(DOCUMENT)] == places
    assert [each.parts for each in Effort(DOCUMENT).find(path, DOCUMENT)] == [("a", n) for n in places]
