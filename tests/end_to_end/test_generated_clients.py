"""Generators of clients: they make the same types from the served document as from the published one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.servers import Serve

GENERATOR = Path(sys.executable).parent / "openapi-python-client"

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


def generate(document: Path, folder: Path) -> dict[str, str]:
    """The files of a client that was generated from a document, by their names."""
    command = [str(GENERATOR), "generate", "--path", str(document), "--meta", "none"]
    command += ["--output-path", str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.py")}


@pytest.mark.slow
@pytest.mark.skipif(not GENERATOR.exists(), reason="openapi-python-client is not installed")
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_client_of_the_served_document_has_the_types_of_the_published_one(
    serve: Serve, tmp_path: Path, version: str
) -> None:
    published = tmp_path / "shelves.yaml"
    published.write_text(DOCUMENT.replace("VERSION", version))
    served = tmp_path / "served.json"
    with urlopen(f"{serve(document=published, count=1)}/_mock/document") as answer:
        served.write_bytes(answer.read())
    found = generate(served, tmp_path / "served")
    assert found == generate(published, tmp_path / "published")
    assert "class Thing" in found["models/thing.py"]
