"""File bytes: a few that are right for a media type, for downloads of which nothing else is known."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

_TEXT = b"An example of the mock server.\n"


def example_bytes(media_type: str) -> bytes | None:
    """Return the bytes of a small file of a media type, e.g. `application/pdf`; None for others."""
    make = _MAKERS.get(media_type)
    if make is not None:
        return make()
    return _TEXT if media_type.startswith("text/") else None


def _pdf() -> bytes:
    """Return a document with one empty page (ISO 32000-1, section 7.5)."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 4\n0000000000 65535 f \n"
    tail = b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return written + head + table + tail


def _png() -> bytes:
    """Return an image of one white pixel (PNG specification, section 5)."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0\xff", 9)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


_MAKERS: Mapping[str, Callable[[], bytes]] = {
    "application/pdf": _pdf,
    "application/xml": lambda: b'<?xml version="1.0"?>\n<example/>\n',
    # An archive without files.
    "application/zip": lambda: b"PK\5\6" + bytes(18),
    "image/png": _png,
    "image/svg+xml": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n',
    "text/csv": lambda: b"id,name\r\n1,Example\r\n",
    "text/html": lambda: b"<!doctype html>\n<title>Example</title>\n",
}
