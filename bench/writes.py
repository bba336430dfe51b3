"""What writes cost: creates beside fresh pages, and resets after few and after many changes."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import before
import loads
from figures import Figure
from loads import Load
from servers import CLIENT_ID, PATH, Server, authorization, ours, serving

ROUNDS = 7
SECONDS = 2
LIST = "/orders"
COUNTS = (100, 10_000)
CHANGES = (100, 100_000)

_LINE = {"type": "object", "properties": {"item": {"type": "string"}, "amount": {"type": "integer"}}}
_MEMBERS: dict[str, Any] = {
    "name": {"type": "string", "maxLength": 80},
    "status": {"type": "string", "enum": ["open", "sent", "paid"]},
    "note": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "lines": {"type": "array", "items": _LINE},
    "address": {"type": "object", "properties": {"city": {"type": "string"}}},
}
_ORDER = {
    "type": "object",
    "required": ["id", "name", "status", "createdAt", "total"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "x-fill": "id"},
        **_MEMBERS,
        "total": {"type": "string", "example": "0.00"},
        "createdAt": {"type": "string", "format": "date-time", "x-fill": "timestamp"},
    },
}

# Creates that differ, with members of each type. The second number keeps names of rounds apart.
_CREATES = """
local count, round = 0, %d
local headers = {["Authorization"] = "%s", ["Content-Type"] = "application/json"}
request = function()
  count = count + 1
  local body = '{"name": "order ' .. round .. "-" .. count .. '", "status": "open", "note": "by noon", '
    .. '"tags": ["a", "b"], "lines": [{"item": "x", "amount": ' .. count .. '}], '
    .. '"address": {"city": "Oslo"}}'
  return wrk.format("POST", "%s", headers, body)
end
"""

# Pages that differ: none is answered from the cache.
_PAGES = """
math.randomseed(%d)
local cursors = {%s}
request = function()
  local query = "limit=" .. math.random(39) .. "&status=" .. ({"open", "sent", "paid"})[math.random(3)]
  if math.random() < 0.5 then query = query .. "&after=" .. cursors[math.random(#cursors)] end
  return wrk.format("GET", "%s?" .. query, {["Authorization"] = "%s", %s})
end
"""


def document() -> dict[str, Any]:
    """Return a document of orders that are listed and created."""
    parameters = [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
        {"name": "after", "in": "query", "schema": {"type": "string"}},
        {"name": "status", "in": "query", "schema": {"type": "string"}},
    ]
    members = {"items": {"type": "array", "items": _ORDER}, "next": {"type": "string"}}
    page = {"type": "object", "properties": members}
    body = {"type": "object", "required": ["name"], "properties": _MEMBERS}
    listing = {"parameters": parameters, "responses": {"200": _described(page)}}
    creating = {"requestBody": _described(body), "responses": {"201": _described(_ORDER)}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Orders", "version": "1"},
        "paths": {LIST: {"get": listing, "post": creating}},
    }


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "It.", "content": {"application/json": {"schema": schema}}}


def _creates(number: int) -> Load:
    return Load(_CREATES % (number, authorization(CLIENT_ID), LIST))


def _pages(server: Server, number: int) -> Load:
    cursors = [server.json(f"{LIST}?limit={limit}")["next"] for limit in range(1, 40)]
    return Load(_PAGES % (number, loads.lua(cursors), LIST, authorization(CLIENT_ID), loads.FRESH))


def creates(_body: Path) -> Iterator[Figure]:
    """What a create takes of the processor, beside fresh pages of its collection and of metrics."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        built_in = stack.enter_context(serving(ours("--quiet"), PATH))
        fresh = loads.different(built_in, loads.cursors(built_in))
        costs: dict[str, list[float]] = {"a page of metrics": []}
        servers = {count: stack.enter_context(_orders(folder, count)) for count in COUNTS}
        earlier = [stack.enter_context(each) for each in _orders_before(folder)]
        for server in servers.values():
            # A filter has all records made, for which no later request has to wait.
            server.ask("GET", f"{LIST}?status=open")
        for number in range(ROUNDS):
            costs["a page of metrics"].append(loads.run(built_in, fresh, SECONDS).cost)
            for count, server in servers.items():
                # Each round begins with the records of the start.
                server.ask("POST", "/_mock/reset")
                page = loads.run(server, _pages(server, number), SECONDS)
                costs.setdefault(f"a page, of {count:,}", []).append(page.cost)
                costs.setdefault(f"a create, among {count:,}", []).append(_creating(server, number))
            for server in earlier:
                server.ask("POST", "/_mock/reset")
                costs.setdefault(_BEFORE, []).append(_creating(server, number))
    yield from _figures(costs)


# The row of the commit before, among the fewest records.
_BEFORE = f"a create, among {COUNTS[0]:,}, the commit before"


def _creating(server: Server, number: int) -> float:
    return loads.run(server, _creates(number), SECONDS).cost


def _figures(costs: dict[str, list[float]]) -> Iterator[Figure]:
    part = "Creates and fresh pages, all different: microseconds of the processor for each"
    for name, found in costs.items():
        yield Figure(part, name, "us", found)
    part = "Creates, by the processor"
    for count in COUNTS:
        own = costs[f"a create, among {count:,}"]
        for name in ("a page of metrics", f"a page, of {count:,}"):
            # As many as of the pages in the same time would be 1.
            rates = [page / create for create, page in zip(own, costs[name], strict=True)]
            yield Figure(part, f"creates among {count:,} in the time of {name}", "", rates, least=0.6)
    if _BEFORE in costs:
        own = costs[f"a create, among {COUNTS[0]:,}"]
        ratios = [now / earlier for now, earlier in zip(own, costs[_BEFORE], strict=True)]
        yield Figure(part, f"a create among {COUNTS[0]:,}, of the commit before", "", ratios, most=1)


def _orders_before(folder: Path) -> Iterator[Any]:
    """Yield the server of the commit before, where there is one."""
    command = before.command(*_flags(folder, COUNTS[0]))
    if command is not None:
        yield serving(command, LIST)


def _orders(folder: Path, count: int) -> Any:
    return serving(ours(*_flags(folder, count)), LIST)


def _flags(folder: Path, count: int) -> list[str]:
    path = folder / "orders.json"
    path.write_text(json.dumps(document()))
    return ["--quiet", "--count", str(count), "--document", str(path)]


def resets(_body: Path) -> Iterator[Figure]:
    """How long a reset takes after so many creates."""
    part = "A reset after changes"
    found: dict[int, list[float]] = {number: [] for number in CHANGES}
    with tempfile.TemporaryDirectory() as name, _orders(Path(name), 100) as server:
        for turn in range(3):
            for number in CHANGES:
                _change(server, number, turn)
                # Answered after the creates that the load left under way.
                server.ask("GET", "/_mock/health")
                began = time.perf_counter()
                server.ask("POST", "/_mock/reset")
                found[number].append((time.perf_counter() - began) * 1000)
    for number, times in found.items():
        yield Figure(part, f"after {number:,}", "ms", times)
    few, many = CHANGES
    ratios = [a / b for a, b in zip(found[many], found[few], strict=True)]
    yield Figure(part, f"after {many:,}, of that after {few:,}", "", ratios, most=2)


def _change(server: Server, number: int, turn: int) -> None:
    """Create at least so many orders."""
    if number < 1_000:
        for each in range(number):
            server.ask("POST", LIST, body={"name": f"{turn}-{each}"})
        return
    made = 0
    while made < number:
        made += loads.run(server, _creates(1_000 + 100 * turn + made), 10).requests
