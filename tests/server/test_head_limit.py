"""The bounds of a request's head: which refusal a request over them gets."""

from __future__ import annotations

import pytest

from mock_server.server import head_limit
from mock_server.server.head_limit import HEAD_LIMIT
from mock_server.server.lingering_close import Refusal


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        (None, head_limit.MALFORMED),
        ([], head_limit.URL_TOO_LONG),
        ([(b"host", b"x")], head_limit.HEADERS_TOO_LARGE),
    ],
)
def test_a_long_head_is_refused_by_how_much_of_it_came(
    headers: list[tuple[bytes, bytes]] | None, refusal: Refusal
) -> None:
    assert head_limit.refuse_long_head(headers) == refusal


def test_an_unparsable_request_is_malformed_unless_its_url_is_too_long() -> None:
    error = ValueError()
    assert head_limit.refuse_unparsable(error, b"", b"x") == head_limit.MALFORMED
    assert head_limit.refuse_unparsable(error, b"/" + b"x" * HEAD_LIMIT, b"x") == head_limit.URL_TOO_LONG


@pytest.mark.parametrize(
    ("framing_bytes", "body_bytes", "exceeds"),
    [(HEAD_LIMIT, 0, False), (HEAD_LIMIT + 1, 0, True), (6_000_000, 1_000_000, False)],
)
def test_chunks_of_one_byte_are_within_the_limit_and_endless_trailers_are_not(
    framing_bytes: int, body_bytes: int, exceeds: bool
) -> None:
    assert head_limit.exceeds_framing_limit(framing_bytes, body_bytes) is exceeds


def test_a_refusal_is_a_whole_response_that_closes_the_connection() -> None:
    assert Refusal(431, "Too läng.").render() == (
        b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
        b"content-type: text/plain; charset=utf-8\r\n"
        b"connection: close\r\n"
        b"content-length: 10\r\n\r\n"
        b"Too l\xc3\xa4ng."
    )
