"""Client warnings: what the real API accepts, but is probably a mistake of the client."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mock_server.data.collection import Collection
from mock_server.errors import Violation
from mock_server.lists.filters import Except
from mock_server.lists.roles import LIMIT, NEXT, PREVIOUS, TOKEN
from mock_server.openapi.filter_rules import FilterRule
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import Sent, SentValue
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.request_validation import Arguments
from mock_server.sandbox.walk import Attempt
from mock_server.shown_text import quote

# A walk with more pages than this should have asked for larger ones.
PAGES_WITHOUT_LIMIT = 5

# Characters that a URI must not hold unencoded (RFC 3986).
_UNENCODED = re.compile(r'["<>\\^`{|}]|%(?![0-9A-Fa-f]{2})')
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")


def of_walk(operation: Operation, attempt: Attempt, arguments: Arguments) -> Iterator[Violation]:
    """Yield the warnings that depend on the requests before in the same walk."""
    is_late = attempt.page == PAGES_WITHOUT_LIMIT + 1 and not attempt.is_retry
    if is_late and operation.convention.limit_of(arguments.sent) not in arguments.sent:
        yield from _missing_limit(operation)
    if attempt.changes_filters:
        yield _changed_filters(attempt)
    if attempt.is_repeat:
        yield _repeat(operation, attempt)
    if attempt.changes_limit and attempt.follows is not None:
        name = operation.convention.limit_of(arguments.sent) or ""
        before, now = attempt.follows.request.limit, attempt.request.limit
        yield Violation(
            "limitChanged",
            f"The pages of this walk had {before} records, and have {now} from here on, so that this "
            f"one does not begin where the last one ended; send the same '{name}' to the end of a walk.",
            name,
        )
    if attempt.is_overlapping:
        yield _overlap(operation, attempt)
    if attempt.is_beyond:
        name = operation.convention.leading(NEXT) or ""
        yield Violation(
            "beyondEnd",
            f"The page before lay beyond the end already, and '{name}' asks for a later one; stop at a "
            "page without records.",
            name,
        )


def _changed_filters(attempt: Attempt) -> Violation:
    began = quote(str(dict(attempt.walk.filter_texts)))
    now = quote(str(dict(attempt.request.filter_texts)))
    message = (
        f"The walk began with the filters {began}, but {now} were sent, so that its pages do not "
        f"belong together; send the same ones for every page."
    )
    return Violation("filtersChanged", message, "")


def _repeat(operation: Operation, attempt: Attempt) -> Violation:
    name = operation.convention.leading(PREVIOUS if attempt.is_backward else NEXT) or ""
    what = "token" if operation.convention.style == TOKEN else "cursor"
    message = (
        f"The {what} of '{name}' was used before in this walk; go on with the one that the last "
        "page gave."
    )
    if attempt.request.start is not None:
        asked = quote(str(attempt.request.cursor))
        message = (
            f"The page at {asked} of '{name}' was asked for before in this walk; go on with the one "
            "after the last page."
        )
    return Violation("repeatedCursor", message, name)


def _overlap(operation: Operation, attempt: Attempt) -> Violation:
    name = operation.convention.leading(NEXT) or ""
    asked = quote(str(attempt.request.cursor))
    message = (
        f"The page at {asked} of '{name}' begins among records that this walk has read; go on with the "
        "number of all records that came before."
    )
    return Violation("pagesOverlap", message, name)


def _missing_limit(operation: Operation) -> Iterator[Violation]:
    name = operation.convention.request.get(LIMIT)
    for parameter in operation.at("query"):
        if parameter.name == name:
            largest = parameter.schema.get("maximum", "a large one")
            yield Violation(
                "limitAbsent",
                f"The walk has more than {PAGES_WITHOUT_LIMIT} pages, but '{name}' was not sent; "
                f"send {largest} to ask less often.",
                name,
            )


def of_values(
    operation: Operation,
    arguments: Arguments,
    collection: Collection,
    matching: Sequence[int] | None,
    own_id: bytes,
) -> Iterator[Violation]:
    """Yield the warnings about the values of the query.

    `matching` are the positions that match all filters; None where they were not searched, since no
    warning about these filters depends on them. `own_id` is the id of the account that asks.
    """
    for parameter in operation.query:
        sent = arguments.sent.get(parameter.name)
        if sent is None:
            continue
        rule = parameter.filters
        kept = None if rule is None else operation.kept_filters[parameter.name]
        for value in sent.values:
            found = _missing_values(kept, sent, value, collection, matching)
            # All records that are the account's have one text for its id, whatever that is.
            missing = [text for text in found if text.encode() != own_id]
            yield from _encoding_warnings(parameter, value, missing)
            if rule is not None and missing and len(collection):
                yield from _no_such_values(parameter.name, rule, missing)


def _no_such_values(name: str, rule: FilterRule, missing: Sequence[str]) -> Iterator[Violation]:
    verb = "is" if rule.compares_values else "holds"
    for value in missing:
        message = f"No record's {rule.named} {verb} {quote(value)}; check the value of '{name}'."
        yield Violation("noSuchValue", message, name)


def _missing_values(
    kept: tuple[FilterRule, bool] | None,
    sent: Sent,
    value: SentValue,
    collection: Collection,
    matching: Sequence[int] | None,
) -> Sequence[str]:
    """Return the values that no record has; for a parameter that filters nothing, the value itself."""
    if kept is None:
        return (value.decoded,)
    rule, compares_values = kept
    if rule.match == "contains":
        return () if _finds_any(sent, collection, matching) else (value.decoded,)
    if rule.match == "not-contains":
        wanted = sent.filter.part if isinstance(sent.filter, Except) else None
        return () if wanted is None or collection.matching(frozenset([wanted])) else (value.decoded,)
    if not compares_values or any(_is_there(collection, rule, t) for t in value.second_reading):
        return ()  # A value that is ambiguous is there where one of its readings is.
    spelled = dict.fromkeys(zip(value.texts, [plain for _, plain in value.named], strict=True))
    return [text for text, plain in spelled if not _is_there(collection, rule, plain)]


def _is_there(collection: Collection, rule: FilterRule, text: str) -> bool:
    return any(collection.has_value(field, text) for field in rule.fields)


def _finds_any(sent: Sent, collection: Collection, matching: Sequence[int] | None) -> bool:
    if sent.filter is None or matching:
        return True
    return len(collection.matching(frozenset([sent.filter]))) > 0


def _encoding_warnings(
    parameter: Parameter, value: SentValue, missing: Sequence[str]
) -> Iterator[Violation]:
    name, raw_value = value.key, value.raw_value
    if raw_value.isalnum():
        return  # As most are, e.g. `20`.
    if parameter.style == "pipeDelimited":
        # OpenAPI 3.0.3 writes the separator without encoding (Style Examples).
        raw_value = raw_value.replace("|", "")
    if _UNENCODED.search(raw_value):
        message = f"The value of '{name}' holds characters that no URL may hold; percent-encode it."
        yield Violation("notEncoded", message, name)
    encoded = next(filter(_ENCODED.search, missing), None)
    if encoded is not None:
        message = f"The value {quote(encoded)} of '{name}' looks encoded once too often; encode it less."
        yield Violation("doubleEncoded", message, name)
