"""Fixture references: what the records of fixture files refer to, and is not there or there twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.data.chunk_search import first_values
from mock_server.data.collection import Collection
from mock_server.formats import source_file
from mock_server.formats.source_file import Place, Source
from mock_server.openapi.effects import Resource
from mock_server.openapi.nouns import Nouns
from mock_server.openapi.record_links import Links
from mock_server.problems import Problem
from mock_server.shown_text import did_you_mean, name_some, quote

# How many ids a message names, and among how many a similar one is looked for.
_NAMED, _COMPARED = 3, 200


class ReferenceFinder:
    """Finds broken references in fixture files, and records that stand behind others with their keys."""

    def __init__(
        self, resources: Mapping[str, Resource], collections: Mapping[str, Collection], nouns: Nouns
    ) -> None:
        self._resources = resources
        self._collections = collections
        self._nouns = nouns
        self._links: dict[str, Links] = {}
        # Where the first record with a key stands, by its collection and the key as text.
        self._first: dict[tuple[str, str], str] = {}

    def find(self, source: Source, item: Mapping[str, Any], place: Place) -> Iterator[Problem]:
        """Yield the problems of a record, which stands at a place of a file."""
        resource = self._resources[str(place[0])]
        yield from self._of_key(source, resource, item, place)
        yield from self._of_record(source, resource, self._links_of(resource), item, place)

    def _links_of(self, resource: Resource) -> Links:
        if resource.name not in self._links:
            self._links[resource.name] = Links(resource.schema, self._nouns, resource.name)
        return self._links[resource.name]

    def _of_key(
        self, source: Source, resource: Resource, item: Mapping[str, Any], place: Place
    ) -> Iterator[Problem]:
        key = resource.key
        if key is None or resource.parameter is None or item.get(key) is None:
            return
        text, where = str(item[key]), (*place, key)
        own = f"{source.name} at {source_file.pointer(where)}"
        first = self._first.setdefault((resource.name, text), own)
        if first is not own:
            message = f"the {key} {quote(text)} is there already, in {first}"
            unfound = ", so that no path finds this record"
            yield source.problem(where, message + unfound, "give each record its own")

    def _of_record(
        self, source: Source, resource: Resource, links: Links, item: Mapping[str, Any], place: Place
    ) -> Iterator[Problem]:
        parent = resource.parent
        if parent is not None and item.get(parent.field) is None:
            message = (
                f"it does not say to which of {parent.collection} it belongs, so that no path has it"
            )
            yield source.problem(place, message, f"add '{parent.field}'")
        elif parent is not None:
            owner = self._resources[parent.collection]
            where = (*place, parent.field)
            yield from self._of_value(source, where, item[parent.field], owner, owner.key)
        for link in links.find(item):
            is_own = len(link.place) == 1 and link.name in (resource.key, parent and parent.field)
            if link.value is not None and not is_own:
                field = link.member.by or link.target.key
                yield from self._of_value(source, (*place, *link.place), link.value, link.target, field)

    def _of_value(
        self, source: Source, place: Place, value: Any, target: Resource, field: str | None
    ) -> Iterator[Problem]:
        collection, text = self._collections[target.name], str(value)
        if field is None or field not in collection.fields or collection.has_value(field, text):
            return
        known = first_values(collection.chunks, field, _COMPARED)
        verb = "is" if len(collection) == 1 else "are"
        there = f"there {verb} {len(collection):,}, such as {name_some(known[:_NAMED])}"
        near = did_you_mean(text, known)
        message = f"no record of {target.name} has the {field} {quote(text)}{near}"
        said = there if known else "there is none"
        yield source.problem(
            place, f"{message}; {said}", f"name one of these, or add it to {target.name}"
        )
