"""The shapes of paths, by which collections and their records are told: `things/{}` is a record's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

# A suffix that all paths of a document may have, e.g. `.json`.
_SUFFIX = re.compile(r"\.[a-z]{2,5}$")
PARAMETER = "{}"

# The segments of a path, with `{}` for each that is a parameter as a whole.
Shape = tuple[str, ...]


def shape_of(template: str) -> Shape:
    """Return the shape of a path, e.g. `("things", "{}")` for `/things/{id}.json`."""
    return tuple(PARAMETER if is_parameter(each) else each for each in segments_of(template))


def segments_of(template: str) -> list[str]:
    """Return the segments of a path without its suffix, e.g. `["things", "{id}"]`."""
    return _SUFFIX.sub("", template).strip("/").split("/")


def parameters_of(template: str) -> list[str]:
    """Return the names of the parameters that are whole segments of a path, in their order."""
    return [each[1:-1] for each in segments_of(template) if is_parameter(each)]


def is_parameter(segment: str) -> bool:
    """Tell whether a segment is a parameter as a whole."""
    return segment.startswith("{") and segment.find("}") == len(segment) - 1


def filled_path(template: str, values: Mapping[str, str]) -> str:
    """Return a path with the values of its parameters, encoded, e.g. `/things/t1`."""
    return re.sub(r"\{([^}]*)\}", lambda name: quote(values[name[1]], safe=""), template)
