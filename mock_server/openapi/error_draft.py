"""A draft of `x-error` for a document that describes its errors: a body by the names in their schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from mock_server.formats.media_types import JSON, without_parameters
from mock_server.openapi.error_fit import SENT, Described, find_misfit
from mock_server.openapi.error_shape import PROBLEM, PROBLEM_JSON
from mock_server.openapi.schema import admits_null, kinds_of
from mock_server.openapi.schema_merging import merge_all_of

# The placeholder that a member of these names stands for; plain names, as `_plain` makes them.
_TEXTS = {
    "message": ("message", "msg", "errormessage", "detail", "errordescription", "description", "text",
                "details", "usermessage"),
    "code": ("code", "errorcode", "subcode"),
    "type": ("type", "errortype", "kind", "category"),
    "key": ("param", "parameter", "parametername", "field", "fieldname", "property", "propertypath",
            "attribute", "argument", "key", "path", "pointer", "location", "loc"),
    "reason": ("title", "reason", "error", "statustext", "phrase", "name"),
    "statusText": ("status", "statuscode", "httpstatus", "httpcode"),
}  # fmt: skip
_NUMBERS = {"status": ("status", "statuscode", "httpstatus", "code", "errorcode", "httpcode")}

# Lists of texts that are messages.
_LISTS = ("errors", "messages", "details", "violations", "causes")

# What an object or a list that may be absent is kept for.
_WORTH_NESTING = {"message", "code", "key", "each"}

# The words of a type's name that fit a status, the best first.
_WORDS = {
    400: ("badrequest", "invalidrequest", "validation", "invalid", "bad", "request", "client"),
    401: ("unauthorized", "unauthenticated", "authentication", "auth", "credential"),
    403: ("forbidden", "permission", "denied", "authorization", "auth"),
    404: ("notfound", "missing", "found"),
    429: ("ratelimit", "toomany", "rate", "throttl", "quota"),
    500: ("internal", "server", "api", "unknown", "error"),
}
_PHRASES = {each.phrase for each in HTTPStatus}

_LEVELS = 6


class _Undrafted(Exception):
    """A schema says nothing from which a body could be made."""


def draft(described: Described) -> dict[str, Any] | str | None:
    """Return an `x-error` for a schema of errors; None where its names say too little.

    E.g. `{"body": {"error": {"message": "{message}"}}}`, or `problem`.
    """
    drafting, media_type = _Drafting(), without_parameters(described.media_type)
    if media_type == PROBLEM_JSON and find_misfit(described, PROBLEM) is None:
        return "problem"
    try:
        body = drafting.body_of(described.schema, "", _LEVELS)
    except _Undrafted:
        return None
    if not drafting.says_something:
        return None
    drafted = {"body": body, "types": drafting.types, "mediaType": media_type}
    is_json = media_type == JSON or not media_type.endswith("json")
    left_out = {"mediaType": is_json, "types": not drafting.types}
    return {name: value for name, value in drafted.items() if not left_out.get(name)}


class _Drafting:
    """The drafting of one body; `types` are the types that the schema names, by the status."""

    def __init__(self) -> None:
        self.types: dict[int, str] = {}
        # Each once: a message and its details are not both the message.
        self._used: set[str] = set()
        self.says_something = False

    def body_of(self, schema: Any, name: str, levels: int, *, is_required: bool = True) -> Any:
        """Return what stands for a value; raise _Undrafted where nothing does and it may be absent."""
        schema = _chosen(schema)
        if levels == 0:
            raise _Undrafted
        kinds = kinds_of(schema)
        if "object" in kinds or "properties" in schema:
            return self._object(schema, levels)
        if "array" in kinds:
            return self._list(schema, name, levels)
        said = self._placeholder(schema, name, kinds)
        if said is not None:
            return said
        if is_required or len(schema.get("enum", ())) == 1:
            return _constant(schema, kinds)
        raise _Undrafted

    def _object(self, schema: Mapping[str, Any], levels: int) -> dict[str, Any]:
        required, members = schema.get("required", ()), dict[str, Any]()
        properties = {name: _chosen(part) for name, part in schema.get("properties", {}).items()}
        # Single values first: what they stand for is not looked for further inside.
        for name in sorted(properties, key=lambda name: _is_nested(properties[name])):
            part, used = properties[name], set(self._used)
            needed = name in required
            try:
                found = self.body_of(part, name, levels - 1, is_required=needed)
            except _Undrafted:
                if needed:
                    members[name] = [] if "array" in kinds_of(part) else {}
                continue
            tells = not _is_nested(part) or not _WORTH_NESTING.isdisjoint(self._used - used)
            if found == "{key}" and needed:
                # Not every error is about a parameter.
                is_nullable = _is_nullable(schema["properties"][name])
                found = "{key|null}" if is_nullable else "{key|}"
            if needed or tells:
                members[name] = found
        if not members:
            raise _Undrafted
        return {name: members[name] for name in properties if name in members}

    def _list(self, schema: Mapping[str, Any], name: str, levels: int) -> dict[str, Any]:
        items = _chosen(schema.get("items", {}))
        if "object" not in kinds_of(items) and "properties" not in items:
            if "string" not in kinds_of(items) or _plain(name) not in _LISTS:
                raise _Undrafted
            self._note("message")
            return {"each": "{message}"}
        outside, self._used = self._used, set()
        try:
            item = self.body_of(items, name, levels - 1)
            if self._used.isdisjoint(("message", "key", "code")):
                raise _Undrafted
        finally:
            self._used = outside
        # Inside, as it were: a nested list is kept for what it tells.
        self._used |= {"each"}
        return {"each": item}

    def _placeholder(self, schema: Mapping[str, Any], name: str, kinds: Sequence[str]) -> str | None:
        plain = _plain(name)
        if "string" in kinds or not kinds:
            found = next((p for p, names in _TEXTS.items() if plain in names), None)
        elif "integer" in kinds or "number" in kinds:
            found = next((p for p, names in _NUMBERS.items() if plain in names), None)
        else:
            found = None
        if found is None:
            return None
        if "enum" in schema and found == "code":
            found = "type"
        if found in self._used or ("enum" in schema and not self._admits(schema["enum"], found)):
            return None
        self._note(found)
        return f"{{{found}}}"

    def _note(self, placeholder: str) -> None:
        self._used.add(placeholder)
        self.says_something |= placeholder in ("message", "code", "reason", "type")

    def _admits(self, enum: Sequence[Any], placeholder: str) -> bool:
        if placeholder == "type":
            return self._choose(enum)
        if placeholder == "reason":
            return all(value in _PHRASES for value in enum)
        return placeholder == "status" and all(value in SENT for value in enum)

    def _choose(self, enum: Sequence[Any]) -> bool:
        """Choose a type for each status from an enum; return whether there is one."""
        names = {_plain(value): value for value in enum if isinstance(value, str)}
        if self.types or len(names) < 2:
            return False
        self.types = {status: next(_matching(names, status)) for status in SENT}
        return True


def _matching(names: Mapping[str, str], status: int) -> Iterator[str]:
    general = 500 if status >= 500 else 400
    for word in (*_WORDS.get(status, ()), *_WORDS[general]):
        yield from (value for plain, value in names.items() if word in plain)
    yield from names.values()


def _is_nested(schema: Mapping[str, Any]) -> bool:
    return "properties" in schema or not {"object", "array"}.isdisjoint(kinds_of(schema))


def _chosen(schema: Any) -> dict[str, Any]:
    """Return a schema with its `allOf` merged, and of alternatives the first that is an object."""
    merged = merge_all_of(schema)
    for keyword in ("oneOf", "anyOf"):
        branches = [merge_all_of(branch) for branch in merged.get(keyword, ())]
        if branches and "properties" not in merged:
            return next((b for b in branches if "properties" in b), branches[0])
    return merged


def _is_nullable(schema: Any) -> bool:
    merged = merge_all_of(schema)
    branches = (merge_all_of(b) for word in ("oneOf", "anyOf") for b in merged.get(word, ()))
    return any(map(admits_null, (merged, *branches)))


def _constant(schema: Mapping[str, Any], kinds: Sequence[str]) -> Any:
    """Return a value for a member that must be there, and whose name says nothing."""
    for keyword in ("enum", "example", "default"):
        said = schema.get(keyword)
        if said is not None and said != []:
            value = said[0] if keyword == "enum" else said
            return re.sub(r"[{}]", r"\g<0>\g<0>", value) if isinstance(value, str) else value
    return {"integer": 0, "number": 0, "boolean": False}.get(next(iter(kinds), "string"), "")


def _plain(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower())


def most_used(described: Sequence[Described]) -> Described | None:
    """Return the schema that most operations use for the errors that clients cause; None for none."""
    own = [each for each in described if min(each.statuses) < 500]
    return max(own, key=lambda each: len(each.operations), default=None)
