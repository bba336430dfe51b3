"""Filter invariants: what holds of a parameter that filters, and of two of them together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import combinations, product
from urllib.parse import quote

from mock_server.conform.filter_under_test import Criterion, criteria, text
from mock_server.conform.list_under_test import Failed, Item, Subject, Undecidable

# What no record is likely to hold, and what is not in any enum.
_NOTHING = "no-record-holds-this"

# Pairs of values that are tried for two filters.
_PAIRS = 2_000


def require_items(subject: Subject, wanted: Iterable[Item], *query: str) -> None:
    """Raises Failed unless a query finds exactly these records, and counts them right."""
    identities = set(subject.identities(wanted))
    items = subject.matching(*query)
    page = subject.page(*query, f"limit={subject.largest}")
    found = subject.identities(items)
    extra, missing = sorted(set(found) - identities), sorted(identities - set(found))
    if extra or missing or len(found) > len(identities):
        told = f"{len(identities)} records must come, but {len(found)} came"
        told += f", among them {extra[0][:60]}" if extra else ""
        told += f", without {missing[0][:60]}" if missing else ""
        raise Failed(told, page.reply)
    if page.total != len(identities):
        raise Failed(f"the total must be {len(identities)}, but is {page.total}", page.reply)


# Of every filter


def narrows(each: Criterion) -> None:
    """What a filter finds is part of the list, and each item passes by the filter's meaning."""
    subject, value = each.subject, each.telling()
    everything = set(subject.identities(subject.records))
    reply = subject.page(each.query(value), f"limit={subject.largest}").reply
    for item in subject.matching(each.query(value)):
        identity = subject.identity(item)
        if identity not in everything:
            raise Failed(f"the item {identity[:60]} is not in the unfiltered list", reply)
        found = item.get(each.rule.field)
        if not each.passes(None if found is None else text(found), value):
            shown = json.dumps(found, ensure_ascii=False)[:60]
            raise Failed(f"the item {identity[:60]} has the {each.rule.field} {shown}", reply)


def finds(each: Criterion) -> None:
    """Asked for a value of some record, a filter finds every record that passes."""
    for value in dict.fromkeys((each.plain[0], each.plain[-1])):
        require_items(each.subject, each.passing(value), each.query(value))


def nothing(each: Criterion) -> None:
    """Asked for what no record has, a filter finds nothing: no item, a total of 0, no cursors."""
    subject = each.subject
    if not subject.records:
        raise Undecidable("there are no records")
    unused = (value for value in each.allowed or [_NOTHING] if not each.passing(value))
    value = next(unused, None)
    if value is None:
        raise Undecidable(f"every value that {each.name} allows is that of some record")
    page = subject.page(each.query(value))
    if page.items or page.total:
        told = f"nothing must come, with a total of 0, but {len(page.items)} of {page.total} came"
        raise Failed(told, page.reply)
    if len(page.pagination) > 1:
        raise Failed("an empty list must have no cursors", page.reply)


def walked(each: Criterion) -> None:
    """A filtered walk through several pages brings every record that passes, once."""
    subject, values = each.subject, each.several()
    wanted = subject.identities(each.passing(*values))
    walk = subject.walk(each.query(*values), limit=min((len(wanted) + 2) // 3, subject.largest))
    if walk.broken:
        raise walk.broken
    found = subject.identities(walk.items)
    if sorted(found) != sorted(wanted):
        told = f"{len(wanted)} records must come, each once, but {len(found)} came on all pages"
        raise Failed(told, walk.pages[-1].reply)
    for page in walk.pages:
        if page.total != len(wanted):
            raise Failed(f"the total must be {len(wanted)}, but is {page.total}", page.reply)


# Of some


def substring(each: Criterion) -> None:
    """A substring is found in whatever case."""
    for value in filter(str.isascii, each.plain):
        part = value[:-1] if len(value) > 1 else value
        if part != part.swapcase():
            for asked in (part, part.lower(), part.upper(), part.swapcase()):
                require_items(each.subject, each.passing(asked), each.query(asked))
            return
    raise Undecidable(f"no record's {each.rule.field} has letters of ASCII")


def exact(each: Criterion) -> None:
    """A value in another case, or a part of one, finds only the records that have just that."""
    for value in each.plain:
        if value.isascii() and value != value.swapcase() and len(value) > 1:
            for asked in (value.swapcase(), value[:-1], value[1:]):
                require_items(each.subject, each.passing(asked), each.query(asked))
            return
    raise Undecidable(f"no record's {each.rule.field} has letters of ASCII")


def enum(each: Criterion) -> None:
    """A value that is not allowed is refused by name, also beside one that is, and in another case."""
    known = (each.allowed or [""])[0]
    wires = [_NOTHING, f"{known},{_NOTHING}", known.swapcase()]
    for wire in wires if known not in (known.swapcase(), "") else wires[:2]:
        if wire not in (each.allowed or ()):
            each.subject.refused(f"{quote(each.name, safe='')}={quote(wire, ',')}", names=[each.name])


def repeated(each: Criterion) -> None:
    """A second value is refused by name (API_FACTS, the truth table)."""
    each.subject.refused(each.query("a"), each.query("b"), names=[each.name])


# Of two


def together(subject: Subject) -> None:
    """Two filters find what passes both."""
    decided = False
    for one, other in combinations(criteria(subject), 2):
        pair = _telling_pair(one, other)
        if pair is not None:
            places = one.places(pair[0]) & other.places(pair[1])
            wanted = [subject.records[place] for place in places]
            require_items(subject, wanted, one.query(pair[0]), other.query(pair[1]))
            decided = True
    if not decided:
        raise Undecidable("no two filters have values by which both matter")


def _telling_pair(one: Criterion, other: Criterion) -> tuple[str, str] | None:
    """Values by which neither filter alone finds what both do, best those that find something."""
    found = None
    for number, pair in enumerate(product(_values(one), _values(other))):
        first, second = one.places(pair[0]), other.places(pair[1])
        if first & second not in (first, second):
            found = found or pair
            if first & second:
                return pair
        if number > _PAIRS:
            break
    return found


def _values(each: Criterion) -> Sequence[str]:
    try:
        return each.plain
    except Undecidable:
        return []
