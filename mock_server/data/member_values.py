"""Member values: what an overlay gives to the members of a record, worked out for one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.data import sums
from mock_server.data.collection import Collection
from mock_server.data.records import Record, field_of, time_by, value_of
from mock_server.data.running_numbers import Numbering
from mock_server.openapi.field_paths import find_field
from mock_server.openapi.rule_values import (
    ANY,
    BODY,
    PATH,
    Added,
    Appended,
    Constant,
    Example,
    From,
    Next,
    Now,
    Template,
    Value,
)
from mock_server.openapi.schema import Schema, kinds_of

# Stands for a value that is not there, so that the member stays as it is.
ABSENT: Any = object()


class Given(NamedTuple):
    """What a request gives to values.

    - `body`: what it sends, `path` the parameters of its path by their names
    - `record`: the record in question as it is
    - `example`: the document's example of a record; None for none
    - `schema`: that of what the values are given to: the record, or an answer
    - `collection`: that of the record, in which running numbers are counted
    """

    body: Any
    path: Mapping[str, str]
    now: str
    record: Record
    example: Any
    schema: Schema
    collection: Collection


def with_values(record: Record, values: Mapping[str, Value], given: Given) -> Record:
    """Return a record with members set, by their names or paths; those without a value stay."""
    changed = dict(record)
    for name, value in values.items():
        found = _worked_out(value, given, name)
        if found is not ABSENT:
            changed = _with(changed, name if name in changed else name.split("."), found)
    return changed


def _with(record: Any, path: Any, value: Any) -> Any:
    """Return a record, or a part of one, with a value at a path."""
    names = [path] if isinstance(path, str) else path
    changed = dict(record) if isinstance(record, dict) else {}
    first, *rest = names
    changed[first] = _with(changed.get(first), rest, value) if rest else value
    return changed


def look_up(source: From, given: Given) -> Any:
    """Return what stands where a source says; ABSENT where nothing does."""
    if source.place == PATH:
        found: Any = given.path.get(source.name, ABSENT)
    else:
        found = member_at(given.body if source.place == BODY else given.record, source.name)
    if found is ABSENT or source.choices is None:
        return found
    text = found if isinstance(found, str) else str(found).lower()
    return source.choices.get(text, source.choices.get(ANY, ABSENT))


def member_at(value: Any, path: str) -> Any:
    """Return the member at a path, e.g. `customer.id`; ABSENT for none."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return ABSENT
        value = value[name]
    return value


def work_out(values: Mapping[str, Value], given: Given, within: str = "") -> Record:
    """Return the members that values say, of the object at a path, without those that have none."""
    paths = {name: f"{within}.{name}" if within else name for name in values}
    found = {name: _worked_out(value, given, paths[name]) for name, value in values.items()}
    return {name: value for name, value in found.items() if value is not ABSENT}


def _worked_out(value: Value, given: Given, member: str) -> Any:
    """Return a value for a member, by its name or path; ABSENT where there is none."""
    return _WORK[type(value)](value, given, member)


def _constant(value: Constant, _given: Given, _member: str) -> Any:
    return value.value


def _time(value: Now, given: Given, member: str) -> str | int:
    text = given.now[:10] if value.is_date else given.now
    return time_by(find_field(given.schema, member) or {}, text)


def _example(_value: Example, given: Given, member: str) -> Any:
    return member_at(given.example, member)


def _from(value: From, given: Given, _member: str) -> Any:
    return look_up(value, given)


def _next(value: Next, given: Given, member: str) -> Any:
    return value_of(given.record, member) or next_number(value.prefix, member, given)


def _filled(value: Template, given: Given, member: str) -> Any:
    if value.is_list:
        items = (_worked_out(each, given, member) for each in value.items)
        return [each for each in items if each is not ABSENT]
    return work_out(value.members, given, member)


def _added(value: Added, given: Given, member: str) -> Any:
    """Return a number that something is added to; ABSENT where one of them is no number."""
    there = member_at(given.record, member)
    own, more = map(sums.read_number, (there, _worked_out(value.value, given, member)))
    if more is None:
        return ABSENT
    before = own if own is not None else 0
    number = before - more if value.is_subtracted else before + more
    return sums.written(number, 0 if own is None else there, [more])


def _appended(value: Appended, given: Given, member: str) -> Any:
    item = _worked_out(value.value, given, member)
    there = member_at(given.record, member)
    return ABSENT if item is ABSENT else [*(there if isinstance(there, list) else ()), item]


_WORK: Mapping[type, Callable[[Any, Given, str], Any]] = {
    Constant: _constant,
    Now: _time,
    Example: _example,
    From: _from,
    Next: _next,
    Added: _added,
    Appended: _appended,
    Template: _filled,
}


def next_number(prefix: str, member: str, given: Given) -> str | int:
    """Return the next of the running numbers of a collection, e.g. `SEQ-0042`, or 42 for a number."""
    numbering = Numbering.of(prefix, member, field_of(given.example, member))
    collection = given.collection
    number = collection.numbers.greatest(numbering.series, collection.chunks) + 1
    kinds = kinds_of(find_field(given.schema, member) or {})
    return number if kinds and "string" not in kinds else numbering.text(number)
