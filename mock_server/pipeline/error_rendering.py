"""The one renderer of errors: every error that a client is answered with is shaped here."""

from __future__ import annotations

import logging

import flask
import orjson
from starlette.exceptions import HTTPException

from mock_server.errors import JSON, ApiError, InternalError
from mock_server.openapi.route_hints import Routes
from mock_server.pipeline.connexion_parts import (
    ConnexionMiddleware,
    ConnexionRequest,
    ConnexionResponse,
)
from mock_server.pipeline.exchange import EXCHANGE, Exchange

logger = logging.getLogger("mock_server")


def rendered(error: ApiError) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body that a client is answered with."""
    headers = {"Content-Type": JSON, **{_title_case(name): value for name, value in error.headers}}
    return error.status, headers, orjson.dumps(error.as_json())


def _title_case(name: str) -> str:
    """Write a header's name as this server writes its own, however a script spells it."""
    return "-".join(part.capitalize() for part in name.split("-"))


def flask_response(error: ApiError) -> flask.Response:
    """Return the answer to an error of a handler; a scripted fault can still cut it."""
    status, headers, body = rendered(error)
    return flask.Response(body, status, headers)


def _response(error: ApiError) -> ConnexionResponse:
    status, headers, body = rendered(error)
    return ConnexionResponse(status_code=status, body=body, headers=headers)


def add_error_handlers(connexion: ConnexionMiddleware, routes: Routes) -> None:
    """Answer every error that a request of this application ends with."""

    async def known(request: ConnexionRequest, error: ApiError) -> ConnexionResponse:
        _record(request.scope[EXCHANGE], error)
        return _response(error)

    async def unrouted(request: ConnexionRequest, error: HTTPException) -> ConnexionResponse:
        if error.status_code not in (404, 405):
            return await unexpected(request, error)
        path = request.scope["path"]
        allowed = routes.methods(path)
        if request.method == "OPTIONS" and allowed:
            return ConnexionResponse(status_code=204, headers={"Allow": ", ".join(allowed)})
        return await known(request, routes.refusal(request.method, path))

    async def unexpected(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
        logger.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
        return _response(InternalError())

    connexion.add_error_handler(ApiError, known)
    connexion.add_error_handler(HTTPException, unrouted)
    connexion.add_error_handler(Exception, unexpected)


def _record(exchange: Exchange, error: ApiError) -> None:
    """Journal what is wrong with a request of the mocked API."""
    record, warnings = exchange.record, getattr(error, "warnings", ())
    if record is not None and (error.violations_to_record or warnings):
        record.journal.add_violations(record.entry, error.violations_to_record, warnings)
