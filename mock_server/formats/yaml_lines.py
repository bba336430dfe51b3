"""The lines on which the parts of a YAML or JSON text stand."""

from __future__ import annotations

import re
from typing import Any

import yaml

from mock_server.formats.yaml import Loader
from mock_server.formats.yaml_scalars import line_of

# Half of a character outside the basic plane, as JSON escapes it (RFC 8259 section 7) and YAML does not.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class Lines:
    """The lines of the parts of a text that `load` has read, or that is JSON."""

    def __init__(self, text: str) -> None:
        """Find the lines; a text that is not YAML has none."""
        try:
            self._root = _find_lines(_SURROGATE.sub(r"\\uFFFD", text))
        except yaml.YAMLError:
            self._root = None

    def find(self, place: tuple[str | int, ...]) -> int | None:
        """Return the line, from 1, on which a place stands, or the deepest part of it that is there.

        None where there are no lines.
        """
        if self._root is None:
            return None
        line, parts = self._root
        for step in place:
            try:
                line, parts = parts[step]
            except (KeyError, IndexError, TypeError):
                break
        return line


# The line of a part, and its own parts by key or by index; None for a scalar.
_LinedPart = tuple[int, Any]


def _find_lines(text: str) -> _LinedPart | None:
    anchors: dict[str, Any] = {}
    # Of each collection that has not ended: its parts, and the key that awaits its value, with its line.
    collections: list[tuple[Any, list[tuple[str, int]]]] = [([], [])]
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionEndEvent):
            collections.pop()
        elif isinstance(event, yaml.NodeEvent):
            parts: Any = None
            if isinstance(event, yaml.AliasEvent):
                parts = anchors.get(str(event.anchor))
            elif isinstance(event, yaml.CollectionStartEvent):
                parts = {} if isinstance(event, yaml.MappingStartEvent) else []
            _add_line(collections[-1], event, parts)
            if isinstance(event, yaml.CollectionStartEvent):
                collections.append((parts, []))
                if event.anchor is not None:
                    anchors[event.anchor] = parts
    root, _ = collections[0]
    return root[0] if root else None


def _add_line(collection: tuple[Any, list[tuple[str, int]]], event: Any, parts: Any) -> None:
    siblings, key = collection
    if isinstance(siblings, list):
        siblings.append((line_of(event), parts))
    elif key:
        name, line = key.pop()
        siblings.setdefault(name, (line, parts))
    else:
        key.append((getattr(event, "value", ""), line_of(event)))
