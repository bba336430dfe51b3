"""One account of a served document: calls, the records that it sees, and values that fit parameters."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.documents.described import NO_BODY, Operation
from tests.documents.published import Published
from tests.documents.serving import value


@dataclass(frozen=True)
class Reply:
    """An answer: `body` is what its JSON says, else its text."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def records(self) -> list[Any] | None:
        """The records of a list; None where the answer has none."""
        if isinstance(self.body, list):
            return self.body
        if not isinstance(self.body, dict) or "id" in self.body:
            return None
        held = list(self.body.items())
        lists = [each for name, each in held if isinstance(each, list) and name in ("items", "data")]
        lists = lists or [each for _, each in held if isinstance(each, list)]
        return lists[0] if len(lists) == 1 else None

    @property
    def total(self) -> int | None:
        """The number of all records, where the answer says it."""
        found = [
            each
            for each in _numbers(self.body)
            if each[0] in ("total", "totalResultSize", "total_count")
        ]
        return found[0][1] if found else None


def _numbers(body: Any, depth: int = 0) -> Iterator[tuple[str, int]]:
    for name, each in body.items() if isinstance(body, dict) and depth < 2 else ():
        if isinstance(each, int) and not isinstance(each, bool):
            yield name, each
        elif isinstance(each, dict):
            yield from _numbers(each, depth + 1)


class Account:
    """A client of one account, over one connection; each name has the starting data to itself."""

    def __init__(self, address: str, name: str, published: Published) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=60)
        schemes = (published.data.get("components") or {}).get("securitySchemes") or {}
        is_bearer = any(each.get("scheme") == "bearer" for each in schemes.values())
        pair = base64.b64encode(f"{name}:secret".encode()).decode()
        self._headers = {"Authorization": f"Bearer {name}" if is_bearer else f"Basic {pair}"}

    def close(self) -> None:
        self._connection.close()

    def call(
        self,
        operation: Operation,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = NO_BODY,
    ) -> Reply:
        """Call an operation at a path below the base path, with a body in its own media type."""
        sent = {**self._headers, **required_headers(operation)}
        content = None
        if body is not NO_BODY:
            sent["Content-Type"] = operation.kind or "application/json"
            is_form = "urlencoded" in operation.kind
            content = urlencode(body) if is_form else json.dumps(body)
        asked = {
            e.name: value(e.query)
            for e in operation.parameters
            if e.where == "query" and e.query.required
        }
        asked |= query or {}
        where = operation.base + path + ("?" + urlencode(asked, doseq=True) if asked else "")
        return self.send(operation.method.upper(), where, content, sent)

    def send(
        self,
        method: str,
        where: str,
        content: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        for attempt in range(2):
            try:
                self._connection.request(method, where, content, dict(headers or self._headers))
                answer = self._connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):
                self._connection.close()
                if attempt:
                    raise
        kept = {name.lower(): each for name, each in answer.getheaders()}
        try:
            return Reply(answer.status, kept, json.loads(text) if text else None)
        except ValueError:
            return Reply(answer.status, kept, text.decode("latin-1"))

    def collection(self, name: str, most: int = 100) -> list[Any]:
        """Return the records of a collection, as the server's own control API shows them."""
        reply = self.send("GET", f"/_mock/collections/{quote(name, safe='')}?limit={most}")
        return reply.body["items"] if reply.status == 200 and isinstance(reply.body, dict) else []

    def document(self) -> Any:
        """Return the document that is served, with the overlay."""
        return self.send("GET", "/_mock/document").body


def required_headers(operation: Operation) -> dict[str, str]:
    """Return values for the headers that must be sent, but credentials, and the document's own version."""
    headers = [e for e in operation.parameters if e.where == "header" and e.name != "Authorization"]
    versions = [e for e in headers if "version" in e.name.lower() and e.query.schema.get("enum")]
    return {
        **{each.name: value(each.query) for each in headers if each.query.required},
        **{each.name: str(max(each.query.schema["enum"])) for each in versions},
    }
