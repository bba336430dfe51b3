"""Checks of records one by one: what a get answers, and with `--write`, the life of one that is made.

Each raises Failed or Undecidable, or returns where it passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mock_server.conform import edge_checks
from mock_server.conform.http_probe import Reply
from mock_server.conform.made_values import fits
from mock_server.conform.probe_credentials import NoAnswer
from mock_server.conform.requirements import (
    Failed,
    Undecidable,
    require_schema,
    require_status,
)
from mock_server.conform.resource_under_test import Asked, Record, ResourceUnderTest
from mock_server.lists.roles import TOTAL
from mock_server.openapi.effects import CREATE, GET, MERGE, REMOVE, REPLACE
from mock_server.openapi.operations import Operation
from mock_server.shown_text import quote

# Keys that no record has; the first that a path takes is sent.
_UNKNOWN: tuple[Any, ...] = ("00000000-0000-4000-8000-000000000000", "no-such-record", 999_999_999)

_NOTHING_MADE = "nothing was created, see create"


def get_listed(tested: ResourceUnderTest) -> None:
    """Check that a get of a listed record answers 200, and what the list says of it."""
    items = tested.listing.page().items
    listed = next((each for each in items if isinstance(each, dict)), None)
    if listed is None or listed.get(tested.key) is None:
        raise Undecidable(f"the list has no record with '{tested.key}'")
    asked = tested.ask(_required(tested, GET), listed)
    _require_same(asked.reply, _record_of(tested, asked), listed, "in the list")


def get_unknown(tested: ResourceUnderTest) -> None:
    """Check that a get of a record that nobody has is 404, in the shape of errors."""
    operation = _required(tested, GET)
    path = [p.schema for p in operation.at("path") if p.name == operation.effect.parameter]
    key = next((each for each in _UNKNOWN if all(fits(each, schema) for schema in path)), None)
    if key is None:
        raise Undecidable("no key that is surely unknown fits the path's parameter")
    asked = tested.ask(operation, {tested.key: key, "id": key})
    require_status(asked.reply, 404)
    if asked.schema(404) is not None:
        edge_checks.require_error_shape(asked, 404, [asked.reply])


class Life:
    """The life of one record: it is created, looked at, changed and removed."""

    def __init__(self, tested: ResourceUnderTest) -> None:
        self._tested = tested
        self._made: Record | None = None
        self._total: int | None = None
        self._is_lost = False

    def checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the names of the checks that the document has operations for, and the checks."""
        tested = self._tested
        yield "create", self.create
        if not tested.is_removed:
            return
        if tested.is_got:
            yield "create-get", self.get
        yield "create-listed", self.listed
        if tested.operation(REPLACE, MERGE) is not None:
            yield "update", self.update
        yield "delete", self.delete

    def create(self) -> None:
        """Check that a create answers with the record that it made, of which it keeps nothing secret."""
        tested, operation = self._tested, _required(self._tested, CREATE)
        if not tested.is_removed:
            raise Undecidable("no operation removes what it would create, so that none is")
        self._total = self._listed_total()
        body, is_given = tested.body(operation)
        asked = tested.ask(operation, body=body)
        _require_success(asked, is_given)
        made = tested.record_in(asked)
        if not isinstance(made, dict) or made.get(tested.key) is None:
            self._is_lost = True
            raise Failed(f"the answer must have the record's '{tested.key}'", asked.reply)
        self._made = made
        _require_answer(asked)

    def get(self) -> None:
        """Check that a get of the new record is what the create has answered."""
        asked = self._get()
        found = _record_of(self._tested, asked)
        _require_same(asked.reply, found, self._record, "in the answer to its creation")

    def listed(self) -> None:
        """Check that the new record is the first of the list, which has one more."""
        record, key = self._record, self._tested.key
        page = self._tested.listing.page(fresh=True)
        first = page.items[0] if page.items else None
        if not isinstance(first, dict) or first.get(key) != record[key]:
            raise Failed(
                f"the first of the list must be the new record, {quote(record[key])}", page.reply
            )
        self._require_total(1, page.reply)

    def update(self) -> None:
        """Check that a change is answered, and that a get shows it."""
        operation = _required(self._tested, REPLACE, MERGE)
        record = self._record
        body, is_given = self._tested.body(operation)
        asked = self._tested.ask(operation, record, body)
        _require_success(asked, is_given)
        _require_answer(asked)
        if self._tested.is_got and asked.reply.body:
            changed = self._get()
            answered = self._tested.record_in(asked)
            if isinstance(answered, dict):
                found = _record_of(self._tested, changed)
                _require_same(changed.reply, found, answered, "in the answer to its change")

    def delete(self) -> None:
        """Check that a record that is removed is 404, and that the list has one less."""
        asked = self._remove()
        _require_success(asked, is_given=True)
        record, self._made = self._record, None
        if self._tested.is_got:
            found = self._tested.ask(_required(self._tested, GET), record)
            require_status(found.reply, 404)
        page = self._tested.listing.page(fresh=True)
        key = self._tested.key
        if any(isinstance(each, dict) and each.get(key) == record[key] for each in page.items):
            raise Failed("the list must not have the record any more", page.reply)
        self._require_total(0, page.reply)

    def end(self) -> str | None:
        """Remove what was made, whatever failed; return what was left behind, None for nothing."""
        if self._is_lost:
            return f"a record may be left behind, since the answer has no '{self._tested.key}'"
        if self._made is None:
            return None
        try:
            status = self._remove().reply.status
        except NoAnswer as error:
            return f"it is left behind: {error}"
        named = quote(self._made[self._tested.key])
        is_gone = 200 <= status < 300 or status in (404, 410)
        return None if is_gone else f"{named} is left behind, since its removal got {status}"

    @property
    def _record(self) -> Record:
        if self._made is None:
            raise Undecidable(_NOTHING_MADE)
        return self._made

    def _get(self) -> Asked:
        return self._tested.ask(_required(self._tested, GET), self._record)

    def _remove(self) -> Asked:
        return self._tested.ask(_required(self._tested, REMOVE), self._record)

    def _listed_total(self) -> int | None:
        listing = self._tested.listing
        return listing.page(fresh=True).total if TOTAL in listing.convention.response else None

    def _require_total(self, more: int, reply: Reply) -> None:
        total = self._listed_total()
        if self._total is not None and total != self._total + more:
            raise Failed(f"the total must be {self._total + more}, but is {total}", reply)


