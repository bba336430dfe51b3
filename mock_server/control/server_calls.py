"""Calls about the server and the account as a whole: health, documents and schemas, and reset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_server import __version__
from mock_server.control import control_document
from mock_server.control.call import Call, Calls, encoded_response, no_content
from mock_server.formats import media_types
from mock_server.formats.media_types import JSON, YAML_NAMES
from mock_server.openapi import overlay_schema
from mock_server.openapi.served_document import ServedDocument
from mock_server.pipeline.wsgi_bridge import Response


def _health(call: Call) -> dict[str, Any]:
    document, sandbox = call.context.document, call.context.sandbox
    security = document.security
    return {
        "status": "ok",
        "version": __version__,
        "document": {"title": document.title, "version": document.version},
        "basePath": document.base_path,
        "records": sandbox.counts(),
        "accounts": {"live": len(sandbox.accounts), "evicted": sandbox.accounts.evicted},
        **({} if security.is_usual else {"credentials": security.as_json()}),
    }


def _get_document(call: Call) -> Response:
    return _document(call, call.context.document.served, (JSON, *YAML_NAMES))


def _get_control_document(call: Call) -> Response:
    return _document(call, control_document.served(), (JSON,))


def _get_control_document_as_yaml(call: Call) -> Response:
    return _document(call, control_document.served(), YAML_NAMES)


def _document(call: Call, document: ServedDocument, names: Sequence[str]) -> Response:
    """Return the response with a document, as that of the media types which the client prefers."""
    accept = call.exchange.request.headers.texts.get("accept", "")
    media_type = media_types.preferred(accept, names) or names[0]
    response = Response(document.form(media_type, call.server_root))
    # RFC 9512 section 2.1 gives `application/yaml` no charset: it is UTF-8.
    is_text = media_type.startswith("text/")
    response.content_type = f"{media_type}; charset=utf-8" if is_text else media_type
    response.headers["Vary"] = "Accept"
    return response


def _get_overlay_schema(_call: Call) -> dict[str, Any]:
    return overlay_schema.schema()


def _get_fixture_schema(call: Call) -> Response:
    return encoded_response(call.context.fixture_schema)


def _reset(call: Call) -> Response:
    call.context.sandbox.reset(call.account)
    return no_content()


CALLS: Calls = {
    "health": (_health, None),
    "getDocument": (_get_document, None),
    "getControlDocument": (_get_control_document, None),
    "getControlDocumentAsYaml": (_get_control_document_as_yaml, None),
    "getOverlaySchema": (_get_overlay_schema, None),
    "getFixtureSchema": (_get_fixture_schema, None),
    "reset": (_reset, None),
}
