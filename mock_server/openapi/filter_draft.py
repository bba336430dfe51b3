"""A draft of filters for an overlay: parameters without effect, each with the property that it is like.

What is drafted can be taken as it stands: it reaches no operation whose records lack the property.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mock_server.formats.source_file import unescaped
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.openapi.document import Document
from mock_server.openapi.draft_texts import quoted
from mock_server.openapi.filter_rules import SCALARS, TIMES, bounds_range, plain_kinds, words_of
from mock_server.openapi.list_nearness import may_page
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.reference_places import components_of
from mock_server.openapi.schema import Schema, items_of, kinds_of

_COMPONENTS = "#/components/parameters/"

# Words with which the name of a parameter begins, and that of a property does not: `InRegion`.
_BEFORE = {"by", "filter", "in"}
# What the last word of a name is where parts of a text are looked for.
_SEARCHED = {"comment", "description", "label", "message", "name", "note", "subject", "summary", "text",
             "title"}  # fmt: skip

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


class DraftedFilter(NamedTuple):
    """A filter, the JSONPath that leads to its parameters, and the operations that have these.

    `names_paths` tells whether the target names the paths of the operations.
    """

    target: str
    filter: Filter
    operations: list[Operation]
    names_paths: bool


@dataclass
class FilterDraft:
    """The filters that are drafted, those of most operations first.

    `unlike` counts the parameters without effect that no property is like, by their names.
    """

    filters: list[DraftedFilter] = field(default_factory=list)
    unlike: Counter[str] = field(default_factory=Counter)


def draft(document: Document) -> FilterDraft:
    """Return the filters that the parameters without effect may be."""
    users = _users(document)
    elsewhere = {p.name for o in document.operations for p in o.parameters if p.location != "query"}
    groups: dict[Filter, list[_Place]] = {}
    drafted = FilterDraft()
    for place, operations in users.items():
        meant = {_meant(place.name, operation) for operation in operations}
        idle = [o for o in operations if _idle_parameter(place.name, o) is not None]
        only = meant.pop() if len(meant) == 1 else None
        if only is not None:
            groups.setdefault(only, []).append(place)
        elif idle:
            drafted.unlike[place.name] += len(idle)
    for each, places in groups.items():
        condition = " && @.in == 'query'" if each.parameter in elsewhere else ""
        chosen = f"parameters[?@.name == {quoted(each.parameter)}{condition}]"
        for target, reached, names_paths in _targets(chosen, places, list(users)):
            operations = [operation for place in reached for operation in users[place]]
            drafted.filters.append(DraftedFilter(target, each, operations, names_paths))
    drafted.filters.sort(key=lambda found: -len(found.operations))
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
            described = components.get(unescaped(component), {}) if component else each
            name = described.get("name")
            if name in sent and described.get("in") == "query":
                yield _Place(name, component) if component else _Place(name, "", operation.template, own)


def _meant(name: str, operation: Operation) -> Filter | None:
    """Return what a parameter of an operation may filter; None where it has an effect."""
    parameter = _idle_parameter(name, operation)
    if parameter is None:
        return None
    is_array = "array" in kinds_of(parameter.schema)
    values = items_of(parameter.schema) if is_array else parameter.schema
    alike = [
        each
        for each in operation.record_schema.get("properties", {})
        if _are_alike(_words(name), _words(each))
        and _may_be_equal(name, values, operation.field_schema(each))
    ]
    # Where two could be meant, the one of that very name is.
    same = [each for each in alike if plain(each) == plain(name)] or alike
    if len(same) != 1:
        return None
    is_list = is_array or (words_of(name)[-1:] != words_of(same[0])[-1:] and name.endswith("s"))
    return Filter(name, same[0], "any-of" if is_list else _match(values, _words(name)))


def _idle_parameter(name: str, operation: Operation) -> Parameter | None:
    """Return the parameter of a list that has no effect, and might filter; None where there is none."""
    parameter = next((p for p in operation.query if p.name == name), None)
    if parameter is None or operation.collection is None or parameter.is_no_filter:
        return None
    is_other = may_page(name) or plain(name) in built_in().names["sorting"]
    return None if is_other or name not in operation.idle_names(parameter) else parameter


def _words(name: str) -> list[str]:
    """Return the words of a name that it shares with that of a property, e.g. `["order", "states"]`."""
    words = words_of(name)
    return words[1:] if len(words) > 1 and words[0] in _BEFORE else words


def _are_alike(parameter: Sequence[str], field: Sequence[str]) -> bool:
    """Tell whether names mean the same, in the singular or the plural: `customer` may be its id."""
    longer, shorter = sorted((parameter, field), key=len, reverse=True)
    is_longer = len(longer) == len(shorter) + 1 and longer[-1] in ("id", "ids")
    return (len(longer) == len(shorter) or is_longer) and all(
        not _forms(one).isdisjoint(_forms(other)) for one, other in zip(longer, shorter, strict=False)
    )


def _forms(word: str) -> set[str]:
    """Return a word with what may be its singular, e.g. `{"states", "state", "stat"}`."""
    forms = {word} | {word[: -len(end)] for end in ("s", "es") if word.endswith(end)}
    return forms | ({f"{word[:-3]}y"} if word.endswith("ies") else set())


def _may_be_equal(name: str, values: Schema, field: Schema) -> bool:
    """Tell whether a parameter's single values may be those of a field."""
    ours, theirs = plain_kinds(values), plain_kinds(field)
    if not ours or not ours | theirs <= SCALARS:
        return False
    is_kind = "string" in ours or not theirs or bool(ours & theirs)
    formats = {values.get("format"), field.get("format")}
    is_time = not formats.isdisjoint(TIMES)
    return is_kind and not (is_time and len(formats) > 1) and not bounds_range(name, {**field, **values})


def _match(values: Schema, words: Sequence[str]) -> str:
    is_text = kinds_of(values) == ("string",) and not {"enum", "format"} & values.keys()
    return "contains" if is_text and words[-1] in _SEARCHED else "equals"


def _targets(
    chosen: str, places: list[_Place], known: list[_Place]
) -> Iterator[tuple[str, list[_Place], bool]]:
    """Yield the JSONPaths of places where one parameter is written, and the places that each reaches.

    Each comes with whether it names the paths of these. `chosen` selects the parameter among others, and
    `known` are all places of all parameters.
    """
    name = places[0].name
    for place in places:
        if place.component:
            yield f"$.components.parameters[{quoted(unescaped(place.component))}]", [place], False
    for step, method in ((".get", "get"), ("", "")):
        own = [p for p in places if not p.component and p.method == method]
        all_of_name = [p for p in known if p.name == name and not p.component and p.method == method]
        if len(own) == len(all_of_name) and len(own) > 1:
            yield f"$.paths.*{step}.{chosen}", own, False
            continue
        for start in range(0, len(own), _PATHS):
            some = own[start : start + _PATHS]
            yield f"$.paths[{', '.join(quoted(p.template) for p in some)}]{step}.{chosen}", some, True
