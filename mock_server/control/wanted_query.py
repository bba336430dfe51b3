"""The query that a call wants requests to have: which names it may hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mock_server.errors import Violation
from mock_server.formats import source_file
from mock_server.openapi.operations import Operation
from mock_server.openapi.query_names import QueryNames
from mock_server.shown_text import did_you_mean, quote


def unknown_names(
    operations: Iterable[Operation], operation_id: str | None, wanted: object, place: tuple[str, ...]
) -> Iterator[Violation]:
    """Yield a violation for each name that is no parameter of the query, with the nearest that is.

    `operation_id` names the only operation that is meant, None means all. `wanted` is the object of
    names and values, which lies at `place` of the body; anything else is passed over.
    """
    if not isinstance(wanted, dict):
        return
    meant = [o for o in operations if operation_id in (None, o.id)]
    if not meant:
        return
    names = [QueryNames(operation.query) for operation in meant]
    known = list(dict.fromkeys(name for each in names for name in each.known))
    for name in wanted:
        if not any(each.owner(name) for each in names):
            of = "the document" if operation_id is None else operation_id
            remedy = f"send one of {', '.join(known)}" if known else "leave it out"
            message = f"{of} has no query parameter {quote(name)}{did_you_mean(name, known)}; {remedy}."
            yield Violation("unknownParameter", message, source_file.pointer((*place, name)))
