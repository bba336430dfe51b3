"""What the JSON Schemas of an overlay's rules have in common: names, values, and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Described = Mapping[str, Any]

TEXT: Described = {"type": "string", "minLength": 1}
# The texts of a rule are names of members; a `.` leads into a part.
NAME: Described = {"type": "string", "minLength": 1}
NAMES: Described = {"anyOf": [NAME, {"type": "array", "minItems": 1, "items": NAME}]}
TRUE: Described = {"const": True}


def object_of(properties: Described, required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """Return the schema of an object that has these members alone."""
    described = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return {**described, **({"required": list(required)} if required else {}), **more}


def said(text: str, schema: Described = NAME) -> dict[str, Any]:
    """Return a schema, that of a name if none is given, with its description."""
    return {**schema, "description": text}


SCALARS: Described = {"type": "object", "additionalProperties": {}}

# A value that stands elsewhere.
FROM: Described = {
    "description": "A value that stands elsewhere: `{body: name}` in the request's body, `{path: name}` "
    "in its path, `{record: name}` in the record. `as` says what each of its values becomes. Where "
    "there is none, the member stays as it is.",
    **object_of(
        {
            "body": said("A member of the request's body, or a path to one."),
            "path": said("A parameter of the path."),
            "record": said("A member of the record, or a path to one."),
            "as": said("By a value's text, what it becomes; `*` for any other one.", SCALARS),
        }
    ),
    "minProperties": 1,
}

# Read by rule_reading, which knows that an object with one of these words is a source.
VALUE: Described = {
    "description": "A value: itself, or where it comes from. `{now: true}`: the time by the account's "
    "clock; `{today: true}`: its date. `{body: name}`, `{path: name}`, `{record: name}`: what stands "
    "there, and with `as: {…}` what that becomes. `{next: {prefix: SEQ}}`: a running number, for a "
    "record that has none. `{example: true}`: that of the document's example. `{add: …}`, "
    "`{subtract: …}`: the number there and this one. `{append: …}`: behind the items of the list there. "
    "null: no value.",
}

SET: Described = {
    "description": "The members that are set, by their names or paths. One that no schema has is kept "
    "beside the record and never shown.",
    "type": "object",
    "additionalProperties": VALUE,
}

CONDITIONS: Described = {
    "description": "What the record must be: one of these has to hold. Each names members with the "
    "values of which they have one; null is for no value.",
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "minProperties": 1, "additionalProperties": {}},
}

OTHERWISE: Described = object_of(
    {
        "status": said("Its status.", {"type": "integer", "minimum": 400, "maximum": 599}),
        "type": said("The error's type.", TEXT),
        "message": said("The error's message.", TEXT),
    },
    ("status", "type", "message"),
    description="The error where the record is something else. If this is absent: 409 of the type "
    "`wrongState`, with what is allowed and how to get there.",
)

MATCH: Described = {
    "description": "Members of the record that must be equal to a value of the request, e.g. a version. "
    "A record that has none, or a request without it, is not compared.",
    "type": "object",
    "minProperties": 1,
    "additionalProperties": FROM,
}

COVER: Described = {
    **MATCH,
    "description": "Numbers of the record that must be at least as great as a value of the request, "
    "e.g. a balance as an amount. A record that has none, or a request without it, is not compared.",
}

GUARD: Described = {"when": CONDITIONS, "match": MATCH, "cover": COVER, "otherwise": OTHERWISE}

_ON: Described = {
    "description": "The two members that are equal: the record's own, and the other's.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": NAME,
    "examples": [{"id": "customerId"}],
}

THROUGH: Described = object_of(
    {
        "collection": said("The collection of the other records."),
        "on": _ON,
        "where": said("What the others must be.", {"type": "object", "additionalProperties": {}}),
    },
    ("collection", "on"),
    description="Looks at the records of another collection that belong to the record.",
)
