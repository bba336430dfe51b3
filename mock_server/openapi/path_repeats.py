"""Members of a body that repeat a parameter of the path, which gives way to the path's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.errors import Violation
from mock_server.formats.numbers import is_number, plain_text
from mock_server.formats.secret_texts import plain
from mock_server.formats.source_file import Place, pointer
from mock_server.openapi.text_values import value_of_text
from mock_server.shown_text import quote

CODE = "differsFromPath"


class PathRepeats:
    """The parameters of one request's path, by their names."""

    def __init__(self, values: Mapping[str, str], last: str | None) -> None:
        """Take the decoded texts; `last` is the parameter that the path ends with, None for none.

        That one is repeated only if it is an id, since a body may give what it names another name; one
        that is called `id` alone means the body's own id there only.
        """
        named = {plain(n.encode()): (n, text) for n, text in values.items()}
        self._values = {
            short: each
            for short, each in named.items()
            if (short.endswith(b"id") if each[0] == last else short != b"id")
        }

    def give_way(self, value: Any, enclosure: str | None = None) -> tuple[Any, list[Violation]]:
        """Return a body with the path's values in members that repeat them, and what differed.

        `enclosure` is the member in which a body says what the record is to be; None for the body.
        """
        given, warnings = self._give_way(value, ())
        if enclosure is None or not isinstance(given, dict):
            return given, warnings
        inner, more = self._give_way(given.get(enclosure), (enclosure,))
        return ({**given, enclosure: inner} if more else given), [*warnings, *more]

    def _give_way(self, value: Any, place: Place) -> tuple[Any, list[Violation]]:
        if not self._values or not isinstance(value, dict):
            return value, []
        changed: dict[str, Any] = {}
        warnings: list[Violation] = []
        for name, own in value.items():
            found = self._values.get(plain(name.encode()))
            if found is None or isinstance(own, dict | list) or _text(own) == found[1]:
                continue
            parameter, text = found
            message = (
                f"it is not the path's {quote(parameter)}, {quote(text)}, which counts; send the same."
            )
            warnings.append(Violation(CODE, message, pointer((*place, name))))
            changed[name] = _like(own, text)
        return ({**value, **changed} if changed else value), warnings


def _text(value: Any) -> str:
    return plain_text(value) if is_number(value) else str(value)


def _like(value: Any, text: str) -> Any:
    """Return a text as a number, where the value in its place is one."""
    return value_of_text({"type": "number"}, text) if is_number(value) else text
