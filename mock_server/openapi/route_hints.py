"""Routes: which methods a path has, and which path was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from mock_server.errors import ApiError, MethodNotAllowed, NotFound, quote
from mock_server.openapi.operations import Operation

# Longer paths are not compared: a message shows at most 100 characters of what was sent.
_COMPARED = 50
_SIMILAR = 0.75


class Routes:
    """The paths of a document."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._methods: dict[str, list[str]] = {}
        self._bases: list[str] = []
        for operation in operations:
            self._methods.setdefault(operation.path, []).append(operation.method)
            base = operation.path.removesuffix(operation.template)
            if base not in self._bases:
                self._bases.append(base)
        self._patterns = {path: re.compile(_pattern(path)) for path in self._methods}

    def methods(self, path: str) -> list[str]:
        """What `Allow` says of a path, e.g. `["GET", "HEAD", "OPTIONS"]`; empty for no such path."""
        allowed: list[str] = []
        for template, pattern in self._patterns.items():
            if pattern.fullmatch(path):
                allowed += self._methods[template]
        if "GET" in allowed:
            allowed.append("HEAD")
        return list(dict.fromkeys([*allowed, "OPTIONS"])) if allowed else []

    def refusal(self, method: str, path: str) -> ApiError:
        """405 where the path has other methods, else 404 with the path that was probably meant."""
        allowed = self.methods(path)
        if allowed:
            return MethodNotAllowed(method, allowed)
        suggestion = self._suggestion(path)
        hint = f"did you mean {suggestion}?" if suggestion else self._inventory()
        return NotFound(f"There is no {quote(path)} here; {hint}")

    def _suggestion(self, path: str) -> str | None:
        if path == "/" or len(path) > _COMPARED or not path.isprintable():
            return None
        tidied = "/" + "/".join(filter(None, path.split("/")))
        for candidate in (tidied, *(base + tidied for base in self._bases)):
            if self.methods(candidate):
                return candidate
        # A folder is near to much that is below it.
        lowered = {known.lower(): known for known in self._methods if not known.endswith("/")}
        near = difflib.get_close_matches(tidied.lower(), lowered, n=1, cutoff=_SIMILAR)
        return lowered[near[0]] if near else None

    def _inventory(self) -> str:
        shown = list(self._methods)[:5]
        return f"there is {', '.join(shown)}{' and more' if len(self._methods) > 5 else ''}."


def _pattern(template: str) -> str:
    parts = re.split(r"\{[^}]*\}", template)
    return "[^/]+".join(re.escape(part) for part in parts)
