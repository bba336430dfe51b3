"""OpenAPI Overlay 1.0: applying the actions of an overlay to a document that was read."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import islice

import jsonpath

from mock_server.formats.json import Json
from mock_server.formats.source_file import Place, Source
from mock_server.openapi.overlay_effort import Effort, TooMuch
from mock_server.openapi.overlay_functions import Match, Search
from mock_server.openapi.patterns import PatternTimeout
from mock_server.problems import CannotServe, Problem
from mock_server.settings import LISTED
from mock_server.shown_text import quote

_PATHS = jsonpath.JSONPathEnvironment(strict=True)
_PATHS.function_extensions |= {"match": Match(), "search": Search()}

# The fields that are understood, beside extensions (`x-…`); overlay_schema.py describes them to editors.
FIELDS = {"overlay", "info", "extends", "actions"}
ACTION_FIELDS = {"target", "description", "update", "remove"}


def apply(overlay: Source, document: Json) -> Json:
    """Return a copy of the document to which the overlay's actions were applied in their order.

    Raise CannotServe with every action that cannot be applied: its target is no RFC 9535 JSONPath,
    or matches nothing or a primitive value, or its update does not fit what it is merged with.
    """
    problems = _format_problems(overlay)
    if problems:
        raise CannotServe(problems)
    result = copy.deepcopy(document)
    effort = Effort(document)
    for number, action in enumerate(overlay.data["actions"]):
        try:
            _apply_action(action, result, effort)
        except _ActionError as error:
            place = ("actions", number, *error.place)
            problems.append(overlay.problem(place, error.message, error.remedy))
        except TooMuch as too_much:
            remedy = "name the parts to change more directly"
            raise CannotServe([overlay.problem(("actions", number), str(too_much), remedy)]) from None
    if problems:
        raise CannotServe(problems)
    return result


@dataclass
class _ActionError(Exception):
    """An action cannot be applied; `place` is the part of the action that is wrong."""

    message: str
    remedy: str
    place: Place = ("target",)


def _format_problems(overlay: Source) -> list[Problem]:
    data = overlay.data
    if not isinstance(data, dict) or not str(data.get("overlay", "")).startswith("1.0."):
        message = "it is not an OpenAPI Overlay 1.0 document"
        return [overlay.problem((), message, "begin it with 'overlay: 1.0.0'")]
    problems = _unknown_field_problems(overlay, (), data, FIELDS)
    info = data.get("info")
    if not isinstance(info, dict) or not {"title", "version"} <= info.keys():
        problems.append(overlay.problem(("info",), "it lacks a title or a version", "add both"))
    actions = data.get("actions")
    if not isinstance(actions, list) or not actions:
        return [*problems, overlay.problem(("actions",), "it has no actions", "list at least one")]
    for number, action in enumerate(actions):
        problems += _action_problems(overlay, ("actions", number), action)
        if len(problems) >= LISTED:
            break
    return problems


def _action_problems(overlay: Source, place: Place, action: Json) -> list[Problem]:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        return [overlay.problem(place, "the action has no target", "give it a JSONPath")]
    problems = _unknown_field_problems(overlay, place, action, ACTION_FIELDS)
    if not isinstance(action.get("remove", False), bool):
        problems.append(overlay.problem((*place, "remove"), "it is no boolean", "write true or false"))
    if "update" not in action and not action.get("remove"):
        remedy = "give it 'update' or 'remove: true'"
        problems.append(overlay.problem(place, "the action changes nothing", remedy))
    return problems


def _unknown_field_problems(
    overlay: Source, place: Place, mapping: Json, known: set[str]
) -> list[Problem]:
    unknown = (key for key in mapping if key not in known and not key.startswith("x-"))
    remedy = f"use {', '.join(sorted(known))}"
    return [
        overlay.problem((*place, key), "the field is not understood", remedy)
        for key in islice(unknown, LISTED)
    ]


def _apply_action(action: Json, document: Json, effort: Effort) -> None:
    is_removal = bool(action.get("remove"))
    matches = _find_targets(action["target"], document, effort, is_removal=is_removal)
    if is_removal:
        _remove(matches)
        return
    effort.add(action["update"], len(matches))
    for match in matches:
        update = copy.deepcopy(action["update"])
        selected: Json = match.obj
        if isinstance(selected, list):
            selected.append(update)
        else:
            _merge(selected, update, ("update",))


def _find_targets(
    target: str, document: Json, effort: Effort, *, is_removal: bool
) -> list[jsonpath.JSONPathMatch]:
    """Return what a JSONPath selects, at least one value; else raise _ActionError.

    Primitive values can be removed, as the Overlay specification 1.1 says, but not updated.
    """
    try:
        matches = effort.find(_PATHS.compile(target), document)
    except PatternTimeout as timeout:
        message = f"'{target}' compares the text {quote(timeout.text)}, which {timeout.message}"
        raise _ActionError(message, "give a simpler pattern") from None
    except (jsonpath.JSONPathError, ValueError, IndexError, RecursionError) as error:
        # Not `str(error)`, which itself raises an error for a path that ends too early.
        reason = (str(error.args[0] if error.args else "").splitlines() or ["it is empty"])[0]
        raise _ActionError(f"'{target}' is not an RFC 9535 JSONPath ({reason})", "correct it") from None
    if not matches:
        raise _ActionError(f"the target '{target}' matches nothing", "correct it or drop the action")
    for match in matches:
        if not (is_removal or isinstance(match.obj, dict | list)):
            raise _ActionError(
                f"the target '{target}' selects {match.path}, which is neither an object nor an array",
                "select what contains it",
            )
    return matches


def _remove(matches: list[jsonpath.JSONPathMatch]) -> None:
    containers: dict[int, tuple[Json, set[str | int]]] = {}
    for match in matches:
        if match.parent is None:
            raise _ActionError("the whole document cannot be removed", "select a part of it")
        container: Json = match.parent.obj
        containers.setdefault(id(container), (container, set()))[1].add(match.parts[-1])
    for container, steps in containers.values():
        if isinstance(container, list):
            container[:] = [item for number, item in enumerate(container) if number not in steps]
        else:
            for step in steps:
                del container[step]


def _merge(target: dict[str, Json], update: Json, place: Place) -> None:
    """Merge an update into an object, as the Overlay specification 1.0 says.

    Objects are merged member by member, arrays are appended, primitive values are replaced. A null
    changes no object and no array.
    """
    if not isinstance(update, dict):
        raise _ActionError("the target is an object, the update is not", "write an object", place)
    for key, value in update.items():
        current = target.get(key)
        if isinstance(current, dict) and value is not None:
            _merge(current, value, (*place, key))
        elif isinstance(current, list) and value is not None:
            if not isinstance(value, list):
                message = "the target holds an array there, the update does not"
                raise _ActionError(message, "write an array", (*place, key))
            current.extend(value)
        elif not isinstance(current, dict | list):
            if key in target and current is not None and isinstance(value, dict | list):
                message = "the target holds a primitive value there, the update does not"
                raise _ActionError(message, "remove it with an action of its own first", (*place, key))
            target[key] = value
