"""The collection that a call names: by its path in the document, whatever its parameters are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.control.call import Call
from mock_server.data.collection import Collection
from mock_server.data.finding import View
from mock_server.data.records import RecordSchema, field_of, stored_texts
from mock_server.data.snapshot import Snapshot
from mock_server.errors import InvalidRequest, NotFound, Violation
from mock_server.formats.source_file import pointer
from mock_server.formats.timestamps import format_moment
from mock_server.lists.filters import Equals, Filter
from mock_server.openapi.effects import Resource
from mock_server.shown_text import did_you_mean, name_some, quote


class Named(NamedTuple):
    """A collection that a call names, as its account sees it.

    `owner` is the key of the record that the name has in place of a parameter, e.g. `f3b6` of
    `invoices/f3b6/line-items`, whose records alone are meant; None for all records. `collections` are
    those that the account had when the call began, since it may get others meanwhile.
    """

    resource: Resource
    owner: str | None
    call: Call
    collections: Snapshot

    @property
    def outline(self) -> Collection:
        """Return the collection without its records, to be given others."""
        return self.collections.outline(self.resource.name)

    @property
    def collection(self) -> Collection:
        """Return the collection with the records of all owners."""
        return self.collections[self.resource.name]

    @property
    def schema(self) -> RecordSchema:
        """Return the schema of its records."""
        return self.call.context.schemas[self.resource.name]

    @property
    def view(self) -> View:
        """Return what the account sees."""
        account = self.call.account
        return View(self.collections, account.own_id, format_moment(account.clock.now()))

    @property
    def owner_key(self) -> Any:
        """Return the key of the owner as its record has it, e.g. a number; None for all records."""
        parent = self.resource.parent
        if parent is None or self.owner is None:
            return None
        account, key = self.call.account, self.call.context.resources[parent.collection].key
        owners = self.collections[parent.collection]
        found = owners.find_id(self.owner, account.own_id)
        record = owners.record_at(found or 0, account.own_id)
        return None if key is None else field_of(record, key)

    def owned(self, items: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return items with the owner's key, and what is kept beside each where no member has it.

        Raise InvalidRequest for those that name another owner.
        """
        parent, key = self.resource.parent, self.owner_key
        if parent is None or key is None:
            return list(items), {}
        if parent.is_kept:
            return list(items), {parent.field: key}
        field = parent.field
        records = [item for item in enumerate(items) if isinstance(item[1], dict)]
        foreign = [number for number, item in records if item.get(field, key) != key]
        if foreign:
            message = f"the path names the parent {quote(str(key))}; leave it out, or name that one."
            raise InvalidRequest(
                Violation("parent", message, pointer(("items", number, field))) for number in foreign
            )
        return [{field: key, **item} if isinstance(item, dict) else item for item in items], {}

    @property
    def filters(self) -> frozenset[Filter]:
        """Return the filters that the records of the owner pass; none for all records."""
        parent = self.resource.parent
        if parent is None or self.owner is None:
            return frozenset()
        keys = stored_texts(self.owner, self.call.account.own_id)
        return frozenset([Equals(parent.field, frozenset(keys))])


def name_of(resources: Mapping[str, Resource], text: str) -> str | None:
    """Return the name of the collection that a text means, whatever it calls parameters; None for none.

    E.g. `invoices/{invoice}/line-items` for `invoices/{id}/line-items`.
    """
    if text in resources:
        return text
    shape = [_plain(each) for each in text.strip("/").split("/")]
    return next((name for name in resources if [_plain(s) for s in name.split("/")] == shape), None)


def named(call: Call) -> Named:
    """Return the collection that the path of a call names; raise NotFound.

    In place of parameters, the name may have the ids of records: those of the parent are meant then.
    """
    text, resources = str(call.values["name"]), call.context.resources
    collections = call.account.collections
    name = name_of(resources, text)
    if name is not None:
        return Named(resources[name], None, call, collections)
    segments = text.strip("/").split("/")
    for resource in resources.values():
        given = _values(resource.name.split("/"), segments)
        if given is not None:
            owner = _owner(collections, resource, given, call.account.own_id)
            return Named(resource, owner, call, collections)
    known = list(resources)
    missing = f"There is no collection {quote(text)} here{did_you_mean(text, known)}"
    raise NotFound(f"{missing}; there is {name_some(known)}.")


def _owner(
    collections: Mapping[str, Collection], resource: Resource, given: Mapping[str, str], own_id: bytes
) -> str | None:
    """Return the key of the parent; raise NotFound where no record has it."""
    parent = resource.parent
    # Without one, every record above is taken to be there, and has all records.
    if parent is None or parent.parameter not in given:
        return None
    key = given[parent.parameter]
    if collections[parent.collection].find_id(key, own_id) is None:
        raise NotFound(f"There is no record {quote(key)} in {parent.collection}.")
    return key


def _values(template: list[str], segments: list[str]) -> dict[str, str] | None:
    """Return the values that a path has for the parameters of a template; None where it does not fit."""
    if len(template) != len(segments):
        return None
    pairs = list(zip(template, segments, strict=True))
    if any(own != sent for own, sent in pairs if not _is_parameter(own)):
        return None
    return {own[1:-1]: sent for own, sent in pairs if _is_parameter(own) and not _is_parameter(sent)}


def _plain(segment: str) -> str:
    return "{}" if _is_parameter(segment) else segment


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def unknown_names(resources: Mapping[str, Resource], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each name that means no collection, with what is wrong with it and what there is."""
    known = list(resources)
    for name in names:
        if name_of(resources, name) is None:
            wrong = f"the document has no collection {quote(name)}{did_you_mean(name, known)}"
            yield name, f"{wrong}; use {name_some(known)}."
