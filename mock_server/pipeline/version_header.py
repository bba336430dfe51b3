"""The version header of answers: the version of the API that an answer follows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mock_server.openapi.document import Document
from mock_server.openapi.version import VersionRule

ResponseHeaders = tuple[tuple[bytes, bytes], ...]


class VersionHeaders:
    """The version headers of all answers, by the version rules of all documents."""

    @classmethod
    def of(cls, document: Document) -> VersionHeaders:
        """Return those of the answers of a document, and of the older ones beside it."""
        older = [
            VersionRule(name, (each.version,), "", "")
            for each in document.older
            for name in each.header.names
        ]
        return cls([*document.version_rules, *older])

    def __init__(self, rules: Iterable[VersionRule]) -> None:
        known: dict[str, tuple[str, frozenset[str]]] = {}
        for rule in rules:
            name, versions = known.get(rule.header.lower(), (rule.header, frozenset[str]()))
            known[rule.header.lower()] = name, versions | set(rule.known)
        self._known = known
        # The names of the headers that select a version, in lower case.
        self.names = tuple(known)
        # Cached, since clients send the same version with every request; bounded, as it may be any text.
        self.for_versions = lru_cache(maxsize=64)(self._for_versions)

    def _for_versions(self, values: tuple[str | None, ...]) -> ResponseHeaders:
        """Return the version headers of the answer to a request.

        `values` are the request's values of the headers `names`, None for a header that was not sent. An
        answer has the version that was asked for if it is known, else the newest.
        """
        result = []
        for version, (name, known) in zip(values, self._known.values(), strict=True):
            # Versions are dates, or other texts of which the newest sorts last.
            answered = version if version and version in known else max(known)
            result.append((name.encode("latin-1"), answered.encode("latin-1")))
        return tuple(result)
