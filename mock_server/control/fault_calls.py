"""Calls about scripted faults: add, list and remove those of an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import Call, Calls, commit_on_event_loop, json_response, no_content
from mock_server.control.wanted_query import unknown_names
from mock_server.errors import NotFound, Violation
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.sandbox import fault_checks
from mock_server.shown_text import quote

# A fault counts as at least this many bytes, since a short one takes more memory than its text.
_LEAST_BYTES = 1_000


def _check_fault(call: Call) -> Iterator[Violation]:
    yield from fault_checks.violations(call.body, call.context.page_faults)
    yield from _check_query(call)
    if fault_checks.counts_pages(call.body) and not call.account.journal.is_kept:
        message = "pages are counted in the journal, which --journal-size 0 has turned off."
        yield Violation("journal", message, "/when/page")


def _check_query(call: Call) -> Iterator[Violation]:
    """Yield a violation for each name in `when.query` that is no parameter of the operation."""
    body = call.body if isinstance(call.body, dict) else {}
    operation, when = body.get("operation"), body.get("when")
    if isinstance(when, dict) and isinstance(operation, str | None):
        operations = call.context.document.operations
        yield from unknown_names(operations, operation, when.get("query"), ("when", "query"))


def _add_fault(call: Call) -> Response:
    sandbox, account = call.context.sandbox, call.account
    fault = account.faults.prepare(call.body, max(call.size, _LEAST_BYTES))
    commit_on_event_loop(lambda: sandbox.register(account, fault))
    return json_response(fault.as_json(), 201)


def _list_faults(call: Call) -> dict[str, Any]:
    return {"items": [fault.as_json() for fault in call.account.faults]}


def _remove_faults(call: Call) -> Response:
    account = call.account
    call.context.sandbox.remove_faults(account, [fault.id for fault in account.faults])
    return no_content()


def _remove_fault(call: Call) -> Response:
    fault_id = call.values["id"]
    if not call.context.sandbox.remove_faults(call.account, [fault_id]):
        raise NotFound(f"There is no fault {quote(fault_id)} here; GET faults lists them.")
    return no_content()


CALLS: Calls = {
    "addFault": (_add_fault, _check_fault),
    "listFaults": (_list_faults, None),
    "removeFaults": (_remove_faults, None),
    "removeFault": (_remove_fault, None),
}
