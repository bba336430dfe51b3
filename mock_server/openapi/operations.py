"""Operations: the calls that a document describes, compiled for serving.

A GET whose answer has the shape of a page is served as a list. Extensions, which the overlay adds, say
what the rest means: `x-filter` on a parameter, `x-fill` on a property, `x-version` on a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any
from urllib.parse import unquote

from mock_server import errors
from mock_server.formats.media_types import is_json
from mock_server.formats.secret_texts import SecretNames
from mock_server.formats.source_file import Place
from mock_server.lists.built_in_schemes import Family
from mock_server.lists.convention import Convention
from mock_server.lists.roles import NONE
from mock_server.lists.scheme import Scheme
from mock_server.openapi.effects import LIST, NO_EFFECT, Effect
from mock_server.openapi.field_paths import find_field, single_values
from mock_server.openapi.filter_rules import FilterRule
from mock_server.openapi.key_header import with_key_header
from mock_server.openapi.list_shapes import ListFinder
from mock_server.openapi.paging_parameters import own_parameters
from mock_server.openapi.parameters import Common, Parameter, find_parameters
from mock_server.openapi.reference_places import key_names, paths_and_methods
from mock_server.openapi.responses import OK, answer_schema, answer_type, best_success, file_type
from mock_server.openapi.routed_paths import routed_path
from mock_server.openapi.rule_values import PATH as PATH_SOURCE
from mock_server.openapi.schema import DocumentError, Schema, member_of
from mock_server.openapi.server_paths import base_path_of

# The convention of an operation that is no list.
_NO_LIST = Convention(NONE, (), {}, {})


@dataclass(frozen=True)
class Operation:
    """An operation of a document.

    - `template`: its path in the document, e.g. `/things/{id}`; `path` has the base path before it
    - `collection`: the name of the collection that a list reads, None for any other operation
    - `record_schema`: the schema of a list's items, empty for any other operation
    - `convention`: how a list pages
    - `answer_type`: the Content-Type of its answer, e.g. `application/vnd.api+json`
    - `scheme`: what the convention was made of, None for a list that is served whole
    - `columns`: where fields of a list's records are kept whose names a newer version has changed
    - `effect`: what it does to the document's resources
    """

    id: str
    method: str
    template: str
    path: str
    parameters: tuple[Parameter, ...]
    collection: str | None
    record_schema: Schema
    convention: Convention = _NO_LIST
    answer_type: str = errors.JSON
    scheme: Scheme | Family | None = field(default=None, compare=False)
    columns: Mapping[str, str] = field(default_factory=dict, repr=False)
    effect: Effect = NO_EFFECT

    @property
    def base_path(self) -> str:
        """Return the path before the template's, decoded, e.g. `/api`; empty for nothing."""
        return self.path.removesuffix(unquote(self.template))

    @cached_property
    def route(self) -> str:
        """The path with its parameters renamed to p0, p1 …, which are names for every router."""
        numbers = count()
        return re.sub(r"\{[^}]*\}", lambda _: f"{{p{next(numbers)}}}", self.path)

    @cached_property
    def path_parameters(self) -> dict[str, str]:
        """Return the name in `route` of each path parameter, e.g. `{"id": "p0"}`."""
        names = re.findall(r"\{([^}]*)\}", self.path)
        return {name: f"p{number}" for number, name in enumerate(names)}

    def path_values(self, routed: Mapping[str, object]) -> dict[str, str]:
        """Return the values of a path by its parameters' names, from those by their names in `route`."""
        return {name: str(routed[key]) for name, key in self.path_parameters.items() if key in routed}

    def column(self, field: str) -> str:
        """Return where a field of a list's records is kept, which a newer version may call otherwise."""
        return self.columns.get(field, field)

    @cached_property
    def kept_filters(self) -> dict[str, tuple[FilterRule, bool]]:
        """The rules of the filters by parameter, with the fields as they are kept.

        Beside each is whether it compares values (`FilterRule.compares_values`).
        """
        rules = {each.name: each.filters for each in self.query if each.filters is not None}
        return {name: (rule.kept(self.column), rule.compares_values) for name, rule in rules.items()}

    @cached_property
    def related_collections(self) -> tuple[str, ...]:
        """The other collections whose records its filters read."""
        through = [each.filters.through for each in self.query if each.filters is not None]
        return tuple(dict.fromkeys([each.collection for each in through if each is not None]))

    def at(self, location: str) -> tuple[Parameter, ...]:
        """Return the parameters at a location, e.g. `header`."""
        return self._by_location.get(location, ())

    @cached_property
    def _by_location(self) -> dict[str, tuple[Parameter, ...]]:
        locations = {p.location for p in self.parameters}
        return {each: tuple(p for p in self.parameters if p.location == each) for each in locations}

    @property
    def is_file(self) -> bool:
        """Tell whether it answers a file, which is no JSON."""
        return not is_json(self.answer_type)

    @property
    def path_fields(self) -> dict[str, str]:
        """Return the fields of a list's records that a path has the values of, with its parameters.

        They are the one that has the parent's key, e.g. `{"invoiceId": "invoice"}`, or those of a view.
        """
        view = self.effect.rules.view
        if view is not None:
            return {
                field: value.name for field, value in view.where.items() if value.place == PATH_SOURCE
            }
        resource = self.effect.resource if self.effect.kind == LIST else None
        parent = None if resource is None else resource.parent
        return {} if parent is None else {parent.field: parent.parameter}

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles that a page of a list says beside its items, e.g. NEXT."""
        return frozenset(self.convention.response) if self.collection is not None else frozenset()

    @cached_property
    def query(self) -> tuple[Parameter, ...]:
        """Return the parameters of the query."""
        return self.at("query")

    @property
    def query_schemas(self) -> dict[str, Schema]:
        """Return the schemas of the query's single values by their names."""
        return {name: schema for p in self.query for name, schema in p.described.items()}

    @cached_property
    def cursor_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters that take a cursor."""
        names = (p.name for p in self.at("query")) if self.collection is not None else ()
        return tuple(name for name in names if name in self.convention.cursors)

    @cached_property
    def position_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters that say where a page is."""
        names = (p.name for p in self.at("query")) if self.collection is not None else ()
        return tuple(name for name in names if name in self.convention.positions)

    @cached_property
    def filter_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters that filter."""
        return tuple(p.name for p in self.at("query") if p.filters)

    @cached_property
    def choosing_parameters(self) -> tuple[str, ...]:
        """Return the names of those that choose the records of a list, or sort them."""
        hidden = self.effect.rules.hidden
        others = (*self.sort_parameters, None if hidden is None else hidden.unless)
        described = [p.name for p in self.query if p.filters or p.name in others]
        return tuple(described)

    def field_schema(self, name: str) -> Schema:
        """Return the schema of a field of a list's records, merged; also one of their branches alone."""
        return member_of(self.record_schema, name)

    def values_schema(self, path: str) -> Schema:
        """Return the schema of the values of a field, or of a path to one; `{}` where none says it."""
        resource = self.effect.resource
        known = [self.record_schema, *([] if resource is None else [resource.schema])]
        found = (find_field(schema, path) for schema in known)
        return single_values(next((each for each in found if each is not None), {}))

    @cached_property
    def sort_parameters(self) -> tuple[str | None, str | None]:
        """Return the names of the query parameters that say what is sorted by, and the direction."""
        rule = self.effect.rules.sorting
        return (None, None) if rule is None else rule.parameters([p.name for p in self.query])

    @property
    def ineffective_parameters(self) -> tuple[str, ...]:
        """Return the names of the query parameters by which a list neither pages, sorts nor filters."""
        return tuple(name for p in self.at("query") for name in self.idle_names(p))

    def idle_names(self, parameter: Parameter) -> tuple[str, ...]:
        """Return the names by which a list neither pages, sorts nor filters of those of a parameter.

        Those of an object are its members', e.g. `filter[colour]`, where some of them filter or page.
        """
        if parameter.name in (*self.choosing_parameters, *self.convention.parameters):
            return ()
        return tuple(parameter.described) if parameter.is_rest else (parameter.name,)


