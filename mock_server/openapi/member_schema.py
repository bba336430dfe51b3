"""The JSON Schemas of the rules of properties, by which they are checked too."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.openapi.rule_parts import NAME, Described, object_of, said

_FIELDS: Described = {"type": "array", "minItems": 2, "items": NAME}

_SUM: Described = {
    "description": "On a property: that it is the sum of a member of the lines of its record, and "
    "follows their changes; or what members beside it come to.",
    "anyOf": [
        object_of(
            {
                "field": said("What is added up."),
                "of": said("The collection of the lines."),
                "by": said("The member of a line that has this record's key."),
            },
            ("field", "of", "by"),
        ),
        object_of(
            {
                "multiply": _FIELDS,
                "add": _FIELDS,
                "subtract": _FIELDS,
                "percent": said("Whether the last is in percent.", {"type": "boolean"}),
            },
            minProperties=1,
        ),
    ],
    "examples": [{"field": "netTotal", "of": "line-items", "by": "invoiceId"}],
}

_REFERS: Described = {
    "description": "On a property: that it names a record of another collection.",
    **object_of(
        {
            "collection": said("That collection."),
            "by": said("The member of that record whose value it has; if absent, the key."),
            "copies": {
                "description": "By members beside it, those of the other record that they have.",
                "type": "object",
                "additionalProperties": NAME,
            },
        },
        ("collection",),
    ),
    "examples": [{"collection": "customers"}],
}

# By their names, on a property of a schema.
MEMBER_RULES: Mapping[str, Described] = {
    "x-sum": _SUM,
    "x-refers": _REFERS,
    "x-was": {
        **said("On a property: the name that it has in an older version of the API."),
        "examples": ["netAmount"],
    },
    "x-secret": {
        "description": "On a property: that its values are secret, so that the journal shows `***` for "
        "them in bodies of requests and answers, and no message does.",
        "type": "boolean",
        "examples": [True],
    },
}
