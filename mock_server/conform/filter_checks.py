"""Checks of a parameter that filters, and of two of them together.

Each raises Failed or Undecidable, or returns where it passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import combinations, product

from mock_server.conform.filter_under_test import NO_VALUE, FilterUnderTest, find_filters
from mock_server.conform.list_page import Item
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.requirements import Failed, Undecidable
from mock_server.lists.roles import NEXT, NEXT_URL, PREVIOUS, PREVIOUS_URL

# The most pairs of values that are tried for two filters.
_PAIRS = 2_000


def require_items(tested_list: ListUnderTest, wanted: Iterable[Item], *query: str) -> None:
    """Raise Failed unless a query finds exactly the wanted records, and gives their number."""
    identities = set(tested_list.identities(wanted))
    items = tested_list.find_items(*query)
    page = tested_list.page(*query, tested_list.limit_query(tested_list.largest_limit))
    found = tested_list.identities(items)
    extra, missing = sorted(set(found) - identities), sorted(identities - set(found))
    if extra or missing or len(found) > len(identities):
        message = f"{len(identities)} records must come, but {len(found)} came"
        message += f", among them {extra[0][:60]}" if extra else ""
        message += f", without {missing[0][:60]}" if missing else ""
        raise Failed(message, page.reply)
    if page.total not in (None, len(identities)):
        raise Failed(f"the total must be {len(identities)}, but is {page.total}", page.reply)


# Every filter


def narrows(tested: FilterUnderTest) -> None:
    """Check that a filter finds a part of the list, and that each item found matches."""
    tested_list, value = tested.tested_list, tested.selective_value()
    everything = set(tested_list.identities(tested_list.records))
    largest = tested_list.limit_query(tested_list.largest_limit)
    reply = tested_list.page(tested.query(value), largest).reply
    for item in tested_list.find_items(tested.query(value)):
        identity = tested_list.identity(item)
        if identity not in everything:
            raise Failed(f"the item {identity[:60]} is not in the unfiltered list", reply)
        found = item.get(tested.rule.field)
        if not tested.matches(tested.values_in(item), value):
            excerpt = json.dumps(found, ensure_ascii=False)[:60]
            raise Failed(f"the item {identity[:60]} has the {tested.rule.field} {excerpt}", reply)


def finds(tested: FilterUnderTest) -> None:
    """Check that the value of a record finds every record that matches."""
    for value in dict.fromkeys((tested.plain_values[0], tested.plain_values[-1])):
        require_items(tested.tested_list, tested.matching_records(value), tested.query(value))


def nothing(tested: FilterUnderTest) -> None:
    """Check that a value of no record finds no item, a total of 0 and no cursors."""
    tested_list = tested.tested_list
    if not tested_list.records:
        raise Undecidable("there are no records")
    candidates = tested.allowed or [tested.absent_value]
    unused = (v for v in candidates if not tested.matching_positions(v))
    value = next(unused, None)
    if value is None:
        raise Undecidable(f"every value that {tested.name} allows is that of some record")
    if value != NO_VALUE and not tested.is_shown:
        raise Undecidable(f"no answer shows {tested.rule.field}")
    page = tested_list.page(tested.query(value))
    if page.items or page.total:
        found = f"{len(page.items)} of {page.total}"
        raise Failed(f"nothing must come, with a total of 0, but {found} came", page.reply)
    if any(map(page.has_cursor, (NEXT, PREVIOUS, NEXT_URL, PREVIOUS_URL))):
        raise Failed("an empty list must have no cursors", page.reply)


def walk(tested: FilterUnderTest) -> None:
    """Check that a filtered walk through several pages brings every record that matches, once."""
    tested_list, values = tested.tested_list, tested.selective_values()
    wanted = tested_list.identities(tested.matching_records(*values))
    limit = tested_list.fit_limit((len(wanted) + 2) // 3)
    walk = tested_list.walk(tested.query(*values), limit=limit)
    walk.require_end()
    found = tested_list.identities(walk.items)
    if sorted(found) != sorted(wanted):
        message = f"{len(wanted)} records must come, each once, but {len(found)} came on all pages"
        raise Failed(message, walk.pages[-1].reply)
    for page in walk.pages:
        if page.total not in (None, len(wanted)):
            raise Failed(f"the total must be {len(wanted)}, but is {page.total}", page.reply)


# Some filters


def substring(tested: FilterUnderTest) -> None:
    """Check that a part of a value is found in whatever case."""
    for value in filter(str.isascii, tested.plain_values):
        part = value[:-1] if len(value) > 1 else value
        if part != part.swapcase():
            for asked in (part, part.lower(), part.upper(), part.swapcase()):
                require_items(tested.tested_list, tested.matching_records(asked), tested.query(asked))
            return
    raise Undecidable(f"no record's {tested.rule.field} has letters of ASCII")


def exact(tested: FilterUnderTest) -> None:
    """Check that a value in another case, or a part of one, finds only records of just that value."""
    for value in tested.plain_values:
        if value.isascii() and len(value) > 1:
            others = {value.swapcase(), value[:-1], value[1:]} - {value}
            sent = [each for each in sorted(others) if _may_be_sent(tested, each)]
            for asked in sent:
                require_items(tested.tested_list, tested.matching_records(asked), tested.query(asked))
            if sent:
                return
    raise Undecidable(f"{tested.name} allows no text that is like a record's {tested.rule.field}")


def _may_be_sent(tested: FilterUnderTest, text: str) -> bool:
    """Return whether a text is a value of the filter that its parameter admits."""
    return "," not in text and text == text.strip() and tested.admits_text(text)


def enum(tested: FilterUnderTest) -> None:
    """Check that a value that is not allowed is refused by name.

    It is sent alone, beside one that is allowed, and as one that is allowed in another case.
    """
    allowed = tested.allowed or ()
    known = next(iter(allowed), "")
    sent = [NO_VALUE, f"{known},{NO_VALUE}", known.swapcase()]
    for values in sent if known not in (known.swapcase(), "") else sent[:2]:
        if values not in allowed:
            query = tested.query(*values.split(","))
            tested.tested_list.require_refusal(query, names=[tested.name])


def repeated(tested: FilterUnderTest) -> None:
    """Check that a second value is refused by name (docs/api_facts.md, the truth table)."""
    queries = tested.query("a"), tested.query("b")
    tested.tested_list.require_refusal(*queries, names=[tested.name])


# Two filters


def both(tested_list: ListUnderTest) -> None:
    """Check that two filters find the records that match both."""
    decided = False
    for one, other in combinations(find_filters(tested_list), 2):
        pair = _selective_pair(one, other)
        if pair is not None:
            positions = one.matching_positions(pair[0]) & other.matching_positions(pair[1])
            wanted = [tested_list.records[position] for position in positions]
            require_items(tested_list, wanted, one.query(pair[0]), other.query(pair[1]))
            decided = True
    if not decided:
        raise Undecidable("no two filters have values by which both matter")


def _selective_pair(one: FilterUnderTest, other: FilterUnderTest) -> tuple[str, str] | None:
    """Return values by which neither filter alone finds what both find; None where there are none.

    Values by which both together find something come first.
    """
    found = None
    for number, pair in enumerate(product(_plain_values(one), _plain_values(other))):
        first, second = one.matching_positions(pair[0]), other.matching_positions(pair[1])
        if first & second not in (first, second):
            found = found or pair
            if first & second:
                return pair
        if number > _PAIRS:
            break
    return found


def _plain_values(tested: FilterUnderTest) -> Sequence[str]:
    try:
        return tested.plain_values
    except Undecidable:
        return []
