"""The rules of an overlay: what operations do that only a document's prose says, as `x-action` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.openapi.list_rules import Hidden, Sorting
from mock_server.openapi.rule_values import NO_GUARD, Condition, From, Guard, Value

ADD, REPLACE, REMOVE = "add", "replace", "remove"


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Create(NamedTuple):
    """`x-create`: what a new record has before the body says otherwise."""

    set: Mapping[str, Value]


class Subject(NamedTuple):
    """The records that a request names elsewhere than in its path: their collection, and their ids."""

    collection: str
    ids: From


class Action(NamedTuple):
    """`x-action`: what an operation makes of a record.

    - `set`: the members that it gets, by their paths
    - `copies`: whether they are set in a new record like this one
    - `subject`: the records in question where the path does not name the one
    - `answer`: the members of its answer where that is not the record; None where it is
    """

    set: Mapping[str, Value] = _NOTHING
    guard: Guard = NO_GUARD
    copies: bool = False
    subject: Subject | None = None
    answer: Mapping[str, Value] | None = None


class Allow(NamedTuple):
    """`x-allow`: what a record, and the one that it belongs to, must be for a change of it."""

    guard: Guard = NO_GUARD
    parent: tuple[Condition, ...] = ()


class Member(NamedTuple):
    """`x-member`: adds items to a member of a record, replaces them, or removes some.

    - `of`: the member, whose value is a list
    - `verb`: ADD, REPLACE or REMOVE
    - `value`: the items, one or several
    - `key`: the member of an item that is compared; None where items are compared as a whole
    """

    of: str
    verb: str
    value: From
    key: str | None = None
    guard: Guard = NO_GUARD


class Merge(NamedTuple):
    """`x-merge`: makes one record of several, whose nested records it gets.

    - `ids`: the ids of the records
    - `join`: the collections of the nested records that go with them
    - `set`: the members that the new record gets
    """

    ids: From
    join: tuple[str, ...] = ()
    guard: Guard = NO_GUARD
    set: Mapping[str, Value] = _NOTHING


class Through(NamedTuple):
    """The records of another collection that belong to one: those that have its value.

    - `collection`: their collection
    - `own`, `theirs`: the members whose values are equal, e.g. `id` and `customerId`
    - `where`: what else they must be; None for nothing
    """

    collection: str
    own: str
    theirs: str
    where: Condition | None = None


class Find(NamedTuple):
    """`x-find`: which record a path names.

    - `by`: the member that is compared with the path's last parameter, also in lists
    - `of`: the record's collection; None for the nearest one above the path
    - `through`: where the member is one of other records, that belong to it; None for its own
    """

    by: str
    of: str | None = None
    through: Through | None = None


@dataclass(frozen=True)
class Summary:
    """How a view sums records up.

    - `by`: the member that groups them; None for one group of all
    - `count`: the member of the answer that has the number of records; None for none
    - `sum`: by the answer's members, those of the records that are added up
    - `place`: where in the answer the groups are; None for its only list, or for the answer itself
    """

    by: str | None = None
    count: str | None = None
    sum: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    place: str | None = None


class ViewRule(NamedTuple):
    """`x-view`: answers with the records of another collection.

    - `of`: that collection
    - `where`: the values that the records' members must have, e.g. `{customerId: {path: id}}`
    - `members`: by the answer's members, where the record has their values
    - `parent`: the collection of the record that the path names, which must be there; None for none
    - `keys`: the member whose own members' names are answered; None for the records themselves
    - `summary`: None where the records themselves are answered
    """

    of: str
    where: Mapping[str, From] = _NOTHING
    members: Mapping[str, str] = _NOTHING
    parent: str | None = None
    keys: str | None = None
    summary: Summary | None = None

    @property
    def sums_up(self) -> bool:
        """Tell whether sums of the records are answered, or names in them, and not the records."""
        return self.summary is not None or self.keys is not None


class ParentRule(NamedTuple):
    """`x-parent`: which member of nested records has the parent's key.

    - `field`: the member, e.g. `invoiceId`; None for the name of the path's parameter
    - `is_kept`: whether it is kept beside the records, whose schema lacks it
    """

    field: str | None = None
    is_kept: bool = False


class Idempotency(NamedTuple):
    """`x-idempotency`: a request whose header has the same value is answered as the first one."""

    header: str
    seconds: int


class Rate(NamedTuple):
    """`x-rate`: how many requests are answered in so many seconds, e.g. `12000/60`."""

    requests: int
    seconds: int


class Rules(NamedTuple):
    """What an overlay says of one operation.

    - `mapped`: `x-map`, by the body's members, where the record has their values
    - `content`: `x-content`, the media type of the answer
    - `upsert`: the member by which a new record replaces the one that has its value
    - `unique`: the members whose values no two records share
    """

    create: Create | None = None
    action: Action | None = None
    allow: Allow | None = None
    member: Member | None = None
    merge: Merge | None = None
    find: Find | None = None
    view: ViewRule | None = None
    parent: ParentRule | None = None
    mapped: Mapping[str, str] = _NOTHING
    content: str | None = None
    upsert: str | None = None
    unique: tuple[str, ...] = ()
    idempotency: Idempotency | None = None
    rate: Rate | None = None
    sorting: Sorting | None = None
    hidden: Hidden | None = None

    @property
    def is_said(self) -> bool:
        """Tell whether the overlay says anything of the operation."""
        return self != NO_RULES


NO_RULES = Rules()


class LineSum(NamedTuple):
    """`x-sum` of lines: the sum of a member of the records of another collection.

    - `field`: what is added up, e.g. `netTotal`
    - `of`: the collection, e.g. `invoices/{invoice}/line-items`
    - `by`: the member of those that has the key of this one, e.g. `invoiceId`
    """

    field: str
    of: str
    by: str


class Arithmetic(NamedTuple):
    """`x-sum` of one record: what its own members come to.

    - `operator`: `multiply`, `add` or `subtract`
    - `fields`: the members, e.g. `("quantity", "rate")`
    - `is_percent`: whether the last of them is in percent
    """

    operator: str
    fields: tuple[str, ...]
    is_percent: bool = False
