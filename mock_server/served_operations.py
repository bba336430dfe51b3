"""The operations that a server serves, each with its handler and its validator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from mock_server import inspector
from mock_server.control import control_document, router
from mock_server.control.call import Context
from mock_server.control.control_document import control_operations
from mock_server.data.bonds import Bonds
from mock_server.data.finding import Finder
from mock_server.data.projection import Projection
from mock_server.data.shown_records import ShownRecords
from mock_server.data.workshop import Workshop
from mock_server.errors import NotServed
from mock_server.formats.media_types import without_parameters
from mock_server.openapi.answer_examples import record_examples
from mock_server.openapi.body_secrets import BodySecrets
from mock_server.openapi.document import Document
from mock_server.openapi.effects import EXAMPLE
from mock_server.openapi.former_names import lineage_of
from mock_server.openapi.operations import Operation
from mock_server.openapi.request_body import RequestBody
from mock_server.openapi.request_validation import Validator
from mock_server.openapi.responses import OK
from mock_server.pipeline import example_handler, resource_handler
from mock_server.pipeline.compiled import Compiled
from mock_server.pipeline.list_handler import Handler, ListHandler
from mock_server.pipeline.resource_handler import ResourceHandler
from mock_server.pipeline.routing import Need, route_name
from mock_server.pipeline.view_handler import SummaryHandler, ViewedPages
from mock_server.pipeline.wsgi_bridge import current_environ
from mock_server.sandbox.sandbox import SandboxState
from mock_server.settings import Settings
from mock_server.verdict.body_references import BodyReferences, may_refer
from mock_server.verdict.coverage import Coverable, coverable


class ServedOperation(NamedTuple):
    """An operation of a document, its handler, and what makes the validator of its requests.

    `references` finds what its bodies refer to; None where they refer to nothing.
    """

    operation: Operation
    handler: Callable[..., Any]
    make_validator: Callable[[], Validator]
    references: BodyReferences | None = None

    def prepare(self) -> None:
        """Make what its requests need of the document, which may take long; any thread may call this."""
        if isinstance(self.handler, ResourceHandler):
            self.handler.prepare()
        if self.references is not None:
            _ = self.references.collections


def mocked_operations(
    document: Document,
    sandbox: SandboxState,
    settings: Settings,
    secrets: Mapping[str, BodySecrets],
) -> list[ServedOperation]:
    """Return the operations of a document with what serves them; `secrets` are by their route names."""
    records = settings.on_violation == "record"
    workshop = Workshop(document)
    bonds = cache(partial(Bonds, document.resources))
    return [
        ServedOperation(
            o,
            _handler(document, o, sandbox, settings, workshop),
            partial(_validator, document, o, secrets, strict=settings.strict, defers=records),
            BodyReferences(o.effect, document.described(o), bonds) if may_refer(o.effect) else None,
        )
        for o in document.operations
    ]


def body_secrets(document: Document) -> Mapping[str, BodySecrets]:
    """Return what is secret of the bodies of each operation by its route name, of all by none."""
    described = {route_name(o.method, o.route): document.described(o) for o in document.operations}
    each = {name: [one] for name, one in described.items()}
    every = {**each, "": list(described.values())}
    return Compiled(every, partial(BodySecrets, clean=set()))


def coverables(document: Document) -> Mapping[str, Coverable]:
    """Return the coverage points of each operation, by its route name, e.g. `GET /api/things`."""
    operations = {route_name(o.method, o.route): o for o in document.operations}
    return Compiled(operations, partial(coverable, document))


def _validator(
    document: Document,
    operation: Operation,
    secrets: Mapping[str, BodySecrets],
    *,
    strict: bool,
    defers: bool,
) -> Validator:
    """Return the validator of an operation; raise NotServed for schemas that nothing can be made of."""
    try:
        types = (without_parameters(operation.answer_type),)
        own = secrets[route_name(operation.method, operation.route)]
        body = RequestBody(operation, document.described(operation).get("requestBody"), own.request)
        return Validator(operation, strict=strict, defers=defers, answer_types=types, body=body)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        # The start has warned of what is wrong with its structure.
        raise NotServed(operation.id) from None


def _handler(
    document: Document,
    operation: Operation,
    sandbox: SandboxState,
    settings: Settings,
    workshop: Workshop,
) -> Handler:
    has_records = operation.effect.resource is not None
    if has_records and operation.effect.kind in resource_handler.KINDS:
        return ResourceHandler(document, operation, sandbox, workshop)
    rule = operation.effect.rules.view
    finder = Finder(operation.effect, document.resources)
    if rule is not None and rule.sums_up:
        return SummaryHandler(document, operation, rule, finder)
    if operation.collection is None:
        return example_handler.handler(operation, document.described(operation))
    return ListHandler(
        operation,
        finder,
        _shown(document, operation) if rule is None else ViewedPages(document, operation, rule),
        trusts_proxy=settings.trust_proxy,
        left_out=document.security.queries,
    )


def _shown(document: Document, operation: Operation) -> ShownRecords | None:
    """Return what shows the records of a newer version by the schema of an older one's list.

    None where they are kept in the shape of this version.
    """
    name = str(operation.collection)
    keeper = document.keeper(name)
    if keeper is document:
        return None

    def make() -> Projection:
        examples = record_examples(document.described(operation), OK, operation.convention.items)
        lineage = lineage_of(document.lineage(name)[:-1])
        return Projection(operation.record_schema, examples[0] if examples else None, lineage)

    return ShownRecords(name, keeper.resources[name].key, make)


def needs(served: Iterable[ServedOperation]) -> dict[str, Need]:
    """Return what has to be made before requests of an operation are validated, by its route name."""
    return {
        route_name(each.operation.method, each.operation.route): Need(
            _collections(each),
            each.operation.convention.cursor,
            each.prepare if isinstance(each.handler, ResourceHandler) else None,
            each.references,
            is_page=isinstance(each.handler, ListHandler) and each.handler.shows_kept,
        )
        for each in served
        if each.operation.effect.collections
    }


def _sums_up(operation: Operation) -> bool:
    view = operation.effect.rules.view
    return view is not None and view.sums_up


def _collections(served: ServedOperation) -> tuple[str, ...]:
    handler = served.handler
    if isinstance(handler, ResourceHandler):
        return handler.collections
    operation = served.operation
    return tuple(dict.fromkeys([*operation.effect.collections, *operation.related_collections]))


def example_workers(document: Document) -> dict[str, str]:
    """Return the thread that answers operations by examples or by sums, by their route names."""
    examples = [each for each in document.operations if each.effect.kind == EXAMPLE or _sums_up(each)]
    return {route_name(o.method, o.route): example_handler.WORKER for o in examples}


def control_calls(context: Context) -> list[ServedOperation]:
    """Return the calls of the control API, and the inspector's page, with what serves them."""
    handlers = {**inspector.handlers(current_environ), **router.handlers(context)}
    make = partial(Validator, strict=True, defers=True)
    return [
        ServedOperation(
            o, handlers[o.id], partial(make, o, answer_types=control_document.answer_types(o))
        )
        for o in control_operations()
    ]


def control_workers() -> dict[str, str]:
    """Return the name of the worker thread of each call that has one, by its route name."""
    operations = control_operations()
    workers = [(route_name(o.method, o.route), control_document.worker_name(o)) for o in operations]
    return {name: worker for name, worker in workers if worker is not None}
