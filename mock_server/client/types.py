"""The shapes of what the control API answers: requests, walks and faults, as typed dicts."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class WalkStep(TypedDict):
    """What a list request was in its walk.

    `page` is the number of its page, from 1, or None where the journal dropped the walk's beginning;
    `items` counts the records of its page, None without one. `end`: its page was the last in its
    direction. `failed`: it got no page. `repeat`: the walk had asked for its page before. `retry`: it
    asked again for a page that had failed. `backward`: it went to a previous page. `filtersChanged`:
    the walk began with other filters. `skips`: the walk has by now not asked for the page before, as its
    number tells.
    """

    page: int | None
    items: int | None
    end: bool
    failed: bool
    repeat: bool
    retry: bool
    backward: bool
    filtersChanged: bool
    skips: bool


class Trouble(TypedDict):
    """What chaos did to the account's nth request, e.g. `{"n": 12, "fault": "503"}`."""

    n: int
    fault: str


class Change(TypedDict):
    """What a request changed, e.g. `{"kind": "created", "collection": "invoices", "id": "f3b6"}`.

    `kind` is `created`, `updated`, `removed` or `acted`, and `id` None where the records have none.
    """

    kind: str
    collection: str
    id: str | None


class Request(TypedDict):
    """A request in the journal, and how it was answered.

    - `id`: what the response's header `X-Mock-Request-Id` said, e.g. `"7"`
    - `time`: by the wall clock, in RFC 3339, e.g. `"2026-01-01T00:00:00.500+00:00"`
    - `method`, `path`: e.g. `"GET"`, `"/api/usage-metrics"`
    - `query`: as it was sent, without `?`, e.g. `"limit=5&name=API%20calls"`; empty for none
    - `headers`: by their names in lower case; credentials are redacted
    - `body`: what was sent, e.g. `{"name": "Acme"}`: parsed JSON where it was such, else a text; None
      for none, and where memory was needed for newer ones
    - `bodySize`: the bytes of the body that was sent, 0 for none
    - `operation`: its id in the document, e.g. `"getUsageMetrics"`; None where no operation matched
    - `status`: e.g. `200`; None until there is one, and where the connection was reset before one
    - `durationMs`: in milliseconds, None until the request has ended
    - `violations`, `warnings`: its mistakes, e.g. `[{"code": "range", "message": "…", "key": "limit"}]`
    - `fault`: the id of the fault that was applied, `"prefer"` for the header of that name, or
      `"chaos"`; or None
    - `after`: whether it met the fault when it had been carried out, so that its change was made
    - `chaos`: what the account's chaos did, e.g. `{"n": 12, "fault": "503"}`; or None
    - `change`: what it changed in the account's records; None for nothing
    - `idempotent`: the id of the request whose answer it got again for the same idempotency key,
      None for all others
    - `walk`: the id of its walk, and `step`: what it was in it; both None outside walks
    """

    id: str
    time: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    bodySize: int
    operation: str | None
    status: int | None
    durationMs: float | None
    violations: list[dict[str, str]]
    warnings: list[dict[str, str]]
    fault: str | None
    after: bool
    chaos: Trouble | None
    change: Change | None
    idempotent: str | None
    walk: str | None
    step: WalkStep | None


class RequestList(TypedDict):
    """The requests that were asked for, newest last.

    `recorded` and `dropped` count all requests since the journal was last emptied, and those of them
    that it no longer has.
    """

    items: list[Request]
    recorded: int
    dropped: int


class AccountUse(TypedDict):
    """An account that got requests.

    `account` is its client id, or `anonymous` for requests without a valid one; `recorded` is how many
    came, and `last` the newest, None where the journal has dropped it.
    """

    account: str
    recorded: int
    last: Request | None


class Mistakes(TypedDict):
    """Violations or warnings of the same kind, operation, key and code.

    - `kind`: `"violation"` or `"warning"`, and `operation`: an id, or None
    - `code`, `message`, `key`: those of the first one
    - `count`: how many there are; `first`, `last`: the ids of their requests
    - `example`: the first request, e.g. `"GET /api/usage-metrics?limit=500"`
    """

    kind: str
    operation: str | None
    code: str
    message: str
    key: str
    count: int
    first: str
    last: str
    example: str


class Walk(TypedDict):
    """A walk through the pages of a list: a request for its first page, and all that followed from it.

    A number is `"incomplete"` where the journal dropped requests that it depends on.

    - `id`: e.g. `"walk-1"`, and `operation`: e.g. `"getUsageMetrics"`
    - `filters`: those of its first request, decoded, e.g. `{"aggregationType": "SUM"}`
    - `pages`, `items`: how many pages it got, and how many records they had together
    - `complete`: whether it reached the end in its direction, by numbers with every page before it
    - `repeatedCursors`: how many pages were asked for again; a retry of a failed page is none
    - `filtersConstant`: whether all its requests had the same filters
    - `backward`: whether at least one request went to a previous page
    - `gapless`: whether it left out no page before its last one; only numbers tell that it did
    """

    id: str
    operation: str
    filters: dict[str, str]
    pages: int | Literal["incomplete"]
    items: int | Literal["incomplete"]
    complete: bool
    repeatedCursors: int | Literal["incomplete"]
    filtersConstant: bool
    backward: bool
    gapless: bool


class Fault(TypedDict):
    """A scripted fault, and how much of it is used up.

    - `id`: as `Sandbox.fail` returned it, e.g. `"fault-1"`
    - `operation`, `when`: which requests it is for, e.g. `{"page": 3}`; absent if they were not given
    - `script`: its steps, as they were given to `Sandbox.fail`
    - `repeat`: how many times the script runs, or `"forever"`
    - `fired`, `remaining`: how many steps were used up, and how many are left, or `"forever"`
    - `spent`: whether no step is left
    """

    id: str
    operation: NotRequired[str]
    when: NotRequired[dict[str, Any]]
    script: list[Any]
    repeat: int | Literal["forever"]
    fired: int
    remaining: int | Literal["forever"]
    spent: bool


class Chaos(TypedDict):
    """The chaos of an account.

    - `seed`, `rate`, `faults`: as they were given to `Sandbox.chaos`; without chaos the rate is 0
    - `requests`: how many requests came since the account was made or reset
    - `fired`: how many had trouble since the chaos was set
    """

    seed: int
    rate: float
    faults: list[Any]
    requests: int
    fired: int
