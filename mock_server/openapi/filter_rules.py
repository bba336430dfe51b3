"""What a query parameter filters: as an overlay says, or as the document's own words make certain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from mock_server.formats.media_types import is_json
from mock_server.formats.numbers import is_number, plain_text
from mock_server.formats.source_file import Place
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.lists.filters import LIMITS, MATCHES
from mock_server.lists.roles import LIMIT, POSITIONS
from mock_server.openapi.actions import Through
from mock_server.openapi.field_paths import find_field, holds_objects
from mock_server.openapi.rule_parts import THROUGH
from mock_server.openapi.rule_reading import read_through
from mock_server.openapi.schema import (
    DocumentError,
    Schema,
    alternatives,
    has_branches,
    items_of,
    kinds_of,
    member_of,
    only_values,
)
from mock_server.openapi.schema_errors import CompiledSchema

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

# The formats of texts that are the same value in several spellings, or of one kind only.
TIMES = frozenset(["date", "date-time", "time", "duration"])
# The types of values without parts, as `plain_kinds` has them.
SCALARS = frozenset(["boolean", "number", "string"])
_TEXT: Schema = {"type": "string"}


class FilterRule(NamedTuple):
    """The fields of the records that a parameter filters, and how: one of `MATCHES`.

    Any of several fields is enough. `is_found` tells that the document's own words say so, and no
    overlay: then a value is checked by the parameter's schema alone, and its default filters nothing.
    `values` are those that a flag stands for where it is true; None for a parameter with own values.
    `flags` are the texts that ask for a value to be present, True, or not to be. Where it looks
    `through` to the records of another collection, `theirs` are the fields of these, and `fields` has
    the record's own one by which they belong to it. `is_of_amounts` tells that numbers are compared,
    which the records write as texts.
    """

    fields: tuple[str, ...]
    match: str
    is_found: bool = False
    values: tuple[str, ...] | None = None
    flags: tuple[tuple[str, bool], ...] = ()
    through: Through | None = None
    theirs: tuple[str, ...] = ()
    is_of_amounts: bool = False

    @property
    def field(self) -> str:
        """Return the first of the fields."""
        return self.fields[0]

    @property
    def named(self) -> str:
        """Return the fields as a message names them, e.g. `name or email`."""
        return " or ".join(self.fields)

    def kept(self, column: Callable[[str], str]) -> FilterRule:
        """Return the rule with its fields as they are kept, which `column` tells of each."""
        return self._replace(fields=tuple(map(column, self.fields)))

    @property
    def is_list(self) -> bool:
        """Tell whether several values may be sent."""
        return self.values is None and MATCHES[self.match].takes_list

    @property
    def compares_values(self) -> bool:
        """Tell whether what is sent is a value that the field of a record may have."""
        has_own = self.values is None and self.through is None
        return has_own and self.match in ("any-of", "not-any-of", "equals")


class Fields:
    """The fields of a list's records, by which its parameters may filter.

    `paging` are the roles of the parameters that surely page: no other one is taken for such.
    """

    def __init__(self, record_schema: Schema, paging: Iterable[str] = ()) -> None:
        self._schema = record_schema
        self._paging = frozenset(paging)

    def found_rule(self, name: str, schema: Schema) -> FilterRule | None:
        """Return what a parameter of a merged schema filters by the document's own words.

        It is named like one property of the records, whose values are of the same enum or, like its
        own, of one plain type. `name` is as it is sent, e.g. `filter[status]`.
        """
        word = _member_word(name)
        fields = [] if word is None else [*self._by_plain.get(word, ())]
        if len(fields) != 1 or word in built_in().names["sorting"]:
            return None
        field = member_of(self._schema, fields[0])
        is_array = "array" in kinds_of(schema)
        # What says nothing of its items takes texts.
        values = (items_of(schema) or _TEXT) if is_array else schema
        if has_branches(schema) or not _is_same_kind(values, field) or field.get("x-fill") == "account":
            return None
        if self._may_page(plain(name)) or bounds_range(name, values):
            return None
        return FilterRule((fields[0],), "any-of" if is_array else "equals", is_found=True)

    def _may_page(self, name: str) -> bool:
        """Tell whether a parameter of a plain name may page, since no other one does that surely."""
        if any(part in name for part in built_in().names["paging"]):
            return True
        words = built_in().request
        has_position = not self._paging.isdisjoint(POSITIONS)
        return any(
            name in words.get(role, ())
            for role in (LIMIT, *POSITIONS)
            if role not in self._paging and not (has_position and role in POSITIONS)
        )

    @cached_property
    def _by_plain(self) -> Mapping[str, set[str]]:
        """The names of fields by their plain forms, e.g. `{"customerid": {"customer_id"}}`."""
        found: dict[str, set[str]] = {}
        for each in alternatives(self._schema):
            for name in each.get("properties", ()):
                found.setdefault(plain(name), set()).add(name)
        return found

    def given_rule(self, rule: Any, spec: Mapping[str, Any], schema: Schema, place: Place) -> FilterRule:
        """Return what a parameter filters by an overlay's `x-filter`; raise DocumentError.

        `spec` is the parameter, of a merged schema. Fields that the list's own records lack are left to
        `field_checks`: another operation may know them.
        """
        require_members(rule, {"field", "match"}, place, {"values", "through"})
        if spec["in"] != "query":
            raise DocumentError(place, "the parameter is not in the query", "put it on one that is")
        kinds = kinds_of(schema)
        if "object" in kinds or any(map(is_json, spec.get("content", ()))):
            message = "the parameter is an object or in JSON, and a filter takes texts"
            remedy = "put it on one whose schema is a text or an array of texts"
            raise DocumentError(place, message, remedy)
        match = str(rule["match"])
        if match in MATCHES and not MATCHES[match].takes_list and "array" in kinds:
            message = f"a list is not {_BY_ONE.get(match, 'compared with')} a {_ONE.get(match, 'value')}"
            raise DocumentError(place, message, "use any-of")
        if match not in MATCHES:
            message = f"'{match}' is no way to match"
            raise DocumentError((*place, "match"), message, f"use one of {', '.join(MATCHES)}")
        fields = rule["field"] if isinstance(rule["field"], list) else [rule["field"]]
        if not fields or not all(isinstance(each, str) and each for each in fields):
            message = "it names no field"
            raise DocumentError((*place, "field"), message, "write a field's name, or a list of names")
        found = FilterRule(tuple(fields), match)
        if "values" in rule:
            found = _with_values(found, rule["values"], (*place, "values"))
        if "through" in rule:
            return _looking_through(found, rule["through"], (*place, "through"))
        for name in fields:
            self.require_comparable(name, match, (*place, "field"))
        return found

    def require_comparable(self, name: str, match: str, place: Place) -> None:
        """Raise DocumentError for a field that no filter can compare."""
        field = find_field(self._schema, name) or {}
        if match != "present" and holds_objects(field):
            message = f"the field '{name}' is of type object, which no filter compares"
            raise DocumentError(place, message, "name a property with a single value, or a path to one")
        if field.get("x-fill") == "account":
            message = f"the field '{name}' is filled with the account's own id (x-fill)"
            raise DocumentError(place, message, "name one that is the same for every account")


_BY_ONE = {"equals": "equal to", "contains": "contained in", "not-contains": "contained in"}
_ONE = {"equals": "text", "contains": "text", "not-contains": "text"}


def _with_values(rule: FilterRule, values: Any, place: Place) -> FilterRule:
    """Return a rule with what the parameter's values stand for; raise DocumentError."""
    if rule.match != "present":
        return rule._replace(values=_flag_values(values, rule.match, place))
    if not isinstance(values, dict) or not all(isinstance(each, bool) for each in values.values()):
        message = "it does not say which texts ask for a value, and which for none"
        raise DocumentError(place, message, "write true or false for each text")
    return rule._replace(flags=tuple(values.items()))


