"""HTTP headers, as pairs of bytes with names in lower case (ASGI, HTTP connection scope)."""

from __future__ import annotations

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]


def header_value(headers: Headers, name: bytes) -> str | None:
    """Return the value of a header, several joined with `, ` (RFC 9110 section 5.3); None if absent."""
    values = [value.decode("latin-1").strip() for key, value in headers if key == name]
    return ", ".join(values) if values else None


def with_added(headers: Headers, added: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers followed by those of `added` whose names are not among them."""
    names = {name for name, _ in headers}
    return [*headers, *((name, value) for name, value in added if name.lower() not in names)]


def by_name(headers: Headers) -> dict[str, str]:
    """Return the headers by their names, several values of one joined, e.g. `{"accept": "a, b"}`."""
    result: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        result[name] = f"{result[name]}, {value}" if name in result else value
    return result
