"""The lists of a run, each with what its requests have to send, e.g. the id of another one's record."""

from __future__ import annotations

from mock_server.conform.http_probe import HttpProbe
from mock_server.conform.list_page import Item
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.probe_credentials import NoAnswer
from mock_server.conform.request_values import ValueFinder
from mock_server.conform.requirements import Failed
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation


class Parents:
    """Prepares the lists of a document, and knows the first record of those that others lie below."""

    def __init__(self, document: Document, probe: HttpProbe) -> None:
        """Prepare the lists of a document for a server."""
        self._document, self._probe = document, probe
        self._lists = {operation.template: operation for operation in document.lists.values()}
        self._records: dict[str, Item | None] = {}

    def prepare(self, operation: Operation) -> ListUnderTest:
        """Return a list with what each of its requests sends; other lists are asked for that."""
        spec = self._document.described(operation)
        filling = ValueFinder(operation, spec, self.find).fill()
        return ListUnderTest(self._document, operation, self._probe, filling)

    def find(self, template: str) -> Item | None:
        """Return the first record of the list at a path of the document; None where there is none."""
        operation = self._lists.get(template)
        if operation is None:
            return None
        if template not in self._records:
            # A path that leads back to itself has no record.
            self._records[template] = None
            try:
                items = self.prepare(operation).page().items
            except (Failed, NoAnswer):
                return None
            self._records[template] = items[0] if items else None
        return self._records[template]
