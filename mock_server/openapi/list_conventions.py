"""Conventions of lists: a scheme with the parameters and the members of one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.lists import convention, roles
from mock_server.lists.built_in_schemes import built_in
from mock_server.lists.convention import Convention
from mock_server.lists.convention import Place as AnswerPlace
from mock_server.lists.scheme import OVERS, Scheme
from mock_server.openapi.list_answers import Answer, Items, Member
from mock_server.openapi.list_envelope import constants
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.paging_parameters import with_own_way
from mock_server.openapi.schema import members_of

# What leads to another page, and may be missing.
_LEADING = (roles.NEXT, roles.NEXT_URL, roles.PREVIOUS, roles.PREVIOUS_URL)


class Candidate(NamedTuple):
    """What may be a list: an alternative of its answer, the records in it, and what a request takes."""

    answer: Answer
    items: Items
    asked: Asked


def make_convention(
    scheme: Scheme, candidate: Candidate, request: Mapping[str, str], told: Mapping[str, Member]
) -> Convention:
    """Return the convention of a scheme with these parameters and members, by their roles."""
    places = {role: member.place for role, member in told.items()}
    edge_ids = _edge_ids(scheme, candidate.answer, {candidate.items.place, *places.values()})
    edges = {role: member.place for role, member in edge_ids.items()}
    taken = {candidate.items.place, *places.values(), *edges.values()}
    return Convention(
        style=scheme.style,
        items=candidate.items.place,
        request=with_own_way(scheme.style, request, told, candidate.asked.query),
        response=places,
        headers=dict(scheme.headers),
        cursor=scheme.cursor,
        end=scheme.end or _end(told),
        first=_first(scheme, candidate.asked, request, told),
        default_limit=scheme.limit_default or _default_limit(scheme, candidate.items),
        maximum_limit=_maximum_limit(scheme, candidate, request),
        clamps=scheme.over == OVERS[1],
        envelope=constants(candidate.answer, taken, candidate.asked),
        members=_described({**told, **edge_ids}, candidate.asked, is_null=scheme.end == roles.NULL),
        order=tuple(_order(candidate.answer, taken)),
        nullable=frozenset(_nullable(candidate.answer, told)),
        other_limit=candidate.asked.other_limit(request),
        edge_ids=edges,
    )


def _edge_ids(scheme: Scheme, answer: Answer, taken: set[AnswerPlace]) -> dict[str, Member]:
    """Return the members that name a page's first and last record, where their ids are the cursors."""
    if scheme.cursor is None:
        return {}
    names = built_in().names
    words = {roles.FIRST_RECORD: names["first_records"], roles.LAST_RECORD: names["last_records"]}
    return {
        role: member
        for role, known in words.items()
        for word, member in answer.telling.items()
        if word in known and member.place not in taken
    }


def _default_limit(scheme: Scheme, items: Items) -> int:
    limit = convention.WHOLE if scheme.style == roles.NONE else convention.DEFAULT_LIMIT
    return min(limit, _most_items(items) or limit)


def _maximum_limit(scheme: Scheme, candidate: Candidate, request: Mapping[str, str]) -> int:
    """Return the greatest limit: the lesser of the scheme's and the parameter's, if there is one.

    Else it is the array's, and never more than this server's.
    """
    schema = candidate.asked.query.get(request.get(roles.LIMIT, ""), {})
    stated: list[Any] = [schema["maximum"]] if "maximum" in schema else list(schema.get("enum", ()))
    sizes = [int(each) for each in stated if type(each) in (int, float) and abs(each) < 10**15]
    own = min(_most_items(candidate.items) or convention.MAXIMUM_LIMIT, convention.MAXIMUM_LIMIT)
    return min(filter(None, (scheme.limit_maximum, max(sizes, default=0))), default=own)


def _most_items(items: Items) -> int | None:
    """Return how many records the array in the answer has at most; None where it does not say."""
    most: Any = items.schema.get("maxItems")
    return most if type(most) is int and most > 0 else None


def _end(told: Mapping[str, Member]) -> str:
    """Return what stands where no page follows: null where the answer's schema admits it."""
    leading = [told[role] for role in _LEADING if role in told]
    return roles.NULL if any(each.is_nullable for each in leading) else roles.OMIT


def _first(scheme: Scheme, asked: Asked, request: Mapping[str, str], told: Mapping[str, Member]) -> int:
    """Return the number of the first page: the scheme's, the parameter's default, or the example's.

    Of an offset it is the scheme's, or 0.
    """
    if scheme.first is not None:
        return scheme.first
    if roles.PAGE not in request:
        return 0 if roles.OFFSET in request else 1
    default = asked.query[request[roles.PAGE]].get("default")
    if default in (0, 1) and not isinstance(default, bool):
        return int(default)
    return asked.first_of_example(told.get(roles.PAGE))


def _described(
    told: Mapping[str, Member], asked: Asked, *, is_null: bool
) -> dict[str, convention.Member]:
    """Return what an answer says of its members, by role.

    A URL without an example, such as that of a page before the first, is written as the others are.
    `is_null` says that what leads to no page is null, whatever the schema says: `end: null`.
    """
    relative = {role: asked.is_relative(member) for role, member in told.items()}
    is_relative = any(relative.values())
    return {
        role: _member(
            member,
            is_relative=is_relative if relative[role] is None else bool(relative[role]),
            is_nullable=member.is_nullable or (is_null and role in _LEADING),
        )
        for role, member in told.items()
    }


def _member(member: Member, *, is_relative: bool, is_nullable: bool) -> convention.Member:
    minimum = member.schema.get("minimum")
    return convention.Member(
        kinds=member.kinds,
        is_required=member.is_required,
        is_nullable=is_nullable,
        is_href="object" in member.kinds and "href" in members_of(member.schema),
        is_relative=is_relative,
        minimum=minimum if isinstance(minimum, int | float) else None,
    )


def _order(answer: Answer, taken: set[AnswerPlace]) -> Iterator[AnswerPlace]:
    """Yield the places at the top, and those in objects that something fills, as the schema has them."""
    for name, member in answer.members.items():
        yield (name,)
        if any(place[:1] == (name,) and len(place) > 1 for place in taken):
            yield from ((name, inner) for inner in members_of(member.schema))


def _nullable(answer: Answer, told: Mapping[str, Member]) -> Iterator[AnswerPlace]:
    """Yield the objects that tell of another page and nothing else, and that may be null."""
    parents = {member.place[:-1] for member in told.values()} - {()}
    for parent in parents:
        inside = {role for role, member in told.items() if member.place[: len(parent)] == parent}
        holder = answer.at.get(parent)
        if holder is not None and holder.is_nullable and inside <= set(_LEADING):
            yield parent
