"""Call each operation once, on a record for which it is allowed, and judge the answer and what it changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.documents.account import Account, Reply
from tests.documents.described import NO_BODY, Operation
from tests.documents.subjects import key_of

if TYPE_CHECKING:
    from tests.documents.resources import Bench

# As many calls of one operation are made until one succeeds.
TRIES = 400


@dataclass(frozen=True)
class Call:
    """What was found of an operation.

    - `tries`: how many calls it took; those before were refused
    - `invalid`: what is wrong with the answer by its schema
    - `excuse`: what is wrong with the document's own example by the same schema, or by that of the body
    - `effect`: what it did to the lists; it begins with NOT where it should have done something else
    """

    operation: Operation
    reply: Reply
    tries: int
    invalid: str | None
    excuse: str | None
    effect: str

    @property
    def is_right(self) -> bool:
        return self.reply.is_success and not self.invalid and not self.effect.startswith("NOT")

    @property
    def kind(self) -> str:
        return "right" if self.is_right else "the document's fault" if self.excuse else "wrong"

    def __str__(self) -> str:
        verdict = {"right": "ok", "wrong": "WRONG"}.get(self.kind, "EXCUSED")
        said = f"{verdict:8}{self.reply.status} {self.operation}  ({self.tries} tried) {self.effect}"
        if not self.reply.is_success:
            said += f" {str(self.reply.body)[:300]}"
        if self.invalid:
            said += f" INVALID {self.invalid}"
        return said + (
            f" THE DOCUMENT'S OWN: {self.excuse}" if self.excuse and not self.is_right else ""
        )


def call_each(bench: Bench) -> Iterator[Call]:
    """Yield what was found of each operation of a document."""
    for operation in bench.operations:
        with closing(bench.account()) as account:
            yield call_one(bench, account, operation)


def call_one(bench: Bench, account: Account, operation: Operation) -> Call:
    """Call an operation until it succeeds, and look at what it did."""
    reply, tries, path = Reply(0, {}, "there is no record to call it on"), 0, ""
    before: Any = None
    for path, body in islice(_attempts(bench, account, operation), TRIES):
        before = _seen(bench, account, operation, path)
        reply = account.call(operation, path, None, body)
        tries += 1
        if reply.is_success:
            break
    invalid = _mistake(bench, operation, reply)
    effect = _effect(bench, account, operation, path, reply, before) if reply.is_success else ""
    return Call(operation, reply, tries, invalid, _excuse(bench, operation), effect)


def _attempts(bench: Bench, account: Account, operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield paths and bodies: the document's own body on every record, then other bodies."""
    paths = list(islice(bench.subjects.paths(account, operation), TRIES // 2))
    bodies = bench.subjects.bodies(account, operation)
    first = next(bodies)
    yield from ((path, first) for path in paths)
    yield from ((path, body) for body in bodies for path in paths[:5])


def _mistake(bench: Bench, operation: Operation, reply: Reply) -> str | None:
    answer = operation.answers.get(str(reply.status)) or operation.answers.get("2XX")
    if not reply.is_success:
        return None
    if answer is None:
        return f"the status {reply.status} is not described"
    if answer.pointer is None:
        return None
    return bench.judge.mistake(answer.pointer, reply.body)


def _excuse(bench: Bench, operation: Operation) -> str | None:
    """Return what is wrong with an example of the document itself."""
    for answer in operation.successes:
        if answer.pointer and answer.example is not NO_BODY:
            found = bench.judge.mistake(answer.pointer, answer.example)
            if found:
                return f"answer: {found}"
    if operation.body and operation.example is not NO_BODY:
        found = bench.judge.mistake(operation.body, operation.example)
        return f"body: {found}" if found else None
    return None


def _list_of(bench: Bench, template: str, path: str, account: Account) -> Reply | None:
    listing = bench.subjects.operation("get", template)
    if listing is None:
        return None
    # What an action hides is there still.
    shown = {each.name: "true" for each in listing.filters if each.name.startswith("include")}
    reply = account.call(listing, path, shown)
    return reply if reply.is_success and reply.records is not None else None


def _seen(bench: Bench, account: Account, operation: Operation, path: str) -> int | None:
    """Return how many records the list has that an operation may change."""
    template = operation.template
    if template.endswith("}"):
        template, path = template.rpartition("/")[0], path.rpartition("/")[0]
    listed = _list_of(bench, template, path, account) if operation.method != "get" else None
    return None if listed is None else size_of(listed)


def size_of(listed: Reply) -> int:
    return listed.total if listed.total is not None else len(listed.records or [])


def _effect(
    bench: Bench, account: Account, operation: Operation, path: str, reply: Reply, before: int | None
) -> str:
    """Say what an operation did to the list and to the record, NOT first where that is wrong."""
    if operation.method == "get":
        return ""
    if operation.method == "post" and before is not None:
        listed = _list_of(bench, operation.template, path, account)
        key = key_of(reply.body, "id")
        first = key_of((listed.records or [None])[0], "id") if listed is not None else None
        more = size_of(listed) - before if listed is not None else 0
        if key is not None and first != key:
            return f"NOT first in the list: {first}, not {key}"
        return "first in the list, one more" if more == 1 else f"NOT one more in the list, but {more}"
    if operation.method == "delete" and before is not None and operation.template.endswith("}"):
        listed = _list_of(bench, operation.template.rpartition("/")[0], path.rpartition("/")[0], account)
        less = before - size_of(listed) if listed is not None else 0
        return "gone, one less" if less == 1 else f"NOT one less in the list, but {less}"
    return _as_got(bench, account, operation, path, reply)


def _as_got(bench: Bench, account: Account, operation: Operation, path: str, reply: Reply) -> str:
    """Say whether the record that was answered is what is got from then on, NOT first where it is not."""
    above = operation.template.rpartition("/")[0], path.rpartition("/")[0]
    for template, where in ((operation.template, path), above):
        single = bench.subjects.operation("get", template)
        if single is not None and isinstance(reply.body, dict):
            got = account.call(single, where)
            is_same = got.is_success and key_of(got.body, "id") == key_of(reply.body, "id")
            if is_same and got.records is None:
                differ = differing(reply.body, got.body)
                return f"NOT as got: {differ}" if differ else "as got"
    key = key_of(reply.body, "id")
    found = None if key is None else record_above(bench, account, operation, path, key)
    if found is None:
        return "nothing shows it"
    if found.status == 404:
        return "gone" if operation.method == "delete" else f"NOT there: nothing has the id {key}"
    differ = differing(reply.body, found.body)
    return f"NOT as got: {differ}" if differ else "as got"


def record_above(
    bench: Bench, account: Account, operation: Operation, path: str, key: Any
) -> Reply | None:
    """Return the record with a key in the nearest collection above a path; None where there is none."""
    segments, steps = operation.segments, path.strip("/").split("/")
    for end in range(len(segments), 0, -1):
        template, where = "/" + "/".join(segments[:end]), "/" + "/".join(steps[:end])
        if template.endswith("}"):
            continue
        for item in bench.operations:
            if item.method == "get" and re.fullmatch(re.escape(template) + r"/\{[^/]*\}", item.template):
                return account.call(item, f"{where}/{quote(str(key), safe='')}")
        listed = _list_of(bench, template, where, account)
        if listed is not None:
            held = [each for each in listed.records or [] if key_of(each, "id") == key]
            return Reply(200, {}, held[0]) if held else Reply(404, {}, None)
    return None


def differing(one: Any, other: Any) -> list[str]:
    """Return the members that both have, and that differ."""
    return [name for name, each in one.items() if name in other and other[name] != each]
