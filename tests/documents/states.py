"""Whether actions are allowed in the states that the overlay names, and refused in the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from tests.documents.account import Account
from tests.documents.calls import record_above
from tests.documents.described import Operation
from tests.documents.filters import Rules, values_at

if TYPE_CHECKING:
    from tests.documents.resources import Bench


@dataclass
class Acted:
    """What was found of an operation: the states in which it was allowed and refused, and what was wrong."""

    operation: Operation
    allowed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verdict = "WRONG" if self.wrong else "ok"
        said = f"{verdict:8}{self.operation}: allowed {', '.join(self.allowed)}"
        said += f"; refused {', '.join(self.refused)}" if self.refused else ""
        return said + "".join(f"\n            {each}" for each in self.wrong)


def act_on_each(bench: Bench) -> Iterator[Acted]:
    """Yield what is found of each operation with an `x-action` or `x-allow` on a record of its path."""
    with closing(bench.account()) as account:
        rules = Rules(account.document())
    for operation in bench.operations:
        for name in ("x-action", "x-allow"):
            rule = rules.extension(operation, name)
            is_on_a_record = rule is not None and not {"of", "parent"} & rule.keys()
            if is_on_a_record and operation.path_names:
                yield _act(bench, operation, rule)


def _act(bench: Bench, operation: Operation, rule: Mapping[str, Any]) -> Acted:
    acted, when = Acted(operation), rule.get("when") or []
    fields = sorted({name for each in when for name in each})
    states = _states(bench, operation, fields)
    for condition in when:
        for one in condition.get("status", []):
            if not any(one in state for state in states):
                acted.wrong.append(f"no record is {one}")
    for state, path in states.items():
        with closing(bench.account()) as account:
            _try(bench, account, acted, rule, path, dict(zip(fields, state, strict=True)))
    if not acted.allowed:
        acted.wrong.append("it is allowed on no record")
    return acted


def _states(bench: Bench, operation: Operation, fields: Sequence[str]) -> dict[tuple[Any, ...], str]:
    """Return a path for each combination of the values of some members."""
    found: dict[tuple[Any, ...], str] = {}
    with closing(bench.account()) as account:
        for path in islice(bench.subjects.paths(account, operation), 60):
            record = _record(bench, account, operation, path)
            if record is not None or not fields:
                found.setdefault(tuple(next(values_at(record, each), None) for each in fields), path)
    return found


def _record(bench: Bench, account: Account, operation: Operation, path: str) -> Any:
    last = max(n for n, each in enumerate(operation.segments) if each.startswith("{"))
    found = record_above(bench, account, operation, path, path.strip("/").split("/")[last])
    return found.body if found is not None and found.is_success else None


def _try(
    bench: Bench,
    account: Account,
    acted: Acted,
    rule: Mapping[str, Any],
    path: str,
    state: Mapping[str, Any],
) -> None:
    operation, when = acted.operation, rule.get("when") or []
    may = not when or any(all(state[n] in values for n, values in each.items()) for each in when)
    said = "/".join(map(str, state.values())) or "any"
    for body in islice(bench.subjects.bodies(account, operation), 30):
        reply = account.call(operation, path, None, body)
        if reply.is_success or reply.status in (409, rule.get("otherwise", {}).get("status")):
            break
    (acted.allowed if reply.is_success else acted.refused).append(said)
    if reply.is_success != may:
        acted.wrong.append(f"{said} got {reply.status}: {str(reply.body)[:200]}")
    for name, value in (rule.get("set") or {}).items() if reply.is_success else ():
        shown = reply.body.get(name) if isinstance(reply.body, dict) else None
        if isinstance(value, str | bool | int) and shown != value:
            acted.wrong.append(f"{said}: {name} is {shown!r}, not {value!r}")
        if isinstance(value, dict) and "next" in value and not shown:
            acted.wrong.append(f"{said}: {name} has no number")
