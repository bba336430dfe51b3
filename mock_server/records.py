"""Records: what the document's schema says one is, and what one that lacks something is given."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from openapi_schema_validator import OAS30Validator, oas30_format_checker

from mock_server.schemas import Place, Schema

Record = dict[str, Any]

# When a collection's first record was created that was given no time; later ones were, earlier.
NEWEST = datetime(2024, 7, 30, tzinfo=UTC)

# The account of records that were given none, until requests have accounts of their own.
ACCOUNT = "default"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record: where in it, what, and what to do."""

    place: Place
    message: str
    remedy: str


class RecordSchema:
    """The schema of a collection's records, compiled once."""

    def __init__(self, collection: str, schema: Schema) -> None:
        self.collection = collection
        self.schema = schema
        self._validator = OAS30Validator(_strict(schema), format_checker=oas30_format_checker)
        self._fills = _Fills(schema)

    @property
    def properties(self) -> list[str]:
        return list(self.schema.get("properties", {}))

    @property
    def id_field(self) -> str | None:
        """The property that is filled with an id, and so tells records apart."""
        return self._fills.id_field

    def complete(self, record: Record, index: int) -> Record:
        """The record with what `x-fill` gives to those that lack it, in the schema's order.

        It depends on the collection's name and the index alone.
        """
        return self._fills.complete(record, f"{self.collection}/{index}", index, parent=None)

    def faults(self, record: Any) -> Iterator[Fault]:
        """Everything in which a completed record departs from the schema."""
        found = (f for error in self._validator.iter_errors(record) for f in _faults(error))
        yield from dict.fromkeys(found)


class _Fills:
    """What the properties of a schema are filled with, down into arrays of objects."""

    def __init__(self, schema: Schema) -> None:
        properties = schema.get("properties", {})
        self._order = list(properties)
        self._fills = {n: p["x-fill"] for n, p in properties.items() if "x-fill" in p}
        self._nested = {
            name: _Fills(p["items"])
            for name, p in properties.items()
            if p.get("type") == "array" and p.get("items", {}).get("properties")
        }
        self.id_field = next((n for n, fill in self._fills.items() if fill == "id"), None)

    def complete(self, record: Record, seed: str, index: int, parent: str | None) -> Record:
        filled = dict(record)
        for name, fill in self._fills.items():
            if name not in filled:
                value = _filling(fill, f"{seed}/{name}", index, parent)
                if value is not None:
                    filled[name] = value
        own_id = filled.get(self.id_field) if self.id_field else None
        for name, nested in self._nested.items():
            if isinstance(filled.get(name), list):
                filled[name] = [
                    nested.complete(item, f"{seed}/{name}/{i}", index, parent=own_id)
                    if isinstance(item, dict)
                    else item
                    for i, item in enumerate(filled[name])
                ]
        ordered = {name: filled[name] for name in self._order if name in filled}
        return ordered | filled if len(ordered) < len(filled) else ordered


def _filling(fill: str, seed: str, index: int, parent: str | None) -> str | None:
    match fill:
        case "id":
            return derived_id(seed)
        case "account":
            return derived_id(f"account/{ACCOUNT}")
        case "timestamp":
            return timestamp(NEWEST - timedelta(minutes=index))
    return parent


def derived_id(seed: str) -> str:
    """A UUID's text that is the same for the same seed, anywhere and always."""
    return str(UUID(bytes=blake2b(seed.encode(), digest_size=16).digest(), version=4))


def timestamp(moment: datetime) -> str:
    """A moment as the vendor writes it: UTC, `Z`, and a fraction without trailing zeros."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
    return f"{text}{fraction}Z"


def _strict(schema: Any) -> Any:
    """The schema with every object closed that names its properties, so that a typo is a fault."""
    if not isinstance(schema, Mapping):
        return schema
    if {"allOf", "anyOf", "oneOf"} & schema.keys():
        return schema
    closed = dict(schema)
    if "properties" in closed:
        closed["properties"] = {n: _strict(p) for n, p in closed["properties"].items()}
        closed.setdefault("additionalProperties", False)
    if "items" in closed:
        closed["items"] = _strict(closed["items"])
    return closed


def _faults(error: Any) -> Iterator[Fault]:
    place = tuple(error.absolute_path)
    value, schema = error.instance, error.schema
    match error.validator:
        case "additionalProperties" if isinstance(schema.get("properties"), Mapping):
            for name in value:
                if name not in schema["properties"]:
                    yield _unknown_field(place, name, schema["properties"])
        case "required":
            # One error for each missing property, named by jsonschema only in its message.
            name = next(n for n in error.validator_value if error.message.startswith(repr(n)))
            yield Fault((*place, name), "the field is missing", "add it")
        case "enum":
            allowed = ", ".join(str(option) for option in schema["enum"])
            yield Fault(place, f"{_shown(value)} is not allowed", f"use one of {allowed}")
        case "type":
            wanted = schema["type"]
            yield Fault(
                place, f"{_shown(value)} is not of type {wanted}", f"write a value of type {wanted}"
            )
        case "format":
            wanted = f"format {schema['format']}"
            yield Fault(place, f"{_shown(value)} is not of {wanted}", f"write a value of {wanted}")
        case keyword:
            message = f"{_shown(value)} does not satisfy {keyword} {_shown(error.validator_value)}"
            yield Fault(place, message, "correct it")


def _unknown_field(place: Place, name: str, known: Mapping[str, Any]) -> Fault:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"write '{near[0]}'" if near else f"use one of {', '.join(known)}"
    return Fault((*place, name), "the schema does not name this field", remedy)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:60] + "…"
