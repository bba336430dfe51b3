"""OpenAPI Overlay 1.0 and 1.1: applying the actions of an overlay to a document that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from mock_server.formats.json import Json
from mock_server.formats.source_file import Place, Source, pointer
from mock_server.openapi import overlay_format, plain_paths
from mock_server.openapi.overlay_edit import Edit, Incompatible
from mock_server.openapi.overlay_effort import Effort, TooMuch
from mock_server.openapi.plain_paths import Found
from mock_server.problems import CannotServe, Problem
from mock_server.shown_text import quote

if TYPE_CHECKING:
    from mock_server.openapi.json_paths import JsonPaths

Matches = Sequence[Found]


def apply(overlay: Source, document: Json, warnings: list[Problem]) -> Json:
    """Return the document with the overlay's actions applied in their order.

    The document itself stays as it is, and the result shares with it what no action changes. Added to
    `warnings` is every action that changes nothing. Raise CannotServe with what the Overlay
    specification forbids: in the format, or a target that is no RFC 9535 JSONPath or selects what the
    update can't be merged with.
    """
    problems = overlay_format.problems(overlay)
    if problems:
        raise CannotServe(problems)
    warnings += overlay_format.warnings(overlay)
    application = _Application(overlay, document)
    for number, action in enumerate(overlay.data["actions"]):
        try:
            application.carry_out(action)
        except _Idle as idle:
            place = ("actions", number, *idle.place)
            warnings.append(overlay.problem(place, idle.message, idle.remedy))
        except Incompatible as error:
            place = ("actions", number, *error.place)
            problems.append(overlay.problem(place, error.message, error.remedy))
        except TooMuch as too_much:
            remedy = "name the parts to change more directly"
            raise CannotServe([overlay.problem(("actions", number), str(too_much), remedy)]) from None
    if problems:
        raise CannotServe(problems)
    return application.document


def extends_warnings(overlay: Source, document: Path) -> list[Problem]:
    """Return the warning that an overlay names another file than the document it is applied to.

    Empty where it names that one, none, or one by the URL of a server.
    """
    named = overlay.data.get("extends", "")
    try:
        url = urlsplit(named)
        is_meant = (Path(overlay.name).parent / unquote(url.path)).resolve() == document.resolve()
    except ValueError:
        return [overlay.problem(("extends",), "it is no URI reference", "correct it, or leave it out")]
    if is_meant or not named or url.scheme or url.netloc:
        return []
    message = f"it says that it extends {quote(named)}, and is applied to {quote(str(document))}"
    return [overlay.problem(("extends",), message, "correct that, or leave it out")]


@dataclass
class _Idle(Exception):
    """An action changes nothing, which is no error; `place` is the part of the action that says why."""

    message: str
    remedy: str
    place: Place = ()


class _Application:
    """The document as the actions so far have made it."""

    def __init__(self, overlay: Source, document: Json) -> None:
        self.document = document
        self._appends_arrays = overlay_format.is_1_0(overlay.data)
        self._effort = Effort(document)
        self._paths: JsonPaths | None = None
        # A pattern in the path that was found last that is none of RFC 9485.
        self._unread: str | None = None

    def carry_out(self, action: Json) -> None:
        """Carry out an action; raise _Idle, Incompatible or TooMuch."""
        matches = self._find("target", action["target"])
        if not matches:
            raise self._nothing_found(action["target"])
        edit = Edit(self.document)
        if action.get("remove"):
            edit.remove([match.parts for match in matches])
        else:
            source, value = self._new_value(action)
            self._update(edit, matches, value, source)
        self.document = edit.document

    def _new_value(self, action: Json) -> tuple[str, Json]:
        """Return what is merged with the targets, and the field that says it: `update` or `copy`."""
        if "update" in action and "copy" in action:
            # Overlay 1.1: neither has an impact where the other contains a value.
            raise _Idle("the action has both 'update' and 'copy', so that neither counts", "keep one")
        if "copy" not in action:
            if "update" not in action:
                raise _Idle("the action changes nothing", "give it 'update' or 'remove: true'")
            return "update", action["update"]
        found = self._find("copy", action["copy"])
        if len(found) != 1:
            message = f"'{action['copy']}' selects {len(found) or 'no'} values to copy"
            raise Incompatible(message, "select a single one", ("copy",))
        return "copy", found[0].obj

    def _update(self, edit: Edit, matches: Matches, value: Json, field: str) -> None:
        """Merge a value with each match; the update of an array is one value to append, in 1.0."""
        if self._appends_arrays:
            _require_containers(matches)
        elif len({_kind(match.obj) for match in matches}) > 1:
            message = "the target selects values of several kinds"
            raise Incompatible(message, "select objects alone, arrays alone or primitives alone")
        self._effort.add(value, [len(match.parts) for match in matches])
        for match in matches:
            edit.update(match.parts, value, (field,), appends_arrays=self._appends_arrays)

    def _find(self, field: str, path: str) -> Matches:
        """Return what a JSONPath selects; raise Incompatible for what is none."""
        self._unread = None
        steps = plain_paths.read(path)
        if steps is not None:
            return list(plain_paths.find(steps, self.document, self._effort.check))
        if self._paths is None:
            # Imported here, since few overlays need the library.
            from mock_server.openapi.json_paths import JsonPaths

            self._paths = JsonPaths(self._effort.check)
        found = self._paths.find(field, path, self.document)
        self._unread = self._paths.unread
        return found

    def _nothing_found(self, target: str) -> _Idle:
        if self._unread is None:
            message, remedy = "", "correct it or drop the action, unless it is for another document"
        else:
            message = f", and the pattern {quote(self._unread)} is no I-Regexp (RFC 9485)"
            remedy = "correct it, e.g. [0-9] for a digit"
        return _Idle(f"the target '{target}' matches nothing{message}", remedy, ("target",))


def _kind(value: Json) -> type:
    return type(value) if isinstance(value, dict | list) else object


def _require_containers(matches: Matches) -> None:
    """Raise Incompatible for a primitive value, which is no target of an update in Overlay 1.0."""
    for match in matches:
        if not isinstance(match.obj, dict | list):
            message = (
                f"the target selects {pointer(match.parts)}, which is neither an object nor an array"
            )
            remedy = "select what contains it, or begin the overlay with 'overlay: 1.1.0'"
            raise Incompatible(message, remedy)
