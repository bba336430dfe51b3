"""The document of the control API, control.yaml, and its operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mock_server.formats import media_types, source_file
from mock_server.openapi import operations, references
from mock_server.openapi.operations import Operation
from mock_server.openapi.served_document import ServedDocument, server_below
from mock_server.settings import CONTROL_PATH

# The operations that give documents, which pages of the origins in `--cors-origin` may read: Swagger UI
# elsewhere takes their URLs. All other calls are for programs, and the inspector.
DOCUMENTS = ("getDocument", "getControlDocument", "getControlDocumentAsYaml")

PATH = Path(str(files("mock_server.spec") / "control.yaml"))


@cache
def spec() -> dict[str, Any]:
    """Return the document with its references resolved; it is shared, so callers must not change it."""
    source = source_file.read_shipped(PATH)
    return references.resolve(source, PATH, source.data)


@cache
def served() -> ServedDocument:
    """Return the document as it is written, its server replaced by this one."""
    return ServedDocument(
        lambda: {**source_file.read_shipped(PATH).data, "servers": [server_below(CONTROL_PATH)]}
    )


def add_security(routing: dict[str, Any], *, is_checked: bool) -> None:
    """Add what calls ask for to the document that Connexion routes by.

    Calls whose credentials are optional are made without, or, if `is_checked`, with them only.
    """
    routing["components"] = {"securitySchemes": spec()["components"]["securitySchemes"]}
    for operation in control_operations():
        asked = operation_object(operation).get("security", spec()["security"])
        required = [alternative for alternative in asked if alternative]
        is_open = {} in asked and not is_checked
        path = routing["paths"][operation.route.removeprefix(CONTROL_PATH)]
        path[operation.method.lower()]["security"] = [] if is_open else required


@cache
def control_operations() -> tuple[Operation, ...]:
    """Return the operations that the document describes."""
    found = operations.find(spec(), None, has_lists=False)
    return tuple(each for each in found if isinstance(each, Operation))


def operation_object(operation: Operation) -> Mapping[str, Any]:
    """Return the Operation Object (OpenAPI 3.0) of an operation."""
    member: Mapping[str, Any] = spec()["paths"][operation.template][operation.method.lower()]
    return member


def worker_name(operation: Operation) -> str | None:
    """Return the name of the worker thread of an operation that may take long; None without one."""
    name: str | None = operation_object(operation).get("x-worker")
    return name


def answer_types(operation: Operation) -> Iterable[str]:
    """Return the media types of an operation's successful answers; all errors are JSON."""
    responses: Mapping[str, Any] = operation_object(operation)["responses"]
    content: Iterable[str] = next(iter(responses.values())).get("content") or (media_types.JSON,)
    return content


def path_of(operation_id: str) -> str:
    """Return the path of an operation, base path included."""
    return next(o.path for o in control_operations() if o.id == operation_id)
