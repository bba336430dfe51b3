"""What an account can do to its records: list, load, create, change and remove those of a collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.client.control_api import ControlApi, path_segment

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


class Collections:
    """How an account's records are changed; `Sandbox` has all other calls that steer it.

    A collection is named by its path in the document without the first slash, e.g. `"customers"`. A
    nested one is `"invoices/{id}/line-items"`, whatever its parameter is called, or of one parent alone
    `"invoices/f3b6/line-items"`. None means the document's only one, and raises ValueError where there
    are several.
    """

    _api: ControlApi
    _health: dict[str, Any] | None = None

    def create(self, collection: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record before all others, completed as one that a request creates, and return it.

        E.g. `create("customers", {"name": "Acme"})` returns `{"id": "52702257-…", "name": "Acme", …}`.
        A nested record names its parent, e.g. `create("invoices/f3b6/line-items", {"quantity": 2})`. If
        it is wrong, SandboxError names all mistakes and nothing changes.
        """
        created: dict[str, Any] = self._api.call(
            "POST", f"{self._path(collection)}/records", dict(record)
        )
        return created

    def update(self, collection: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002
        """Change members of the record with that id, and return the whole of it.

        None removes a member, and objects are merged (RFC 7396), e.g. `update("customers",
        customer["id"], {"address": {"city": "Oslo", "zip": None}})`. If the record would be wrong,
        SandboxError names all mistakes and nothing changes.
        """
        updated: dict[str, Any] = self._api.call(
            "PATCH", self._record_path(collection, id), dict(changes)
        )
        return updated

    def record(self, collection: str, id: str) -> dict[str, Any]:  # noqa: A002
        """Return the record with that id, with all its fields, e.g. `record("customers", "52702257-…")`.

        Raises SandboxError, with the status 404, where there is none.
        """
        found: dict[str, Any] = self._api.call("GET", self._record_path(collection, id))
        return found

    def remove(self, id: str, collection: str | None = None) -> None:  # noqa: A002
        """Remove the record with that id, e.g. `remove(customer["id"], "customers")`."""
        self._api.call("DELETE", self._record_path(collection, id))

    def load(self, items: Sequence[Mapping[str, Any]], collection: str | None = None) -> None:
        """Replace all records by these, in this order.

        A record has the fields that the document names. One that lacks an id, an account or a time of
        creation is given it. If any is wrong, SandboxError names all mistakes and nothing changes.
        E.g. `load([{"name": "API calls", "metricType": "SIMPLE", "eventType": "api_call",
        "aggregationType": "COUNT", "propertyFilters": {}, "parameters": []}])`.
        """
        self._api.call("PUT", self._path(collection), {"items": list(items)})

    def add(self, items: Sequence[Mapping[str, Any]], collection: str | None = None) -> None:
        """Add records, as `load` takes them, before all others; their order stays."""
        self._api.call("POST", self._path(collection), {"items": list(items)})

    def generate(self, count: int, seed: int = 0, collection: str | None = None) -> None:
        """Replace all records by `count` generated ones, which are the same for the same seed.

        `count` is at most 1,000,000. E.g. `generate(250, seed=7)`.
        """
        self._api.call("POST", f"{self._path(collection)}/generate", {"count": count, "seed": seed})

    def records(self, collection: str | None = None) -> list[dict[str, Any]]:
        """Return all records as the client under test gets them, in order, with all their fields.

        E.g. `[{"id": "52702257-…", "name": "API calls", "createdAt": "2024-07-29T23:31:07Z", …}]`.
        """
        answer = self._api.call("GET", self._path(collection), params={"limit": 1_000_000})
        records: list[dict[str, Any]] = answer["items"]
        return records

    @property
    def _described(self) -> dict[str, Any]:
        """What the server says of itself, which is asked for once."""
        if self._health is None:
            self._health = self._api.health()
        return self._health

    def _path(self, collection: str | None) -> str:
        return f"/collections/{path_segment(collection or self._only_collection())}"

    def _record_path(self, collection: str | None, record_id: str) -> str:
        return f"{self._path(collection)}/records/{path_segment(str(record_id))}"

    def _only_collection(self) -> str:
        names = list(self._described["records"])
        if len(names) != 1:
            raise ValueError(f"the document has several collections; name one of {', '.join(names)}")
        return str(names[0])
