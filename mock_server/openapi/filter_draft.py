"""A draft of filters for an overlay: parameters without effect, each with the property that it is like.

What is drafted can be taken as it stands: it reaches no operation whose records lack the property.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.reference_places import components_of
from mock_server.openapi.schema import kinds_of
from mock_server.shown_text import nearest

_COMPONENTS = "#/components/parameters/"
_SCALARS = {"boolean", "integer", "number", "string"}

# How like a property's name a parameter's must be, from 0 to 1 (difflib).
_LIKENESS = 0.8

# The paths that one target names.
_PATHS = 5


@dataclass(frozen=True)
class _Place:
    """Where a parameter is written: in a component, else in a path (method "") or an operation."""

    name: str
    component: str = ""
    template: str = ""
    method: str = ""


@dataclass(frozen=True)
class Filter:
    """What a parameter may filter."""

    parameter: str
    field: str
    match: str


@dataclass
class FilterDraft:
    """The filters by their targets, with the operations that each reaches, those of most first.

    `unlike` counts the parameters without effect that no property is like, by their names.
    """

    filters: list[tuple[str, Filter, list[Operation]]] = field(default_factory=list)
    unlike: Counter[str] = field(default_factory=Counter)


def draft(document: Document) -> FilterDraft:
    """Return the filters that the parameters without effect may be."""
    users = _users(document)
    elsewhere = {p.name for o in document.operations for p in o.parameters if p.location != "query"}
    groups: dict[Filter, list[_Place]] = {}
    drafted = FilterDraft()
    for place, operations in users.items():
        meant = {_meant(place.name, operation) for operation in operations}
        idle = [o for o in operations if place.name in o.ineffective_parameters]
        only = meant.pop() if len(meant) == 1 else None
        if only is not None:
            groups.setdefault(only, []).append(place)
        elif idle:
            drafted.unlike[place.name] += len(idle)
    for each, places in groups.items():
        condition = " && @.in == 'query'" if each.parameter in elsewhere else ""
        chosen = f"parameters[?@.name == {quoted(each.parameter)}{condition}]"
        for target, reached in _targets(chosen, places, list(users)):
            operations = [operation for place in reached for operation in users[place]]
            drafted.filters.append((target, each, operations))
    drafted.filters.sort(key=lambda found: -len(found[2]))
    return drafted


def _users(document: Document) -> dict[_Place, list[Operation]]:
    """Return the operations that use each parameter of the query, by where it is written."""
    users: dict[_Place, list[Operation]] = {}
    for operation in document.operations:
        for place in _places(document.bundled, operation):
            users.setdefault(place, []).append(operation)
    return users


def _places(bundled: dict[str, Any], operation: Operation) -> Iterator[_Place]:
    item, method = bundled["paths"].get(operation.template, {}), operation.method.lower()
    components = components_of(bundled, "parameters")
    sent = {parameter.name for parameter in operation.query}
    for holder, own in ((item, ""), (item.get(method, {}), method)):
        for each in holder.get("parameters", ()):
            component = str(each.get("$ref", "")).removeprefix(_COMPONENTS)
            described = components.get(_decoded(component), {}) if component else each
            name = described.get("name")
            if name in sent and described.get("in") == "query":
                yield _Place(name, component) if component else _Place(name, "", operation.template, own)


def _decoded(step: str) -> str:
    """Return a step of a JSON pointer without its escapes (RFC 6901 section 4)."""
    return step.replace("~1", "/").replace("~0", "~")


def _meant(name: str, operation: Operation) -> Filter | None:
    """Return what a parameter of an operation may filter; None where it has an effect."""
    parameter = next((p for p in operation.query if p.name == name), None)
    is_idle = name in operation.ineffective_parameters and operation.collection is not None
    if parameter is None or not is_idle:
        return None
    fields = {
        plain(each): each
        for each in operation.record_schema.get("properties", {})
        if _SCALARS.issuperset(kinds_of(operation.field_schema(each)) or ["any"])
    }
    near = nearest(plain(name), fields, _LIKENESS)
    match = _match(parameter)
    return None if near is None or match is None else Filter(name, fields[near], match)


def _match(parameter: Parameter) -> str | None:
    kinds = kinds_of(parameter.schema)
    if "object" in kinds or not kinds:
        return None
    return "contains" if kinds == ("string",) and "enum" not in parameter.schema else "any-of"


def _targets(
    chosen: str, places: list[_Place], known: list[_Place]
) -> Iterator[tuple[str, list[_Place]]]:
    """Yield the JSONPaths of places where one parameter is written, and the places that each reaches.

    `chosen` selects it among others, and `known` are all places of all parameters.
    """
    name = places[0].name
    for place in places:
        if place.component:
            yield f"$.components.parameters[{quoted(_decoded(place.component))}]", [place]
    for step, method in ((".get", "get"), ("", "")):
        own = [p for p in places if not p.component and p.method == method]
        all_of_name = [p for p in known if p.name == name and not p.component and p.method == method]
        if len(own) == len(all_of_name) and len(own) > 1:
            yield f"$.paths.*{step}.{chosen}", own
            continue
        for start in range(0, len(own), _PATHS):
            some = own[start : start + _PATHS]
            yield f"$.paths[{', '.join(quoted(p.template) for p in some)}]{step}.{chosen}", some


def quoted(text: str) -> str:
    """Return a text as a string literal of a JSONPath (RFC 9535 section 2.3.1)."""
    escaped = json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped}'"
