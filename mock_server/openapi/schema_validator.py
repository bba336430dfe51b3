"""Validators: a value is checked by a schema, node by node, as far as the value leads.

A schema may lead back to itself, and one part of it may stand at many places. So nothing is prepared but
what a value needs, and no schema is looked into twice for the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from jsonschema import FormatChecker
from jsonschema.exceptions import ValidationError

from mock_server.openapi.named_branches import BranchNames
from mock_server.openapi.object_members import composes, named_members
from mock_server.openapi.patterns import TooDeep
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import marked_members

Errors = Iterator[ValidationError]

# A keyword's check: the validator, the keyword's value, the JSON value, and the schema.
Check = Callable[["Validator", Any, Any, Schema], Errors | None]

# The schemas within schemas that are followed for one value. Python's stack has room for three times as
# many calls, and a value has at most 100 levels (formats/json.py).
_DEEPEST = 220

# The most errors of one branch of a `oneOf` or `anyOf` that are looked at.
_BRANCH_ERRORS = 100


class Dialect(NamedTuple):
    """How schemas are read: the checks of keywords, and what differs by what is checked.

    - `absent`: the keywords of members that may be missing although they are required
    - `is_closed`: whether an object whose schema names properties has no others, until a schema composes
      others; there, what is filled with a timestamp has the format of one
    """

    checks: Mapping[str, Check]
    formats: FormatChecker
    is_type: Callable[[Any, str], bool]
    absent: tuple[str, ...] = ()
    is_closed: bool = False


@dataclass(slots=True)
class _Known:
    """What is known while a value is checked: closed forms of schemas, errors and names of branches.

    All are by the identity of a schema or of a list of branches, which is kept beside. `is_right` tells
    which objects and arrays surely are right by a schema, and need no check.
    """

    closed: dict[int, tuple[Schema, Schema]] = field(default_factory=dict)
    branches: dict[Any, list[ValidationError]] = field(default_factory=dict)
    names: dict[int, tuple[list[Any], BranchNames]] = field(default_factory=dict)
    is_right: Callable[[Any, Schema], bool] | None = None


class Validator:
    """Checks values by a schema; keywords' checks of jsonschema take it for a validator of that library.

    `_above` are the schemas around this one that apply to the same value, and `_applied` all that apply
    to a part of the whole value, unless only in another branch: each by the identities of schema and
    part, and whether objects are closed.
    """

    __slots__ = ("_above", "_applied", "_dialect", "_is_closed", "_known", "_level", "_value", "schema")

    def __init__(
        self, schema: Schema, dialect: Dialect, is_right: Callable[[Any, Schema], bool] | None = None
    ) -> None:
        self.schema = schema
        self._dialect = dialect
        self._is_closed = dialect.is_closed
        self._known = _Known(is_right=is_right)
        self._level = 0
        self._value: Any = _NOTHING
        self._above: tuple[Schema, ...] = ()
        self._applied: set[tuple[int, int, bool]] = set()

    @property
    def format_checker(self) -> FormatChecker:
        """The checker of formats, for the library's check of `format`."""
        return self._dialect.formats

    def iter_errors(self, value: Any) -> Errors:
        """Yield what is wrong with a value; raise GivenUp."""
        fresh = Validator(self.schema, self._dialect, self._known.is_right)
        fresh._known.names = self._known.names
        return fresh.descend(value, self.schema)

    def is_valid(self, value: Any) -> bool:
        """Tell whether a value is right; raise GivenUp."""
        return next(self.iter_errors(value), None) is None

    def is_type(self, value: Any, kind: str) -> bool:
        """Tell whether a value is of a type."""
        return self._dialect.is_type(value, kind)

    def may_miss(self, name: str) -> bool:
        """Tell whether the value may lack a member although it is required, since it is marked."""
        absent = self._dialect.absent
        return bool(absent) and name in marked_members(self._above, absent)

    def descend(self, instance: Any, schema: Any, path: Any = None, schema_path: Any = None) -> Errors:
        """Yield what is wrong with a part of the value, or with itself, by a part of the schema."""
        if not isinstance(schema, dict):
            if schema is False:
                yield _refused(instance, path, schema_path)
            return
        is_right = self._known.is_right
        if is_right is not None and isinstance(instance, dict | list) and is_right(instance, schema):
            return
        is_same_value = path is None and instance is self._value
        inner = self._enter(instance, schema, self._above if is_same_value else ())
        if inner is None:
            return
        node = inner.schema
        checks = self._dialect.checks
        for keyword, wanted in node.items():
            check = checks.get(keyword)
            if check is None:
                continue
            try:
                for error in check(inner._for(keyword), wanted, instance, node) or ():
                    # As the library's own validators complete the errors of a check.
                    error._set(validator=keyword, validator_value=wanted, instance=instance, schema=node)
                    error.schema_path.appendleft(keyword)
                    _place(error, path, schema_path)
                    yield error
            except (AttributeError, TypeError):
                # A keyword whose value is of a wrong type, e.g. `minimum: "1"`, says nothing.
                continue

    def _enter(self, value: Any, schema: Schema, above: tuple[Schema, ...]) -> Validator | None:
        """Return the validator of a part of the schema; None where that applies to the value already."""
        closes = self._is_closed and not composes(schema)
        if isinstance(value, dict | list):
            application = (id(schema), id(value), closes)
            if application in self._applied:
                return None
            self._applied.add(application)
        elif any(schema is each for each in above):
            return None
        node = self._closed(schema) if closes else schema
        inner = self._at(node, value, (*above, schema), self._applied)
        inner._is_closed = closes
        return inner

    def admits(self, value: Any, schema: Any) -> bool:
        """Tell whether a part of the schema admits the value, or a part of it; raise GivenUp."""
        return not self.branch_errors(value, schema, 0)

    def branch_errors(self, value: Any, branch: Any, number: int) -> list[ValidationError]:
        """Return what is wrong with the value by one of several branches, found out once."""
        key = (id(branch), id(value) if isinstance(value, dict | list) else (type(value), value))
        known = self._known.branches.get(key)
        if known is None:
            apart = self._at(self.schema, self._value, self._above, self._applied_above())
            found = apart.descend(value, branch, schema_path=number)
            known = self._known.branches[key] = list(islice(found, _BRANCH_ERRORS))
            return known
        # Copies, since each has the error that it is a part of.
        return [ValidationError.create_from(error) for error in known]

    def names_of(self, branches: list[Any]) -> BranchNames:
        """Return what branches are named by, found out once."""
        known = self._known.names.get(id(branches))
        if known is None:
            known = self._known.names[id(branches)] = branches, BranchNames.of(branches)
        return known[1]

    def _applied_above(self) -> set[tuple[int, int, bool]]:
        """Return that the schemas around this one apply to the value; no branch need tell it again."""
        number = id(self._value)
        return {(id(s), number, closes) for s in self._above for closes in (False, True)}

    def _at(
        self, schema: Schema, value: Any, above: tuple[Schema, ...], applied: set[tuple[int, int, bool]]
    ) -> Validator:
        if self._level >= _DEEPEST:
            raise TooDeep(value)
        inner = Validator.__new__(Validator)
        inner.schema, inner._dialect, inner._known = schema, self._dialect, self._known
        inner._is_closed, inner._level = False, self._level + 1
        inner._value, inner._above, inner._applied = value, above, applied
        return inner

    def _for(self, keyword: str) -> Validator:
        """Return the validator for a keyword: only within properties and items, objects are closed."""
        if not self._is_closed or keyword in ("properties", "items"):
            return self
        return self._at(self.schema, self._value, self._above, self._applied)

    def _closed(self, schema: Schema) -> Schema:
        """Return the schema with what is added where objects are closed."""
        is_filled = schema.get("x-fill") == "timestamp" and "format" not in schema
        names = isinstance(schema.get("properties"), Mapping)
        is_bounded = names and "additionalProperties" not in schema
        if not is_filled and not is_bounded:
            return schema
        known = self._known.closed.get(id(schema))
        if known is None:
            closed = dict(schema)
            if is_filled:
                closed["format"] = "date-time"
            if is_bounded:
                closed |= {"properties": named_members(schema), "additionalProperties": False}
            known = self._known.closed[id(schema)] = schema, closed
        return known[1]


_NOTHING = object()


def _place(error: ValidationError, path: Any, schema_path: Any) -> None:
    """Put the steps to a part, None for the value itself, before those of an error within it."""
    if path is not None:
        error.path.appendleft(path)
    if schema_path is not None:
        error.schema_path.appendleft(schema_path)


def _refused(value: Any, path: Any, schema_path: Any) -> ValidationError:
    return ValidationError(
        "no value is allowed here",
        validator="not",
        validator_value={},
        instance=value,
        schema={"not": {}},
        path=() if path is None else (path,),
        schema_path=() if schema_path is None else (schema_path,),
    )
