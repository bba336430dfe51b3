"""Parameters that filter records: how their values are checked, and what their default asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from mock_server.errors import Violation
from mock_server.lists.filters import (
    LIMITS,
    MATCHES,
    After,
    AnyOf,
    Contains,
    Either,
    Equals,
    Except,
    Filter,
    Present,
)
from mock_server.lists.order_keys import bounds_of, is_number
from mock_server.openapi.array_parameters import compile_array_check, compile_reader
from mock_server.openapi.filter_rules import FilterRule, query_text
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import (
    Build,
    Check,
    Reader,
    SentValue,
    compile_check,
    read_any_of,
    read_contains,
    read_single,
)
from mock_server.openapi.parameter_styles import is_split
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import NUMBERS, Schema, branches_of, items_of, kinds_of
from mock_server.shown_text import quote


def compile_filter_reader(parameter: Parameter, rule: FilterRule, operation: Operation) -> Reader:
    """Return the reader of a parameter that filters the records of an operation by a rule."""
    if rule.is_found:
        return _found_filter_reader(parameter, rule.kept(operation.column))
    field = _field_schema(rule, operation)
    rule = rule.kept(operation.column)
    if rule.match in ("any-of", "not-any-of") and rule.values is None:
        checks = tuple(_any_of_checks(parameter, field))
        check_array = compile_array_check(parameter, parameter.schema if is_split(parameter) else {})
        return partial(read_any_of, partial(_of_values, rule), checks, check_array)
    check = compile_check(parameter, parameter.schema)
    if rule.values is not None or rule.match == "present":
        return partial(_read_flag, parameter.name, check, partial(_of_flag, rule))
    if rule.match == "equals":
        return partial(_read_equal, partial(read_single, check), partial(_of_values, rule), ())
    if rule.match in LIMITS:
        return partial(_read_bound, parameter.name, check, rule, field)
    return partial(read_contains, check, partial(_of_text, rule))


def _field_schema(rule: FilterRule, operation: Operation) -> Schema:
    """Return the schema of the values of a rule's only field; `{}` for several, or an unknown one."""
    return operation.values_schema(rule.field) if len(rule.fields) == 1 else {}


def _of_values(rule: FilterRule, values: frozenset[str]) -> Filter:
    """Return the filter of a rule for some values of which a record has one, or has none."""
    kind = Equals if rule.match == "equals" else AnyOf
    return _combined(rule, [kind(field, values) for field in rule.fields])


def _of_text(rule: FilterRule, text: str) -> Filter:
    return _combined(rule, [Contains(field, text.casefold()) for field in rule.fields])


def _of_flag(rule: FilterRule, is_true: bool) -> Filter | None:
    """Return the filter that a flag asks for; None where it asks for nothing."""
    if rule.match == "present":
        if len(rule.fields) == 1:
            return Present(rule.field, is_true)
        present = Either(tuple(Present(field, True) for field in rule.fields))
        return present if is_true else Except(present)
    if not is_true:
        return None
    values = rule.values or ()
    return _of_text(rule, values[0]) if "contains" in rule.match else _of_values(rule, frozenset(values))


def _combined(rule: FilterRule, parts: Sequence[Filter]) -> Filter:
    found = parts[0] if len(parts) == 1 else Either(tuple(parts))
    return Except(found) if MATCHES[rule.match].is_negated else found


_FLAGS = {"true": True, "false": False}


def _read_flag(
    name: str, check: Check, build: Callable[[bool], Filter | None], sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the filter that a flag asks for."""
    text = sent[0].decoded
    violation = check(text)[1]
    if violation is not None or not text:
        return None, [] if violation is None else [violation]
    flag = _FLAGS.get(text.lower())
    if flag is None:
        message = f"{quote(text)} is neither true nor false; send one of them for '{name}'."
        return None, [Violation("type", message, name)]
    return build(flag), []


def _read_bound(
    name: str, check: Check, rule: FilterRule, field: Schema, sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the filter for what is before or after what was sent, which is left out itself."""
    text = sent[0].decoded
    violation = check(text)[1]
    if violation is not None or not text:
        return None, [] if violation is None else [violation]
    bounds, kinds = bounds_of(text), set(kinds_of(field)) - {"null"}
    needs_number = bool(kinds) and kinds <= NUMBERS
    needs_moment = field.get("format") in ("date", "date-time")
    is_right = bounds is not None and is_number(bounds[0]) in (needs_number, not needs_moment)
    if bounds is None or not is_right:
        wanted = "number" if needs_number else "date or date-time, such as 2024-07-30"
        message = f"{quote(text)} is no {wanted}; send one for '{name}'."
        return None, [Violation("format", message, name)]
    kind = LIMITS[rule.match]
    limit = bounds[1] if kind is After else bounds[0]
    return _combined(rule, [kind(each, limit) for each in rule.fields]), []


def _found_filter_reader(parameter: Parameter, rule: FilterRule) -> Reader:
    """Return the reader of a parameter that filters by the document's own words.

    Its values are those that its own schema admits, and its default asks for nothing.
    """
    default = parameter.schema.get("default")
    values = [] if default is None else _listed(default)
    reader = compile_reader(parameter, parameter.schema)
    texts = tuple(sorted(map(query_text, values)))
    return partial(_read_equal, reader, partial(_of_values, rule), texts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _read_equal(
    reader: Reader, build: Build, default: Sequence[str], sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the filter for the values that were sent, None for an empty text or the default."""
    _, violations = reader(sent)
    texts = [text for value in sent for _, text in value.named if text]
    whole = [text for value in sent for text in value.second_reading]
    is_default = bool(default) and tuple(sorted(texts)) == tuple(default)
    return None if is_default or not texts else build(frozenset(texts + whole)), violations


def _any_of_checks(parameter: Parameter, field: Schema) -> Iterator[Check]:
    """Yield the checks of a value by the types and enums of the field, and by the parameter's schema."""
    yield compile_check(parameter, _types_and_enums(field))
    if is_split(parameter):
        yield compile_check(parameter, items_of(parameter.schema))
    elif "enum" in parameter.schema:
        yield compile_check(parameter, _types_and_enums(parameter.schema))


# The branches within branches whose types and enums are looked at.
_LEVELS = 5


def _types_and_enums(schema: Schema, levels: int = _LEVELS) -> Schema:
    """Return what a merged schema says of types and enums: a filter may ask for what no record has."""
    kept = {key: schema[key] for key in ("type", "enum") if key in schema}
    branches = branches_of(schema) if levels else []
    parts = [_types_and_enums(branch, levels - 1) for branch in branches]
    return kept | ({"anyOf": parts} if parts else {})


def filter_default(default: Any, reader: Reader, *, is_list: bool) -> Any:
    """Return the filter that a default asks for."""
    values = default if isinstance(default, list) else [default]
    texts = list(map(query_text, values))
    if is_list and not isinstance(default, list):
        texts = [text for text in texts[0].split(",") if text]
    sent = SentValue(",".join(texts), ",".join(texts), texts, named=[("", text) for text in texts])
    return reader([sent])[0]
