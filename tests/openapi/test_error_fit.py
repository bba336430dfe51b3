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
    found = error_fit.warnings(
        loaded.effective, loaded.operations, loaded.error_shape, loaded.references.problem
    )
    return [str(each) for each in found]


def test_a_schema_that_does_not_fit_is_told_once(small: Callable[..., Path]) -> None:
    replaced = ("\ncomponents:\n  schemas:\n", RESPONSES)
    [warning] = warnings(small(replaced))
    assert warning.partition("/small")[2] == (
        ".yaml:24 at /paths/~1things/get/responses/400/content/application~1json/schema: "
        "GET /v1/things describes the error 400 otherwise than it is sent: at /title, the field is missing; "
        "say with x-error at the document's root how errors are written."
    )
    assert warnings(small(replaced, overlay=SHAPE)) == []


def test_what_default_stands_for_is_what_the_operation_does_not_describe(
    small: Callable[..., Path],
) -> None:
    answer = "{description: Bad, content: {application/json: {schema: {%s}}}}"
    fits = answer % "type: object, properties: {error: {type: object}}"
    default = f"'default': {answer % 'type: string'}"

    def told(*described: str) -> list[str]:
        lines = "".join(f"        {each}\n" for each in described)
        path = small(("components:\n", f"{lines}components:\n"))
        return [each.partition(" describes the ")[2][:9] for each in warnings(path)]

    assert told(default) == ["error 400"]
    assert told(default, f"'400': {fits}") == ["error 401"]
    assert told(default, f"'400': {fits}", f"4XX: {fits}") == ["error 500"]
    assert told(default, f"4XX: {fits}", f"5xx: {fits}") == []


def test_a_default_that_describes_the_data_is_no_error(small: Callable[..., Path]) -> None:
    assert warnings(small(("'200'", "default"))) == []


def test_the_built_in_documents_errors_fit() -> None:
    assert warnings(document.BUILT_IN) == []
