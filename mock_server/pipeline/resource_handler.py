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
from mock_server.data.editing import CREATED, UPDATED, Edit, Editor
from mock_server.data.finding import Finder, View
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
from mock_server.openapi.responses import answer_type
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
        self._effect = operation.effect
        self._finder = Finder(operation.effect, document.resources)
        # By the status of an answer, how it shows a record, and its media type.
        self._shapes: dict[str, AnswerShape | None] = {}
        self._types: dict[str, str] = {}

    @property
    def collections(self) -> tuple[str, ...]:
        """Return the names of the collections that it reads or may change."""
        return self._workshop.needed(self._effect)

    def __call__(self, **path_parameters: object) -> Response:
        exchange: Exchange = current_scope()[EXCHANGE]
        path = self._operation.path_values(path_parameters)
        view = _view(exchange.request)
        if self._effect.kind == GET:
            return self._answer(self._finder.find(view, path).record, view, self._effect.status)
        acted = self._act(view, Sent(_body(exchange.request), path))
        if acted.edit is None:
            return self._answer(acted.record, view, self._effect.status, acted.is_record)
        edit = self._workshop.followed(view, acted.edit)
        self._sandbox.change(exchange.request.acting_account, *edit.collections)
        exchange.outcome.change = edit.change
        created = self._effect.created if edit.change.kind == CREATED else None
        record = edit.record if acted.is_record else acted.record
        return self._answer(record, view, created or self._effect.status, acted.is_record)

    def _act(self, view: View, sent: Sent) -> Acted:
        if self._effect.kind == ACT:
            return self._actor.act(view, sent)
        edit = self._edit(self._effect.kind, view, sent)
        return Acted(edit, edit.record)

    def _edit(self, kind: str, view: View, sent: Sent) -> Edit:
        editor = self._editor
        if kind == CREATE:
            return self._create(view, sent)
        is_made = self._effect.created is not None
        found = (self._finder.seek if is_made else self._finder.find)(view, sent.path)
        if found is None:
            return self._create(view, sent)
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
        own = view.collections[self._resource.name]
        self._uniqueness.require(own, edit.record, view.own_id, found.record)
        return edit

    def _create(self, view: View, sent: Sent) -> Edit:
        owners = self._finder.owners(view.collections, view.own_id, sent.path)
        parent = self._resource.parent
        self._requirements.check_owners(view, owners)
        record = self._written.new(self._actor.given(view, sent, {})) | self._finder.named(sent.path)
        if parent is not None and parent.collection in owners:
            record[parent.field] = owners[parent.collection]
        own = view.collections[self._resource.name]
        room = self._uniqueness.make_room(own, record, view.own_id)
        edit = self._editor.create(view.with_collections([room.collection]), room.record)
        kind = UPDATED if room.is_replacement else edit.change.kind
        return edit._replace(change=edit.change._replace(kind=kind))

    def _answer(self, record: Record, view: View, status: str, is_record: bool = True) -> Response:
        shape = self._shape(status)
        if shape is None:
            return empty_response(int(status))
        occasion = lasting(self._resource.name, self._resource.key, record)
        shown = shape.show(record, occasion) if is_record else shape.show_members(record, occasion)
        body = fill_account_id(encode(shown), view.own_id)
        return Response(body, status=int(status), content_type=self._types[status])

    def prepare(self) -> None:
        """Make what it needs of the document, which may take long; any thread may call this."""
        for status in filter(None, [self._effect.status, self._effect.created]):
            self._shape(status)
        if self._effect.kind != GET:
            _ = self._written
            for name in self.collections:
                self._workshop.editor(name)

    def _shape(self, status: str) -> AnswerShape | None:
        """Return how it shows a record in its answer with a status; None where that has no content."""
        if status not in self._shapes:
            described = self._document.described(self._operation)
            self._types[status] = answer_type(described, status)
            # Their answers show the record that they have just made for the list.
            kept = self._editor.shapes if self._effect.kind in (CREATE, REPLACE, MERGE) else ()
            self._shapes[status] = AnswerShape.of(described, status, self._resource, self._lineage, kept)
        return self._shapes[status]

    @cached_property
    def _lineage(self) -> Lineage:
        return lineage_of(self._document.lineage(self._resource.name)[:-1])

    @cached_property
    def _uniqueness(self) -> Uniqueness:
        fields = unique_fields(self._document.operations, self._resource.name)
        return Uniqueness(self._resource, fields, self._effect.rules.upsert)

    @cached_property
    def _editor(self) -> Editor:
        return self._workshop.editor(self._resource.name)

    @cached_property
    def _written(self) -> Written:
        described = self._document.described(self._operation)
        return Written(described, self._effect.rules, self._resource, self._lineage)

    @cached_property
    def _ways(self) -> Ways:
        return Ways(self._document.operations, self._resource.name)

    @cached_property
    def _actor(self) -> Actor:
        shape = self._shape(self._effect.status)
        answer = {} if shape is None else shape.whole
        return Actor(self._effect, self._finder, self._workshop, self._ways, answer)

    @cached_property
    def _requirements(self) -> Requirements:
        return Requirements(self._document, self._effect, self._ways)


def _view(request: Request) -> View:
    account = request.acting_account
    now = format_moment(account.clock.now())
    return View(account.collections, account.own_id, now)


def _body(request: Request) -> Mapping[str, Any]:
    arguments = request.arguments
    sent = None if arguments is None else arguments.body
    # Anything else was refused, unless violations are only recorded.
    return sent if isinstance(sent, dict) else {}
