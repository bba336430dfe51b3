"""JSONPaths as RFC 9535 has them, found by the library within a bound of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonpath
from jsonpath import JSONPath
from jsonpath.filter import FilterQuery
from jsonpath.segments import JSONPathChildSegment, JSONPathRecursiveDescentSegment
from jsonpath.selectors import Filter

from mock_server.formats.json import Json
from mock_server.openapi import plain_paths
from mock_server.openapi.overlay_edit import Incompatible
from mock_server.openapi.overlay_functions import Match, Search
from mock_server.openapi.patterns import PatternTimeout
from mock_server.openapi.plain_paths import Check
from mock_server.shown_text import quote


class JsonPaths:
    """Finds what JSONPaths select; `check` is called at each value, and raises what ends the search."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._paths = jsonpath.JSONPathEnvironment(strict=True)
        self._functions: dict[str, Search] = {"match": Match(), "search": Search()}
        self._paths.function_extensions.update(self._functions)

    def find(self, field: str, path: str, document: Json) -> list[Found]:
        """Return what the JSONPath in a field of an action selects; raise Incompatible for none."""
        for function in self._functions.values():
            function.unread = None
        try:
            return list(self._bounded_path(self._paths.compile(path)).finditer(document))
        except PatternTimeout as timeout:
            message = f"'{path}' compares the text {quote(timeout.text)}, which {timeout.message}"
            raise Incompatible(message, "give a simpler pattern", (field,)) from None
        except (jsonpath.JSONPathError, ValueError, IndexError, RecursionError) as error:
            # Not `str(error)`, which itself raises an error for a path that ends too early.
            reason = (str(error.args[0] if error.args else "").splitlines() or ["it is empty"])[0]
            message = f"'{path}' is not an RFC 9535 JSONPath ({reason})"
            raise Incompatible(message, "correct it", (field,)) from None

    @property
    def unread(self) -> str | None:
        """A pattern of the last path that is none of RFC 9485; None where there was none."""
        return next((f.unread for f in self._functions.values() if f.unread is not None), None)

    def _bounded_path(self, path: Any) -> _Path:
        """Return a path that checks the time at each value, as those within its filters then do."""
        segments = [self._bounded(segment) for segment in path.segments]
        for segment in segments:
            for selector in segment.selectors:
                if isinstance(selector, Filter):
                    self._bound_queries(selector.expression)
        return _Path(env=path.env, segments=segments)

    def _bound_queries(self, expression: Any) -> None:
        if isinstance(expression, FilterQuery):
            expression.path = self._bounded_path(expression.path)
        else:
            for each in expression.children():
                self._bound_queries(each)

    def _bounded(self, segment: Any) -> Any:
        is_descent = isinstance(segment, JSONPathRecursiveDescentSegment)
        bounded: Any = (_Descent if is_descent else _Children)(
            env=segment.env, token=segment.token, selectors=segment.selectors
        )
        bounded.check = self._check
        return bounded


class Found(plain_paths.Found):
    """A value that a path visits, as the library asks for it.

    Its own writes the path of every value on the way, which takes longer than finding it.
    """

    __slots__ = ()

    @property
    def root(self) -> Json:
        """The value that the search began at."""
        return self.obj if self.parent is None else self.parent.root

    def filter_context(self) -> Mapping[str, Any]:
        """Return what filters know beside the document, which is nothing."""
        return {}

    def add_child(self, *children: Found) -> None:
        """Keep no child, so that what is not found is soon forgotten."""


class _Path(JSONPath):
    """A path whose matches are of our own class."""

    def finditer(self, data: Any, *, filter_context: Any = None) -> Iterable[Any]:  # noqa: ARG002
        found: Iterable[Any] = [Found(data)]
        for segment in self.segments:
            found = segment.resolve(found)
        return found


class _Children(JSONPathChildSegment):
    check: Check

    def resolve(self, nodes: Iterable[Any]) -> Iterable[Any]:
        return super().resolve(self._checked(nodes))

    def _checked(self, nodes: Iterable[Any]) -> Iterator[Any]:
        for node in nodes:
            self.check()
            yield node


class _Descent(JSONPathRecursiveDescentSegment):
    check: Check

    def _visit(self, node: Any, depth: int = 1) -> Iterator[Any]:  # noqa: ARG002
        # A generator for each level, as the library has it, takes several times as long.
        return plain_paths.descend(node, self.check)
