"""Variety: records that differ in what requests ask for, so that each filter finds some and not all."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from mock_server.data import text_style
from mock_server.data.branch_choice import NO_GUIDE
from mock_server.data.record_members import RecordMember
from mock_server.data.records import NEWEST, Record, RecordSchema
from mock_server.data.schema_maker import SchemaMaker, Ways
from mock_server.data.spot import Spot
from mock_server.data.traits import Mark, Traits
from mock_server.formats.timestamps import format_timestamp
from mock_server.openapi.schema import Schema, members_of, only_values
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked

# Of so many records, one is unlike most others in a member that is read, and one is left out of lists.
_EVERY, _LEFT_OUT = 4, 8
# How many values of an enum are spread over the first records.
_MOST = 30
# What a value is numbered from that must not be the one that a request's example has.
_FAR = 1000
# Optional parts are left out of values that are made for one member.
_PARTS = 380
# Keywords that say something of several members together, so that a record is checked as a whole.
_TOGETHER = frozenset(["allOf", "anyOf", "dependentRequired", "dependentSchemas", "if", "not", "oneOf"])
# Texts that end in a number, and codes for those that look like one: of a currency, or of a country.
_COUNTED = re.compile(r"(.*?)([0-9]{1,9})", re.ASCII | re.DOTALL)
_CODES = {3: ("USD", "EUR", "GBP"), 2: ("US", "DE", "GB")}


class Variety:
    """Varies the records of one collection, each by its number alone."""

    def __init__(
        self,
        schema: RecordSchema,
        traits: Traits,
        seed: int,
        fixed: Collection[str] = (),
        links: Collection[str] = (),
    ) -> None:
        """Take what the records must be like.

        `fixed` are the members that are left as they are, `links` those that get the key of another
        record afterwards.
        """
        fixed = frozenset([*fixed, *links])
        self._schema = schema
        self._traits = traits
        self._seed = seed
        self._maker = SchemaMaker()
        self._is_joint = not _TOGETHER.isdisjoint(schema.schema)
        self._members: dict[str, RecordMember] = {}
        self._enums = self._find_enums(fixed)
        marked = {mark.name for mark in traits.marks}
        said = {name for state in traits.states for name in state}
        left = {*fixed, *marked, *said, *self._enums, *traits.distinct, *traits.found}
        self._read = [name for name in traits.read if name not in left]
        self._links = [name for name in traits.read if name in links and name not in marked]

    def vary(self, record: Record, index: int) -> Record:
        """Return a record as its number wants it, which may be the same object."""
        before = deepcopy(record) if self._is_joint else record
        self._spread_enums(record, index)
        if index < len(self._traits.states):
            for name, value in self._traits.states[index].items():
                self._set(record, name, value)
        for name in self._links:
            if index % 2 == 0:
                # Linked afterwards, where the example has none.
                record.setdefault(name, None)
        for number, name in enumerate(self._read):
            self._vary_member(record, name, index, number)
        for mark in self._traits.marks:
            self._mark(record, mark, index)
        for name, example in self._traits.found.items():
            self._let_find(record, name, example, index)
        for name in self._traits.distinct:
            self._distinguish(record, name, index)
        if self._is_joint and not self._schema.is_valid(record) and self._schema.is_valid(before):
            return before
        return record

    def _member(self, name: str) -> RecordMember:
        if name not in self._members:
            self._members[name] = RecordMember(self._schema.schema, name)
        return self._members[name]

    def _set(self, record: Record, name: str, value: Any) -> bool:
        """Set a member, if its schema admits the value; null goes away where it does not."""
        member = self._member(name)
        if member.admits(value):
            return member.set(record, value)
        return value is None and not member.is_required and member.remove(record)

    def _find_enums(self, fixed: frozenset[str]) -> dict[str, Sequence[Any]]:
        found: dict[str, Sequence[Any]] = {}
        for name in self._schema.schema.get("properties", {}):
            values = only_values(self._member(name).schema) if name not in fixed else None
            options = [value for value in values or () if value is not None][:_MOST]
            if len(options) > 1:
                found[name] = options
        return found

    def _spread_enums(self, record: Record, index: int) -> None:
        """Give the first records each value of an enum once, those behind what states say."""
        said = {name for state in self._traits.states for name in state}
        for name, options in self._enums.items():
            place = index - (len(self._traits.states) if name in said else 0)
            if 0 <= place < len(options) and record.get(name) is not None:
                self._set(record, name, options[(place + self._begin(name)) % len(options)])

    def _begin(self, name: str) -> int:
        seed = f"{self._seed}/{self._schema.collection}/{name}"
        return blake2b(seed.encode(), digest_size=1).digest()[0]

    def _vary_member(self, record: Record, name: str, index: int, number: int) -> None:
        """Vary a member that is read: some records have none or zero, where others have a value."""
        member = self._member(name)
        value = member.get(record)
        is_hiding = name == self._traits.hidden
        is_rare = (index + number) % _EVERY == 1
        if is_hiding:
            # Those in the states that actions ask for are left in.
            behind = index - len(self._traits.states)
            is_rare = behind >= 0 and behind % _LEFT_OUT == 1
        if is_rare != is_hiding and member.is_often_empty:
            self._set(record, name, None)
        elif value is None:
            made = self._made(name, index) if member.can_lack else None
            if made is not None:
                self._set(record, name, made)
        elif isinstance(value, list):
            self._set(record, name, [_numbered(item, index) for item in value])
        else:
            self._set(record, name, self._other(member, value, index, number))

    def _other(self, member: RecordMember, value: Any, index: int, number: int) -> Any:
        """Return the value of a member that a list reads, which differs in some records."""
        turn = (index + number) % _EVERY
        zero = text_style.zero_like(value)
        if isinstance(value, bool):
            return turn % 2 == 0 if index < _EVERY else value
        if turn == 2 and zero is not None and member.may_be_zero:
            return zero
        if isinstance(value, int):
            return value + index % 5 if turn == 3 else value
        if isinstance(value, str) and not text_style.varies(value, member.last_name):
            return _other_text(value, index)
        return value

    def _made(self, name: str, index: int) -> Any:
        member = self._member(name)
        seed = f"{self._seed}/{self._schema.collection}/{name}"
        spot = Spot(seed, index, member.last_name)
        return self._maker.make(member.schema, NO_GUIDE, spot, Ways(), _PARTS)

    def _mark(self, record: Record, mark: Mark, index: int) -> None:
        """Let a record have what its state implies, and lack what it excludes."""
        state, member = self._member(mark.field).get(record), self._member(mark.name)
        if state in mark.always:
            value = member.get(record)
            if mark.prefix is not None:
                self._set(record, mark.name, _running(mark.prefix, value, index))
            elif value is None:
                self._set_time(record, member, index)
        elif state is not None and state not in mark.ever:
            self._set(record, mark.name, None)

    def _set_time(self, record: Record, member: RecordMember, index: int) -> None:
        value = self._made(member.path, index) if member.is_described else None
        moment = format_timestamp(NEWEST - timedelta(minutes=index))
        self._set(record, member.path, moment if value is None else value)

    def _let_find(self, record: Record, name: str, example: Any, index: int) -> None:
        """Give a member by which a path finds a record another value than those of others."""
        member = self._member(name)
        value = member.get(record)
        if value is None and not member.is_described:
            value = f"{member.last_name}-0" if example is None else example
        if isinstance(value, list):
            self._set(record, name, [_numbered(item, index + 1) for item in value])
        elif isinstance(value, str) and not text_style.varies(value, member.last_name):
            self._set(record, name, _numbered(value, index + 1))

    def _distinguish(self, record: Record, name: str, index: int) -> None:
        """Give a member a value that no other record has, nor a request's example."""
        member = self._member(name)
        value = member.get(record)
        if isinstance(value, str):
            if not text_style.varies(value, member.last_name):
                value = text_style.numbered(value, index)
            taken: Mapping[str, frozenset[str]] = self._traits.taken or {}
            if value in taken.get(name, ()):
                value = text_style.numbered(value, _FAR + index)
            self._set(record, name, value)


