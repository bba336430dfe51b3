"""Follow the life of a record of each collection: created, got, listed, found, changed, and gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from tests.documents.account import Account, Reply
from tests.documents.calls import differing, size_of
from tests.documents.described import Operation
from tests.documents.filters import Rules
from tests.documents.subjects import key_of

if TYPE_CHECKING:
    from tests.documents.resources import Bench

# Members that the server renews, or computes from others.
_RENEWED = re.compile(r"updated|modified|changed|total|balance|version|amount", re.IGNORECASE)


@dataclass
class Life:
    """What was found of a collection: the steps that were right, and what was wrong."""

    template: str
    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verdict = "WRONG" if self.wrong else "ok"
        said = f"{verdict:8}life of {self.template}: {', '.join(self.right)}"
        return said + "".join(f"\n            {each}" for each in self.wrong)

    def note(self, step: str, mistake: object = None) -> None:
        if mistake:
            self.wrong.append(f"{step}: {str(mistake)[:400]}")
        else:
            self.right.append(step)


def live_each(bench: Bench) -> Iterator[Life]:
    """Yield the life of a record of each collection in which one can be created."""
    items = {
        each.template.rpartition("/")[0] for each in bench.operations if each.template.endswith("}")
    }
    for operation in bench.operations:
        is_listed = bench.subjects.operation("get", operation.template) is not None
        if operation.method == "post" and (operation.template in items or is_listed):
            with closing(bench.account()) as account:
                life = _Living(bench, account, operation).live()
                if life is not None:
                    yield life


class _Living:
    def __init__(self, bench: Bench, account: Account, creation: Operation) -> None:
        self._bench, self._account, self._creation = bench, account, creation
        self._life = Life(creation.template)
        self._rules = Rules(account.document())
        ending = re.compile(re.escape(creation.template) + r"/\{[^/]*\}$")
        self._items = {e.method: e for e in bench.operations if ending.match(e.template)}
        self._list = bench.subjects.operation("get", creation.template)
        self._path = ""
        self._record: dict[str, Any] = {}

    def live(self) -> Life | None:
        if self._rules.extension(self._creation, "x-member") is not None:
            return None
        created = self._create()
        if created is None:
            return self._life if self._life.wrong else None
        self._found()
        self._changed()
        self._gone()
        return self._life

    def _create(self) -> Reply | None:
        """Create a record, on a parent that allows it, and look whether it is the first of its list."""
        account, creation = self._account, self._creation
        call, path = call_with_path(self._bench, account, creation)
        if not call.is_success:
            self._life.note("created", f"{call.status} {call.body}")
            return None
        if not isinstance(call.body, dict) or key_of(call.body, "id") is None:
            return None
        self._path, self._record = path, call.body
        got = self._got()
        if got is not None:
            differ = f"{got.status}" if not got.is_success else differing(self._record, got.body)
            self._life.note("got as created", differ)
        listed = self._listed()
        if listed is not None:
            first = key_of((listed.records or [None])[0], "id")
            self._life.note("first in the list", None if first == self._key else f"{first} is")
            self._within_its_parent()
        return call

    @property
    def _key(self) -> Any:
        return key_of(self._record, "id")

    def _item(self, method: str) -> Operation | None:
        return self._items.get(method)

    def _got(self) -> Reply | None:
        item = self._item("get")
        return None if item is None else self._account.call(item, f"{self._path}/{self._key}")

    def _listed(self, **query: Any) -> Reply | None:
        if self._list is None:
            return None
        reply = self._account.call(self._list, self._path, query)
        return reply if reply.is_success and reply.records is not None else None

    def _within_its_parent(self) -> None:
        if self._list is None or "{" not in self._creation.template:
            return
        others = islice(self._bench.subjects.paths(self._account, self._list), 8)
        for path in (each for each in others if each != self._path):
            reply = self._account.call(self._list, path)
            if any(key_of(each, "id") == self._key for each in reply.records or []):
                self._life.note("within its parent only", f"{path} has it too")
                return
        self._life.note("within its parent only")

    def _found(self) -> None:
        """Look whether each filter that has a rule for a member of the record finds it by its value."""
        if self._list is None:
            return
        found = 0
        for parameter in self._list.filters:
            rule = self._rules.of(self._list, parameter.name)
            if (
                rule is None
                or not isinstance(rule.get("field"), str)
                or "through" in rule
                or "values" in rule
            ):
                continue
            value = self._record.get(rule["field"])
            if rule["match"] not in ("equals", "any-of", "contains") or not isinstance(value, str | int):
                continue
            text = str(value).lower() if isinstance(value, bool) else str(value)
            reply = self._listed(**{parameter.name: text})
            keys = [key_of(each, "id") for each in (reply.records or [])] if reply is not None else []
            if self._key not in keys:
                self._life.note("found by filters", f"not by {parameter.name}={text}")
            found += 1
        if found:
            self._life.note(f"found by {found} filters")

    def _changed(self) -> None:
        """Change the record, and look whether it is as answered, and what cannot be said stayed."""
        for method in ("put", "patch"):
            item = self._item(method)
            if item is None:
                continue
            before = self._got()
            path = f"{self._path}/{self._key}"
            reply = Reply(0, {}, None)
            for body in islice(self._bench.subjects.bodies(self._account, item), 40):
                reply = self._account.call(item, path, None, body)
                if reply.is_success:
                    break
            if not reply.is_success:
                self._life.note(f"changed by {method}", f"{reply.status} {reply.body}")
                continue
            got = self._got()
            if got is not None and isinstance(reply.body, dict):
                self._life.note(f"changed by {method}", differing(reply.body, got.body))
            old = before.body if before is not None and before.is_success else self._record
            self._stayed(item, body, old, reply.body)

    def _stayed(self, item: Operation, body: Any, old: Any, new: Any) -> None:
        if not isinstance(new, dict) or not isinstance(old, dict):
            return
        schema = self._bench.published.at(item.body) if item.body else {}
        sayable = set(self._bench.published.properties(schema)) | set(
            body if isinstance(body, dict) else ()
        )
        differ = [
            name for name in differing(old, new) if name not in sayable and not _RENEWED.search(name)
        ]
        self._life.note("the rest stayed", differ)
        said = (
            {k: v for k, v in body.items() if isinstance(v, str | int | bool)}
            if isinstance(body, dict)
            else {}
        )
        # What repeats the path gives way to it.
        wrong = [n for n, e in said.items() if n in new and new[n] != e and new[n] != self._key]
        self._life.note("it is as was sent", wrong)

    def _gone(self) -> None:
        item = self._item("delete")
        if item is None:
            return
        before = self._listed()
        reply = self._account.call(item, f"{self._path}/{self._key}")
        if not reply.is_success:
            self._life.note("deleted", f"{reply.status} {reply.body}")
            return
        got = self._got()
        if got is not None:
            self._life.note("404 from then on", None if got.status == 404 else got.status)
        after = self._listed()
        if before is not None and after is not None:
            less = size_of(before) - size_of(after)
            self._life.note("one less", None if less == 1 else f"{less} less")


def call_with_path(bench: Bench, account: Account, operation: Operation) -> tuple[Reply, str]:
    """Call an operation until it succeeds; return the answer and the path."""
    paths = list(islice(bench.subjects.paths(account, operation), 60))
    reply, path = Reply(0, {}, "there is no parent"), ""
    for body in islice(bench.subjects.bodies(account, operation), 20):
        for path in paths:
            reply = account.call(operation, path, None, body)
            if reply.is_success:
                return reply, path
    return reply, path
