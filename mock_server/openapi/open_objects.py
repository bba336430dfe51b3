"""Objects whose members a schema leaves to those who send them."""

from __future__ import annotations

from mock_server.openapi.schema import Schema, alternatives, has_branches, kinds_of


def is_open(schema: Schema) -> bool:
    """Tell whether a merged schema is for an object whose members it leaves to those who send it."""
    if "additionalProperties" in schema:
        return schema["additionalProperties"] is not False
    found = [each for each in alternatives(schema, {"additionalProperties"}) if each is not schema]
    branches = [each for each in found if "object" in (kinds_of(each) or ("object",))]
    return any(map(_is_open_itself, branches)) if branches else not schema.get("properties")


def _is_open_itself(schema: Schema) -> bool:
    """Tell whether a merged schema, without its branches, is for an object with any members."""
    if "additionalProperties" in schema:
        return schema["additionalProperties"] is not False
    return not has_branches(schema) and not schema.get("properties")
