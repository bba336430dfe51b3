"""The assertions of a sandbox, over requests, walks, faults and mistakes that were asked for before.

Each raises AssertionError with a message that ends with the requests that did come, and a link to the
inspector. `__tracebackhide__` makes pytest show the line of the test instead of lines from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.client.scene import Scene, Wanted, format_line, format_mistake, lacks_body, to_text
from mock_server.client.types import Fault, Mistakes, Request, RequestList, Walk
from mock_server.shown_text import printable

# How many mistakes a message lists.
_LISTED = 20


def assert_called(found: RequestList, scene: Scene, times: int | None, wanted: Wanted) -> None:
    """Assert that `times` requests were found, or at least one where it is None.

    `found` has the requests that are wanted. Dropped requests, or bodies, may have been some, so that a
    journal without them proves no number and no absence.
    """
    __tracebackhide__ = True
    number = len(found["items"])
    if times is None and number:
        return
    _require_all(found)
    if wanted.body is not None:
        _require_bodies(scene.journal)
    if times is not None and number == times:
        return
    asked = "at least one request" if times is None else f"{times} request" + "s" * (times != 1)
    of = f" of {wanted.operation}" if wanted.operation else ""
    having = f" with {to_text(wanted.query)}" if wanted.query else ""
    saying = "" if wanted.body is None else f" with the body {to_text(wanted.body)}"
    came = scene.describe("requests", wanted)
    raise AssertionError(f"expected {asked}{of}{having}{saying}, but {number} came; {came}")


def assert_walked(
    walks: Sequence[Walk], scene: Scene, complete: bool | None, repeats: bool | None
) -> None:
    """Assert that some walk reached its end, and that none asked for a page twice.

    `complete=False` asserts that none reached its end, `repeats=True` that some walk asked for a page
    twice; None leaves either out. Without any walk it fails.
    """
    __tracebackhide__ = True
    _require_all(scene.journal)
    if not walks:
        came = scene.describe("requests")
        raise AssertionError(f"expected a walk, but no list was asked for; {came}")
    if complete is not None and any(walk["complete"] for walk in walks) is not complete:
        wanted = f"expected {'a' if complete else 'no'} walk to the end"
        raise AssertionError(f"{wanted}; {_describe_walks(walks, scene)}")
    repeating = any(walk["repeatedCursors"] for walk in walks)
    if repeats is not None and repeating is not repeats:
        wanted = f"expected {'a' if repeats else 'no'} page that was asked for twice"
        raise AssertionError(f"{wanted}; {_describe_walks(walks, scene)}")


def _describe_walks(walks: Sequence[Walk], scene: Scene) -> str:
    return "\n".join(
        ["the walks were:", *(f"  {to_text(walk)}" for walk in walks), scene.describe("walks")]
    )


def assert_faults_fired(faults: Sequence[Fault], scene: Scene) -> None:
    """Assert that no fault has steps left; one that runs forever must have fired once."""
    __tracebackhide__ = True
    unfired = [fault for fault in faults if not _has_fired(fault)]
    if unfired:
        listed = "\n".join(f"  {to_text(fault)}" for fault in unfired)
        came = scene.describe("faults")
        raise AssertionError(f"no request met these faults:\n{listed}\n{came}")


def _has_fired(fault: Fault) -> bool:
    return fault["spent"] or (fault["remaining"] == "forever" and fault["fired"] > 0)


def assert_no_violations(mistakes: Sequence[Mistakes], scene: Scene, *, warnings: bool) -> None:
    """Assert that requests came, and that none had a violation, nor with `warnings` a warning."""
    __tracebackhide__ = True
    wanted = "expected requests without violations" + " and warnings" * warnings
    if not scene.journal["recorded"]:
        raise AssertionError(f"{wanted}, but {scene.describe('requests')}")
    meant = [group for group in mistakes if warnings or group["kind"] == "violation"]
    if meant:
        number = sum(group["count"] for group in meant)
        lines = list(_describe_mistakes(meant, scene.journal["items"]))
        more = [f"  and {len(lines) - _LISTED} more"] * (len(lines) > _LISTED)
        listed = "\n".join([*lines[:_LISTED], *more, scene.describe_link("requests")])
        came = f"1 {meant[0]['kind']} came" if number == 1 else f"{number} came"
        raise AssertionError(f"{wanted}, but {came}:\n{listed}")


def _describe_mistakes(groups: Sequence[Mistakes], requests: Sequence[Request]) -> list[str]:
    """Return each mistake with its request, in the order in which they came.

    Those whose requests the journal does not have, and those of a walk, stand last: the first of each
    group.
    """
    left = {_key_of(group["kind"], group["operation"], group): group["count"] for group in groups}
    lines = []
    for entry in requests:
        for kind, found in (("violation", entry["violations"]), ("warning", entry["warnings"])):
            for mistake in found:
                key = _key_of(kind, entry["operation"], mistake)
                if left.get(key):
                    left[key] -= 1
                    lines.append(_describe_mistake(format_line(entry), kind, mistake))
    for group in groups:
        number = left[_key_of(group["kind"], group["operation"], group)]
        if number:
            request = f"{group['example']} ({number}×, first by request {group['first']})"
            lines.append(_describe_mistake(request, group["kind"], group))
    return lines


def _key_of(
    kind: str, operation: str | None, mistake: Mapping[str, Any]
) -> tuple[str, str | None, str, str]:
    return kind, operation, mistake["key"], mistake["code"]


def _describe_mistake(request: str, kind: str, mistake: Mapping[str, Any]) -> str:
    return f"{printable(f'  {request}', None)}\n{format_mistake(kind, mistake)}"


def _require_all(journal: RequestList) -> None:
    """Raise AssertionError where the journal has dropped requests."""
    __tracebackhide__ = True
    if journal["dropped"]:
        raise AssertionError(
            f"the journal has dropped {journal['dropped']} of {journal['recorded']} requests, "
            "so that nothing can be said of all of them; raise --journal-size or --max-journal"
        )


def _require_bodies(journal: RequestList) -> None:
    """Raise AssertionError where the journal has dropped bodies of requests."""
    __tracebackhide__ = True
    number = sum(1 for entry in journal["items"] if lacks_body(entry))
    if number:
        raise AssertionError(
            f"the journal has dropped {number} bodies of {journal['recorded']} requests for newer ones, "
            "so that nothing can be said of all of them; empty it between the parts of a test"
        )
