"""Fitting a scheme to an operation: its roles become the operation's own parameters and members."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mock_server.lists import roles
from mock_server.lists.built_in_schemes import Family, built_in, plain
from mock_server.lists.convention import Convention
from mock_server.lists.scheme import AUTO, Scheme
from mock_server.openapi.cursor_fields import cursor_field, field_schema
from mock_server.openapi.list_answers import Answer, Items, Member
from mock_server.openapi.list_conventions import Candidate, make_convention
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.list_roles import FIELD, said_roles
from mock_server.openapi.schema import members_of

# The styles whose positions are opaque, unless the cursor is a field.
_OPAQUE = (roles.CURSOR, roles.TOKEN, roles.BY_URL)

# What only an answer says that tells of pages.
_TELLING = {roles.NEXT, roles.NEXT_URL, roles.MORE, roles.TOTAL, roles.PAGES}


class Fit(NamedTuple):
    """A scheme that fits: the convention that it becomes, and the records.

    `tells_of_pages` says whether the answer tells more of pages than an object of its own might.
    """

    convention: Convention
    items: Items
    tells_of_pages: bool = False


def fit_scheme(scheme: Scheme, answer: Answer, asked: Asked) -> Fit | list[str]:
    """Return how a scheme fits an operation, or what the operation lacks, e.g. `["a parameter 'p'"]`."""
    items = answer.find_items(scheme.items, asked.last_word)
    request = {role: name for role, name in scheme.request.items() if name in asked.query}
    paths = {role: answer.find(path) for role, path in scheme.response.items()}
    told = {role: member for role, member in paths.items() if member is not None}
    dropped = _dropped(scheme, request, told)
    missing = [] if items is not None else [_missing_items(scheme)]
    missing += _missing_roles(scheme, {*request, *dropped}, {*told, *dropped})
    if items is None or missing:
        return missing
    request = {role: name for role, name in request.items() if role not in dropped}
    told = {role: member for role, member in told.items() if role not in dropped}
    missing = _unfit_cursors(scheme, items, asked, request)
    if missing:
        return missing
    made = make_convention(scheme, Candidate(answer, items, asked), request, told)
    return Fit(made, items, bool(told.keys() & _TELLING))


def _missing_items(scheme: Scheme) -> str:
    where = "" if scheme.items == AUTO else f" at '{scheme.items}'"
    return f"an array{where} in its answer"


def _missing_roles(scheme: Scheme, asked: Container[str], told: Container[str]) -> Iterator[str]:
    """Yield what is lacking of a scheme beside the roles of the request and of the answer."""
    for role, name in scheme.request.items():
        if role not in asked:
            yield f"the query parameter '{name}' ({role})"
    for role, path in scheme.response.items():
        if role not in told:
            yield f"'{path}' ({role}) in its answer"


def _dropped(scheme: Scheme, request: Mapping[str, str], told: Mapping[str, Member]) -> set[str]:
    """Return the roles that go together where one is missing: `before`, and what leads back."""
    if roles.BEFORE not in scheme.request:
        return set()
    if roles.BEFORE not in request:
        return {roles.BEFORE, roles.PREVIOUS, roles.PREVIOUS_URL}
    is_lost = roles.PREVIOUS in scheme.response and roles.PREVIOUS not in told
    return {roles.BEFORE, roles.PREVIOUS} if is_lost else set()


def _unfit_cursors(scheme: Scheme, items: Items, asked: Asked, request: Mapping[str, str]) -> list[str]:
    """Return why the parameters for cursors can't take them; empty where they can."""
    names = [request[role] for role in (roles.AFTER, roles.BEFORE) if role in request]
    if scheme.cursor is None:
        if scheme.style not in _OPAQUE:
            return []
        unfit = [name for name in names if not asked.takes_text(name)]
        return [f"a type of the parameter '{name}' that admits any text" for name in unfit]
    known = members_of(items.record_schema)
    if known and scheme.cursor.partition(".")[0] not in known:
        return [f"the field '{scheme.cursor}' in its records"]
    field = known.get(scheme.cursor, {})
    unfit = [name for name in names if not asked.takes_field(name, field)]
    return [f"a type of '{name}' that admits the records' '{scheme.cursor}'" for name in unfit]


def fit_family(family: Family, candidate: Candidate) -> Fit | None:
    """Return how a built-in family of schemes fits an operation; None if it does not."""
    is_opaque = family.style in _OPAQUE and not family.cursor
    for choice in candidate.asked.choices(family, is_opaque=is_opaque):
        fit = _fit_choice(family, candidate, choice)
        if fit is not None:
            return fit
    return None


