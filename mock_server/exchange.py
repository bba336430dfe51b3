"""An exchange: one request on its way through the server, and what the journal will say of it."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Protocol

from mock_server.account import Account
from mock_server.coverage import Covered
from mock_server.errors import Unauthorized, Violation
from mock_server.journal import Entry
from mock_server.ledger import Ledger
from mock_server.scripts import Step
from mock_server.validation import Arguments
from mock_server.walks import Attempt, Given, ListRequest, Walks

# Where in the ASGI scope the exchange of a request is.
EXCHANGE = "mock_server.exchange"

# Where in the extensions of the ASGI scope the connection of a request is.
CONNECTION = "mock_server.connection"


class Connection(Protocol):
    """What a scripted fault can do to the connection of a request."""

    @property
    def is_abandoned(self) -> bool:
        """Whether the client sends no more, and so has left unless it waits for this one answer."""
        ...

    @property
    def is_interrupted(self) -> bool:
        """Whether the client has left or the server is told to stop, so that no pause lasts."""
        ...

    def reset(self) -> None:
        """End it with a reset."""
        ...

    def hang_up(self) -> None:
        """End it behind what was written."""
        ...

    def leave_out_date(self) -> None:
        """Send no Date header with the answer but one that it has itself."""
        ...

    async def pause(self, seconds: float, *, until_abandoned: bool = False) -> None:
        """Wait, but no longer than the client stays and the server is not told to stop."""
        ...


class Exchange:
    """A request, from the first wrapper to the last.

    `client_id` is None and `refusal` says why where the credentials are not valid. `account` is the one
    that the request acts on. `entry` is None for what is not journaled. `wait` is what the rate limit
    says of the request: None if it passes, else seconds.
    """

    __slots__ = (
        "_delayed", "_walks", "account", "arguments", "attempt", "began", "client_id", "connection",
        "covered", "entry", "fault", "given", "journaled", "lap", "ledger", "place", "refusal", "step",
        "version", "wait",
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
        self.ledger = Ledger()
        self.covered: Covered = {}
        self.wait: int | None = None
        # What a scripted fault does to it: which one, its step, and the how-manieth that is.
        self.fault = ""
        self.step = Step()
        self.lap = 0
        self._delayed = False
        # What a valid request asks for, what a page gave, and whether that was the first and the last.
        self.arguments: Arguments | None = None
        self.given: Given | None = None
        self.place: tuple[bool, bool] | None = None
        self.version: str | None = None
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

    def join(self, request: ListRequest) -> None:
        """Take part in a walk, if the journal is kept."""
        if self.entry is None or self.journaled is None or not self.entry.is_kept:
            return
        self._walks = self.journaled.journal.walks
        self.attempt = self.entry.attempt = self._walks.join(request)
        self.attempt.walk.last_request = self.entry.id
        self.attempt.watch(self._left)
        if request.filters:
            self.journaled.journal.weigh(self.entry)

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
            self.journaled.journal.weigh(self.entry)

    def close(self, status: int | None, operation: str | None) -> bool:
        """Journal how the request ended; a second time changes nothing, and gives False."""
        entry = self.entry
        if entry is None or entry.duration is not None:
            return False
        entry.duration = perf_counter() - self.began
        entry.status = status
        entry.operation = operation
        if self.attempt is not None and self._walks is not None:
            self.attempt.walk.is_disturbed |= self.step.page is not None
            # Who left during a delay has not seen the page, and may ask again.
            if status == 200 and self.given is not None and self.step.cut is None and not self._left():
                self._walks.serve(self.attempt, self.given)
            else:
                self._walks.fail(self.attempt)
        return True
