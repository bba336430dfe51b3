"""The rules of the members of records: what `x-sum`, `x-refers` and their like say of properties."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mock_server.openapi.actions import Arithmetic, LineSum
from mock_server.openapi.rule_reading import flaws_of, read_sum
from mock_server.openapi.schema import DocumentError, Schema, members_of

SUM = "x-sum"


def sums_of(members: Mapping[str, Schema]) -> Mapping[str, LineSum | Arithmetic]:
    """Return what members are the sums of, by their schemas; skip what is not understood."""
    found: dict[str, LineSum | Arithmetic] = {}
    for name, part in members.items():
        if SUM in part and next(flaws_of(SUM, part[SUM], ()), None) is None:
            try:
                found[name] = read_sum(part[SUM], ())
            except DocumentError:
                continue
    return found


def copied_from(schema: Schema) -> Iterator[str]:
    """Yield the collections of whose records the members of a merged schema have copies."""
    for part in members_of(schema).values():
        refers = part.get("x-refers")
        if isinstance(refers, Mapping) and refers.get("copies"):
            yield str(refers.get("collection"))


def member_errors(schema: Any, place: tuple[str | int, ...]) -> Iterator[DocumentError]:
    """Yield what is wrong with the rules of a property's schema."""
    for word in (SUM, "x-refers", "x-was", "x-secret"):
        if isinstance(schema, Mapping) and word in schema:
            yield from flaws_of(word, schema[word], (*place, word))
    if isinstance(schema, Mapping) and SUM in schema and not any(flaws_of(SUM, schema[SUM], ())):
        try:
            read_sum(schema[SUM], (*place, SUM))
        except DocumentError as error:
            yield error


def nested_name(names: Collection[str], name: str, of: str) -> str | None:
    """Return the collection that a rule of another one names: in full, or by its last words."""
    if of in names:
        return of
    found = [each for each in names if each.startswith(f"{name}/{{") and each.endswith(f"}}/{of}")]
    return found[0] if len(found) == 1 else None
