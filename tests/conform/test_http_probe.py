"""Requests at a steady pace, and exchanges in words."""

from __future__ import annotations

from dataclasses import replace

from mock_server.conform import http_probe


def test_a_pause_is_not_caught_up_with(no_pace: list[float], now: list[float]) -> None:
    pace = http_probe.Pace(2)
    pace.wait()
    now[0] += 60
    pace.wait()
    pace.wait()
    assert [moment - no_pace[0] for moment in no_pace] == [0, 60, 60.5]


def test_the_exchange_of_a_refusal_says_what_was_sent_in_place_of_credentials() -> None:
    reply = http_probe.Reply("/x?a=b%2C+c", (), False, 200, (), b"\x1b[31m{" + b"x" * 1000 + b"}")
    assert list(reply.format_lines(str)) == [
        "GET /x?a=b%2C+c",
        "    a = 'b, c'",
        "    without credentials",
        "was answered with 200, no Content-Type",
        f"     [31m{{{'x' * 394} … {'x' * 199}}}",
    ]
    scheme = replace(reply, sent_headers=(("Authorization", "Bearer abc"),), body=b"")
    assert list(scheme.format_lines(str))[2:] == [
        "    Authorization: Bearer abc",
        "was answered with 200, no Content-Type",
        "    (no body)",
    ]
