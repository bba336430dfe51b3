"""The handlers of operations that get, create, change or remove one record of a resource."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mock_server.data.acting import Acted, Actor, Sent
from mock_server.data.answer_shape import AnswerShape
from mock_server.data.blanks import lasting
from mock_server.data.collection import fill_account_id
from mock_server.data.columns import encode
from mock_server.data.conditions import Ways
from mock_server.data.editing import UPDATED, Edit, Editor
from mock_server.data.finding import Finder, Found, View
from mock_server.data.records import Record
from mock_server.data.requirements import Requirements
from mock_server.data.uniqueness import Uniqueness, unique_fields
from mock_server.data.workshop import Workshop
from mock_server.data.written import Written
from mock_server.errors import NotServed
from mock_server.formats.timestamps import format_moment
from mock_server.openapi.document import Document
from mock_server.openapi.effects import ACT, CREATE, GET, MERGE, REMOVE, REPLACE, Resource
from mock_server.openapi.former_names import Lineage, lineage_of
from mock_server.openapi.operations import Operation
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Request
from mock_server.pipeline.wsgi_bridge import Response, current_scope, empty_response
from mock_server.sandbox.sandbox import SandboxState

# The kinds of effects that these handlers have.
KINDS = frozenset([GET, CREATE, REPLACE, MERGE, REMOVE, ACT])


class ResourceHandler:
    """The handler of one operation; what it needs of the document is made at its first use."""

    def __init__(
        self, document: Document, operation: Operation, sandbox: SandboxState, workshop: Workshop
    ) -> None:
        if operation.effect.resource is None:
            raise NotServed(operation.id)
        self._document = document
        self._operation = operation
        self._sandbox = sandbox
        self._workshop = workshop
        self._resource: Resource = operation.effect.resource
        self._finder = Finder(operation.effect, document.resources)

    @property
    def collections(self) -> tuple[str, ...]:
        """Return the names of the collections that it reads or may change."""
        return self._workshop.needed(self._operation.effect)

    def __call__(self, **path_parameters: object) -> Response:
        exchange: Exchange = current_scope()[EXCHANGE]
        path = self._operation.path_values(path_parameters)
        view = _view(exchange.request)
        if self._operation.effect.kind == GET:
            return self._answer(self._finder.find(view, path).record, view)
        acted = self._act(view, Sent(_body(exchange.request), path))
        if acted.edit is None:
            return self._answer(acted.record, view, acted.is_record)
        edit = self._workshop.followed(view, acted.edit)
        self._sandbox.change(exchange.request.acting_account, *edit.collections)
        exchange.outcome.change = edit.change
        return self._answer(edit.record if acted.is_record else acted.record, view, acted.is_record)

    def _act(self, view: View, sent: Sent) -> Acted:
        if self._operation.effect.kind == ACT:
            return self._actor.act(view, sent)
        edit = self._edit(self._operation.effect.kind, view, sent)
        return Acted(edit, edit.record)

    def _edit(self, kind: str, view: View, sent: Sent) -> Edit:
        editor = self._editor
        if kind == CREATE:
            return self._create(view, sent)
        found: Found = self._finder.find(view, sent.path)
        given = self._actor.given(view, sent, found.record)
        self._requirements.check(view, found, given)
        if kind == REMOVE:
            edit = editor.remove(view, found)
            nested = self._workshop.without_children(view, self._resource.name, found.key)
            return edit._replace(collections=(*edit.collections, *nested.values()))
        members = self._written.members(sent.body)
        if kind == REPLACE:
            edit = editor.replace(view, found, members, self._written.sayable)
        else:
            edit = editor.merge(view, found, members)
        self._uniqueness.require(view.collections[self._resource.name], edit.record, found.record)
        return edit

    def _create(self, view: View, sent: Sent) -> Edit:
        owners, parent = self._finder.owners(view.collections, sent.path), self._resource.parent
        self._requirements.check_owners(view, owners)
        record = self._written.new(self._actor.given(view, sent, {}))
        if parent is not None and parent.collection in owners:
            record[parent.field] = owners[parent.collection]
        own = view.collections[self._resource.name]
        room = self._uniqueness.make_room(own, record, view.own_id)
        edit = self._editor.create(view.with_collections([room.collection]), room.record)
        kind = UPDATED if room.is_replacement else edit.change.kind
        return edit._replace(change=edit.change._replace(kind=kind))

    def _answer(self, record: Record, view: View, is_record: bool = True) -> Response:
        status, shape = int(self._operation.effect.status), self._shape
        if shape is None:
            return empty_response(status)
        occasion = lasting(self._resource.name, self._resource.key, record)
        shown = shape.show(record, occasion) if is_record else shape.show_members(record, occasion)
        body = fill_account_id(encode(shown), view.own_id)
        return Response(body, status=status, content_type=self._operation.answer_type)

    def prepare(self) -> None:
        """Make what it needs of the document, which may take long; any thread may call this."""
        _ = self._shape
        if self._operation.effect.kind != GET:
            _ = self._written
            for name in self.collections:
                self._workshop.editor(name)

    @cached_property
    def _shape(self) -> AnswerShape | None:
        """How it shows a record in its answer; None where that has no content."""
        described, status = self._document.described(self._operation), self._operation.effect.status
        return AnswerShape.of(described, status, self._resource, self._lineage)

    @cached_property
    def _lineage(self) -> Lineage:
        return lineage_of(self._document.lineage(self._resource.name)[:-1])

    @cached_property
    def _uniqueness(self) -> Uniqueness:
        fields = unique_fields(self._document.operations, self._resource.name)
        return Uniqueness(self._resource, fields, self._operation.effect.rules.upsert)

    @cached_property
    def _editor(self) -> Editor:
        return self._workshop.editor(self._resource.name)

    @cached_property
    def _written(self) -> Written:
        described = self._document.described(self._operation)
        return Written(described, self._operation.effect.rules, self._resource, self._lineage)

    @cached_property
    def _ways(self) -> Ways:
        return Ways(self._document.operations, self._resource.name)

    @cached_property
    def _actor(self) -> Actor:
        answer = {} if self._shape is None else self._shape.whole
        return Actor(self._operation.effect, self._finder, self._workshop, self._ways, answer)

    @cached_property
    def _requirements(self) -> Requirements:
        return Requirements(self._document, self._operation.effect, self._ways)


def _view(request: Request) -> View:
    account = request.acting_account
    now = format_moment(account.clock.now())
    return View(account.collections, account.own_id, now)


def _body(request: Request) -> Mapping[str, Any]:
    arguments = request.arguments
    sent = None if arguments is None else arguments.body
    # Anything else was refused, unless violations are only recorded.
    return sent if isinstance(sent, dict) else {}
