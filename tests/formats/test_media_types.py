"""What an Accept header asks for, and which of some types it admits (RFC 9110 section 12.5.1)."""

from __future__ import annotations

import pytest

from mock_server.formats.media_types import JSON, YAML, admits, preferred


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/vnd.pagerduty+json;version=2", True), ("Application/VND.API+JSON", True),
        ("application/*+json", True), ("application/vnd.github+json, text/html;q=0.5", True),
        ("application/vnd.x+json;q=0", False), ("application/json;q=0, application/vnd.x+json", False),
        ("application/vnd.x+xml", False), ("application/xml", False), ("text/html", False),
        ("application/jsonl", False), ("application/vnd.x+json;q=0, */*", True),
    ],
)  # fmt: skip
def test_who_asks_for_a_format_in_json_takes_json(accept: str, expected: bool) -> None:
    assert admits(accept, (JSON,)) is expected


def test_who_asks_for_json_takes_a_format_in_json() -> None:
    assert admits("application/json", ("application/vnd.api+json",))
    assert not admits("application/json", ("text/event-stream",))


def test_a_format_in_json_is_no_reason_to_prefer_another_than_json() -> None:
    assert preferred("application/vnd.oai.openapi+json, */*;q=0.1", (YAML, JSON)) == JSON
    assert preferred("application/vnd.oai.openapi+json;q=0.1, application/yaml", (JSON, YAML)) == YAML
