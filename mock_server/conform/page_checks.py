"""Page invariants: what holds of any list that is paged by a limit and by cursors.

Each is a function of a subject that raises Failed or Undecidable, or returns where it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from mock_server.conform.list_under_test import Failed, ListPage, Subject, Undecidable, Walk, following
from mock_server.lists.convention import CURSOR_ENVELOPE

LIMIT, AFTER, BEFORE = CURSOR_ENVELOPE.limit, CURSOR_ENVELOPE.next, CURSOR_ENVELOPE.previous

_INVENTED = "no-such-cursor"


def answers(subject: Subject) -> None:
    """The first page is a list, of JSON that says so; all else rests on it."""
    subject.page()


def schema(subject: Subject) -> None:
    """Pages are described by the document's schema; fields that it doesn't name are allowed."""
    shape = subject.shape(200)
    if shape is None:
        raise Undecidable("the document has no schema for 200")
    for page in (subject.page(), subject.page(f"limit={subject.largest}")):
        for flaw in shape.flaws(page.reply.json):
            if flaw.keyword != "additionalProperties":
                place = "/".join(map(str, flaw.place))
                raise Failed(f"by the schema, at /{place}: {flaw.message}", page.reply)


# The limit


def limit_default(subject: Subject) -> None:
    """Without a limit, a page has as many items as the document's default says."""
    default = int(subject.limit.schema["default"])
    page = subject.page()
    wanted = min(default, page.total)
    if len(page.items) != wanted:
        told = f"by the default of {default}, {wanted} items must come, but {len(page.items)} came"
        raise Failed(told, page.reply)


def limit_obeyed(subject: Subject) -> None:
    """No page has more items than the limit, the smallest and the largest among them."""
    for limit in (int(subject.limit.schema["minimum"]), 2, subject.largest):
        page = subject.page(f"limit={limit}")
        if len(page.items) > limit:
            raise Failed(f"at most {limit} items must come, but {len(page.items)} came", page.reply)


def limit_bounds(subject: Subject) -> None:
    """A limit beyond the document's bounds is refused by name."""
    schema = subject.limit.schema
    for limit in (schema["minimum"] - 1, -1):
        subject.refused(f"limit={limit}", names=[LIMIT])
    if "maximum" not in schema:
        raise Undecidable("the document gives the limit no maximum; those below the minimum are refused")
    subject.refused(f"limit={schema['maximum'] + 1}", names=[LIMIT])


def limit_type(subject: Subject) -> None:
    """A limit that is no whole number is refused by name."""
    _ = subject.limit
    for text in ("many", "1.5"):
        subject.refused(f"limit={text}", names=[LIMIT])


def limit_repeated(subject: Subject) -> None:
    """A second limit is refused by name (API_FACTS, the truth table)."""
    _ = subject.limit
    subject.refused("limit=1", "limit=2", names=[LIMIT])


# The walk


def walk_ends(subject: Subject) -> None:
    """Going on by `after` from page to page comes to an end, by cursors that are all taken."""
    if subject.forward.broken:
        raise subject.forward.broken


def walk_once(subject: Subject) -> None:
    """No item comes twice."""
    seen: set[str] = set()
    for page in subject.forward.pages:
        for identity in subject.identities(page.items):
            if identity in seen:
                raise Failed(f"the walk brings the item {identity[:60]} again", page.reply)
            seen.add(identity)
    _ = subject.whole


def walk_full(subject: Subject) -> None:
    """Every page of a walk is full but the last, which has an item if the list has any."""
    pages, limit = subject.forward.pages, subject.walk_limit
    for page in pages[:-1]:
        if len(page.items) != limit:
            told = f"a page that is not the last must have {limit} items, but it has {len(page.items)}"
            raise Failed(told, page.reply)
    if not 0 < len(subject.whole.pages[-1].items) <= limit and pages[-1].total:
        told = f"the last page must have 1 to {limit} items, but it has {len(pages[-1].items)}"
        raise Failed(told, pages[-1].reply)


def walk_total(subject: Subject) -> None:
    """The total is the same on every page, and the number of items that all pages have together."""
    total = subject.page().total
    for page in subject.forward.pages:
        if page.total != total:
            raise Failed(f"the total was {total} before, and is {page.total} here", page.reply)
    items = set(subject.identities(subject.whole.items))
    if len(items) != total:
        told = f"the total is {total}, but all pages together have {len(items)} items"
        raise Failed(told, subject.whole.pages[-1].reply)


