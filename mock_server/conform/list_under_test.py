"""A list of a server under test, and what a client can learn of it by reading.

What the list should say is left to the checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

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
from mock_server.lists.roles import LIMIT, NEXT, TOTAL
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.responses import answer_schema
from mock_server.openapi.schema import merge_all_of
from mock_server.openapi.schema_errors import CompiledSchema

# The most pages that a walk may have, so that a run takes minutes.
MOST_PAGES = 50
# The page size where the document gives the limit no maximum.
UNBOUNDED = 100


def query_part(name: str, *values: str, separator: str = ",") -> str:
    """Return the part of a query that sends a parameter, e.g. `name=a%20b,c` for two values."""
    return f"{quote(name, safe='')}={separator.join(quote(value, safe='') for value in values)}"


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
        reply = self.ask(*query, fresh=fresh)
        return read_page(reply, self.convention, has_total=TOTAL in self.operation.roles)

    def gives(self, direction: str) -> bool:
        """Return whether the list's pages may have a cursor of NEXT or of PREVIOUS."""
        return direction in self.operation.roles

    def require_refusal(self, *query: str, names: Sequence[str]) -> None:
        """Raise Failed unless the query gets a 400 with one of the names as the `key` of an error."""
        require_error_key(self.ask(*query), names, self.error_shape)

    def limit_query(self, limit: int | str) -> str:
        """Return the part of a query that asks for pages of a size."""
        return query_part(self.convention.request[LIMIT], str(limit))

    def cursor_query(self, direction: str, cursor: str | None) -> str:
        """Return the part of a query that sends a cursor of NEXT or PREVIOUS; none for None."""
        return "" if cursor is None else query_part(str(self.convention.leading(direction)), cursor)

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
        """Return the size of the largest page that the document allows."""
        return int(self.limit.schema.get("maximum", UNBOUNDED))

    # Items and walks

    def identity(self, item: Item) -> str:
        """Return what tells an item from others: its id, or else all of it in JSON."""
        value = item.get(self._id_field) if self._id_field else None
        return str(value) if value else json.dumps(item, sort_keys=True)

    def identities(self, items: Iterable[Item]) -> list[str]:
        """Return the identity of each item."""
        return [self.identity(item) for item in items]

    def walk(
        self, *query: str, limit: int, direction: str = NEXT, cursor: str | None = None
    ) -> PageWalk:
        """Return the pages of a query, from the first, or from a cursor, to the last in a direction."""
        self.parameter(self.convention.leading(direction) or direction)
        pages: list[ListPage] = []
        used = {cursor}
        size = self.limit_query(limit)
        try:
            while True:
                pages.append(self.page(*query, size, self.cursor_query(direction, cursor)))
                if not pages[-1].has_cursor(direction):
                    return PageWalk(pages)
                cursor = pages[-1].cursor(direction)
                require_progress(pages, limit, direction, is_new=cursor not in used)
                used.add(cursor)
        except Failed as failure:
            return PageWalk(pages, failure)

    def find_items(self, *query: str) -> list[Item]:
        """Return all items that a query finds; raise Failed where the walk through them breaks off."""
        walk = self.walk(*query, limit=self.largest_limit)
        walk.require_end()
        return walk.items

    @property
    def walk_limit(self) -> int:
        """Return a page size by which the list takes about four pages, where that is allowed."""
        page = self.page()
        total = len(page.items) if page.total is None else page.total
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
