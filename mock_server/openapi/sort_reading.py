"""Reading of parameters that sort: which field they name, and which direction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.lists.built_in_schemes import plain
from mock_server.lists.sorting import Sort
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import Check, Reader, SentValue, compile_check
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import kinds_of, member_of, members_of
from mock_server.shown_text import did_you_mean, name_some, quote

_DIRECTIONS = {"asc": False, "ascending": False, "desc": True, "descending": True}


class SortBy(NamedTuple):
    """A field that a parameter names, and the direction that it says beside it; None for none."""

    field: str
    is_descending: bool | None = None


def sort_columns(operation: Operation) -> Mapping[str, str]:
    """Return the fields by which a list can be sorted, by what is sent for them; empty for none."""
    rule = operation.effect.rules.sorting
    if rule is None or operation.sort_parameters[0] is None:
        return {}
    if rule.columns:
        return rule.columns
    resource = operation.effect.resource
    schema = operation.record_schema or ({} if resource is None else resource.schema)
    names = [name for name in members_of(schema) if _is_single(member_of(schema, name))]
    return {name: name for name in names}


def sorted_fields(operation: Operation) -> list[str]:
    """Return the fields by which the requests of a list can sort it."""
    rule = operation.effect.rules.sorting
    default = [] if rule is None or rule.default is None else [rule.default]
    return list(dict.fromkeys([*sort_columns(operation).values(), *default]))


def _is_single(schema: Any) -> bool:
    return {"object", "array"}.isdisjoint(kinds_of(schema)) and schema.get("x-fill") != "account"


def compile_sort_reader(parameter: Parameter, operation: Operation) -> Reader | None:
    """Return the reader of a parameter that sorts; None for any other."""
    by, direction = operation.sort_parameters
    if parameter.location != "query" or parameter.name not in (by, direction):
        return None
    check = compile_check(parameter, parameter.schema)
    if parameter.name == direction:
        return partial(_read_direction, check, parameter.name)
    return partial(_read_by, check, parameter.name, sort_columns(operation))


def _read_direction(check: Check, name: str, sent: Sequence[SentValue]) -> tuple[Any, list[Violation]]:
    text = sent[0].decoded
    violation = check(text)[1]
    if violation is not None or not text:
        return None, [violation] if violation is not None else []
    found = _DIRECTIONS.get(text.lower())
    if found is None:
        message = f"{quote(text)} is no direction of '{name}'; send asc or desc."
        return None, [Violation("enum", message, name)]
    return found, []


def _read_by(
    check: Check, name: str, columns: Mapping[str, str], sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    text = sent[0].decoded
    violation = check(text)[1]
    if violation is not None or not text:
        return None, [violation] if violation is not None else []
    # `-name` says the direction too, unless a column is called so.
    is_signed = text[0] in "+-" and text not in columns
    found = _column(text[1:] if is_signed else text, columns)
    if found is not None:
        return SortBy(columns[found], text[0] == "-" if is_signed else None), []
    message = f"{quote(text)} is nothing that '{name}' sorts by{did_you_mean(text, columns)}"
    return None, [Violation("enum", f"{message}; send {name_some(columns)}.", name)]


def _column(text: str, columns: Collection[str]) -> str | None:
    """Return the column that a text names, whatever its case; None for none."""
    if text in columns:
        return text
    return next((name for name in columns if plain(name) == plain(text)), None)


def read_sort(operation: Operation, arguments: Mapping[str, Any], sent: Collection[str]) -> Sort | None:
    """Return how a request sorts a list; None for the collection's own order.

    Nothing sent asks for that order where the list is sorted by its default, descending: the newest
    records come first.
    """
    rule = operation.effect.rules.sorting
    if rule is None:
        return None
    by, direction = operation.sort_parameters
    chosen = arguments.get(by) if by is not None else None
    field, descending = (rule.default, None) if chosen is None else chosen
    said = arguments.get(direction) if direction is not None else None
    if descending is None:
        descending = rule.is_descending if said is None else said
    if field == rule.default and descending and by not in sent and direction not in sent:
        return None
    return Sort(None if field is None else operation.column(field), descending)
