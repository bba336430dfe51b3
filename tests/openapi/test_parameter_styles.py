"""Styles of parameters: every location, style, explode and type of OpenAPI 3.0.3, Style Values."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.openapi.outside_query import OutsideQuery
from mock_server.openapi.parameter_compilation import compile_parameter
from mock_server.openapi.request_validation import Validator
from tests.support.parameters import codes, operation, query, validate, violations

COLOURS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
COLOUR: dict[str, Any] = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "G": {"type": "string"}},
}
PRIMITIVE, ARRAY, OBJECT = "blue", ["blue", "black"], {"R": 100, "G": "x y"}


def argument(parameter: dict[str, Any], sent: str) -> Any:
    """The argument for what was sent: the query, or the text of a header, a cookie or a path parameter."""
    location, name = parameter["in"], parameter["name"]
    if location == "query":
        return validate(parameter, sent, strict=True).values.get(name)
    path = f"/things/{{{name}}}" if location == "path" else "/things"
    found = operation({**parameter, "required": location == "path"}, path=path)
    headers = {"cookie": {"cookie": sent}, "header": {name.lower(): sent}}.get(location, {})
    source = OutsideQuery(headers, {"p0": sent}, {name: "p0"})
    [compiled] = [compile_parameter(each, found) for each in found.at(location)]
    arguments: dict[str, Any] = {}
    assert list(compiled.read(source.values_of(compiled), arguments)) == []
    return arguments[name]


TABLE = [
    ("path", "matrix", False, "string", ";c=blue", PRIMITIVE),
    ("path", "matrix", False, "string", ";c", ""),
    ("path", "matrix", False, "array", ";c=blue,black", ARRAY),
    ("path", "matrix", False, "object", ";c=R,100,G,x y", OBJECT),
    ("path", "matrix", True, "string", ";c=blue", PRIMITIVE),
    ("path", "matrix", True, "array", ";c=blue;c=black", ARRAY),
    ("path", "matrix", True, "object", ";R=100;G=x y", OBJECT),
    ("path", "label", False, "string", ".blue", PRIMITIVE),
    ("path", "label", False, "array", ".blue.black", ARRAY),
    ("path", "label", False, "array", ".blue,black", ARRAY),
    ("path", "label", False, "object", ".R.100.G.x y", OBJECT),
    ("path", "label", False, "object", ".R,100,G,x y", OBJECT),
    ("path", "label", True, "array", ".blue.black", ARRAY),
    ("path", "label", True, "object", ".R=100.G=x y", OBJECT),
    ("path", "simple", False, "string", "blue", PRIMITIVE),
    ("path", "simple", False, "array", "blue,black", ARRAY),
    ("path", "simple", False, "object", "R,100,G,x y", OBJECT),
    ("path", "simple", True, "array", "blue,black", ARRAY),
    ("path", "simple", True, "object", "R=100,G=x y", OBJECT),
    ("header", "simple", False, "string", "blue", PRIMITIVE),
    ("header", "simple", False, "array", "blue, black", ARRAY),
    ("header", "simple", False, "array", "blue ,\tblack,,", ARRAY),
    ("header", "simple", False, "object", "R, 100, G, x y", OBJECT),
    ("header", "simple", True, "object", "R=100, G=x y", OBJECT),
    ("cookie", "form", False, "string", "c=blue", PRIMITIVE),
    ("cookie", "form", False, "string", 'a={"b":1}; c="blue"', PRIMITIVE),
    ("cookie", "form", False, "array", "c=blue,black", ARRAY),
    ("cookie", "form", False, "object", "c=R,100,G,x%20y", OBJECT),
    ("cookie", "form", True, "string", "a[b]=1; c=blue", PRIMITIVE),
    ("cookie", "form", True, "array", "c=blue&c=black", ARRAY),
    ("cookie", "form", True, "array", "c=blue; other=1; c=black", ARRAY),
    ("cookie", "form", True, "object", "R=100&G=x%20y", OBJECT),
    ("cookie", "form", True, "object", "R=100; other=1; G=x%20y", OBJECT),
    ("query", "form", False, "string", "c=blue", PRIMITIVE),
    ("query", "form", False, "string", "c=", ""),
    ("query", "form", False, "array", "c=blue,black", ARRAY),
    ("query", "form", False, "object", "c=R,100,G,x+y", OBJECT),
    ("query", "form", False, "object", "c=R%2C100%2CG%2Cx%20y", OBJECT),
    ("query", "form", False, "object", "c=", {}),
    ("query", "form", True, "array", "c=blue&c=black", ARRAY),
    ("query", "form", True, "object", "R=100&G=x+y", OBJECT),
    ("query", "spaceDelimited", False, "array", "c=blue%20black", ARRAY),
    ("query", "spaceDelimited", False, "array", "c=blue+black", ARRAY),
    ("query", "spaceDelimited", False, "object", "c=R%20100%20G%20x", {"R": 100, "G": "x"}),
    ("query", "pipeDelimited", False, "array", "c=blue|black", ARRAY),
    ("query", "pipeDelimited", False, "array", "c=blue%7Cblack", ARRAY),
    ("query", "pipeDelimited", False, "array", "c=a%7Cb|black", ["a|b", "black"]),
    ("query", "pipeDelimited", False, "object", "c=R|100|G|x%20y", OBJECT),
    ("query", "deepObject", True, "object", "c[R]=100&c[G]=x+y", OBJECT),
    ("query", "deepObject", True, "object", "c%5BR%5D=100&c%5bG%5d=x%20y", OBJECT),
    ("query", "deepObject", True, "array", "c[]=blue&c[]=black", ARRAY),
    ("query", "deepObject", True, "array", "c[0]=blue&c[1]=black", ARRAY),
]


@pytest.mark.parametrize(("location", "style", "explode", "kind", "sent", "value"), TABLE)
def test_each_style_writes_a_value_that_is_read_again(
    location: str, style: str, explode: bool, kind: str, sent: str, value: Any
) -> None:
    schema = {"string": {"type": "string"}, "array": COLOURS, "object": COLOUR}[kind]
    described = {"name": "c", "in": location, "style": style, "explode": explode, "schema": schema}
    assert argument(described, sent) == value


@pytest.mark.parametrize("location", ["query", "header", "cookie", "path"])
def test_content_in_json_is_read_as_json(location: str) -> None:
    described = {"name": "c", "in": location, "content": {"application/json": {"schema": COLOUR}}}
    text = '{"R": 100, "G": "x y"}'
    sent = {"query": f"c={quote(text)}", "cookie": f"c={text}"}.get(location, text)
    assert argument(described, sent) == OBJECT


# A value is written here by RFC 6570, apart from the code that reads it.

TEXTS = st.text(min_size=1).filter(lambda text: text.isprintable() and not set(text) & set(",|% "))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(),
    "array": st.lists(TEXTS, min_size=1, max_size=5),
    "object": st.fixed_dictionaries({"R": st.integers(), "G": TEXTS}),
}
SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "|"}


def written(style: str, *, explode: bool, value: Any) -> str:
    """A value of the parameter `c` as a query writes it."""

    def encoded(part: Any) -> str:
        return quote(str(part), safe="")

    if isinstance(value, str):
        return f"c={encoded(value)}"
    if isinstance(value, list) and explode:
        return "&".join(f"c={encoded(part)}" for part in value)
    if isinstance(value, list):
        return "c=" + SEPARATORS[style].join(map(encoded, value))
    if style == "deepObject":
        return "&".join(f"c[{name}]={encoded(part)}" for name, part in value.items())
    if explode:
        return "&".join(f"{name}={encoded(part)}" for name, part in value.items())
    return "c=" + SEPARATORS[style].join(encoded(part) for pair in value.items() for part in pair)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("style", "explode", "kinds"),
    [
        ("form", True, ["string", "array", "object"]),
        ("form", False, ["string", "array", "object"]),
        ("spaceDelimited", False, ["array", "object"]),
        ("pipeDelimited", False, ["array", "object"]),
        ("deepObject", True, ["object"]),
    ],
)
@given(data=st.data())
def test_what_a_style_writes_is_read_as_the_same_value(
    style: str, explode: bool, kinds: list[str], data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(kinds))
    value = data.draw(VALUES[kind])
    schema = {"string": {"type": "string"}, "array": COLOURS, "object": COLOUR}[kind]
    described = query("c", style=style, explode=explode, **schema)
    assert argument(described, written(style, explode=explode, value=value)) == value


# Mistakes


FILTER = query(
    "filter",
    style="deepObject",
    required=True,
    type="object",
    required_members=["status"],
    properties={
        "status": {"type": "string", "enum": ["open", "done"]},
        "size": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}},
        "by": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
)
FILTER["schema"]["required"] = FILTER["schema"].pop("required_members")


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("filter[status]=open", []),
        ("filter[status]=open&filter[tags]=a&filter[tags]=b", []),
        ("filter[status]=open&filter[tags][]=a&filter[tags][]=b", []),
        ("filter[status]=open&filter[tags][0]=a&filter[tags][1]=b", []),
        ("filter[status]=open&filter[by][name]=x", []),
        ("", [("filter", "required")]),
        ("filter=open", [("filter", "required"), ("filter", "unknownParameter")]),
        ("filter[size]=2", [("filter[status]", "required")]),
        ("filter[status]=opn", [("filter[status]", "enum")]),
        ("filter[status]=open&filter[status]=done", [("filter[status]", "repeated")]),
        ("filter[status]=open&filter[size]=0", [("filter[size]", "range")]),
        ("filter[status]=open&filter[size]=1.0", [("filter[size]", "type")]),
        ("filter[status]=open&filter[tags]=a,b,c", [("filter[tags]", "maxItems")]),
        ("filter[status]=open&filter[statsu]=x", [("filter[statsu]", "unknownParameter")]),
        ("filter[status]=open&filter[by][nam]=x", [("filter[by][nam]", "unknownParameter")]),
        ("filter[status]=open&filter[]=x", [("filter[]", "unknownParameter")]),
        ("filter[status]=open&filter[status=x", [("filter[status", "unknownParameter")]),
        ("filter[status]=open&filter" + "[by]" * 3000 + "=x", [("filter" + "[by]" * 13 + "[b…", "unknownParameter")]),
    ],
)  # fmt: skip
def test_mistakes_in_a_deep_object_are_named_by_what_was_sent(
    sent: str, found: list[tuple[str, str]]
) -> None:
    assert codes(FILTER, sent, strict=True) == found


def test_an_unknown_member_is_a_warning_unless_strict_and_is_told_the_nearest_name() -> None:
    [warning] = validate(FILTER, "filter[status]=open&filter[statsu]=x").warnings
    assert warning.code == "unknownParameter"
    assert "did you mean 'filter[status]'?" in warning.message
    described = query("who", type="object", properties={"role": {"type": "string"}})
    [misspelt] = violations(described, "rol=admin", strict=True)
    assert "did you mean 'role'?" in misspelt.message
    [packed] = violations(described, "who=role,admin", strict=True)
    assert packed.message.endswith("send 'role'.")


def test_a_closed_object_refuses_other_members_and_an_open_one_takes_them() -> None:
    closed = query(
        "f", style="deepObject", type="object", properties={"a": {}}, additionalProperties=False
    )
    assert codes(closed, "f[b]=1") == [("f[b]", "additionalProperties")]
    free = query("f", style="deepObject", type="object", additionalProperties={"type": "integer"})
    assert validate(free, "f[b]=1", strict=True).values == {"f": {"b": 1}}
    assert codes(free, "f[b]=x") == [("f[b]", "type")]
    spread = query("f", type="object", additionalProperties={"type": "string"})
    assert validate(spread, "b=1&c=2", strict=True).values == {"f": {"b": "1", "c": "2"}}


def test_an_object_or_a_value_is_either() -> None:
    described = query(
        "created",
        style="deepObject",
        anyOf=[{"type": "object", "properties": {"gt": {"type": "integer"}}}, {"type": "integer"}],
    )
    assert validate(described, "created=5").values == {"created": 5}
    assert validate(described, "created[gt]=5").values == {"created": {"gt": 5}}
    assert codes(described, "created=x") == [("created", "type")]
    assert codes(described, "created[gx]=5", strict=True) == [("created[gx]", "unknownParameter")]
    assert codes(described, "created=5&created[gt]=5") == [("created", "conflict")]


@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "sent"),
    [
        ("path", "label", False, COLOURS, "blue"),
        ("path", "matrix", False, COLOURS, "c=blue"),
        ("path", "matrix", True, COLOURS, ";d=blue"),
        ("path", "matrix", True, COLOUR, "R=1"),
        ("path", "simple", False, COLOUR, "R,1,G"),
        ("path", "simple", True, COLOUR, "R"),
        ("header", "simple", False, COLOUR, "R"),
    ],
)
def test_what_is_not_written_in_its_style_is_refused_with_the_right_form(
    location: str, style: str, explode: bool, schema: dict[str, Any], sent: str
) -> None:
    described = {"name": "c", "in": location, "style": style, "explode": explode, "schema": schema}
    path = "/things/{c}" if location == "path" else "/things"
    validator = Validator(operation(described, path=path), strict=False, defers=True)
    [found] = validator.validate({"c": sent}, b"", {"p0": sent}).violations
    assert (found.key, found.code) == ("c", "style")
    assert f"style {style}, explode {str(explode).lower()}" in found.message


@pytest.mark.parametrize(
    ("style", "separator"), [("pipeDelimited", "'|' (%7C)"), ("spaceDelimited", "a space (%20)")]
)
def test_numbers_with_commas_between_them_are_told_the_separator(style: str, separator: str) -> None:
    described = query("c", style=style, explode=False, type="array", items={"type": "integer"})
    [found] = violations(described, "c=1,2")
    assert (found.key, found.code) == ("c", "style")
    assert separator in found.message


def test_a_packed_object_names_the_parameter_and_its_member() -> None:
    described = query("who", explode=False, **COLOUR)
    [found] = violations(described, "who=R,x")
    assert (found.key, found.code) == ("who", "type")
    assert "'x' was sent for 'who[R]'" in found.message


@pytest.mark.parametrize("sent", ["c=%7B", "c=", "c=nan", "c=" + "[" * 5000, "c=%7B%22R%22:%22x%22%7D"])
def test_bad_json_is_a_violation(sent: str) -> None:
    described = query("c", content={"application/json": {"schema": COLOUR}})
    assert [key for key, _ in codes(described, sent)] == ["c"]


@pytest.mark.parametrize(
    "header",
    [
        'prefs={"a":1}; session=abc',
        "a[b]=1; session=abc",
        "x=1 2; session=abc",
        "=; ;;session=abc; \xff",
    ],
)
def test_an_odd_cookie_hides_no_other(header: str) -> None:
    described = {"name": "session", "in": "cookie", "required": True, "schema": {"enum": ["abc"]}}
    assert codes(described, headers={"cookie": header}) == []


def test_no_message_shows_what_a_cookie_holds() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    described: list[Any] = [
        {"name": "s", "in": "cookie", "schema": {"type": "integer"}},
        {"name": "o", "in": "cookie", "explode": False, "schema": schema},
        {"name": "j", "in": "cookie", "content": {"application/json": {"schema": schema}}},
    ]
    cookies = {"cookie": 's=hush; o=a,hush; j={"a":"hush"}'}
    found = violations(described, headers=cookies)
    assert [violation.key for violation in found] == ["s", "o", "j"]
    assert "hush" not in str(found)


# Whatever is sent


SCHEMAS = st.recursive(
    st.sampled_from(
        [{}, {"type": "integer"}, {"type": "number", "multipleOf": 0.01}, {"type": "string", "maxLength": 3},
         {"type": "boolean", "nullable": True}, {"enum": [1, "R", None]}, {"minimum": 1}]
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items, "uniqueItems": True}, inner),
        st.builds(lambda part: {"type": "object", "properties": {"R": part, "G": {}}}, inner),
        st.builds(lambda part: {"type": "object", "additionalProperties": part}, inner),
        st.builds(lambda parts: {"oneOf": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"allOf": parts}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=5,
)  # fmt: skip
STYLES = {
    "query": ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
    "header": ["simple"],
    "cookie": ["form"],
    "path": ["simple", "label", "matrix"],
}
PIECES = st.sampled_from(
    [*'cRGx1[]=&,|%;. +{}:-"', "%20", "%2C", "c[R]", "c=", "[]", "R=", "9" * 400, "é"]
)


@given(
    location=st.sampled_from(list(STYLES)),
    schema=SCHEMAS,
    explode=st.booleans(),
    sent=st.lists(PIECES, max_size=12).map("".join),
    data=st.data(),
)
def test_no_text_is_too_odd_to_be_read(
    location: str, schema: dict[str, Any], explode: bool, sent: str, data: st.DataObject
) -> None:
    style = data.draw(st.sampled_from([*STYLES[location], "content"]))
    written_as = {"style": style, "explode": explode, "schema": schema}
    if style == "content":
        written_as = {"content": {"application/json": {"schema": schema}}}
    described = {"name": "c", "in": location, "required": location == "path", **written_as}
    path = "/things/{c}" if location == "path" else "/things"
    validator = Validator(operation(described, path=path), strict=True, defers=True)
    query_string = sent.encode() if location == "query" else b""
    headers = {"c": sent} if location == "header" else {"cookie": sent}
    found = validator.validate(headers, query_string, {"p0": sent})
    for violation in found.violations:
        assert violation.message.endswith(".")
        assert len(violation.message) < 500
