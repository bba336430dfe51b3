"""Decoded paths: what is data of a segment is no separator."""

from __future__ import annotations

import pytest

from mock_server.formats import url_path


@pytest.mark.parametrize(
    ("raw", "segments"),
    [
        (b"/a/b", ["", "a", "b"]),
        (b"/a%2Fb/c", ["", "a/b", "c"]),
        (b"/a%2fb", ["", "a/b"]),
        (b"/a%252Fb", ["", "a%2Fb"]),
        (b"/a%0A", ["", "a\n"]),
        (b"/%C3%B6/%ff", ["", "ö", "\ufffd"]),
        (b"/a%/%zz", ["", "a%", "%zz"]),
        (b"/%61+b", ["", "a+b"]),
        (b"/%ed%b0%af", ["", "\ufffd\ufffd\ufffd"]),
    ],
)
def test_a_path_is_decoded_segment_by_segment(raw: bytes, segments: list[str]) -> None:
    decoded = url_path.decode(raw)
    assert [url_path.restore(segment) for segment in decoded.split("/")] == segments
    assert "\n" not in decoded


def test_a_message_shows_what_stayed_apart_as_it_was_sent() -> None:
    assert url_path.show(url_path.decode(b"/a%2fb%0A/c")) == "/a%2Fb%0A/c"
