"""Validation: calls the compiled validator of an operation, and gives it what it needs of a request."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from mock_server.formats import url_path
from mock_server.openapi.parameter_parsing import LISTED
from mock_server.openapi.request_body import SentBody
from mock_server.openapi.request_validation import Beside, Validator
from mock_server.pipeline.connexion_parts import RequestValidationMiddleware
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Request
from mock_server.pipeline.wsgi_bridge import operation_of
from mock_server.server.asgi import Receive, Scope, Send
from mock_server.verdict.body_references import BodyReferences


class RequestValidators:
    """A substitute for Connexion's ParameterValidator: runs the compiled validator of the operation."""

    def __init__(
        self,
        validators: Mapping[str, Validator],
        references: Mapping[str, BodyReferences] = MappingProxyType({}),
    ) -> None:
        """Take the validators, and what finds references to nothing, by the operations' route names."""
        self._validators = validators
        self._references = references

    def for_request(self, *_args: Any, **_kwargs: Any) -> RequestValidators:
        """Return itself, where Connexion makes a validator, and its stock part one for each request."""
        return self

    def validate(self, scope: Scope) -> None:
        """Put a request's operation and arguments into its exchange; raise what the validator raises."""
        validator = self._validators[operation_of(scope)]
        exchange: Exchange = scope[EXCHANGE]
        request = exchange.request
        request.operation = validator.operation
        headers, path_values = request.headers.texts, scope["path_params"]
        if b"%" in scope["raw_path"]:
            path_values.update({name: url_path.restore(text) for name, text in path_values.items()})
        look_up = None
        if validator.seeks_records:
            collection = request.acting_account.collections[str(validator.operation.collection)]
            look_up = collection.find
        if validator.body is not None and (request.body or validator.body.is_required):
            request.sent_body = validator.body.read(headers, request.body, path_values)
            request.sent_body = self._with_references(operation_of(scope), request)
        beside = Beside(look_up, request.pinned, request.sent_body)
        request.arguments = validator.validate(headers, scope["query_string"], path_values, beside)

    def _with_references(self, name: str, request: Request) -> SentBody:
        """Return the body of a request with warnings for ids in it that are those of no record."""
        sent, references = request.sent_body, self._references.get(name)
        if references is None:
            return sent
        account = request.acting_account
        found = references.find(sent.value, account.collections, account.own_id)
        warnings = tuple(islice(found, LISTED))
        return sent._replace(warnings=(*sent.warnings, *warnings)) if warnings else sent


class Validation(RequestValidationMiddleware):  # type: ignore[misc]
    """Calls the validators that Connexion has for its document, and does nothing else.

    It stands for Connexion's RequestValidationOperation, which makes a parser of the query and a
    validator for each request, and chooses by Content-Type how to check a body. The document that
    Connexion routes by describes no bodies (`openapi/mounting.py`). `tests/test_stack.py` compares both.
    """

    def add_api(self, _specification: Any, *, validator_map: Mapping[str, Any], **_options: Any) -> None:
        self._validators: RequestValidators = validator_map["parameter"]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._validators.validate(scope)
        await self.app(scope, receive, send)
