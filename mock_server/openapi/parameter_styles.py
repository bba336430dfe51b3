"""The styles of parameters: how texts on the wire are taken apart (OpenAPI 3.0.3, Style Values)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from urllib.parse import unquote

from mock_server.formats.numbers import plain_text
from mock_server.formats.query_string import decode, split_list
from mock_server.openapi.open_objects import is_open
from mock_server.openapi.parameter_parsing import (
    Decoder,
    SentValue,
    Splitter,
    decode_list,
    decode_single,
    name_texts,
)
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import NUMBERS, Schema, items_of, kinds_of, members_of, property_schema

# Levels of members within members that are followed in a name such as `filter[a][b]`.
_DEEPEST = 10

_STEPS = re.compile(rf"(?:\[[^\[\]]*\]){{1,{_DEEPEST}}}")


class Malformed(ValueError):
    """A text is not written in the style of its parameter; the message says how it should be."""


def choose_decoder(parameter: Parameter, *, is_list: bool, is_numeric: bool) -> Decoder:
    """Return the decoder of a parameter.

    `is_list` is whether its value is taken apart, `is_numeric` whether its values may be numbers.
    """
    if parameter.is_spread:
        return partial(_decode_member, parameter)
    if parameter.is_object:
        return partial(_decode_pairs, parameter)
    if parameter.location == "query":
        if not is_list:
            return partial(decode_single, is_numeric)
        if parameter.style in _SPLITTERS:
            return partial(_decode_delimited, parameter, is_numeric)
        return partial(decode_list, split_list, is_numeric)
    return partial(_decode_outside, parameter, is_list, is_numeric)


# In the query


def _split_spaces(_raw_value: str, decoded: str) -> tuple[Sequence[str], Sequence[str]]:
    return [text for text in decoded.split(" ") if text], []


def _split_pipes(raw_value: str, decoded: str) -> tuple[Sequence[str], Sequence[str]]:
    # A literal separator makes an encoded one beside it a part of a value.
    texts = map(decode, raw_value.split("|")) if "|" in raw_value else decoded.split("|")
    return [text for text in texts if text], []


_SPLITTERS: dict[str, Splitter] = {"spaceDelimited": _split_spaces, "pipeDelimited": _split_pipes}


def _decode_delimited(parameter: Parameter, is_numeric: bool, key: str, raw_value: str) -> SentValue:
    value = decode_list(_SPLITTERS[parameter.style], is_numeric, key, raw_value)
    kinds = kinds_of(items_of(parameter.schema))
    if "," not in value.decoded or not kinds or not NUMBERS.issuperset(kinds):
        return value
    separator = "a space (%20)" if parameter.style == "spaceDelimited" else "'|' (%7C)"
    message = f"'{parameter.name}' takes its values with {separator} between them, and no comma"
    return value._replace(flaw=f"{message} (style {parameter.style}); send them so.")


# Members of objects that are sent under names of their own


def steps_of(parameter: Parameter, key: str) -> tuple[str, ...]:
    """Return the way to the member that a name stands for: `("a", "b")` for `filter[a][b]`.

    Empty for a name that is none of a member, such as the parameter's own.
    """
    if parameter.style != "deepObject":
        return (key,) if key != parameter.name or key in members_of(parameter.schema) else ()
    rest = key.removeprefix(parameter.name)
    if rest == key or _STEPS.fullmatch(rest) is None:
        return ()
    steps = tuple(rest[1:-1].split("]["))
    return steps if steps[0] or "array" in parameter.kinds else ()


def steps_without_index(parameter: Parameter, key: str) -> tuple[str, ...]:
    """Return the steps to a member without the index of an array: `("a",)` for `filter[a][0]`."""
    steps = steps_of(parameter, key)
    is_index = len(steps) > 1 and (steps[-1] == "" or steps[-1].isdecimal())
    is_array = is_index and "array" in kinds_of(member_schema(parameter.schema, steps[:-1]))
    return steps[:-1] if is_array else steps


def describes(schema: Schema, steps: Sequence[str]) -> bool:
    """Tell whether an object of a merged schema may have the member at the end of the steps."""
    if not steps:
        return True
    kinds = kinds_of(schema)
    if "array" in kinds and len(steps) == 1 and (steps[0] == "" or steps[0].isdecimal()):
        return True
    if kinds and "object" not in kinds:
        return False
    members = members_of(schema)
    if steps[0] in members:
        return describes(members[steps[0]], steps[1:])
    # Where the schema says that there are no others, this one is a mistake of the object, told with it.
    return "additionalProperties" in schema or is_open(schema)


def member_schema(schema: Schema, steps: Sequence[str]) -> Schema:
    """Return the merged schema of the member at the end of the steps; `{}` where none describes it."""
    for step in steps:
        members = members_of(schema)
        if step not in members:
            extra = schema.get("additionalProperties")
            is_index = "array" in kinds_of(schema) and (step == "" or step.isdecimal())
            return schema if is_index else property_schema({"properties": {"": extra}}, "")
        schema = members[step]
    return schema


def _decode_member(parameter: Parameter, key: str, raw_value: str) -> SentValue:
    steps = steps_of(parameter, key)
    if parameter.location == "cookie":
        # A plus sign is a space in queries only.
        raw_value = _without_quotes(raw_value).replace("+", "%2B")
    schema = member_schema(parameter.schema, steps)
    kinds = kinds_of(schema)
    named = steps_without_index(parameter, key)
    label = parameter.member_name(*named) if named else key
    is_list = "array" in kinds and steps[-1:] != ("",) and not _holds_json(items_of(schema))
    is_numeric = may_be_number(items_of(schema) if is_list else schema)
    value = decode_list(split_list, is_numeric, key, raw_value) if is_list else None
    value = value or decode_single(is_numeric, key, raw_value)
    return value._replace(named=[(label, text) for _, text in value.named])


# Objects in one text, and all that stands outside the query


def _decode_outside(
    parameter: Parameter, is_list: bool, is_numeric: bool, key: str, raw_value: str
) -> SentValue:
    text = unquote(_without_quotes(raw_value)) if parameter.location == "cookie" else raw_value
    try:
        if parameter.is_json or not is_list:
            texts: Sequence[str] = [_single_text(parameter, text)]
        else:
            texts = [each for each in _tokens(parameter, text) if each]
    except Malformed as malformed:
        return SentValue(raw_value, text, (text,), (), key, (), str(malformed))
    decoded = texts[0] if not is_list else text
    return SentValue(raw_value, decoded, texts, (), key, name_texts(key, texts, is_numeric))


def _decode_pairs(parameter: Parameter, key: str, raw_value: str) -> SentValue:
    """Return the value of an object in one text, whose `texts` are its names and values in turn."""
    decoded = decode(raw_value) if parameter.location == "query" else raw_value
    if parameter.location == "cookie":
        decoded = unquote(_without_quotes(raw_value))
    try:
        if parameter.location == "query":
            tokens = _query_tokens(parameter.style, raw_value, decoded)
        else:
            tokens = _tokens(parameter, decoded)
        texts = _pairs(parameter, tokens)
    except Malformed as malformed:
        return SentValue(raw_value, decoded, (decoded,), (), key, (), str(malformed))
    members = members_of(parameter.schema)
    named = [
        (
            parameter.member_name(name),
            plain_text(text) if may_be_number(members.get(name, {})) else text,
        )
        for name, text in zip(texts[::2], texts[1::2], strict=True)
    ]
    return SentValue(raw_value, decoded, texts, (), key, named)


def _query_tokens(style: str, raw_value: str, decoded: str) -> list[str]:
    separator = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
    if separator in raw_value:
        return [decode(piece) for piece in raw_value.split(separator)]
    return decoded.split(separator) if decoded else []


def _pairs(parameter: Parameter, tokens: Sequence[str]) -> list[str]:
    """Return the names and values of an object's members in turn; raise Malformed."""
    if parameter.explode and parameter.style != "form":
        if not all("=" in token for token in tokens):
            raise Malformed(_message(parameter, "role=admin,age=5"))
        return [part for token in tokens for part in token.split("=", 1)]
    if len(tokens) % 2:
        raise Malformed(_message(parameter, "role,admin,age,5"))
    return list(tokens)


