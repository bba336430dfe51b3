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

# A list by each convention, of 7 things; 3 come on a page that says no other number.
CONVENTIONS = """
openapi: 3.0.3
info: {title: Conventions, version: '1'}
paths:
  /item-ids:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
        - {name: starting_after, in: query, schema: {type: string}}
        - {name: ending_before, in: query, schema: {type: string}}
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: object, required: [object, url, has_more, data], properties: {
          object: {type: string, enum: [list]}, url: {type: string, default: /item-ids},
          has_more: {type: boolean},
          data: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}}}
  /links:
    get:
      parameters:
        - {name: per_page, in: query, schema: {type: integer, maximum: 100}}
        - {name: page, in: query, schema: {type: integer}}
      responses: {'200': {description: OK, headers: {Link: {schema: {type: string}}}, content: {
        application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}
  /page-size:
    get:
      parameters:
        - {name: page, in: query, style: deepObject, schema: {type: object, properties: {
            size: {type: integer, maximum: 50}, number: {type: integer, default: 1}}}}
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: object, required: [data, meta], properties: {
          data: {type: array, items: {$ref: '#/components/schemas/Thing'}},
          meta: {type: object, required: [total_pages], properties: {
            total_pages: {type: integer}, current_page: {type: integer}}}}}}}}}
  /offsets:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: offset, in: query, schema: {type: integer}}
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: object, properties: {total: {type: integer}, offset: {type: integer},
          items: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}}}
  /tokens:
    get:
      parameters:
        - {name: page_size, in: query, schema: {type: integer}}
        - {name: page_token, in: query, schema: {type: string}}
        - {name: kind, in: query, schema: {type: string, enum: [round, square]}}
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: object, properties: {next_page_token: {type: string},
          things: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}}}
  /urls:
    get:
      parameters:
        - {name: kind, in: query, schema: {type: string, enum: [round, square]}}
        - {name: per_page, in: query, schema: {type: integer}}
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: object, required: [next_url], properties: {
          next_url: {type: string, nullable: true},
          items: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}}}
  /relative-urls:
    get:
      parameters:
        - {name: PageSize, in: query, schema: {type: integer}}
        - {name: Page, in: query, schema: {type: integer}}
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: object, properties: {
          things: {type: array, items: {$ref: '#/components/schemas/Thing'}},
          first_page_uri: {type: string, example: '/relative-urls?Page=0'},
          previous_page_uri: {type: string, nullable: true},
          next_page_uri: {type: string, nullable: true, example: '/relative-urls?Page=1'}}}}}}}
  /whole:
    get:
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}
  /nested:
    get:
      x-list:
        style: cursor
        items: result.page.things
        request: {limit: limit, after: cursor}
        response: {next: result.page.next, total: result.total}
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: cursor, in: query, schema: {type: string}}
      responses: {'200': {description: OK, content: {application/json: {schema: {
        type: object, properties: {ok: {type: boolean, default: true}, result: {type: object,
          properties: {total: {type: integer}, page: {type: object, properties: {
            next: {type: string, nullable: true},
            things: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}}}}}}}}}
components:
  schemas:
    Thing:
      type: object
      required: [id, kind]
      properties:
        id: {type: string, format: uuid, x-fill: id}
        kind: {type: string, enum: [round, square]}
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
