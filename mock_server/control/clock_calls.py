"""Calls about the clock of an account: show it, freeze it, advance it, or let it run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.control.call import Call, Calls
from mock_server.errors import Violation
from mock_server.formats.timestamps import NoMoment, format_moment, parse_moment
from mock_server.sandbox.clock import Clock

_OUT_OF_RANGE = "it leads beyond the years 1 to 9000; send a moment within them, as in RFC 3339."


def _get_clock(call: Call) -> dict[str, Any]:
    clock = call.account.clock
    return {"now": format_moment(clock.now()), "frozen": clock.is_frozen}


def _set_clock(call: Call) -> dict[str, Any]:
    call.account.clock = _changed_clock(call.account.clock, call.body)
    return _get_clock(call)


def _check_clock(call: Call) -> Iterator[Violation]:
    """Yield a violation for a `now` or `advance` that leads beyond the years that a clock shows."""
    body = call.body if isinstance(call.body, dict) else {}
    refused = {violation.key for violation in call.violations}
    for name in ("now", "advance"):
        if name in body and f"/{name}" not in refused:
            try:
                _changed_clock(call.account.clock, {name: body[name]})
            except NoMoment:
                yield Violation("range", _OUT_OF_RANGE, f"/{name}")


def _changed_clock(clock: Clock, change: Mapping[str, Any]) -> Clock:
    """Return the clock after a change of one member, e.g. `{"advance": 60}`; raise NoMoment."""
    [(name, value)] = change.items()
    if name == "now":
        return clock.freeze(parse_moment(value))
    return clock.advance(value) if name == "advance" else clock.run()


CALLS: Calls = {
    "getClock": (_get_clock, None),
    "setClock": (_set_clock, _check_clock),
}
