"""JUnit: a report as the XML that CI systems show as tests."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.report.markup import Element, as_xml, element
from mock_server.report.model import (
    Entry,
    Report,
    Section,
    headline,
    is_covered_enough,
    percentage,
    sections,
    total,
)

SUITE = "mock_server"


def xml(report: Report) -> str:
    """A suite with a test for each entry and for the coverage; those that fail the verdict fail."""
    cases = [case for section in sections(report) for case in _cases(section)]
    cases += _of_coverage(report)
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": "0",
    }
    coverage = element("property", name="coverage", value=total(report)[0])
    said = element("system-out", headline(report))
    suite = element("testsuite", element("properties", coverage), *cases, said, name=SUITE, **counts)
    return as_xml(element("testsuites", suite, name=SUITE, **counts))


def _cases(section: Section) -> Iterator[Element]:
    if not section.entries:
        yield _case(section.cause, f"no {section.heading.partition(':')[0].lower()}")
    for entry in section.entries:
        lines = _lines(entry)
        told = (
            element("failure", *lines, message=entry.message, type=section.cause)
            if section.fails
            else element("system-out", *lines)
        )
        yield _case(section.cause, entry.title, told)


def _lines(entry: Entry) -> list[str]:
    return [entry.message, " | ", entry.times, " | ", entry.example]


def _of_coverage(report: Report) -> Iterator[Element]:
    if report["failUnder"] is None:
        return
    percent, share = total(report)
    said = f"{percent} was covered, {share}"
    name = f"at least {percentage(report['failUnder'])}"
    if is_covered_enough(report):
        yield _case("coverage", name, element("system-out", said))
    else:
        yield _case("coverage", name, element("failure", said, message=said, type="coverage"))


def _case(cause: str, name: str, *told: Element) -> Element:
    return element("testcase", *told, classname=f"{SUITE}.{cause}", name=name, time="0")
