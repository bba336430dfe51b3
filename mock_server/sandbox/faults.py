"""Faults: scripts of what happens to the requests of an account, and how far each has been played."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from mock_server.formats import json_members
from mock_server.formats.json import Json
from mock_server.formats.query_string import includes_decoded

FOREVER = "forever"
PASS = "pass"  # noqa: S105

# The statuses whose answers have no content (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
WITHOUT_CONTENT = (204, 205, 304)


class Step(NamedTuple):
    """One step of a script: what happens to one request, after a delay in seconds.

    At most one of `status`, `cut` (e.g. `reset`) and `page` (e.g. `repeat-cursor`) is not None. `body`
    is None for the usual body of the status. With `after`, it happens when the request has been carried
    out, so that its change is made.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    delay: float = 0
    cut: str | None = None
    page: str | None = None
    after: bool = False


class Asked(NamedTuple):
    """What faults are chosen by: one valid request.

    - `operation`: its id
    - `page`: the number of its page within the walk, None if unknown
    - `query`: the decoded values of the query by their names
    - `body`: the value of its body
    - `plays`: tells whether its page can be broken in a way, e.g. `repeat-cursor`
    """

    operation: str
    page: int | None
    query: Mapping[str, Sequence[str]]
    body: Json
    plays: Callable[[str], bool]


class Fault:
    """A script, the requests that it applies to, and how many of its steps have fired."""

    def __init__(self, fault_id: str, body: Mapping[str, Any], size: int) -> None:
        """Make a fault from a valid body of `addFault`, e.g. `{"script": [{"status": 503}]}`.

        `size` is what counts for the budget of faults, in bytes.
        """
        self.id = fault_id
        self._operation: str | None = body.get("operation")
        self._when: Mapping[str, Any] = body.get("when", {})
        self._page: int | None = self._when.get("page")
        self._script = [read_step(step) for step in body["script"]]
        self._repeat: int | str = body.get("repeat", 1)
        self._body = body
        self.size = size
        self.fired = 0

    @property
    def remaining(self) -> int | str:
        """Return the number of steps left, or FOREVER."""
        if self._repeat == FOREVER:
            return FOREVER
        return len(self._script) * int(self._repeat) - self.fired

    @property
    def is_spent(self) -> bool:
        """Tell whether no step is left."""
        return self.remaining == 0

    def matches(self, asked: Asked) -> bool:
        """Tell whether the fault applies to a request."""
        broken = self._script[self.fired % len(self._script)].page
        if broken is not None and not asked.plays(broken):
            return False
        if self._operation is not None and self._operation != asked.operation:
            return False
        if self._page is not None and self._page != asked.page:
            return False
        if "body" in self._when and not json_members.includes(asked.body, self._when["body"]):
            return False
        return includes_decoded(asked.query, self._when.get("query", {}))

    def take(self) -> Step:
        """Return the next step, which counts as fired; one must be left."""
        step = self._script[self.fired % len(self._script)]
        self.fired += 1
        return step

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the control API shows it."""
        progress = {"fired": self.fired, "remaining": self.remaining, "spent": self.is_spent}
        described = {key: self._body[key] for key in ("operation", "when") if key in self._body}
        script = {"script": self._body["script"], "repeat": self._repeat}
        return {"id": self.id, **described, **script, **progress}


class Faults:
    """The faults of an account, in the order in which they were registered."""

    def __init__(self) -> None:
        self._all: dict[str, Fault] = {}
        # By id, those with steps left. Kept as a dict of its own, since every request looks at it.
        self.live: dict[str, Fault] = {}
        self._registered = 0
        # The number of steps that have fired, of removed faults too.
        self.fired = 0
        # In bytes, as it counts for the budget of faults.
        self.size = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._all.values()))  # A copy: a worker thread may iterate.

    def prepare(self, body: Mapping[str, Any], size: int) -> Fault:
        """Return a fault with the next id, which `register` can add."""
        return Fault(f"fault-{self._registered + 1}", body, size)

    def register(self, fault: Fault) -> bool:
        """Add a prepared fault; return False, and add nothing, if another one has taken its id since."""
        if fault.id != f"fault-{self._registered + 1}":
            return False
        self._registered += 1
        self.size += fault.size
        self._all[fault.id] = self.live[fault.id] = fault
        return True

    def remove(self, fault_id: str) -> bool:
        """Remove a fault; return whether there was one."""
        self.live.pop(fault_id, None)
        fault = self._all.pop(fault_id, None)
        self.size -= 0 if fault is None else fault.size
        return fault is not None

    def take(self, asked: Asked) -> tuple[Fault, Step] | None:
        """Return the first fault that applies to a request, and its next step; None if none applies.

        The step counts as fired.
        """
        for fault in self.live.values():
            if fault.matches(asked):
                step = fault.take()
                self.fired += 1
                if fault.is_spent:
                    del self.live[fault.id]
                return fault, step
        return None


def read_step(script_step: Any) -> Step:
    """Return the step that a valid one of a script describes, e.g. `{"status": 503}`."""
    if script_step == PASS:
        return Step()
    delay, after = script_step.get("delay", 0), script_step.get("after", False)
    if "status" not in script_step:
        cut, page = script_step.get("cut"), script_step.get("page")
        return Step(delay=delay, cut=cut, page=page, after=after)
    headers = tuple(script_step.get("headers", {}).items())
    body = None
    if "body" in script_step and script_step["status"] not in WITHOUT_CONTENT:
        content_type, body = _body(script_step["body"])
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers = (("Content-Type", content_type), *headers)
    return Step(script_step["status"], headers, body, delay, after=after)


def _body(body: Any) -> tuple[str, bytes]:
    """Return a scripted body's Content-Type and bytes: a text as plain text, anything else as JSON."""
    if isinstance(body, str):
        return "text/plain; charset=utf-8", body.encode()
    return "application/json; charset=utf-8", json.dumps(body, ensure_ascii=False).encode()


def error_type(status: int) -> str:
    """Return the type of an error with this status, e.g. `serviceUnavailable` for 503."""
    try:
        first, *rest = HTTPStatus(status).phrase.replace("-", " ").replace("'", "").split()
    except ValueError:
        return "error"
    return first.lower() + "".join(word.capitalize() for word in rest)


def unfired_faults(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults with steps left; one that repeats for ever must have fired once only."""
    return [f for f in faults if not (f.is_spent or (f.remaining == FOREVER and f.fired))]
