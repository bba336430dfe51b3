"""Shown records: those of a collection as the list of an older version shows them."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from mock_server.data.blanks import lasting
from mock_server.data.chunk import ACCOUNT_ID_PLACEHOLDER, encode
from mock_server.data.projection import Projection

# Stands for an account's id while a record is read and written: JSON admits no raw placeholder.
_MARK = "mock_server:own-account:5d1e7a90"


class ShownRecords:
    """Shows encoded records by the schema of a list, whatever schema they are kept in."""

    def __init__(self, name: str, key: str | None, projection: Projection) -> None:
        """Take the name of the collection, and the member by which its records are told apart."""
        self._name = name
        self._key = key
        self._projection = projection

    def show(self, records: Sequence[bytes]) -> list[bytes]:
        """Return encoded records as the list shows them, with placeholders for the account's id."""
        return [self._shown(record) for record in records]

    def _shown(self, encoded: bytes) -> bytes:
        record = orjson.loads(encoded.replace(ACCOUNT_ID_PLACEHOLDER, _MARK.encode()))
        shown = self._projection.show(record, lasting(self._name, self._key, record))
        return encode(shown).replace(_MARK.encode(), ACCOUNT_ID_PLACEHOLDER)
