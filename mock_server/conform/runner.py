"""The conformance kit: the checks of every list and filter of a document, run against any server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from mock_server.conform import (
    edge_checks,
    encoding_checks,
    filter_checks,
    number_checks,
    page_checks,
    position_checks,
    resource_checks,
    suitability,
)
from mock_server.conform.filter_under_test import FilterUnderTest, find_filters
from mock_server.conform.http_probe import HttpProbe, Reply
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.parents import Parents
from mock_server.conform.probe_credentials import NoAnswer
from mock_server.conform.request_values import Filling
from mock_server.conform.requirements import TELL_VALUE, Failed, Undecidable
from mock_server.conform.resource_under_test import ResourceUnderTest
from mock_server.formats.json import Unreadable
from mock_server.openapi.document import Document
from mock_server.openapi.effects import CREATE, GET
from mock_server.openapi.operations import Operation, needed_parameters
from mock_server.setting_parsers import base_path
from mock_server.settings import CONTROL_PATH

PASSED, FAILED, UNDECIDABLE = "passed", "FAILED", "undecidable"

ListCheck = Callable[[ListUnderTest], None]
FilterCheck = Callable[[FilterUnderTest], None]
Suits = Callable[[ListUnderTest], bool]

# The checks of lists, and which lists each is for; those without are for all. All others rest on the
# first.
LISTS: dict[str, ListCheck | tuple[ListCheck, Suits]] = {
    "answers": page_checks.answers,
    "schema": page_checks.schema,
    "limit-default": (page_checks.limit_default, suitability.has_limit),
    "limit-obeyed": (page_checks.limit_obeyed, suitability.has_limit),
    "limit-bounds": (page_checks.limit_bounds, suitability.has_limit),
    "limit-type": (page_checks.limit_type, suitability.has_limit),
    "limit-repeated": (page_checks.limit_repeated, suitability.has_limit),
    "walk-ends": (page_checks.walk_ends, suitability.is_paged),
    "walk-once": (page_checks.walk_once, suitability.is_paged),
    "walk-full": (page_checks.walk_full, suitability.is_paged),
    "walk-total": (page_checks.walk_total, suitability.says_total),
    "walk-backward": (page_checks.walk_backward, suitability.goes_back),
    "cursor-presence": (position_checks.cursor_presence, suitability.says_ways),
    "cursor-stable": (position_checks.cursor_stable, suitability.is_paged),
    "cursor-other-limit": (position_checks.cursor_other_limit, suitability.keeps_places),
    "cursor-invented": (position_checks.cursor_invented, suitability.takes_texts),
    "cursor-both": (position_checks.cursor_both, suitability.takes_both),
    "page-first": (number_checks.page_first, suitability.counts),
    "page-again": (number_checks.page_again, suitability.counts),
    "page-beyond": (number_checks.page_beyond, suitability.counts),
    "page-invalid": (number_checks.page_invalid, suitability.counts),
    "page-other-limit": (number_checks.page_other_limit, suitability.counts_pages),
    "more-true": (number_checks.more_true, suitability.says_more),
    "numbers-true": (number_checks.numbers_true, suitability.says_numbers),
    "urls-lead": (number_checks.urls_lead, suitability.says_urls),
    "unauthorized-missing": (edge_checks.unauthorized_missing, suitability.asks_for_credentials),
    "unauthorized-malformed": (edge_checks.unauthorized_malformed, suitability.can_be_malformed),
    "unauthorized-scheme": (edge_checks.unauthorized_scheme, suitability.asks_in_header),
    "unauthorized-challenge": (edge_checks.unauthorized_challenge, suitability.asks_in_header),
    "unauthorized-shape": (edge_checks.unauthorized_shape, suitability.describes_401),
    "version-default": (edge_checks.version_default, suitability.has_version),
    "version-known": (edge_checks.version_known, suitability.has_version),
    "version-unknown": (edge_checks.version_unknown, suitability.has_version),
    "version-header-case": (edge_checks.version_header_case, suitability.has_version),
    "filters-and": (filter_checks.both, suitability.has_filters),
}

# The checks of every parameter that filters.
FILTERS: dict[str, FilterCheck] = {
    "filter-narrows": filter_checks.narrows,
    "filter-finds": filter_checks.finds,
    "filter-nothing": filter_checks.nothing,
    "filter-walk": filter_checks.walk,
}

# The further checks of a filter by its kind: one that takes one value, one that finds a part of a text,
# one that takes a list of values, and one that takes an enum's values. A list of values is checked by
# the truth table, too.
REPEATED: dict[str, FilterCheck] = {"filter-repeated": filter_checks.repeated}
CONTAINS: dict[str, FilterCheck] = {"filter-substring": filter_checks.substring, **REPEATED}
ANY_OF: dict[str, FilterCheck] = {"filter-exact": filter_checks.exact}
ENUM: dict[str, FilterCheck] = {"filter-enum": filter_checks.enum}

# The checks of every reply that the checks above have got.
CLOSING: dict[str, tuple[ListCheck, Suits]] = {
    "error-shape": (edge_checks.error_shape, suitability.was_refused),
    "version-everywhere": (edge_checks.version_everywhere, suitability.has_version),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check; `subject` is an operation, and a filter's name where it is about one.

    `message` says why the check did not pass, and `reply` shows it; None where no reply does.
    """

    check: str
    subject: str
    outcome: str
    message: str = ""
    reply: Reply | None = None

    def __str__(self) -> str:
        reason = f": {self.message}" if self.outcome == UNDECIDABLE else ""
        return f"{self.outcome:<11}  {self.check}  {self.subject}{reason}"


