"""What an account can do to its requests: scripted faults, and chaos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_server.client.control_api import ControlApi, given, path_segment
from mock_server.client.types import Chaos, Fault

_STEPS = (
    'a step is a dict with a status, e.g. {"status": 503}, a delay in seconds, e.g. {"delay": 0.5}, '
    'a cut connection, e.g. {"cut": "reset"} (or "truncate", "stall"), or a broken page, e.g. '
    '{"page": "empty-page"}; or "pass" for the right answer. Several are given one after the other: '
    'fail({"status": 503}, "pass")'
)

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


class Faulting:
    """How an account gets faults; `Sandbox` has all other calls that steer it."""

    _api: ControlApi

    def fail(
        self,
        *steps: Mapping[str, Any] | str,
        operation: str | None = None,
        page: int | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeat: int | str = 1,
    ) -> str:
        """Script the next valid requests that match, one step each, and return the fault's id.

        A step is one of these; `"delay"` goes with any of the others too:

        - `{"status": 503}`, `{"status": 429, "headers": {"Retry-After": "1"}}`, `{"status": 200,
          "body": {"items": []}}`: this answer; a body of text is sent as it is, any other as JSON
        - `{"delay": 0.5}`: the answer after so many seconds, at most 60
        - `{"cut": "reset"}`: no response; `{"cut": "truncate"}`: half of the body; `{"cut": "stall"}`:
          the headers, then nothing for 60 seconds
        - `{"page": "repeat-cursor"}`, or `"empty-cursor"`, `"null-cursors"`, `"empty-page"`,
          `"short-page"`, `"duplicate-item"`, `"wrong-total"`, `"expired-cursor"`, `"missing-next"`,
          `"repeat-page"`, `"wrong-more"`, `"wrong-pages"`: a page broken so
        - `"pass"`: the right answer

        With `"after": True`, they come when the request has been carried out, so that its change is
        made: `{"status": 503, "after": True}`. Without, a status and a cut change nothing.

        `operation` is an operation's id, or e.g. `"post /customers"`; `page` is the number of a page
        within a walk, from 1; `query` are parameters that the request must have, decoded, a list for a
        repeated one; `body` are members that its body must have, and those within them. None leaves each
        open. `repeat` is how often all steps are used, or `"forever"`. E.g. `fail({"status": 503},
        {"cut": "reset"}, operation="getUsageMetrics", page=2, query={"limit": 40, "eventType": ["a",
        "b"]})` returns `"fault-1"`. Raises TypeError or ValueError, with the steps that there are, for
        what is no step, and SandboxError for a wrong one.
        """
        _require_steps(steps)
        sought = None if query is None else dict(query)
        when = given({"page": page, "query": sought, "body": body})
        fault = {"operation": operation, "when": when or None, "script": list(steps), "repeat": repeat}
        return str(self._api.call("POST", "/faults", given(fault))["id"])

    def faults(self) -> list[Fault]:
        """Return the faults in the order in which they were scripted, those used up included.

        E.g. `[{"id": "fault-1", "when": {"page": 2}, "script": [{"status": 503}], "repeat": 1,
        "fired": 0, "remaining": 1, "spent": False}]`; `Fault` explains each key.
        """
        faults: list[Fault] = self._api.call("GET", "/faults")["items"]
        return faults

    def remove_fault(self, id: str) -> None:  # noqa: A002
        """Remove the fault with the id that `fail` returned, e.g. `"fault-1"`."""
        self._api.call("DELETE", f"/faults/{path_segment(id)}")

    def chaos(
        self,
        seed: int = 0,
        rate: float = 0.1,
        faults: Sequence[str | int | Mapping[str, Any]] | None = None,
    ) -> Chaos:
        """Give a share of the account's requests trouble, which is the same in every run.

        A valid request has trouble by the seed and by its number among the account's requests alone.
        `rate` is from 0 to 1, and 0 ends it. A fault is a status, e.g. `503`, one of `"cut"` (a reset
        connection), `"truncate"`, `"stall"` and `"delay"` (half a second), a kind of page such as
        `"short-page"`, or a step as `fail` takes it. None stands for what a client with retries
        survives: 503, 429, 500, 502, cut and delay. What `fail` scripts comes first.

        E.g. `chaos(seed=7, rate=0.2, faults=[503, "cut", {"delay": 0.1}])` returns `{"seed": 7, "rate":
        0.2, "faults": ["503", "cut", {"delay": 0.1}], "requests": 0, "fired": 0}`. `requests` tells in
        `chaos` what each one met. Raises SandboxError for what is no fault, naming those that there are,
        and TypeError where `faults` is not a list of them.
        """
        named = None if faults is None else _require_list(faults)
        chaos: Chaos = self._api.call(
            "PUT", "/chaos", given({"seed": seed, "rate": rate, "faults": named})
        )
        return chaos


def _require_list(faults: object) -> list[Any]:
    """Return the faults of chaos as a list; raise TypeError where they are one fault or none."""
    if isinstance(faults, str | Mapping) or not isinstance(faults, Iterable):
        raise TypeError(
            f"{repr(faults)[:60]} is no list of faults for chaos(); give a list, e.g. "
            'faults=[503, "cut", {"delay": 0.1}]'
        )
    return list(faults)


def _require_steps(steps: Sequence[object]) -> None:
    """Raise TypeError or ValueError, with the steps that there are, where one is none."""
    if not steps:
        raise TypeError(f"fail() needs at least one step; {_STEPS}")
    for step in steps:
        if isinstance(step, str):
            if step != "pass":
                raise ValueError(f"{step[:60]!r} is no step of fail(); {_STEPS}")
        elif not isinstance(step, Mapping):
            raise TypeError(f"{repr(step)[:60]} is no step of fail(); {_STEPS}")
