"""Calls about scripted faults: add, list and remove those of an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import Call, Calls, commit_on_event_loop, json_response, no_content
from mock_server.control.wanted_operation import operation_id, unknown_operation
from mock_server.control.wanted_query import unknown_names
from mock_server.errors import NotFound, Violation
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.sandbox import fault_checks
from mock_server.shown_text import quote

# A fault counts as at least this many bytes, since a short one takes more memory than its text.
_LEAST_BYTES = 1_000


def _check_fault(call: Call) -> Iterator[Violation]:
    fault, operations = _fault(call), call.context.operations
    operation, when = fault.get("operation"), fault.get("when")
    if isinstance(operation, str) and operation_id(operations, operation) is None:
        yield unknown_operation(operations, operation, "/operation")
    yield from fault_checks.violations(fault, call.context.page_faults)
    if isinstance(when, dict) and isinstance(operation, str | None):
        yield from unknown_names(operations, operation, when.get("query"), ("when", "query"))
    if fault_checks.counts_pages(fault) and not call.account.journal.is_kept:
        message = "pages are counted in the journal, which --journal-size 0 has turned off."
        yield Violation("journal", message, "/when/page")


def _fault(call: Call) -> dict[str, Any]:
    """Return the body of a call with the id of the operation that it names in any way; `{}` for none."""
    fault = call.body if isinstance(call.body, dict) else {}
    name = fault.get("operation")
    known = operation_id(call.context.operations, name) if isinstance(name, str) else None
    return fault if known is None else {**fault, "operation": known}


def _add_fault(call: Call) -> Response:
    sandbox, account = call.context.sandbox, call.account
    fault = account.faults.prepare(_fault(call), max(call.size, _LEAST_BYTES))
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
