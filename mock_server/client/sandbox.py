"""One account of a running server: its data, faults, journal and clock, and assertions about it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from mock_server.client.asserting import Asserting
from mock_server.client.collections import Collections
from mock_server.client.control_api import ControlApi, given
from mock_server.client.credentials import BASIC, Carried, carry, holds_pair
from mock_server.client.faulting import Faulting
from mock_server.client.scene import Wanted, encode
from mock_server.client.types import Request, Walk
from mock_server.formats.tokens import shown_name
from mock_server.settings import CONTROL_PATH, FAIL_ON
from mock_server.trust import Ca

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


class Sandbox(Collections, Asserting, Faulting):
    """One account of a running server, named by its client id.

    No call is needed to make the account, and none that only asks makes it: it sees the starting data,
    and no other account sees what it changes. `collection` is a path of the document without the first
    slash, e.g. `"usage-metrics"`, or `"invoices/{id}/line-items"`, whatever the parameter is called, or
    of one parent `"invoices/f3b6/line-items"`; None means the document's only one, and raises ValueError
    where there are several.

    Every call raises SandboxError where the server refuses it, with all that is wrong, and
    TransportError where there is no server. Assertions raise AssertionError, with the requests
    that did come; also where the journal dropped requests that they would have to judge by, and where
    the account was given up, or the server restarted, since `reset`. Threads may share a Sandbox.

        account = Sandbox("http://127.0.0.1:8080", "nightly", "secret")
        account.reset()
        account.fail({"status": 503})
        call_the_code_under_test(account.base_url, account.auth)
        account.assert_called(times=2)
    """

    def __init__(
        self,
        url: str,
        client_id: str | None = None,
        client_secret: str = "",
        ca: Ca | None = None,
        *,
        token: str | None = None,
    ) -> None:
        """Take the server's root, e.g. `http://127.0.0.1:8080`, and the account's credentials.

        These are a client id and a secret, or a token or key where the document of the server asks for
        one: `Sandbox(url, token="sk_test")`. The token's account has as `client_id` the name under which
        the server shows it, e.g. `token-2cf24dba5fb0a30e`.

        `ca` is the file of the certificates to trust with `https://`, as `--tls-ca-out` writes it; None
        means those of the system. It is kept as `ca`, a text, for the client under test. Raises
        ValueError for what is no URL of a server, and no file of certificates, and for a client id and a
        token at once.
        """
        if (client_id is None) == (token is None):
            raise ValueError("give a client id and its secret, or a token in place of both")
        self.url = url.rstrip("/")
        self.token = token
        self.client_id = client_id or "" if token is None else shown_name(token)
        self.client_secret = client_secret if token is None else token
        self._api = ControlApi(url, self.client_id, self.client_secret, ca, token)
        self.ca = None if ca is None else os.fspath(ca)

    def __repr__(self) -> str:
        """Return the account and the page that shows it, without the secret."""
        place = f"{self.url}{CONTROL_PATH}/#requests?account={encode(self.client_id)}"
        return f"<Sandbox {self.client_id!r} at {place}>"

    @property
    def auth(self) -> tuple[str, str] | None:
        """The client id and secret, e.g. for `requests.get(url, auth=account.auth)`.

        Of a token's account, the token and an empty password, or None where the document takes no Basic.
        """
        if self.token is None:
            return self.client_id, self.client_secret
        return (self.token, "") if self._carried.takes_basic else None

    @property
    def headers(self) -> dict[str, str]:
        """The headers with the token or key that the document asks for, e.g. `{"X-Api-Key": "sk_test"}`.

        Empty where it asks for none beside `auth`. Where several places can hold the token, each has it.
        """
        return dict(self._carried.headers)

    @property
    def params(self) -> dict[str, str]:
        """The same in parameters of the query, e.g. `{"api_key": "sk_test"}`."""
        return dict(self._carried.params)

    @property
    def cookies(self) -> dict[str, str]:
        """The same in cookies, e.g. `{"session": "sk_test"}`."""
        return dict(self._carried.cookies)

    @property
    def base_url(self) -> str:
        """The URL for the client under test, e.g. `http://127.0.0.1:8080/api`."""
        return f"{self.url}{self._described['basePath']}"

    def reset(self) -> None:
        """Restore what a new account has: starting data, an empty journal, no faults, a running clock.

        Its rate limit is a full one, and its chaos that of the server, from its first request on.
        """
        self._api.forget_account()
        self._api.call("POST", "/reset")

    # What came

    def requests(  # noqa: PLR0913 -- each is a filter.
        self,
        *,
        operation: str | None = None,
        status: int | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        limit: int | None = None,
        account: str | None = None,
    ) -> list[Request]:
        """Return the journal's requests, newest last; `Request` explains their keys.

        Only those of `operation`, those answered with `status`, those with the parameters of `query` and
        the members of `body`, as `assert_called` takes them, and the newest `limit` of these; None
        leaves each open. `account="anonymous"` means those that came without a valid account. E.g.
        `[entry["query"] for entry in account.requests(status=400)]` may be `["limit=0"]`, and
        `account.requests(operation="createCustomer")[-1]["body"]` may be `{"name": "Acme"}`.
        """
        wanted = Wanted(operation, query, body)
        return self._journal(wanted, status=status, limit=limit, account=account)["items"]

    def walks(self) -> list[Walk]:
        """Return the walks through pages, in the order in which they began.

        E.g. `[{"id": "walk-1", "operation": "getUsageMetrics", "filters": {}, "pages": 3, "items": 100,
        "complete": True, "repeatedCursors": 0, "filtersConstant": True, "backward": False, "gapless":
        True}]`; `Walk` explains each key.
        """
        walks: list[Walk] = self._api.call("GET", "/walks")["items"]
        return walks

    def clear_requests(self) -> None:
        """Empty the journal, and with it the walks."""
        self._api.call("DELETE", "/requests")

    def report(
        self,
        account: str | None = None,
        fail_on: Collection[str] = FAIL_ON,
        fail_under: float | None = None,
        fail_under_all: float | None = None,
    ) -> dict[str, Any]:
        """Return the verdict with its reasons, all mistakes, the unfired faults and the coverage.

        It is that of this account, of all with `account="*"`, or of the requests without a valid one
        with `account="anonymous"`. It fails on any of `"violations"`, `"warnings"`, `"unfired"` and
        `"empty"` (no request came) that `fail_on` holds, as a collection or a text with commas, and
        on a coverage of the operations that were called below `fail_under` percent, e.g.
        `report(fail_under=80)`, or of all operations below `fail_under_all`:

        - `account`, `passed`, `failOn`, `failUnder`, `failUnderAll`: e.g. `"nightly"`, `False`,
          `["violations", "unfired", "empty"]`, `80`, `None`
        - `reasons`: why it failed, e.g. `["1 violation", "coverage of 40 % is below 80 %"]`
        - `requests`: how many came since the journal was emptied, e.g. `3`
        - `counts`: `{"violations": 1, "warnings": 0, "unfired": 0}`
        - `violations`, `warnings`: mistakes in groups, e.g. `[{"kind": "violation", "operation":
          "getUsageMetrics", "code": "range", "message": "…", "key": "limit", "count": 1, "first": "1",
          "last": "1", "example": "GET /api/usage-metrics?limit=500"}]`; `first` and `last` are requests
        - `unfiredFaults`: as `faults` returns them, each with its `account`
        - `coverage`: `{"percent": 40.0, "covered": 12, "total": 30, "called": {…}, "operations": […]}`;
          `called` has the same numbers of the operations that were called. An operation has `operation`,
          `called`, `percent`, `covered`, `total`, `groups`, `apart` (points that no client causes by
          itself); a group has `group`, the same numbers, and `points`; a point is `{"name": "limit",
          "covered": True, "request": "1"}`, with the first request that covered it or None
        """
        # A text is a collection of its letters.
        causes = [fail_on] if isinstance(fail_on, str) else fail_on
        least = {"failUnder": fail_under, "failUnderAll": fail_under_all}
        wanted = {"account": account, "failOn": ",".join(causes), **least}
        report: dict[str, Any] = self._api.report(given(wanted))
        return report

    # The clock

    def advance(self, seconds: float) -> None:
        """Move the clock forward, e.g. `advance(61)`, for the rate limit and records that are added."""
        self._api.call("PUT", "/clock", {"advance": seconds})

    def freeze(self, at: datetime | str) -> None:
        """Stop the clock at a moment: a datetime with a time zone, or a text of RFC 3339.

        E.g. `freeze("2026-01-01T00:00:00Z")`. Raises ValueError for a datetime without a time zone.
        """
        if isinstance(at, datetime) and at.tzinfo is None:
            raise ValueError(f"{at!r} has no time zone, and so is another moment on another machine")
        self._api.call("PUT", "/clock", {"now": at if isinstance(at, str) else at.isoformat()})

    def unfreeze(self) -> None:
        """Let the clock run on from where it stands."""
        self._api.call("PUT", "/clock", {"frozen": False})

    # Calls

    @property
    def _carried(self) -> Carried:
        # A pair beside which the document asks for a key takes any.
        text = self.client_id if self.token is None else self.token
        return carry(self._wanted, text, is_pair=self.token is None)

    @property
    def _takes_pair(self) -> bool:
        """Whether a client id and a secret name an account of the document, and no token has to."""
        return holds_pair(self._wanted)

    @property
    def _wanted(self) -> Sequence[Mapping[str, Any]]:
        wanted: Sequence[Mapping[str, Any]] = self._described.get("credentials", BASIC)
        return wanted
