"""Error rendering: turns every error into the answer that the client gets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import unquote

import orjson

from mock_server.errors import ApiError, InternalError, Unparsable
from mock_server.formats.secret_texts import hide_in_texts
from mock_server.openapi.error_shape import BUILT_IN, ErrorShape
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline.connexion_parts import (
    Connexion,
    ConnexionRequest,
    ConnexionResponse,
    HTTPException,
)
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import Response
from mock_server.server.lingering_close import Refusal
from mock_server.shown_text import printable

logger = logging.getLogger("mock_server")


def render(
    error: ApiError, shape: ErrorShape, secrets: Sequence[bytes] = ()
) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body of the answer to an error, which shows none of `secrets`."""
    own = {_title_case(name): value for name, value in error.headers}
    body = shape.body(error)
    shown = orjson.dumps(hide_in_texts(body, secrets) if secrets else body)
    return error.status, {"Content-Type": shape.media_type, **own}, shown


def render_refusal(refusal: Refusal, shape: ErrorShape) -> tuple[str, bytes]:
    """Return the media type and the body of what refuses a request before any other wrapper.

    That is plain text, unless the document says how errors are written.
    """
    if shape is BUILT_IN:
        return "text/plain; charset=utf-8", refusal.message.encode()
    _, headers, body = render(Unparsable(refusal.status, refusal.message), shape)
    return headers["Content-Type"], body


def _title_case(name: str) -> str:
    """Return a header's name as this server spells it, e.g. `Retry-After`, whatever a script wrote."""
    return "-".join(part.capitalize() for part in name.split("-"))


def flask_response(error: ApiError, shape: ErrorShape) -> Response:
    """Return Flask's response to an error of a handler, which a scripted fault can still cut."""
    status, headers, body = render(error, shape)
    return Response(body, status, headers)


def _connexion_response(
    error: ApiError, shape: ErrorShape, secrets: Sequence[bytes] = ()
) -> ConnexionResponse:
    status, headers, body = render(error, shape, secrets)
    return ConnexionResponse(status_code=status, body=body, headers=headers)


def add_error_handlers(connexion: Connexion, routes: Routes, shape: ErrorShape) -> None:
    """Register handlers that answer every error with which a request of the application can end."""

    async def answer_api_error(request: ConnexionRequest, error: ApiError) -> ConnexionResponse:
        exchange = request.scope[EXCHANGE]
        _record_violations(exchange, error)
        secrets = () if exchange.record is None else exchange.record.entry.secrets
        return _connexion_response(error, shape, secrets)

    async def answer_routing_error(request: ConnexionRequest, error: HTTPException) -> ConnexionResponse:
        if error.status_code not in (404, 405):
            return await answer_unexpected_error(request, error)
        path = request.scope["path"]
        allowed = routes.methods(path)
        if request.method == "OPTIONS" and allowed:
            return ConnexionResponse(status_code=204, headers={"Allow": ", ".join(allowed)})
        return await answer_api_error(request, routes.refusal(request.method, path))

    async def answer_unexpected_error(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
        record = request.scope[EXCHANGE].record
        raw_path = request.scope["raw_path"] if record is None else record.entry.path
        path = printable(unquote(raw_path.decode("latin-1")), 1_000)
        logger.error("%s %s failed", request.method, path, exc_info=error)
        return _connexion_response(InternalError(), shape)

    connexion.add_error_handler(ApiError, answer_api_error)
    connexion.add_error_handler(HTTPException, answer_routing_error)
    connexion.add_error_handler(Exception, answer_unexpected_error)


def _record_violations(exchange: Exchange, error: ApiError) -> None:
    """Add an error's violations and warnings to the journal; a call of the control API has none."""
    record, warnings = exchange.record, getattr(error, "warnings", ())
    if record is not None and (error.violations_to_record or warnings):
        record.journal.add_violations(record.entry, error.violations_to_record, warnings)
