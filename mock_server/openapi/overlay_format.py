"""The format of overlays: what the Overlay specification 1.0 and 1.1 allow in one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from mock_server.formats.json import Json
from mock_server.formats.source_file import Place, Source
from mock_server.problems import Problem
from mock_server.settings import LISTED
from mock_server.shown_text import quote

# The versions of the specification by their fields `overlay`; the last number changes nothing.
VERSION = re.compile(r"^1\.[01]\.[0-9]+$", re.ASCII)

# The fields that are understood, beside extensions (`x-…`); overlay_schema.py describes them to editors.
FIELDS = {"overlay", "info", "extends", "actions"}
INFO_FIELDS = {"title", "version", "description"}
ACTION_FIELDS = {"target", "description", "update", "copy", "remove"}


def is_1_0(data: Mapping[str, Json]) -> bool:
    """Return whether an overlay is one of version 1.0, whose updates append an array as one value."""
    return str(data["overlay"]).startswith("1.0.")


def problems(overlay: Source) -> list[Problem]:
    """Return everything in an overlay that its version of the specification forbids."""
    data = overlay.data
    if not isinstance(data, dict):
        return [overlay.problem((), "it is not an OpenAPI Overlay document", _BEGIN)]
    version = data.get("overlay")
    if not isinstance(version, str) or VERSION.fullmatch(version) is None:
        message = "it is not an OpenAPI Overlay 1.0 or 1.1 document"
        return [overlay.problem(("overlay",) if "overlay" in data else (), message, _BEGIN)]
    return list(islice(_problems(overlay, data), LISTED))


def warnings(overlay: Source) -> list[Problem]:
    """Return the fields of `info` that are not understood, and that nothing would read anyway."""
    info = overlay.data["info"]
    return list(islice(_unknown_fields(overlay, ("info",), info, INFO_FIELDS), LISTED))


_BEGIN = "begin it with 'overlay: 1.1.0'"


def _problems(overlay: Source, data: Mapping[str, Json]) -> Iterator[Problem]:
    yield from _unknown_fields(overlay, (), data, FIELDS)
    yield from _info_problems(overlay, data.get("info"))
    yield from _text_problems(overlay, (), data, ("extends",))
    actions = data.get("actions")
    if not isinstance(actions, list) or not actions:
        message = f"it is no list but {_shown(actions)}" if actions else "it has no actions"
        yield overlay.problem(("actions",), message, "list at least one")
        return
    first: dict[str, int] = {}
    for number, action in enumerate(actions):
        place = ("actions", number)
        yield from _action_problems(overlay, place, action, data)
        same = first.setdefault(json.dumps(action, sort_keys=True), number)
        if same != number:
            message = f"the action is the same as action {same}, counted from 0"
            yield overlay.problem(place, message, "write it once")


def _info_problems(overlay: Source, info: Json) -> Iterator[Problem]:
    place = ("info",)
    if info is not None and not isinstance(info, dict):
        yield overlay.problem(
            place, f"it is no mapping but {_shown(info)}", "give a title and a version"
        )
        return
    for name in sorted({"title", "version"} - (info or {}).keys()):
        yield overlay.problem(place, f"it lacks a {name}", "add it, as a text")
    yield from _text_problems(overlay, place, info or {}, ("title", "version", "description"))


def _action_problems(
    overlay: Source, place: Place, action: Json, data: Mapping[str, Json]
) -> Iterator[Problem]:
    if not isinstance(action, dict):
        yield overlay.problem(place, f"it is no mapping but {_shown(action)}", "give it a target")
        return
    if "target" not in action:
        yield overlay.problem(place, "the action has no target", "give it a JSONPath")
    known = ACTION_FIELDS - {"copy"} if is_1_0(data) else ACTION_FIELDS
    yield from _unknown_fields(overlay, place, action, known)
    yield from _text_problems(overlay, place, action, ("target", "description", "copy"))
    if not isinstance(action.get("remove", False), bool):
        yield overlay.problem((*place, "remove"), "it is no boolean", "write true or false")


def _text_problems(
    overlay: Source, place: Place, mapping: Mapping[str, Json], names: tuple[str, ...]
) -> Iterator[Problem]:
    for name in names:
        value = mapping.get(name, "")
        if not isinstance(value, str):
            message = f"it is no text but {_shown(value)}"
            yield overlay.problem((*place, name), message, "write a text, in quotation marks")


def _shown(value: Json) -> str:
    """Return a value as a message shows it, e.g. `'{"a": 1}'`."""
    return quote(json.dumps(value))


def _unknown_fields(
    overlay: Source, place: Place, mapping: Mapping[str, Json], known: set[str]
) -> Iterator[Problem]:
    remedy = f"use {', '.join(sorted(known))}"
    for key in mapping:
        if key in known or key.startswith("x-"):
            continue
        if key in ACTION_FIELDS and place[:1] == ("actions",):
            message, advice = "the field is one of Overlay 1.1", "begin the file with 'overlay: 1.1.0'"
            yield overlay.problem((*place, key), message, advice)
        else:
            yield overlay.problem((*place, key), "the field is not understood", remedy)