def needed_parameters(operation: Operation) -> list[str]:
    """Return the names of the parameters without which an operation can't be asked for."""
    described = [p.name for p in operation.parameters if p.required or p.location == "path"]
    return list(dict.fromkeys([*described, *operation.path_parameters]))


def find(
    document: Mapping[str, Any], base_path: str | None, *, has_lists: bool = True
) -> Iterator[Operation | DocumentError]:
    """Yield the operations of a resolved document in its order, and the errors of what is wrong.

    `base_path`, unless None, overrides the servers that the document, its paths and operations name.
    Unless it `has_lists`, no operation is one, whatever its shape.
    """
    try:
        finder = ListFinder(document) if has_lists else None
    except DocumentError as document_error:
        yield document_error
        return
    common = Common(SecretNames(key_names(document)))
    for path, method in paths_and_methods(document):
        try:
            own = finder if method == "get" else None
            yield _operation(document, (path, method), base_path, own, common)
        except DocumentError as document_error:
            yield document_error
        except RecursionError:
            message = "what it refers to is nested too deep"
            yield DocumentError(("paths", path, method), message, "flatten it")
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # What its structure should be has been checked, and what is wrong is warned of.
            message = f"its structure is not that of OpenAPI ({type(error).__name__}: {error})"
            yield DocumentError(("paths", path, method), message, "correct it there")
        yield from common.checks.take_unread()


