"""Faults: what a suite has scripted to happen to requests, and how far each script has come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from mock_server.errors import Violation, did_you_mean, quote
from mock_server.formats.query_string import includes_decoded
from mock_server.openapi.operations import TOKEN

FOREVER = "forever"
PASS = "pass"  # noqa: S105

# RFC 9112: these say how a body is framed, which the server itself does.
_FRAMING = {"content-length", "transfer-encoding"}


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one request: at most one of status, cut and page, after a delay in seconds.

    `cut` is e.g. `reset`, `page` e.g. `repeat-cursor`. `body` is None for the usual body of the status.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    delay: float = 0
    cut: str | None = None
    page: str | None = None


class Fault:
    """A script, the requests that it is for, and how many of its steps have fired."""

    def __init__(self, fault_id: str, asked: Mapping[str, Any], size: int) -> None:
        """Take the body that asked for the fault, of `size` bytes, in which nothing is wrong."""
        when = asked.get("when", {})
        self.id = fault_id
        self._operation: str | None = asked.get("operation")
        self._page: int | None = when.get("page")
        self._query: Mapping[str, Any] = when.get("query", {})
        self._script = [_step(step) for step in asked["script"]]
        self._repeat: int | str = asked.get("repeat", 1)
        self._asked = asked
        self.size = size
        self.fired = 0

    @property
    def remaining(self) -> int | str:
        """Return how many steps are left, or FOREVER."""
        if self._repeat == FOREVER:
            return FOREVER
        return len(self._script) * int(self._repeat) - self.fired

    @property
    def spent(self) -> bool:
        """Tell whether no step is left."""
        return self.remaining == 0

    def matches(self, operation: str, page: int | None, sent: Mapping[str, Sequence[str]]) -> bool:
        """Tell whether the fault is for a request; `page` is None where that is unknown."""
        if self._operation is not None and self._operation != operation:
            return False
        if self._page is not None and self._page != page:
            return False
        return includes_decoded(sent, self._query)

    def take(self) -> Step:
        """Use up the next step; there must be one."""
        step = self._script[self.fired % len(self._script)]
        self.fired += 1
        return step

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the control API shows it."""
        progress = {"fired": self.fired, "remaining": self.remaining, "spent": self.spent}
        described = {key: self._asked[key] for key in ("operation", "when") if key in self._asked}
        script = {"script": self._asked["script"], "repeat": self._repeat}
        return {"id": self.id, **described, **script, **progress}


class Faults:
    """The faults of an account, in the order in which they were registered."""

    def __init__(self) -> None:
        self._all: dict[str, Fault] = {}
        # Those with steps left. A plain attribute, since every request looks at it.
        self.live: dict[str, Fault] = {}
        self._registered = 0
        # How many steps of all faults have fired, removed ones included.
        self.fired = 0
        # Bytes in memory.
        self.size = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._all.values()))  # At once, since the worker asks while they change.

    def prepare(self, asked: Mapping[str, Any], size: int) -> Fault:
        """Return the fault that would be registered next."""
        return Fault(f"fault-{self._registered + 1}", asked, size)

    def register(self, fault: Fault) -> bool:
        """Add a fault; return False if it is not the next one any more."""
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

    def take(
        self, operation: str, page: int | None, sent: Mapping[str, Sequence[str]]
    ) -> tuple[Fault, Step] | None:
        """Use up the next step of the first fault that a request matches; None if none does."""
        for fault in self.live.values():
            if fault.matches(operation, page, sent):
                step = fault.take()
                self.fired += 1
                if fault.spent:
                    del self.live[fault.id]
                return fault, step
        return None


def violations(asked: Any, lists: Mapping[str, bool]) -> Iterator[Violation]:
    """Yield what is wrong with the request for a fault that its schema in control.yaml can't say.

    `lists` says of each operation of the document whether it is a list.
    """
    operation = _member(asked, "operation", str)
    if operation is not None and operation not in lists:
        known = list(lists)
        message = f"the document has no operation {quote(operation)}{did_you_mean(operation, known)}"
        yield Violation("enum", f"{message}; send one of {', '.join(known)}, or none.", "/operation")
    for number, step in enumerate(_member(asked, "script", list) or ()):
        yield from _step_violations(step, f"/script/{number}", lists.get(operation or "", True))


def counts_pages(asked: Any) -> bool:
    """Tell whether a fault is asked for requests of a certain page."""
    return _member(_member(asked, "when", dict), "page", int) is not None


def _member(value: Any, name: str, kind: type[T]) -> T | None:
    member = value.get(name) if isinstance(value, dict) else None
    return member if isinstance(member, kind) else None


def _step_violations(step: Any, place: str, is_list: bool) -> Iterator[Violation]:
    if _member(step, "page", str) is not None and not is_list:
        message = f"{quote(step['page'])} is for pages, but the operation is no list; leave it out."
        yield Violation("notAList", message, f"{place}/page")
    headers = _member(step, "headers", dict) or {}
    for name, value in headers.items():
        first = next(other for other in headers if other.lower() == name.lower())
        if first != name:
            message = f"{quote(name)} is the same header as {quote(first)}; send one of them."
            yield Violation("repeated", message, f"{place}/headers/{_escaped(name)}")
        elif name.lower() in _FRAMING:
            message = f"{quote(name)} is set by the server; leave it out (a body is cut short by 'cut')."
            yield Violation("reserved", message, f"{place}/headers/{_escaped(name)}")
        elif isinstance(value, str) and not _is_header(name, value):
            sent = quote(f"{name}: {value}")
            message = f"{sent} is no header; send letters, digits and dashes, and Latin-1."
            yield Violation("pattern", message, f"{place}/headers/{_escaped(name)}")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _is_header(name: str, value: str) -> bool:
    printable = all(" " <= c <= "~" or "\xa0" <= c <= "\xff" for c in value)
    return TOKEN.fullmatch(name) is not None and printable


def _step(asked: Any) -> Step:
    if asked == PASS:
        return Step()
    if "status" not in asked:
        return Step(delay=asked.get("delay", 0), cut=asked.get("cut"), page=asked.get("page"))
    headers = tuple(asked.get("headers", {}).items())
    body = None
    if "body" in asked:
        content_type, body = _body(asked["body"])
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers = (("Content-Type", content_type), *headers)
    return Step(asked["status"], headers, body, asked.get("delay", 0))


def _body(body: Any) -> tuple[str, bytes]:
    """Return the content type and the bytes of a body: a text as it is, anything else as JSON."""
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


def unfired(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults with steps left; one that runs for ever counts as fired once it fired."""
    return [f for f in faults if not (f.spent or (f.remaining == FOREVER and f.fired))]