class NothingToAsk(Exception):
    """Nothing can be checked; the message says why, and what to give."""


# The name of a check, its subject, and the check without its argument.
Check = tuple[str, str, Callable[[], None]]


def run_checks(
    document: Document,
    probe: HttpProbe,
    on_list: Callable[[ListUnderTest], None] = lambda _: None,
    *,
    writes: bool = False,
) -> Generator[Finding]:
    """Yield the finding of each check, as soon as it is made; call `on_list` with each list afterwards.

    If it `writes`, records are created, changed and removed, and none is left.
    Raise NothingToAsk, and NoAnswer where the server does not answer the first request.
    """
    parents = Parents(document, probe)
    easiest = parents.prepare(_easiest(document))
    if easiest.ask().status == 404:
        _require_base_path(document, easiest.filling, probe)
    outcomes: set[str] = set()
    told: set[str] = set()
    for operation in document.lists.values():
        tested = easiest if operation is easiest.operation else parents.prepare(operation)
        for finding in _check_list(tested):
            outcomes.add(finding.outcome)
            if finding.message == edge_checks.UNTOLD:
                if finding.check in told:
                    continue
                told.add(finding.check)
            yield finding
        if tested.replies:
            on_list(tested)
        if not tested.filling.lacking:
            yield from _check_records(ResourceUnderTest(document, tested, parents, probe), writes)
    if outcomes == {UNDECIDABLE}:
        raise NothingToAsk(f"no list can be asked for; {TELL_VALUE}")


def _check_list(tested: ListUnderTest) -> Iterator[Finding]:
    if tested.filling.lacking:
        message = f"nothing tells a value for {', '.join(tested.filling.lacking)}; {TELL_VALUE}"
        yield Finding("answers", tested.operation.id, UNDECIDABLE, message)
    else:
        yield from _run_all(_checks_of_list(tested))


def _check_records(tested: ResourceUnderTest, writes: bool) -> Iterator[Finding]:
    """Yield the findings of the checks of single records."""
    getting, creating = tested.operation(GET), tested.operation(CREATE)
    if getting is not None and tested.is_got:
        for name, check in resource_checks.READING.items():
            yield _run_check(name, getting.id, partial(check, tested))
    if not writes or creating is None or not tested.is_created:
        return
    life = resource_checks.Life(tested)
    left = None
    try:
        for name, alive in life.checks():
            yield _run_check(name, creating.id, alive)
    finally:
        left = life.end()
    if left is not None:
        yield Finding("cleanup", creating.id, FAILED, left)


