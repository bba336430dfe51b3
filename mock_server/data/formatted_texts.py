"""Texts of a format, e.g. `date-time` or `ipv4`, another one for each record."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import blake2b

from mock_server.data.records import NEWEST, derive_id
from mock_server.formats.timestamps import format_timestamp

# Days after which dates begin anew, since no date lies before the year 1.
_DAYS = 20_000


def make_formatted(form: str, place: str, index: int) -> str | None:
    """Return a text of a format for a record's number; None for a format that is not known.

    `place` names the record and the place in it, e.g. `0/things/3/id`: each has another id.
    """
    make = _FORMATS.get(form)
    return None if make is None else make(place, index)


def _date(index: int) -> str:
    return f"{NEWEST - timedelta(days=index % _DAYS):%Y-%m-%d}"


def _digest(place: str) -> bytes:
    return blake2b(place.encode(), digest_size=12).digest()


def _hosts(index: int, size: int) -> int:
    return 1 + index % size


def _ipv4(index: int) -> str:
    # RFC 5737: three networks for documentation.
    network = ("192.0.2", "198.51.100", "203.0.113")[index // 254 % 3]
    return f"{network}.{_hosts(index, 254)}"


def _time(index: int) -> str:
    return f"{NEWEST - timedelta(minutes=index % 1440):%H:%M:%S}Z"


# The names are those of OpenAPI's registry of formats and of JSON Schema, Validation 7.3, and what
# documents write in their place.
_FORMATS: Mapping[str, Callable[[str, int], str]] = {
    "date-time": lambda _, index: format_timestamp(NEWEST - timedelta(minutes=index)),
    "date": lambda _, index: _date(index),
    "time": lambda _, index: _time(index),
    "duration": lambda _, index: f"P{1 + index % 90}D",
    "uuid": lambda place, _: derive_id(place),
    "email": lambda _, index: f"person{index + 1}@example.com",
    "idn-email": lambda _, index: f"person{index + 1}@example.com",
    "uri": lambda _, index: f"https://example.com/{index + 1}",
    "url": lambda _, index: f"https://example.com/{index + 1}",
    "iri": lambda _, index: f"https://example.com/{index + 1}",
    "uri-reference": lambda _, index: f"/{index + 1}",
    "iri-reference": lambda _, index: f"/{index + 1}",
    "uri-template": lambda _, index: f"/{index + 1}/{{name}}",
    "json-pointer": lambda _, index: f"/{index}",
    "relative-json-pointer": lambda _, index: f"{index}/a",
    "regex": lambda _, index: f"^{index}$",
    "hostname": lambda _, index: f"host{index + 1}.example.com",
    "idn-hostname": lambda _, index: f"host{index + 1}.example.com",
    "ipv4": lambda _, index: _ipv4(index),
    "ipv6": lambda _, index: f"2001:db8::{_hosts(index, 65_534):x}",
    "byte": lambda place, _: base64.b64encode(_digest(place)).decode(),
    "base64url": lambda place, _: base64.urlsafe_b64encode(_digest(place)).decode(),
    "decimal": lambda place, _: f"{_digest(place)[0] * 4}.{_digest(place)[1] % 100:02}",
    # The numbers from 555-0100 to 555-0199 are kept for fiction (https://nanpa.com, 555 line numbers).
    "phone": lambda _, index: f"+120255501{index % 100:02}",
    "phone-number": lambda _, index: f"+120255501{index % 100:02}",
}
