"""An exchange: one request on its way through the server, and what came of it.

A request is understood step by step, each by one wrapper; then its outcome is known. Nothing here acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mock_server.data.collection import Collection
from mock_server.errors import Unauthorized, Violation
from mock_server.formats.headers import HeaderBlock
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_validation import Arguments
from mock_server.sandbox.account import Account
from mock_server.sandbox.coverage_points import Covered, Point
from mock_server.sandbox.faults import Step
from mock_server.sandbox.journal import Entry, Journal
from mock_server.sandbox.violation_log import ViolationLog
from mock_server.sandbox.walk import Attempt, ListRequest, PageGiven
from mock_server.sandbox.walks import Walks
from mock_server.server.connection import Connection

# Where in the ASGI scope the exchange of a request is.
EXCHANGE = "mock_server.exchange"


class Meaning(NamedTuple):
    """What a valid request asks for; `listed` is None where that is no list.

    `warnings` are about the request alone, whatever walk it is a part of.
    """

    operation: Operation
    arguments: Arguments
    listed: ListRequest | None
    warnings: tuple[Violation, ...]


class Matching(NamedTuple):
    """The positions that a list's filters find in a collection.

    They mean nothing in another version of the collection, which an edit may make during a delay.
    """

    collection: Collection
    positions: Sequence[int]


@dataclass(slots=True)
class Request:
    """What came, who sent it, and what it means.

    `began` is the moment of its first wrapper, in seconds. `client_id` is None where the credentials are
    not valid, and `refusal` says why. `account` is the account that it acts on, None without valid
    credentials; behind security and admission there is one, `acting`. `wait` is None where the rate
    limit lets it pass, else the seconds to wait. Validation finds the operation and the arguments, walk
    tracking the meaning and, where a warning needs them, the positions that match.
    """

    began: float
    connection: Connection
    headers: HeaderBlock
    client_id: str | None = None
    refusal: Unauthorized | None = None
    account: Account | None = None
    acting: Account = field(init=False)
    wait: int | None = None
    body: bytes = b""
    operation: Operation | None = None
    arguments: Arguments | None = None
    meaning: Meaning | None = None
    matching: Matching | None = None
    # Whether the request was made to wait, so that its client may have left meanwhile.
    is_delayed: bool = False

    async def delay(self, seconds: float) -> None:
        """Wait, but no longer than the client stays and the server is not told to stop."""
        self.is_delayed = True
        await self.connection.pause(seconds)

    def has_left(self) -> bool:
        """Tell whether the client has left while it was made to wait."""
        return self.is_delayed and self.connection.is_abandoned


class Tally(NamedTuple):
    """What a request counts for: its operation's id, None where it met none, and what it covers."""

    operation: str | None
    points: tuple[Point, ...]


# Nothing happens to a request.
UNSCRIPTED = Step()


@dataclass(slots=True)
class Outcome:
    """What came of a request.

    `status` is None until an answer begins. `fault` is the id of the fault that applies, empty for none,
    `step` its step, and `fired_before` how many steps of the account's faults fired before. Of a list,
    `given` is what the page gave, `is_first` and `is_last` where the page stands, and `page` the body
    with placeholders for the account's id. `tally` is what the request counts for.
    """

    status: int | None = None
    fault: str = ""
    step: Step = UNSCRIPTED
    fired_before: int = 0
    given: PageGiven | None = None
    is_first: bool | None = None
    is_last: bool | None = None
    page: bytes | None = None
    tally: Tally | None = None


@dataclass(slots=True)
class Record:
    """Where a request is recorded: its entry, the journal, and what that knew when the request came.

    A journal that is emptied meanwhile begins without the request, which still counts in the old log.
    """

    entry: Entry
    journal: Journal
    violation_log: ViolationLog
    covered: Covered
    attempt: Attempt | None = None
    walks: Walks | None = None


@dataclass(slots=True)
class Exchange:
    """A request and its outcome; `record` is None for a call of the control API."""

    request: Request
    record: Record | None = None
    outcome: Outcome = field(default_factory=Outcome)
