"""The documents that tests serve and check answers by, and what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator

from mock_server.data import starting_data
from mock_server.formats import source_file
from mock_server.openapi import document, references
from tests.support import wire

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "usage-metrics.yaml"
AUTH = ("demo", "secret")
LIST = "/api/usage-metrics"

BUILT_IN = document.load(document.BUILT_IN)
OPERATION = BUILT_IN.effective["paths"]["/usage-metrics"]["get"]
SCHEMAS = starting_data.schemas(BUILT_IN)
_SPEC = ROOT / "spec" / "control.yaml"
CONTROL = references.resolve(source_file.read(_SPEC), _SPEC, source_file.read(_SPEC).data)

SMALL = """
openapi: 3.0.3
info: {title: Small, version: '1'}
servers: [{url: 'https://example.com/v1'}]
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: after, in: query, schema: {type: string}}
        - {name: before, in: query, schema: {type: string}}
        - {name: kind, in: query, schema: {type: string}}
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: object
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Thing'}}
                  pagination: {type: object}
components:
  schemas:
    Thing:
      type: object
      required: [id, kind]
      properties:
        id: {type: string, format: uuid}
        kind: {type: string, enum: [round, square]}
        size: {type: integer, minimum: 1, maximum: 9}
"""

# What a usage metric must have.
METRIC: dict[str, Any] = {
    "name": "n", "metricType": "SIMPLE", "eventType": "e", "aggregationType": "COUNT",
    "propertyFilters": {}, "parameters": [],
}  # fmt: skip

# Each text of a list parameter as sent, and the values that it stands for.
TRUTH_TABLE = [
    ("a", {"a"}),
    ("a,b", {"a", "b"}),
    ("a%2Cb", {"a", "b", "a,b"}),
    ("a%2cb", {"a", "b", "a,b"}),
    ("a%2Cb,c", {"a,b", "c"}),
    ("a%252Cb", {"a,b"}),
    ("a%252Cb,c", {"a,b", "c"}),
    ("a%252Cb%2Cc", {"a,b", "c"}),
    ("api+call", {"api call"}),
    ("api%20call", {"api call"}),
    ("50%25", {"50%"}),
    ("50%2525", {"50%"}),
    ("a,,b", {"a", "b"}),
    (",a", {"a"}),
    ("a,", {"a"}),
    (",", set()),
    (",,,", set()),
    ("%2C", set()),
    ("%2C%2C", set()),
    ("", set()),
]


def assert_described(answer: wire.Answer, responses: dict[str, Any] = OPERATION["responses"]) -> None:
    schema = responses[str(answer.status)]["content"]["application/json"]["schema"]
    OAS30Validator(schema).validate(answer.json)
    assert answer.header("Content-Type") == "application/json; charset=utf-8"
