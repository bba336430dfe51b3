"""What a list that is served whole lacks of a scheme, in words for those who write an `x-list`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.lists import roles
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.lists.convention import Convention
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.schema import Schema

# The styles by the role that leads on, where an answer tells of it, the surest first.
_STYLES = (
    (roles.PAGE, roles.BY_PAGE, roles.PAGE),
    (roles.OFFSET, roles.BY_OFFSET, roles.OFFSET),
    (roles.NEXT, roles.CURSOR, roles.AFTER),
    (roles.NEXT_URL, roles.CURSOR, roles.AFTER),
    (roles.MORE, roles.CURSOR, roles.AFTER),
)


@dataclass(frozen=True, slots=True)
class NearScheme:
    """The scheme that nearly fits: its style, what of it the operation has, and what it lacks.

    - `way`: the role of the parameter that leads on, which may be missing
    - `missing`: phrases such as `a query parameter for the page's number`
    - `is_fit`: whether an `x-list` may name the parameter that leads on, where it is there
    """

    style: str
    way: str
    request: Mapping[str, str]
    response: Mapping[str, str]
    missing: tuple[str, ...]
    is_fit: bool = True


_PHRASES = {
    roles.AFTER: "a query parameter for the cursor",
    roles.PAGE: "a query parameter for the page's number",
    roles.OFFSET: "a query parameter for the offset",
}


def near_scheme(path: str, query: Mapping[str, Schema], convention: Convention) -> NearScheme | None:
    """Return the scheme that comes nearest to a list that is served whole; None where none is near.

    `query` has the schemas of the query's single values by their names.
    """
    asked = Asked(path, query)
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
