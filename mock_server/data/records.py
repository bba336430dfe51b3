"""Records: what the document's schema says one is, and what one that lacks something is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from mock_server.formats.timestamps import format_timestamp
from mock_server.openapi.schema import Schema, item_schema
from mock_server.openapi.schema_errors import CompiledSchema, Flaw

Record = dict[str, Any]

# When a collection's first record was created that was given no time; later ones were, earlier.
NEWEST = datetime(2024, 7, 30, tzinfo=UTC)


def derived_id(seed: str) -> str:
    """A UUID's text that is the same for the same seed, anywhere and always."""
    return str(UUID(bytes=blake2b(seed.encode(), digest_size=16).digest(), version=4))


def account_id(client_id: str) -> str:
    """The id that an account's records show which were given none."""
    return derived_id(f"account/{client_id}")


class _OwnAccount(str):
    """Stands for the id of whichever account looks at a record; as a text it is a valid id."""

    __slots__ = ()


OWN_ACCOUNT = _OwnAccount(account_id("default"))


def without_own_account(value: Any) -> Any:
    """The record without what every account sees differently, to be written to a file."""
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if part is not OWN_ACCOUNT}
        return {name: without_own_account(part) for name, part in kept.items()}
    return [without_own_account(part) for part in value] if isinstance(value, list) else value


class RecordSchema:
    """The schema of a collection's records, compiled once."""

    def __init__(self, collection: str, schema: Schema) -> None:
        self.collection = collection
        self.schema = schema
        self._shape = CompiledSchema(schema)
        self._fills = _Fills(schema)

    @property
    def properties(self) -> list[str]:
        return list(self.schema.get("properties", {}))

    @property
    def id_field(self) -> str | None:
        """The property that is filled with an id, and so tells records apart."""
        return self._fills.id_field

    def complete(
        self, record: Record, index: int, *, lap: int = 0, created: str | None = None
    ) -> Record:
        """The record with what `x-fill` gives to those that lack it, in the schema's order.

        Ids depend on the collection's name, the index and the lap alone, and so do times unless
        `created` is given.
        """
        seed = f"{self.collection}/{index}" + (f"/{lap}" if lap else "")
        created = created or format_timestamp(NEWEST - timedelta(minutes=index))
        return self._fills.complete(record, seed, created, parent=None)

    def flaws(self, record: Any) -> Iterator[Flaw]:
        """Everything in which a completed record departs from the schema."""
        return self._shape.flaws(record)


class _Fills:
    """What the properties of a schema are filled with, down into arrays of objects."""

    def __init__(self, schema: Schema) -> None:
        properties = schema.get("properties", {})
        self._order = list(properties)
        self._fills = {n: p["x-fill"] for n, p in properties.items() if "x-fill" in p}
        self._nested = {
            name: _Fills(item_schema(p))
            for name, p in properties.items()
            if p.get("type") == "array" and item_schema(p).get("properties")
        }
        self.id_field = next((n for n, fill in self._fills.items() if fill == "id"), None)

    def complete(self, record: Record, seed: str, created: str, parent: str | None) -> Record:
        filled = dict(record)
        for name, fill in self._fills.items():
            if name not in filled:
                value = _filling(fill, f"{seed}/{name}", created, parent)
                if value is not None:
                    filled[name] = value
        own_id = filled.get(self.id_field) if self.id_field else None
        for name, nested in self._nested.items():
            if isinstance(filled.get(name), list):
                filled[name] = [
                    nested.complete(item, f"{seed}/{name}/{i}", created, parent=own_id)
                    if isinstance(item, dict)
                    else item
                    for i, item in enumerate(filled[name])
                ]
        ordered = {name: filled[name] for name in self._order if name in filled}
        return ordered | filled if len(ordered) < len(filled) else ordered


def _filling(fill: str, seed: str, created: str, parent: str | None) -> str | None:
    match fill:
        case "id":
            return derived_id(seed)
        case "account":
            return OWN_ACCOUNT
        case "timestamp":
            return created
    return parent
