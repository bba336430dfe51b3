"""What a request asks of a list beside its filters: a parent's records, hidden ones, and an order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from mock_server.lists.filters import Equals, Filter, NotSet
from mock_server.lists.sorting import Sort
from mock_server.openapi.operations import Operation
from mock_server.openapi.sort_reading import read_sort

# Filters, and at most one way to sort.
Bound = frozenset[Filter | Sort]


class Asked(NamedTuple):
    """What a request asks for.

    - `wanted`: the filters, with those for what the path selects and against hidden records
    - `sort`: None for the collection's own order
    - `bound`: what the pages of a walk have in common: the filters without the path's, and the order
    """

    wanted: frozenset[Filter]
    sort: Sort | None
    bound: Bound


class ListAsking:
    """Reads what one list is asked for beside its filters."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        routed = operation.path_parameters
        # By the fields of the records that a path's values select, such as the parent's key.
        self._selected = [(field, routed[name]) for field, name in operation.path_fields.items()]
        self._hidden = operation.effect.rules.hidden
        self._column = operation.column
        unless = None if self._hidden is None else self._hidden.unless
        # The parameters on which it depends.
        self.parameters = frozenset(filter(None, [*operation.sort_parameters, unless]))

    @classmethod
    def of(cls, operation: Operation) -> ListAsking | None:
        """Return what reads the requests of an operation; None where they ask for filters alone."""
        rules = operation.effect.rules
        return cls(operation) if operation.path_fields or rules.hidden or rules.sorting else None

    def read(
        self,
        filters: frozenset[Filter],
        arguments: Mapping[str, Any],
        sent: Collection[str],
        path_values: Mapping[str, Any],
    ) -> Asked:
        """Return what a request asks for; `arguments` and `sent` are by the names of parameters."""
        shown = filters
        hidden = self._hidden
        if hidden is not None and not (hidden.unless and is_true(arguments.get(hidden.unless))):
            shown = filters | {NotSet(self._column(hidden.field))}
        texts = [(field, str(path_values.get(name, ""))) for field, name in self._selected]
        wanted = shown | {Equals(field, frozenset([text])) for field, text in texts}
        sort = read_sort(self._operation, arguments, sent)
        return Asked(wanted, sort, shown if sort is None else shown | {sort})


def is_true(argument: Any) -> bool:
    """Tell whether the argument of a flag is true, whether its schema is a boolean or a text."""
    return argument is True or (isinstance(argument, str) and argument.lower() == "true")
