"""The assertions of a sandbox, over requests, walks and faults that were asked for before.

Each raises AssertionError with a message that ends with the requests that did come. `__tracebackhide__`
makes pytest show the line of the test instead of lines from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.client.types import Fault, Request, RequestList, Walk
from mock_server.errors import printable
from mock_server.formats import query_string

# How many requests a message lists.
_LISTED = 10


def assert_called(
    matching: RequestList,
    journal: RequestList,
    times: int | None,
    operation: str | None,
    query: Mapping[str, Any] | None,
) -> None:
    """Assert that `times` requests have the parameters of `query`, or at least one where it is None.

    `matching` has the requests of `operation`, and `journal` those of the account. Dropped requests may
    have matched, so that a journal without them proves no number and no absence.
    """
    __tracebackhide__ = True
    found = [entry for entry in matching["items"] if _includes(entry, query or {})]
    if times is None and found:
        return
    _require_all(matching)
    if times is not None and len(found) == times:
        return
    wanted = "at least one request" if times is None else f"{times} request" + "s" * (times != 1)
    of = f" of {operation}" if operation else ""
    having = f" with {dict(query)}" if query else ""
    nearest = _format_nearest(journal, operation, query)
    raise AssertionError(f"expected {wanted}{of}{having}, but {len(found)} came; {nearest}")


def assert_walked(
    walks: Sequence[Walk], journal: RequestList, complete: bool | None, repeats: bool | None
) -> None:
    """Assert that some walk reached its end, and that none used a cursor twice.

    `complete=False` asserts that none reached its end, `repeats=True` that some walk used a cursor
    twice; None leaves either out. Without any walk it fails.
    """
    __tracebackhide__ = True
    _require_all(journal)
    nearest = _format_nearest(journal)
    if not walks:
        raise AssertionError(f"expected a walk, but no list was asked for; {nearest}")
    found = "\n".join(["the walks were:", *(f"  {walk}" for walk in walks), nearest])
    if complete is not None and any(walk["complete"] for walk in walks) is not complete:
        raise AssertionError(f"expected {'a' if complete else 'no'} walk to the end; {found}")
    repeating = any(walk["repeatedCursors"] for walk in walks)
    if repeats is not None and repeating is not repeats:
        raise AssertionError(f"expected {'a' if repeats else 'no'} repeated cursor; {found}")


def assert_faults_fired(faults: Sequence[Fault], journal: RequestList) -> None:
    """Assert that no fault has steps left; one that runs forever must have fired once."""
    __tracebackhide__ = True
    unfired = [fault for fault in faults if not _has_fired(fault)]
    if unfired:
        listed = "\n".join(f"  {fault}" for fault in unfired)
        raise AssertionError(f"no request met these faults:\n{listed}\n{_format_nearest(journal)}")


def _has_fired(fault: Fault) -> bool:
    return fault["spent"] or (fault["remaining"] == "forever" and fault["fired"] > 0)


def _require_all(journal: RequestList) -> None:
    """Raise AssertionError where the journal has dropped requests."""
    __tracebackhide__ = True
    if journal["dropped"]:
        raise AssertionError(
            f"the journal has dropped {journal['dropped']} of {journal['recorded']} requests, "
            "so that nothing can be said of all of them; raise --journal-size or --max-journal"
        )


def _format_nearest(
    journal: RequestList, operation: str | None = None, query: Mapping[str, Any] | None = None
) -> str:
    """List the requests with most of the wanted parameters, and of these the newest, one a line."""
    if not journal["items"]:
        return "the journal has dropped all requests" if journal["dropped"] else "no request came"

    def nearness(entry: Request) -> tuple[int, bool]:
        alike = [name for name, value in (query or {}).items() if _includes(entry, {name: value})]
        found = entry["operation"]
        return len(alike), found is not None if operation is None else found == operation

    nearest = sorted(journal["items"], key=nearness)[-_LISTED:]
    return "\n".join(["the nearest requests were:", *map(_format_line, nearest)])


def _includes(entry: Request, query: Mapping[str, Any]) -> bool:
    return query_string.includes(query_string.parse(entry["query"].encode("latin-1")), query)


def _format_line(entry: Request) -> str:
    query = f"?{entry['query']}" if entry["query"] else ""
    return printable(f"  {entry['method']} {entry['path']}{query} -> {entry['status']}", None)
