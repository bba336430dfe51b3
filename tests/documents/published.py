"""What a published OpenAPI document says of its GETs, read with plain code and lazily."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

# As deep as compositions are looked into.
DEPTH = 8

# What is beside the records of an answer, though it is an array.
BESIDE = {"errors", "warnings", "links", "order", "messages", "included"}
USUAL = ("data", "items", "results", "records", "entries", "values")
# Objects of an answer in which its records may be.
ENVELOPES = {"data", "result", "results", "response", "payload", "content", "list", "page", "_embedded"}


@dataclass(frozen=True)
class Query:
    """A parameter of the query by its name on the wire, e.g. `page[size]`."""

    name: str
    required: bool
    schema: Mapping[str, Any]
    example: Any = None


@dataclass(frozen=True)
class Get:
    """A GET of a document; `answer` is the JSON pointer of the schema of its 200."""

    template: str
    base: str
    query: tuple[Query, ...]
    path: Mapping[str, Query]
    headers: tuple[Query, ...]
    security: tuple[Mapping[str, Any], ...]
    answer: str
    answer_headers: frozenset[str]
    arrays: tuple[str, ...]
    members: frozenset[str]

    def takes(self, name: str) -> bool:
        return any(each.name == name for each in self.query)

    def parameter(self, name: str) -> Query:
        return next(each for each in self.query if each.name == name)

    @property
    def items(self) -> str | None:
        """The name of the member that holds the records; "" where the answer is their array."""
        if "" in self.arrays or not self.arrays:
            return "" if self.arrays else None
        last = [part for part in self.template.split("/") if not part.startswith("{")][-1]
        last = last.removesuffix(".json").replace("-", "_")
        found = [name for name in self.arrays if _last_word(name).lower() not in BESIDE]
        chosen = next((n for word in (last, *USUAL) for n in found if _last_word(n) == word), None)
        return chosen or (found[0] if len(found) == 1 else None)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML by the types of JSON: a date is a text."""


_Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)


