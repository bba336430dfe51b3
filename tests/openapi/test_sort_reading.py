"""Parameters that sort: the field and the direction that a text says, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.servers import serving_text

BOOKS = """
openapi: 3.0.3
info: {title: Books, version: "1"}
paths:
  /books:
    get:
      x-sort: {by: sort}
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [title, -title, shelf-mark, -shelf-mark]}}
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}}}
  /papers:
    get:
      x-sort: {by: sort, direction: order, columns: {title: title}}
      parameters:
        - {name: sort, in: query, schema: {type: string}}
        - {name: order, in: query, schema: {type: string}}
      responses: {"200": {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}}}
components:
  schemas:
    Book:
      type: object
      required: [id, title, shelf-mark]
      properties: {id: {type: string}, title: {type: string}, shelf-mark: {type: string}}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(BOOKS, tmp_path_factory.mktemp("books")) as url:
        yield url


@pytest.mark.parametrize(
    ("query", "member", "is_descending"),
    [
        ("books?sort=title", "title", False),
        ("books?sort=-title", "title", True),
        ("books?sort=shelf-mark", "shelf-mark", False),
        ("books?sort=-shelf-mark", "shelf-mark", True),
        ("papers?sort=-TITLE", "title", True),
        ("papers?sort=title&order=desc", "title", True),
        ("papers?sort=%2Btitle&order=desc", "title", False),
    ],
)
def test_a_leading_minus_sorts_descending(
    root: str, query: str, member: str, is_descending: bool
) -> None:
    answer = httpx.get(f"{root}/{query}", headers={"Authorization": "Bearer t"})

    assert answer.status_code == 200, answer.text
    values = [each[member] for each in answer.json()]
    assert values == sorted(values, reverse=is_descending)
    assert len(set(values)) > 1
