"""Generators of clients: they make the same types from the served document as from the published one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.documents import ROOT
from tests.support.servers import Serve

PLACES = [Path(sys.executable).parent, ROOT / "clients" / "javascript" / "node_modules" / ".bin"]

# How each generator is called, by its program: with a document and a folder to write into.
GENERATORS: dict[str, Callable[[str, str], list[str]]] = {
    "openapi-python-client": lambda document, folder: [
        "generate", "--path", document, "--meta", "none", "--output-path", folder
    ],
    "openapi-typescript": lambda document, folder: [document, "--output", f"{folder}/types.ts"],
    "openapi-generator": lambda document, folder: [
        "generate", "-g", "typescript-fetch", "-i", document, "-o", folder
    ],
    "openapi-generator-cli": lambda document, folder: [
        "generate", "-g", "typescript-fetch", "-i", document, "-o", folder
    ],
    # That of openapi-typescript-codegen.
    "openapi": lambda document, folder: ["--input", document, "--output", folder],
}  # fmt: skip

DOCUMENT = """\
openapi: VERSION
info: {title: Shelves, version: '1'}
servers: [{url: 'https://example.com/v1'}]
paths:
  /things:
    parameters: [{$ref: '#/components/parameters/Limit'}]
    get:
      operationId: listThings
      parameters: [{name: after, in: query, schema: {type: string}}]
      responses:
        '200':
          description: A page
          content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}
components:
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer}}
  schemas:
    Page:
      type: object
      required: [items, pagination]
      properties:
        items: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        pagination: {$ref: '#/components/schemas/Pagination'}
    Pagination: {type: object, properties: {after: {type: string}}}
    Thing:
      type: object
      required: [id, kind]
      properties:
        id: {type: string}
        kind: {$ref: '#/components/schemas/Kind'}
        parent: {$ref: '#/components/schemas/Thing'}
    Kind: {type: string, enum: [book, cup]}
"""


def find(generator: str) -> str | None:
    beside = [str(place / generator) for place in PLACES if (place / generator).exists()]
    return beside[0] if beside else shutil.which(generator)


def generate(program: str, generator: str, document: Path, folder: Path) -> dict[str, str]:
    """The files of a client that was generated from a document, by their names."""
    command = [program, *GENERATORS[generator](str(document), str(folder))]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    made = [path for path in folder.rglob("*") if path.suffix in (".py", ".ts")]
    return {str(path.relative_to(folder)): path.read_text() for path in made}


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("generator", GENERATORS)
def test_a_client_of_the_served_document_has_the_types_of_the_published_one(
    serve: Serve, tmp_path: Path, generator: str, version: str
) -> None:
    program = find(generator)
    if program is None:
        pytest.skip(f"{generator} is not installed")
    published = tmp_path / "shelves.yaml"
    published.write_text(DOCUMENT.replace("VERSION", version))
    served = tmp_path / "served.json"
    with urlopen(f"{serve(document=published, count=1)}/_mock/document") as answer:
        served.write_bytes(answer.read())
    # Where the API is stands in the document; some generators write it into the client.
    effective = json.loads(served.read_text()) | {"servers": [{"url": "https://example.com/v1"}]}
    served.write_text(json.dumps(effective))
    found = generate(program, generator, served, tmp_path / "served")
    assert found == generate(program, generator, published, tmp_path / "published")
    assert any("Thing" in text for text in found.values())
