"""Cursors: what is issued is known again, and nothing else is."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.lists import cursors

positions = st.integers(min_value=-(2**39), max_value=2**39)


@given(st.text(max_size=30), positions)
def test_a_cursor_stands_for_its_position(collection: str, position: int) -> None:
    assert cursors.decode(collection, cursors.encode(collection, position)) == position


@given(positions)
def test_a_cursor_is_base64_of_the_text_of_a_uuid7(position: int) -> None:
    text = base64.b64decode(cursors.encode("things", position), validate=True).decode()
    parsed = uuid.UUID(text)
    assert (len(text), parsed.version, parsed.variant) == (36, 7, uuid.RFC_4122)
    assert str(parsed) == text


def test_cursors_never_change() -> None:
    assert cursors.encode("usage-metrics", 19) == "MDE5MTAwZWYtYzdlZC03MGYyLWJhNjQtYzU3MGZhNTRmMjM2"


@given(st.text(max_size=80))
def test_a_text_that_was_never_issued_is_refused(text: str) -> None:
    with pytest.raises(cursors.UnknownCursor):
        cursors.decode("things", text)


@given(positions, st.integers(0, 47), st.characters(codec="ascii"))
def test_a_cursor_with_one_changed_character_is_refused(
    position: int, place: int, character: str
) -> None:
    cursor = cursors.encode("things", position)
    changed = cursor[:place] + character + cursor[place + 1 :]
    if changed != cursor:
        with pytest.raises(cursors.UnknownCursor):
            cursors.decode("things", changed)


def test_a_cursor_of_another_collection_is_refused() -> None:
    with pytest.raises(cursors.UnknownCursor):
        cursors.decode("others", cursors.encode("things", 5))


def test_the_published_example_was_never_issued_here() -> None:
    with pytest.raises(cursors.UnknownCursor):
        cursors.decode("usage-metrics", "MDE4NDUyNjYtNmQ2NC03N2M4LTlhZGYtNDQ4N2Q5NGQxNDU3")


@pytest.mark.parametrize("end", ["=", "\n", " ", "=="])
def test_a_cursor_with_something_behind_it_is_refused(end: str) -> None:
    with pytest.raises(cursors.UnknownCursor):
        cursors.decode("things", cursors.encode("things", 5) + end)
