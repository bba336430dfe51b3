"""Versions: the header by which a client selects one, and the error that an unknown one gets."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.errors import UnknownVersion, quote
from mock_server.formats.headers import Headers, header_value


@dataclass(frozen=True, slots=True)
class VersionRule:
    """A header that selects a version, and the error (type, message) that an unknown one gets."""

    header: str
    known: tuple[str, ...]
    error_type: str
    error_message: str


def check_version(rule: VersionRule, headers: Headers) -> str:
    """Return the version that the headers ask for, or the newest where they name none.

    Raise UnknownVersion, the vendor's own error, for one that the operation lacks.
    """
    version = header_value(headers, rule.header.lower().encode("latin-1"))
    if version is not None and version not in rule.known:
        blame = (
            f"{quote(version)} was sent for '{rule.header}', which must be one of "
            f"{', '.join(rule.known)}; send that, or leave it out."
        )
        raise UnknownVersion(rule.error_type, rule.error_message, rule.header, blame)
    return version or max(rule.known)
