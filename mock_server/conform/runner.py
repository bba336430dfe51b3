"""The conformance kit: what holds of the real API, asked of any server, and what came of it in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from mock_server.conform import edge_checks, encoding_checks, filter_checks, page_checks
from mock_server.conform.filter_under_test import Criterion, criteria
from mock_server.conform.http_probe import NoAnswer, Prober, Reply
from mock_server.conform.list_under_test import Failed, Subject, Undecidable
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation

PASSED, FAILED, UNDECIDABLE = "passed", "FAILED", "undecidable"

# Of every list. The first is what all others rest on.
LISTS: dict[str, Callable[[Subject], None]] = {
    "answers": page_checks.answers,
    "schema": page_checks.schema,
    "limit-default": page_checks.limit_default,
    "limit-obeyed": page_checks.limit_obeyed,
    "limit-bounds": page_checks.limit_bounds,
    "limit-type": page_checks.limit_type,
    "limit-repeated": page_checks.limit_repeated,
    "walk-ends": page_checks.walk_ends,
    "walk-once": page_checks.walk_once,
    "walk-full": page_checks.walk_full,
    "walk-total": page_checks.walk_total,
    "walk-backward": page_checks.walk_backward,
    "cursor-presence": page_checks.cursor_presence,
    "cursor-stable": page_checks.cursor_stable,
    "cursor-other-limit": page_checks.cursor_other_limit,
    "cursor-invented": page_checks.cursor_invented,
    "cursor-both": page_checks.cursor_both,
    "unauthorized-missing": edge_checks.unauthorized_missing,
    "unauthorized-malformed": edge_checks.unauthorized_malformed,
    "unauthorized-scheme": edge_checks.unauthorized_scheme,
    "unauthorized-challenge": edge_checks.unauthorized_challenge,
    "unauthorized-shape": edge_checks.unauthorized_shape,
    "version-default": edge_checks.version_default,
    "version-known": edge_checks.version_known,
    "version-unknown": edge_checks.version_unknown,
    "version-header-case": edge_checks.version_header_case,
    "filters-and": filter_checks.together,
}

# Of every parameter that filters.
FILTERS: dict[str, Callable[[Criterion], None]] = {
    "filter-narrows": filter_checks.narrows,
    "filter-finds": filter_checks.finds,
    "filter-nothing": filter_checks.nothing,
    "filter-walk": filter_checks.walked,
}

# Of those that find a substring, a value among several, and one of an enum; of the latter two, also
# the rows of the truth table.
CONTAINS: dict[str, Callable[[Criterion], None]] = {
    "filter-substring": filter_checks.substring,
    "filter-repeated": filter_checks.repeated,
}
ANY_OF: dict[str, Callable[[Criterion], None]] = {"filter-exact": filter_checks.exact}
ENUM: dict[str, Callable[[Criterion], None]] = {"filter-enum": filter_checks.enum}

# Of all that was answered above.
CLOSING: dict[str, Callable[[Subject], None]] = {
    "error-shape": edge_checks.error_shape,
    "version-everywhere": edge_checks.version_everywhere,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a check: `said` is why it did not pass, `reply` the exchange in which it failed."""

    check: str
    about: str
    outcome: str
    said: str = ""
    reply: Reply | None = None

    def __str__(self) -> str:
        reason = f": {self.said}" if self.outcome == UNDECIDABLE else ""
        return f"{self.outcome:<11}  {self.check}  {self.about}{reason}"


class NothingToAsk(Exception):
    """No list of the document can be asked for without parameters."""


Check = tuple[str, str, Callable[[], None]]


def run(document: Document, prober: Prober) -> Iterator[Finding]:
    """The findings, each as soon as it is made.

    Raises NothingToAsk, and NoAnswer where the server doesn't answer at all.
    """
    asked = [operation for operation in document.lists.values() if not _needed(operation)]
    if not asked:
        raise NothingToAsk("the document has no list that can be asked for without parameters")
    for operation in document.lists.values():
        if needed := _needed(operation):
            told = f"it needs the parameters {', '.join(needed)}"
            yield Finding("answers", operation.id, UNDECIDABLE, told)
            continue
        subject = Subject(document, operation, prober)
        if not prober.requests:
            subject.ask()
        yield from _findings(_checks(subject))


def _needed(operation: Operation) -> list[str]:
    return [p.name for p in operation.parameters if p.required or p.location == "path"]


def _checks(subject: Subject) -> Iterator[Check]:
    about = subject.operation.id
    yield from ((name, about, partial(check, subject)) for name, check in LISTS.items())
    for each in criteria(subject):
        for name, of_filter in _of(each).items():
            yield name, f"{about} {each.name}", partial(of_filter, each)
    yield from ((name, about, partial(check, subject)) for name, check in CLOSING.items())


def _of(each: Criterion) -> dict[str, Callable[[Criterion], None]]:
    """The checks of a filter, by its kind."""
    if not each.is_any_of:
        return FILTERS | CONTAINS | (ENUM if each.allowed else {})
    return FILTERS | (ENUM if each.allowed else ANY_OF) | encoding_checks.rows(each)


def _findings(checks: Iterable[Check]) -> Iterator[Finding]:
    unanswered = False
    for name, about, check in checks:
        if unanswered:
            yield Finding(name, about, UNDECIDABLE, "the list is not answered, see answers")
            continue
        finding = _finding(name, about, check)
        unanswered = name == "answers" and finding.outcome == FAILED
        yield finding


def _finding(name: str, about: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except Failed as failed:
        return Finding(name, about, FAILED, failed.explanation, failed.reply)
    except NoAnswer as none:
        return Finding(name, about, FAILED, str(none))
    except Undecidable as undecidable:
        return Finding(name, about, UNDECIDABLE, str(undecidable))
    return Finding(name, about, PASSED)


def report(findings: Sequence[Finding], prober: Prober) -> str:
    """Each failure with the exchange in which it showed, and how many checks came to what."""
    failures = [_explanation(finding, prober) for finding in findings if finding.outcome == FAILED]
    counted = Counter(finding.outcome for finding in findings)
    told = ", ".join(f"{counted[outcome]} {outcome}" for outcome in (PASSED, FAILED, UNDECIDABLE))
    return "\n\n".join([*failures, f"{told}; {prober.requests} requests"])


def _explanation(finding: Finding, prober: Prober) -> str:
    lines = finding.reply.lines(prober.redacted) if finding.reply else ()
    told = f"{finding.check}  {finding.about}: {finding.said}"
    return prober.redacted("\n".join([told, *(f"  {line}" for line in lines)]))
