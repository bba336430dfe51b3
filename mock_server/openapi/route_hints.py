"""Hints for a request that no route takes: the methods of its path, or the path probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from mock_server.errors import ApiError, MethodNotAllowed, NotFound
from mock_server.formats import url_path
from mock_server.openapi.operations import Operation
from mock_server.shown_text import nearest, quote

# Longer paths get no suggestion, since the time for comparing grows with the length.
_COMPARED_LENGTH = 50
# How similar a path must be to be suggested, from 0 to 1 (difflib).
_SIMILARITY = 0.75


class Routes:
    """The paths and methods of a server's operations."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._methods: dict[str, list[str]] = {}
        self._bases: list[str] = []
        for operation in operations:
            self._methods.setdefault(operation.path, []).append(operation.method)
            base = operation.base_path
            if base not in self._bases:
                self._bases.append(base)

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        # Compiled when they are needed: of a thousand paths, that takes longer than a start may.
        return {path: compile_path(path) for path in self._methods}

    def has(self, path: str) -> bool:
        """Tell whether a path without parameters is there."""
        return path in self._methods

    def methods(self, path: str) -> list[str]:
        """Return the methods for the `Allow` header of a path, as `url_path.decode` gives it.

        E.g. `["GET", "HEAD", "OPTIONS"]`, since GET brings HEAD, and every path answers OPTIONS; an
        empty list if there is no such path.
        """
        allowed: list[str] = []
        for template, pattern in self._patterns.items():
            if pattern.fullmatch(path):
                allowed += self._methods[template]
        if "GET" in allowed:
            allowed.append("HEAD")
        return list(dict.fromkeys([*allowed, "OPTIONS"])) if allowed else []

    def refusal(self, method: str, path: str) -> ApiError:
        """Return the error for a request that no route takes.

        405 where the path has other methods, else 404 with the path that was probably meant, or
        with the first five paths that there are.
        """
        allowed = self.methods(path)
        if allowed:
            return MethodNotAllowed(method, allowed)
        suggestion = self._suggestion(path)
        hint = f"did you mean {suggestion}?" if suggestion else self._list_paths()
        return NotFound(f"There is no {quote(url_path.show(path))} here; {hint}")

    def _suggestion(self, path: str) -> str | None:
        with_slashes = url_path.restore(path)
        if path == "/" or len(path) > _COMPARED_LENGTH or not with_slashes.isprintable():
            return None
        spelled = ["/" + "/".join(filter(None, each.split("/"))) for each in (path, with_slashes)]
        for candidate in (base + tidied for tidied in spelled for base in ("", *self._bases)):
            if self.methods(candidate):
                return url_path.show(candidate)
        # Without paths that end in a slash, which are similar to most paths below them.
        known = (path for path in self._methods if not path.endswith("/"))
        return nearest(spelled[-1], known, _SIMILARITY)

    def _list_paths(self) -> str:
        shown = list(self._methods)[:5]
        return f"there is {', '.join(shown)}{' and more' if len(self._methods) > 5 else ''}."


def compile_path(template: str) -> re.Pattern[str]:
    """Return a pattern in which each `{parameter}` stands for one segment."""
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))
