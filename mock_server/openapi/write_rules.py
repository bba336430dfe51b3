"""What an overlay says of requests that are sent again, or too often, and of values that must differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation


@dataclass(frozen=True)
class Idempotency:
    """`x-idempotency`: a request whose header has the same value is answered as the first one."""

    header: str
    seconds: int


@dataclass(frozen=True)
class Rate:
    """`x-rate`: how many requests are answered in so many seconds, e.g. `12000/60`."""

    requests: int
    seconds: int


def idempotency(document: Document, operation: Operation) -> Idempotency | None:
    found: Any = _extension(document, operation, "x-idempotency")
    return None if found is None else Idempotency(found["header"], found["seconds"])


def rate(document: Document, operation: Operation) -> Rate | None:
    found: Any = _extension(document, operation, "x-rate")
    return None if found is None else Rate(*map(int, found.split("/")))


def upsert(document: Document, operation: Operation) -> str | None:
    found: str | None = _extension(document, operation, "x-upsert")
    return found


def unique(document: Document, operation: Operation) -> tuple[str, ...]:
    found: Any = _extension(document, operation, "x-unique") or ()
    return (found,) if isinstance(found, str) else tuple(found)


def _extension(document: Document, operation: Operation, name: str) -> Any:
    described: Mapping[str, Any] = document.described(operation)
    return described.get(name)
