"""Other documents: what loading large ones costs, and a page by each style of list."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import loads
from figures import Figure
from servers import CLIENT_ID, Server, ours, serving

ROUNDS = 7
SECONDS = 1
HEALTH = "/_mock/health"

# Of each file in the folder that MOCK_SERVER_DOCUMENTS names, the seconds of the processor that it may
# take until it is served; the limits were set for files of this size.
LIMITS = {
    "2024-07-30.product.json": 1.0,
    "stripe.json": 2.5,
    "github.json": 6.0,
    "asana.yaml": 4.0,
    "openai.yaml": 4.0,
}
# MiB at the start, and MiB for each MiB of the file.
MEMORY = 60
PER_SIZE = 12


def loading(_body: Path) -> Iterator[Figure]:
    """What a document takes until it is served, and what its first list does."""
    yield from _loaded("the built-in document", [])
    folders = [
        Path(each) for each in os.environ.get("MOCK_SERVER_DOCUMENTS", "").split(os.pathsep) if each
    ]
    found = {path.name: path for folder in folders for path in folder.iterdir()}
    for name, limit in LIMITS.items():
        if name in found:
            yield from _loaded(name, ["--document", str(found[name])], found[name], limit)
        else:
            print(f"{name} is not measured: MOCK_SERVER_DOCUMENTS has no such file", file=sys.stderr)


def _loaded(
    name: str, flags: list[str], path: Path | None = None, limit: float | None = None
) -> Iterator[Figure]:
    size = path.stat().st_size / 2**20 if path else 0.0
    ready, walls, firsts, memory = (list[float]() for _ in range(4))
    for _ in range(3):
        began = time.perf_counter()
        with serving(ours("--quiet", *flags), HEALTH) as server:
            walls.append(time.perf_counter() - began)
            ready.append(server.processor / 1e6)
            memory.append(server.proportional)
            firsts.append(_first_of_a_list(server))
    part = f"Loading {name}" + (f", {size:.1f} MiB" if size else "")
    yield Figure(part, "processor until it is served", "s", ready, most=limit)
    yield Figure(part, "time until it is served", "s", walls)
    yield Figure(part, "processor for a list's first answer", "ms", firsts)
    most = MEMORY + PER_SIZE * size
    yield Figure(part, "memory (PSS), started", "MiB", memory, most=most if path else None)


def _first_of_a_list(server: Server) -> float:
    """The milliseconds of the processor that the first answer of a list takes."""
    health = server.json(HEALTH)
    for name in health["records"]:
        for word in ("Basic", "Bearer"):
            target = f"{health['basePath']}/{name}"
            before = server.processor
            if "{" not in name and server.ask("GET", target, scheme=word)[0] == 200:
                return (server.processor - before) / 1000
    raise LookupError("no list without parameters in its path answers")


# A scheme of each style; the first is the one that the others are compared with.
SCHEMES: dict[str, dict[str, Any]] = {
    "an opaque cursor": {
        "style": "cursor",
        "items": "items",
        "request": {"limit": "limit", "after": "after", "before": "before"},
        "response": {"next": "pages.after", "previous": "pages.before", "total": "pages.total"},
    },
    "an item's id": {
        "style": "cursor",
        "items": "items",
        "cursor": "id",
        "request": {"limit": "limit", "after": "after", "before": "before"},
        "response": {"more": "more"},
    },
    "a token": {
        "style": "token",
        "items": "items",
        "request": {"limit": "limit", "after": "token"},
        "response": {"next": "next"},
    },
    "a page number": {
        "style": "page",
        "items": "items",
        "request": {"limit": "limit", "page": "page"},
        "response": {"total": "total", "pages": "pages", "page": "page"},
    },
    "an offset": {
        "style": "offset",
        "items": "items",
        "request": {"limit": "limit", "offset": "offset"},
        "response": {"total": "total", "offset": "offset"},
    },
    "a URL": {
        "style": "url",
        "items": "items",
        "request": {"limit": "limit", "page": "page"},
        "response": {"nextUrl": "next", "previousUrl": "previous"},
    },
    "a bare array, and a header Link": {
        "style": "page",
        "items": "$",
        "request": {"limit": "limit", "page": "page"},
        "headers": {"Link": "rfc8288"},
    },
}
_NUMBERS = {"total", "pages", "page", "offset", "limit"}
_RECORD = {
    "type": "object",
    "required": ["id", "name", "size"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "size": {"type": "integer", "minimum": 1},
        "note": {"type": "string"},
    },
}


def document(scheme: Mapping[str, Any]) -> dict[str, Any]:
    """A document with one list, `/things`, that pages by a scheme."""
    numbers = {name for role, name in scheme["request"].items() if role in _NUMBERS}
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "integer" if name in numbers else "string"}}
        for name in scheme["request"].values()
    ]
    answer: dict[str, Any] = {"type": "array", "items": _RECORD}
    if scheme["items"] != "$":
        answer = {"type": "object", "properties": {scheme["items"]: answer}}
        for role, path in scheme.get("response", {}).items():
            kind = {"more": "boolean"}.get(role, "integer" if role in _NUMBERS else "string")
            *outer, name = path.split(".")
            inside = answer["properties"]
            for each in outer:
                inside = inside.setdefault(each, {"type": "object", "properties": {}})["properties"]
            inside[name] = {"type": kind}
    content = {"application/json": {"schema": answer}}
    answers = {"200": {"description": "OK", "content": content}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "x-list": [dict(scheme)],
        "paths": {"/things": {"get": {"parameters": parameters, "responses": answers}}},
    }


def styles(_body: Path) -> Iterator[Figure]:
    """What a page by each style takes of the processor, beside one by an opaque cursor."""
    part = "A page of 20 of 100 records by each style of list"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        measured = {}
        for number, (name, scheme) in enumerate(SCHEMES.items()):
            path = folder / f"{number}.json"
            path.write_text(json.dumps(document(scheme)))
            command = ours("--quiet", "--document", str(path))
            server = stack.enter_context(serving(command, "/things"))
            load = loads.in_turn([CLIENT_ID], list(_targets(server, scheme)), fresh=True)
            measured[name] = (server, load)
        costs: dict[str, list[float]] = {name: [] for name in measured}
        for server, load in measured.values():
            loads.run(server, load, 1)
        for turn in range(ROUNDS):
            for name in list(measured)[:: -1 if turn % 2 else 1]:
                costs[name].append(loads.run(*measured[name], SECONDS).cost)
    opaque, *others = SCHEMES
    yield Figure(part, opaque, "us", costs[opaque])
    for name in others:
        ratios = [a / b for a, b in zip(costs[name], costs[opaque], strict=True)]
        yield Figure(part, f"{name}, of an opaque cursor", "", ratios, most=1.3)


def _targets(server: Server, scheme: Mapping[str, Any]) -> Iterator[str]:
    """The targets of the second page to the fifth."""
    request, response = scheme["request"], scheme.get("response", {})
    position = next(name for role, name in request.items() if role in ("after", "page", "offset"))
    sent: Any = None
    for number in range(1, 5):
        if position == "page":
            sent = number + 1
        elif position == "offset":
            sent = number * 20
        else:
            answer = server.json("/things?limit=20" + (f"&{position}={sent}" if sent else ""))
            sent = answer["items"][-1]["id"]
            for name in response.get("next", "").split(".") if "next" in response else ():
                sent = answer = answer[name]
        yield f"/things?limit=20&{position}={sent}"
