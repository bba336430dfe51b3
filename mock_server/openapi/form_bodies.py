"""Bodies that are forms: the texts of a form become the values of the types that a schema names.

OpenAPI 3.0, Encoding Object: `style` and `explode` say how lists are written, and `contentType` that a
member is JSON. Objects and lists in brackets are read whatever it says, since clients send them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.errors import Violation
from mock_server.formats import form, json
from mock_server.formats.form import Branch, Conflict, Node
from mock_server.formats.json import Unreadable
from mock_server.formats.media_types import is_json
from mock_server.formats.source_file import Place
from mock_server.openapi.body_schema import key_of
from mock_server.openapi.parameter_parsing import LISTED
from mock_server.openapi.schema import Schema, items_of, kinds_of, member_of, members_of
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.openapi.text_values import value_of_text
from mock_server.shown_text import quote

# How the texts of a list are separated that is one text, by its style (OpenAPI 3.0, Style Values).
_SEPARATORS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


class FormBody:
    """A body that is a form, as one media type describes it."""

    def __init__(self, schema: Schema, encoding: Mapping[str, Any]) -> None:
        """Take the schema, and what is said of the encoding of members, by their names."""
        self._schema = merge_all_of(schema)
        self._members = members_of(self._schema)
        self._encoding = encoding

    def read(self, content: str) -> tuple[dict[str, Any] | None, list[Violation]]:
        """Return the value of a form, and what is wrong with how it is written.

        The value is None where two names contradict each other.
        """
        try:
            root = form.read(content, self._members)
        except Conflict as conflict:
            name = "".join(f"[{s}]" if n else s for n, s in enumerate(conflict.steps))
            message = f"{quote(name)} was sent with a value and with members; send one of the two."
            return None, [Violation("conflict", message, key_of(conflict.steps))]
        violations: list[Violation] = []
        value = {name: self._member(name, node, violations) for name, node in root.items()}
        return value, violations[:LISTED]

    def _member(self, name: str, node: Node, violations: list[Violation]) -> Any:
        schema = member_of(self._schema, name)
        encoding = self._encoding.get(name)
        encoding = encoding if isinstance(encoding, Mapping) else {}
        if isinstance(node, list) and is_json(str(encoding.get("contentType", ""))):
            return _json(name, node, violations)
        if isinstance(node, list) and "array" in kinds_of(schema):
            style = str(encoding.get("style", "form"))
            if not encoding.get("explode", style == "form"):
                separator = _SEPARATORS.get(style, ",")
                node = [text for each in node for text in each.split(separator) if text]
        return _value((name,), node, schema, violations)


def _json(name: str, texts: Sequence[str], violations: list[Violation]) -> Any:
    try:
        return json.load(texts[0])
    except Unreadable as unreadable:
        message = f"{unreadable.message}; {unreadable.remedy}."
        violations.append(Violation("json", message, key_of((name,))))
        return texts[0]


def _value(place: Place, node: Node, schema: Schema, violations: list[Violation]) -> Any:
    """Return the value that was sent at a place, by the merged schema of the place."""
    kinds = kinds_of(schema)
    if isinstance(node, list):
        return _of_texts(place, node, schema, violations)
    if "array" in kinds or not kinds:
        items = _in_order(node)
        if items is not None and ("object" not in kinds or not members_of(schema)):
            inner = items_of(schema)
            return [_value((*place, n), each, inner, violations) for n, each in enumerate(items)]
    members = {name: (each, _inner(schema, name)) for name, each in node.items()}
    return {n: _value((*place, n), each, inner, violations) for n, (each, inner) in members.items()}


def _of_texts(place: Place, texts: list[str], schema: Schema, violations: list[Violation]) -> Any:
    """Return the value of what was sent under one name, without brackets or with empty ones."""
    kinds = kinds_of(schema)
    is_single = len(texts) == 1 and any(kind != "array" for kind in kinds)
    if "array" in kinds and not is_single:
        inner = items_of(schema)
        return [value_of_text(inner, text) for text in texts] if texts != [""] else []
    if len(texts) > 1 and kinds:
        message = f"it was sent {len(texts)} times, but has a single value; send it once."
        violations.append(Violation("repeated", message, key_of(place)))
    if len(texts) > 1 and not kinds:
        return texts
    return value_of_text(schema, texts[0])


def _in_order(node: Branch) -> list[Node] | None:
    """Return the items of a list that was sent with their numbers; None where it is no list."""
    if not all(key.isascii() and key.isdecimal() and len(key) < 10 for key in node):
        return None
    return [node[key] for key in sorted(node, key=int)]


def _inner(schema: Schema, name: str) -> Schema:
    """Return the schema of a member, merged: the one that is named, or that of all others."""
    found = member_of(schema, name)
    rest = schema.get("additionalProperties")
    return found or (merge_all_of(rest) if isinstance(rest, dict) else {})
