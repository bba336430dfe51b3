"""Parameters: which filter the raw values of a query ask for."""

from mock_server.lists.filters import AnyOf, Filter
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_compilation import compile_parameter
from mock_server.openapi.parameters import FilterRule, Parameter

OPERATION = Operation(
    "listThings", "GET", "/things", "/things", (), "things", {"properties": {"name": {}, "kind": {}}}
)


def read(match: str, *raw_values: str) -> tuple[Filter | None, list[str]]:
    """The filter that raw values ask for, and the texts that they stand for."""
    rule = FilterRule("kind", match)
    parameter = compile_parameter(Parameter("kind", "query", False, {}, rule), OPERATION)
    sent, found = parameter.values_of("kind", raw_values), dict[str, Filter | None]()
    assert list(parameter.read(sent, found)) == []
    return found["kind"], [text for value in sent for text in value.texts]


def test_an_empty_value_filters_nothing() -> None:
    assert read("contains", "")[0] is None
    assert read("any-of", "", ",", "%2C") == (None, [])


def test_repeated_lists_add_up() -> None:
    asked, split = read("any-of", "a,b", "c%2Cd")
    assert asked == AnyOf("kind", frozenset(["a", "b", "c", "d", "c,d"]))
    assert split == ["a", "b", "c", "d"]
