"""What a list's answer says of its pages, by the names and types that its schema describes."""

from __future__ import annotations

import re

from mock_server.lists import roles
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.lists.convention import Place
from mock_server.openapi.list_answers import Answer, Items, Member
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.schema import NUMBERS

# The style of lists whose cursor is a field of the records.
FIELD = "field"

# Roles in the order in which they choose their members.
_ORDER = (
    *roles.ENDINGS, roles.MORE, roles.LIMIT, roles.OFFSET, roles.PAGE, roles.NEXT, roles.PREVIOUS,
    roles.NEXT_URL, roles.PREVIOUS_URL, roles.FIRST_URL, roles.LAST_URL, roles.PAGES, roles.TOTAL,
    roles.COUNT,
)  # fmt: skip

_OF_PAGE = re.compile(r"\b(page|returned|this (response|request|result)|current)\b", re.IGNORECASE)
_OF_ALL = re.compile(r"\b(total|all|overall|entire|matching|available)\b", re.IGNORECASE)
_URL = re.compile(r"\b(ur[il]s?|links?|hrefs?|hyperlink)\b", re.IGNORECASE)
_URL_NAME = re.compile(r"ur[il]|link|href|path")
_CURSOR = re.compile(r"\b(cursors?|tokens?|opaque|identifier|id|ids)\b", re.IGNORECASE)


def said_roles(answer: Answer, items: Items, style: str, asked: Asked) -> dict[str, Member]:
    """Return the members of an answer by their roles, for a list that pages in a style.

    Each member has one role.
    """
    reader = _Reader(answer, items, style, asked)
    return {role: member for role in _ORDER if (member := reader.find(role)) is not None}


class _Reader:
    def __init__(self, answer: Answer, items: Items, style: str, asked: Asked) -> None:
        self._answer, self._style, self._asked = answer, style, asked
        self._items, self._taken = items.place, set[Place]()

    def find(self, role: str) -> Member | None:
        """Return the member of a role, and let no other role have it."""
        for word in built_in().response[role]:
            member = self._answer.telling.get(word)
            if member is None or member.place in self._taken or self._is_of_items(member):
                continue
            if self._fits(role, word, member):
                chosen = self._holder(member)
                self._taken |= {chosen.place, member.place}
                return chosen
        return None

    def _is_of_items(self, member: Member) -> bool:
        """Tell whether it is the array of the records, or of an object that may stand in its place."""
        return member.place[: len(self._items)] == self._items

    def _holder(self, member: Member) -> Member:
        """Return the object that holds nothing but a URL as `href`, or else the member itself."""
        if plain(member.place[-1]) == "href" and len(member.place) > 1:
            return self._answer.at[member.place[:-1]]
        return member

    def _fits(self, role: str, word: str, member: Member) -> bool:
        kinds = set(member.kinds)
        if role in (roles.MORE, *roles.ENDINGS):
            # Without a type, `next` and the like are what to send, and `last` may be anything.
            is_sure = role == roles.MORE and word not in built_in().response[roles.NEXT]
            return kinds == {"boolean"} or (is_sure and not kinds)
        if role in roles.URLS:
            return (not kinds or "string" in kinds) and self._is_url(word, member)
        if role in (roles.NEXT, roles.PREVIOUS):
            return self._leads(word, member, kinds)
        if kinds and not kinds & NUMBERS:
            return False
        if role in (roles.TOTAL, roles.COUNT) and word in built_in().names["counts"]:
            return self._counts_all(word, member) == (role == roles.TOTAL)
        return True

    def _leads(self, word: str, member: Member, kinds: set[str]) -> bool:
        """Tell whether a member has what is sent to get to another page."""
        names = built_in().names
        is_record_id = word in names["first_records"] | names["last_records"]
        if self._style in roles.NUMBERED:
            is_number = not kinds or bool(kinds & NUMBERS) or self._is_shown_as_number(member)
            # Unless it says where its own page begins, as an offset does, it may be sent as it came.
            is_own = word in self._asked.numbers and word not in built_in().response[roles.OFFSET]
            return is_number and (is_own or not (is_record_id or word in names["positions"]))
        # A record's own id leads on, whatever else the answer names.
        if self._style == FIELD or is_record_id:
            return False
        if self._style == roles.NONE:
            return not kinds or not self._is_url(word, member)
        if kinds and "string" not in kinds:
            return False
        return not self._is_url(word, member)

    def _is_shown_as_number(self, member: Member) -> bool:
        """Tell whether the example of a text is a number, as `"2"` of the next page's."""
        example = self._asked.example_of(member)
        return isinstance(example, str) and example.isdecimal() and example.isascii()

    def _is_url(self, word: str, member: Member) -> bool:
        """Tell whether a text is a URL: by its format, its example, its names or its description."""
        names = built_in().names
        if word.rpartition(".")[2] in names["urls"] or _URL_NAME.search(word):
            return True
        schema = member.schema
        if str(schema.get("format", "")).startswith(("uri", "url")):
            return True
        example = self._asked.example_of(member)
        if isinstance(example, str) and example:
            return "://" in example or example.startswith(("/", "?"))
        if any(plain(name) in names["link_objects"] for name in member.place[:-1]):
            return True
        if self._style in roles.NUMBERED:
            return True
        described = str(schema.get("description", ""))
        return _URL.search(described) is not None and _CURSOR.search(described) is None

    def _counts_all(self, word: str, member: Member) -> bool:
        """Tell whether a number is that of all records, and not that of the page's."""
        described = str(member.schema.get("description", ""))
        if _OF_PAGE.search(described):
            return False
        if _OF_ALL.search(described):
            return True
        names = built_in().names
        sure = (each for each in built_in().response[roles.TOTAL] if each not in names["counts"])
        if any(each in self._answer.telling for each in sure):
            return False
        return word not in names["page_counts"]
