"""What a document says of its operations: parameters, bodies, examples and answers, read with plain code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.documents.published import Published, Query

METHODS = ("get", "post", "put", "patch", "delete")
NO_BODY = object()

# What turns the pages of a list; `offset` is relative to a cursor where there are both.
PAGING = {
    "limit",
    "after",
    "before",
    "offset",
    "page",
    "per_page",
    "cursor",
    "starting_after",
    "ending_before",
}
PAGING |= {
    "page_token",
    "pageToken",
    "PageToken",
    "Page",
    "PageSize",
    "pageSize",
    "page_size",
    "ending_after",
}


@dataclass(frozen=True)
class Parameter:
    """A parameter; `text` is its description."""

    where: str
    query: Query
    text: str

    @property
    def name(self) -> str:
        return self.query.name


@dataclass(frozen=True)
class Answer:
    """What an operation may answer: `pointer` leads to the schema, None where there is no content in JSON."""

    status: str
    pointer: str | None
    example: Any


@dataclass(frozen=True)
class Operation:
    """An operation; `kind` is the media type of its body, "" for none, and `example` the body's own one."""

    method: str
    template: str
    base: str
    parameters: tuple[Parameter, ...]
    kind: str
    body: str | None
    example: Any
    answers: Mapping[str, Answer]
    summary: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.template}"

    @property
    def segments(self) -> list[str]:
        return self.template.strip("/").split("/")

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"\{([^}]*)\}", self.template)

    @property
    def filters(self) -> list[Parameter]:
        """The parameters of the query that turn no pages."""
        return [each for each in self.parameters if each.where == "query" and each.name not in PAGING]

    @property
    def successes(self) -> list[Answer]:
        return [each for status, each in sorted(self.answers.items()) if status.startswith("2")]


def operations(published: Published) -> list[Operation]:
    """Return the operations of a document, in their order."""
    return list(_operations(published))


def _operations(published: Published) -> Iterator[Operation]:
    for template in published.data.get("paths") or {}:
        item, _ = published.follow(published.data["paths"][template])
        for method in item if template.startswith("/") else ():
            if method in METHODS:
                yield _operation(published, template, method, item)


def _operation(published: Published, template: str, method: str, item: Any) -> Operation:
    spec, pointer = item[method], f"/paths/{_escape(template)}/{method}"
    kind, body, example = _body(published, spec, pointer)
    answers = {
        str(status): _answer(published, str(status), response, f"{pointer}/responses/{status}")
        for status, response in (spec.get("responses") or {}).items()
    }
    found = {}
    for each in [*(item.get("parameters") or []), *(spec.get("parameters") or [])]:
        one = _parameter(published, each)
        found[one.where, one.name] = one
    return Operation(
        method, template, published.base(item, spec), tuple(found.values()), kind, body, example, answers,
        str(spec.get("summary") or spec.get("description") or ""),
    )  # fmt: skip


def _parameter(published: Published, described: Any) -> Parameter:
    found, _ = published.follow(described)
    schema, _ = published.follow(found.get("schema", {}))
    example = found.get("example", schema.get("example"))
    query = Query(found["name"], bool(found.get("required", found["in"] == "path")), schema, example)
    return Parameter(
        found["in"], query, str(found.get("description") or schema.get("description") or "")
    )


def _body(published: Published, spec: Any, pointer: str) -> tuple[str, str | None, Any]:
    found, place = published.follow(spec.get("requestBody") or {}, f"{pointer}/requestBody")
    content = found.get("content") or {}
    kinds = sorted(content, key=lambda kind: "json" not in kind)
    if not kinds:
        return "", None, NO_BODY
    media, at = content[kinds[0]], f"{place}/content/{_escape(kinds[0])}"
    example = example_of(published, media)
    return kinds[0], f"{at}/schema" if "schema" in media else None, example


def _answer(published: Published, status: str, response: Any, pointer: str) -> Answer:
    found, place = published.follow(response, pointer)
    content = found.get("content") or {}
    for kind, media in content.items():
        if kind.split(";")[0].strip().endswith(("/json", "+json")) and "schema" in media:
            at = f"{place}/content/{_escape(kind)}/schema"
            return Answer(status, at, example_of(published, media))
    return Answer(status, None, NO_BODY)


def example_of(published: Published, media: Any) -> Any:
    """Return the example of a media type, or of its schema; NO_BODY where there is none."""
    if "example" in media:
        return media["example"]
    for each in (media.get("examples") or {}).values():
        found, _ = published.follow(each)
        if "value" in found:
            return found["value"]
    schema, _ = published.follow(media.get("schema") or {})
    return schema.get("example", NO_BODY)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
