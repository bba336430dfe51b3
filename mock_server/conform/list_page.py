"""A page of a list as a server under test has answered it, and the pages of a walk through the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mock_server.conform.http_probe import Reply
from mock_server.conform.requirements import Failed, read_json
from mock_server.lists.convention import Convention
from mock_server.lists.roles import TOTAL

Item = dict[str, Any]

# How many items a walk may bring where nothing says how many there are.
MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list; `pagination` is what the server wrote beside the items."""

    reply: Reply
    convention: Convention
    items: list[Item]
    pagination: dict[str, Any]

    @property
    def total(self) -> int | None:
        """Return the number of items on all pages; None where the document describes no total."""
        total: int | None = self.value_of(TOTAL)
        return total

    def value_of(self, role: str) -> Any:
        """Return what the page says of a role, e.g. of NEXT its cursor; None where it says nothing."""
        return self.pagination.get(self.convention.name_of(role)) if self._says(role) else None

    def has_cursor(self, direction: str) -> bool:
        """Return whether the page says anything of NEXT or of PREVIOUS, even null."""
        return self._says(direction) and self.convention.name_of(direction) in self.pagination

    def _says(self, role: str) -> bool:
        return role in self.convention.response

    def cursor(self, direction: str) -> str:
        """Return the cursor that leads to the NEXT or the PREVIOUS page, which the page must have.

        Raise Failed where it is not a text, or is empty.
        """
        cursor = self.value_of(direction)
        if not isinstance(cursor, str) or not cursor:
            message = f"'{self.convention.name_of(direction)}' is {orjson.dumps(cursor).decode()}"
            raise Failed(f"{message}, but is to be absent where there is no such page", self.reply)
        return cursor


def read_page(reply: Reply, convention: Convention, *, has_total: bool = True) -> ListPage:
    """Return the page that a reply holds by a convention; raise Failed where it holds none.

    `has_total` is whether the document describes a total, which the page must have then.
    """
    if reply.status != 200:
        raise Failed(f"a page of the list must come, with 200, but {reply.status} came", reply)
    body = read_json(reply)
    [name] = convention.items
    above = next(iter(convention.response.values()))[0]
    items = body.get(name) if isinstance(body, dict) else None
    pagination = body.get(above) if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Failed(f"the body has no array '{name}' of objects", reply)
    word = convention.name_of(TOTAL) if has_total else ""
    total = pagination.get(word) if isinstance(pagination, dict) else None
    if not isinstance(pagination, dict) or (has_total and type(total) is not int):
        message = f"the body has no object '{above}'"
        message += f" with a whole number '{word}'" if has_total else ""
        raise Failed(message, reply)
    return ListPage(reply, convention, items, pagination)


@dataclass(frozen=True, slots=True)
class PageWalk:
    """The pages from one to the last; `failure` is why the walk broke off, None where it did not."""

    pages: Sequence[ListPage]
    failure: Failed | None = None

    @property
    def items(self) -> list[Item]:
        """Return the items of all pages, in their order."""
        return [item for page in self.pages for item in page.items]

    def require_end(self) -> None:
        """Raise Failed where the walk broke off before the last page."""
        if self.failure is not None:
            raise self.failure


def pages_needed(total: int, limit: int) -> int:
    """Return how many pages of at most `limit` items hold `total` items."""
    return -(-total // limit)


def require_progress(pages: Sequence[ListPage], limit: int, direction: str, *, is_new: bool) -> None:
    """Raise Failed where a walk goes in circles, or does not end.

    `is_new` says whether the last page's cursor has led nowhere yet.
    """
    page, number = pages[-1], len(pages)
    word = page.convention.name_of(direction)
    if not is_new:
        raise Failed(f"page {number} has a cursor in '{word}' that has led here already", page.reply)
    if not page.items:
        raise Failed(f"page {number} has no items, but a cursor in '{word}'", page.reply)
    # Pages that are too short are left to the check walk-full, as long as they come to an end.
    items = MOST_ITEMS if page.total is None else page.total
    if number > 4 * pages_needed(items, limit) + 10:
        message = f"{number} pages of {limit} did not reach the end of {items} items"
        raise Failed(message, page.reply)
