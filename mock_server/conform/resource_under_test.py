"""A collection of a server under test: the operations on its records, and what is sent for each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.conform.asked_list import AskedList
from mock_server.conform.http_probe import HttpProbe, Reply
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.made_values import fits, made_value
from mock_server.conform.parents import Parents
from mock_server.conform.request_values import ValueFinder
from mock_server.conform.requirements import read_json
from mock_server.formats.media_types import is_json
from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.answer_examples import media_examples
from mock_server.openapi.document import Document
from mock_server.openapi.effects import CREATE, GET, LIST, MERGE, REMOVE, REPLACE
from mock_server.openapi.enclosures import answer_enclosure
from mock_server.openapi.operations import Operation
from mock_server.openapi.responses import answer_schema
from mock_server.openapi.schema_merging import merge_all_of

_JSON = ("Content-Type", "application/json")
Record = dict[str, Any]


class ResourceUnderTest:
    """A collection with a list. `key` is the member by which its records are told apart."""

    def __init__(
        self, document: Document, listing: ListUnderTest, parents: Parents, probe: HttpProbe
    ) -> None:
        self._resource = resource = listing.operation.effect.resource
        self.listing = listing
        self.key = "" if resource is None or resource.key is None else resource.key
        self._document, self._parents, self._probe = document, parents, probe
        self._operations = {
            each.effect.kind: each
            for each in reversed(document.operations)
            if resource is not None and each.effect.resource is not None
            if each.effect.resource.name == resource.name and _is_own(each, listing.operation)
        }

    def operation(self, *kinds: str) -> Operation | None:
        """Return the first operation of these kinds, e.g. GET; None where there is none."""
        return next((self._operations[kind] for kind in kinds if kind in self._operations), None)

    @property
    def is_got(self) -> bool:
        """Tell whether its records can be got one by one."""
        return bool(self.key) and self.operation(GET) is not None

    @property
    def is_created(self) -> bool:
        """Tell whether records can be created."""
        return bool(self.key) and self.operation(CREATE) is not None

    @property
    def is_removed(self) -> bool:
        """Tell whether what was created can be removed again."""
        return self.operation(REMOVE) is not None

    def ask(self, operation: Operation, record: Record | None = None, body: Any = None) -> Asked:
        """Send a request of an operation, for a record where it is about one; return what it got."""
        spec, own = self._document.described(operation), self.listing.operation.template

        def find(template: str) -> Any:
            return record if template == own and record is not None else self._parents.find(template)

        filling = ValueFinder(operation, spec, find).fill()
        asked = Asked(self._document, operation, self._probe, filling)
        asked.send(body)
        return asked

    def record_in(self, asked: Asked) -> Any:
        """Return the record of an answer, which may be in a member; raise Failed without JSON."""
        answer, spec = read_json(asked.reply), self._document.described(asked.operation)
        found = answer_schema(spec, str(asked.reply.status))
        if self._resource is None or found is None or not isinstance(answer, dict):
            return answer
        member = answer_enclosure(merge_all_of(found[1]), self._resource)
        return answer if member is None else answer.get(member)

    def body(self, operation: Operation) -> tuple[Any, bool]:
        """Return a body for an operation, and whether the document gives it as an example.

        What it refers to is there, as far as lists show it.
        """
        described: Mapping[str, Any] = self._document.described(operation).get("requestBody") or {}
        content = described.get("content")
        media = next((m for t, m in (content or {}).items() if is_json(t)), None)
        if not isinstance(media, dict):
            return None, True
        schema = merge_all_of(media.get("schema"))
        given = [*media_examples(media), *([schema["example"]] if "example" in schema else [])]
        found = [each for each in given if fits(each, schema)]
        value = found[0] if found else made_value(schema)
        return dict(self._linked(value)) if isinstance(value, dict) else value, bool(found)

    def _linked(self, body: Record) -> Iterator[tuple[str, Any]]:
        """Yield the members of a body, those that name a record with the key of one that is there."""
        for name, value in body.items():
            noun = plain(name).removesuffix("id")
            found = None
            if isinstance(value, str) and noun and noun != plain(name):
                found = next(filter(None, map(self._parents.find, self._lists_of(noun))), None)
            own = found.get("id") if isinstance(found, dict) else None
            yield name, value if own is None else own

    def _lists_of(self, noun: str) -> Iterator[str]:
        plurals = {noun + "s", noun + "es", noun[:-1] + "ies"}
        for each in self._document.lists.values():
            if plain(each.template.rpartition("/")[2]) in plurals:
                yield each.template


class Asked(AskedList):
    """One request of an operation, and its reply."""

    def send(self, body: Any) -> None:
        """Send the request; None stands for no body."""
        content = None if body is None else json.dumps(body).encode()
        sent = (*self.filling.headers, *([] if content is None else [_JSON]))
        self.replies.append(self._send(self._target(()), sent, content))

    @property
    def reply(self) -> Reply:
        """Return the reply to the request."""
        return self.replies[-1]


def _is_own(operation: Operation, listing: Operation) -> bool:
    """Tell whether an operation is about the records of a list by their keys, or creates one."""
    kind, template = operation.effect.kind, operation.template
    if kind in (LIST, CREATE):
        return template == listing.template
    if kind not in (GET, REPLACE, MERGE, REMOVE) or operation.effect.rules.find is not None:
        return False
    return template.rpartition("/")[0] == listing.template and template.endswith("}")
