"""A client of the control API, and the records that tests send with it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from tests.conftest import LIST
from tests.support import wire

RECORDS = "/collections/usage-metrics"

METRIC: dict[str, Any] = {
    "name": "n", "metricType": "SIMPLE", "eventType": "e", "aggregationType": "COUNT",
    "propertyFilters": {}, "parameters": [],
}  # fmt: skip

JSON = "Content-Type: application/json"
YAML = "Content-Type: application/yaml"


@dataclass(frozen=True)
class Caller:
    """A client of the control API and the mocked API, with one client id."""

    url: str
    client_id: str

    @property
    def authorization(self) -> str:
        return "Authorization: Basic " + base64.b64encode(f"{self.client_id}:s".encode()).decode()

    def send(self, method: str, target: str, body: Any = None, *headers: str) -> wire.Answer:
        """Send bytes unchanged, any other body in JSON with its Content-Type; None is no body."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if body is not None and not isinstance(body, bytes):
            headers = (JSON, *headers)
        length = [f"Content-Length: {len(content)}"] if content or method != "GET" else []
        lines = [self.authorization, *headers, *length]
        return wire.get(self.url, target, *lines, method=method, auth=False, body=content)

    def call(self, method: str, path: str, body: Any = None, *headers: str) -> wire.Answer:
        return self.send(method, "/_mock" + path, body, *headers)

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """Make a call that must succeed and return its JSON, None for an empty body."""
        answer = self.call(method, path, body)
        assert answer.status in (200, 201, 204), answer.body
        return answer.json if answer.body else None

    def records(self, query: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.done("GET", RECORDS + query)["items"]
        return items

    def names(self) -> list[str]:
        return [record["name"] for record in self.records()]

    def page(self, query: str = "") -> Any:
        return self.send("GET", LIST + query).json

    def state(self) -> dict[str, Any]:
        """Return all that a refused call must leave unchanged; a running clock counts as such only."""
        calls = (RECORDS, "/requests", "/walks", "/faults", "/clock")
        state = {path: self.done("GET", path) for path in calls}
        if not state["/clock"]["frozen"]:
            state["/clock"]["now"] = "running"
        return state


def metrics(*names: str, **more: Any) -> dict[str, Any]:
    """Return a body with a metric of each name; `more` are further members of each."""
    return {"items": [METRIC | {"name": name} | more for name in names]}


def keys(answer: wire.Answer) -> list[str]:
    """Return the keys of the violations in a 400, sorted."""
    assert answer.status == 400, answer.body
    assert all(violation["message"].endswith(".") for violation in answer.violations)
    return sorted(violation["key"] for violation in answer.violations)
