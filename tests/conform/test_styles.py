"""The conformance kit on lists of every style: its checks suit the style, and find what is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.client import Sandbox
from mock_server.conform import runner
from tests.support import styles
from tests.support.conformance import checks_by_outcome, findings
from tests.support.servers import Serve

# Checks that suit one style only, or some.
OWN = {
    "cursor": {
        "cursor-presence",
        "cursor-both",
        "cursor-invented",
        "cursor-other-limit",
        "walk-backward",
    },
    "item id": {"cursor-both", "cursor-invented", "cursor-other-limit", "walk-backward", "more-true"},
    "token": {"cursor-presence", "cursor-invented", "cursor-other-limit", "numbers-true"},
    "page": {
        "page-first",
        "page-again",
        "page-beyond",
        "page-invalid",
        "page-other-limit",
        "numbers-true",
    },
    "offset": {
        "page-first",
        "page-again",
        "page-beyond",
        "cursor-other-limit",
        "more-true",
        "numbers-true",
    },
    "url": {"cursor-presence", "urls-lead", "walk-backward"},
    "bare array": {"page-first", "page-other-limit", "urls-lead", "walk-total"},
    "none": {"walk-total"},
}


@pytest.mark.slow
@pytest.mark.parametrize("style", styles.SCHEMES)
def test_a_list_of_each_style_is_decided_by_the_checks_of_its_style(
    serve: Serve, tmp_path: Path, style: str
) -> None:
    path = styles.write(style, tmp_path)
    found = findings(serve(document=path, count=45), document=path)
    assert [str(each) + each.message for each in found if each.outcome == runner.FAILED] == []
    assert checks_by_outcome(found, runner.UNDECIDABLE) <= {"filter-nothing kind"}
    assert OWN[style] <= checks_by_outcome(found, runner.PASSED)


# The checks that fail by a kind of broken page, where the list can play it.
BROKEN = {
    ("item id", "short-page"): {"walk-full", "limit-default"},
    ("token", "repeat-cursor"): {"walk-ends", "walk-once"},
    ("page", "short-page"): {"walk-full"},
    ("page", "wrong-total"): {"walk-total"},
    ("offset", "duplicate-item"): {"walk-once"},
    ("url", "null-cursors"): {"urls-lead"},
    ("bare array", "empty-page"): {"walk-total"},
}


@pytest.mark.slow
@pytest.mark.parametrize(("style", "kind"), BROKEN)
def test_a_broken_page_of_each_style_is_found(
    serve: Serve, tmp_path: Path, style: str, kind: str
) -> None:
    path = styles.write(style, tmp_path)
    url = serve(document=path, count=45)
    Sandbox(url, "demo", "secret").fail({"page": kind}, repeat="forever")
    failed = checks_by_outcome(findings(url, document=path), runner.FAILED)
    assert BROKEN[style, kind] <= failed
