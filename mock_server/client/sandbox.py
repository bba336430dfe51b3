"""The client: a suite's handle on one account of a running server."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

import httpx

from mock_server.client.control_api import Remote, SandboxError, segment, wait_until_healthy
from mock_server.formats import query_string
from mock_server.settings import FAIL_ON

__all__ = [
    "Fault",
    "NoReport",
    "Request",
    "Sandbox",
    "SandboxError",
    "Walk",
    "report_of",
    "wait_until_healthy",
]

# What a report is of, instead of an account: all of them, or what came without a valid one.
ALL, ANONYMOUS = "*", "anonymous"

# How many requests a failed assertion shows.
NEAREST = 10


class Request(TypedDict):
    """An entry of the journal.

    `time` is the wall clock's, in RFC 3339; `query` is as it was sent; `status` and `durationMs` are
    None while there is none yet. `fault` and `walk` are ids.
    """

    id: str
    time: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    operation: str | None
    status: int | None
    durationMs: float | None
    violations: list[dict[str, str]]
    warnings: list[dict[str, str]]
    fault: str | None
    walk: str | None


class Walk(TypedDict):
    """A walk through pages; a number is `incomplete` where the journal dropped what it depends on."""

    id: str
    operation: str
    filters: dict[str, str]
    pages: int | str
    items: int | str
    complete: bool
    repeatedCursors: int | str
    filtersConstant: bool
    backward: bool


class Fault(TypedDict, total=False):
    """A script, with how many of its steps have fired and how many remain (or `forever`)."""

    id: str
    operation: str
    when: dict[str, Any]
    script: list[Any]
    repeat: int | str
    fired: int
    remaining: int | str
    spent: bool


class NoReport(Exception):
    """A server's report can't be had; the message says why."""


def report_of(
    url: str,
    credentials: str | None = None,
    account: str | None = None,
    fail_on: Collection[str] = FAIL_ON,
    fail_under: float | None = None,
) -> dict[str, Any]:
    """The report of the server at a root, as `Sandbox.report` gives it; raises NoReport.

    `credentials` are `id:secret`. Without any, the report is that of all accounts.
    """
    # Every server has this account, which asking makes no difference to.
    client_id, _, secret = (credentials or f"{ANONYMOUS}:").partition(":")
    account = account or (None if credentials else ALL)
    try:
        wait_until_healthy(url, 0)
        return Sandbox(url, client_id, secret).report(account, fail_on, fail_under)
    except (SandboxError, TimeoutError, ValueError, httpx.TransportError) as error:
        problem = str(error)
        if isinstance(error, SandboxError) and error.status == 401:
            problem = f"the mock server at {url} accepts only the credentials that it was started with"
    raise NoReport(problem)


class Sandbox:
    """One account of a running server, named by its client id.

    `collection=None` means the document's only one. Every call may raise SandboxError, or
    `httpx.TransportError` where there is no server. Assertions raise AssertionError, and show the
    requests that did come.
    """

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        """`url` is the server's root, e.g. `http://127.0.0.1:8080`."""
        self.url = url.rstrip("/")
        self.client_id = client_id
        self.client_secret = client_secret
        self._remote = Remote(url, client_id, client_secret)
        self._health: dict[str, Any] | None = None

    @property
    def auth(self) -> tuple[str, str]:
        """The credentials, as requests and httpx take them."""
        return self.client_id, self.client_secret

    @property
    def base_url(self) -> str:
        """What the client under test is pointed at, e.g. `http://127.0.0.1:8080/api`."""
        return f"{self.url}{self._described['basePath']}"

    # Data

    def load(self, items: Sequence[Mapping[str, Any]], collection: str | None = None) -> None:
        """Replace all records; those that lack an id, an account or a time are given them."""
        self._remote.call("PUT", self._place(collection), {"items": list(items)})

    def add(self, items: Sequence[Mapping[str, Any]], collection: str | None = None) -> None:
        """Add records in front, in the order given."""
        self._remote.call("POST", self._place(collection), {"items": list(items)})

    def generate(self, count: int, seed: int = 0, collection: str | None = None) -> None:
        """Replace all records by generated ones, the same for the same seed."""
        self._remote.call("POST", f"{self._place(collection)}/generate", {"count": count, "seed": seed})

    def remove(self, id: str, collection: str | None = None) -> None:  # noqa: A002
        """Remove the record with that id."""
        self._remote.call("DELETE", f"{self._place(collection)}/{segment(id)}")

    def records(self, collection: str | None = None) -> list[dict[str, Any]]:
        """All records as the account sees them."""
        params = {"limit": 1_000_000}
        found: list[dict[str, Any]] = self._remote.call("GET", self._place(collection), params=params)[
            "items"
        ]
        return found

    def reset(self) -> None:
        """Starting data, an empty journal, no faults, a running clock, a fresh rate limit."""
        self._remote.begin()
        self._remote.call("POST", "/reset")

    # Faults

    def fail(
        self,
        *steps: Mapping[str, Any] | str,
        operation: str | None = None,
        page: int | None = None,
        query: Mapping[str, Any] | None = None,
        repeat: int | str = 1,
    ) -> str:
        """Script what happens to the next requests that match, a step for each; gives the fault's id.

        `page` is the number of a page within a walk; `query` are parameters that the request must have.
        `repeat` is how often the script runs, or `"forever"`.
        """
        when = {"page": page, "query": None if query is None else dict(query)}
        asked = {
            "operation": operation,
            "when": {key: value for key, value in when.items() if value is not None} or None,
            "script": list(steps),
            "repeat": repeat,
        }
        wanted = {key: value for key, value in asked.items() if value is not None}
        return str(self._remote.call("POST", "/faults", wanted)["id"])

    def faults(self) -> list[Fault]:
        """The faults in the order in which they were registered."""
        found: list[Fault] = self._remote.call("GET", "/faults")["items"]
        return found

    def remove_fault(self, id: str) -> None:  # noqa: A002
        """Remove the fault with that id."""
        self._remote.call("DELETE", f"/faults/{segment(id)}")

    # What came

    def requests(
        self,
        *,
        operation: str | None = None,
        status: int | None = None,
        limit: int | None = None,
        account: str | None = None,
    ) -> list[Request]:
        """The journal's requests, newest last; `limit` leaves the newest so many.

        `account="anonymous"` gives those that came without a valid account.
        """
        asked = {"operation": operation, "status": status, "limit": limit, "account": account}
        found: list[Request] = self._journal(asked)["items"]
        return found

    def walks(self) -> list[Walk]:
        """The list requests as walks through pages, in the order in which they began."""
        found: list[Walk] = self._remote.call("GET", "/walks")["items"]
        return found

    def clear_requests(self) -> None:
        """Empty the journal."""
        self._remote.call("DELETE", "/requests")

    def report(
        self,
        account: str | None = None,
        fail_on: Collection[str] = FAIL_ON,
        fail_under: float | None = None,
    ) -> dict[str, Any]:
        """The verdict with its reasons, mistakes, unfired faults and coverage: control.yaml's Report.

        It is this account's, or with `account="*"` that of all, or with `account="anonymous"` that of
        the requests without a valid one. It fails on any of `"violations"`, `"warnings"` and
        `"unfired"` that `fail_on` holds, and on a coverage below `fail_under` percent.
        """
        asked = {"account": account, "failOn": ",".join(fail_on), "failUnder": fail_under}
        wanted = {key: value for key, value in asked.items() if value is not None}
        found: dict[str, Any] = self._remote.call("GET", "/report", params=wanted)
        return found

    # The clock

    def advance(self, seconds: float) -> None:
        """Let time pass for the rate limit and for records that are added."""
        self._remote.call("PUT", "/clock", {"advance": seconds})

    def freeze(self, at: datetime | str) -> None:
        """Stop the clock at a moment: a datetime with a time zone, or a text of RFC 3339."""
        if isinstance(at, datetime) and at.tzinfo is None:
            raise ValueError(f"{at!r} has no time zone, and so is another moment on another machine")
        self._remote.call("PUT", "/clock", {"now": at if isinstance(at, str) else at.isoformat()})

    def unfreeze(self) -> None:
        """Let the clock run on from where it stands."""
        self._remote.call("PUT", "/clock", {"frozen": False})

    # Assertions

    def assert_called(
        self,
        times: int | None = None,
        operation: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> None:
        """So many requests came, or at least one; `query` are parameters that they must have."""
        __tracebackhide__ = True
        journal = self._journal({"operation": operation})
        nearest = self._nearest(operation, query)
        self._require_same_account()
        came: list[Request] = journal["items"]
        found = [entry for entry in came if query_string.includes(_sent(entry), query or {})]
        if times is None and found:
            return
        _require_all(journal)
        if times is not None and len(found) == times:
            return
        wanted = "at least one request" if times is None else _count(times, "request")
        which = f" of {operation}" if operation else ""
        having = f" with {dict(query)}" if query else ""
        raise AssertionError(f"expected {wanted}{which}{having}, but {len(found)} came; {nearest}")

    def assert_walked(self, complete: bool | None = True, repeats: bool | None = False) -> None:
        """The client walked through pages: some walk reached its end, and none asked for a page twice.

        `complete=False` asserts that no walk reached its end, `repeats=True` that some walk repeated a
        cursor; None leaves either out.
        """
        __tracebackhide__ = True
        journal, walks, nearest = self._journal({}), self.walks(), self._nearest()
        self._require_same_account()
        _require_all(journal)
        if not walks:
            raise AssertionError(f"expected a walk, but no list was asked for; {nearest}")
        shown = "\n".join(["the walks were:", *(f"  {walk}" for walk in walks), nearest])
        if complete is not None and any(walk["complete"] for walk in walks) is not complete:
            raise AssertionError(f"expected {'a' if complete else 'no'} walk to the end; {shown}")
        repeating = any(walk["repeatedCursors"] for walk in walks)
        if repeats is not None and repeating is not repeats:
            raise AssertionError(f"expected {'a' if repeats else 'no'} repeated cursor; {shown}")

    def assert_faults_fired(self) -> None:
        """No fault has steps left; one that runs forever has fired."""
        __tracebackhide__ = True
        faults, nearest = self.faults(), self._nearest()
        self._require_same_account()
        left = [fault for fault in faults if not _has_fired(fault)]
        if left:
            shown = "\n".join(f"  {fault}" for fault in left)
            raise AssertionError(f"no request met these faults:\n{shown}\n{nearest}")

    def _require_same_account(self) -> None:
        """To be called when all is known that is judged by."""
        __tracebackhide__ = True
        if self._remote.is_another:
            raise AssertionError(
                f"the account {self.client_id!r} is not the one that it was: the server was restarted, "
                "or has given the account up for others (raise --max-accounts), with all that it knew"
            )

    def _nearest(self, operation: str | None = None, query: Mapping[str, Any] | None = None) -> str:
        """The requests that came nearest to what was wanted, or else last, in words."""
        journal = self._journal({})
        if not journal["items"]:
            return "the journal has dropped all requests" if journal["dropped"] else "no request came"

        def nearness(entry: Request) -> tuple[int, bool]:
            sent = _sent(entry)
            alike = [
                name
                for name, value in (query or {}).items()
                if query_string.includes(sent, {name: value})
            ]
            is_wanted = operation is not None and entry["operation"] == operation
            return len(alike), is_wanted or (operation is None and entry["operation"] is not None)

        nearest = sorted(journal["items"], key=nearness)[-NEAREST:]
        return "\n".join(["the nearest requests were:", *map(_line, nearest)])

    # Calls

    def _place(self, collection: str | None) -> str:
        return f"/collections/{segment(collection or self._only_collection())}"

    def _only_collection(self) -> str:
        names = list(self._described["records"])
        if len(names) != 1:
            raise ValueError(f"the document has several collections; name one of {', '.join(names)}")
        return str(names[0])

    @property
    def _described(self) -> dict[str, Any]:
        if self._health is None:
            self._health = self._remote.health()
        return self._health

    def _journal(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {key: value for key, value in asked.items() if value is not None}
        journal: dict[str, Any] = self._remote.call("GET", "/requests", params=wanted)
        return journal


def _sent(entry: Request) -> query_string.Query:
    return query_string.parse(entry["query"].encode("latin-1"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)


def _line(entry: Request) -> str:
    query = f"?{entry['query']}" if entry["query"] else ""
    return f"  {entry['method']} {entry['path']}{query} -> {entry['status']}"


def _has_fired(fault: Fault) -> bool:
    return fault["spent"] or (fault["remaining"] == "forever" and fault["fired"] > 0)


def _require_all(journal: Mapping[str, Any]) -> None:
    __tracebackhide__ = True
    if journal["dropped"]:
        raise AssertionError(
            f"the journal has dropped {journal['dropped']} of {journal['recorded']} requests, "
            "so that nothing can be said of all of them; raise --journal-size or --max-journal"
        )
