"""What a list that is served whole lacks of a scheme, in words for those who write an `x-list`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.lists import roles
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.lists.convention import way_of
from mock_server.lists.scheme import Scheme
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.list_shapes import EXTENSION, ListFinder
from mock_server.openapi.operations import Operation

# The styles by the role that leads on, where an answer tells of it, the surest first.
_STYLES = (
    (roles.PAGE, roles.BY_PAGE, roles.PAGE),
    (roles.OFFSET, roles.BY_OFFSET, roles.OFFSET),
    (roles.NEXT, roles.CURSOR, roles.AFTER),
    (roles.NEXT_URL, roles.CURSOR, roles.AFTER),
    (roles.MORE, roles.CURSOR, roles.AFTER),
)

_PHRASES = {
    roles.AFTER: "a query parameter for the cursor",
    roles.PAGE: "a query parameter for the page's number",
    roles.OFFSET: "a query parameter for the offset",
}


@dataclass(frozen=True, slots=True)
class NearScheme:
    """The scheme that nearly fits: its style, what of it the operation has, and what it lacks.

    - `way`: the role of the parameter that leads on, which may be missing
    - `missing`: phrases such as `a query parameter for the page's number`
    - `is_fit`: whether an `x-list` may name the parameter that leads on, where it is there
    - `scheme`: the one of the document, None for a style
    """

    style: str
    way: str
    request: Mapping[str, str]
    response: Mapping[str, str]
    missing: tuple[str, ...]
    is_fit: bool = True
    scheme: Scheme | None = field(default=None, compare=False)


class Nearness:
    """The schemes that come nearest to the lists of a document that are served whole."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the effective document; the schemes at its root count before the styles."""
        self._document = document
        self._finder = ListFinder(document)

    def is_meant(self, operation: Operation) -> bool:
        """Tell whether an `x-list` says that a list is served whole."""
        spec = self._spec(operation)
        return spec.get(EXTENSION) is False or operation.scheme is not None

    def near(self, operation: Operation) -> NearScheme | None:
        """Return the scheme that comes nearest to a list; None where none is near."""
        found = self._nearest_of_document(operation)
        return found if found is not None and _nearness(found)[0] else near_style(operation)

    def nearest(self, operation: Operation) -> NearScheme | None:
        """Return the scheme that comes nearest, though nothing of it be there; None for none."""
        return self.near(operation) or self._nearest_of_document(operation)

    def lack(self, operation: Operation) -> str:
        """Return what a list lacks of the nearest scheme; empty where none is near."""
        near = self.near(operation)
        if near is None:
            return ""
        return f"for the nearest scheme, of style {near.style}, it lacks {_and(near.missing)}"

    def _nearest_of_document(self, operation: Operation) -> NearScheme | None:
        return max(self._of_document(operation), key=_nearness, default=None)

    def _of_document(self, operation: Operation) -> Iterator[NearScheme]:
        query = operation.query_schemas
        said = {".".join(place) for place in operation.convention.response.values()}
        lacks = self._finder.lacking(self._spec(operation), ("paths", operation.template, "get"))
        for scheme, missing in zip(self._finder.schemes, lacks, strict=True):
            request = {role: name for role, name in scheme.request.items() if name in query}
            response = {role: path for role, path in scheme.response.items() if path in said}
            way = way_of(scheme.style, scheme.request)
            if way is not None and missing:
                yield NearScheme(scheme.style, way, request, response, tuple(missing), scheme=scheme)

    def _spec(self, operation: Operation) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._document["paths"][operation.template]["get"]
        return found


def _and(phrases: Sequence[str]) -> str:
    """Return phrases with commas, and with `and` before the last."""
    *others, last = phrases
    return f"{', '.join(others)} and {last}" if others else last


def _nearness(near: NearScheme) -> tuple[bool, int, int]:
    """Return whether anything of a scheme is there, how little is missing, and how much is there."""
    there = len(near.request) + len(near.response)
    return there > 0, -len(near.missing), there


def near_style(operation: Operation) -> NearScheme | None:
    """Return the style that comes nearest to a list that is served whole; None where none is near."""
    asked, convention = Asked(operation.template, operation.query_schemas), operation.convention
    limits = asked.candidates(roles.LIMIT)
    request = {roles.LIMIT: limits[0]} if limits else {}
    response = {role: ".".join(place) for role, place in convention.response.items()}
    for role in (roles.PAGE, roles.OFFSET, roles.AFTER):
        named = [name for name in asked.candidates(role) if name not in limits]
        if named:
            style = roles.CURSOR if role == roles.AFTER else role
            found, missing = {**request, role: named[0]}, _lacking_way(asked, role, named[0])
            is_fit = role != roles.AFTER or asked.takes_text(named[0])
            return NearScheme(style, role, found, response, missing, is_fit)
    for said, style, role in _STYLES:
        if said in response:
            return NearScheme(style, role, request, response, (_PHRASES[role],))
    if not request:
        return None
    return NearScheme(roles.BY_PAGE, roles.PAGE, request, response, (_PHRASES[roles.PAGE],))


def _lacking_way(asked: Asked, role: str, name: str) -> tuple[str, ...]:
    """Return what keeps a parameter that is there from leading on."""
    if role == roles.AFTER and not asked.takes_text(name):
        return (f"a type of '{name}' that admits any text, or a field of the records that fits it",)
    if role == roles.AFTER:
        return ("a member of the answer, or a header, that says how to go on",)
    return (f"a name of '{name}' that means nothing else",)


def may_page(name: str) -> bool:
    """Tell whether a parameter is named like one by which lists page, e.g. `per_page`."""
    return any(plain(name) in words for words in built_in().request.values())
