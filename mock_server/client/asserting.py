"""The assertions of an account, each with the calls that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.client import assertions
from mock_server.client.control_api import ControlApi, given, to_json
from mock_server.client.scene import ANY, Scene, Wanted
from mock_server.client.types import AccountUse, Fault, Mistakes, RequestList, Walk
from mock_server.settings import CONTROL_PATH
from mock_server.shown_text import printable

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True


class Asserting:
    """What an account can assert; `Sandbox` has the calls that steer it.

    A message shows the nearest requests, best first, with what was wrong with them, which other accounts
    got requests if none came to this one, and a link that opens the account in the inspector.
    """

    url: str
    client_id: str
    _api: ControlApi

    def assert_called(
        self,
        times: int | None = None,
        operation: str | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> None:
        """Assert that so many requests came, or with None at least one.

        Only requests of `operation` count, by its id or as `"post /customers"`, and those with all
        parameters of `query`, compared decoded; a list stands for a repeated one. A request's body must
        have the members of `body`, and those within them, and may have others; None is any body. E.g.
        `assert_called(times=1, query={"limit": 5, "eventType": ["a", "b"]})`,
        `assert_called(operation="createCustomer", body={"address": {"city": "Oslo"}})`. Raises
        SandboxError for an operation, or a parameter's name, that the document does not have, with the
        nearest one that it has.
        """
        __tracebackhide__ = True
        wanted = Wanted(operation, query, body)
        found, scene = self._journal(wanted), self._scene()
        self._require_same_account()
        assertions.assert_called(found, scene, times, wanted)

    def assert_walked(self, complete: bool | None = True, repeats: bool | None = False) -> None:
        """Assert that some walk through pages reached its end, and that none asked for a page twice.

        `complete=False` asserts that no walk reached its end, `repeats=True` that some walk asked for a
        page twice, by a cursor, a number or else; None leaves either open. A retry of a page that failed
        does not count. Without any walk it fails.
        """
        __tracebackhide__ = True
        # The journal after the walks: what it has not dropped by then, they did not miss either.
        walks: list[Walk] = self._api.call("GET", "/walks")["items"]
        scene = self._scene()
        self._require_same_account()
        assertions.assert_walked(walks, scene, complete, repeats)

    def assert_faults_fired(self) -> None:
        """Assert that no fault has steps left; one that runs forever must have fired once."""
        __tracebackhide__ = True
        faults: list[Fault] = self._api.call("GET", "/faults")["items"]
        scene = self._scene()
        self._require_same_account()
        assertions.assert_faults_fired(faults, scene)

    def assert_no_violations(self, warnings: bool = False) -> None:
        """Assert that requests came, and that all were right: that no violation came.

        With `warnings=True`, no warning may have come either. The message lists each violation with its
        request and what to do. Without any request it fails, since nothing was right then.
        """
        __tracebackhide__ = True
        mistakes: list[Mistakes] = self._api.call("GET", "/violations")["items"]
        scene = self._scene()
        self._require_same_account()
        assertions.assert_no_violations(mistakes, scene, warnings=warnings)

    def _scene(self) -> Scene:
        return Scene(self._journal(), self.client_id, f"{self.url}{CONTROL_PATH}/", self._accounts)

    def _accounts(self) -> Sequence[AccountUse]:
        accounts: list[AccountUse] = self._api.call("GET", "/accounts")["items"]
        return accounts

    def _require_same_account(self) -> None:
        """Raise AssertionError if the account has changed since `reset`; call it after all others."""
        __tracebackhide__ = True
        if self._api.is_another:
            message = f"the account {self.client_id!r} is not the one that it was: {self._loss()}"
            raise AssertionError(message)

    def _loss(self) -> str:
        """Return why an account is another one, with all that it knew lost."""
        was, is_now = self._api.replicas
        if was != is_now:
            moved = printable(f"it was on replica {was} and is now on {is_now}", None)
            return f"{moved}, which knows nothing of what came before"
        return (
            "the server was restarted, or has given the account up for others (raise --max-accounts), "
            "with all that it knew"
        )

    def _journal(self, wanted: Wanted = ANY, **more: str | int | None) -> RequestList:
        texts = {
            "operation": wanted.operation,
            "query": None if wanted.query is None else to_json(dict(wanted.query)),
            "body": None if wanted.body is None else to_json(wanted.body),
            **more,
        }
        journal: RequestList = self._api.call("GET", "/requests", params=given(texts))
        return journal
