"""The convention of lists: how an API's requests ask for a page, and how its answers write one.

No other module knows these words. Code elsewhere speaks of roles: limit, next, previous, items, total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mock_server.lists.pages import NEXT, PREVIOUS, ROLES, TOTAL, PageInfo, PageRequest

# The most records that are given at once, where no cursor leads to more.
WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """A list's answer for a page: headers beside the usual ones, and the body."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Convention:
    """The names of query parameters for limit and cursors, and of the members of the body.

    `default_limit` applies where neither the request nor the document names a limit. Unless `is_paged`,
    no cursor leads on from a page.
    """

    limit: str
    next: str
    previous: str
    items: str
    pagination: str
    total: str
    default_limit: int
    minimum_limit: int = 1
    is_paged: bool = True

    @property
    def cursors(self) -> tuple[str, str]:
        """Return the names of the parameters that take a cursor."""
        return self.next, self.previous

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters for limit and cursors."""
        return self.limit, self.next, self.previous

    def role_of(self, name: str) -> str | None:
        """Return the role of a cursor's parameter, NEXT or PREVIOUS; None for any other parameter."""
        return {self.next: NEXT, self.previous: PREVIOUS}.get(name)

    def name_of(self, role: str) -> str:
        """Return the name for a role, e.g. `totalResultSize` for TOTAL."""
        return {NEXT: self.next, PREVIOUS: self.previous, TOTAL: self.total}[role]

    def items_schema(self, schema: Any) -> Any | None:
        """Return the schema of a list's items; None where the schema is not that of a page."""
        properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
        items, pagination = properties.get(self.items), properties.get(self.pagination)
        if not (isinstance(items, dict) and isinstance(pagination, dict)):
            return None
        if items.get("type") != "array" or pagination.get("type", "object") != "object":
            return None
        return items.get("items", {})

    def roles_given(self, schema: Any, taken: Iterable[str]) -> frozenset[str]:
        """Return the roles that pages of a list may fill: NEXT, PREVIOUS and TOTAL, or fewer of them.

        `schema` is that of the answer, which may describe some only; `taken` are the names of the query
        parameters. A cursor that no parameter takes is not given, since it would lead nowhere.
        """
        pagination = schema.get("properties", {}).get(self.pagination, {})
        described = pagination.get("properties") or {self.name_of(role) for role in ROLES}
        lost = {role for role in (NEXT, PREVIOUS) if self.name_of(role) not in set(taken)}
        return frozenset(role for role in ROLES if self.name_of(role) in described) - lost

    def without_pages(self) -> Convention:
        """Return the convention for a list that no cursor leads on in: a request gets all of it."""
        return replace(self, default_limit=WHOLE, is_paged=False)

    def parameter_schema(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a list's query parameter, with the rules that the convention adds.

        A limit is a whole number of at least `minimum_limit`, whose default lies within its bounds; a
        cursor has no default.
        """
        if name in self.cursors:
            return {key: value for key, value in schema.items() if key != "default"}
        if name != self.limit:
            return schema
        low = max(self.minimum_limit, _whole(schema.get("minimum"), self.minimum_limit))
        high = max(low, _whole(schema.get("maximum"), 10**9))
        default = min(high, max(low, _whole(schema.get("default"), self.default_limit)))
        if not self.is_paged and "default" not in schema:
            default = self.default_limit
        bounds = {"minimum": low, "default": default} | (
            {"maximum": high} if "maximum" in schema else {}
        )
        return schema | {"type": "integer"} | bounds

    def read(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> PageRequest:
        """Return the page that a request's parameters ask for.

        `values` are the parameters' values by name, of cursors the positions; `texts` are the cursors as
        they were sent.
        """
        following, preceding = values.get(self.next), values.get(self.previous)
        cursor = texts.get(self.next if preceding is None else self.previous)
        return PageRequest(values.get(self.limit, self.default_limit), following, preceding, cursor)

    def write(self, items: Iterable[bytes], info: PageInfo) -> PageAnswer:
        """Return the answer for a page; `items` are its records, encoded as JSON."""
        pagination = {self.name_of(role): value for role, value in info.items()}
        body = b'{"%b":[%b],"%b":%b}' % (
            self.items.encode(),
            b",".join(items),
            self.pagination.encode(),
            orjson.dumps(pagination),
        )
        return PageAnswer((), body)


def _whole(value: Any, fallback: int) -> int:
    return int(value) if isinstance(value, int | float) else fallback


# Cursors in the query, an envelope in the body. The real API's default limit is unknown
# (docs/api_facts.md).
CURSOR_ENVELOPE = Convention(
    limit="limit",
    next="after",
    previous="before",
    items="items",
    pagination="pagination",
    total="totalResultSize",
    default_limit=20,
)
