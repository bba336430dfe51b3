"""Whether a document's own schemas of errors fit what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from mock_server.errors import ApiError, InvalidRequest, Violation
from mock_server.formats.source_file import Place
from mock_server.openapi.error_shape import BUILT_IN, ErrorShape
from mock_server.openapi.operations import Operation
from mock_server.openapi.responses import OK, find_json, find_response
from mock_server.openapi.schema_access import WRITE_ONLY
from mock_server.openapi.schema_errors import CompiledSchema, Flaw
from mock_server.problems import Problem

# The statuses that the server answers by itself; what a fault is scripted to answer is its author's.
SENT = (400, 401, 403, 404, 405, 406, 413, 415, 429, 500, 501, 503)
# What of them a range stands for, and `default`, where an operation has no answer of its own for it.
_RANGES = {
    "4XX": [status for status in SENT if status < 500],
    "5XX": [status for status in SENT if status >= 500],
    "DEFAULT": SENT,
}

# Makes the problem of a place in the document, of a message and a remedy.
Locate = Callable[[Place, str, str], Problem]


@dataclass
class Described:
    """A schema of errors, and where it is used: the place of the first use, statuses and operations."""

    schema: Any
    place: Place
    statuses: list[int] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)

    @property
    def media_type(self) -> str:
        return str(self.place[-2])


def warnings(
    document: Mapping[str, Any], operations: Sequence[Operation], shape: ErrorShape, problem: Locate
) -> list[Problem]:
    """Return a warning for each flaw that schemas of errors find in what is sent, once for all of them.

    `document` is the effective one, and `problem` makes the problem of a place in it.
    """
    groups: dict[tuple[Place, str], list[tuple[int, Described]]] = {}
    for described in schemas_of(document, operations):
        misfit = find_misfit(described, shape)
        if misfit is not None:
            status, flaw = misfit
            groups.setdefault((flaw.place, flaw.message), []).append((status, described))
    remedy = "say with x-error at the document's root how errors are written"
    if shape is not BUILT_IN:
        remedy = "correct x-error, unless they are sent so"
    found = [_warning(flaw, alike) for flaw, alike in groups.items()]
    found.sort(key=lambda each: -each[0])
    return [problem(place, sentence, remedy) for _, place, sentence in found]


def find_misfit(described: Described, shape: ErrorShape) -> tuple[int, Flaw] | None:
    """Return the first status whose error does not fit a schema, and the flaw; None where all fit."""
    # Of the built-in shape, which nobody has chosen for this document, an unknown member is a flaw too.
    schema = CompiledSchema(described.schema, WRITE_ONLY, is_closed=shape is BUILT_IN)
    flaws = (
        (status, next(schema.flaws(shape.body(_example(status))), None)) for status in described.statuses
    )
    return next(((status, flaw) for status, flaw in flaws if flaw is not None), None)


def _warning(flaw: tuple[Place, str], alike: Sequence[tuple[int, Described]]) -> tuple[int, Place, str]:
    """Return how many operations have schemas with one flaw, the place of the first, and a sentence."""
    number = len({id(operation) for _, each in alike for operation in each.operations})
    status, most = max(alike, key=lambda each: len(each[1].operations))
    first = most.operations[0]
    others = f" and {number - 1} more operation{'' if number == 2 else 's'}" if number > 1 else ""
    sentence = (
        f"{first.method} {first.path}{others} describe{'' if others else 's'} the error {status} "
        f"otherwise than it is sent: at /{'/'.join(map(str, flaw[0]))}, {flaw[1]}"
    )
    return number, most.place, sentence


def schemas_of(document: Mapping[str, Any], operations: Sequence[Operation]) -> list[Described]:
    """Return the schemas of the errors of operations that are answered, each once."""
    found: dict[int, Described] = {}
    for operation in operations:
        if operation.method != "GET":
            continue
        spec = document["paths"][operation.template][operation.method.lower()]
        for status, place, schema in _errors_of(spec):
            where = ("paths", operation.template, operation.method.lower(), *place)
            described = found.setdefault(id(schema), Described(schema, where))
            if status not in described.statuses:
                described.statuses.append(status)
            if operation not in described.operations[-1:]:
                described.operations.append(operation)
    return list(found.values())


def _errors_of(spec: Mapping[str, Any]) -> Iterator[tuple[int, Place, Any]]:
    """Yield the status, the place and the schema of each error that an operation describes in JSON.

    A `default` that describes the answer with data, as no `200` does, is no error's.
    """
    responses = spec.get("responses", {})
    described = {str(key).upper() for key in responses}
    answer = find_response(spec, OK)
    for key, response in responses.items():
        if key == answer:
            continue
        status = _status_of(str(key).upper(), described)
        content = response.get("content", {})
        media_type = find_json(content) or next((m for m in content if "json" in m), None)
        if status in SENT and media_type is not None and "schema" in content[media_type]:
            place = ("responses", key, "content", media_type, "schema")
            yield status, place, content[media_type]["schema"]


def _status_of(key: str, described: Set[str]) -> int:
    """Return the first status that a key of `responses` is for; 0 where others describe them all."""
    if key.isdecimal():
        return int(key)
    others = described - {key}
    free = (s for s in _RANGES.get(key, ()) if others.isdisjoint((f"{s}", f"{s // 100}XX")))
    return next(free, 0)


def _example(status: int) -> ApiError:
    """Return an error with a status, as the server makes them."""
    if status == 400:
        return InvalidRequest([Violation("range", "It is too small.", "size")])
    error = ApiError("There is nothing here.")
    error.status, error.type = status, "notFound"
    return error
