"""Changes of an account's records by requests: what one did, as the journal names it."""

from __future__ import annotations

from typing import Any, NamedTuple


class Change(NamedTuple):
    """What a request changed: one record of a collection, or what an action changed there.

    - `kind`: `created`, `updated`, `removed` or `acted`
    - `collection`: its name, e.g. `invoices/{invoice}/line-items`
    - `id`: the record's, e.g. `f3b6`; None where its records have no id
    """

    kind: str
    collection: str
    id: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the change as the journal shows it, e.g. `{"kind": "created", …}`."""
        return self._asdict()