def _easiest(document: Document) -> Operation:
    """Return the first list that needs no parameters, or else the first; raise NothingToAsk for none."""
    lists = list(document.lists.values())
    if not lists:
        raise NothingToAsk("the document has no list")
    return next((each for each in lists if not needed_parameters(each)), lists[0])


def _require_base_path(document: Document, filling: Filling, probe: HttpProbe) -> None:
    """Raise NothingToAsk, with the URL to give, if the list that is not found is below another path."""
    given, path = probe.base_path, filling.path
    for base in dict.fromkeys(_likely_base_paths(document, probe)):
        if base == given:
            continue
        status = probe.ask_at(base + path, authorized=True).status
        if status == 200 or (status != 404 and not filling.uncertain):
            raise NothingToAsk(
                f"there is no list at {probe.url_of(given + path)}; give the base URL "
                f"with its path, {probe.url_of(base)}"
            )


def _likely_base_paths(document: Document, probe: HttpProbe) -> Iterator[str]:
    """Yield where the lists of the document may be: by a mock server's own word, and by the document."""
    with suppress(NoAnswer, Unreadable, LookupError, TypeError, ValueError):
        health = probe.ask_at(f"{CONTROL_PATH}/health", authorized=False)
        yield base_path(health.json["basePath"][:200])
    yield document.base_path
    if not probe.base_path.endswith(document.base_path):
        yield probe.base_path + document.base_path


def _checks_of_list(tested: ListUnderTest) -> Iterator[Check]:
    subject = tested.operation.id
    for name, each in LISTS.items():
        list_check, suits = each if isinstance(each, tuple) else (each, None)
        if suits is None or suits(tested):
            yield name, subject, partial(list_check, tested)
    for found in find_filters(tested):
        for name, check in _checks_of_filter(found).items():
            yield name, f"{subject} {found.name}", partial(check, found)
    for name, (closing_check, suits) in CLOSING.items():
        if suits(tested):
            yield name, subject, partial(closing_check, tested)


def _checks_of_filter(tested: FilterUnderTest) -> dict[str, FilterCheck]:
    """Return the checks of a filter by its kind."""
    if not tested.is_any_of:
        others = REPEATED if tested.is_exact else CONTAINS
        return FILTERS | others | (ENUM if tested.allowed else {})
    encodings = encoding_checks.select_checks(tested) if tested.is_form else {}
    return FILTERS | (ENUM if tested.allowed else ANY_OF) | encodings


def _run_all(checks: Iterable[Check]) -> Iterator[Finding]:
    is_answered = True
    for name, subject, check in checks:
        if not is_answered:
            message = "the list is not answered, see answers"
            yield Finding(name, subject, UNDECIDABLE, message)
            continue
        finding = _run_check(name, subject, check)
        yield finding
        if name == "answers" and finding.outcome == UNDECIDABLE:
            return
        is_answered = not (name == "answers" and finding.outcome == FAILED)


def _run_check(name: str, subject: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except Failed as failed:
        return Finding(name, subject, FAILED, failed.message, failed.reply)
    except NoAnswer as error:
        return Finding(name, subject, FAILED, str(error))
    except Undecidable as undecidable:
        return Finding(name, subject, UNDECIDABLE, str(undecidable))
    return Finding(name, subject, PASSED)


def format_summary(findings: Sequence[Finding], probe: HttpProbe) -> str:
    """Return each failure with the exchange that shows it, and how many checks had each outcome."""
    failures = [_format_failure(finding, probe) for finding in findings if finding.outcome == FAILED]
    counted = Counter(finding.outcome for finding in findings)
    counts = ", ".join(f"{counted[outcome]} {outcome}" for outcome in (PASSED, FAILED, UNDECIDABLE))
    return "\n\n".join([*failures, f"{counts}; {probe.requests} requests"])


def _format_failure(finding: Finding, probe: HttpProbe) -> str:
    lines = finding.reply.format_lines(probe.redact) if finding.reply else ()
    message = f"{finding.check}  {finding.subject}: {finding.message}"
    return "\n".join(map(probe.fit_for_terminal, (message, *(f"  {line}" for line in lines))))