def _tokens(parameter: Parameter, text: str) -> list[str]:
    """Return the pieces of a list or an object outside the query; raise Malformed."""
    if parameter.style == "matrix":
        return _matrix_tokens(parameter, text)
    if parameter.style == "label":
        rest = _single_text(parameter, text)
        # OpenAPI 3.0.3 writes `.a.b` in its table, RFC 6570 section 3.2.5 `.a,b`.
        separator = "," if "," in rest and not parameter.explode else "."
        return rest.split(separator) if rest else []
    if parameter.location == "cookie":
        return [unquote(piece) for piece in text.split(",")] if text else []
    # RFC 9110 section 5.6.1: blanks around the members of a list are no part of them.
    return [piece.strip(" \t") for piece in text.split(",")] if text.strip(" \t") else []


def _matrix_tokens(parameter: Parameter, text: str) -> list[str]:
    pieces = text[1:].split(";")
    if parameter.explode and parameter.is_object:
        if not text.startswith(";"):
            raise Malformed(_message(parameter, ";"))
        return pieces if text != ";" else []
    if not text.startswith(";"):
        raise Malformed(_message(parameter, f";{parameter.name}=…"))
    found = [piece.partition("=") for piece in pieces]
    if any(name != parameter.name for name, _, _ in found):
        raise Malformed(_message(parameter, f";{parameter.name}=…"))
    if parameter.explode:
        return [value for _, _, value in found]
    return found[0][2].split(",") if found[0][2] else []


def _single_text(parameter: Parameter, text: str) -> str:
    """Return the text of a single value without what its style writes before it; raise Malformed."""
    if parameter.style == "label":
        if not text.startswith("."):
            raise Malformed(_message(parameter, "."))
        return text[1:]
    if parameter.style == "matrix":
        name, _, value = text[1:].partition("=")
        if text[:1] != ";" or name != parameter.name:
            raise Malformed(_message(parameter, f";{parameter.name}=…"))
        return value
    return text


def _message(parameter: Parameter, example: str) -> str:
    how = f"style {parameter.style}, explode {str(parameter.explode).lower()}"
    if example[0] in ".;":
        return f"'{parameter.name}' must begin with '{example}' ({how}); send it so."
    return f"'{parameter.name}' must be pairs of names and values, e.g. '{example}' ({how}); send it so."


def _without_quotes(text: str) -> str:
    """Return a cookie's value without the quotation marks that it may have (RFC 6265 section 4.1.1)."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def may_be_number(schema: Schema) -> bool:
    """Tell whether a value of a merged schema may be a number."""
    return not NUMBERS.isdisjoint(kinds_of(schema))


def _holds_json(schema: Schema) -> bool:
    """Tell whether a merged schema is for values that no style writes, so that they come in JSON."""
    return not {"object", "array"}.isdisjoint(kinds_of(schema))


def is_split(parameter: Parameter) -> bool:
    """Tell whether a parameter's text is a list to be taken apart."""
    is_list = parameter.style != "content" and "array" in parameter.kinds
    return is_list and not _holds_json(items_of(parameter.schema))
