"""The handlers of views: the records of a collection as another operation shows or sums them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from mock_server.data.blanks import Occasion, lasting
from mock_server.data.collection import Collection, fill_account_id
from mock_server.data.columns import encode
from mock_server.data.finding import Finder
from mock_server.data.shown_records import encoded
from mock_server.data.viewed_records import SummedRecords, ViewedRecords
from mock_server.formats.timestamps import format_moment
from mock_server.openapi.actions import ViewRule
from mock_server.openapi.answer_examples import answer_examples, record_examples
from mock_server.openapi.document import Document
from mock_server.openapi.former_names import lineage_of
from mock_server.openapi.operations import Operation
from mock_server.openapi.responses import answer_schema
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import Response, current_scope


class ViewedPages:
    """Shows the records of a page by the schema of the list that gives it."""

    def __init__(self, document: Document, operation: Operation, rule: ViewRule) -> None:
        self._document = document
        self._operation = operation
        self._rule = rule

    @cached_property
    def _records(self) -> ViewedRecords:
        described, status = self._document.described(self._operation), self._operation.effect.status
        examples = record_examples(described, status, self._operation.convention.items)
        example = examples[0] if examples else None
        lineage = lineage_of(self._document.lineage(self._rule.of)[:-1])
        return ViewedRecords(self._rule, self._operation.record_schema, example, lineage)

    def show(self, collection: Collection, positions: Sequence[int]) -> Sequence[bytes]:
        """Return the records at positions of a collection, encoded as the view shows them."""
        name = self._operation.template

        def shown(record: Any, position: int) -> Any:
            # The same whenever it is shown: pages are cached.
            return self._records.show(record, lasting(f"{name}/{position}", None, record))

        return encoded(collection, positions, shown)


class SummaryHandler:
    """The handler of an operation that answers sums of the records that its filters select."""

    def __init__(self, document: Document, operation: Operation, rule: ViewRule, finder: Finder) -> None:
        self._document = document
        self._operation = operation
        self._rule = rule
        self._finder = finder

    def __call__(self, **path_values: object) -> Response:
        exchange: Exchange = current_scope()[EXCHANGE]
        request = exchange.request
        account, arguments = request.acting_account, request.arguments
        if arguments is None:
            raise LookupError("validation lets no request pass without its arguments")
        path = self._operation.path_values(path_values)
        self._finder.owners(account.collections, account.own_id, path)
        collection = account.collections[self._rule.of]
        records = (
            collection.record_at(each, account.own_id) for each in collection.matching(arguments.wanted)
        )
        now = format_moment(account.clock.now())
        answer = self._summed.answer(records, Occasion(self._operation.template, now))
        body = fill_account_id(encode(answer), account.own_id)
        status = int(self._operation.effect.status)
        return Response(body, status=status, content_type=self._operation.answer_type)

    @cached_property
    def _summed(self) -> SummedRecords:
        described, status = self._document.described(self._operation), self._operation.effect.status
        found = answer_schema(described, status)
        examples = answer_examples(described, status)
        schema = {} if found is None else found[1]
        return SummedRecords(self._rule, schema, examples[0] if examples else None)
