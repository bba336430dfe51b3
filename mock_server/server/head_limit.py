"""The bounds of a request's head (its request line and headers) and of a body's framing."""

from __future__ import annotations

from collections.abc import Sequence

from mock_server.errors import HeadersTooLarge
from mock_server.server.lingering_close import Refusal

# Bytes of a head, and seconds in which it must arrive.
HEAD_LIMIT = 64 * 1024
HEAD_SECONDS = 30.0

MALFORMED = Refusal(400, "Invalid HTTP request received.")
TOO_SLOW = Refusal(408, f"The request's head did not arrive within {HEAD_SECONDS:g} seconds.")
URL_TOO_LONG = Refusal(414, f"The URL is longer than {HEAD_LIMIT:,} bytes; send a shorter one.")
HEADERS_TOO_LARGE = Refusal(431, HeadersTooLarge(HEAD_LIMIT).message)


def refuse_unparsable(url: bytes) -> Refusal:
    """Return the refusal of a request that the parser rejects; `url` is what was parsed of its URL."""
    # llhttp calls a URL invalid that is longer than it can count.
    return URL_TOO_LONG if len(url) >= HEAD_LIMIT else MALFORMED


def refuse_long_head(headers: Sequence[tuple[bytes, bytes]] | None) -> Refusal:
    """Return the refusal of a head over the limit, by the headers that were complete before it.

    `headers` is None where no request has begun, because only empty lines were sent.
    """
    if headers is None:
        return MALFORMED
    return HEADERS_TOO_LARGE if headers else URL_TOO_LONG


def exceeds_framing_limit(framing_bytes: int, body_bytes: int) -> bool:
    """Return whether a body came with too many bytes of chunk headers and trailers.

    `framing_bytes` counts all bytes after the head, `body_bytes` those of the body among them.
    """
    # A chunk of one byte has five more bytes around it.
    return framing_bytes > HEAD_LIMIT + 8 * body_bytes
