"""The version header of answers: which version of the API an answer is of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mock_server.openapi.version import VersionRule

ResponseHeaders = tuple[tuple[bytes, bytes], ...]


class VersionHeaders:
    """The version headers of answers, by the rules of all operations of a document."""

    def __init__(self, rules: Iterable[VersionRule]) -> None:
        known: dict[str, tuple[str, frozenset[str]]] = {}
        for rule in rules:
            name, versions = known.get(rule.header.lower(), (rule.header, frozenset[str]()))
            known[rule.header.lower()] = name, versions | set(rule.known)
        self._known = known
        # The names of the headers that select a version, in lower case.
        self.names = tuple(known)
        # Clients send the same version, or none, with every request; unknown ones may be anything.
        self.for_versions = lru_cache(maxsize=64)(self._for_versions)

    def _for_versions(self, asked: tuple[str | None, ...]) -> ResponseHeaders:
        """Return the version headers of the answer to a request whose headers `names` have these values.

        An answer carries the version that was asked for where it is known, else the newest.
        """
        result = []
        for version, (name, known) in zip(asked, self._known.values(), strict=True):
            # Versions are dates, or anything else that sorts as texts.
            answered = version if version and version in known else max(known)
            result.append((name.encode("latin-1"), answered.encode("latin-1")))
        return tuple(result)
