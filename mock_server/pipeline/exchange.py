"""An exchange: a request and its outcome, as the wrappers of a pipeline fill them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mock_server.data.changes import Change
from mock_server.data.collection import Collection
from mock_server.errors import Unauthorized, Violation
from mock_server.formats.headers import HeaderBlock
from mock_server.openapi.body_secrets import NO_SECRETS, BodySecrets
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_body import NOT_SENT, SentBody
from mock_server.openapi.request_validation import Arguments
from mock_server.sandbox.account import Account, OperationRate
from mock_server.sandbox.chaos import Trouble
from mock_server.sandbox.coverage_points import Covered, Point
from mock_server.sandbox.faults import Step
from mock_server.sandbox.journal import Entry, Journal
from mock_server.sandbox.rate_limit import Quota
from mock_server.sandbox.violation_log import ViolationLog
from mock_server.sandbox.walk import Attempt, ListRequest, PageGiven
from mock_server.sandbox.walks import Walks
from mock_server.server.asgi import Scope
from mock_server.server.connection import Connection
from mock_server.verdict.coverage import Coverable

# The key of the ASGI scope that holds the exchange of a request.
EXCHANGE = "mock_server.exchange"

# Finds the rate limit of the operation that a request asks for; None for that of the account.
RateOf = Callable[[Scope], OperationRate | None]


class Meaning(NamedTuple):
    """What a valid request asks for; `listed` is None where it does not read a list.

    `warnings` are those that do not depend on the walk that the request belongs to.
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
    """A request: what was sent, by whom, and what it means.

    - `began`: when the first wrapper got it, in seconds by `perf_counter`
    - `client_id`: None where the credentials are not valid; `refusal` is the reason then
    - `pinned`: the version that applies where it names none, None for the newest
    - `challenge`: that of a 401, None for none
    - `account`: the account that it acts on, None without valid credentials, and where there is none
    - `acting_account`: the same account, or what a new one would be; always set for a handler
    - `number`: which of the account's requests it is, from 1; 0 for a call of the control API
    - `quota`: what the rate limit leaves to the account with this request, None without a limit
    - `sent_body`: the body as it was read before validation
    - `operation`, `arguments`: what validation found
    - `meaning`: what walk tracking found
    - `matching`: the positions that match the filters, None where no warning has needed them
    - `is_delayed`: whether it was made to wait, so that its client may have left meanwhile
    """

    began: float
    connection: Connection
    headers: HeaderBlock
    client_id: str | None = None
    refusal: Unauthorized | None = None
    pinned: str | None = None
    challenge: str | None = None
    account: Account | None = None
    acting_account: Account = field(init=False)
    number: int = 0
    quota: Quota | None = None
    body: bytes = b""
    sent_body: SentBody = NOT_SENT
    operation: Operation | None = None
    arguments: Arguments | None = None
    meaning: Meaning | None = None
    matching: Matching | None = None
    is_delayed: bool = False

    async def delay(self, seconds: float) -> None:
        """Wait, at most until the client leaves or the server is told to stop."""
        self.is_delayed = True
        await self.connection.pause(seconds)

    def has_left(self) -> bool:
        """Tell whether the client has left during a delay."""
        return self.is_delayed and self.connection.is_abandoned


class Tally(NamedTuple):
    """What a request counts for: its operation's id, None if no route matched, and points it covers."""

    operation: str | None
    points: tuple[Point, ...]


# The step of a request to which no fault applies.
UNSCRIPTED = Step()


@dataclass(slots=True)
class Outcome:
    """The outcome of a request.

    - `status`: None until the answer begins
    - `fault`: the id of the fault that applies, empty for none; `step` is its step
    - `trouble`: what chaos does, None for nothing
    - `fired_before`: how many steps of the account's faults fired before
    - `page_given`, `is_first`, `is_last`, `page_body`: about a fresh page of a list, else None; the
      body has placeholders for the account's id
    - `change`: what it changed in the account's records, None for nothing
    - `tally`: what the request counts for, None until it has ended
    - `secrets`: what is secret of its bodies, NO_SECRETS until its answer begins
    """

    status: int | None = None
    fault: str = ""
    step: Step = UNSCRIPTED
    trouble: Trouble | None = None
    fired_before: int = 0
    page_given: PageGiven | None = None
    is_first: bool | None = None
    is_last: bool | None = None
    page_body: bytes | None = None
    change: Change | None = None
    tally: Tally | None = None
    secrets: BodySecrets = NO_SECRETS


@dataclass(slots=True)
class Recording:
    """Where a request is recorded: its entry, its journal, and that journal's parts when it came.

    If the journal is cleared while the request is under way, the request counts in the old parts.
    """

    entry: Entry
    journal: Journal
    violation_log: ViolationLog
    covered: Covered
    attempt: Attempt | None = None
    walks: Walks | None = None


class Facts(NamedTuple):
    """What the recorder has to know of operations, by their route names.

    What is secret of requests that no operation takes has an empty name. `rate_of` finds the rate limit
    of the operation asked for, None where none has one of its own.
    """

    coverables: Mapping[str, Coverable]
    secrets: Mapping[str, BodySecrets]
    rate_of: RateOf | None = None


@dataclass(slots=True)
class Exchange:
    """A request and its outcome; `record` is None for a call of the control API.

    `facts` are those of the older version that the request asks for, None for the newest.
    """

    request: Request
    record: Recording | None = None
    outcome: Outcome = field(default_factory=Outcome)
    facts: Facts | None = None
