"""Calls about the journal: list, show and clear the requests of an account, and list its walks.

Another call tells which accounts got requests at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import Call, Calls, no_content
from mock_server.control.wanted_operation import operation_id, unknown_operation
from mock_server.control.wanted_query import unknown_names
from mock_server.errors import NotFound, Violation
from mock_server.formats import json
from mock_server.formats.json import Json
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.sandbox import transcripts
from mock_server.sandbox.account import Account
from mock_server.sandbox.journal import Entry
from mock_server.sandbox.shown_entries import ANY, Wanted, newest, with_body
from mock_server.settings import ANONYMOUS
from mock_server.shown_text import quote


def _list_requests(call: Call) -> dict[str, Any]:
    values = call.values
    # `account` has one possible value: the account of requests without valid credentials.
    account = call.context.sandbox.accounts.find(ANONYMOUS) if "account" in values else call.account
    if account is None:
        return {"items": [], "recorded": 0, "dropped": 0}
    wanted, _ = _read_wanted(call)
    items = [*map(with_body, newest(account.journal, wanted, values.get("limit")))]
    return {"items": items, "recorded": account.journal.recorded, "dropped": account.journal.dropped}


def _check_requests(call: Call) -> Iterator[Violation]:
    _, violations = _read_wanted(call)
    yield from violations


def _read_wanted(call: Call) -> tuple[Wanted, list[Violation]]:
    """Return which requests a call wants to see, and what is wrong with the parameters that say so."""
    operations, name = call.context.operations, call.values.get("operation")
    operation = None if name is None else operation_id(operations, name)
    violations = []
    if name is not None and operation is None:
        violations.append(unknown_operation(operations, name, "operation"))
    query, body = _read_json(call, "query", {}, violations), _read_json(call, "body", ANY, violations)
    if not isinstance(query, dict):
        violations.append(Violation("type", 'it is no object; send one such as {"limit": 5}.', "query"))
        query = {}
    unknown = unknown_names(operations, operation or name, query, ())
    violations += [Violation(each.code, each.message, "query") for each in unknown]
    return Wanted(operation, call.values.get("status"), query, body), violations


def _read_json(call: Call, name: str, default: Json, violations: list[Violation]) -> Json:
    """Return the value of a parameter in JSON; add a violation where its text is none."""
    text = call.values.get(name)
    if not isinstance(text, str):
        return default
    try:
        return json.load(text)
    except json.Unreadable as unreadable:
        message = f"{unreadable.message}; {unreadable.remedy}."
        violations.append(Violation("json", message, name))
        return default


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
    last = None if entry is None else with_body(entry)
    return {"account": account.key, "recorded": account.journal.recorded, "last": last}


def _clear_requests(call: Call) -> Response:
    call.context.sandbox.clear_journal(call.account)
    return no_content()


def _get_request(call: Call) -> dict[str, Any]:
    entry_id = call.values["id"]
    entry = call.account.journal.find(entry_id)
    if entry is None:
        message = f"The journal of this account has no request {quote(entry_id)}, or not any more."
        raise NotFound(message)
    names = call.context.document.secret_names
    return with_body(entry) | transcripts.as_json(entry.transcript, names)


def _list_walks(call: Call) -> dict[str, Any]:
    return {"items": [walk.as_json() for walk in call.account.journal.walks]}


CALLS: Calls = {
    "listAccounts": (_list_accounts, None),
    "listRequests": (_list_requests, _check_requests),
    "clearRequests": (_clear_requests, None),
    "getRequest": (_get_request, None),
    "listWalks": (_list_walks, None),
}
