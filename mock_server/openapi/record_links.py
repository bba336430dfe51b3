"""Record links: the members of records, and of bodies, that have the key of another record.

They are those named after a collection, e.g. `customerId`, `customer_id` and `customerIds` for
`customers`; those that `x-refers` marks; and the key in an object named so, e.g. `customer: {id, name}`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.effects import Resource
from mock_server.openapi.nouns import Nouns
from mock_server.openapi.schema import Schema, alternatives, kinds_of, member_of
from mock_server.openapi.schema_access import WRITE_ONLY, is_marked
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.schema_merging import merge_all_of

REFERS = "x-refers"

# How deep links are looked for in a value, which may be made by others, and how many parts of a schema
# are remembered.
_DEEPEST, _PARTS = 20, 5_000
# How many parts are looked through for all that a value may link to: bodies have some tens.
_SOUGHT = 300

# What items are described by where nothing describes them.
_NOTHING: Schema = {}

# Where a member stands in a value, e.g. `("lines", 0, "productId")`.
Place = tuple[str | int, ...]


class Link(NamedTuple):
    """A member that has the key of a record, or will have one.

    - `holder`, `name`: the object or the list that it stands in, and its name or its place there
    - `place`: where that is in the whole value
    - `member`: what is known of it, the same for all records
    """

    holder: Any
    name: str | int
    place: Place
    member: LinkMember

    @property
    def target(self) -> Resource:
        """Return the collection of the record that it has the key of."""
        return self.member.target

    @property
    def value(self) -> Any:
        """Return the key that stands there; None for none."""
        return self.holder.get(self.name) if isinstance(self.holder, dict) else self.holder[self.name]


class LinkMember:
    """A member of a schema that has the key of a record.

    - `target`: the collection of that record
    - `schema`: that of the key
    - `shown`: the merged schema of the object that has the key, where it shows the record itself, e.g.
      with its name; None for the key alone
    - `is_marked`: whether `x-refers` says so, and not the name
    - `by`: the member of that record whose value it has; None for its key
    - `copies`: the members beside it that are members of that record, by their names
    """

    def __init__(
        self,
        target: Resource,
        schema: Schema,
        shown: Schema | None = None,
        mark: Mapping[str, Any] | None = None,
    ) -> None:
        self.target = target
        self.schema = schema
        self.shown = shown
        self.is_marked = mark is not None
        self.by: str | None = (mark or {}).get("by")
        self.copies: Mapping[str, str] = (mark or {}).get("copies", {})
        self._members: dict[str, CompiledSchema] = {}

    @cached_property
    def _compiled(self) -> CompiledSchema:
        return CompiledSchema(self.schema, WRITE_ONLY)

    def written(self, key: Any) -> Any:
        """Return a key as the schema admits it, e.g. as a text; None where it does not."""
        readings = [key, str(key)]
        if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 16:
            readings.append(int(key))
        return next((each for each in readings if self._compiled.is_valid(each)), None)

    def admits(self, name: str, value: Any) -> bool:
        """Tell whether a member of the object that shows the record may have a value."""
        if name not in self._members:
            self._members[name] = CompiledSchema(member_of(self.shown or {}, name), WRITE_ONLY)
        return self._members[name].is_valid(value)


class Links:
    """Finds the links in the records, or the bodies, of one schema.

    What is known of a part is found at its first use, since a schema may contain itself.
    """

    def __init__(self, schema: Schema, nouns: Nouns, near: str, marks: Schema | None = None) -> None:
        """Take a schema, and the name of the collection that its values belong to.

        `marks` is another schema of the values, whose marks count too; None for none.
        """
        self._nouns = nouns
        self._near = near
        self._parts: dict[tuple[int, ...], _Part] = {}
        self._root = self._part([schema] if marks is None else [schema, marks])

    def find(self, value: Any) -> Iterator[Link]:
        """Yield the links of a record, in its order."""
        return self._find(value, self._root, ())

    @property
    def members(self) -> list[str]:
        """Return the names of the schema's own members that link, or hold what does by its name."""
        return [name for name, each in self._members(self._root).items() if each.link is not None]

    def every_target(self) -> Mapping[str, Resource]:
        """Return the collections that a value may link to, by their names; the outer parts first."""
        links = (each.link for part in self._reachable for each in self._members(part).values())
        return {link.target.name: link.target for link in links if link is not None}

    @cached_property
    def show_others(self) -> bool:
        """Whether an object with a link may show what the record has that it leads to."""
        links = (each.link for part in self._reachable for each in self._members(part).values())
        may_show = any(link.shown is not None or link.copies for link in links if link is not None)
        return may_show or len(self._reachable) == _SOUGHT

    @cached_property
    def _reachable(self) -> Sequence[_Part]:
        return self._parts_within(self._root)

    def _parts_within(self, outer: _Part) -> Sequence[_Part]:
        """Return the parts that a part may have, itself and the outer ones first; the first 300."""
        found = {id(outer): outer}
        waiting = deque(found.values())
        while waiting and len(found) < _SOUGHT:
            part = waiting.popleft()
            members = self._members(part).values()
            for inner in (self._items(part), *(each.part for each in members)):
                if id(inner) not in found and len(found) < _SOUGHT:
                    found[id(inner)] = inner
                    waiting.append(inner)
        return list(found.values())

    def _may_link(self, part: _Part) -> bool:
        """Tell whether a part, or one within it, may link to a record."""
        if part.may_link is None:
            within = self._parts_within(part)
            links = (each.link for inner in within for each in self._members(inner).values())
            part.may_link = len(within) == _SOUGHT or any(link is not None for link in links)
        return part.may_link

    def _find(self, value: Any, part: _Part, place: Place) -> Iterator[Link]:
        if len(place) > _DEEPEST:
            return
        if isinstance(value, list):
            items = self._items(part)
            for number, item in enumerate(value):
                if isinstance(item, dict | list):
                    yield from self._find(item, items, (*place, number))
        elif isinstance(value, dict):
            members = self._members(part)
            for name, inner in value.items():
                member = members.get(name)
                if member is not None:
                    if member.link is not None:
                        yield from _links_of(value, name, member, member.link, (*place, name))
                    if isinstance(inner, dict | list) and self._may_link(member.part):
                        yield from self._find(inner, member.part, (*place, name))

    def _part(self, schemas: Sequence[Schema]) -> _Part:
        """Return what is known of the parts with any of these schemas, by their identities."""
        key = tuple(map(id, schemas))
        known = self._parts.get(key)
        if known is None:
            known = _Part(tuple(schemas))
            if len(self._parts) < _PARTS:
                self._parts[key] = known
        return known

    def _members(self, part: _Part) -> Mapping[str, _Member]:
        if part.members is None:
            described = part.described().items()
            part.members = {name: self._member(name, each, part) for name, each in described}
        return part.members

    def _items(self, part: _Part) -> _Part:
        if part.items is None:
            found: list[Schema] = []
            for each in part.alternatives:
                _add_once(found, each.get("items", _NOTHING))
            part.items = self._part(found)
        return part.items

    def _member(self, name: str, schemas: Sequence[Schema], owner: _Part) -> _Member:
        part = self._part(schemas)
        if any("x-fill" in each or is_marked(each, WRITE_ONLY) for each in part.alternatives):
            return _Member(part)
        mark = next((each[REFERS] for each in part.alternatives if REFERS in each), None)
        if isinstance(mark, dict):
            target = self._nouns.resources.get(str(mark.get("collection")))
            is_list = any("array" in kinds_of(each) for each in part.alternatives)
        else:
            mark = None
            target, is_list = self._nouns.named(name, self._near)
            if owner is self._root:
                parent = self._nouns.parent_of(self._near, name)
                target = parent or target or self._nouns.further.get((self._near, name))
        if target is not None:
            linked = self._items(part) if is_list else part
            shown = owner.schema if name == target.key else None
            return _Member(part, LinkMember(target, linked.schema, shown, mark), is_list=is_list)
        target = self._nouns.find(plain(name), self._near)
        key = [] if target is None else part.described().get(target.key or "", [])
        if target is None or not key:
            return _Member(part)
        return _Member(part, LinkMember(target, self._part(key).schema, part.schema), is_object=True)