class Published:
    """A document as its file has it."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        self.path = path
        self.data: dict[str, Any] = (
            json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)
        )
        for item in (self.data.get("paths") or {}).values():
            for spec in item.values() if isinstance(item, dict) else ():
                if isinstance(spec, dict) and "responses" in spec:
                    # In YAML, a status without quotes is a number.
                    spec["responses"] = {str(key): each for key, each in spec["responses"].items()}

    @property
    def is_31(self) -> bool:
        return str(self.data.get("openapi", "")).startswith("3.1")

    def at(self, pointer: str) -> Any:
        """Return what a fragment leads to, e.g. `/components/schemas/Thing`."""
        node: Any = self.data
        for part in unquote(pointer.lstrip("#")).split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else _member(node, key)
        return node

    def follow(self, node: Any, pointer: str = "") -> tuple[Any, str]:
        """Return a node behind its references, and the pointer of the last."""
        for _ in range(20):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                break
            pointer = node["$ref"].lstrip("#")
            node = self.at(pointer)
        return node, pointer

    def parts(self, schema: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
        """Yield a schema and those that it is composed of, alternatives too."""
        found, _ = self.follow(schema)
        if not isinstance(found, dict) or depth > DEPTH:
            return
        yield found
        for word in ("allOf", "oneOf", "anyOf"):
            for part in found.get(word, []) or []:
                yield from self.parts(part, depth + 1)

    def properties(self, schema: Any) -> dict[str, Any]:
        """Return the properties of a schema and of what it is composed of, the first of a name."""
        found: dict[str, Any] = {}
        for part in self.parts(schema):
            for name, each in (part.get("properties") or {}).items():
                found.setdefault(name, each)
        return found

    def is_array(self, schema: Any) -> bool:
        return any("array" in _types(part) or "items" in part for part in self.parts(schema))

    def paths_into(self, schema: Any, prefix: str = "", depth: int = 0) -> Iterator[str]:
        """Yield the paths of an answer's members, two levels deep, e.g. `meta.next_page`."""
        for name, each in self.properties(schema).items():
            yield prefix + name
            if depth < 3 and not self.is_array(each):
                yield from self.paths_into(each, f"{prefix}{name}.", depth + 1)

    @cached_property
    def gets(self) -> tuple[Get, ...]:
        """The GETs whose 200 is JSON that is or has an array."""
        return tuple(each for path in self.data.get("paths") or {} for each in self._get(path))

    def _get(self, path: str) -> Iterator[Get]:
        item, _ = self.follow(self.data["paths"][path])
        if not path.startswith("/") or not isinstance(item, dict) or "get" not in item:
            return
        spec = item["get"]
        place = self._answer(spec, f"/paths/{_escape(path)}/get")
        if place is None:
            return
        schema, pointer, headers = place
        arrays = [n for n, each in self.properties(schema).items() if self.is_array(each)]
        if not arrays:
            arrays = list(self._enveloped(schema))
        if self.is_array(schema):
            arrays.insert(0, "")
        if not arrays:
            return
        found = list(self._parameters([*item.get("parameters", []), *spec.get("parameters", [])]))
        yield Get(
            template=path,
            base=self.base(item, spec),
            query=tuple({q.name: q for where, q in found if where == "query"}.values()),
            path={q.name: q for where, q in found if where == "path"},
            headers=tuple(q for where, q in found if where == "header"),
            security=tuple(spec.get("security", self.data.get("security") or [])),
            answer=pointer,
            answer_headers=frozenset(headers),
            arrays=tuple(arrays),
            members=frozenset(self.paths_into(schema)),
        )

    def _enveloped(self, schema: Any) -> Iterator[str]:
        """Yield the paths of arrays in the objects in which records may be, e.g. `response.data`."""
        for name, each in self.properties(schema).items():
            if name in ENVELOPES:
                found = self.properties(each).items()
                yield from (f"{name}.{inner}" for inner, part in found if self.is_array(part))

    def _answer(self, spec: Any, pointer: str) -> tuple[Any, str, Mapping[str, Any]] | None:
        responses = spec.get("responses", {})
        if "200" not in responses:
            return None
        response, place = self.follow(responses["200"], f"{pointer}/responses/200")
        content = response.get("content") or {}
        kinds = [k for k in content if k.split(";")[0].strip().endswith(("/json", "+json"))]
        if not kinds or "schema" not in content[kinds[0]]:
            return None
        return (
            content[kinds[0]]["schema"],
            f"{place}/content/{_escape(kinds[0])}/schema",
            response.get("headers") or {},
        )

    def _parameters(self, listed: list[Any]) -> Iterator[tuple[str, Query]]:
        for each in listed:
            found, _ = self.follow(each)
            schema, _ = self.follow(found.get("schema", {}))
            members = self.properties(schema) if isinstance(schema, dict) else {}
            style, where = found.get("style", "form"), found["in"]
            explodes = found.get("explode", style == "form")
            example = found.get("example", self._example(found, schema))
            if where == "query" and members and (style == "deepObject" or explodes):
                required = set(schema.get("required", [])) if found.get("required") else set()
                for name, part in members.items():
                    wire = f"{found['name']}[{name}]" if style == "deepObject" else name
                    yield where, Query(wire, name in required, self.follow(part)[0])
            else:
                yield where, Query(found["name"], found.get("required", False), schema, example)

    def _example(self, parameter: Any, schema: Any) -> Any:
        for each in (parameter.get("examples") or {}).values():
            example = self.follow(each)[0].get("value")
            if example is not None:
                return example
        listed = schema.get("examples") if isinstance(schema, dict) else None
        return listed[0] if isinstance(listed, list) and listed else None

    def base(self, *levels: Mapping[str, Any]) -> str:
        """Return the path before all paths, from the nearest servers."""
        servers = next(
            (each["servers"] for each in (*reversed(levels), self.data) if each.get("servers")), None
        )
        if not servers:
            return ""
        url: str = servers[0]["url"]
        for name, variable in (servers[0].get("variables") or {}).items():
            url = url.replace("{" + name + "}", str(variable["default"]))
        return urlsplit(url).path.rstrip("/")


def _last_word(path: str) -> str:
    return path.rpartition(".")[2]


def _member(node: Any, key: str) -> Any:
    return node[key] if key in node or not key.isdigit() else node[int(key)]


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _escape(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