def _other_text(text: str, index: int) -> str:
    """Return a text like another: `CN8` for `CN7`, `EUR` for `USD`, or `Gold 2` for `Gold`.

    Numbers differ from record to record; others repeat in every third one.
    """
    codes = _CODES.get(len(text), ())
    if text.isalpha() and text.isupper() and codes:
        return (text, *(code for code in codes if code != text))[index % len(codes)]
    counted = _COUNTED.fullmatch(text)
    if counted is not None:
        return f"{counted[1]}{int(counted[2]) + index:0{len(counted[2])}}"
    return text_style.numbered(text, index % 3)


def _running(prefix: str, example: Any, index: int) -> str:
    """Return a running number like an example, or with a prefix where there is none, e.g. `SEQ-0007`."""
    if isinstance(example, str) and example:
        return _numbered_text(example, index)
    between = "-" if prefix[-1:].isalnum() else ""
    return f"{prefix}{between}{index + 1:04}"


def _numbered(item: Any, index: int) -> Any:
    """Return a text that no other record has; what is no text as it is."""
    return _numbered_text(item, index) if isinstance(item, str) else item


def _numbered_text(text: str, index: int) -> str:
    return _other_text(text, index) if _COUNTED.fullmatch(text) else text_style.numbered(text, index)


def hidden_members(schema: Schema, traits: Traits) -> frozenset[str]:
    """Return the members that rules set or read, and that answers of a merged schema don't show."""
    shown = members_of(schema)
    names = [*(mark.name for mark in traits.marks), *traits.read, *traits.found]
    return frozenset(
        name
        for name in names
        if "." not in name and (name not in shown or is_marked(shown[name], WRITE_ONLY))
    )