def _looking_through(rule: FilterRule, through: Any, place: Place) -> FilterRule:
    """Return a rule that reads the records of another collection; raise DocumentError."""
    for flaw in CompiledSchema(THROUGH).flaws(through):
        raise DocumentError((*place, *flaw.place), flaw.message, flaw.remedy)
    if rule.match in LIMITS:
        message = "moments and numbers of other records are not compared"
        raise DocumentError(place, message, "use contains, any-of, equals or present")
    found = read_through(through)
    return rule._replace(fields=(found.own,), through=found, theirs=rule.fields)


def _flag_values(values: Any, match: str, place: Place) -> tuple[str, ...]:
    """Return the values that a flag stands for; raise DocumentError."""
    listed = values if isinstance(values, list) else [values]
    is_wrong = not listed or any(isinstance(each, dict | list) for each in listed)
    if is_wrong or match == "present" or match in LIMITS:
        message = "these are no values that the field may have"
        raise DocumentError(place, message, "write a list of values, and any-of or not-any-of")
    return tuple(map(query_text, listed))


def query_text(value: Any) -> str:
    """Return a value as a query writes it, e.g. `true`, or `10` for 10.0."""
    if isinstance(value, str):
        return value
    return plain_text(value) if is_number(value) else json.dumps(value)


