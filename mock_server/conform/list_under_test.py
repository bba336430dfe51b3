"""The subject: a list of a server under test, and what a client can learn of it by reading.

It alone of the kit knows the envelope's words; what they should say is the invariants' business. What
it finds is told by two exceptions: Failed blames the server, Undecidable says what the data lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import orjson

from mock_server.conform.http_probe import Header, Prober, Reply
from mock_server.errors import shown
from mock_server.formats.json import Unreadable
from mock_server.lists.convention import CURSOR_ENVELOPE
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation, Parameter
from mock_server.openapi.schema_errors import CompiledSchema

# A walk is read if so many pages hold it, so that a run takes minutes.
MOST_PAGES = 50
# The page size where the document bounds none.
UNBOUNDED = 100

Item = dict[str, Any]

LIMIT, AFTER, TOTAL = CURSOR_ENVELOPE.limit, CURSOR_ENVELOPE.next, CURSOR_ENVELOPE.total


class Failed(Exception):
    """The server departs from what it should do: how, and in which exchange."""

    def __init__(self, explanation: str, reply: Reply) -> None:
        super().__init__(explanation)
        self.explanation, self.reply = explanation, reply


class Undecidable(Exception):
    """The data, or the document, leave it open; the message says why."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list; `pagination` as the server wrote it."""

    reply: Reply
    items: list[Item]
    pagination: dict[str, Any]

    @property
    def total(self) -> int:
        return int(self.pagination[TOTAL])

    def cursor(self, way: str) -> str:
        """The cursor that leads on; raises Failed where it is no text, or an empty one."""
        cursor = self.pagination[way]
        if not isinstance(cursor, str) or not cursor:
            told = f"'{way}' is {orjson.dumps(cursor).decode()}"
            raise Failed(f"{told}, but is to be absent where there is no such page", self.reply)
        return cursor


@dataclass(frozen=True, slots=True)
class Walk:
    """The pages from one to the last, or to where the walk broke off."""

    pages: Sequence[ListPage]
    broken: Failed | None = None

    @property
    def items(self) -> list[Item]:
        return [item for page in self.pages for item in page.items]


