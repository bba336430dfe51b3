"""What a request's head (its request line and headers) and a body's framing must be like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mock_server.errors import HeadersTooLarge
from mock_server.server.lingering_close import Refusal, TlsAlert

# Bytes of a head, and seconds in which it must arrive.
HEAD_LIMIT = 64 * 1024
HEAD_SECONDS = 30.0

MALFORMED = Refusal(400, "Invalid HTTP request received.")
TOO_SLOW = Refusal(408, f"The request's head did not arrive within {HEAD_SECONDS:g} seconds.")
URL_TOO_LONG = Refusal(414, f"The URL is longer than {HEAD_LIMIT:,} bytes; send a shorter one.")
HEADERS_TOO_LARGE = Refusal(431, HeadersTooLarge(HEAD_LIMIT).message)
TLS_SPOKEN = TlsAlert()

# The first byte of a handshake of TLS (RFC 8446 section 5.1), and that of no request.
_TLS_HANDSHAKE = b"\x16"


NO_HOST = Refusal(400, "The request has no Host header; send one, which HTTP/1.1 requires.")
MANY_HOSTS = Refusal(400, "The request has several Host headers; send one.")
NOT_CHUNKED_LAST = Refusal(
    400, "The Transfer-Encoding header must end in 'chunked', and name it once; send 'chunked' alone."
)
UNKNOWN_CODING = Refusal(
    501, "The Transfer-Encoding header names a coding beside 'chunked', which is the only one read here."
)
CONNECT = Refusal(501, "CONNECT asks for a tunnel, and this server is no proxy; send another method.")


class RefusedHead(Exception):
    """A head that the parser takes, and that is refused all the same."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def check_framing(http_version: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Raise RefusedHead for a missing or repeated Host header, and a Transfer-Encoding but chunked.

    `http_version` is e.g. `1.1`; HTTP/1.0 has no Host header (RFC 9112 section 3.2).
    """
    hosts = sum(name == b"host" for name, _ in headers)
    if hosts > 1:
        raise RefusedHead(MANY_HOSTS)
    if hosts == 0 and http_version != "1.0":
        raise RefusedHead(NO_HOST)
    listed = [value for name, value in headers if name == b"transfer-encoding"]
    codings = [coding.strip().lower() for coding in b",".join(listed).split(b",")]
    named = [coding for coding in codings if coding]
    # RFC 9112 sections 6.1 and 6.3.
    if listed and (named[-1:] != [b"chunked"] or named.count(b"chunked") > 1):
        raise RefusedHead(NOT_CHUNKED_LAST)
    if len(named) > 1:
        raise RefusedHead(UNKNOWN_CODING)


def check_method(method: bytes) -> None:
    """Raise RefusedHead for CONNECT, after which the parser takes all that follows for a tunnel."""
    if method == b"CONNECT":
        raise RefusedHead(CONNECT)


def without_upgrade(
    method: bytes, url: bytes, http_version: str, headers: Iterable[tuple[bytes, bytes]]
) -> bytes:
    """Return the bytes of a head that is like another one, but offers no upgrade."""
    lines = [b"%b %b HTTP/%b" % (method, url, http_version.encode())]
    lines += [b"%b: %b" % (name, value) for name, value in headers if name != b"upgrade"]
    return b"\r\n".join([*lines, b"", b""])


def refuse_unparsable(error: Exception, url: bytes, piece: bytes) -> Refusal | TlsAlert:
    """Return the refusal of a request that the parser rejects with an error.

    `url` is what was parsed of its URL, and `piece` what the parser was fed last. What a callback of the
    parser raises is the error's context.
    """
    if not url and piece.startswith(_TLS_HANDSHAKE):
        return TLS_SPOKEN
    if isinstance(error.__context__, RefusedHead):
        return error.__context__.refusal
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
