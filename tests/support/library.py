"""A document of a library, whose rules stand in it: what the billing example has none of."""

LIBRARY = """
openapi: 3.0.3
info: {title: Library, version: "1"}
paths:
  /readers:
    get:
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Reader"}}}}}}
    post:
      x-create: {set: {state: {body: isTrial, as: {"true": trial, "false": full}}, since: {today: true}, balance: "10.00", version: 1}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: {name: {type: string}, isTrial: {type: boolean}, groups: {type: array, items: {type: string}}, tags: {type: object, additionalProperties: {type: string}}}
      responses: {"201": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Reader"}}}}}
  /readers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Reader"}}}}}
  /readers/{id}/remind:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    post:
      responses: {"200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Reader"}}}}}
  /readers/by-card/{number}:
    get:
      x-find: {by: number, through: {collection: cards, on: {id: readerId}, where: {state: [valid]}}}
      parameters: [{name: number, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Reader"}}}}}
  /readers/{id}/cards:
    get:
      x-view: {of: cards, where: {readerId: {path: id}}, map: {label: number}, parent: readers}
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: All
          content:
            application/json:
              schema: {type: array, items: {type: object, required: [label], properties: {label: {type: string}, state: {type: string}}}}
  /reader-tags:
    get:
      x-view: {of: readers, keys: tags}
      responses:
        "200":
          description: All
          content: {application/json: {schema: {type: object, required: [items], properties: {items: {type: array, items: {type: string}}}}}}
  /readers/{id}/groups:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    put:
      x-member: {of: groups, replace: {body: ids}, key: id}
      requestBody: {content: {application/json: {schema: {type: object, required: [ids], properties: {ids: {type: array, items: {type: string}}}}}}}
      responses: {"200": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Reader"}}}}}
  /cards:
    get:
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Card"}}}}}}
    post:
      x-create: {set: {state: valid}}
      requestBody: {content: {application/json: {schema: {type: object, properties: {readerId: {type: string}, number: {type: string}, state: {type: string}}}}}}
      responses: {"201": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Card"}}}}}
  /fees:
    post:
      x-action:
        of: readers
        id: {body: readerId}
        when: [{state: [full]}]
        match: {version: {body: version}}
        set: {balance: {subtract: {body: amount}}, version: {add: 1}, fees: {append: {amount: {body: amount}}}}
        otherwise: {status: 422, type: conflict, message: Ask again.}
        answer: {readerId: {body: readerId}, left: {record: balance}, version: {record: version}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [readerId, amount]
              properties: {readerId: {type: string}, amount: {type: string}, version: {type: integer}}
      responses:
        "201":
          description: One
          content:
            application/json:
              schema:
                type: object
                required: [readerId, left, version, note]
                properties: {readerId: {type: string}, left: {type: string}, version: {type: integer}, note: {type: string, nullable: true}}
components:
  schemas:
    Reader:
      type: object
      required: [id, state]
      properties:
        id: {type: string}
        name: {type: string}
        state: {type: string, enum: [trial, full]}
        since: {type: string}
        balance: {type: string}
        version: {type: integer}
        tags: {type: object, additionalProperties: {type: string}}
        groups: {type: array, items: {type: object, required: [id], properties: {id: {type: string}, joined: {type: string, nullable: true}}}}
        fees: {type: array, items: {type: object, properties: {id: {type: string, x-fill: id}, amount: {type: string}}}}
    Card:
      type: object
      required: [id, number, state]
      properties: {id: {type: string}, readerId: {type: string}, number: {type: string}, state: {type: string, enum: [valid, lost]}}
"""
