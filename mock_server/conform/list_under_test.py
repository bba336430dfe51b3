"""A list of a server under test, and what a client can learn of it by reading.

What the list should say is left to the checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cached_property

from mock_server.conform.asked_list import AskedList
from mock_server.conform.http_probe import Reply
from mock_server.conform.list_page import (
    Item,
    ListPage,
    PageWalk,
    pages_needed,
    read_page,
    require_progress,
)
from mock_server.conform.requirements import Failed, Undecidable
from mock_server.conform.ways import Query, Step, is_counted_blindly, onward
from mock_server.lists.roles import LIMIT, NEXT, TOTAL
from mock_server.openapi.schema import kinds_of
from mock_server.openapi.schema_merging import merge_all_of

# The most pages that a walk may have, so that a run takes minutes.
MOST_PAGES = 50
# What may tell an item from others, such as `id` and `uuid`.
_ID = re.compile(r"[a-z]{0,2}id")
ALIKE = "nothing tells the items apart: a page has equal ones"
# The page size where the document gives the limit no maximum.
UNBOUNDED = 100


class ListUnderTest(AskedList):
    """A list as it is read: its pages, its items, and the walks through it."""

    # Pages

    def page(self, *query: str, fresh: bool = False) -> ListPage:
        """Return the page that a query is answered with; raise Failed where the answer is none."""
        return self.read(self.ask(*query, fresh=fresh))

    def read(self, reply: Reply) -> ListPage:
        """Return the page that a reply holds, read once; raise Failed where it holds none."""
        # The replies are kept, so that no other one gets the number.
        if id(reply) not in self._pages:
            self._pages[id(reply)] = self._read(reply)
        return self._pages[id(reply)]

    @cached_property
    def _pages(self) -> dict[int, ListPage]:
        return {}

    def _read(self, reply: Reply) -> ListPage:
        schema = self.operation.record_schema
        has_objects = "properties" in schema or kinds_of(schema) == ("object",)
        has_total = TOTAL in self.convention.response
        return read_page(reply, self.convention, has_total=has_total, has_objects=has_objects)

    def gives(self, direction: str) -> bool:
        """Return whether the list's pages may have a cursor of NEXT or of PREVIOUS."""
        return direction in self.convention.response

    def fit_limit(self, wanted: int) -> int:
        """Return the size of a page nearest to the wanted one that the document allows."""
        if LIMIT not in self.convention.request:
            return wanted
        schema, options = self.limit.schema, self._limit_options
        if options:
            return min(options, key=lambda each: (abs(each - wanted), each))
        low, step = int(schema["minimum"]), schema.get("multipleOf")
        if isinstance(step, int) and step > 1:
            return max(step, wanted // step * step, -(-low // step) * step)
        return max(low, min(wanted, self.largest_limit))

    @property
    def largest_limit(self) -> int:
        """Return the size of the largest page that the document allows.

        It is the size of every page where nothing sets it.
        """
        if LIMIT not in self.convention.request:
            return max(1, len(self.page().items))
        if self._limit_options:
            return max(self._limit_options)
        schema = self.limit.schema
        if "maximum" in schema:
            return int(schema["maximum"])
        if self.convention.clamps:
            return self.convention.maximum_limit
        return max(UNBOUNDED, int(schema["minimum"]))

    @property
    def _limit_options(self) -> list[int]:
        """Return the sizes of pages that an enum names; empty without one."""
        return [each for each in self.limit.schema.get("enum", ()) if isinstance(each, int)]

    @property
    def page_size(self) -> int:
        """Return how many items a full page of a walk has."""
        return self.walk_limit if LIMIT in self.convention.request else self.largest_limit

    # Items and walks

    @cached_property
    def _id_field(self) -> str | None:
        fields = self.operation.record_schema.get("properties", {})
        return next((n for n, f in fields.items() if merge_all_of(f).get("x-fill") == "id"), None)

    def identity(self, item: Item) -> str:
        """Return what tells an item from others: its id, or else all of it in JSON."""
        is_object = self._id_field is not None and isinstance(item, dict)
        value = item.get(self._id_field) if is_object else None
        return str(value) if value else json.dumps(item, sort_keys=True)

    def identities(self, items: Iterable[Item]) -> list[str]:
        """Return the identity of each item."""
        return [self.identity(item) for item in items]

    @property
    def tells_items_apart(self) -> bool:
        """Tell whether equal items are one that came again, and not two of the same content.

        Without anything like an id, two items of one page that are equal leave that open.
        """
        if all(map(self._has_id, self.forward_walk.items)):
            return True
        pages = [self.identities(page.items) for page in self.forward_walk.pages]
        return all(len(set(found)) == len(found) for found in pages)

    def _has_id(self, item: Item) -> bool:
        if not isinstance(item, dict):
            return False
        return any(item[name] not in (None, "") for name in item if _ID.fullmatch(name.lower()))

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
        return self.fit_limit(min(self.largest_limit, total // 4 + 1))

    @cached_property
    def forward_walk(self) -> PageWalk:
        """Return the walk through the whole list; raise Undecidable where it would be too long."""
        total, limit = self.page().total, self.page_size
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
        if not self.tells_items_apart:
            raise Undecidable(ALIKE)
        if not len(set(found)) == len(found) == (len(found) if total is None else total):
            raise Undecidable("the walk doesn't bring each item once, see walk-once and walk-total")
        return items
