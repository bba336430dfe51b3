"""An exchange: one request on its way through the server, and what the journal will say of it."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

from mock_server.errors import Unauthorized, Violation
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import EXPIRED_CURSOR
from mock_server.openapi.request_validation import Arguments
from mock_server.sandbox.account import Account
from mock_server.sandbox.coverage_points import Covered, Point
from mock_server.sandbox.faults import Step
from mock_server.sandbox.journal import Entry
from mock_server.sandbox.violation_log import VIOLATION, WARNING, Ledger
from mock_server.sandbox.walks import Attempt, Given, ListRequest, Walks
from mock_server.server.access_log import request_target
from mock_server.server.connection import Connection
from mock_server.verdict import client_warnings

# Where in the ASGI scope the exchange of a request is.
EXCHANGE = "mock_server.exchange"


class ValidRequest(NamedTuple):
    """What a request asks for that validation let pass; `listed` is None where that is no list.

    `warnings` are about the request alone, whatever walk it is a part of.
    """

    operation: Operation
    arguments: Arguments
    listed: ListRequest | None
    warnings: tuple[Violation, ...]


class Tally(NamedTuple):
    """What a request counts for: its operation's id, None where it met none, and what it covers."""

    operation: str | None
    points: tuple[Point, ...]


# Nothing happens to a request.
UNSCRIPTED = Step()


class Exchange:
    """A request, from the first wrapper to the last.

    `client_id` is None and `refusal` says why where the credentials are not valid. `account` is the one
    that the request acts on. `entry` is None for what is not journaled. `wait` is what the rate limit
    says of the request: None if it passes, else seconds. `valid`, `given`, `place`, `page` (the body
    of a list's answer, before it is made the account's own) and `tally` become known on the way.
    """

    __slots__ = (
        "_delayed", "_walks", "account", "attempt", "began", "client_id", "connection", "covered",
        "entry", "fault", "given", "journaled", "lap", "ledger", "page", "place", "refusal", "step",
        "tally", "valid", "wait",
    )  # fmt: skip

    def __init__(
        self,
        account: Account | None,
        client_id: str | None,
        refusal: Unauthorized | None,
        connection: Connection,
    ) -> None:
        self.began = perf_counter()
        self.account = account
        self.client_id = client_id
        self.refusal = refusal
        self.connection = connection
        self.journaled: Account | None = None
        self.entry: Entry | None = None
        self.ledger: Ledger | None = None
        self.covered: Covered | None = None
        self.wait: int | None = None
        # What a scripted fault does to it: which one, its step, and the how-manieth that is.
        self.fault = ""
        self.step = UNSCRIPTED
        self.lap = 0
        self._delayed = False
        self.valid: ValidRequest | None = None
        # What a page gave, and whether that was the first and the last.
        self.given: Given | None = None
        self.place: tuple[bool, bool] | None = None
        self.page: bytes | None = None
        self.tally: Tally | None = None
        self.attempt: Attempt | None = None
        self._walks: Walks | None = None

    @property
    def acting(self) -> Account:
        """The account; there is one behind security and the gate."""
        if self.account is None:
            raise LookupError("security lets nobody pass without an account")
        return self.account

    def open(self, journaled: Account, entry: Entry) -> None:
        self.journaled, self.entry = journaled, entry
        # Those of now: what is reset meanwhile begins without this request.
        self.ledger, self.covered = journaled.journal.ledger, journaled.journal.covered
        journaled.journal.add(entry)

    def proceed(self, valid: ValidRequest) -> None:
        """Let a valid request take part in its walk, and journal what is odd about it."""
        self.valid = valid
        if valid.listed is not None:
            self._join(valid.listed)
        violations, warnings = valid.arguments.violations, valid.warnings
        if self.attempt is not None:
            warnings = (
                *warnings,
                *client_warnings.of_walk(valid.operation, self.attempt, valid.arguments),
            )
        self.blame(violations, warnings)

    def _join(self, request: ListRequest) -> None:
        if self.entry is None or self.journaled is None or not self.entry.is_kept:
            return
        self._walks = self.journaled.journal.walks
        self.attempt = self.entry.attempt = self._walks.join(request)
        self.attempt.walk.last_request = self.entry.id
        self.attempt.watch(self._left)
        if request.filters:
            self.journaled.journal.grow(self.entry, request.size)

    def meet(self, fault: str, step: Step, lap: int = 0) -> None:
        """From now on, this is what happens to it."""
        self.fault, self.step, self.lap = fault, step, lap
        if any(name.lower() == "date" for name, _ in step.headers):
            self.connection.leave_out_date()
        if self.entry is not None:
            self.entry.fault = fault

    async def wait_for(self, seconds: float) -> None:
        self._delayed = True
        await self.connection.pause(seconds)

    def _left(self) -> bool:
        return self._delayed and self.connection.is_abandoned

    def blame(self, violations: Sequence[Violation] = (), warnings: Sequence[Violation] = ()) -> None:
        """Journal what is wrong with the request, beside what was so far."""
        if self.entry is not None and self.journaled is not None and (violations or warnings):
            self.entry.violations = [*self.entry.violations, *violations]
            self.entry.warnings = [*self.entry.warnings, *warnings]
            said = sum([len(each.message) + 200 for each in (*violations, *warnings)])
            self.journaled.journal.grow(self.entry, said)

    @property
    def is_open(self) -> bool:
        """Whether it is journaled, and has not ended yet."""
        return self.entry is not None and self.entry.duration is None

    def close(self, status: int | None, tally: Tally) -> None:
        """Journal how the request ended, and what it counts for."""
        entry = self.entry
        if entry is None or self.ledger is None or self.covered is None:
            return
        self.tally = tally
        entry.duration = perf_counter() - self.began
        entry.status = status
        entry.operation = tally.operation
        self._close_attempt(status)
        if entry.violations or entry.warnings:
            _enter(entry, self.ledger)
        for point in tally.points:
            self.covered.setdefault(point, entry.id)

    def _close_attempt(self, status: int | None) -> None:
        if self.attempt is None or self._walks is None:
            return
        self.attempt.walk.is_disturbed |= self.step.page is not None
        # Who left during a delay has not seen the page, and may ask again.
        if status == 200 and self.given is not None and self.step.cut is None and not self._left():
            self._walks.serve(self.attempt, self.given)
        else:
            self._walks.fail(self.attempt)


def _enter(entry: Entry, ledger: Ledger) -> None:
    example = f"{entry.method} {request_target(entry.path, entry.query)}"
    # Who follows a cursor that a script has spoilt does what is right.
    violations = [v for v in entry.violations if v.code != EXPIRED_CURSOR]
    ledger.enter(VIOLATION, violations, entry.operation, entry.id, example)
    ledger.enter(WARNING, entry.warnings, entry.operation, entry.id, example)
