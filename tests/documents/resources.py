"""Measure how the operations of a document hold together, over a real connection.

`python -m tests.documents.resources DOCUMENT [--overlay NAME] [--also DOCUMENT] [calls] [lives] [filters] [data] [states]`
serves a document, that of another version beside it where one is named, and

- calls each operation with valid parameters and the document's own example, on a record for which it is allowed;
- follows the life of a record of each collection, from its creation until it is gone;
- tries each parameter that filters or sorts with values of the records;
- looks whether the starting data hold together;
- calls each action in all states of its records.

It prints what it found, and the numbers that were right.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.documents.account import Account
from tests.documents.answers import Judge
from tests.documents.calls import Call, call_each
from tests.documents.described import Operation, operations
from tests.documents.filters import Tried, try_filters
from tests.documents.lives import Life, live_each
from tests.documents.published import Published
from tests.documents.serving import Served, serving
from tests.documents.states import Acted, act_on_each
from tests.documents.subjects import Subjects
from tests.documents.together import Held, look_at_each

PARTS = ("calls", "lives", "filters", "data", "states")


@dataclass
class Measured:
    """What was found; empty lists for parts that were not asked for."""

    calls: list[Call] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    filters: list[Tried] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    acted: list[Acted] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield a table for each part, and its sum."""
        for part in (self.calls, self.lives, self.filters, self.held, self.acted):
            yield from map(str, part)
        yield from self._sums()

    def _sums(self) -> Iterator[str]:
        if self.calls:
            kinds = Counter(each.kind for each in self.calls)
            yield f"OPERATIONS: {kinds['right']} of {len(self.calls)} right; {dict(kinds)}"
        for title, found, said in (
            ("LIVES", [not each.wrong for each in self.lives], "collections hold together"),
            ("FILTERS", [each.is_right for each in self.filters], "parameters have their effect"),
            ("STATES", [not each.wrong for each in self.acted], "operations keep to the states"),
        ):
            if found:
                yield f"{title}: {sum(found)} of {len(found)} {said}"
        if self.held:
            right, wrong = sum(e.right for e in self.held), sum(len(e.wrong) for e in self.held)
            yield f"DATA: {right} references and sums are right, {wrong} are wrong"


class Bench:
    """A served document, with a new account for each thing that is tried."""

    def __init__(self, published: Published, served: Served) -> None:
        self.published = published
        self.operations: list[Operation] = operations(published)
        self.subjects = Subjects(published, self.operations)
        self.judge = Judge(published)
        self._address = served.url.removeprefix("http://")
        self._number = 0

    def account(self) -> Account:
        self._number += 1
        return Account(self._address, f"tried{self._number}", self.published)


def measure(path: Path, *flags: str, parts: tuple[str, ...] = PARTS) -> Measured:
    """Serve a document and return what was found of it."""
    published, found = Published(path), Measured()
    with serving(published, *flags) as served:
        bench = Bench(published, served)
        if "calls" in parts:
            found.calls = list(call_each(bench))
        if "lives" in parts:
            found.lives = list(live_each(bench))
        if "filters" in parts:
            with closing(bench.account()) as account:
                found.filters = list(try_filters(bench, account))
        if "states" in parts:
            found.acted = list(act_on_each(bench))
        if "data" in parts:
            with closing(bench.account()) as account:
                found.held = list(look_at_each(bench, account))
    return found


def main() -> None:
    """Print what is found of a document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document", type=Path)
    parser.add_argument("--overlay")
    parser.add_argument("--also", action="append", default=[], help="serve this document's version too")
    parser.add_argument("parts", nargs="*", default=PARTS)
    given = parser.parse_intermixed_args()
    flags = ["--overlay", given.overlay] if given.overlay else []
    flags += [word for each in given.also for word in ("--document", each)]
    for line in measure(given.document, *flags, parts=tuple(given.parts)).lines():
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
