"""Reading the values that an overlay gives to members: constants, and where a value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.rule_values import (
    ADD,
    APPEND,
    BODY,
    EXAMPLE,
    NEXT,
    PATH,
    RECORD,
    SOURCES,
    SUBTRACT,
    TODAY,
    Added,
    Appended,
    Constant,
    Example,
    From,
    Next,
    Now,
    Template,
    Value,
    parts_of,
)
from mock_server.openapi.schema import DocumentError
from mock_server.shown_text import nearest

_PLACES = (BODY, PATH, RECORD)


def read_values(rule: Mapping[str, Any], place: Place) -> dict[str, Value]:
    """Return the values of members by their names; raise DocumentError."""
    return {name: read_value(each, (*place, name)) for name, each in rule.items()}


def read_value(rule: Any, place: Place) -> Value:
    """Return a value as a rule says it, e.g. `{"body": "name"}`; raise DocumentError."""
    if isinstance(rule, list):
        items = [read_value(each, (*place, number)) for number, each in enumerate(rule)]
        for number, each in enumerate(items):
            require_unnumbered(each, (*place, number), "an item of a list")
        return Template({}, tuple(items), is_list=True)
    if not isinstance(rule, dict):
        return Constant(rule)
    sources = [word for word in SOURCES if word in rule]
    if not sources:
        return Template(read_values(rule, place))
    word, known = sources[0], {sources[0]}
    if word in _PLACES:
        known.add("as")
    for name in rule:
        if name not in known:
            message = f"'{name}' means nothing beside '{word}'"
            raise DocumentError((*place, name), message, f"write {' and '.join(sorted(known))} alone")
    return _source(word, rule, place)


def _source(word: str, rule: Mapping[str, Any], place: Place) -> Value:
    said, here = rule[word], (*place, word)
    if word in _PLACES:
        return _from(word, rule, place)
    if word == NEXT:
        is_right = isinstance(said, dict) and said.keys() == {"prefix"}
        prefix = said["prefix"] if is_right else None
        if not isinstance(prefix, str):
            message = "it does not say what the numbers begin with"
            raise DocumentError(here, message, "write {prefix: SEQ}, or an empty text for none")
        return Next(prefix)
    if word in (ADD, SUBTRACT):
        return Added(_number(said, here), word == SUBTRACT)
    if word == APPEND:
        item = read_value(said, here)
        require_unnumbered(item, here, "an item of a list")
        return Appended(item)
    if said is not True:
        raise DocumentError(here, f"'{word}' is not true", f"write {{{word}: true}}")
    return Example() if word == EXAMPLE else Now(is_date=word == TODAY)


def require_unnumbered(value: Value, place: Place, what: str) -> None:
    """Raise DocumentError where a running number is given to what cannot keep one."""
    if any(isinstance(each, Next) for each in parts_of(value)):
        message = f"{what} keeps no running number, so that it would be given again"
        raise DocumentError(place, message, "give it to a member of the record")


def _number(said: Any, place: Place) -> Value:
    value = read_value(said, place)
    is_number = isinstance(said, int | float) and not isinstance(said, bool)
    if isinstance(value, Constant) and not is_number:
        raise DocumentError(place, "it is no number", "write a number, or {body: name}")
    return value


def read_from(rule: Any, place: Place) -> From:
    """Return where a value stands; raise DocumentError for anything but body, path and record."""
    found = [word for word in _PLACES if isinstance(rule, dict) and word in rule]
    if len(found) != 1:
        near = next((nearest(str(each), _PLACES) for each in rule), None) if rule else None
        remedy = f"write '{near}'" if near else "write {body: name}, {path: name} or {record: name}"
        raise DocumentError(place, "it does not say where one value stands", remedy)
    return _from(found[0], rule, place)


def _from(word: str, rule: Mapping[str, Any], place: Place) -> From:
    if not isinstance(rule[word], str) or not rule[word]:
        message = f"'{word}' does not name what has the value"
        raise DocumentError((*place, word), message, f"write {{{word}: name}}")
    choices = rule.get("as")
    if choices is not None and not isinstance(choices, dict):
        message = "it is not what each value becomes"
        raise DocumentError((*place, "as"), message, "write {value: what it becomes}")
    return From(word, rule[word], choices)
