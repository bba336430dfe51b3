"""Effects: what the operations of a document do with its resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.openapi.actions import NO_RULES, Rules
from mock_server.openapi.schema import Schema

# The kinds of effects. A view answers with the records of another collection, or with sums of them; an
# act changes a record in a way that only prose describes; an example changes nothing.
LIST, GET, CREATE, REPLACE, MERGE, REMOVE = "list", "get", "create", "replace", "merge", "remove"
ACT, VIEW, EXAMPLE = "act", "view", "example"

# Those that change records.
CHANGES = frozenset([CREATE, REPLACE, MERGE, REMOVE, ACT])


class Parent(NamedTuple):
    """What the records of a nested collection belong to.

    - `collection`: the name of the parent's collection, e.g. `invoices`
    - `parameter`: the path parameter that names the parent, e.g. `invoice`
    - `field`: the member of the records that has the parent's key, e.g. `invoiceId`
    - `is_kept`: whether that member is kept beside the records, whose schema lacks it
    """

    collection: str
    parameter: str
    field: str
    is_kept: bool = False


@dataclass(frozen=True)
class Resource:
    """A collection of records, as the shapes of paths tell it.

    - `name`: its path without the first slash, e.g. `invoices/{invoice}/line-items`
    - `schema`: the merged schema of its records, with all that any of its operations answers
    - `parameter`: the path parameter that finds one record, e.g. `id`; None where no path does
    - `key`: the member of the records that it is compared with, e.g. `id`; None where there is none
    - `parent`: None at the top, and where every parent sees all records
    - `is_single`: whether it has one record, which is found without a key, e.g. an account's settings
    - `source`: the path and the method of the operation whose answer has the schema
    """

    name: str
    schema: Schema = field(repr=False, compare=False)
    parameter: str | None = None
    key: str | None = None
    parent: Parent | None = None
    is_single: bool = False
    source: tuple[str, str] = ("", "")


class Effect(NamedTuple):
    """What an operation does: one of the kinds above, to the records of a resource.

    - `resource`: None for an example
    - `parameter`: the path parameter that names the record, None where none does
    - `ancestors`: the path parameters that name records of other collections, with the names of these,
      e.g. `{"invoice": "invoices"}`
    - `status`: that of its answer where it succeeds, e.g. `201`
    - `rules`: what an overlay says of the operation
    - `created`: the status where it makes the record that is not there, in place of replacing it; None
      where it makes none
    """

    kind: str
    resource: Resource | None = None
    parameter: str | None = None
    ancestors: Mapping[str, str] = MappingProxyType({})
    status: str = "200"
    rules: Rules = NO_RULES
    created: str | None = None

    @property
    def collections(self) -> tuple[str, ...]:
        """Return the names of the collections that it reads or changes."""
        own = () if self.resource is None else (self.resource.name,)
        return tuple(dict.fromkeys([*own, *self.ancestors.values()]))


# The effect of an operation before the resources of its document are known.
NO_EFFECT = Effect(EXAMPLE)


def body_schema(described: Mapping[str, Any]) -> Schema:
    """Return the schema of an operation's body in JSON, or else in another type; `{}` for none."""
    body = described.get("requestBody")
    content = body.get("content") if isinstance(body, dict) else None
    media = list(content.items()) if isinstance(content, dict) else []
    media.sort(key=lambda each: "json" not in each[0])
    found = [each["schema"] for _, each in media if isinstance(each, dict) and "schema" in each]
    schema: Schema = found[0] if found else {}
    return schema
