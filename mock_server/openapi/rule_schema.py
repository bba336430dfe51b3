"""The JSON Schemas of the rules of operations, by which they are checked too."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.openapi.list_rules import LIST_RULES
from mock_server.openapi.rule_parts import (
    CONDITIONS,
    FROM,
    GUARD,
    NAME,
    NAMES,
    OTHERWISE,
    SET,
    THROUGH,
    TRUE,
    Described,
    object_of,
    said,
)

_CREATE: Described = {
    "description": "On an operation that creates: what a new record has before its body says otherwise.",
    **object_of({"set": SET}, ("set",)),
    "examples": [{"set": {"status": "DRAFT"}}],
}

_ACTION: Described = {
    "description": "On an operation: what it makes of the record that its path names.",
    **object_of(
        {
            **GUARD,
            "set": SET,
            "copy": said("Make a new record like this one, and set the members there.", TRUE),
            "of": said("The collection of the record, where the path does not name it."),
            "id": said("The id of that record, or the ids of several.", FROM),
            "answer": {**SET, "description": "The answer's members, where it is not the record."},
        },
        minProperties=1,
    ),
    "examples": [{"when": [{"status": ["DRAFT"]}], "set": {"status": "FINAL"}}],
}

_ALLOW: Described = {
    "description": "On an operation that creates, changes or removes: what the record must be for it.",
    **object_of(
        {
            **GUARD,
            "parent": {**CONDITIONS, "description": "What the record that it belongs to must be."},
        },
        minProperties=1,
    ),
    "examples": [{"when": [{"status": ["DRAFT"]}]}],
}

_MEMBER: Described = {
    "description": "On an operation: that it adds items to a list in the record, replaces them, or "
    "removes some.",
    **object_of(
        {
            "of": said("The member of the record that is the list."),
            "add": said("The items that are added, unless they are there.", FROM),
            "replace": said("The items that take the place of all.", FROM),
            "remove": said("The items that are removed.", FROM),
            "key": said("The member of an item that is compared with the value."),
            "when": CONDITIONS,
            "otherwise": OTHERWISE,
        },
        ("of",),
    ),
    "examples": [{"of": "recipients", "remove": {"path": "recipient"}}],
}

_MERGE: Described = {
    "description": "On an operation: that it makes one record of several, which are removed.",
    **object_of(
        {
            "ids": said("The ids of the records.", FROM),
            "join": said("The collections of nested records that go with them.", NAMES),
            "set": SET,
            **GUARD,
        },
        ("ids",),
    ),
    "examples": [{"ids": {"body": "invoiceIds"}, "join": "line-items"}],
}

_FIND: Described = {
    "description": "On an operation with a record in its path: how that is found.",
    **object_of(
        {
            "of": said("Its collection; if absent, the nearest above the path."),
            "by": said("The member that has the path's last parameter, also in a list."),
            "through": THROUGH,
        },
        ("by",),
    ),
    "examples": [{"by": "alias"}],
}

_VIEW: Described = {
    "description": "On a GET: that it answers with the records of another collection.",
    **object_of(
        {
            "of": said("That collection."),
            "where": {
                "description": "The values that members of the records must have.",
                "type": "object",
                "additionalProperties": FROM,
            },
            "parent": said("The collection of the record in the path, which must be there."),
            "map": {
                "description": "By members of the answer, those of the record, or paths to them.",
                "type": "object",
                "additionalProperties": NAME,
            },
            "keys": said("Answer the distinct names of the members of this member."),
            "by": said("Answer sums of groups of records, which have the same value here."),
            "count": said("The answer's member for the number of records."),
            "sum": {
                "description": "By members of the answer, those of the records that are added up.",
                "type": "object",
                "additionalProperties": NAME,
            },
            "in": said("Where in the answer the groups are, if it has several lists."),
        },
        ("of",),
    ),
    "examples": [{"of": "invoices", "by": "currency", "count": "invoiceCount"}],
}

_PARENT: Described = {
    "description": "On an operation of a nested collection: which member of its records has the "
    "parent's key. `kept`: none, and it is kept beside them.",
    "anyOf": [{"const": "kept"}, object_of({"field": said("That member.")}, ("field",))],
    "examples": [{"field": "invoiceId"}],
}

_MAP: Described = {
    "description": "On an operation with a body: where the record has the values of the body's members.",
    "type": "object",
    "minProperties": 1,
    "additionalProperties": NAME,
    "examples": [{"parentId": "parent.id"}],
}

_IDEMPOTENCY: Described = {
    "description": "On an operation: that a request with the same value of a header is answered as "
    "the first one.",
    **object_of(
        {
            "header": said("The header."),
            "seconds": said("For how long.", {"type": "integer", "minimum": 1}),
        },
        ("header", "seconds"),
    ),
    "examples": [{"header": "Idempotency-Key", "seconds": 86400}],
}

# By their names, on an operation.
OPERATION_RULES: Mapping[str, Described] = {
    "x-create": _CREATE,
    "x-action": _ACTION,
    "x-allow": _ALLOW,
    "x-member": _MEMBER,
    "x-merge": _MERGE,
    "x-find": _FIND,
    "x-view": _VIEW,
    "x-parent": _PARENT,
    "x-map": _MAP,
    "x-content": {
        "description": "On an operation: the media type of its answer, whose content it gives.",
        "type": "string",
        "pattern": "^[a-z]+/[a-z0-9.+-]+$",
        "examples": ["application/pdf"],
    },
    "x-upsert": {
        **said("On an operation that creates: a record with the same value here is replaced."),
        "examples": ["customerEventId"],
    },
    "x-unique": {
        "description": "On an operation that creates: a record with the same value here is refused.",
        **NAMES,
        "examples": ["name"],
    },
    "x-idempotency": _IDEMPOTENCY,
    "x-rate": {
        "description": "On an operation: how many requests are answered, and in how many seconds, "
        "under --rate-limit.",
        "type": "string",
        "pattern": "^[1-9][0-9]*/[1-9][0-9]*$",
        "examples": ["12000/60"],
    },
    **LIST_RULES,
}