def _member_word(name: str) -> str | None:
    """Return the plain name of what is sent under a name; None for a member that is no filter."""
    whole, bracket, rest = name.partition("[")
    if not bracket or rest == "]":
        return plain(whole)
    is_filter = plain(whole) in built_in().names["filtering"] and rest.count("]") == 1
    return plain(rest[:-1]) if is_filter else None


def bounds_range(name: str, values: Schema) -> bool:
    """Tell whether a parameter names the start or the end of what it takes, as `start_time` does."""
    if "enum" in values or (_only_kind(values) != "number" and values.get("format") not in TIMES):
        return False
    return not built_in().names["bounds"].isdisjoint(words_of(name))


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case, e.g. `["start", "time"]` for `startTime`."""
    return [word.lower() for word in _WORDS.findall(name)]


def _is_same_kind(values: Schema, field: Schema) -> bool:
    """Tell whether a parameter's single values are those of a field: of its enum, or of its type."""
    if has_branches(values) or (has_branches(field) and only_values(field) is None):
        return False
    ours, theirs = _only_kind(values), _only_kind(field)
    if ours is None or ours != theirs:
        return False
    if "enum" in values:
        # A default that no record has asks for all of them: `[open, closed, all]`.
        default = {str(values["default"])} if "default" in values else set()
        return _options(field) in (_options(values), _options(values) - default)
    formats = {values.get("format"), field.get("format")}
    return len(formats) == 1 or formats.isdisjoint(TIMES)


def _only_kind(schema: Schema) -> str | None:
    """Return the plain type of a schema's values, `number` also for integers; None unless it is one."""
    kinds = plain_kinds(schema)
    return kinds.pop() if len(kinds) == 1 and kinds <= SCALARS else None


def plain_kinds(schema: Schema) -> set[str]:
    """Return the types that a value may have but null, `number` also for integers."""
    return {"number" if kind == "integer" else kind for kind in kinds_of(schema)} - {"null"}


def _options(schema: Schema) -> set[str]:
    return {str(value) for value in only_values(schema) or () if value is not None}


def require_members(rule: Any, names: set[str], place: Place, optional: Iterable[str] = ()) -> None:
    """Raise DocumentError for an extension that is no mapping of exactly these members."""
    if not isinstance(rule, dict) or rule.keys() - set(optional) != names:
        wanted = " and ".join(sorted(names))
        raise DocumentError(place, f"it is not a mapping of exactly {wanted}", f"write {wanted}")
