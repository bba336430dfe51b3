"""A list of a server under test, and what a client can learn of it by reading.

What the list should say is left to the checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from mock_server.conform.http_probe import Header, HttpProbe, Reply
from mock_server.conform.list_page import (
    Item,
    ListPage,
    PageWalk,
    pages_needed,
    read_page,
    require_progress,
)
from mock_server.conform.requirements import Failed, Undecidable, require_error_key
from mock_server.conform.ways import Query, Step, is_counted_blindly, onward, query_part
from mock_server.lists.roles import LIMIT, NEXT, TOTAL
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.responses import answer_schema
from mock_server.openapi.schema import kinds_of, merge_all_of
from mock_server.openapi.schema_errors import CompiledSchema

# The most pages that a walk may have, so that a run takes minutes.
MOST_PAGES = 50
# The page size where the document gives the limit no maximum.
UNBOUNDED = 100


class ListUnderTest:
    """A list operation as one server answers it. `replies` are all that came, in order."""

    def __init__(self, document: Document, operation: Operation, probe: HttpProbe) -> None:
        self.operation = operation
        self.convention = operation.convention
        self.error_shape = document.error_shape
        self.replies: list[Reply] = []
        self._known: dict[Any, Reply] = {}
        self._probe = probe
        self._spec = document.effective["paths"][operation.template][operation.method.lower()]
        self.security = document.security.requirements[operation.template, operation.method.lower()]
        fields = operation.record_schema.get("properties", {})
        self._id_field = next(
            (n for n, f in fields.items() if merge_all_of(f).get("x-fill") == "id"), None
        )

    # Requests

    def ask(
        self,
        *query: str,
        headers: Iterable[Header] = (),
        authorized: bool = True,
        fresh: bool = False,
    ) -> Reply:
        """Return the reply to a query; raise NoAnswer where none comes.

        The parts of the query are as they are sent, e.g. `name=a%20b`; empty ones are left out. The
        same request is sent once and its reply remembered, unless `fresh` is true.
        """
        target = self.operation.template + ("?" if any(query) else "") + "&".join(filter(None, query))
        key = (target, sent_headers := tuple(headers), authorized)
        if fresh or key not in self._known:
            self._known[key] = self._probe.ask(target, sent_headers, authorized=authorized)
            self.replies.append(self._known[key])
        return self._known[key]

    def page(self, *query: str, fresh: bool = False) -> ListPage:
        """Return the page that a query is answered with; raise Failed where the answer is none."""
        return self.read(self.ask(*query, fresh=fresh))

    def read(self, reply: Reply) -> ListPage:
        """Return the page that a reply holds; raise Failed where it holds none."""
        schema = self.operation.record_schema
        has_objects = "properties" in schema or kinds_of(schema) == ("object",)
        has_total = TOTAL in self.convention.response
        return read_page(reply, self.convention, has_total=has_total, has_objects=has_objects)

    def gives(self, direction: str) -> bool:
        """Return whether the list's pages may have a cursor of NEXT or of PREVIOUS."""
        return direction in self.convention.response

    def require_refusal(self, *query: str, names: Sequence[str]) -> None:
        """Raise Failed unless the query gets a 400 with one of the names as the `key` of an error."""
        require_error_key(self.ask(*query), names, self.error_shape)

    def limit_query(self, limit: int | str) -> str:
        """Return the part of a query that asks for pages of a size; none where nothing sets it."""
        name = self.convention.request.get(LIMIT)
        return "" if name is None else query_part(name, str(limit))

    # The document

    @property
    def limit(self) -> Parameter:
        """Return the parameter that sets the page size; raise Undecidable where there is none."""
        return self.parameter(self.convention.request.get(LIMIT, LIMIT))

    def parameter(self, name: str) -> Parameter:
        """Return a parameter of the query; raise Undecidable where there is none."""
        for each in self.operation.at("query"):
            if each.name == name:
                return each
        raise Undecidable(f"the document gives the list no parameter '{name}'")

    def schema(self, status: int) -> CompiledSchema | None:
        """Return the schema of an answer of JSON; None where the document has none."""
        described = answer_schema(self._spec, str(status))
        return None if described is None else CompiledSchema.of_answer(described[1])

    @property
    def largest_limit(self) -> int:
        """Return the size of the largest page that the document allows.

        It is the size of every page where nothing sets it.
        """
        if LIMIT not in self.convention.request:
            return max(1, len(self.page().items))
        largest = self.convention.maximum_limit
        return int(self.limit.schema.get("maximum", largest if self.convention.clamps else UNBOUNDED))

    @property
    def has_described_maximum(self) -> bool:
        """Return whether the document itself says how large a page may be."""
        name = self.convention.request.get(LIMIT)
        listed = [p for p in self._spec.get("parameters", []) if p.get("name") == name]
        return any("maximum" in p.get("schema", {}) for p in listed)

    @property
    def page_size(self) -> int:
        """Return how many items a full page of a walk has."""
        return self.walk_limit if LIMIT in self.convention.request else self.largest_limit

    # Items and walks

    def identity(self, item: Item) -> str:
        """Return what tells an item from others: its id, or else all of it in JSON."""
        is_object = self._id_field is not None and isinstance(item, dict)
        value = item.get(self._id_field) if is_object else None
        return str(value) if value else json.dumps(item, sort_keys=True)

    def identities(self, items: Iterable[Item]) -> list[str]:
        """Return the identity of each item."""
        return [self.identity(item) for item in items]

    def walk(
        self, *query: str, limit: int, direction: str = NEXT, start: Query | None = None
    ) -> PageWalk:
        """Return the pages of a query to the last in a direction.

        `start` is the query of the first of them; without it, they begin with that of the list.
        """
        pages: list[ListPage] = []
        asked: Query | None = start or (*query, self.limit_query(limit))
        used: set[Query] = set()
        try:
            while asked is not None:
                pages.append(self.page(*asked))
                used.add(asked)
                step = Step(pages, (*query, self.limit_query(limit)), limit, direction)
                asked = onward(self.convention, step)
                if asked is not None:
                    require_progress(pages, limit, direction, is_new=asked not in used)
            # Where nothing says so, only an empty page tells that the one before was the last.
            if len(pages) > 1 and not pages[-1].items and is_counted_blindly(self.convention):
                pages.pop()
        except Failed as failure:
            return PageWalk(pages, failure)
        return PageWalk(pages)

    def find_items(self, *query: str) -> list[Item]:
        """Return all items that a query finds; raise Failed where the walk through them breaks off."""
        walk = self.walk(*query, limit=self.largest_limit)
        walk.require_end()
        return walk.items

    @property
    def walk_limit(self) -> int:
        """Return a page size by which the list takes about four pages, where that is allowed."""
        page = self.page()
        total = page.total
        if total is None:
            # Where nothing tells the total, the largest page holds as many as are known at once.
            total = len(self.page(self.limit_query(self.largest_limit)).items)
        return min(self.largest_limit, total // 4 + 1)

    @cached_property
    def forward_walk(self) -> PageWalk:
        """Return the walk through the whole list; raise Undecidable where it would be too long."""
        total, limit = self.page().total, self.walk_limit
        needed = pages_needed(total or 0, limit)
        if needed > MOST_PAGES:
            message = f"{total:,} items take {needed:,} pages, of which at most {MOST_PAGES} are read"
            raise Undecidable(message)
        return self.walk(limit=limit)

    @property
    def whole_walk(self) -> PageWalk:
        """Return the walk through the whole list; raise Undecidable where it breaks off."""
        if self.forward_walk.failure is not None:
            raise Undecidable("the list can't be walked through, see walk-ends")
        return self.forward_walk

    @cached_property
    def records(self) -> list[Item]:
        """Return all items, each once; raise Undecidable where they can't be known."""
        items = self.whole_walk.items
        found = self.identities(items)
        total = self.page().total
        if not len(set(found)) == len(found) == (len(found) if total is None else total):
            raise Undecidable("the walk doesn't bring each item once, see walk-once and walk-total")
        return items
