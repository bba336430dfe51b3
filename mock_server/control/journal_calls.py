"""Calls about the journal: list, show and clear the requests of an account, and list its walks.

Another call tells which accounts got requests at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import Call, Calls, no_content
from mock_server.control.wanted_query import unknown_names
from mock_server.errors import NotFound, Violation
from mock_server.formats import json
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.sandbox import journal, transcripts
from mock_server.sandbox.account import Account
from mock_server.sandbox.journal_entry import Entry
from mock_server.settings import ANONYMOUS
from mock_server.shown_text import did_you_mean, quote


def _list_requests(call: Call) -> dict[str, Any]:
    values = call.values
    # `account` has one possible value: the account of requests without valid credentials.
    account = call.context.sandbox.accounts.find(ANONYMOUS) if "account" in values else call.account
    if account is None:
        return {"items": [], "recorded": 0, "dropped": 0}
    entries = account.journal.newest(
        operation=values.get("operation"),
        status=values.get("status"),
        query=json.load(values.get("query", "{}")),
        limit=values.get("limit"),
    )
    items = journal.as_json(entries)
    return {"items": items, "recorded": account.journal.recorded, "dropped": account.journal.dropped}


def _check_operation(call: Call) -> Iterator[Violation]:
    """Yield a violation if the document has no operation of the id that was sent."""
    operation, known = call.values.get("operation"), list(call.context.page_faults)
    if operation is not None and operation not in known:
        message = (
            f"{quote(operation)} was sent for 'operation', which must be one of {', '.join(known)}"
            f"{did_you_mean(operation, known)}; send that, or leave it out."
        )
        yield Violation("enum", message, "operation")


def _check_requests(call: Call) -> Iterator[Violation]:
    """Yield the violations of `operation`, and of `query` as JSON and by the names that it holds."""
    yield from _check_operation(call)
    text = call.values.get("query")
    if not isinstance(text, str):
        return
    try:
        wanted = json.load(text)
    except json.Unreadable as unreadable:
        yield Violation("json", f"{unreadable.message}; {unreadable.remedy}.", "query")
        return
    if not isinstance(wanted, dict):
        yield Violation("type", 'it is no object; send one such as {"limit": 5}.', "query")
    operations = call.context.document.operations
    for violation in unknown_names(operations, call.values.get("operation"), wanted, ()):
        yield Violation(violation.code, violation.message, "query")


def _list_accounts(call: Call) -> dict[str, Any]:
    """Return the accounts that got requests, the one with the newest request first."""
    used = [account for account in call.context.sandbox.accounts if account.journal.recorded]
    used.sort(key=_newest, reverse=True)
    items = [_account_as_json(account) for account in used[: call.values["limit"]]]
    return {"items": items, "total": len(used)}


def _newest(account: Account) -> int:
    """Return the number of an account's newest request, 0 where the journal has dropped it."""
    entry = _last_entry(account)
    return 0 if entry is None else int(entry.id)


def _last_entry(account: Account) -> Entry | None:
    return next(reversed(account.journal.entries.copy()), None)


def _account_as_json(account: Account) -> dict[str, Any]:
    entry = _last_entry(account)
    last = None if entry is None else entry.with_body()
    return {"account": account.key, "recorded": account.journal.recorded, "last": last}


def _clear_requests(call: Call) -> Response:
    call.account.journal.clear()
    return no_content()


def _get_request(call: Call) -> dict[str, Any]:
    entry_id = call.values["id"]
    entry = call.account.journal.find(entry_id)
    if entry is None:
        message = f"The journal of this account has no request {quote(entry_id)}, or not any more."
        raise NotFound(message)
    names = call.context.document.secret_names
    return entry.with_body() | transcripts.as_json(entry.transcript, names)


def _list_walks(call: Call) -> dict[str, Any]:
    return {"items": [walk.as_json() for walk in call.account.journal.walks]}


CALLS: Calls = {
    "listAccounts": (_list_accounts, None),
    "listRequests": (_list_requests, _check_requests),
    "clearRequests": (_clear_requests, None),
    "getRequest": (_get_request, None),
    "listWalks": (_list_walks, None),
}
