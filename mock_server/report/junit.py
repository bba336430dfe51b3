"""JUnit: a report as the XML that CI systems show as tests."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from mock_server.report.model import (
    Mistake,
    Report,
    Section,
    headline,
    least_coverages,
    plain,
    sections,
    total,
)

SUITE = "mock_server"


def render(report: Report) -> str:
    """Return a suite with a test for each entry and for the coverage; what fails the verdict fails."""
    cases = [case for section in sections(report) for case in _section_cases(section)]
    cases += _coverage_cases(report)
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": "0",
    }
    coverage = _element("property", name="coverage", value=total(report)[0])
    output = _element("system-out", headline(report))
    properties = _element("properties", coverage)
    suite = _element("testsuite", properties, *cases, output, name=SUITE, **counts)
    root = _element("testsuites", suite, name=SUITE, **counts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _section_cases(section: Section) -> Iterator[Element]:
    if not section.entries:
        yield _case(section.cause, section.rule)
    for entry in section.entries:
        details = _details(entry)
        result = (
            _element("failure", details, message=entry.message, type=section.cause)
            if section.fails
            else _element("system-out", details)
        )
        yield _case(section.cause, entry.title, result)


def _details(entry: Mistake) -> str:
    return " | ".join([entry.message, entry.times, entry.example])


def _coverage_cases(report: Report) -> Iterator[Element]:
    """Yield a test for each percentage of coverage that the verdict asks for."""
    for least in least_coverages(report):
        message = f"{least.percent} was covered, {least.share}"
        if least.is_met:
            yield _case("coverage", least.rule, _element("system-out", message))
        else:
            failure = _element("failure", message, message=message, type="coverage")
            yield _case("coverage", least.rule, failure)


def _case(cause: str, name: str, *results: Element) -> Element:
    return _element("testcase", *results, classname=f"{SUITE}.{cause}", name=name, time="0")


def _element(tag: str, *content: Element | str, **attributes: str) -> Element:
    """Return an element of other elements or of one text.

    What can't be printed is escaped in texts, since XML allows no control characters.
    """
    element = Element(tag, {name: plain(value) for name, value in attributes.items()})
    for part in content:
        if isinstance(part, Element):
            element.append(part)
        else:
            element.text = plain(part)
    return element
