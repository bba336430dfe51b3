"""The body of an error with placeholders: compiled once, filled for each error, and read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.formats.source_file import Place
from mock_server.openapi.schema import DocumentError
from mock_server.shown_text import did_you_mean, quote

# What stands for a part of an error, and what it is.
PLACEHOLDERS: Mapping[str, str] = {
    "type": "the kind of the error, by `types` or as the program calls it, e.g. `validationError`",
    "code": "what is wrong with one value, e.g. `range`; the program's kind of the error where it is "
    "about no value",
    "message": "the sentence that says what was sent, what is right and what to do",
    "key": "the name of the parameter or header; no value where the error is about none",
    "status": "the status, e.g. `404`; a number where it is the whole text",
    "statusText": "the status as a text",
    "reason": "the status in words, e.g. `Not Found`",
}

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

# What a member is whose placeholder has no value, and what it may be instead, e.g. by `{key|null}`.
_NOTHING = object()
_OTHERWISE: Mapping[str, str | None] = {"null": None, "": ""}

Values = Mapping[str, str | int]


class Told(NamedTuple):
    """What an error tells: as a whole, and of each violation."""

    whole: Values
    each: tuple[Values, ...]


class Text(NamedTuple):
    """A text with placeholders; `parts` are texts and, at odd places, names of placeholders.

    `otherwise` is what stands for one that is the whole text where it has no value: None is null.
    """

    parts: tuple[str, ...]
    otherwise: Any = _NOTHING

    @property
    def whole(self) -> str | None:
        """Return the placeholder that is the whole text, None for any other text."""
        return self.parts[1] if len(self.parts) == 3 and self.parts[::2] == ("", "") else None

    def fill(self, values: Values) -> Any:
        found = [values.get(name, "") for name in self.parts[1::2]]
        if "" in found:
            return self.otherwise
        if self.whole is not None:
            return found[0]
        texts = list(self.parts)
        texts[1::2] = map(str, found)
        return "".join(texts)


class Each(NamedTuple):
    """A part of a body that stands for all violations, as a list."""

    body: Any


def compile_body(body: Any, place: Place, *, is_each: bool = False) -> Any:
    """Return a body with its texts compiled; `is_each` is whether it stands for one violation."""
    if isinstance(body, str):
        return _compile_text(body, place)
    if isinstance(body, list):
        return [
            compile_body(part, (*place, number), is_each=is_each) for number, part in enumerate(body)
        ]
    if not isinstance(body, dict):
        return body
    if "each" not in body:
        return {name: compile_body(part, (*place, name), is_each=is_each) for name, part in body.items()}
    if len(body) > 1 or is_each:
        message = (
            "'each' stands beside other members" if len(body) > 1 else "'each' stands in another one"
        )
        raise DocumentError(
            (*place, "each"), message, "write e.g. errors: {each: {message: '{message}'}}"
        )
    return Each(compile_body(body["each"], (*place, "each"), is_each=True))


def _compile_text(text: str, place: Place) -> Any:
    """Return a text as it is written, or compiled if it has placeholders."""
    name, bar, otherwise = text[1:-1].partition("|")
    if bar and text == f"{{{name}|{otherwise}}}" and name in PLACEHOLDERS and otherwise in _OTHERWISE:
        return Text(("", name, ""), _OTHERWISE[otherwise])
    parts, end = [""], 0
    for match in _PLACEHOLDER.finditer(text):
        parts[-1] += text[end : match.start()]
        end = match.end()
        if match[0] in ("{{", "}}"):
            parts[-1] += match[0][0]
        elif match[1] in PLACEHOLDERS:
            parts += [match[1], ""]
        else:
            near = did_you_mean(match[1] or "", PLACEHOLDERS)
            message = f"{quote(match[0])} is no placeholder{near}"
            remedy = f"use {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}, and {{{{ for a brace"
            raise DocumentError(place, message, remedy)
    parts[-1] += text[end:]
    return Text(tuple(parts)) if len(parts) > 1 else parts[0]


def parts_of(body: Any) -> Iterator[Any]:
    """Yield a compiled body and all parts of it."""
    yield body
    parts: Iterable[Any] = ()
    if isinstance(body, dict):
        parts = body.values()
    elif isinstance(body, list):
        parts = body
    elif isinstance(body, Each):
        parts = (body.body,)
    for part in parts:
        yield from parts_of(part)


def fill(body: Any, told: Told) -> Any:
    """Return a compiled body, its placeholders filled; left out is what has no value for one."""
    filled = _fill(body, told)
    return {} if filled is _NOTHING else filled


def _fill(part: Any, told: Told) -> Any:
    """Return a part of a body with its placeholders filled, or _NOTHING."""
    if isinstance(part, Text):
        return part.fill(told.whole)
    if isinstance(part, Each):
        filled = (_fill(part.body, Told(values, ())) for values in told.each)
        return [value for value in filled if value is not _NOTHING]
    if isinstance(part, dict) and part:
        members = {name: _fill(value, told) for name, value in part.items()}
        return {n: v for n, v in members.items() if v is not _NOTHING} or _NOTHING
    if isinstance(part, list) and part:
        items = (_fill(value, told) for value in part)
        return [value for value in items if value is not _NOTHING] or _NOTHING
    return part


def read(part: Any, value: Any, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Put into `values` what a value tells by a part of the body; yield what each violation tells."""
    if isinstance(part, Text) and part.whole is not None:
        if value not in (None, ""):
            values.setdefault(part.whole, value)
    elif isinstance(part, Each) and isinstance(value, list):
        for item in value:
            of_item: dict[str, Any] = {}
            yield of_item
            yield from read(part.body, item, of_item)
    elif isinstance(part, dict) and isinstance(value, dict):
        for name in part.keys() & value.keys():
            yield from read(part[name], value[name], values)
    elif isinstance(part, list) and isinstance(value, list):
        for one, item in zip(part, value, strict=False):
            yield from read(one, item, values)
