"""The records of the starting data: those of fixture files, and generated ones that hold together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import Any

from mock_server.data import generator, text_style
from mock_server.data.bonds import Bonds
from mock_server.data.line_totals import LineTotals
from mock_server.data.linking import Linker
from mock_server.data.nesting import Nesting
from mock_server.data.records import OWN_ACCOUNT, Record, RecordSchema
from mock_server.data.shares import Shares
from mock_server.data.starting_keys import GeneratedKeys, GivenKeys, Keys
from mock_server.data.traits import NO_TRAITS, Traits
from mock_server.data.variety import Variety
from mock_server.openapi.effects import Resource
from mock_server.openapi.record_links import LinkMember, Links
from mock_server.openapi.schema import member_of, members_of

# The most records of a collection that are kept when they were made for the sums that others have of
# them.
_KEPT = 5_000
# Of so many parents, the lines of one come to nothing.
_SUMS_OF_ZERO = 10


@dataclass(frozen=True)
class Origin:
    """Where the records of a collection come from.

    - `count`: how many are generated; of a nested collection, those of its parents say it
    - `given`: those of fixture files; None for none
    """

    resource: Resource
    schema: RecordSchema
    count: int
    given: Sequence[Record] | None = None


class StartingRecords:
    """The records of all collections, each made when it is asked for; any thread may ask.

    A collection is made from its own schema, from the keys of those that its records link to, and from
    the records that it has sums of. Members that no answer shows stand among the others.
    """

    def __init__(
        self,
        origins: Mapping[str, Origin],
        seed: int,
        find_traits: Callable[[], Mapping[str, Traits]] = dict,
    ) -> None:
        """Take the origins of the records by the names of their collections.

        `find_traits` returns what the records of some collections must be like.
        """
        self._find_traits = find_traits
        self._origins = origins
        self._resources = {name: origin.resource for name, origin in origins.items()}
        self._seed = seed
        self._lock = RLock()
        self._keys: dict[str, Keys] = {}
        self._nestings: dict[str, Nesting | None] = {}
        self._samples: dict[str, _Sample] = {}
        self._finished: dict[str, list[Any]] = {}
        self._varieties: dict[str, Variety] = {}

    def count(self, name: str) -> int:
        """Return the number of the records of a collection."""
        origin = self._origins[name]
        if origin.given is not None:
            return len(origin.given)
        nesting = self._nesting(name)
        return origin.count if nesting is None else nesting.count

    def records(self, name: str) -> Iterator[Any]:
        """Yield the records of a collection, linked to others and summed up, in their order."""
        origin = self._origins[name]
        if origin.given is not None:
            yield from origin.given
        elif name in self._finished:
            yield from self._finished[name]
        elif self.count(name) <= _KEPT and name in self._totals.collections:
            # Made for their sums, and again for themselves.
            yield from self._finished.setdefault(name, list(self._made(origin)))
        else:
            yield from self._made(origin)

    def _made(self, origin: Origin) -> Iterator[Any]:
        name, key = origin.resource.name, origin.resource.key or ""
        linker = Linker(origin.resource, Links(origin.schema.schema, self._bonds.nouns, name), self)
        sums, shares = self._bonds.sums[name], self._shares(origin.resource)
        for index, record in enumerate(self._own_records(name)):
            if isinstance(record, dict):
                with self._lock:
                    linker.link(record, index, self._above(name, index))
                    sums.own.work_out(record)
                    if shares is not None:
                        shares.give(record, index)
                    self._totals.add_up(record, record.get(key), sums)
            yield record

    def _shares(self, resource: Resource) -> Shares | None:
        """Return what gives records their shares of what those above them state in fixture files."""
        nesting, parent = self._nesting(resource.name), resource.parent
        given = None if nesting is None or parent is None else self._origins[parent.collection].given
        if given is None or nesting is None:
            return None
        return Shares(self._bonds, resource, given, nesting)

    def key(self, name: str, index: int) -> Any:
        """Return the key of the record of a collection at an index; None where there is none."""
        with self._lock:
            return self._keys_of(name).at(index)

    def record(self, name: str, index: int) -> Record:
        """Return the plain members of a record, those that are no objects and no lists."""
        with self._lock:
            if name not in self._samples:
                given = self._origins[name].given
                self._samples[name] = _Sample(self._own_records(name) if given is None else iter(given))
            return self._samples[name].at(index)

    def siblings(self, name: str, above: Mapping[str, int]) -> range:
        """Return the numbers of the records that are nested in one of those above; else of all."""
        nesting, parent = self._nesting(name), self._resources[name].parent
        if nesting is None or parent is None or parent.collection not in above:
            return range(self.count(name))
        return nesting.of_parent(above[parent.collection])

    def _own_records(self, name: str) -> Iterator[Any]:
        """Yield the records of a collection as its schema has them, with their own keys and parents'."""
        made = generator.generate(self._origins[name].schema, self.count(name), self._seed)
        variety, parent_key = self._variety(name), self._parent_key(name)
        for index, record in enumerate(made):
            if isinstance(record, dict):
                with self._lock:
                    # The vocabulary's records are varied already.
                    is_made = name == generator.USAGE_METRICS
                    varied = record if is_made else variety.vary(record, index)
                    self._name(varied, name, index, parent_key)
                    self._empty(varied, name, index)
                yield varied
            else:
                yield record

    def _variety(self, name: str) -> Variety:
        """Return what varies the records of a collection, but for their keys, links and sums."""
        if name not in self._varieties:
            origin, sums = self._origins[name], self._bonds.sums[name]
            links = Links(origin.schema.schema, self._bonds.nouns, name)
            filled = [n for n, part in members_of(origin.schema.schema).items() if "x-fill" in part]
            parent = [] if origin.resource.parent is None else [origin.resource.parent.field]
            fixed = [*origin.schema.keys, *parent, *sums.members, *filled]
            linked = [each for each in links.members if each not in fixed]
            traits = self._traits.get(name, NO_TRAITS)
            self._varieties[name] = Variety(origin.schema, traits, self._seed, fixed, linked)
        return self._varieties[name]

    def _name(self, record: Record, name: str, index: int, parent_key: LinkMember | None) -> None:
        """Give a record its key, which is made apart, and that of its parent."""
        origin = self._origins[name]
        key, parent = origin.resource.key, origin.resource.parent
        # What the vocabulary makes has the same key already, and so has what `x-fill` gives.
        is_same = name == generator.USAGE_METRICS or key == origin.schema.id_field
        if key in record and (not is_same or name in self._bonds.accounts):
            record[key] = self._keys_of(name).at(index)
        nesting = self._nesting(name)
        if nesting is not None and parent is not None and parent_key is not None:
            value = self.key(parent.collection, nesting.parent_of(index))
            written = parent_key.written(value)
            record[parent.field] = value if written is None else written

    def _empty(self, record: Record, name: str, index: int) -> None:
        """Let the lines of some parents come to nothing, whose sums are zero then."""
        nesting = self._nesting(name)
        if nesting is None or nesting.parent_of(index) % _SUMS_OF_ZERO != _SUMS_OF_ZERO - 1:
            return
        for field in self._bonds.terms(name) if name in self._totals.collections else ():
            zero = text_style.zero_like(record.get(field))
            if zero is not None:
                record[field] = zero

    def _parent_key(self, name: str) -> LinkMember | None:
        """Return what is known of the member that has the parent's key."""
        parent = self._resources[name].parent
        if parent is None or self._nesting(name) is None:
            return None
        schema = {} if parent.is_kept else member_of(self._origins[name].schema.schema, parent.field)
        return LinkMember(self._resources[parent.collection], schema)

    def _keys_of(self, name: str) -> Keys:
        if name not in self._keys:
            origin = self._origins[name]
            key = origin.resource.key or ""
            if origin.given is not None:
                self._keys[name] = GivenKeys(origin.given, key)
            else:
                first = OWN_ACCOUNT if name in self._bonds.accounts else None
                count = self.count(name)
                self._keys[name] = GeneratedKeys(origin.schema, key, count, self._seed, first)
        return self._keys[name]

    def _nesting(self, name: str) -> Nesting | None:
        """Return how a collection is nested; None at the top."""
        if name not in self._nestings:
            parent, made = self._resources[name].parent, None
            if parent is not None and parent.collection in self._origins:
                # None meanwhile, so that a circle of parents ends.
                self._nestings[name] = None
                made = Nesting(self.count(parent.collection), f"{self._seed}/{name}")
            self._nestings[name] = made
        return self._nestings[name]

    def _above(self, name: str, index: int) -> Mapping[str, int]:
        """Return the numbers of the records that one is nested in, by their collections."""
        found: dict[str, int] = {}
        nesting, parent = self._nesting(name), self._resources[name].parent
        while nesting is not None and parent is not None and parent.collection not in found:
            index = found[parent.collection] = nesting.parent_of(index)
            nesting = self._nesting(parent.collection)
            parent = self._resources[parent.collection].parent
        return found

    @cached_property
    def _traits(self) -> Mapping[str, Traits]:
        return self._find_traits()

    @cached_property
    def _bonds(self) -> Bonds:
        return Bonds(self._resources)

    @cached_property
    def _totals(self) -> LineTotals:
        rules = [rule for sums in self._bonds.sums.values() for rule in sums.lines.values()]
        return LineTotals(self.records, rules)


class _Sample:
    """The plain members of the first records of a collection, made as far as they are asked for."""

    def __init__(self, records: Iterator[Any]) -> None:
        self._records = records
        self._known: list[Record] = []

    def at(self, index: int) -> Record:
        while len(self._known) <= index:
            self._known.append(_plain(next(self._records, None)))
        return self._known[index]


def _plain(record: Any) -> Record:
    if not isinstance(record, dict):
        return {}
    return {name: value for name, value in record.items() if not isinstance(value, dict | list)}
