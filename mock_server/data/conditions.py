"""Conditions: what a record must be for an operation, and the error where it is something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_server.data.finding import admits
from mock_server.data.member_values import ABSENT, Given, look_up, member_at
from mock_server.data.records import Record, value_of
from mock_server.data.sums import read_number
from mock_server.openapi.actions import Action
from mock_server.openapi.operations import Operation
from mock_server.openapi.rule_values import Condition, Constant, Guard
from mock_server.shown_text import quote
from mock_server.state_errors import Refused, WrongState

# How many operations a message names.
_NAMED = 5


class Ways:
    """The operations that bring the records of a collection into a state."""

    def __init__(self, operations: Iterable[Operation], collection: str) -> None:
        self._actions = [
            (f"{each.method} {each.path}", each.effect.rules.action)
            for each in operations
            if each.effect.rules.action is not None
            and not each.effect.rules.action.copies
            and each.effect.resource is not None
            and each.effect.resource.name == collection
        ]

    def to(self, when: Iterable[Condition], record: Record) -> str:
        """Return how a record comes to what one of these conditions wants, as a sentence.

        Where no operation that the record admits leads there, it names those of other states.
        """
        wanted = {name: values for each in when for name, values in each.members.items()}
        found = [(n, action) for n, action in self._actions if _gives(action, wanted)]
        here = [n for n, action in found if any(admits(c, record) for c in action.guard.when)]
        names = " or ".join((here or [name for name, _ in found])[:_NAMED])
        if not names:
            return "Use a record that is."
        return f"Send {names} first." if here else f"{names} leads there, from another state."


def _gives(action: Action, wanted: Mapping[str, tuple[Any, ...]]) -> bool:
    given = [(n, v.value) for n, v in action.set.items() if isinstance(v, Constant)]
    return any(value in wanted.get(name, ()) for name, value in given)


def require(guard: Guard, record: Record, given: Given, name: str, ways: Ways) -> None:
    """Raise the error that an overlay says, else WrongState, for a record that is not what it must be.

    `name` is what the message calls the record, e.g. `invoices f3b6`.
    """
    said = next(_wrong(guard, record, given, name, ways), None)
    if said is not None and guard.otherwise is not None:
        raise Refused(guard.otherwise.status, guard.otherwise.type, guard.otherwise.message)
    if said is not None:
        raise WrongState(said)


def _wrong(guard: Guard, record: Record, given: Given, name: str, ways: Ways) -> Iterator[str]:
    """Yield what is wrong with a record, and the remedy of each."""
    if guard.when and not any(admits(each, record) for each in guard.when):
        yield f"{_state(guard.when, record, name)} {ways.to(guard.when, record)}"
    for member, source in (guard.match or {}).items():
        sent, own = look_up(source, given), member_at(record, member)
        if ABSENT not in (sent, own) and str(sent) != str(own):
            has = f"{name} has {member} {_shown(own)}, and {_shown(sent)} was sent"
            yield f"{has}; get it again, and send what it has."
    for member, source in (guard.cover or {}).items():
        sent, own = look_up(source, given), member_at(record, member)
        wanted, there = read_number(sent), read_number(own)
        if wanted is not None and there is not None and there < wanted:
            has = f"{name} has {member} {_shown(own)}, which is less than {_shown(sent)}"
            yield f"{has}; send no more than it has."


def _state(when: Iterable[Condition], record: Record, name: str) -> str:
    members = list(dict.fromkeys(member for each in when for member in each.members))
    own = " and ".join(f"{each} {_shown(value_of(record, each))}" for each in members)
    return f"{name} has {own}; {_allowed(when)} is allowed."


def _allowed(when: Iterable[Condition]) -> str:
    return ", or ".join(
        " and ".join(
            f"{name} {' or '.join(map(_shown, values))}" for name, values in each.members.items()
        )
        for each in when
    )


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return quote(value if isinstance(value, str) else str(value).lower())
