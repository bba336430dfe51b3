"""The rate limits of single operations, which count in place of the account's."""

from __future__ import annotations

from mock_server.openapi.document import Document
from mock_server.pipeline.exchange import RateOf
from mock_server.pipeline.operation_finder import OperationFinder
from mock_server.sandbox.account import OperationRate
from mock_server.server.asgi import Scope
from mock_server.settings import RateLimit


def rate_finder(document: Document) -> RateOf | None:
    """Return what finds the rate limits of a document's operations; None where none has one."""
    found = [(each, each.effect.rules.rate) for each in document.operations]
    rates = {
        each.id: OperationRate(each.id, RateLimit(rule.requests, rule.seconds))
        for each, rule in found
        if rule is not None
    }
    finder = OperationFinder(document.operations)

    def rate_of(scope: Scope) -> OperationRate | None:
        operation = finder.find(scope)
        return None if operation is None else rates.get(operation.id)

    return rate_of if rates else None
