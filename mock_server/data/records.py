"""The schema of records, and the values that a record is given for what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any

from mock_server.formats.timestamps import SECOND, format_timestamp, parse_moment
from mock_server.openapi.record_keys import find_keys
from mock_server.openapi.schema import Schema, admits_time, item_schema, kinds_of
from mock_server.openapi.schema_access import WRITE_ONLY
from mock_server.openapi.schema_errors import CompiledSchema, Flaw
from mock_server.openapi.schema_merging import merge_all_of

Record = dict[str, Any]

# The types of values that have parts, which are filled too.
_INNER = frozenset(["object", "array"])

# When the first of a collection's records was created, if it was given no time. Each later one is a
# minute older, since lists are served newest first (docs/api_facts.md).
NEWEST = datetime(2024, 7, 30, tzinfo=UTC)


def derive_id(seed: str) -> str:
    """Return a UUID as text, the same for the same seed on every machine and in every version."""
    # Quicker than `uuid.UUID`: the version is 4, and the variant that of RFC 9562.
    digits = blake2b(seed.encode(), digest_size=16).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def account_id(client_id: str) -> str:
    """Return the id that an account sees in those of its records that were given no account id."""
    return derive_id(f"account/{client_id}")


def field_of(record: Any, field: str) -> Any:
    """Return the value of a field; `a.b` is the member `b` of `a`, where no field has that name.

    A record that is a text or a number has none.
    """
    if not isinstance(record, dict):
        return None
    value = record.get(field)
    if value is None and "." in field:
        value = record
        for name in field.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    return value


def value_of(record: Any, field: str) -> Any:
    """Return what `field_of` does; of a field of objects in an array, a list of its values in all.

    `lines.price` of a record with the lines `[{"price": 1}, {"price": 2}]` is `[1, 2]`; None for none.
    """
    if isinstance(record, dict) and field in record:
        return record[field]
    if "." not in field:
        return None
    value = field_of(record, field)
    return _inner_values(record, field.split(".")) if value is None else value


def _inner_values(value: Any, names: Sequence[str]) -> Any:
    for number, name in enumerate(names):
        if isinstance(value, list):
            found = [_inner_values(each, names[number:]) for each in value]
            flat = [each for some in found for each in (some if isinstance(some, list) else [some])]
            return [each for each in flat if each is not None] or None
        value = value.get(name) if isinstance(value, dict) else None
    return value


class _OwnAccount(str):
    """The value that stands for the id of the account that reads a record.

    Records are shared by all accounts. As a text it is a valid id, so that a schema admits it.
    """

    __slots__ = ()


OWN_ACCOUNT = _OwnAccount(account_id("default"))


def time_by(schema: Schema, text: str) -> str | int:
    """Return a time or a date as a merged schema has it: a text, or the seconds since 1970."""
    kinds = kinds_of(schema)
    if not kinds or "string" in kinds or not admits_time(schema):
        return text
    return parse_moment(text if "T" in text else f"{text}T00:00:00Z") // SECOND


def stored_texts(text: str, own_id: bytes) -> tuple[str, ...]:
    """Return what collections have for a text that an account sends, whose own id is `own_id`.

    For that one, it is what stands for each reader's own account, or the id itself where that was sent.
    Without an account, `own_id` is empty, and the text is one of the collection's own.
    """
    if not own_id:
        return (text,)
    if text == own_id.decode():
        # The default account's id is what stands for each reader's.
        return (text,) if text == OWN_ACCOUNT else (OWN_ACCOUNT, text)
    return () if text == OWN_ACCOUNT else (text,)


def without_own_account(value: Any) -> Any:
    """Return the record, or a part of it, without the values that stand for the reader's account.

    So it is written to a file, to be completed again when that is read.
    """
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if part is not OWN_ACCOUNT}
        return {name: without_own_account(part) for name, part in kept.items()}
    return [without_own_account(part) for part in value] if isinstance(value, list) else value


class RecordSchema:
    """The schema of a collection's records, compiled when it is first needed.

    `guides` returns the examples of records that the document gives. `keys` are the properties by which
    the records are told apart: `x-fill: id`, those of `key`, and those named like ids. Every generated
    record has all of them, with values of its own. `key_field` is the first; None where there is none.
    `rising` is the field whose numbers rise from record to record, None for none.
    """

    def __init__(
        self,
        collection: str,
        schema: Schema,
        key: Iterable[str] = (),
        guides: Callable[[], list[Any]] = list,
        rising: str | None = None,
    ) -> None:
        """Take a merged schema; `key` are names of properties, the first that is there counts."""
        self.collection = collection
        self.schema = schema
        self.guides = guides
        self.rising = rising
        # The property by which paths name the records; None where none does.
        self.named_by: str | None = None
        self._named = tuple(key)
        self._find_hidden: Callable[[], frozenset[str]] = frozenset

    @cached_property
    def _compiled(self) -> CompiledSchema:
        return CompiledSchema.of_answer(self.schema)

    @cached_property
    def _open(self) -> CompiledSchema:
        return CompiledSchema(self.schema, WRITE_ONLY, is_closed=False)

    @cached_property
    def _fills(self) -> _Fills:
        return _Fills(self.schema)

    @property
    def id_field(self) -> str | None:
        """The property that `x-fill: id` marks, by which records are told apart; None without one."""
        return self._fills.id_field

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The properties by which generated records are told apart, the best of them first."""
        return find_keys(self.schema, self._named)

    @property
    def key_field(self) -> str | None:
        """The best property by which generated records are told apart; None without one."""
        return self.keys[0] if self.keys else None

    def key_of(self, record: Any) -> str | int | None:
        """Return the value by which a record is told apart from others; None where it has none."""
        key = None if self.key_field is None else field_of(record, self.key_field)
        return key if isinstance(key, str | int) else None

    def complete(self, record: Any, index: int, *, attempt: int = 0, created: str | None = None) -> Any:
        """Return the record with the values that `x-fill` gives for what it lacks, in schema order.

        Ids depend on the collection's name, the index and the attempt alone; a caller raises
        `attempt` to get another id. `created` is for properties filled with a timestamp, e.g.
        `2024-07-30T00:00:00Z`; None makes it depend on the index. A record that is a text or a number
        comes back as it is.
        """
        if not isinstance(record, dict):
            return record
        seed = f"{self.collection}/{index}" + (f"/{attempt}" if attempt else "")
        created = created or format_timestamp(NEWEST - timedelta(minutes=index))
        return self._fills.complete(record, seed, created, parent=None)

    def with_name(self, named_by: str | None) -> RecordSchema:
        """Return itself, for records that paths name by a property."""
        self.named_by = named_by
        return self

    def with_hidden(self, find: Callable[[], frozenset[str]]) -> RecordSchema:
        """Return itself, for records that have further members beside them, which `find` returns."""
        self._find_hidden = find
        return self

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The members that are kept beside the records, and that no answer shows."""
        return self._find_hidden()

    def flaws(self, record: Any) -> Iterator[Flaw]:
        """Yield everything in a completed record that its schema forbids, hidden members aside."""
        flaws = self._compiled.flaws(record)
        if isinstance(record, dict) and self.hidden and not self.hidden.isdisjoint(record):
            return self._compiled.flaws({n: v for n, v in record.items() if n not in self.hidden})
        return flaws

    def misfits(self, record: Any) -> Iterator[Flaw]:
        """Yield why an answer with a completed record is not valid; other members may be there."""
        return self._open.flaws(record)

    def is_valid(self, record: Any) -> bool:
        """Tell whether an answer with a completed record is valid."""
        return self._open.is_valid(record)


class _Fills:
    """The `x-fill` of a schema's properties, and of the objects in them."""

    def __init__(self, schema: Schema) -> None:
        described = schema.get("properties", {})
        self._properties = {name: merge_all_of(part) for name, part in described.items()}
        self._order = list(described)
        self._fills = {
            name: part["x-fill"]
            for name, part in self._properties.items()
            if "x-fill" in part and not part.get(WRITE_ONLY)
        }
        self.id_field = next((n for n, fill in self._fills.items() if fill == "id"), None)

        kinds = {name: frozenset(kinds_of(part)) for name, part in self._properties.items()}
        self._inner = {name: own for name, own in kinds.items() if not own.isdisjoint(_INNER)}
        self._nested: dict[tuple[str, bool], _Fills] = {}

    def _of(self, name: str, *, is_item: bool) -> _Fills:
        # Made when it is needed, since a schema may contain itself.
        if (name, is_item) not in self._nested:
            part = self._properties[name]
            self._nested[name, is_item] = _Fills(merge_all_of(item_schema(part)) if is_item else part)
        return self._nested[name, is_item]

    def complete(self, record: Record, seed: str, created: str, parent: str | None) -> Record:
        """Return the record completed; `parent` is the id of the record that it is a part of."""
        filled = dict(record)
        for name, fill in self._fills.items():
            if name not in filled:
                value = self._value(name, fill, f"{seed}/{name}", created, parent)
                if value is not None:
                    filled[name] = value
        record_id = filled.get(self.id_field) if self.id_field else None
        for name, kinds in self._inner.items():
            value = filled.get(name)
            if value and isinstance(value, list) and "array" in kinds:
                items, place = self._of(name, is_item=True), f"{seed}/{name}"
                filled[name] = [
                    items.complete(item, f"{place}/{i}", created, record_id)
                    if isinstance(item, dict)
                    else item
                    for i, item in enumerate(value)
                ]
            elif isinstance(value, dict) and "object" in kinds:
                inner = self._of(name, is_item=False)
                made = inner.complete(value, f"{seed}/{name}", created, record_id)
                # One that lacks nothing keeps the order of its members.
                filled[name] = value if made == value else made
        ordered = {name: filled[name] for name in self._order if name in filled}
        return ordered | filled if len(ordered) < len(filled) else ordered

    def _value(self, name: str, fill: str, seed: str, created: str, parent: str | None) -> Any:
        match fill:
            case "id":
                return derive_id(seed)
            case "account":
                return OWN_ACCOUNT
            case "timestamp" | "changed-at":
                return time_by(self._properties[name], created)
        return parent
