"""Callers of a server: a request by a client id, and what the control API says of its account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.support import wire
from tests.support.documents import CONTROL, LIST, METRIC, assert_described

ID = "X-Mock-Request-Id"
SHORT = "X-Mock-Violations"
# Not the secret of `wire.BASIC`, so that a test can look for it in what a server says.
SECRET = "s3cret"
JSON = "Content-Type: application/json"
YAML = "Content-Type: application/yaml"
RECORDS = "/collections/usage-metrics"


def authorization(client_id: str | bytes, secret: str = "secret") -> str:
    """Return the line of a header, such as "Authorization: Basic YTpi"."""
    return f"Authorization: {wire.basic(client_id, secret)}"


def send(url: str, client_id: str, target: str, *headers: str | bytes, **more: Any) -> wire.Answer:
    return wire.get(url, target, authorization(client_id, SECRET), *headers, auth=False, **more)


def journal(url: str, client_id: str, query: str = "") -> Any:
    answer = send(url, client_id, "/_mock/requests" + query)
    assert answer.status == 200, answer.body
    return answer.json


def entries(url: str, client_id: str, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = journal(url, client_id, query)["items"]
    return items


def script(url: str, client_id: str, body: str) -> str:
    """Register a fault; gives its id."""
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    answer = send(url, client_id, "/_mock/faults", *headers, method="POST", body=body.encode())
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def ledger(url: str, client_id: str, query: str = "") -> list[dict[str, Any]]:
    answer = send(url, client_id, "/_mock/violations" + query)
    assert answer.status == 200, answer.body
    assert_described(answer, CONTROL["paths"]["/violations"]["get"]["responses"])
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def shown(groups: list[dict[str, Any]], *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(group[name] for name in fields) for group in groups]


def bad(url: str, client_id: str, query: str = "limit=0") -> str:
    """Send a request with a mistake; gives its id."""
    return str(send(url, client_id, f"{LIST}?{query}").header(ID))


def coverage(url: str, client_id: str, query: str = "") -> dict[str, Any]:
    answer = send(url, client_id, "/_mock/coverage" + query)
    assert answer.status == 200, answer.body
    assert_described(answer, CONTROL["paths"]["/coverage"]["get"]["responses"])
    found: dict[str, Any] = answer.json
    return found


def points(
    url: str, client_id: str, query: str = "", operation: str = "getUsageMetrics"
) -> dict[str, dict[str, Any]]:
    """The ids of the requests by the points' names, by group."""
    [found] = [
        each for each in coverage(url, client_id, query)["operations"] if each["operation"] == operation
    ]
    groups = {group["group"]: group["points"] for group in found["groups"]} | {"apart": found["apart"]}
    for point in (point for listed in groups.values() for point in listed):
        assert point["covered"] is (point["request"] is not None)
    return {
        name: {point["name"]: point["request"] for point in listed} for name, listed in groups.items()
    }


def covered(
    url: str, client_id: str, query: str = "", operation: str = "getUsageMetrics"
) -> dict[str, list[str]]:
    """The names of the covered points by group."""
    found = points(url, client_id, query, operation)
    names = {group: [name for name, request in of.items() if request] for group, of in found.items()}
    return {group: listed for group, listed in names.items() if listed}


@dataclass(frozen=True)
class Caller:
    """Calls a server as one client id."""

    url: str
    client_id: str

    @property
    def authorization(self) -> str:
        return authorization(self.client_id)

    def send(self, method: str, target: str, body: Any = None, *headers: str) -> wire.Answer:
        """Bytes as they are, anything else in JSON with its Content-Type; None is no body."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if body is not None and not isinstance(body, bytes):
            headers = (JSON, *headers)
        length = [f"Content-Length: {len(content)}"] if content or method != "GET" else []
        lines = [self.authorization, *headers, *length]
        return wire.get(self.url, target, *lines, method=method, auth=False, body=content)

    def call(self, method: str, path: str, body: Any = None, *headers: str) -> wire.Answer:
        return self.send(method, "/_mock" + path, body, *headers)

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """What a call answers that must succeed."""
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
        """All that a refused call must leave as it is; where a running clock has come to is not."""
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
