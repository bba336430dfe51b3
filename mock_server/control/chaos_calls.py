"""Calls about the chaos of an account: show it, set it, and end it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mock_server.control.call import Call, Calls, no_content
from mock_server.errors import Violation
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.sandbox import chaos
from mock_server.sandbox.chaos import Chaos

# Chaos counts as at least this many bytes, since a short one takes more memory than its text.
_LEAST_BYTES = 1_000


def _check_chaos(call: Call) -> Iterator[Violation]:
    yield from chaos.violations(call.body, call.context.page_faults)


def _get_chaos(call: Call) -> dict[str, Any]:
    account = call.account
    rule = {"seed": 0, "rate": 0, "faults": []}
    if account.chaos is not None:
        found = account.chaos
        rule = {"seed": found.seed, "rate": found.rate, "faults": list(found.faults)}
    return {**rule, "requests": account.received, "fired": account.troubled}


def _set_chaos(call: Call) -> dict[str, Any]:
    made = Chaos(call.body, max(call.size, _LEAST_BYTES))
    call.context.sandbox.set_chaos(call.account, made)
    return _get_chaos(call)


def _remove_chaos(call: Call) -> Response:
    call.context.sandbox.set_chaos(call.account, None)
    return no_content()


CALLS: Calls = {
    "getChaos": (_get_chaos, None),
    "setChaos": (_set_chaos, _check_chaos),
    "removeChaos": (_remove_chaos, None),
}
