"""Suspicions: what the real API would let pass, but is probably a mistake of the client's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mock_server.data.collection import Collection
from mock_server.errors import Violation, quote
from mock_server.formats import query_string
from mock_server.lists import filters, pages
from mock_server.openapi.operations import FilterRule, Operation, Parameter
from mock_server.openapi.request_validation import Arguments
from mock_server.sandbox.walks import Attempt

# After how many pages a walk without a limit has asked for too many too small ones.
PAGES_WITHOUT_LIMIT = 5

# RFC 3986: what no URI holds as it is.
_UNENCODED = re.compile(r'["<>\\^`{|}]|%(?![0-9A-Fa-f]{2})')
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def of_walk(operation: Operation, attempt: Attempt, arguments: Arguments) -> Iterator[Violation]:
    """What is odd about a request in its walk."""
    is_late = attempt.page == PAGES_WITHOUT_LIMIT + 1 and not attempt.is_retry
    if is_late and pages.LIMIT not in arguments.query:
        yield from _of_missing_limit(operation)
    if attempt.changes_filters:
        began, now = quote(str(attempt.walk.filters)), quote(str(dict(attempt.request.shown)))
        yield Violation(
            "filtersChanged",
            f"The walk began with the filters {began}, but {now} were sent, so that its pages do not "
            "belong together; send the same ones with every cursor.",
            "",
        )
    if attempt.repeats:
        cursor = pages.BEFORE if attempt.request.backward else pages.AFTER
        yield Violation(
            "repeatedCursor",
            f"The cursor of '{cursor}' was used before in this walk; go on with the one that the last "
            "page gave.",
            cursor,
        )


def _of_missing_limit(operation: Operation) -> Iterator[Violation]:
    for parameter in operation.at("query"):
        if parameter.name == pages.LIMIT:
            largest = parameter.schema.get("maximum", "a large one")
            yield Violation(
                "limitAbsent",
                f"The walk has more than {PAGES_WITHOUT_LIMIT} pages, but '{pages.LIMIT}' was not sent; "
                f"send {largest} to ask less often.",
                pages.LIMIT,
            )


def of_values(operation: Operation, arguments: Arguments, collection: Collection) -> Iterator[Violation]:
    """What is odd about the values of the query."""
    for parameter in operation.at("query"):
        for wire in arguments.query.get(parameter.name, ()):
            missing = list(_missing(parameter, wire, collection))
            yield from _of_encoding(parameter, wire, missing)
            if parameter.filters is not None and len(collection):
                yield from _of_missing(parameter.name, parameter.filters, missing)


def _of_missing(name: str, rule: FilterRule, missing: list[str]) -> Iterator[Violation]:
    verb = "holds" if rule.match == "contains" else "is"
    for value in missing:
        message = f"No record's {rule.field} {verb} {quote(value)}; check the value of '{name}'."
        yield Violation("noSuchValue", message, name)


def _missing(parameter: Parameter, wire: str, collection: Collection) -> list[str]:
    """The values that no record has, all where nothing is filtered; of two readings, one is enough."""
    rule = parameter.filters
    if rule is None:
        return [query_string.decode(wire)]
    if rule.match == "contains":
        wanted = filters.contains(rule.field, wire)
        found = wanted is None or len(collection.matching(frozenset([wanted]))) > 0
        return [] if found else [query_string.decode(wire)]
    known = collection.values(rule.field)
    values, second = query_string.decode_list(wire)
    if known.intersection(second):
        return []
    return list(dict.fromkeys(value for value in values if value not in known))


def _of_encoding(parameter: Parameter, wire: str, missing: list[str]) -> Iterator[Violation]:
    name = parameter.name
    if _UNENCODED.search(wire):
        message = f"The value of '{name}' holds characters that no URL may hold; percent-encode it."
        yield Violation("notEncoded", message, name)
    encoded = next(filter(_ENCODED.search, missing), None)
    if encoded is not None:
        message = f"The value {quote(encoded)} of '{name}' looks encoded once too often; encode it less."
        yield Violation("doubleEncoded", message, name)
