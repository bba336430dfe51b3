"""Suspicions: what the real API would let pass, but is probably a mistake of the client's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mock_server import filters, pages, query
from mock_server.collection import Collection
from mock_server.errors import Violation, quote
from mock_server.operations import FilterRule, Operation, Parameter
from mock_server.validation import Arguments
from mock_server.walks import Attempt

# After how many pages a walk without a limit has asked for too many too small ones.
PAGES_WITHOUT_LIMIT = 5

# RFC 3986: what no URI holds as it is.
_UNENCODED = re.compile(r'["<>\\^`{|}]|[^\x00-\x7f]')
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def of_walk(attempt: Attempt, arguments: Arguments) -> Iterator[Violation]:
    """What is odd about a request in its walk."""
    if attempt.page == PAGES_WITHOUT_LIMIT + 1 and pages.LIMIT not in arguments.query:
        yield Violation(
            "limitAbsent",
            f"The walk has more than {PAGES_WITHOUT_LIMIT} pages, but '{pages.LIMIT}' was not sent; "
            "send the largest one to ask less often.",
            pages.LIMIT,
        )
    if attempt.changes_filters:
        yield Violation(
            "filtersChanged",
            "The filters are not those that the walk began with, so that its pages do not belong "
            "together; send the same ones with every cursor.",
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


def of_values(operation: Operation, arguments: Arguments, collection: Collection) -> Iterator[Violation]:
    """What is odd about the values of the query."""
    for parameter in operation.at("query"):
        for wire in arguments.query.get(parameter.name, ()):
            yield from _of_encoding(parameter, wire)
            if parameter.filters is not None and len(collection):
                yield from _of_matching(parameter.filters, parameter.name, wire, collection)


def _of_encoding(parameter: Parameter, wire: str) -> Iterator[Violation]:
    name = parameter.name
    if _UNENCODED.search(wire):
        message = f"The value of '{name}' holds characters that no URL may hold; percent-encode it."
        yield Violation("notEncoded", message, name)
    values = query.decode_list(wire)[0] if parameter.repeatable else [query.decode(wire)]
    encoded = next(filter(_ENCODED.search, values), None)
    if encoded is not None:
        message = f"The value {quote(encoded)} of '{name}' looks encoded once too often; encode it less."
        yield Violation("doubleEncoded", message, name)


def _of_matching(rule: FilterRule, name: str, wire: str, collection: Collection) -> Iterator[Violation]:
    """Each value that no record has; of a value with two readings, one is enough."""
    if rule.match == "contains":
        wanted = filters.contains(rule.field, wire)
        found = wanted is None or len(collection.matching(frozenset([wanted]))) > 0
        missing = [] if found else [query.decode(wire)]
    else:
        known = collection.values(rule.field)
        values, second = query.decode_list(wire)
        missing = [value for value in values if value not in known and not known.intersection(second)]
    for value in dict.fromkeys(missing):
        message = f"No record has {quote(value)} as its {rule.field}; check the value of '{name}'."
        yield Violation("noSuchValue", message, name)
