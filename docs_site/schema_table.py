"""Schemas of OpenAPI and of JSON Schema as tables of Markdown: a row for each member, at any depth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
# Returns the link to a part that is described elsewhere, by its `$ref`, and what it says there.
Link = Callable[[str], tuple[str, str]]

_HEADING = "| member | type | meaning |\n|---|---|---|\n"
_NOTES = {
    "minimum": "at least {}", "maximum": "at most {}", "minItems": "at least {} items",
    "maxItems": "at most {} items", "maxProperties": "at most {} members", "default": "{} if absent",
    "pattern": "matching {}",
}  # fmt: skip


def table(schema: Schema, link: Link) -> str:
    """Return the table of an object's members, each by its path, e.g. `step.page`; `""` without any."""
    rows: dict[str, str] = {}
    for name, kind, meaning in _rows(schema, "", link):
        # A branch may say more of a member that is described already.
        rows.setdefault(name.partition(" ")[0], f"| {name} | {kind} | {meaning} |\n")
    return _HEADING + "".join(rows.values()) if rows else ""


def _rows(schema: Schema, before: str, link: Link) -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        path = f"{before}{name}"
        must = " (required)" if name in required else ""
        yield f"`{path}`{must}", type_text(part, link), _meaning(part, link)
        yield from _rows(part, f"{path}.", link)
        yield from _rows(part.get("items", {}), f"{path}[].", link)
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _rows(part, before, link)
    if isinstance(schema.get("items"), Mapping) and not before:
        yield from _rows(schema["items"], "[].", link)


def type_text(schema: Schema, link: Link) -> str:
    """Return the type of a value in words, e.g. `integer or null`, with links to parts elsewhere."""
    kind = _kind(schema, link)
    return f"{kind} or null" if schema.get("nullable") else kind


def _kind(schema: Schema, link: Link) -> str:
    if "$ref" in schema:
        return link(schema["$ref"])[0]
    if "enum" in schema:
        return " or ".join(f"`{_spelled(value)}`" for value in schema["enum"])
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in schema and "type" not in schema:
            parts = [_kind(part, link) for part in schema[keyword]]
            return (" and " if keyword == "allOf" else " or ").join(dict.fromkeys(filter(None, parts)))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema['items'], link)}" if schema.get("items") else "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_kind(schema['additionalProperties'], link)}"
    return "date-time" if schema.get("format") == "date-time" else str(kind)


def _meaning(schema: Schema, link: Link) -> str:
    noted = [text.format(f"`{_spelled(schema[key])}`") for key, text in _NOTES.items() if key in schema]
    said = str(schema.get("description", link(schema["$ref"])[1] if "$ref" in schema else ""))
    return "; ".join(filter(None, [said.rstrip("."), *noted])).replace("\n", " ").replace("|", "\\|")


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)
