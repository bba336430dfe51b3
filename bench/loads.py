"""Loads: what wrk sends, and what it says came of that."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass

from servers import CLIENT_ID, PATH, Server, authorization

CONNECTIONS = 16

# A header with which no answer is given again. It asks for nothing that the server knows.
FRESH = '["Prefer"] = "wait=1"'

# Requests that differ: limits, two filters and cursors drawn anew each time. PATH is the server's.
_DIFFERENT = """
math.randomseed(7)
local types, cursors = {"COUNT", "UNIQUE", "SUM", "CUSTOM"}, {%s}
local function letter() return string.char(96 + math.random(26)) end
request = function()
  local query = "limit=" .. math.random(40)
  if math.random() < 0.7 then
    query = query .. "&aggregationType=" .. types[math.random(4)] .. "," .. types[math.random(4)]
  end
  if math.random() < 0.5 then query = query .. "&name=" .. letter() .. letter() end
  if math.random() < 0.5 then query = query .. "&after=" .. cursors[math.random(#cursors)] end
  return wrk.format("GET", "%s?" .. query)
end
"""

# Requests that are refused, each for a value of its own.
_REFUSED = """
local count = 100
request = function()
  count = count + 1
  return wrk.format("GET", "%s?limit=" .. count)
end
"""

# Requests of so many accounts in turn, to some targets in turn, with these headers.
_IN_TURN = """
local accounts, targets, count = {%s}, {%s}, 0
request = function()
  count = count + 1
  local account, target = accounts[count %% #accounts + 1], targets[count %% #targets + 1]
  return wrk.format("GET", target, {["Authorization"] = account%s})
end
"""


@dataclass(frozen=True)
class Load:
    """A script for wrk, and whether what it sends is to be answered with 200."""

    script: str
    succeeds: bool = True


def same(target: str, *, succeeds: bool = True) -> Load:
    return Load(f"wrk.path = {json.dumps(target)}", succeeds)


def different(server: Server, cursors: list[str]) -> Load:
    return Load(_DIFFERENT % (lua(cursors), server.path))


def refused(server: Server) -> Load:
    return Load(_REFUSED % server.path, succeeds=False)


def in_turn(client_ids: list[str], targets: list[str], *, fresh: bool = False) -> Load:
    """Where `fresh`, a header keeps answers from being given again."""
    headers = f", {FRESH}" if fresh else ""
    return Load(_IN_TURN % (lua([authorization(each) for each in client_ids]), lua(targets), headers))


def lua(texts: list[str]) -> str:
    return ", ".join(map(json.dumps, texts))


@dataclass(frozen=True)
class Outcome:
    """What came of a load: requests in all and a second, the 99th percentile in milliseconds, errors.

    `cost` is what each took of the server's processor, in microseconds; it tells more than the rest
    where others use the machine too.
    """

    requests: int
    per_second: float
    p99: float
    errors: int
    cost: float


def run(server: Server, load: Load, seconds: int, connections: int = CONNECTIONS) -> Outcome:
    """Load a server; raises RuntimeError where it answers otherwise than it should."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(load.script)
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script.name]
        command += ["-H", f"Authorization: {authorization(CLIENT_ID)}", server.url]
        before = server.processor
        said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        used = server.processor - before
    requests = int(re.findall(r"(\d+) requests in", said)[0])
    others = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    if others != (0 if load.succeeds else requests):
        raise RuntimeError(f"{others} of {requests} answers were not 2xx: {said}")
    errors = re.findall(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    return Outcome(
        requests,
        float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0]),
        _milliseconds(*re.findall(r"99%\s+([\d.]+)(us|ms|s)", said)[0]),
        sum(map(int, errors[0])) if errors else 0,
        used / requests,
    )


def _milliseconds(number: str, unit: str) -> float:
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def cursors(server: Server) -> list[str]:
    """The cursors of a walk in pages of one."""
    found: list[str] = []
    while len(found) < 90:
        after = f"&after={found[-1]}" if found else ""
        pagination = server.json(f"{PATH}?limit=1{after}")["pagination"]
        if "after" not in pagination:
            break
        found.append(pagination["after"])
    return found
