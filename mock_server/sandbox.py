"""The sandbox: the collections that are served, and the only mutable state of the server."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.collection import Collection

Snapshot = Mapping[str, Collection]


class Sandbox:
    """Holds one immutable snapshot of all collections, which is replaced whole."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collection(self, name: str) -> Collection:
        return self._snapshot[name]

    def counts(self) -> dict[str, int]:
        """The number of records in each collection."""
        return {name: len(collection) for name, collection in self._snapshot.items()}

    def replace(self, snapshot: Snapshot) -> None:
        """Serve another snapshot from now on; requests under way keep the one that they read."""
        self._snapshot = snapshot
