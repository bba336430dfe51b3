"""The header by which a client selects a version, and its check."""

from __future__ import annotations

from dataclasses import dataclass

from mock_server.errors import UnknownVersion, quote
from mock_server.formats.headers import Headers, header_value


@dataclass(frozen=True, slots=True)
class VersionRule:
    """A header that selects a version, and the error that an unknown version gets.

    `header` is its name, `known` the versions, e.g. `("2024-07-30",)`, of which the greatest is the
    newest. `error_type` and `error_message` are the vendor's.
    """

    header: str
    known: tuple[str, ...]
    error_type: str
    error_message: str


def check_version(rule: VersionRule, headers: Headers) -> str:
    """Return the version that the headers ask for, or the newest where they name none.

    Raise UnknownVersion, with the vendor's type and message, for a version that is not known.
    """
    version = header_value(headers, rule.header.lower().encode("latin-1"))
    if version is not None and version not in rule.known:
        message = (
            f"{quote(version)} was sent for '{rule.header}', which must be one of "
            f"{', '.join(rule.known)}; send that, or leave it out."
        )
        raise UnknownVersion(rule.error_type, rule.error_message, rule.header, message)
    return version or max(rule.known)
