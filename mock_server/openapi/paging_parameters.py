"""The parameters of lists whose only way on is a URL in their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mock_server.lists.convention import Convention
from mock_server.lists.roles import AFTER, BEFORE, BY_URL, LIMIT, PREVIOUS_URL
from mock_server.openapi.parameters import Parameter

# What is sent in URLs of pages by lists whose requests have no parameter for a position; of several
# names, the first that the operation does not use otherwise.
_OWN_NAMES = {
    AFTER: ("cursor", "page_cursor", "next_page_cursor"),
    BEFORE: ("back", "page_back", "previous_page_cursor"),
}


def with_own_way(
    style: str, request: Mapping[str, str], said: Iterable[str], taken: Iterable[str]
) -> dict[str, str]:
    """Return the parameters by role, with those that only the URLs in answers have.

    A list by URLs that has no parameter for a position takes one of its own; `said` are the roles of the
    answer, and `taken` the names of the operation's parameters.
    """
    found = dict(request)
    if style != BY_URL or found.keys() - {LIMIT}:
        return found
    used = set(taken)
    roles = (AFTER, BEFORE) if PREVIOUS_URL in said else (AFTER,)
    return found | {role: next(n for n in _OWN_NAMES[role] if n not in used) for role in roles}


def own_parameters(convention: Convention, described: Iterable[Parameter]) -> Iterator[Parameter]:
    """Yield the parameters that a list takes although the document does not describe them."""
    known = {each.name for each in described if each.location == "query"}
    for name in convention.parameters:
        if name not in known:
            yield Parameter(name=name, location="query", required=False, schema={"type": "string"})
