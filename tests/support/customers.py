"""A small document with customers that clients create, change and remove, and invoices of theirs."""

from __future__ import annotations

CUSTOMERS = """\
openapi: 3.0.3
info: {title: Customers, version: '1'}
servers: [{url: /v1}]
paths:
  /customers:
    get:
      operationId: listCustomers
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: after, in: query, schema: {type: string}}
      responses:
        '200':
          description: A page
          content:
            application/json:
              schema:
                type: object
                required: [items, pagination]
                properties:
                  items: {type: array, items: {$ref: '#/components/schemas/Customer'}}
                  pagination:
                    type: object
                    required: [total, after]
                    properties:
                      total: {type: integer}
                      after: {type: string, nullable: true}
    post:
      operationId: createCustomer
      requestBody: {$ref: '#/components/requestBodies/Customer'}
      responses: {'201': {$ref: '#/components/responses/Customer'}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {'200': {$ref: '#/components/responses/Customer'}}
    put:
      operationId: replaceCustomer
      requestBody: {$ref: '#/components/requestBodies/Customer'}
      responses: {'200': {$ref: '#/components/responses/Customer'}}
    delete:
      operationId: removeCustomer
      responses: {'204': {description: Removed}}
  /customers/{customerId}/Größen:
    parameters: [{name: customerId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: listSizes
      responses:
        '200':
          description: All
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Size'}}}
    post:
      operationId: createSize
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Size'}}}
      responses:
        '201':
          description: Made
          content: {application/json: {schema: {$ref: '#/components/schemas/Size'}}}
components:
  requestBodies:
    Customer:
      content: {application/json: {schema: {$ref: '#/components/schemas/CustomerBody'}}}
  responses:
    Customer:
      description: A customer
      content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
  schemas:
    CustomerBody:
      type: object
      required: [name]
      properties: {name: {type: string}, address: {$ref: '#/components/schemas/Address'}}
    Customer:
      type: object
      required: [id, name]
      properties:
        id: {type: string, format: uuid}
        name: {type: string}
        address: {$ref: '#/components/schemas/Address'}
    Address:
      type: object
      properties: {city: {type: string}, zip: {type: string}}
    Size:
      type: object
      required: [id, customerId, width]
      properties: {id: {type: string}, customerId: {type: string}, width: {type: integer}}
"""
