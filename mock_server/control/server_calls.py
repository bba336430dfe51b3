"""Calls about the server and the account as a whole: health, documents and schemas, and reset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mock_server import __version__
from mock_server.control import control_document
from mock_server.control.call import Call, Calls, encoded_response, no_content
from mock_server.control.digest import digest
from mock_server.errors import Violation
from mock_server.formats import media_types
from mock_server.formats.media_types import JSON, YAML_NAMES
from mock_server.openapi import overlay_schema
from mock_server.openapi.document import Document
from mock_server.openapi.served_document import ServedDocument
from mock_server.pipeline.version_choice import VersionNotServed
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.problems import CannotServe
from mock_server.shown_text import quote


def _health(call: Call) -> dict[str, Any]:
    document, sandbox = call.context.document, call.context.sandbox
    security = document.security
    return {
        "status": "ok",
        "version": __version__,
        "document": {"title": document.title, "version": document.version},
        **({"versions": _versions(document)} if document.older else {}),
        "basePath": document.base_path,
        "digest": digest(document, sandbox.fixtures_digest, call.context.settings),
        "records": sandbox.counts(),
        "accounts": {"live": len(sandbox.accounts), "evicted": sandbox.accounts.evicted},
        **({} if security.is_usual else {"credentials": security.as_json()}),
    }


def _versions(document: Document) -> list[str]:
    """Return the versions that have a document, the newest first."""
    own = [rule.newest for rule in document.version_rules[:1]]
    return [*own, *(each.version for each in document.older)]


def _check_document(call: Call) -> Iterator[Violation]:
    document, version = call.context.document, call.values.get("version")
    known = _versions(document)
    if version is not None and version not in known:
        served = f"is not served; send one of {', '.join(known)}" if known else "is none: there are none"
        message = f"the version {quote(str(version))} {served}, or leave it out."
        yield Violation("enum", message, "version")


def _get_document(call: Call) -> Response:
    document, version = call.context.document, call.values.get("version")
    older = next((each for each in document.older if each.version == version), None)
    try:
        found = document if older is None else older.load()
    except CannotServe as error:
        raise VersionNotServed(str(version), str(error.problems[0])) from None
    return _document(call, found.served, (JSON, *YAML_NAMES))


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
    "getDocument": (_get_document, _check_document),
    "getControlDocument": (_get_control_document, None),
    "getControlDocumentAsYaml": (_get_control_document_as_yaml, None),
    "getOverlaySchema": (_get_overlay_schema, None),
    "getFixtureSchema": (_get_fixture_schema, None),
    "reset": (_reset, None),
}
