"""Mistakes in the rules of an overlay: each is a problem with its file, its line, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.openapi import document

ORDERS = """
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {buyer: {type: string}, note: {type: string}}}}}}
      responses: {"201": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders/{id}/ship:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {carrier: {type: string}}}}}}
      responses: {"200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /shops/{country}/{shop}/notes:
    parameters:
      - {name: country, in: path, required: true, schema: {type: string}}
      - {name: shop, in: path, required: true, schema: {type: string}}
    get:
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {type: object, required: [id], properties: {id: {type: string}}}}}}}}
components:
  schemas:
    Order:
      type: object
      required: [id, status]
      properties: {id: {type: string}, status: {type: string}, buyer: {type: string}, carrier: {type: string}, total: {type: number}, kind: {type: string, enum: [web, shop]}}
"""

SHIP = "$.paths['/orders/{id}/ship'].post"
CREATE = "$.paths['/orders'].post"
LIST = "$.paths['/orders'].get"
NOTES = "$.paths['/shops/{country}/{shop}/notes'].get"
TOTAL = "$.components.schemas.Order.properties.total"


@pytest.mark.parametrize(
    ("target", "rule", "place", "said"),
    [
        (SHIP, "x-action: {sett: {status: SENT}}", "post/x-action/sett", "does not name this field; write 'set'."),
        (SHIP, "x-action: SENT", "post/x-action", '"SENT" is not of type object'),
        (SHIP, "x-action: {when: [{stats: [NEW]}], set: {status: SENT}}", "when/0/stats",
         "the records of orders have no member 'stats' (did you mean 'status'?)"),
        (SHIP, "x-action: {set: {statu: SENT}}", "set/statu", "no member 'statu' (did you mean 'status'?)"),
        (SHIP, "x-action: {when: [{kind: [web, shp]}], set: {status: SENT}}", "when/0/kind",
         "no record of orders has the kind \"shp\" (did you mean 'shop'?); use one of web, shop."),
        (SHIP, "x-action: {set: {kind: phone}}", "set/kind", 'no record of orders has the kind "phone"; use one of web, shop.'),
        (SHIP, "x-action: {set: {kind: {body: carrier, as: {a: wb}}}}", "set/kind", 'no record of orders has the kind "wb"'),
        (SHIP, "x-action: {set: {carrier: {body: carier}}}", "set/carrier",
         "the body has no 'carier' (did you mean 'carrier'?); use one of carrier."),
        (SHIP, "x-action: {set: {carrier: {path: order}}}", "set/carrier", "the path has no 'order'; use one of id."),
        (SHIP, "x-action: {set: {carrier: {body: carrier, ass: {}}}}", "set/carrier/ass", "means nothing beside 'body'"),
        (SHIP, "x-action: {set: {total: {add: much}}}", "set/total/add", "it is no number"),
        (SHIP, "x-action: {set: {status: {next: SEQ}}}", "set/status/next", "write {prefix: SEQ}"),
        (SHIP, "x-action: {set: {status: [{next: {prefix: S}}]}}", "set/status/0", "an item of a list keeps no running number"),
        (SHIP, "x-action: {set: {status: {append: {at: {next: {prefix: S}}}}}}", "status/append",
         "give it to a member of the record."),
        (SHIP, "x-action: {answer: {status: {next: {prefix: S}}}}", "answer/status", "an answer keeps no running number"),
        (SHIP, "x-action: {set: {status: {now: false}}}", "set/status/now", "write {now: true}."),
        (SHIP, "x-action: {of: orders, set: {status: SENT}}", "post/x-action", "of and id say together"),
        (SHIP, "x-action: {of: order, id: {body: carrier}, set: {}}", "x-action/of",
         "the document has no collection 'order' (did you mean 'orders'?); use one of orders"),
        (SHIP, "x-action: {set: {status: SENT}, otherwise: {status: 200, type: t, message: m}}",
         "otherwise/status", "does not satisfy minimum 400"),
        (SHIP, "x-member: {of: lines}", "x-member", "write add, replace or remove."),
        (SHIP, "x-member: {of: lines, add: {body: carrier}}", "x-member/of", "have no member 'lines'"),
        (SHIP, "x-create: {set: {status: NEW}}", "x-create", "the operation creates no record; remove it."),
        (SHIP, "x-parent: kept", "x-parent", "no parameter of the path names a record of another collection"),
        (NOTES, "x-parent: kept", "x-parent", "put it on an operation of a nested collection."),
        (NOTES, "x-parent: {field: shopId}", "x-parent", "no parameter of the path names a record of another collection"),
        (CREATE, "x-parent: kept", "x-parent", "the path has no parameter that names a parent"),
        (SHIP, "x-view: {of: orders}", "x-view", "the operation is no GET; put it on a GET."),
        (CREATE, "x-action: {set: {status: NEW}}", "x-action", "the path names no record of a collection"),
        (CREATE, "x-map: {byer: buyer}", "x-map/byer", "the body has no member 'byer' (did you mean 'buyer'?)"),
        (CREATE, "x-upsert: numbr", "x-upsert", "have no member 'numbr'"),
        (CREATE, "x-unique: []", "x-unique", "[] does not satisfy minItems"),
        (CREATE, "x-rate: often", "x-rate", "does not satisfy pattern"),
        (CREATE, "x-idempotency: {header: Key}", "x-idempotency/seconds", "the field is missing; add it."),
        (CREATE, "x-merge: {ids: {body: buyer}, join: lines}", "x-merge/join", "the document has no collection 'lines'"),
        (LIST, "x-view: {of: order}", "x-view/of", "no collection 'order' (did you mean 'orders'?)"),
        (LIST, "x-find: {by: buyer}", "x-find", "the path has no parameter that names a record"),
        (TOTAL, "x-sum: {of: lines, field: price, by: orderId}", "total/x-sum/of", "no collection 'lines'"),
        (TOTAL, "x-sum: {product: [a, b]}", "total/x-sum", "does not name this field"),
        (TOTAL, "x-sum: {multiply: [total, total], add: [total, total]}", "total/x-sum", "write multiply, add or subtract."),
        (TOTAL, "x-sum: {add: [total, statu]}", "total/x-sum/add",
         "the records of orders have no member 'statu' (did you mean 'status'?)"),
        (TOTAL, "x-sum: {of: orders, field: price, by: buyer}", "total/x-sum/field", "orders have no member 'price'"),
        (TOTAL, "x-sum: {of: orders, field: total, by: byer}", "total/x-sum/by", "no member 'byer' (did you mean 'buyer'?)"),
        (TOTAL, "x-refers: {collection: buyers}", "x-refers/collection", "no collection 'buyers'"),
        (TOTAL, "x-refers: {collection: orders, by: number}", "x-refers/by", "orders have no member 'number'"),
        (TOTAL, "x-refers: {collection: orders, copies: {buyr: note}}", "x-refers/copies/buyr",
         "no member 'buyr' (did you mean 'buyer'?)"),
        (TOTAL, "x-refers: {collection: orders, copies: {buyer: nam}}", "x-refers/copies/buyer", "orders have no member 'nam'"),
        (CREATE, "x-allow: {parent: [{status: [NEW]}]}", "post/x-allow/parent",
         "the records of orders belong to no other ones; write when, or remove it."),
        (TOTAL, "x-action: {set: {status: SENT}}", "total/x-action", "x-action means nothing here; put it on an operation."),
        ("$.paths['/orders'].get.parameters[0]", "x-sum: {add: [a, b]}", "parameters/0/x-sum", "put it on a property."),
        ("$", "x-view: {of: orders}", "/x-view", "x-view means nothing here; put it on an operation."),
        (LIST, "x-filter: {field: status, match: equals}", "get/x-filter", "put it on a parameter."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_the_remedy(
    tmp_path: Path, refusal: Callable[..., list[str]], target: str, rule: str, place: str, said: str
) -> None:
    written = tmp_path / "orders.yaml"
    written.write_text(ORDERS)
    overlay = tmp_path / "orders.overlay.yaml"
    overlay.write_text(
        'overlay: 1.1.0\ninfo: {title: O, version: "1"}\nactions:\n'
        f"  - target: {target}\n    update:\n      {rule}\n"
    )

    problems = refusal(document.load, written)

    assert len(problems) == 1, problems
    assert problems[0].startswith("orders.overlay.yaml:6 at /")
    assert place in problems[0]
    assert said in problems[0]


NOTES = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {description: One, content: {application/json: {schema: {
        type: object, properties: {note: {type: object, required: [id], properties: {
          id: {type: string}, order: {type: string, x-refers: {collection: orders}}}}}}}}}}
"""


def test_a_property_of_records_in_a_member_is_named_where_it_stands(
    tmp_path: Path, refusal: Callable[..., list[str]]
) -> None:
    written = tmp_path / "notes.yaml"
    written.write_text(NOTES)

    (problem,) = refusal(document.load, written)

    assert "/schema/properties/note/properties/order/x-refers/collection: the document has" in problem
