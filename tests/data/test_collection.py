"""Collections: where a value of a field stands, for cursors that are values of a field."""

from __future__ import annotations

import pytest

from mock_server.data.collection import Collection


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0", (0, -1)),
        ("15", (1, 0)),
        ("20", (1, 1)),
        ("25", (3, 2)),
        ("99", (4, 3)),
        ("-3", (0, -1)),
        ("x", None),
    ],
)
def test_a_number_that_no_record_has_stands_before_the_first_greater_one(
    number: str, expected: tuple[int, int] | None
) -> None:
    numbered = Collection("things", [{"n": n} for n in (10, 20, 5, 30)], ["n"])
    assert numbered.find("n", number) == expected
    assert Collection("things", [{"n": 10}, {"n": "b"}], ["n"]).find("n", "5") is None
    assert Collection("things", [], ["n"]).find("n", "5") == (0, -1)
