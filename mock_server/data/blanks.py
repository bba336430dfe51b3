"""Blanks: what a record is given for members that it must have and that nobody has sent.

They are null or an empty list where the schema admits it, else the example's value; but ids, references
and numbers are never the example's: those of another record would be there twice. The id of an account
is that of the one that reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mock_server.data import id_style
from mock_server.data.branch_choice import NO_GUIDE
from mock_server.data.records import NEWEST, OWN_ACCOUNT, derive_id
from mock_server.data.schema_maker import SchemaMaker, Ways
from mock_server.data.spot import Spot
from mock_server.formats.timestamps import format_timestamp
from mock_server.openapi.schema import (
    Schema,
    admits_null,
    alternatives,
    branches_of,
    kinds_of,
    members_of,
)
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_merging import merge_all_of

# Stands for a member that has no example.
NO_EXAMPLE: Any = object()

# A number that an API writes as a text, e.g. an amount of money.
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    _DATE.pattern + r"[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
# Keywords that an empty text may violate.
_BINDING = {"format", "pattern", "minLength"}
_NEWEST = format_timestamp(NEWEST)
_DEEPEST = 8
_MOST_ITEMS = 100


class Occasion(NamedTuple):
    """When a record is made: no other has its `seed`, and `now` is e.g. `2024-07-30T00:00:00Z`."""

    seed: str
    now: str

    def member(self, name: str) -> Occasion:
        """Return the occasion of a member, whose id differs from those of others."""
        return Occasion(f"{self.seed}/{name}", self.now)


class _Watched(Occasion):
    """An occasion that tells whether a blank, or one within it, depends on it."""

    is_read = False

    @property
    def seed(self) -> str:
        self.is_read = True
        return self[0]

    @property
    def now(self) -> str:
        self.is_read = True
        return self[1]

    def member(self, name: str) -> Occasion:  # noqa: ARG002
        return self


def lasting(name: str, key: str | None, record: Any) -> Occasion:
    """Return the occasion of a record that is there: the same whenever it is shown.

    `name` is that of its collection, and `key` the member by which it is told apart, None for none. Its
    time is the first that it has.
    """
    members = record if isinstance(record, dict) else {}
    own = members.get(key) if key is not None else None
    times = (value for value in members.values() if isinstance(value, str) and "T" in value[10:11])
    now = next((value for value in times if _TIME.fullmatch(value)), _NEWEST)
    return Occasion(f"{name}/{own}", now)


def fill_required(
    schema: Schema, value: dict[str, Any], example: Any, occasion: Occasion, depth: int = 0
) -> dict[str, Any]:
    """Return an object with a blank for each member that a merged schema requires and it lacks."""
    missing = [name for name in schema.get("required", ()) if name not in value]
    if not missing:
        return value
    return value | blanks(missing, members_of(schema), example, occasion, depth)


def blanks(
    names: Iterable[str], members: Mapping[str, Schema], example: Any, occasion: Occasion, depth: int = 0
) -> dict[str, Any]:
    """Return the blanks of some of an object's members, those that are only written aside.

    `members` are the schemas of all, and `example` is that of the object.
    """
    examples = example if isinstance(example, Mapping) else {}
    found = {}
    for name in names:
        part = members.get(name, {})
        if not is_marked(part, WRITE_ONLY):
            found[name] = blank(part, examples.get(name, NO_EXAMPLE), occasion.member(name), depth)
    return found


def usual_blanks(names: Iterable[str], members: Mapping[str, Schema], example: Any) -> dict[str, Any]:
    """Return those of an object's blanks that are the same on each occasion."""
    found: dict[str, Any] = {}
    for name in names:
        occasion = _Watched("", _NEWEST)
        made = blanks([name], members, example, occasion)
        found |= {} if occasion.is_read else made
    return found


def blank(schema: Schema, example: Any, occasion: Occasion, depth: int = 0) -> Any:
    """Return the blank of a member with a merged schema; `example` is NO_EXAMPLE where there is none."""
    if schema.get("x-fill") == "account":
        return OWN_ACCOUNT
    if depth > _DEEPEST or any(map(admits_null, alternatives(schema))):
        return None
    if schema.get("enum"):
        return example if example in schema["enum"] else schema["enum"][0]
    branches = branches_of(schema)
    if branches and "type" not in schema:
        return blank(merge_all_of(branches[0]), example, occasion, depth + 1)
    kind = next(iter(kinds_of(schema)), None)
    if kind in ("array", "object"):
        make = _items if kind == "array" else _object
        return make(schema, example, occasion, depth + 1)
    return _single(schema, kind, example, occasion)


def _single(schema: Schema, kind: str | None, example: Any, occasion: Occasion) -> Any:
    """Return the blank of a member of a type without parts, or of a schema that names no type."""
    if kind in ("number", "integer"):
        return _number(schema)
    if kind == "string":
        return _text(schema, example, occasion)
    if kind == "boolean":
        return example is True
    return None if example is NO_EXAMPLE else example


def _object(schema: Schema, example: Any, occasion: Occasion, depth: int) -> dict[str, Any]:
    return fill_required(schema, {}, example, occasion, depth)


def _items(schema: Schema, example: Any, occasion: Occasion, depth: int) -> list[Any]:
    """Return an empty list, or as many blanks as there must be."""
    number = min(schema.get("minItems", 0), _MOST_ITEMS)
    first = next(iter(example), NO_EXAMPLE) if isinstance(example, list) else NO_EXAMPLE
    items = merge_all_of(schema.get("items"))
    return [blank(items, first, occasion.member(str(n)), depth) for n in range(number)]


def _number(schema: Schema) -> Any:
    """Return 0, or the number nearest to it that the bounds admit."""
    return max(schema.get("minimum", 0), min(0, schema.get("maximum", 0)))


def _text(schema: Schema, example: Any, occasion: Occasion) -> str:
    named = schema.get("format")
    text = example if isinstance(example, str) else schema.get("example", "")
    if named == "date-time" or _is_like(_TIME, text):
        return occasion.now
    if named == "date" or _is_like(_DATE, text):
        return occasion.now[:10]
    if named == "uuid" or (isinstance(text, str) and id_style.looks_random(text)):
        return derive_id(occasion.seed)
    if isinstance(text, str) and _DECIMAL.fullmatch(text):
        _, point, decimals = text.partition(".")
        return "0" + point + "0" * len(decimals)
    if isinstance(text, str) and (text or not _BINDING & schema.keys()):
        return text
    made = SchemaMaker().make(
        schema, NO_GUIDE, Spot(occasion.seed, 0, occasion.seed.rpartition("/")[2]), Ways()
    )
    return made if isinstance(made, str) else ""


def _is_like(pattern: re.Pattern[str], text: Any) -> bool:
    return isinstance(text, str) and pattern.fullmatch(text) is not None
