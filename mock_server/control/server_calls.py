"""Calls about the server and the account as a whole: health, the document, and reset."""

from __future__ import annotations

from typing import Any

from mock_server import __version__
from mock_server.control.call import Call, Calls, encoded_response, no_content
from mock_server.pipeline.wsgi_bridge import Response


def _health(call: Call) -> dict[str, Any]:
    document, sandbox = call.context.document, call.context.sandbox
    return {
        "status": "ok",
        "version": __version__,
        "document": {"title": document.title, "version": document.version},
        "basePath": document.base_path,
        "records": sandbox.counts(),
        "accounts": {"live": len(sandbox.accounts), "evicted": sandbox.accounts.evicted},
    }


def _get_document(call: Call) -> Response:
    return encoded_response(call.context.document.as_served)


def _reset(call: Call) -> Response:
    call.context.sandbox.reset(call.account)
    return no_content()


CALLS: Calls = {
    "health": (_health, None),
    "getDocument": (_get_document, None),
    "reset": (_reset, None),
}
