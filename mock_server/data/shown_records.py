"""Shown records: those of a collection as a list shows them whose schema is not that of the records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from mock_server.data.blanks import lasting
from mock_server.data.collection import Collection
from mock_server.data.columns import ACCOUNT_ID_PLACEHOLDER, encode
from mock_server.data.projection import Projection

# Stands for an account's id while a record is read and written: JSON admits no raw placeholder.
_MARK = b"mock_server:own-account:5d1e7a90"


class ShownRecords:
    """Shows the records of a collection, kept in the shape of a newer version, by a list's schema."""

    def __init__(self, name: str, key: str | None, make: Callable[[], Projection]) -> None:
        """Take the collection's name, the member by which records are told apart, and what shows them.

        `make` is called at the first page.
        """
        self._name = name
        self._key = key
        self._make = make

    @cached_property
    def _projection(self) -> Projection:
        return self._make()

    def show(self, collection: Collection, positions: Iterable[int]) -> list[bytes]:
        """Return the records at positions of a collection, encoded, without the account's id."""

        def shown(record: Any, _position: int) -> Any:
            return self._projection.show(record, lasting(self._name, self._key, record))

        return encoded(collection, positions, shown)


def encoded(
    collection: Collection, positions: Iterable[int], show: Callable[[Any, int], Any]
) -> list[bytes]:
    """Return the records at positions as `show` makes them, with placeholders for the account's id.

    `show` gets each record, with the members that no list shows, and its position.
    """
    shown = (encode(show(collection.record_at(each, _MARK), each)) for each in positions)
    return [each.replace(_MARK, ACCOUNT_ID_PLACEHOLDER) for each in shown]
