"""JSON that is read in pieces is read as JSON that is not."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.formats import json

# What makes a text long.
BLANKS = " " * json.LONG_TEXT


def outcome(text: str, *, in_pieces: bool) -> Any:
    try:
        return json.load(text, in_pieces=in_pieces)
    except json.Unreadable as error:
        return error.line, error.message.partition(" (")[0]


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": [1, -2.5e3, "\ud83d\ude00", true, false, null, {}, []], "b": "\\ud800"}',
        '{"a": 1, "a": 2}',
        "[NaN]",
        "[1,\n]",
        "[1e999]",
        f"[{'9' * 309}]",
        f"[{'9' * 5000}]",
        '["a",\n"\\ud800"]',
        '["\\udc00\\ud800"]',
        "[" * 101 + "]" * 101,
        "[" * 100_000,
        "[01]",
    ],
)
def test_a_text_that_is_read_in_pieces_means_the_same(text: str) -> None:
    assert outcome(text + BLANKS, in_pieces=True) == outcome(text, in_pieces=False)


def test_digits_of_other_scripts_are_no_numbers() -> None:
    for number in ("1\u0663", "1.\u0663", "-1e\u0663"):
        assert outcome(f"[{number}]{BLANKS}", in_pieces=True) == (None, "it is not JSON")
