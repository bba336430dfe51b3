"""Say how the lists of a document page, sort and filter, and what has no effect on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mock_server.lists import roles
from mock_server.lists.roles import BY_OFFSET, BY_PAGE, BY_URL, CURSOR, RFC_8288, TOKEN
from mock_server.openapi.document import Document
from mock_server.openapi.list_nearness import Nearness, may_page
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.sort_reading import sort_columns
from mock_server.shown_text import name_some

# How many groups of lists, and how many examples of each, are shown.
_GROUPS, _EXAMPLES = 12, 2

_WAYS = {
    CURSOR: "by opaque cursor",
    TOKEN: "by token",
    BY_PAGE: "by page number",
    BY_OFFSET: "by offset",
    BY_URL: "by URL",
}


def way(operation: Operation) -> str:
    """Return how a list pages, e.g. `by cursor, after the record's id (after, limit)`."""
    convention = operation.convention
    if convention.cursor is not None:
        said = f"by cursor, after the record's {convention.cursor}"
    else:
        said = _WAYS[convention.style]
    linked = ", with links in a header" if convention.says(RFC_8288) else ""
    return f"{said} ({', '.join(convention.parameters)}){linked}"


def group_lines(document: Document) -> Iterator[str]:
    """Yield a line for each way of paging, with how many lists page so; then what has no effect."""
    lists = list(document.lists.values())
    paged = [each for each in lists if each.convention.is_paged]
    whole = [each for each in lists if not each.convention.is_paged]
    ways = Counter(map(way, paged)).most_common()
    for name, number in ways[:_GROUPS]:
        yield f"{_paging(number)} {name}: {_examples(o for o in paged if way(o) == name)}"
    if len(ways) > _GROUPS:
        rest = {name for name, _ in ways[_GROUPS:]}
        others = [each for each in paged if way(each) in rest]
        yield f"{_paging(len(others))} in {len(rest)} other ways: {_examples(others)}"
    nearness = Nearness(document.effective)
    meant = [each for each in whole if nearness.is_meant(each)]
    if meant:
        yield f"{_counted(len(meant))} given whole, as x-list says: {_examples(meant)}"
    others = [each for each in whole if each not in meant]
    if others:
        yield f"{_counted(len(others))} given whole, with no way to go on: {_examples(others)}"
    yield from _without_effect(others, nearness)
    yield from _filter_lines(lists)


def _without_effect(whole: Sequence[Operation], nearness: Nearness) -> Iterator[str]:
    """Yield a line for each set of parameters that look like paging, but that nothing comes of."""
    sets: dict[tuple[tuple[str, ...], str], list[Operation]] = {}
    for operation in whole:
        names = tuple(name for name in operation.ineffective_parameters if may_page(name))
        if names:
            sets.setdefault((names, nearness.lack(operation)), []).append(operation)
    for (names, lack), operations in sorted(sets.items(), key=lambda each: -len(each[1]))[:_GROUPS]:
        yield f"  no effect of {', '.join(names)}: {_examples(operations)}{lack and f'; {lack}'}"


def whole(operation: Operation, nearness: Nearness) -> str:
    """Return why a list is given whole: what it lacks of the nearest scheme, if one is near."""
    if nearness.is_meant(operation):
        return "is given whole, as x-list says"
    lack = nearness.lack(operation)
    return f"is given whole, with no way to go on{lack and f'; {lack}'}"


def _filter_lines(lists: Sequence[Operation]) -> Iterator[str]:
    """Yield how many parameters filter by the document's own words, by an overlay, and not at all."""
    found = [(o, p) for o in lists for p in o.query if p.filters and p.filters.is_found]
    sorting = [(o, p) for o in lists for p in o.query if sort_meaning(o, p)]
    hiding = [(o, p) for o in lists for p in o.query if hidden_meaning(o, p)]
    given = [(o, p) for o in lists for p in o.query if p.filters and not p.filters.is_found]
    idle = [(o, p) for o in lists for p in o.query if _lacks_filter(o, p)]
    for one, many, pairs in (
        ("filters by the document's own words", "filter by the document's own words", found),
        ("filters by x-filter", "filter by x-filter", given),
        ("sorts by x-sort", "sort by x-sort", sorting),
        ("shows what x-hidden leaves out", "show what x-hidden leaves out", hiding),
        ("is checked, but has no effect", "are checked, but have no effect", idle),
    ):
        if pairs:
            shown = [f"{p.name} of {o.path}" for o, p in pairs[:_EXAMPLES]]
            said = f"parameter {one}" if len(pairs) == 1 else f"parameters {many}"
            yield f"{len(pairs):,} {said}: {', '.join(shown)}{_more(len(pairs))}"


def _lacks_filter(operation: Operation, parameter: Parameter) -> bool:
    """Tell whether a parameter may be meant to filter, and nothing says what."""
    if parameter.is_no_filter or may_page(parameter.name):
        return False
    return bool(operation.idle_names(parameter))


def _paging(number: int) -> str:
    return f"{_counted(number)} {'pages' if number == 1 else 'page'}"


def _counted(number: int) -> str:
    return f"{number:,} list{'' if number == 1 else 's'}"


def _examples(operations: Iterable[Operation]) -> str:
    paths = [operation.path for operation in operations]
    return f"{', '.join(paths[:_EXAMPLES])}{_more(len(paths))}"


def _more(number: int) -> str:
    return f" and {number - _EXAMPLES:,} more" if number > _EXAMPLES else ""


def sort_meaning(operation: Operation, parameter: Parameter) -> str | None:
    """Return what a parameter says of the order of a list; None for any other."""
    by, direction = operation.sort_parameters
    rule = operation.effect.rules.sorting
    if rule is None or parameter.location != "query" or parameter.name not in (by, direction):
        return None
    if parameter.name == direction:
        default = "descending" if rule.is_descending else "ascending"
        return f"sorts ascending or descending, {default} by default"
    columns = list(sort_columns(operation)) or ["nothing, since the records have no single values"]
    default = f", {rule.default} by default" if rule.default is not None else ""
    return f"sorts by {name_some(columns)}{default}"


def hidden_meaning(operation: Operation, parameter: Parameter) -> str | None:
    """Return what a parameter shows that a list leaves out; None for any other."""
    rule = operation.effect.rules.hidden
    if rule is None or parameter.location != "query" or parameter.name != rule.unless:
        return None
    return f"shows the records that have {rule.field} too, where it is true"


def position_meaning(operation: Operation, parameter: Parameter) -> str | None:
    """Return what a parameter says of a page, e.g. `the page's number, from 1`; None for any other."""
    convention = operation.convention
    if parameter.location != "query" or operation.collection is None:
        return None
    schema = parameter.schema
    match convention.role_of(parameter.name):
        case roles.LIMIT:
            most = schema.get("maximum", convention.maximum_limit)
            default = schema.get("default", convention.default_limit)
            least = schema.get("minimum", 1)
            cut = " (what is beyond is cut)" if convention.clamps else ""
            return f"sets the size of a page, from {least} to {most}{cut}, {default} by default"
        case roles.PAGE:
            return f"is the page's number, from {convention.first} on"
        case roles.OFFSET:
            return "is how many records come before the page"
        case roles.AFTER | roles.BEFORE:
            what = "token" if convention.style == TOKEN else "cursor"
            field = convention.cursor
            return f"takes a {what}" if field is None else f"takes the {field} of a record"
    return None
