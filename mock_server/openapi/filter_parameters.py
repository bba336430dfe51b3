"""Parameters that filter records: how their values are checked, and what their default asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mock_server.errors import Violation
from mock_server.lists.filters import (
    LIMITS,
    MATCHES,
    After,
    AnyOf,
    Before,
    Contains,
    Either,
    Equals,
    Except,
    Filter,
    Present,
    Related,
)
from mock_server.lists.order_keys import bounds_of, is_number
from mock_server.openapi.actions import Through
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
    if rule.through is not None:
        return _related_reader(parameter, rule, rule.through)
    field = _field_schema(rule, operation)
    rule = rule.kept(operation.column)
    if _asks_for_amounts(parameter, rule, field):
        rule = rule._replace(is_of_amounts=True)
    return _reader(parameter, rule, field)


def _asks_for_amounts(parameter: Parameter, rule: FilterRule, field: Schema) -> bool:
    """Tell whether a parameter takes numbers, or stands for some, that the records write as texts."""
    if rule.match not in ("equals", "any-of", "not-any-of") or set(kinds_of(field)) - {"null"} != {
        "string"
    }:
        return False
    if rule.values is not None:
        bounds = [bounds_of(value) for value in rule.values]
        return all(each is not None and is_number(each[0]) for each in bounds)
    kinds = set(kinds_of(parameter.schema))
    return bool(kinds) and kinds <= NUMBERS


def _related_reader(parameter: Parameter, rule: FilterRule, through: Through) -> Reader:
    """Return the reader of a parameter that filters by the records of another collection."""
    read = _reader(parameter, rule._replace(fields=rule.theirs, match=_POSITIVE[rule.match]), {})
    return partial(_read_related, read, through, rule)


# By what leaves records out, what finds those that are left out.
_POSITIVE = {name: name.removeprefix("not-") for name in MATCHES}


def _read_related(
    read: Reader, through: Through, rule: FilterRule, sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the filter for records to which others belong that the filter of these finds."""
    found, violations = read(sent)
    if found is None:
        return None, violations
    is_without = isinstance(found, Present) and not found.is_wanted
    part = None if isinstance(found, Present) else found
    where = tuple((name, tuple(map(query_text, values))) for name, values in _members_of(through))
    related = Related(through.collection, through.own, through.theirs, where, part)
    is_left_out = is_without or MATCHES[rule.match].is_negated
    return Except(related) if is_left_out else related, violations


def _members_of(through: Through) -> Iterable[tuple[str, tuple[Any, ...]]]:
    return () if through.where is None else through.where.members.items()


def _reader(parameter: Parameter, rule: FilterRule, field: Schema) -> Reader:
    """Return the reader of a parameter that filters by the records' own fields of a schema."""
    if rule.match in ("any-of", "not-any-of") and rule.values is None:
        checks = tuple(_any_of_checks(parameter, field))
        check_array = compile_array_check(parameter, parameter.schema if is_split(parameter) else {})
        return partial(read_any_of, _builder(rule, AnyOf), checks, check_array)
    check = compile_check(parameter, parameter.schema)
    if rule.values is not None or rule.match == "present":
        build = partial(_of_flag, rule)
        return partial(_read_flag, parameter.name, check, build, dict(rule.flags))
    if rule.match == "equals":
        return partial(_read_equal, partial(read_single, check), _builder(rule, Equals), ())
    if rule.match in LIMITS:
        return partial(_read_bound, parameter.name, check, rule, field)
    return partial(read_contains, check, _builder(rule, Contains))


def _field_schema(rule: FilterRule, operation: Operation) -> Schema:
    """Return the schema of the values of a rule's only field; `{}` for several, or an unknown one."""
    return operation.values_schema(rule.field) if len(rule.fields) == 1 else {}


def _builder(rule: FilterRule, kind: Callable[[str, Any], Filter]) -> Callable[[Any], Filter]:
    """Return what makes the filter of a rule for what was sent."""
    kind = _of_amounts if rule.is_of_amounts else kind
    if len(rule.fields) == 1 and not MATCHES[rule.match].is_negated:
        # No function of ours, since every request with a filter calls it.
        return partial(kind, rule.field)
    return lambda sent: _combined(rule, [kind(field, sent) for field in rule.fields])


def _of_amounts(field: str, values: frozenset[str]) -> Filter:
    """Return the filter for numbers that a field has as texts: `12` finds `12.00`."""
    parts = tuple(_of_amount(field, each) for each in sorted(values))
    return parts[0] if len(parts) == 1 else Either(parts)


def _of_amount(field: str, text: str) -> Filter:
    bounds = bounds_of(text)
    if bounds is None or not is_number(bounds[0]):
        return AnyOf(field, frozenset([text]))
    return Except(Either((Before(field, bounds[0]), After(field, bounds[1]), Present(field, False))))


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
    if "contains" in rule.match:
        return _builder(rule, Contains)(values[0].casefold())
    return _builder(rule, AnyOf)(frozenset(values))


def _combined(rule: FilterRule, parts: Sequence[Filter]) -> Filter:
    found = parts[0] if len(parts) == 1 else Either(tuple(parts))
    return Except(found) if MATCHES[rule.match].is_negated else found


_FLAGS = {"true": True, "false": False}


def _read_flag(
    name: str,
    check: Check,
    build: Callable[[bool], Filter | None],
    flags: Mapping[str, bool],
    sent: Sequence[SentValue],
) -> tuple[Any, list[Violation]]:
    """Return the filter that a flag asks for; where there are `flags`, other texts ask for nothing."""
    text = sent[0].decoded
    violation = check(text)[1]
    if violation is not None or not text:
        return None, [] if violation is None else [violation]
    flag = (flags or _FLAGS).get(text.lower() if not flags else text)
    if flag is None and flags:
        return None, []
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
    return partial(
        _read_equal, reader, _builder(rule, AnyOf if rule.match == "any-of" else Equals), texts
    )


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
