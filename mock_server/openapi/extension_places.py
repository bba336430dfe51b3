"""Where an extension of a document was written: in an overlay's update, or in the document itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mock_server.formats.source_file import Place, Source, pointer, unescaped
from mock_server.openapi.schema import DocumentError
from mock_server.problems import Problem


def extension_problem(
    error: DocumentError, source: Source, overlays: Sequence[Source], document: Any
) -> Problem:
    """Return the problem of an extension, with the file and the line in which it was written.

    `error.place` leads to it in `document`, the one with the overlays merged. The pointer is that of
    the place in the document, whichever file the line is of.
    """
    start = next(n for n, step in enumerate(error.place) if str(step).startswith("x-"))
    value = _at(document, error.place[: start + 1])
    for overlay in overlays:
        for place, written in _updates(overlay.data, str(error.place[start])):
            inner = _inner_place(written, value, error.place[start + 1 :])
            if inner is not None:
                line = overlay.line((*place, *inner))
                return Problem(overlay.name, error.message, error.remedy, pointer(error.place), line)
    return source.problem(error.place, error.message, error.remedy)


def place_of(text: str, document: Any) -> Place | None:
    """Return the place of the extension that a JSON pointer leads to, or into; None where none is there.

    E.g. `("paths", "/things", "get", "x-sort")` for `/paths/~1things/get/x-sort/by`.
    """
    place: list[str | int] = []
    for step in map(unescaped, text.split("/")[1:]):
        key: str | int = int(step) if isinstance(document, list) and step.isdigit() else step
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return None
        place.append(key)
        if step.startswith("x-"):
            return tuple(place)
    return None


def _updates(data: Any, name: str) -> Iterator[tuple[Place, Any]]:
    """Yield where the updates of an overlay have a member of a name, and its value."""
    actions = data.get("actions") if isinstance(data, dict) else None
    for number, action in enumerate(actions if isinstance(actions, list) else ()):
        if isinstance(action, dict) and "update" in action:
            yield from _members(action["update"], ("actions", number, "update"), name)


def _members(node: Any, place: Place, name: str) -> Iterator[tuple[Place, Any]]:
    parts = node.items() if isinstance(node, dict) else ()
    for step, part in enumerate(node) if isinstance(node, list) else parts:
        if step == name:
            yield (*place, step), part
        else:
            yield from _members(part, (*place, step), name)


def _inner_place(written: Any, value: Any, steps: Place) -> Place | None:
    """Return where a place in the merged value is in what was written; None if it is not there.

    Overlays append to lists, so that an item may have had another number.
    """
    are_objects = isinstance(written, dict) and isinstance(value, dict)
    # What another update has merged into the extension stands beside what is meant.
    is_same = any(_at(written, part) == _at(value, part) for part in (steps[:1], steps))
    if written == value or (are_objects and is_same):
        return steps
    if not (isinstance(written, list) and isinstance(value, list) and steps):
        return None
    item = _at(value, steps[:1])
    number = next((n for n, each in enumerate(written) if each == item), None)
    return None if number is None else (number, *steps[1:])


def _at(node: Any, place: Place) -> Any:
    for step in place:
        is_there = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if not (is_there or (isinstance(node, dict) and step in node)):
            return None
        node = node[step]
    return node
