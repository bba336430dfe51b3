"""Conditions: what a record must be for an operation, and the error where it is something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_server.data.finding import admits
from mock_server.data.member_values import ABSENT, Given, look_up, member_at
from mock_server.data.records import Record, value_of
from mock_server.errors import Refused, WrongState
from mock_server.openapi.operations import Operation
from mock_server.openapi.rule_values import Condition, Constant, Guard
from mock_server.shown_text import quote

# How many operations a message names.
_NAMED = 5


class Ways:
    """The operations that bring the records of a collection into a state."""

    def __init__(self, operations: Iterable[Operation], collection: str) -> None:
        self._operations = [
            each
            for each in operations
            if each.effect.rules.action is not None
            and each.effect.resource is not None
            and each.effect.resource.name == collection
        ]

    def to(self, when: Iterable[Condition]) -> list[str]:
        """Return the operations whose `set` gives what one of these conditions wants."""
        wanted = [(name, values) for condition in when for name, values in condition.members.items()]
        found = []
        for each in self._operations:
            action = each.effect.rules.action
            values = {} if action is None else action.set
            given = [(n, v.value) for n, v in values.items() if isinstance(v, Constant)]
            if any(name == n and value in values for n, value in given for name, values in wanted):
                found.append(f"{each.method} {each.path}")
        return found


def require(guard: Guard, record: Record, given: Given, name: str, ways: Ways) -> None:
    """Raise the error that an overlay says, else WrongState, for a record that is not what it must be.

    `name` is what the message calls the record, e.g. `invoices f3b6`.
    """
    if guard.when and not any(admits(each, record) for each in guard.when):
        if guard.otherwise is not None:
            raise Refused(guard.otherwise.status, guard.otherwise.type, guard.otherwise.message)
        raise WrongState(f"{_state(guard.when, record, name)} {_remedy(guard.when, ways)}")
    for member, source in (guard.match or {}).items():
        sent, own = look_up(source, given), member_at(record, member)
        if ABSENT not in (sent, own) and str(sent) != str(own):
            if guard.otherwise is not None:
                raise Refused(guard.otherwise.status, guard.otherwise.type, guard.otherwise.message)
            has = f"{name} has {member} {_shown(own)}, and {_shown(sent)} was sent"
            raise WrongState(f"{has}; get it again, and send what it has.")


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


def _remedy(when: Iterable[Condition], ways: Ways) -> str:
    found = ways.to(when)
    return f"Send {' or '.join(found[:_NAMED])} first." if found else "Use a record that is."


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return quote(value if isinstance(value, str) else str(value).lower())
