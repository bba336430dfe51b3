"""Checks of the fields that filters and sorting name, once it is known what every operation does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.formats.source_file import Place
from mock_server.openapi.actions import Rules
from mock_server.openapi.enclosures import said_record
from mock_server.openapi.field_paths import find_field, holds_objects
from mock_server.openapi.operations import Operation
from mock_server.openapi.rule_values import From
from mock_server.openapi.schema import DocumentError, members_of
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.shown_text import did_you_mean


def wrong_fields(
    document: Mapping[str, Any], operations: Sequence[Operation]
) -> Iterator[DocumentError]:
    """Yield the errors of fields that no record has, and of parameters that a list does not have.

    A record has the members of any schema of its resource, those of the bodies that make and change it,
    and those that an overlay's rules set.
    """
    for operation in operations:
        place = ("paths", operation.template, operation.method.lower())
        described = document["paths"][place[1]][place[2]]
        named = list(_named_fields(operation.effect.rules, described, place))
        known = _Known(document, operations, operation) if named else None
        for name, here in named:
            if known is not None and not known.has(name):
                near = did_you_mean(name, known.names)
                message = f"the records have no field '{name}'{near}"
                yield DocumentError(here, message, "name one of their members, or a path to one")
        yield from _wrong_parameters(operation, place)
        yield from _unsortable(operation, place)


def _named_fields(
    rules: Rules, described: Mapping[str, Any], place: Place
) -> Iterator[tuple[str, Place]]:
    """Yield the fields that an operation's filters and rules name, and where they stand."""
    for number, raw in enumerate(described.get("parameters", ())):
        rule = raw.get("x-filter")
        if isinstance(rule, dict):
            own = list(rule["through"]["on"]) if "through" in rule else rule["field"]
            fields = own if isinstance(own, list) else [own]
            here = (*place, "parameters", number, "x-filter", "field")
            yield from ((name, here) for name in fields)
    if rules.hidden is not None:
        yield rules.hidden.field, (*place, "x-hidden", "field")
    if rules.sorting is not None:
        for value, name in rules.sorting.columns.items():
            yield name, (*place, "x-sort", "columns", value)
        if rules.sorting.default is not None:
            yield rules.sorting.default, (*place, "x-sort", "default")


def _wrong_parameters(operation: Operation, place: Place) -> Iterator[DocumentError]:
    rules, names = operation.effect.rules, [each.name for each in operation.query]
    asked = []
    if rules.hidden is not None and rules.hidden.unless is not None:
        asked.append((rules.hidden.unless, (*place, "x-hidden", "unless")))
    if rules.sorting is not None:
        both = (("by", rules.sorting.by), ("direction", rules.sorting.direction))
        asked += [(name, (*place, "x-sort", word)) for word, name in both if name is not None]
        if operation.sort_parameters == (None, None) and rules.sorting.default is None:
            message = "no query parameter of the operation says how to sort"
            yield DocumentError((*place, "x-sort"), message, "name one in by or direction")
    for name, here in asked:
        if name not in names:
            message = f"the operation has no query parameter '{name}'{did_you_mean(name, names)}"
            yield DocumentError(here, message, "name one of its query parameters")


def _unsortable(operation: Operation, place: Place) -> Iterator[DocumentError]:
    """Yield the error of each column that has no values to sort by."""
    rule = operation.effect.rules.sorting
    for value, name in ({} if rule is None else rule.columns).items():
        if holds_objects(operation.values_schema(name)):
            message = f"the field '{name}' is of type object, by which nothing is sorted"
            remedy = "name a property with a single value, or a path to one"
            yield DocumentError((*place, "x-sort", "columns", value), message, remedy)


class _Known:
    """The fields that the records of one operation's resource may have."""

    def __init__(
        self, document: Mapping[str, Any], operations: Sequence[Operation], operation: Operation
    ) -> None:
        resource = operation.effect.resource
        self._schemas = [operation.record_schema]
        self._set: set[str] = set()
        if resource is not None:
            self._schemas.append(resource.schema)
            if resource.parent is not None:
                self._set.add(resource.parent.field)
            same = [e for e in operations if e.effect.resource is not None]
            for each in (e for e in same if _name(e) == resource.name):
                described = document["paths"][each.template][each.method.lower()]
                self._schemas += [merge_all_of(each.record_schema), said_record(described, resource)]
                self._set |= _set_members(each.effect.rules)

    @property
    def names(self) -> list[str]:
        """Return the names of the fields, without paths to others."""
        found = [name for schema in self._schemas for name in members_of(schema)]
        return list(dict.fromkeys([*found, *sorted(self._set)]))

    def has(self, path: str) -> bool:
        """Tell whether a record may have a field."""
        is_set = path in self._set or path.partition(".")[0] in self._set
        return is_set or any(find_field(schema, path) is not None for schema in self._schemas)


def _name(operation: Operation) -> str:
    resource = operation.effect.resource
    return "" if resource is None else resource.name


def _set_members(rules: Rules) -> set[str]:
    """Return the members that rules set, which no schema has to know."""
    found: set[str] = set()
    for each in (rules.create, rules.action, rules.merge):
        found |= set() if each is None else set(each.set)
    found |= {name.partition(".")[0] for name in rules.mapped.values()}
    if rules.member is not None:
        found.add(rules.member.of)
    if rules.view is not None:
        found |= {name for name, source in rules.view.where.items() if isinstance(source, From)}
    return found