class Subject:
    """A list operation as one server answers it."""

    def __init__(self, document: Document, operation: Operation, prober: Prober) -> None:
        self.operation = operation
        # Every exchange, in order.
        self.replies: list[Reply] = []
        self._known: dict[Any, Reply] = {}
        self._prober = prober
        self._spec = document.effective["paths"][operation.template][operation.method.lower()]
        security = self._spec.get("security", document.effective.get("security", []))
        # One empty requirement among them means that none need be met (OpenAPI 3.0).
        self.is_secured = bool(security) and all(security)
        fields = operation.record_schema.get("properties", {})
        self._id_field = next((n for n, f in fields.items() if f.get("x-fill") == "id"), None)

    def ask(
        self, *query: str, sent: Iterable[Header] = (), authorized: bool = True, fresh: bool = False
    ) -> Reply:
        """The answer to a query whose parts are as on the wire, e.g. `limit=1`; empty ones drop out.

        What was asked before is answered from memory, unless it is asked afresh. Raises NoAnswer.
        """
        target = self.operation.template + ("?" if any(query) else "") + "&".join(filter(None, query))
        key = (target, headers := tuple(sent), authorized)
        if fresh or key not in self._known:
            self._known[key] = self._prober.ask(target, headers, authorized=authorized)
            self.replies.append(self._known[key])
        return self._known[key]

    def page(self, *query: str, fresh: bool = False) -> ListPage:
        """The list page that a query is answered with; raises Failed where the answer is none."""
        reply = self.ask(*query, fresh=fresh)
        if reply.status != 200:
            raise Failed(f"a page of the list must come, with 200, but {reply.status} came", reply)
        body = json_of(reply)
        items = body.get("items") if isinstance(body, dict) else None
        pagination = body.get("pagination") if isinstance(body, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise Failed("the body has no array 'items' of objects", reply)
        total = pagination.get(TOTAL) if isinstance(pagination, dict) else None
        if not isinstance(pagination, dict) or type(total) is not int:
            raise Failed(f"the body has no object 'pagination' with a whole number '{TOTAL}'", reply)
        return ListPage(reply, items, pagination)

    def refused(self, *query: str, names: Sequence[str]) -> None:
        """Raises Failed unless the query gets a 400 with one of the names as the `key` of an error."""
        reply = self.ask(*query)
        wanted = f"400 with the key {' or '.join(map(repr, names))} must come"
        if reply.status != 400:
            raise Failed(f"{wanted}, but {reply.status} came", reply)
        keys = error_keys(reply)
        if not keys & set(names):
            raise Failed(f"{wanted}, but the keys are {', '.join(sorted(keys)) or 'none'}", reply)

    def identity(self, item: Item) -> str:
        """What tells an item from others: its id, or else all of it."""
        value = item.get(self._id_field) if self._id_field else None
        return str(value) if value else orjson.dumps(item, option=orjson.OPT_SORT_KEYS).decode()

    def identities(self, items: Iterable[Item]) -> list[str]:
        return [self.identity(item) for item in items]

    def shape(self, status: int) -> CompiledSchema | None:
        """The schema of an answer of JSON, where the document has one."""
        content = self._spec.get("responses", {}).get(str(status), {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return None if schema is None else CompiledSchema(schema)

    # Pages

    @property
    def limit(self) -> Parameter:
        """The parameter that sets the page size; raises Undecidable where there is none."""
        return self.parameter(LIMIT)

    def parameter(self, name: str) -> Parameter:
        """A parameter of the query; raises Undecidable where there is none."""
        for each in self.operation.at("query"):
            if each.name == name:
                return each
        raise Undecidable(f"the document gives the list no parameter '{name}'")

    @property
    def largest(self) -> int:
        """The largest page that the document allows."""
        return int(self.limit.schema.get("maximum", UNBOUNDED))

    @property
    def walk_limit(self) -> int:
        """A page size by which the list takes four pages or so, where that is allowed."""
        return min(self.largest, self.page().total // 4 + 1)

    @cached_property
    def forward(self) -> Walk:
        """The walk through the whole list; raises Undecidable where it would be too long."""
        total, limit = self.page().total, self.walk_limit
        if _pages(total, limit) > MOST_PAGES:
            needed = _pages(total, limit)
            told = f"{total:,} items take {needed:,} pages, of which at most {MOST_PAGES} are read"
            raise Undecidable(told)
        return self.walk(limit=limit)

    @property
    def whole(self) -> Walk:
        """The same, but Undecidable where it breaks off."""
        if self.forward.broken is not None:
            raise Undecidable("the list can't be walked through, see walk-ends")
        return self.forward

    @cached_property
    def records(self) -> list[Item]:
        """All records, each once; raises Undecidable where they can't be known."""
        items = self.whole.items
        seen = self.identities(items)
        if not len(set(seen)) == len(seen) == self.page().total:
            raise Undecidable("the walk doesn't bring each item once, see walk-once and walk-total")
        return items

    def walk(self, *query: str, limit: int, way: str = AFTER, cursor: str | None = None) -> Walk:
        """The pages of a query, from the first or from a cursor, one way to the last."""
        self.parameter(way)
        found: list[ListPage] = []
        used = {cursor}
        try:
            while True:
                found.append(self.page(*query, f"limit={limit}", following(way, cursor)))
                if way not in found[-1].pagination:
                    return Walk(found)
                cursor = found[-1].cursor(way)
                _require_progress(found, limit, way, is_new=cursor not in used)
                used.add(cursor)
        except Failed as broken:
            return Walk(found, broken)

    def matching(self, *query: str) -> list[Item]:
        """All items that a query finds; raises Failed where they can't be walked through."""
        walk = self.walk(*query, limit=self.largest)
        if walk.broken:
            raise walk.broken
        return walk.items


def following(way: str, cursor: str | None) -> str:
    """The part of a query that asks for the page behind a cursor."""
    return f"{way}={quote(cursor, safe='')}" if cursor is not None else ""


def _require_progress(found: list[ListPage], limit: int, way: str, *, is_new: bool) -> None:
    """Raises Failed where a walk goes in circles, or on for ever."""
    page = found[-1]
    if not is_new:
        raise Failed(f"page {len(found)} has a cursor in '{way}' that has led here already", page.reply)
    if not page.items:
        raise Failed(f"page {len(found)} has no items, but a cursor in '{way}'", page.reply)
    # Pages that are too short are another invariant's business, as long as there is an end to them.
    if len(found) > 4 * _pages(page.total, limit) + 10:
        told = f"{len(found)} pages of {limit} did not reach the end of {page.total} items"
        raise Failed(told, page.reply)


def _pages(total: int, limit: int) -> int:
    return -(-total // limit)


def json_of(reply: Reply) -> Any:
    """The body's values; raises Failed where it isn't JSON, or doesn't say so."""
    if reply.media_type != "application/json":
        told = shown(reply.header("content-type") or "none")
        raise Failed(f"the Content-Type must be application/json, but is {told}", reply)
    try:
        return reply.json
    except Unreadable as error:
        raise Failed(f"the body is not as it should be: {error.message}", reply) from None


def error_keys(reply: Reply) -> set[str]:
    """The parameters that an error names, as far as it has the vendor's shape."""
    try:
        errors = reply.json["error"]["errors"]
        return {str(each["key"]) for each in errors if "key" in each}
    except (Unreadable, KeyError, TypeError):
        return set()