def _fit_choice(family: Family, candidate: Candidate, choice: Mapping[str, str]) -> Fit | None:
    asked, items = candidate.asked, candidate.items
    field = cursor_field(family, candidate, choice[roles.AFTER]) if family.cursor else None
    if family.cursor and field is None:
        return None
    if field is None and roles.AFTER in choice and _is_filter(choice[roles.AFTER], items):
        return None
    style = FIELD if family.cursor else family.style
    told = said_roles(candidate.answer, items, style, asked)
    for role, words in family.response.items():
        if role not in told or not _is_named(told[role], words):
            return None
    request = dict(choice)
    if roles.LIMIT in request and roles.LIMIT in told:
        request[roles.LIMIT] = asked.repeated(family, request, told[roles.LIMIT])
    if field is None and family.style in _OPAQUE and roles.NEXT in told:
        request[roles.AFTER] = asked.paired(family, told[roles.NEXT].place)
    _add_before(request, candidate, field)
    headers = _headers(family, items, asked)
    scheme = Scheme(style=family.style, cursor=field, headers=headers, first=family.first)
    kept = {role: member for role, member in told.items() if _may_say(role, request, family.style)}
    made = make_convention(scheme, candidate, request, kept)
    return Fit(made, items, bool(told.keys() & _TELLING))


def fit_urls(candidate: Candidate) -> Fit | None:
    """Return how a list fits whose only way on is a URL in its answers; None where it has none."""
    asked = candidate.asked
    told = said_roles(candidate.answer, candidate.items, roles.BY_URL, asked)
    headers = _described_headers(asked, [roles.RFC_8288])
    if roles.NEXT_URL not in told and not headers:
        return None
    kept = {role: each for role, each in told.items() if role not in (roles.NEXT, roles.PREVIOUS)}
    limits = asked.candidates(roles.LIMIT)
    scheme = Scheme(style=roles.BY_URL, headers=headers)
    made = make_convention(scheme, candidate, {roles.LIMIT: limits[0]} if limits else {}, kept)
    return Fit(made, candidate.items, tells_of_pages=roles.NEXT_URL in told)


def _is_filter(name: str, items: Items) -> bool:
    """Tell whether a parameter is rather a filter, since the records have a field of its name."""
    fields = {plain(field) for field in members_of(items.record_schema)}
    return plain(name) in fields and plain(name) not in built_in().names["sure_cursors"]


def _is_named(member: Member, words: Sequence[str]) -> bool:
    names = list(map(plain, member.place))
    pair = ".".join(names[-2:])
    return any(word in (names[-1], pair, f"{names[-1]}.href") for word in words)


def _add_before(request: dict[str, str], candidate: Candidate, field: str | None) -> None:
    """Add the parameter that leads back, where there is one beside that which leads on."""
    if roles.AFTER not in request:
        return
    asked = candidate.asked
    schema = None if field is None else field_schema(candidate.items.record_schema, field)
    for name in asked.candidates(roles.BEFORE):
        fits = asked.takes_text(name) if schema is None else asked.takes_field(name, schema)
        if fits and name not in request.values():
            request[roles.BEFORE] = name
            return


def _may_say(role: str, request: Mapping[str, str], style: str) -> bool:
    """Tell whether an answer can say a role: nothing leads back where no parameter takes it."""
    if role in (roles.PREVIOUS, roles.PREVIOUS_URL) and roles.AFTER in request:
        return roles.BEFORE in request and style != roles.TOKEN
    return True


def _headers(family: Family, items: Items, asked: Asked) -> dict[str, str]:
    """Return what headers say: those that the answer describes, and links beside a bare array.

    An array of numbered pages has no other place to say where the others are.
    """
    found = _described_headers(asked, built_in().headers)
    is_bare = not items.place and family.style in roles.NUMBERED
    is_said = not is_bare or roles.RFC_8288 in found.values()
    links = {} if is_said else {"Link": roles.RFC_8288}
    return {**family.headers, **links, **found}


def _described_headers(asked: Asked, wanted: Iterable[str]) -> dict[str, str]:
    """Return the headers that an answer describes, each with the wanted role that it says."""
    words = built_in().headers
    return {header: role for role in wanted for header in asked.headers if plain(header) in words[role]}


def fit_whole(answer: Answer, items: Items, asked: Asked, schemes: Sequence[Scheme]) -> Fit:
    """Return how a list is served whole: what its answer says of pages is true all the same.

    `schemes` are those of the document, by whose roles the answer may be read too.
    """
    told = said_roles(answer, items, roles.NONE, asked)
    for scheme in schemes:
        for role, path in scheme.response.items():
            member = answer.find(path)
            if member is not None and member.place not in {each.place for each in told.values()}:
                told.setdefault(role, member)
    scheme = Scheme(style=roles.NONE, headers=_described_headers(asked, [roles.TOTAL]))
    return Fit(make_convention(scheme, Candidate(answer, items, asked), {}, told), items)
