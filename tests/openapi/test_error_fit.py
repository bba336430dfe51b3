"""Whether a document's own schemas of errors fit what is sent: told once for each schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mock_server.openapi import document, error_fit

RESPONSES = """
        '400': {description: Bad, content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}}
        4XX: {description: Bad, content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}}
        '401': {description: Bad, content: {application/problem+json: {schema: {type: object}}}}
        '422': {description: Never sent, content: {application/json: {schema: {type: string}}}}
        '404': {description: No body}
      x-note: ''
components:
  schemas:
    Fault:
      type: object
      required: [title]
      properties:
        title: {type: string}
        causes: {type: array, items: {$ref: '#/components/schemas/Fault'}}
"""
SHAPE = "  - {target: $, update: {x-error: {body: {title: '{message}'}}}}\n"


def warnings(path: Path) -> list[str]:
    loaded = document.load(path)
    found = error_fit.warnings(loaded.effective, loaded.operations, loaded.error_shape, "small.yaml")
    return [str(each) for each in found]


def test_a_schema_that_does_not_fit_is_told_once(small: Callable[..., Path]) -> None:
    replaced = ("\ncomponents:\n  schemas:\n", RESPONSES)
    [warning] = warnings(small(replaced))
    assert warning == (
        "small.yaml at /paths/~1things/get/responses/400/content/application~1json/schema: "
        "GET /v1/things describes the error 400 otherwise than it is sent: at /title, the field is missing; "
        "say with x-error at the document's root how errors are written."
    )
    assert warnings(small(replaced, overlay=SHAPE)) == []


def test_the_built_in_documents_errors_fit() -> None:
    loaded = document.load(document.BUILT_IN)
    assert error_fit.warnings(loaded.effective, loaded.operations, loaded.error_shape, "") == []