def walk_backward(subject: Subject) -> None:
    """From the last page, `before` leads through the same pages in reverse."""
    _ = subject.records
    pages = subject.whole.pages
    wanted = [subject.identities(page.items) for page in pages[:-1]]
    walk = _backward(subject, pages)
    if walk.broken:
        raise walk.broken
    found = [subject.identities(page.items) for page in reversed(walk.pages)]
    if list(chain(*found)) != list(chain(*wanted)):
        told = "the way back must bring the items of the way forward in reverse"
        raise Failed(f"{told}, but they are others, or in another order", walk.pages[-1].reply)
    # Where pages are not full, see walk-full, it means nothing where they begin.
    if found != wanted and {len(page) for page in wanted} == {subject.walk_limit}:
        told = f"the way back must take {len(wanted)} pages as the way forward, but takes {len(found)}"
        raise Failed(told, walk.pages[-1].reply)


def _backward(subject: Subject, pages: Sequence[ListPage]) -> Walk:
    """The walk back from the last of several pages."""
    if len(pages) < 2:
        raise Undecidable("there is a single page")
    if BEFORE not in pages[-1].pagination:
        raise Failed("the last page must have a cursor in 'before'", pages[-1].reply)
    cursor = pages[-1].cursor(BEFORE)
    return subject.walk(limit=subject.walk_limit, way=BEFORE, cursor=cursor)


# Cursors


def cursor_presence(subject: Subject) -> None:
    """A cursor is there where there is such a page, else it is absent, and not null or empty."""
    for page in subject.forward.pages:
        for way in (AFTER, BEFORE):
            if way in page.pagination:
                page.cursor(way)
    _require_presence(subject.page(), BEFORE, wanted=False)
    pages = subject.whole.pages
    for number, page in enumerate(pages, 1):
        _require_presence(page, BEFORE, wanted=number > 1)
        _require_presence(page, AFTER, wanted=number < len(pages))
    page = subject.page(f"limit={subject.largest}")
    if len(set(subject.identities(page.items))) == page.total:
        # A page that the list just fills is the last, too.
        _require_presence(page, AFTER, wanted=False)


def _require_presence(page: ListPage, way: str, *, wanted: bool) -> None:
    if (way in page.pagination) != wanted:
        must = "must have" if wanted else "must not have"
        raise Failed(f"by its place in the list, the page {must} a cursor in '{way}'", page.reply)


def cursor_stable(subject: Subject) -> None:
    """The same request gets the same items and the same cursors."""
    for page in subject.forward.pages[:2]:
        query = page.reply.target.partition("?")[2]
        again = subject.page(query, fresh=True)
        if (again.items, again.pagination) != (page.items, page.pagination):
            raise Failed("the same request was answered with another page before", again.reply)


def cursor_other_limit(subject: Subject) -> None:
    """A cursor of one page size leads to the right place by another, and so loses no item."""
    order = subject.identities(subject.records)
    seams = _seams(subject.whole.pages)
    if not seams:
        raise Undecidable("there is a single page")
    for place, after, before in dict.fromkeys((seams[0], seams[-1])):
        for limit in (1, min(subject.walk_limit + 1, subject.largest)):
            ahead = subject.page(f"limit={limit}", following(AFTER, after))
            _require_items(subject, ahead, order[place:])
            back = subject.page(f"limit={limit}", following(BEFORE, before))
            _require_items(subject, back, order[max(0, place - len(back.items)) : place])


def _require_items(subject: Subject, page: ListPage, wanted: Sequence[str]) -> None:
    """Raises Failed unless the page's items are the first of those wanted."""
    found = subject.identities(page.items)
    if not found or found != wanted[: len(found)]:
        first = wanted[0][:60] if wanted else "none"
        told = f"by the whole walk, the items that come must begin with {first}"
        raise Failed(told, page.reply)


def _seams(pages: Sequence[ListPage]) -> list[tuple[int, str, str]]:
    """Where two pages meet: the number of items before it, and the cursors that lead to it."""
    seams, place = [], 0
    for page, next_page in pairwise(pages):
        place += len(page.items)
        if BEFORE in next_page.pagination:
            seams.append((place, page.cursor(AFTER), next_page.cursor(BEFORE)))
    return seams


def cursor_invented(subject: Subject) -> None:
    """A cursor that no page has given is refused by the name of its parameter."""
    for way in subject.operation.cursor_parameters:
        subject.refused(following(way, _INVENTED), names=[way])


def cursor_both(subject: Subject) -> None:
    """Both cursors at once are refused by the name of one."""
    for page in subject.forward.pages:
        after, before = page.pagination.get(AFTER), page.pagination.get(BEFORE)
        if after and before:
            cursors = following(AFTER, str(after)), following(BEFORE, str(before))
            return subject.refused(*cursors, names=[AFTER, BEFORE])
    raise Undecidable("no page has both cursors")
