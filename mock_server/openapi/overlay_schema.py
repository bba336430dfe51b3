"""The JSON Schema of overlays, by which editors complete and check them: draft-07, as they read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.lists.filters import MATCHES
from mock_server.openapi import overlay_format
from mock_server.openapi.error_template import PLACEHOLDERS
from mock_server.openapi.json_schema import DRAFT_07
from mock_server.openapi.member_schema import MEMBER_RULES
from mock_server.openapi.rule_parts import NAMES, THROUGH
from mock_server.openapi.rule_schema import OPERATION_RULES
from mock_server.openapi.schema import FILLS
from mock_server.openapi.scheme_schema import LIST
from mock_server.openapi.security import REALM

_TEXT = {"type": "string", "minLength": 1}

_VERSION = {
    "description": "The version of the Overlay Specification that the file follows: 1.0 or 1.1.",
    "type": "string",
    "pattern": overlay_format.VERSION.pattern,
    "examples": ["1.1.0"],
}

_INFO: Mapping[str, Any] = {
    "title": {
        "description": "What the overlay is about.",
        "type": "string",
        "examples": ["Usage, as its prose says"],
    },
    "version": {
        "description": "The overlay's own version.",
        "type": "string",
        "examples": ["1.0.0"],
    },
    "description": {"description": "What the overlay does.", "type": "string"},
}

_TARGET = {
    "description": "A JSONPath (RFC 9535) that selects the parts of the document to change. One that "
    "selects nothing is a warning.",
    "type": "string",
    "pattern": r"^\$",
    "examples": [
        "$.paths['/things'].get.parameters[?@.name == 'kind']",
        "$.components.schemas.Thing.properties.id",
    ],
}

# By the names in overlay.py, which a new field has to join: a schema without it would refuse it.
_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "overlay": _VERSION,
    "info": {
        "description": "What the overlay is called, and its own version.",
        "type": "object",
        "required": ["title", "version"],
        "properties": _INFO,
    },
    "extends": {
        "description": "The document that the overlay is for; it is not read.",
        "type": "string",
    },
    "actions": {
        "description": "The changes, which are made in this order.",
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"$ref": "#/definitions/action"},
    },
}

_ACTION_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "target": _TARGET,
    "description": {"description": "Why the change is made.", "type": "string"},
    "update": {
        "description": "What is merged into each object that the target selects, or appended to each "
        "array; in 1.1, an array is joined to it, and a single value replaces one.",
        "allOf": [{"$ref": "#/definitions/part"}],
    },
    "copy": {
        "description": "A JSONPath that selects one part of the document, which is merged like an "
        "update; in 1.1.",
        "type": "string",
        "pattern": r"^\$",
        "examples": ["$.paths['/things']"],
    },
    "remove": {"description": "Remove what the target selects.", "type": "boolean"},
}

_FILTER = {
    "description": "On a query parameter: which field of the records it filters, and how. `false`: it "
    "filters nothing, although it is named like a field.",
    "type": ["object", "boolean"],
    "not": {"const": True},
    "required": ["field", "match"],
    "additionalProperties": False,
    "properties": {
        "field": {
            **NAMES,
            "description": "A property of the records, or a path to one, through arrays of objects too: "
            "any item's value is enough. A list of names: any of these fields.",
        },
        "match": {
            "description": "`contains`: the field contains the text, in any case. `any-of`: it is one "
            "of the values, which are separated by commas. `equals`: it is the value. `not-contains`, "
            "`not-any-of`: what these find is left out. `before`, `after`: it is a moment or a number "
            "before or after the one sent, which is left out, a day as a whole; no value is neither. "
            "`present`: it has a value where the parameter is true, and none where it is false.",
            "enum": list(MATCHES),
        },
        "values": {
            "description": "The values that the parameter stands for where it is true; where it is "
            "false, it filters nothing. With `present`: by a text that is sent, whether it has a value.",
            "examples": [["ARCHIVED"], {"active": True, "inactive": False}],
        },
        "through": THROUGH,
    },
    "examples": [
        {"field": "name", "match": "contains"},
        {"field": "archivedAt", "match": "present"},
        {"field": ["name", "customer.email"], "match": "contains"},
        {
            "through": {"collection": "aliases", "on": {"id": "customerId"}},
            "field": "value",
            "match": "equals",
        },
    ],
}

_FILL = {
    "description": "On a property: what a record is given that lacks it. `id`: an id of its own, the "
    "same in every run. `account`: the id of the account that reads it. `timestamp`: when it was "
    "created. `changed-at`: when it was changed last; both in seconds since 1970 where it is a number. "
    "`parent-id`: the id of the record that it is a part of.",
    "enum": list(FILLS),
}

_VERSION_RULE = {
    "description": "On a header parameter with an enum: that it selects the version of the API.",
    "type": "object",
    "required": ["unknown"],
    "additionalProperties": False,
    "properties": {
        "this": {
            **_TEXT,
            "description": "The version of this document, where the enum has several or there is none.",
            "examples": ["2024-07-30"],
        },
        "unknown": {
            "description": "The error that an unknown version gets.",
            "type": "object",
            "required": ["type", "message"],
            "additionalProperties": False,
            "properties": {
                "type": {**_TEXT, "description": "The error's type."},
                "message": {**_TEXT, "description": "The error's message."},
            },
        },
    },
    "examples": [{"unknown": {"type": "UnknownVersion", "message": "There is no such version."}}],
}

_REALM = {
    "description": "On a security scheme of HTTP: the realm of the challenge of a 401.",
    "type": "string",
    "pattern": f"^(?:{REALM.pattern})$",
    "examples": ["Example"],
}

_ERROR = {
    "description": "At the root of the document: how the errors of the API are written. `problem`: as "
    "RFC 9457 says.",
    "oneOf": [
        {"enum": ["problem"]},
        {
            "type": "object",
            "required": ["body"],
            "additionalProperties": False,
            "properties": {
                "body": {
                    "description": "The body, with placeholders in its texts: "
                    + "; ".join(f"`{{{name}}}`, {said}" for name, said in PLACEHOLDERS.items())
                    + ". A member whose placeholder has no value is left out; with `{key|null}` it is "
                    "null, and with `{key|}` an empty text. `{each: …}` is a list with an item for each "
                    "violation; without it, the first is told, and how many more.",
                    "anyOf": [{"type": "object"}, {"type": "array"}],
                },
                "mediaType": {
                    "description": "The media type of errors; `application/json` if absent.",
                    "type": "string",
                    "pattern": r"^application/([a-z0-9.-]+\+)?json$",
                },
                "types": {
                    "description": "What `{type}` is, by the status.",
                    "type": "object",
                    "propertyNames": {"pattern": "^[45][0-9]{2}$"},
                    "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                },
            },
        },
    ],
    "examples": [
        {
            "body": {"error": {"type": "{type}", "message": "{message}", "param": "{key}"}},
            "types": {"400": "invalid_request_error"},
        }
    ],
}

# What this program reads of a document beside OpenAPI 3.0.
EXTENSIONS: Mapping[str, Mapping[str, Any]] = {
    "x-list": LIST,
    "x-filter": _FILTER,
    "x-fill": _FILL,
    "x-version": _VERSION_RULE,
    "x-realm": _REALM,
    "x-error": _ERROR,
    **OPERATION_RULES,
    **MEMBER_RULES,
}

# Fields whose values are data, in which nothing is an extension (OpenAPI 3.0, Schema Object).
_DATA = ("default", "enum", "example", "examples")


def schema() -> dict[str, Any]:
    """Return the schema of an overlay: what overlay.py reads, and the extensions that it may add."""
    return {
        "$schema": DRAFT_07,
        "title": "Overlay of an OpenAPI document",
        "description": "Changes of an OpenAPI document (Overlay Specification 1.0 and 1.1), which say "
        "for the mock server what the document says in prose only.",
        **_object(_FIELDS, overlay_format.FIELDS, ["overlay", "info", "actions"]),
        "definitions": {"action": _action(), "part": _part()},
    }


def _object(
    described: Mapping[str, Mapping[str, Any]], known: set[str], required: list[str]
) -> dict[str, Any]:
    """Return the schema of an object that has the known fields, and extensions, alone."""
    return {
        "type": "object",
        "required": required,
        "properties": {name: described[name] for name in sorted(known)},
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }


def _action() -> dict[str, Any]:
    return {
        "description": "One change: what the target selects is updated, removed, or merged with a copy.",
        **_object(_ACTION_FIELDS, overlay_format.ACTION_FIELDS, ["target"]),
    }


def _part() -> dict[str, Any]:
    """Return the schema of a part of a document, in which only the extensions are described."""
    part = {"$ref": "#/definitions/part"}
    return {
        "properties": {
            **EXTENSIONS,
            **{name: {} for name in _DATA},
            # Its members have names that their author chose.
            "properties": {"type": "object", "additionalProperties": part},
        },
        "patternProperties": {"^x-": {}},
        "additionalProperties": part,
        "items": part,
    }