def _required(tested: ResourceUnderTest, *kinds: str) -> Operation:
    operation = tested.operation(*kinds)
    if operation is None:
        raise Undecidable(f"no operation does this: {' or '.join(kinds)}")
    return operation


def _require_success(asked: Asked, is_given: bool) -> None:
    """Raise Failed unless a change was answered with 2xx, or Undecidable where the body may be why."""
    status = asked.reply.status
    if 200 <= status < 300:
        return
    if status == 409 or (not is_given and 400 <= status < 500):
        what = "the document's example" if is_given else "a body that was made by the schema"
        raise Undecidable(f"{status} came for {what}")
    raise Failed(f"2xx must come, but {status} came", asked.reply)


def _require_answer(asked: Asked) -> None:
    schema = asked.schema(asked.reply.status)
    if schema is not None and asked.reply.body:
        require_schema(asked.reply, schema, "the schema of the answer")


def _record_of(tested: ResourceUnderTest, asked: Asked) -> Record:
    """Return the record that a get has answered; raise Failed where the answer is none."""
    require_status(asked.reply, 200)
    _require_answer(asked)
    record = tested.record_in(asked)
    if not isinstance(record, dict):
        raise Failed("the answer must be a record", asked.reply)
    return record


def _require_same(reply: Reply, found: Record, other: Record, where: str) -> None:
    """Raise Failed unless two forms of a record agree where they have the same members."""
    for name in found.keys() & other.keys():
        if found[name] != other[name]:
            message = f"'{name}' must be {quote(str(other[name]))} as {where}"
            raise Failed(f"{message}, but is {quote(str(found[name]))}", reply)


READING: dict[str, Callable[[ResourceUnderTest], None]] = {
    "get-listed": get_listed,
    "get-unknown": get_unknown,
}
