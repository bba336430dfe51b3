"""Making the records of a collection by its schema and its example, as far as both fit each other."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from mock_server.data import text_style
from mock_server.data.branch_choice import NO_GUIDE
from mock_server.data.records import RecordSchema
from mock_server.data.schema_maker import ABSENT, SchemaMaker, Ways
from mock_server.data.spot import Spot

# The numbers of the records that are tried, and how often something else is.
_SAMPLE = (0, 1, 2, 5)
_ROUNDS = 10
# The most flaws of one record that are looked at.
_FLAWS = 30
# How many records are checked, and how often one is made anew that is not valid.
_CHECKED, _TURNS = 40, 8


class RecordMaker:
    """Makes the records of one collection; which ways it takes was tried once, with seed 0."""

    def __init__(self, schema: RecordSchema) -> None:
        self._schema = schema
        self._guides = schema.guides() or [NO_GUIDE]
        self._maker = SchemaMaker()
        # How the members are made, by name; None stands for the record as a whole.
        self._ways: Counter[str | None] = Counter()
        # Whether one of the first records was not valid at once.
        self._has_invalid = False
        self._settle()

    def record(self, seed: int, index: int, attempt: int = 0) -> Any:
        """Return the record at an index of the collection; an attempt above 0 gives another id.

        One of the first records that is not valid is made anew, by other draws and branches; and so are
        all others, where one was not. The first one stays, where none is valid.
        """
        first = made = self._record(seed, index, attempt, 0)
        if index >= _CHECKED and not self._has_invalid:
            return first
        for turn in range(1, _TURNS):
            if self._is_valid(made, index):
                return made
            self._has_invalid = True
            made = self._record(seed, index, attempt, turn)
        return made if self._is_valid(made, index) else first

    def _is_valid(self, made: Any, index: int) -> bool:
        return self._schema.is_valid(self._schema.complete(made, index))

    def _record(self, seed: int, index: int, attempt: int, turn: int) -> Any:
        guide = self._guides[index % len(self._guides)]
        collection = self._schema.collection
        spot = Spot(f"{seed}/{collection}", index, _noun(collection), attempt=attempt, turn=turn)
        ways = Ways(self._ways, self._schema.keys, self._schema.rising)
        made = self._maker.make(self._schema.schema, guide, spot, ways)
        is_free = isinstance(made, str) and not self._schema.schema.get("enum")
        if is_free and made == guide and not self._ways[None]:
            return text_style.numbered(made, index)
        return made

    def _settle(self) -> None:
        """Choose the ways by which the fewest flaws are found in a few records."""
        fewest, ways = None, Counter(self._ways)
        for _ in range(_ROUNDS):
            flawed = self._flawed()
            if fewest is None or flawed.total() < fewest:
                fewest, ways = flawed.total(), Counter(self._ways)
            steps = [name for name in flawed if self._ways[name] < ABSENT]
            if not steps:
                break
            self._ways.update(steps)
        self._ways = ways

    def _flawed(self) -> Counter[str | None]:
        """Return how many flaws a few records have in each member, by its name, and as a whole."""
        flawed: Counter[str | None] = Counter()
        for index in _SAMPLE:
            record = self._schema.complete(self._record(0, index, 0, 0), index)
            for flaw in islice(self._schema.flaws(record), _FLAWS):
                is_member = isinstance(record, dict) and flaw.place
                flawed[str(flaw.place[0]) if is_member else None] += 1
        return flawed


def _noun(collection: str) -> str:
    """Return what the records of a collection are, e.g. `repos` for `orgs/{org}/repos`."""
    return next((part for part in reversed(collection.split("/")) if part and "{" not in part), "item")
