"""Which operation a request asks for, for those who have to know it before routing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from mock_server.formats import url_path
from mock_server.openapi.operations import Operation
from mock_server.openapi.route_hints import compile_path
from mock_server.server.asgi import Scope


class OperationFinder:
    """Finds the operations of a document by methods and paths, as routing does."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = tuple(operations)
        self._find = lru_cache(maxsize=256)(self._seek)

    def find(self, scope: Scope) -> Operation | None:
        """Return the operation that a request asks for; None where none serves it."""
        raw_path: bytes = scope["raw_path"]
        path: str = url_path.decode(raw_path) if b"%" in raw_path else scope["path"]
        return self._find("GET" if scope["method"] == "HEAD" else scope["method"], path)

    def _seek(self, method: str, path: str) -> Operation | None:
        for pattern, operation in self._routes.get((method, path.count("/")), ()):
            if pattern.fullmatch(path):
                return operation
        return None

    @cached_property
    def _routes(self) -> Mapping[tuple[str, int], Sequence[tuple[re.Pattern[str], Operation]]]:
        """Return paths and operations by method and number of slashes, those of concrete paths first."""
        routes: dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]] = {}
        for operation in sorted(self._operations, key=_concreteness):
            key = operation.method, operation.path.count("/")
            routes.setdefault(key, []).append((compile_path(operation.path), operation))
        return routes


def _concreteness(operation: Operation) -> list[bool]:
    """Return what sorts concrete paths before those with parameters (OpenAPI, Paths Object)."""
    return ["{" in segment for segment in operation.path.split("/")]
