"""The example that has each shape of resource once: all its operations hold together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.documents.filters import passes
from tests.documents.resources import measure
from tests.support.documents import ROOT

BILLING = ROOT / "spec" / "examples" / "billing.yaml"

INVOICE = {
    "status": "SENT",
    "total": "12.50",
    "due": "2024-05-02",
    "at": "2024-05-02T23:00:00Z",
    "to": [{"at": "a"}],
}


@pytest.mark.parametrize(
    ("field", "match", "text", "passed"),
    [
        ("status", "any-of", "DRAFT,SENT", True),
        ("status", "not-any-of", "DRAFT,SENT", False),
        ("status", "contains", "en", True),
        ("status", "not-contains", "EN", False),
        ("total", "equals", "12.5", True),
        ("due", "before", "2024-05-02", False),
        ("due", "after", "2024-05-01", True),
        ("at", "after", "2024-05-02", False),
        ("absent", "before", "2024-05-02", False),
        ("absent", "present", "false", True),
        ("to.at", "any-of", "a", True),
    ],
)
def test_a_rule_is_read_plainly(field: str, match: str, text: str, passed: bool) -> None:
    rule: dict[str, Any] = {"field": field, "match": match}
    assert passes(rule, text, INVOICE) is passed


@pytest.mark.slow
def test_the_example_holds_together() -> None:
    found = measure(BILLING)

    assert [str(each) for each in found.calls if not each.is_right] == []
    assert [str(each) for each in found.lives if each.wrong] == []
    assert [str(each) for each in found.filters if not each.is_right] == []
    assert [str(each) for each in found.held if each.wrong] == []
    assert [str(each) for each in found.acted if each.wrong] == []
    assert len(found.calls) == 40
