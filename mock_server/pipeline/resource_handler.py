"""The handlers of operations that get, create, change or remove one record of a resource."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mock_server.data import starting_data
from mock_server.data.blanks import lasting
from mock_server.data.chunk import encode
from mock_server.data.collection import fill_account_id
from mock_server.data.editing import Edit, Editor, Finder, Found, View
from mock_server.data.projection import Projection
from mock_server.data.records import Record
from mock_server.data.uniqueness import Uniqueness, unique_fields
from mock_server.errors import NotServed
from mock_server.formats.timestamps import format_moment
from mock_server.openapi.answer_examples import answer_examples
from mock_server.openapi.document import Document
from mock_server.openapi.effects import CREATE, GET, MERGE, REMOVE, REPLACE, Resource, body_schema
from mock_server.openapi.former_names import BodyShape, Lineage, lineage_of
from mock_server.openapi.operations import Operation
from mock_server.openapi.responses import answer_schema
from mock_server.openapi.schema_merging import merge_all_of
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Request
from mock_server.pipeline.wsgi_bridge import Response, current_scope, empty_response
from mock_server.sandbox.sandbox import SandboxState

# The kinds of effects that these handlers have.
KINDS = frozenset([GET, CREATE, REPLACE, MERGE, REMOVE])


class ResourceHandler:
    """The handler of one operation; what it needs of the document is made at its first use."""

    def __init__(self, document: Document, operation: Operation, sandbox: SandboxState) -> None:
        if operation.effect.resource is None:
            raise NotServed(operation.id)
        self._document = document
        self._operation = operation
        self._sandbox = sandbox
        self._resource: Resource = operation.effect.resource
        self._names = {routed: name for name, routed in operation.path_parameters.items()}
        self._finder = Finder(operation.effect, document.resources)

    def __call__(self, **path_parameters: object) -> Response:
        exchange: Exchange = current_scope()[EXCHANGE]
        path = {self._names[key]: str(value) for key, value in path_parameters.items()}
        view = _view(exchange.request)
        kind = self._operation.effect.kind
        if kind == GET:
            return self._answer(self._finder.find(view, path).record, view)
        edit = self._edit(kind, view, path, _body(exchange.request))
        self._sandbox.change(exchange.request.acting_account, *edit.collections)
        exchange.outcome.change = edit.change
        return self._answer(edit.record, view)

    def _edit(self, kind: str, view: View, path: Mapping[str, str], body: Any) -> Edit:
        if kind == CREATE:
            return self._create(view, path, body)
        found: Found = self._finder.find(view, path)
        if kind == REMOVE:
            return self._editor.remove(view, found)
        change = self._editor.replace if kind == REPLACE else self._editor.merge
        edit = change(view, found, body)
        self._uniqueness.require(view.collections[self._resource.name], edit.record, found.record)
        return edit

    def _create(self, view: View, path: Mapping[str, str], body: Any) -> Edit:
        owners, parent = self._finder.owners(view.collections, path), self._resource.parent
        sent = body if parent is None else {**body, parent.field: owners[parent.parameter]}
        room = self._uniqueness.make_room(view.collections[self._resource.name], sent, view.own_id)
        edit = self._editor.create(view.with_collection(room.collection), room.record, owners)
        return (
            edit._replace(change=edit.change._replace(kind="updated")) if room.is_replacement else edit
        )

    def _answer(self, record: Record, view: View) -> Response:
        status = int(self._operation.effect.status)
        if self._projection is None:
            return empty_response(status)
        occasion = lasting(self._resource.name, self._resource.key, record)
        shown = self._projection.show(record, occasion)
        body = fill_account_id(encode(shown), view.own_id)
        return Response(body, status=status, content_type=self._operation.answer_type)

    def prepare(self) -> None:
        """Make what it needs of the document, which may take long; any thread may call this."""
        if self._projection is not None and self._operation.effect.kind != GET:
            _ = self._editor

    @cached_property
    def _projection(self) -> Projection | None:
        """What shows a record as this operation's answer; None where that has no content."""
        described, status = self._document.described(self._operation), self._operation.effect.status
        found = answer_schema(described, status)
        examples = answer_examples(described, status)
        example = examples[0] if examples else None
        return None if found is None else Projection(found[1], example, self._lineage)

    @cached_property
    def _lineage(self) -> Lineage:
        return lineage_of(self._document.lineage(self._resource.name)[:-1])

    @cached_property
    def _uniqueness(self) -> Uniqueness:
        fields = unique_fields(self._document.operations, self._resource.name)
        return Uniqueness(self._resource, fields, self._operation.effect.rules.upsert)

    @cached_property
    def _editor(self) -> Editor:
        described = self._document.described(self._operation)
        body = merge_all_of(body_schema(described))
        schema = starting_data.schemas(self._document)[self._resource.name]
        examples = schema.guides()
        shape = BodyShape(body, self._lineage)
        return Editor(self._resource, schema, shape, examples[0] if examples else None)


def _view(request: Request) -> View:
    account = request.acting_account
    now = format_moment(account.clock.now())
    return View(account.collections, account.own_id, now)


def _body(request: Request) -> Any:
    arguments = request.arguments
    sent = None if arguments is None else arguments.body
    # Anything else was refused, unless violations are only recorded.
    return sent if isinstance(sent, dict) else {}
