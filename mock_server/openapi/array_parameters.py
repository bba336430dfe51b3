"""Readers of parameters that are arrays, or either an array or a single value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from mock_server.errors import Violation
from mock_server.openapi.parameter_parsing import (
    LISTED,
    ArrayCheck,
    Check,
    Reader,
    SentValue,
    compile_check,
    constrains,
    read_single,
)
from mock_server.openapi.schema import Schema, items_of, kinds_of
from mock_server.openapi.schema_dialect import compile_schema
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.openapi.violation_sentences import Subject, array_violation


def compile_reader(subject: Subject, schema: Schema, kinds: Sequence[str] | None = None) -> Reader:
    """Return the reader of a value by a merged schema: of a list, of a single value, or of either.

    `kinds` are the types that it may have, in place of all that the schema names.
    """
    kinds = kinds_of(schema) if kinds is None else kinds
    if "array" not in kinds:
        return partial(read_single, compile_check(subject, schema, kinds))
    first = [compile_check(subject, merge_all_of(part)) for part in schema.get("prefixItems", ())]
    checks = (*first, compile_check(subject, items_of(schema)))
    many = partial(_read_list, checks, compile_array_check(subject, schema))
    if list(kinds) == ["array"]:
        return many
    validator = compile_schema(schema)
    others = [kind for kind in kinds if kind not in ("array", "object")]
    single = compile_check(subject, schema, others)
    return partial(_read_either, single, many, validator.is_valid)


def _read_list(
    checks: Sequence[Check], check_array: ArrayCheck, sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return the values of all lists that were sent.

    The first ones are checked by a check each, all that follow by the last.
    """
    texts = [text for value in sent for text in value.texts]
    places = [(min(number, len(checks) - 1), text) for number, text in enumerate(texts)]
    found = {place: checks[place[0]](place[1]) for place in dict.fromkeys(places)}
    violations = [violation for _, violation in found.values() if violation][:LISTED]
    values = [place[1] if found[place][1] else found[place][0] for place in places]
    return values, [*violations, *check_array(values)]


def _read_either(
    single: Check, many: Reader, is_valid: Callable[[Any], bool], sent: Sequence[SentValue]
) -> tuple[Any, list[Violation]]:
    """Return a single value, or a list of them where the single one is not valid."""
    argument, violation = single(sent[0].decoded)
    if len(sent) == 1 and violation is None:
        return argument, []
    values, violations = many(sent)
    if is_valid(values):
        return values, []
    if violation is not None and len(values) < 2:
        return values, [violation]
    return values, violations


def compile_array_check(subject: Subject, schema: Schema) -> ArrayCheck:
    """Return the check of an array as a whole, whose items are checked by themselves."""
    relevant = {key: value for key, value in _without_items(schema).items() if constrains(key)}
    if relevant.keys() <= {"type", "nullable"}:
        return lambda _values: ()
    validator = compile_schema(relevant)

    def check(values: Sequence[Any]) -> Iterator[Violation]:
        for error in validator.iter_errors(list(values)):
            yield array_violation(subject, schema, error.validator, len(values))

    return check


def _without_items(schema: Schema) -> Schema:
    """Return an array's schema without those of its items."""
    return {key: value for key, value in schema.items() if key not in ("items", "prefixItems")}
