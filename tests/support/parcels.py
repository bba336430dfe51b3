"""A small document of parcels and, within each, the stops on its way, which tests change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PARCELS = """
openapi: 3.0.3
info: {title: Parcels, version: '1'}
security: [{basic: []}]
paths:
  /parcels:
    get:
      operationId: listParcels
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 10}}
        - {name: after, in: query, schema: {type: string}}
        - {name: size, in: query, schema: {type: string, enum: [S, M, L]}}
      responses:
        '200': {description: A page., content: {application/json: {schema: {
          type: object, required: [items, total], properties: {
            items: {type: array, items: {$ref: '#/components/schemas/Parcel'}},
            total: {type: integer}, next: {type: string}}}}}}
    post:
      operationId: createParcel
      requestBody: {$ref: '#/components/requestBodies/Parcel'}
      responses: {'201': {$ref: '#/components/responses/Parcel'}}
  /parcels/{parcelId}:
    parameters: [{name: parcelId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getParcel
      responses: {'200': {$ref: '#/components/responses/Parcel'}}
    put:
      operationId: replaceParcel
      requestBody: {$ref: '#/components/requestBodies/Parcel'}
      responses: {'200': {$ref: '#/components/responses/Parcel'}}
    patch:
      operationId: changeParcel
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/ParcelPatch'}}}}
      responses: {'200': {$ref: '#/components/responses/Parcel'}}
    delete:
      operationId: deleteParcel
      responses: {'204': {description: Gone.}}
  /parcels/{parcelId}/stops:
    parameters: [{name: parcelId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: listStops
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 10}}
        - {name: after, in: query, schema: {type: string}}
      responses:
        '200': {description: A page., content: {application/json: {schema: {
          type: object, required: [items, total], properties: {
            items: {type: array, items: {$ref: '#/components/schemas/Stop'}},
            total: {type: integer}, next: {type: string}}}}}}
    post:
      operationId: createStop
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/StopInput'}}}}
      responses: {'201': {$ref: '#/components/responses/Stop'}}
  /parcels/{parcelId}/stops/{stopId}:
    parameters:
      - {name: parcelId, in: path, required: true, schema: {type: string}}
      - {name: stopId, in: path, required: true, schema: {type: string}}
    get:
      operationId: getStop
      responses: {'200': {$ref: '#/components/responses/Stop'}}
    delete:
      operationId: deleteStop
      responses: {'204': {description: Gone.}}
components:
  securitySchemes: {basic: {type: http, scheme: basic}}
  requestBodies:
    Parcel: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/ParcelInput'}}}}
  responses:
    Parcel: {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Parcel'}}}}
    Stop: {description: It., content: {application/json: {schema: {$ref: '#/components/schemas/Stop'}}}}
  schemas:
    ParcelInput:
      type: object
      required: [label, size]
      properties:
        label: {type: string, maxLength: 40}
        size: {type: string, enum: [S, M, L]}
        note: {type: string}
        goods: {type: object, additionalProperties: {type: integer}}
        tags: {type: array, items: {type: string}}
    ParcelPatch:
      type: object
      properties:
        label: {type: string, maxLength: 40}
        size: {type: string, enum: [S, M, L]}
        note: {type: string, nullable: true}
        goods: {type: object, nullable: true, additionalProperties: {type: integer, nullable: true}}
        tags: {type: array, nullable: true, items: {type: string}}
    Parcel:
      type: object
      required: [id, label, size, createdAt]
      properties:
        id: {type: string, format: uuid, x-fill: id}
        label: {type: string, maxLength: 40}
        size: {type: string, enum: [S, M, L]}
        note: {type: string}
        goods: {type: object, additionalProperties: {type: integer}}
        tags: {type: array, items: {type: string}}
        createdAt: {type: string, format: date-time, x-fill: timestamp}
    StopInput:
      type: object
      required: [place]
      properties: {place: {type: string}}
    Stop:
      type: object
      required: [id, parcelId, place]
      properties:
        id: {type: string, format: uuid, x-fill: id}
        parcelId: {type: string}
        place: {type: string}
"""


def written(folder: Path, **extensions: Any) -> Path:
    """Write the document, with extensions of the operations named, beside its overlay; return its path.

    E.g. `createParcel={"x-unique": "label"}`.
    """
    path = folder / "parcels.yaml"
    path.write_text(PARCELS)
    actions = [
        {"target": f"$.paths.*[?@.operationId == '{name}']", "update": update}
        for name, update in extensions.items()
    ]
    overlay = {"overlay": "1.1.0", "info": {"title": "Prose", "version": "1"}, "actions": actions}
    if actions:
        (folder / "parcels.overlay.yaml").write_text(json.dumps(overlay))
    return path
