"""Indexed fields: the members of a collection's records by which rules find some of them."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.openapi.actions import Find, LineSum
from mock_server.openapi.document import Document
from mock_server.openapi.effects import VIEW, Effect
from mock_server.openapi.member_rules import nested_name, sums_of
from mock_server.openapi.rule_names import running_numbers
from mock_server.openapi.schema import members_of


def rule_fields(document: Document) -> dict[str, list[str]]:
    """Return the members by which the rules of a document look records up, by their collections."""
    found: dict[str, list[str]] = {}
    for name, field in _fields(document):
        if field not in found.setdefault(name, []):
            found[name].append(field)
    return found


def _fields(document: Document) -> Iterator[tuple[str, str]]:
    for each in document.operations:
        if each.effect.resource is not None:
            yield from _of_effect(each.effect, each.effect.resource.name)
        if each.effect.kind == VIEW and each.collection is not None:
            yield from ((each.collection, p.filters.field) for p in each.parameters if p.filters)
    for resource in document.resources.values():
        for rule in sums_of(members_of(resource.schema)).values():
            if isinstance(rule, LineSum):
                lines = nested_name(document.resources, resource.name, rule.of)
                if lines is not None:
                    yield lines, rule.by


def _of_effect(effect: Effect, name: str) -> Iterator[tuple[str, str]]:
    rules = effect.rules
    if rules.find is not None:
        yield from _of_find(rules.find, name)
    if rules.view is not None:
        yield from ((name, field) for field in rules.view.where)
    yield from ((name, field) for field, _ in running_numbers(rules))


def _of_find(find: Find, name: str) -> Iterator[tuple[str, str]]:
    if find.through is None:
        yield name, find.by
        return
    yield find.through.collection, find.by
    yield find.through.collection, find.through.theirs
    yield name, find.through.own
