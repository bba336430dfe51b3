"""Calls about the journal: list, show and clear the requests of an account, and list its walks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import Call, Calls, no_content
from mock_server.errors import NotFound, Violation, did_you_mean, quote
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.sandbox import journal, transcripts
from mock_server.settings import ANONYMOUS


def _list_requests(call: Call) -> dict[str, Any]:
    values = call.values
    # `account` has one possible value: the account of requests without valid credentials.
    account = call.context.sandbox.accounts.find(ANONYMOUS) if "account" in values else call.account
    if account is None:
        return {"items": [], "recorded": 0, "dropped": 0}
    entries = account.journal.newest(
        operation=values.get("operation"),
        status=values.get("status"),
        limit=values.get("limit"),
    )
    items = journal.as_json(entries)
    return {"items": items, "recorded": account.journal.recorded, "dropped": account.journal.dropped}


def _check_operation(call: Call) -> Iterator[Violation]:
    """Yield a violation if the document has no operation of the id that was sent."""
    operation, known = call.values.get("operation"), list(call.context.lists)
    if operation is not None and operation not in known:
        message = (
            f"{quote(operation)} was sent for 'operation', which must be one of {', '.join(known)}"
            f"{did_you_mean(operation, known)}; send that, or leave it out."
        )
        yield Violation("enum", message, "operation")


def _clear_requests(call: Call) -> Response:
    call.account.journal.clear()
    return no_content()


def _get_request(call: Call) -> dict[str, Any]:
    entry_id = call.values["id"]
    entry = call.account.journal.find(entry_id)
    if entry is None:
        message = f"The journal of this account has no request {quote(entry_id)}, or not any more."
        raise NotFound(message)
    transcript = call.context.sandbox.archive.transcript(entry_id)
    return entry.as_json() | transcripts.as_json(transcript, call.context.document.secret_headers)


def _list_walks(call: Call) -> dict[str, Any]:
    return {"items": [walk.as_json() for walk in call.account.journal.walks]}


CALLS: Calls = {
    "listRequests": (_list_requests, _check_operation),
    "clearRequests": (_clear_requests, None),
    "getRequest": (_get_request, None),
    "listWalks": (_list_walks, None),
}
