"""The rules of lists: how an overlay says that one is sorted, and which records it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mock_server.formats.source_file import Place
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.openapi.rule_parts import NAME, Described, object_of, said

DESCENDING = "desc"


class Sorting(NamedTuple):
    """`x-sort`: by which fields a list is sorted, and in which direction.

    - `columns`: by a value of the parameter `by`, the field; empty for the fields' own names
    - `default`: the field without that parameter; None for the collection's order, the newest last
    - `is_descending`: the direction without the parameter `direction`
    - `by`, `direction`: names of query parameters; None for those that are named as usual
    """

    columns: Mapping[str, str] = MappingProxyType({})
    default: str | None = None
    is_descending: bool = False
    by: str | None = None
    direction: str | None = None

    def parameters(self, names: Iterable[str]) -> tuple[str | None, str | None]:
        """Return the names of the parameters for the field and the direction; None for none.

        `names` are those of the operation's query parameters.
        """
        known, directions = built_in().names["sorting"], built_in().names["directions"]
        usual = [name for name in names if plain(name) in known]
        both = (
            [name for name in usual if plain(name) not in directions],
            [name for name in usual if plain(name) in directions],
        )
        found = [next(iter(each), None) for each in both]
        return self.by or found[0], self.direction or found[1]


class Hidden(NamedTuple):
    """`x-hidden`: that records which have a field are left out, unless a parameter is true."""

    field: str
    unless: str | None = None


def read_sorting(rule: Any, _place: Place) -> Sorting:
    """Return what an `x-sort` says, which its schema admits."""
    return Sorting(
        rule.get("columns", {}),
        rule.get("default"),
        rule.get("order") == DESCENDING,
        rule.get("by"),
        rule.get("direction"),
    )


def read_hidden(rule: Any, _place: Place) -> Hidden:
    """Return what an `x-hidden` says, which its schema admits."""
    return Hidden(rule["field"], rule.get("unless"))


# By their names, on the operation of a list.
LIST_RULES: Mapping[str, Described] = {
    "x-sort": {
        "description": "On the operation of a list: by which fields it is sorted. Records without a "
        "value come last, and equal ones keep the collection's order, the newest first.",
        **object_of(
            {
                "columns": {
                    "description": "By the values of the parameter for the field, the fields of the "
                    "records, or paths to them. If this is absent, the values are the names of fields.",
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": NAME,
                },
                "default": said(
                    "The field where that parameter is not sent. If this is absent: when "
                    "the records were made."
                ),
                "order": {
                    "description": "The direction where none is sent; `asc` if this is absent. A list "
                    "for which nothing is sent keeps the collection's order if this is `desc`.",
                    "enum": ["asc", DESCENDING],
                },
                "by": said("The query parameter for the field, if its name does not tell."),
                "direction": said("The one for the direction, if its name does not tell."),
            },
        ),
        "examples": [{"columns": {"DUE_DATE": "dueDate"}, "default": "createdAt", "order": "desc"}],
    },
    "x-hidden": {
        "description": "On the operation of a list: that records which have a value here are left out, "
        "of a boolean those where it is true.",
        **object_of(
            {
                "field": said("A field of the records, or a path to one."),
                "unless": said("The query parameter that shows them where it is true."),
            },
            ("field",),
        ),
        "examples": [{"field": "archivedAt", "unless": "includeArchived"}],
    },
}
