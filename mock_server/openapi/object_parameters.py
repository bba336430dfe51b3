"""Parameters that are objects: their members read and checked, as a style writes them or in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.formats import json
from mock_server.formats.json import Unreadable
from mock_server.formats.source_file import pointer
from mock_server.openapi.array_parameters import compile_reader
from mock_server.openapi.parameter_parsing import LISTED, Reader, SentValue
from mock_server.openapi.parameter_styles import member_schema, steps_without_index
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import kinds_of
from mock_server.openapi.schema_errors import CompiledSchema, Flaw
from mock_server.openapi.violation_sentences import show
from mock_server.shown_text import printable

Values = Sequence[SentValue]


class Member(NamedTuple):
    """A member of an object, as sentences speak of it."""

    name: str
    required: bool = False
    is_secret: bool = False


class SentMember(NamedTuple):
    """What was sent for one member: the steps to it, and the values."""

    steps: tuple[str, ...]
    values: list[SentValue]


def read_json(
    parameter: Parameter, compiled: CompiledSchema, sent: Values
) -> tuple[Any, list[Violation]]:
    """Return the value of a text in JSON (OpenAPI 3.0, Parameter Object: `content`)."""
    name, text = parameter.name, sent[0].decoded
    try:
        value = json.load(text)
    except Unreadable as unreadable:
        message = f"{show(parameter, text)} was sent for '{name}', but {unreadable.message}"
        return None, [Violation("json", f"{message}; send a value in JSON.", name)]
    return value, [_violation_in_json(parameter, f) for f in islice(compiled.flaws(value), LISTED)]


def _violation_in_json(parameter: Parameter, flaw: Flaw) -> Violation:
    where = f" at {printable(pointer(flaw.place))}" if flaw.place else ""
    sentence = f"'{parameter.name}'{where}: {_sentence(parameter, flaw)}"
    return Violation(flaw.keyword, sentence, parameter.name)


def _sentence(parameter: Parameter, flaw: Flaw) -> str:
    """Return what is wrong, without the value where that may be a credential."""
    if parameter.is_secret:
        return f"what may be a secret does not satisfy {flaw.keyword}; correct it."
    return f"{flaw.message}; {flaw.remedy}."


class ObjectReader:
    """Reads a parameter that is an object, whose members a style writes."""

    def __init__(self, parameter: Parameter) -> None:
        self._parameter = parameter
        self._compiled = CompiledSchema(parameter.schema, is_closed=False)
        self._reader_of = lru_cache(maxsize=256)(self._compile_member)

    def __call__(self, sent: Values) -> tuple[Any, list[Violation]]:
        """Return the object, and what is wrong with its members and with it as a whole."""
        argument: dict[str, Any] = {}
        violations: list[Violation] = []
        wrong: set[str] = set()
        for member in self._members(sent):
            value, found = self._read_member(member)
            violations += found
            wrong |= {member.steps[0]} if found else set()
            _put(argument, member.steps, value)
        for flaw in islice(self._compiled.flaws(argument), LISTED):
            if not flaw.place or flaw.place[0] not in wrong:
                violations.append(self._violation(flaw))
        return argument, violations[:LISTED]

    def _members(self, sent: Values) -> list[SentMember]:
        parameter = self._parameter
        found: dict[tuple[str, ...], list[SentValue]] = {}
        for value in sent:
            if parameter.is_spread:
                found.setdefault(steps_without_index(parameter, value.key), []).append(value)
                continue
            for name, text in zip(value.texts[::2], value.texts[1::2], strict=True):
                found.setdefault((name,), []).append(SentValue(text, text, (text,)))
        return [SentMember(steps, values) for steps, values in found.items() if steps]

    def _read_member(self, member: SentMember) -> tuple[Any, list[Violation]]:
        name = self._parameter.member_name(*member.steps)
        reader, is_list = self._reader_of(member.steps)
        value, violations = reader(member.values)
        if len(member.values) > 1 and not is_list:
            message = f"'{printable(name)}' was sent {len(member.values)} times, but has a single value"
            violations = [
                Violation("repeated", f"{message}; send it once.", printable(name)),
                *violations,
            ]
        return value, violations if self._parameter.is_spread else list(map(self._blame, violations))

    def _blame(self, violation: Violation) -> Violation:
        """Return the violation with the name of the parameter, in whose value the member was sent."""
        return Violation(violation.code, violation.message, self._parameter.name)

    def _compile_member(self, steps: tuple[str, ...]) -> tuple[Reader, bool]:
        schema = member_schema(self._parameter.schema, steps)
        if not schema:
            return _read_text, False
        name = printable(self._parameter.member_name(*steps))
        member = Member(name, is_secret=self._parameter.is_secret)
        return compile_reader(member, schema), "array" in kinds_of(schema)

    def _violation(self, flaw: Flaw) -> Violation:
        steps = [str(step) for step in flaw.place if isinstance(step, str)]
        name = printable(self._parameter.member_name(*steps) if steps else self._parameter.name)
        key = name if self._parameter.is_spread else self._parameter.name
        if flaw.keyword == "required":
            where = f"for '{self._parameter.name}' in the {self._parameter.location}"
            return Violation("required", f"'{name}' is required {where}; send it.", key)
        return Violation(flaw.keyword, f"'{name}': {_sentence(self._parameter, flaw)}", key)


def _read_text(sent: Values) -> tuple[Any, list[Violation]]:
    """Return the text of a member of which the schema says nothing."""
    return sent[0].decoded, []


def _put(target: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """Put a value into an object of objects; where a step leads into another value, drop it."""
    for step in steps[:-1]:
        inner = target.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        target = inner
    target[steps[-1]] = value


def read_object_or_other(
    parameter: Parameter, members: Reader, other: Reader, sent: Values
) -> tuple[Any, list[Violation]]:
    """Return the object if any of its members was sent, else the value under the parameter's name."""
    own = [value for value in sent if value.key == parameter.name]
    if len(own) == len(sent):
        return other(own)
    argument, violations = members(sent)
    if own:
        name = parameter.name
        message = f"'{name}' was sent both as a value and by members of an object; send one of the two."
        violations = [Violation("conflict", message, name), *violations]
    return argument, violations
