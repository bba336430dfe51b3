"""Where a value stands in the records of a collection."""

from __future__ import annotations

from typing import NamedTuple


class Spot(NamedTuple):
    """Where a value stands in the records of a collection.

    - `seed`: the same for all records, e.g. `0/things/customer/id`; `number` is the record's
    - `name`: the nearest property's name, e.g. `id`
    - `is_key`: whether the value tells the records apart
    - `is_rising`: whether it is a number that rises from record to record
    - `is_frozen`: whether an example's value is repeated
    - `attempt`: above 0 where the record made before was like another one
    - `turn`: above 0 where the value made before was not valid; no key depends on it
    """

    seed: str
    number: int
    name: str
    is_key: bool = False
    is_frozen: bool = False
    attempt: int = 0
    turn: int = 0
    is_rising: bool = False

    def member(self, name: str) -> Spot:
        """Return the place of a member."""
        return Spot(
            f"{self.seed}/{name}", self.number, name, False, self.is_frozen, self.attempt, self.turn
        )

    def item(self, place: int, attempt: int = 0) -> Spot:
        """Return the place of an item, whose name is the array's; with an attempt, of another value."""
        seed = f"{self.seed}/{place}"
        is_frozen = self.is_frozen and not attempt
        return Spot(seed, self.number + attempt, self.name, False, is_frozen, self.attempt, self.turn)

    @property
    def place(self) -> str:
        """Return the place with the record's number, e.g. `0/things/customer/id/3`."""
        return f"{self.seed}/{self.number}" + (f"/{self.attempt}" if self.attempt else "")
