"""Resources: what each operation of a document does to its collections, by its path or by its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mock_server.openapi.actions import Rules
from mock_server.openapi.effects import (
    ACT,
    CREATE,
    EXAMPLE,
    GET,
    LIST,
    MERGE,
    REMOVE,
    REPLACE,
    VIEW,
    Effect,
    Resource,
)
from mock_server.openapi.enclosures import answered_record
from mock_server.openapi.operations import Operation
from mock_server.openapi.path_shapes import PARAMETER, Shape, parameters_of, segments_of, shape_of
from mock_server.openapi.resource_finder import ResourceFinder, is_same
from mock_server.openapi.responses import best_success, replacing_success
from mock_server.openapi.rule_checks import RuleChecks
from mock_server.openapi.rule_reading import read_rules
from mock_server.openapi.schema import DocumentError, member_names

# What a request with a method does to an item; a POST to one is how some APIs change it.
_ITEM_KINDS = {"GET": GET, "PUT": REPLACE, "PATCH": MERGE, "POST": MERGE, "DELETE": REMOVE}

# The methods of actions.
_ACTING = frozenset(["POST", "PUT", "PATCH"])


def with_effects(
    document: Mapping[str, Any], operations: Iterable[Operation]
) -> Iterator[Operation | DocumentError]:
    """Yield the operations of a resolved document with their effects, and what is wrong with rules."""
    errors: list[DocumentError] = []
    found = [replace(each, effect=_ruled(document, each, errors)) for each in operations]
    yield from errors
    if not errors:
        effects = _Effects(document, found)
        served = [replace(each, effect=effects.find(each)) for each in found]
        yield from served
        yield from RuleChecks(document, served).errors()


def _ruled(document: Mapping[str, Any], operation: Operation, errors: list[DocumentError]) -> Effect:
    """Return an effect of which only the rules are known."""
    place = ("paths", operation.template, operation.method.lower())
    described = document["paths"][place[1]][place[2]]
    return Effect(EXAMPLE, rules=read_rules(described, place, errors))


def _takes_no_shape(rules: Rules) -> bool:
    """Tell whether rules say what an operation does, so that its path says nothing of collections."""
    return any((rules.action, rules.member, rules.merge, rules.find, rules.view))


class _Effects:
    """Finds the effects of the operations of one document, whose rules are known."""

    def __init__(self, document: Mapping[str, Any], operations: Iterable[Operation]) -> None:
        shaped = [each for each in operations if not _takes_no_shape(each.effect.rules)]
        self._finder = ResourceFinder(document, shaped)
        self._by_name = {each.name: each for each in self._finder.every()}

    def find(self, operation: Operation) -> Effect:
        """Return what an operation does."""
        rules, described = operation.effect.rules, self._finder.described(operation)
        find = self._by_rules if _takes_no_shape(rules) else self._by_shape
        kind, resource, parameter = find(operation)
        ancestors = self._finder.ancestors(operation.template, resource)
        if rules.view is not None and rules.view.parent is not None:
            ancestors = {parameters_of(operation.template)[-1]: rules.view.parent}
        status, created = best_success(described), None
        if kind == REPLACE and parameter is not None and (rules.find is None or not rules.find.through):
            status, created = replacing_success(described)
        return Effect(kind, resource, parameter, ancestors, status, rules, created)

    def _by_rules(self, operation: Operation) -> tuple[str, Resource | None, str | None]:
        rules = operation.effect.rules
        if rules.view is not None:
            return VIEW, self._by_name.get(rules.view.of), None
        subject, parameter = self._subject(operation)
        if rules.find is not None:
            named = rules.find.of
            resource = subject if named is None else self._by_name.get(named)
            kind = _ITEM_KINDS.get(operation.method, GET)
            return kind, resource, next(reversed(parameters_of(operation.template)), None)
        if rules.action is not None and rules.action.subject is not None:
            return ACT, self._by_name.get(rules.action.subject.collection), None
        return ACT, subject, parameter

    def _subject(self, operation: Operation) -> tuple[Resource | None, str | None]:
        """Return what a path is about: a collection, and the parameter that names a record of it.

        That is of the longest part of the path that names a record, else of the longest that names a
        collection; the parameter is None then.
        """
        segments, shape = segments_of(operation.template), shape_of(operation.template)
        for length in range(len(shape) - 1, 0, -1):
            own = self._finder.resource(shape[:length])
            if own is not None and shape[length] == PARAMETER:
                return own, segments[length][1:-1]
        found = (self._finder.resource(shape[:length]) for length in range(len(shape), 0, -1))
        return next(filter(None, found), None), None

    def _by_shape(self, operation: Operation) -> tuple[str, Resource | None, str | None]:
        shape = shape_of(operation.template)
        if operation.collection is not None:
            return LIST, self._finder.resource(shape) or self._finder.of_list(operation, None), None
        own = self._finder.resource(shape)
        if own is not None:
            return self._by_own_path(operation.method, own)
        resource = self._finder.resource(shape[:-1]) if shape[-1] == PARAMETER else None
        kind = _ITEM_KINDS.get(operation.method)
        if resource is None:
            nested = self._created_below(operation, shape) if operation.method == "POST" else None
            return self._act(operation, shape) if nested is None else (CREATE, nested, None)
        if resource.key is None or kind is None:
            return EXAMPLE, None, None
        return kind, resource, parameters_of(operation.template)[-1]

    def _by_own_path(self, method: str, own: Resource) -> tuple[str, Resource | None, str | None]:
        """Return what an operation of a collection's own path does that is no list."""
        if own.is_single and method in _ITEM_KINDS and method != "DELETE":
            return _ITEM_KINDS[method], own, None
        return (CREATE, own, None) if method == "POST" else (EXAMPLE, None, None)

    def _created_below(self, operation: Operation, shape: Shape) -> Resource | None:
        """Return the only nested collection below a path whose record creating there answers.

        E.g. that of `/credits/{customerId}/grants` for `POST /credits`, whose body names the customer.
        """
        answer = self._finder.answer(operation)
        if answer is None or PARAMETER in shape:
            return None
        below = [each for each in self._by_name.values() if shape_of(each.name)[: len(shape)] == shape]
        own = [each for each in below if each.parent is not None and not each.parent.is_kept]
        found = [each for each in own if is_same(answered_record(answer, each), each.schema)]
        return found[0] if len(found) == 1 else None

    def _act(self, operation: Operation, shape: Shape) -> tuple[str, Resource | None, str | None]:
        """Return the effect of what follows a record's path with a word, and answers that record."""
        above = self._finder.resource(shape[:-2]) if shape[-2:-1] == (PARAMETER,) else None
        answer = self._finder.answer(operation)
        if operation.method not in _ACTING or above is None or answer is None:
            return EXAMPLE, None, None
        same = member_names(answered_record(answer, above)) & member_names(above.schema)
        # Another version of a schema may have a few other members.
        is_record = above.key in same and 2 * len(same) >= len(member_names(above.schema))
        parameter = segments_of(operation.template)[-2][1:-1]
        return (ACT, above, parameter) if is_record else (EXAMPLE, None, None)
