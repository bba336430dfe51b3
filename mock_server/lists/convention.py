"""The convention of a list: how its requests ask for a page, and what its answers say of one.

A convention is a scheme fitted to one operation. It maps roles (`roles`) to the names of query
parameters and to places in the answer; other modules speak of roles only.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mock_server.lists.roles import (
    AFTER,
    BEFORE,
    BY_OFFSET,
    BY_PAGE,
    BY_URL,
    LIMIT,
    MORE,
    NEXT,
    NEXT_URL,
    NONE,
    OFFSET,
    OMIT,
    PAGE,
    PAGES,
    POSITIONS,
    PREVIOUS,
    RFC_8288,
    TOKEN,
    TOTAL,
    URLS,
)

# The most records that are given at once, where nothing leads on to more.
WHOLE = 10_000
# The size of a page where neither the request nor the document nor the scheme names one.
DEFAULT_LIMIT = 20
# The largest page where nothing says a maximum.
MAXIMUM_LIMIT = 1_000

# A place in an answer: the names that lead to it, e.g. `("pagination", "after")`.
Place = tuple[str, ...]


class Member(NamedTuple):
    """What an answer's schema says of the member that a role fills.

    - `kinds`: its types, empty where the schema names none
    - `is_href`: whether it is an object whose `href` is the URL
    - `is_relative`: whether its example is a URL without a host
    - `minimum`: the least number that it may be, None for any
    """

    kinds: tuple[str, ...] = ()
    is_required: bool = False
    is_nullable: bool = True
    is_href: bool = False
    is_relative: bool = False
    minimum: float | None = None


UNDESCRIBED = Member()


@dataclass(frozen=True, slots=True)
class Convention:
    """A scheme fitted to one operation.

    - `style`: one of `roles.STYLES`
    - `items`: the place of the records in the answer, () where it is the answer itself
    - `request`: the parameters by role, those only that the operation takes
    - `response`: the places in the answer by role, those only that the answer has
    - `headers`: RFC_8288 or a role by the name of a header
    - `cursor`: the field whose value is the cursor, None for an opaque one; `a.b` for a member
    - `end`: what leads to another page where there is none: OMIT, NULL or EMPTY
    - `first`: the number of the first page, or the offset of the first record
    - `clamps`: whether a limit beyond `maximum_limit` is cut, and not refused
    - `envelope`: the constant members of the answer, in the order of its schema
    - `members`: what the schema says of the members that roles fill
    - `way`: the role of the parameter that takes clients forward, None where none does
    - `is_numbered`: whether numbers lead to pages, and no text
    - `onward`: what a client does to read a list to its end, as a message says it
    - `nullable`: the places of objects that are null where nothing leads to what they tell of
    - `edge_ids`: places of the ids of a page's first and last record, by FIRST_RECORD and LAST_RECORD
    - `other_limit`: the parameter that says how many records a page has where that of the limit is not
      sent, None without one
    - `order`: the names at the top of the answer, and in its objects, in the order of the schema
    """

    style: str
    items: Place
    request: Mapping[str, str]
    response: Mapping[str, Place]
    headers: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = None
    end: str = OMIT
    first: int = 1
    default_limit: int = DEFAULT_LIMIT
    maximum_limit: int = MAXIMUM_LIMIT
    clamps: bool = False
    envelope: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    order: tuple[Place, ...] = ()
    nullable: frozenset[Place] = frozenset()
    minimum_limit: int = 1
    other_limit: str | None = None
    edge_ids: Mapping[str, Place] = field(default_factory=dict)
    way: str | None = field(init=False)
    is_numbered: bool = field(init=False)
    onward: str = field(init=False)

    def __post_init__(self) -> None:
        """Find the way on once, since each request asks for it."""
        object.__setattr__(self, "way", way_of(self.style, self.request))
        object.__setattr__(self, "is_numbered", self.way in (PAGE, OFFSET))
        object.__setattr__(self, "onward", _onward(self))

    # Requests

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters by which a list pages."""
        other = () if self.other_limit is None else (self.other_limit,)
        return (*self.request.values(), *other)

    @property
    def cursors(self) -> tuple[str, ...]:
        """Return the names of the parameters that take a cursor or a token."""
        return tuple(self.request[role] for role in (AFTER, BEFORE) if role in self.request)

    @property
    def positions(self) -> tuple[str, ...]:
        """Return the names of the parameters that say where a page is, of which one is sent at most."""
        return tuple(self.request[role] for role in POSITIONS if role in self.request)

    @property
    def is_paged(self) -> bool:
        """Tell whether anything leads on from a page."""
        return self.style != NONE

    def role_of(self, name: str) -> str | None:
        """Return the role of a parameter, e.g. AFTER; None for one that does not page."""
        if name == self.other_limit:
            return LIMIT
        return next((role for role, known in self.request.items() if known == name), None)

    def limit_of(self, sent: Container[str]) -> str | None:
        """Return the parameter that says a page's size where these are sent; None for none."""
        own, other = self.request.get(LIMIT), self.other_limit
        return other if other is not None and other in sent and own not in sent else own

    def name_of(self, role: str) -> str:
        """Return the name of the member that says a role, e.g. `totalResultSize`.

        It is the name of the parameter that leads there where there is no such member.
        """
        return self.response[role][-1] if role in self.response else self.leading(role) or role

    def member(self, role: str) -> Member:
        """Return what the schema says of the member that a role fills."""
        return self.members.get(role, UNDESCRIBED)

    def leading(self, role: str) -> str | None:
        """Return the name of the parameter that takes what leads to NEXT, PREVIOUS, FIRST or LAST."""
        way = self.way
        if way == AFTER and role == PREVIOUS:
            return self.request.get(BEFORE)
        return None if way is None else self.request[way]

    def goes(self, direction: str) -> bool:
        """Tell whether the operation takes what leads to NEXT, or to PREVIOUS."""
        way = self.way
        if self.style == NONE or way is None:
            return False
        return direction == NEXT or way != AFTER or (BEFORE in self.request and self.style != TOKEN)

    def says(self, *roles: str, is_header: bool = True) -> bool:
        """Tell whether answers say any of the roles; those of headers count if `is_header`."""
        said = {*self.response, *self.headers.values()} if is_header else self.response.keys()
        return not said.isdisjoint(roles)

    @property
    def has_urls(self) -> bool:
        """Tell whether answers have URLs of pages, which depend on how the connection was made."""
        return self.says(RFC_8288, *URLS)

    def parameter_schema(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a list's query parameter, with the rules that the convention adds.

        A limit is a whole number of at least `minimum_limit`, whose default lies within its bounds and
        is one of its enum; a page and an offset are whole numbers from the first one on; a cursor has
        no default. MAXIMUM_LIMIT is no part of it, since it is a bound of this server alone.
        """
        match self.role_of(name):
            case "after" | "before":
                return {key: value for key, value in schema.items() if key != "default"}
            case "limit":
                return self._limit_schema(schema)
            case "page":
                return _number_schema(schema, min(self.first, 1), self.first)
            case "offset":
                return _number_schema(schema, 0, self.first)
        return schema

    def _limit_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        low = max(self.minimum_limit, _bound(schema, "minimum", 1, self.minimum_limit))
        high = max(low, _bound(schema, "maximum", -1, self.maximum_limit))
        default = min(high, max(low, _whole(schema.get("default"), self.default_limit)))
        read = _as_whole_number(schema) | {"minimum": low}
        read["default"] = _nearest(default, read.get("enum", ()))
        is_stated = "maximum" in schema or self.maximum_limit != MAXIMUM_LIMIT
        if self.clamps:
            read.pop("maximum", None)
        elif is_stated:
            read["maximum"] = high
        return read


def way_of(style: str, request: Container[str]) -> str | None:
    """Return the role of a request that takes clients forward, the style's own first; None for none."""
    preferred = {BY_PAGE: PAGE, BY_OFFSET: OFFSET}.get(style, AFTER)
    return next((role for role in (preferred, AFTER, PAGE, OFFSET) if role in request), None)


def _onward(convention: Convention) -> str:
    """Return what a client does to read a list to its end, in the list's own names."""
    name = convention.leading(NEXT)
    has_other_way = convention.style != BY_URL and convention.says(NEXT, MORE, TOTAL, PAGES)
    if convention.says(NEXT_URL, RFC_8288) and not has_other_way:
        return "follow the URL of the next page until there is none"
    if convention.is_numbered:
        return f"ask for page after page by '{name}' until the last"
    if convention.cursor is not None:
        return f"send the last record's '{convention.cursor}' in '{name}' until no more follow"
    what = "token" if convention.style == TOKEN else "cursor"
    return f"send each page's {what} in '{name}' until a page has none"


def _nearest(size: int, admitted: Iterable[Any]) -> int:
    """Return the greatest admitted size up to one, else the least; that size where none is named."""
    sizes = sorted(value for value in admitted if type(value) is int and value > 0)
    return max((each for each in sizes if each <= size), default=sizes[0]) if sizes else size


def _number_schema(schema: dict[str, Any], low: int, default: int) -> dict[str, Any]:
    bounds = {"minimum": max(low, _bound(schema, "minimum", 1, low)), "default": default}
    return _as_whole_number(schema) | bounds


# Keywords that mean nothing for the number that a parameter is read as, or that are in its bounds.
_OF_TEXTS = ("pattern", "minLength", "maxLength", "nullable", "exclusiveMinimum", "exclusiveMaximum")


def _as_whole_number(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a whole number in place of one that may be of a text such as `10`."""
    kept = {key: value for key, value in schema.items() if key not in _OF_TEXTS}
    if schema.get("type") != "integer":
        kept.pop("format", None)
    if "enum" in kept:
        kept["enum"] = [_whole(value, 0) if isinstance(value, str) else value for value in kept["enum"]]
    return kept | {"type": "integer"}


def _bound(schema: Mapping[str, Any], name: str, step: int, fallback: int) -> int:
    """Return the first number within a bound, which lies a step beyond it where that is excluded."""
    bound = _whole(schema.get(name), fallback)
    is_excluded = name in schema and schema.get(f"exclusive{name.capitalize()}") is True
    return bound + step if is_excluded else bound


def _whole(value: Any, fallback: int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and abs(value) < 10**15 else fallback
