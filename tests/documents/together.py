"""Whether the starting data of a document hold together: references lead somewhere, and sums are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from tests.documents.account import Account
from tests.documents.described import Operation
from tests.documents.filters import Rules
from tests.documents.subjects import key_of, plain

if TYPE_CHECKING:
    from tests.documents.resources import Bench

# Parents whose nested records are looked at.
PARENTS = 12


@dataclass
class Held:
    """What was found of a list: how many references and sums were right, and those that were not."""

    template: str
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verdict = "WRONG" if self.wrong else "ok"
        shown = "".join(f"\n            {each}" for each in self.wrong[:5])
        return f"{verdict:8}{self.template}: {self.right} right, {len(self.wrong)} wrong{shown}"

    def note(self, is_right: bool, said: str) -> None:
        if is_right:
            self.right += 1
        else:
            self.wrong.append(said)


def look_at_each(bench: Bench, account: Account) -> Iterator[Held]:
    """Yield what is found of each list whose records refer to others, or have sums."""
    looker = _Looker(bench, account)
    for operation in bench.operations:
        if operation.method == "get" and not operation.template.endswith("}"):
            held = looker.look_at(operation)
            if held.right or held.wrong:
                yield held


class _Looker:
    def __init__(self, bench: Bench, account: Account) -> None:
        self._bench, self._account = bench, account
        self._rules = Rules(account.document())
        self._ids: dict[str, set[Any]] = {}
        tops = [each for each in bench.subjects.collections if "{" not in each]
        # Of several of a noun, that with the shortest path.
        tops.sort(key=lambda each: -each.count("/"))
        self._by_noun = {plain(_singular(each.rpartition("/")[2])): each for each in tops}
        for name in self._rules.of_the_account():
            self._by_noun.pop(plain(re.sub(r"Id$", "", name)), None)

    def look_at(self, operation: Operation) -> Held:
        held = Held(operation.template)
        for path in islice(self._bench.subjects.paths(self._account, operation), PARENTS):
            takes = any(each.name == "limit" for each in operation.parameters)
            reply = self._account.call(operation, path, {"limit": 50} if takes else {})
            for record in reply.records or [] if reply.is_success else []:
                self._look_at_references(held, operation, record)
                self._look_at_sums(held, operation, path, record)
        return held

    def _look_at_references(self, held: Held, operation: Operation, record: Any) -> None:
        for name, found in _references(record):
            template = self._by_noun.get(plain(re.sub(r"(Ids?|_ids?)$", "", name)))
            if template is not None:
                known = self._known(template)
                for each in found if isinstance(found, list) else [found]:
                    held.note(each in known, f"{name} {each!r} leads to nothing in {template}")

    def _known(self, template: str) -> set[Any]:
        if template not in self._ids:
            subjects, account = self._bench.subjects, self._account
            shown = subjects.records(account, template)
            records = [*shown, *account.collection(template.strip("/"), 1000)]
            self._ids[template] = {key_of(each, "id") for each in records}
        return self._ids[template]

    def _look_at_sums(self, held: Held, operation: Operation, path: str, record: Any) -> None:
        for name, rule in self._rules.sums_of(operation).items():
            if name not in record:
                continue
            expected = self._expected(rule, operation, path, record)
            if expected is not None:
                said = f"{name} of {key_of(record, 'id')} is {record[name]}, not {expected}"
                held.note(abs(_number(record[name]) - expected) < Decimal("0.01"), said)

    def _expected(self, rule: Mapping[str, Any], operation: Operation, path: str, record: Any) -> Any:
        if "multiply" in rule or "add" in rule:
            parts = [_number(record.get(each)) for each in rule.get("multiply") or rule["add"]]
            product = Decimal(1)
            for each in parts:
                product *= each
            return product if "multiply" in rule else sum(parts, Decimal(0))
        last = rule["of"].rpartition("/")[2]
        within = [f"{path}/{key_of(record, 'id')}/{last}", f"{path.rpartition('/')[0]}/{last}"]
        ending = re.escape(operation.template) + r"/\{[^/]*\}/" + re.escape(last)
        beside = re.escape(operation.template.rpartition("/")[0] + f"/{last}")
        for where, pattern in zip(within, (ending, beside), strict=True):
            nested = self._list_like(pattern)
            if nested is not None:
                lines = self._account.call(nested, where, {"limit": 50}).records or []
                key = key_of(record, "id")
                own = [e for e in lines if pattern != beside or e.get(rule["by"]) == key]
                return sum((_number(each.get(rule["field"])) for each in own), Decimal(0))
        return None

    def _list_like(self, pattern: str) -> Operation | None:
        gets = (each for each in self._bench.operations if each.method == "get")
        return next((each for each in gets if re.fullmatch(pattern, each.template)), None)


def _references(node: Any) -> Iterator[tuple[str, Any]]:
    for name, each in node.items() if isinstance(node, dict) else ():
        is_reference = re.search(r"(Ids?|_ids?)$", name) and isinstance(each, str | list)
        if is_reference and not (isinstance(each, list) and any(isinstance(e, dict) for e in each)):
            yield name, each
        else:
            yield from _references(each)
    for each in node if isinstance(node, list) else ():
        yield from _references(each)


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return Decimal(0)


def _singular(noun: str) -> str:
    return re.sub(r"ies$", "y", noun) if noun.endswith("ies") else noun.removesuffix("s")
