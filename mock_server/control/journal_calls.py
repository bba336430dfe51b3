"""Calls about the journal: list, show and clear the requests of an account, and list its walks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import Call, Calls, Response, no_content
from mock_server.errors import NotFound, Violation, hint, quote
from mock_server.formats.headers import by_name
from mock_server.sandbox import journal, transcripts
from mock_server.sandbox.transcripts import Transcript
from mock_server.settings import ANONYMOUS


def _list_requests(call: Call) -> dict[str, Any]:
    values = call.values
    # The only value that `account` can have is the account of requests without valid credentials.
    account = call.context.sandbox.known(ANONYMOUS) if "account" in values else call.account
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
            f"{hint(operation, known)}; send that, or leave it out."
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
    return entry.as_json() | _transcript(call.context.sandbox.transcripts.get(entry_id))


def _transcript(transcript: Transcript | None) -> dict[str, Any]:
    """Return the members that a transcript adds to a journal entry, all None without a transcript."""
    if transcript is None:
        return {"requestBody": None, "responseHeaders": None, "responseBody": None}
    return {
        "requestBody": transcripts.shown(transcript.asked),
        "responseHeaders": by_name(transcript.headers),
        "responseBody": transcripts.shown(transcript.body),
    }


def _list_walks(call: Call) -> dict[str, Any]:
    return {"items": [walk.as_json() for walk in call.account.journal.walks]}


CALLS: Calls = {
    "listRequests": (_list_requests, _check_operation),
    "clearRequests": (_clear_requests, None),
    "getRequest": (_get_request, None),
    "listWalks": (_list_walks, None),
}
