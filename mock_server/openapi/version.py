"""The rule for the header by which a client selects a version of the API."""

from __future__ import annotations

from typing import NamedTuple

from mock_server.errors import UnknownVersion
from mock_server.shown_text import quote


class VersionRule(NamedTuple):
    """A header that selects a version, and the error that an unknown version gets.

    `header` is its name, `known` the versions, e.g. `("2024-07-30",)`, of which the greatest is the
    newest. `error_type` and `error_message` are those of the real API.
    """

    header: str
    known: tuple[str, ...]
    error_type: str
    error_message: str

    @property
    def newest(self) -> str:
        """Return the version that applies where none is asked for; versions sort as texts."""
        return max(self.known)


def check_version(rule: VersionRule, version: str) -> str:
    """Return a version that the rule knows; raise UnknownVersion, the real API's error, for another."""
    if version not in rule.known:
        message = (
            f"{quote(version)} was sent for '{rule.header}', which must be one of "
            f"{', '.join(rule.known)}; send that, or leave it out."
        )
        raise UnknownVersion(rule.error_type, rule.error_message, rule.header, message)
    return version or rule.newest