def _operation(
    document: Mapping[str, Any],
    route: tuple[str, str],
    base_path: str | None,
    finder: ListFinder | None,
    common: Common,
) -> Operation:
    path, method = route
    item = document["paths"][path]
    spec, place = item[method], ("paths", path, method)
    base = base_path_of(document, item, spec) if base_path is None else base_path
    found = finder.find(spec, place) if finder is not None else None
    record_schema, own = ({}, None) if found is None else (found.record_schema, found.convention)
    if found is not None:
        common.checks.check(record_schema, _records_place(spec, place, found.place))
    viewed = viewed_collection(spec) if finder is not None else None
    searched = record_schema if viewed is None else _viewed_schema(document, viewed, finder)
    parameters = list(find_parameters(spec, place, common, searched, own))
    if own is not None:
        parameters += own_parameters(own, parameters)
    return Operation(
        id=spec.get("operationId", f"{method} {path}"),
        method=method.upper(),
        template=path,
        path=routed_path(base, path, place),
        parameters=tuple(with_key_header(parameters, spec)),
        collection=viewed or (None if found is None else path.removeprefix("/")),
        record_schema=record_schema,
        convention=_NO_LIST if own is None else own,
        answer_type=file_type(spec, best_success(spec)) or answer_type(spec, best_success(spec)),
        scheme=None if found is None else found.scheme,
    )


def viewed_collection(spec: Mapping[str, Any]) -> str | None:
    """Return the name of the collection whose records an operation views; None for none."""
    rule = spec.get("x-view")
    name = rule.get("of") if isinstance(rule, dict) else None
    return name if isinstance(name, str) else None


def _viewed_schema(document: Mapping[str, Any], name: str, finder: ListFinder | None) -> Schema:
    """Return the schema of a collection's records, by which its views filter; `{}` for none."""
    place = ("paths", f"/{name}", "get")
    spec = document["paths"].get(place[1], {}).get(place[2])
    found = finder.find(spec, place) if finder is not None and isinstance(spec, dict) else None
    return {} if found is None else found.record_schema


def _records_place(spec: Mapping[str, Any], place: Place, names: tuple[str, ...]) -> Place:
    """Return where the schema of a list's records stands in the document."""
    steps, _ = answer_schema(spec, OK) or ((), None)
    inner = (step for name in names for step in ("properties", name))
    return (*place, *steps, *inner, "items")