def _add_once(schemas: list[Schema], schema: Any) -> None:
    if isinstance(schema, dict) and not any(schema is each for each in schemas):
        schemas.append(schema)


def _links_of(
    holder: dict[str, Any], name: str, member: _Member, link: LinkMember, place: Place
) -> Iterator[Link]:
    """Yield the links that one member of an object is or has, its own members aside."""
    value = holder[name]
    if member.is_object:
        if isinstance(value, dict):
            key = link.target.key or ""
            yield Link(value, key, (*place, key), link)
    elif member.is_list:
        for number, item in enumerate(value if isinstance(value, list) else ()):
            if _is_key(item):
                yield Link(value, number, (*place, number), link)
    elif value is None or _is_key(value):
        yield Link(holder, name, place, link)


def _is_key(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


class _Part:
    """What is known of an object or a list in a value: its schemas, of which any may count."""

    def __init__(self, schemas: tuple[Schema, ...]) -> None:
        self._schemas = schemas
        # By their names; None until they are looked for, as all below.
        self.members: Mapping[str, _Member] | None = None
        self.items: _Part | None = None
        self.may_link: bool | None = None

    @cached_property
    def schema(self) -> Schema:
        """The schema that admits what any of them admits, merged."""
        merged = [merge_all_of(each) for each in self._schemas]
        return merged[0] if len(merged) == 1 else {"anyOf": list(self._schemas)} if merged else {}

    @cached_property
    def alternatives(self) -> Sequence[Schema]:
        """The schemas, and their branches, each merged."""
        return alternatives(self.schema)

    def described(self) -> Mapping[str, Sequence[Schema]]:
        """Return the schemas of its members by their names."""
        found: dict[str, list[Schema]] = {}
        for each in self.alternatives:
            for name, schema in each.get("properties", {}).items():
                _add_once(found.setdefault(name, []), schema)
        return found


class _Member(NamedTuple):
    """What is known of a member, and how it links to a record; None where it does not.

    `is_list` tells that it has the keys of several records, `is_object` that a member of it has the key.
    """

    part: _Part
    link: LinkMember | None = None
    is_list: bool = False
    is_object: bool = False
