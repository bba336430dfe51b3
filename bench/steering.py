"""Measures what steering costs on this machine: the journal, accounts, long loads. Prints a table.

As with `bench.py`: compare figures of one run with each other, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import loads
from loads import Outcome
from servers import CLIENT_ID, PATH, Server, authorization, ours, serving

QUIET = ours("--quiet")

CONTROL = "/_mock/collections/usage-metrics"
ROUNDS = 9
SECONDS = 2
MANY = 10_000
LOADED = 100_000
CHECKPOINTS = (20_000, 50_000, 100_000, 200_000)


def row(what: str, values: list[float], unit: str, digits: int = 0) -> None:
    middle, low, high = (
        f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    print(f"{what:42} {middle:>9} {unit:6} ({low} to {high})")


def targets(server: Server) -> list[str]:
    """The pages of two walks."""
    found = []
    for start in (f"{PATH}?limit=20", f"{PATH}?limit=20&aggregationType=COUNT,SUM"):
        target = start
        while True:
            found.append(target)
            pagination = server.json(target)["pagination"]
            if "after" not in pagination:
                break
            target = f"{start}&after={pagination['after']}"
    return found


def journal() -> None:
    """Requests a second with the journal and without, in turn."""
    with serving(QUIET) as on, serving([*QUIET, "--journal-size", "0"]) as off:
        asked = {"the same page": [f"{PATH}?limit=20"], "all pages of two walks": targets(on)}
        servers = {"on": on, "off": off}
        for what, asked_for in asked.items():
            load = loads.in_turn([CLIENT_ID], asked_for)
            rates: dict[str, list[Outcome]] = {name: [] for name in servers}
            for number in range(ROUNDS):
                # Neither is always the first.
                for name in list(servers)[:: -1 if number % 2 else 1]:
                    rates[name].append(loads.run(servers[name], load, SECONDS))
            for name, found in rates.items():
                row(f"{what}, journal {name}", [rate.per_second for rate in found], "req/s")
                row("  processor for each", [rate.cost for rate in found], "us")
            pairs = list(zip(rates["on"], rates["off"], strict=True))
            row(
                "  speed left with the journal on",
                [a.per_second / b.per_second for a, b in pairs],
                "",
                3,
            )
            row("  by the processor", [b.cost / a.cost for a, b in pairs], "", 3)


def accounts_in_memory() -> None:
    with serving([*QUIET, "--count", "1000"]) as server:
        resident, proportional = server.resident, server.proportional
        connection = server.connect()
        for number in range(1, MANY):
            connection.request(
                "GET", PATH, headers={"Authorization": authorization(f"account-{number}")}
            )
            connection.getresponse().read()
        connection.close()
        health = json.loads(server.ask("GET", "/_mock/health", CLIENT_ID)[1])
        if health["accounts"] != {"live": MANY, "evicted": 0}:
            raise RuntimeError(str(health))
        row(f"{MANY:,} accounts, resident", [server.resident - resident], "MiB", 1)
        row(f"{MANY:,} accounts, proportional", [server.proportional - proportional], "MiB", 1)


def memory_flat() -> None:
    for count in (1, 100):
        client_ids = [f"account-{number}" for number in range(count)]
        with serving(QUIET) as server:
            load = loads.in_turn(client_ids, targets(server))
            row(f"{count} accounts, before all", [server.resident], "MiB", 1)
            sent = 0
            for checkpoint in CHECKPOINTS:
                while sent < checkpoint:
                    sent += loads.run(server, load, SECONDS).requests
                row(f"{count} accounts, after {sent:,} requests", [server.resident], "MiB", 1)


def blocked() -> None:
    """How long others wait while an account loads, generates, reads or adds to very many records."""
    with serving(QUIET) as server:
        items = json.loads(server.ask("GET", f"{CONTROL}?limit=100", CLIENT_ID)[1])["items"]
        items = [{name: value for name, value in item.items() if name != "id"} for item in items]
        many = {"items": items * (LOADED // len(items))}
        calls: dict[str, tuple[str, str, object]] = {
            "nothing happens": ("GET", "/_mock/clock", None),
            f"{LOADED:,} are loaded": ("PUT", CONTROL, many),
            f"{LOADED:,} are read": ("GET", f"{CONTROL}?limit={LOADED}", None),
            "one is added to them": ("POST", CONTROL, {"items": items[:1]}),
            f"a bad load of {LOADED:,}": ("PUT", CONTROL, {"items": [{}] * LOADED}),
            f"{LOADED:,} are generated": ("POST", f"{CONTROL}/generate", {"count": LOADED}),
            "they are reset": ("POST", "/_mock/reset", None),
        }
        for what, call in calls.items():
            with pinging(server) as pings:
                time.sleep(0.3)
                began = time.perf_counter()
                status, _ = server.ask(call[0], call[1], "loader", call[2])
                took = time.perf_counter() - began
                time.sleep(0.3)
            slow = sorted(pings)
            middle, most = statistics.median(slow) * 1000, slow[-1] * 1000
            late = sum(ping for ping in slow if ping > 0.02)
            print(f"{what:42} {most:9.1f} ms     at most, {middle:.1f} in the middle; "
                  f"over 20 ms: {late:.2f} s of {took:.2f} ({status})")  # fmt: skip


@contextmanager
def pinging(server: Server) -> Iterator[list[float]]:
    """The seconds that each health check takes meanwhile, one after the other."""
    seconds: list[float] = []
    # In a process of its own, since the load is prepared in this one.
    code = f"""
import http.client, sys, threading, time
connection, stop = http.client.HTTPConnection("127.0.0.1", {server.port}), threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
while not stop.is_set():
    began = time.perf_counter()
    connection.request("GET", "/_mock/health")
    connection.getresponse().read()
    print(time.perf_counter() - began)
    time.sleep(0.002)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield seconds
    finally:
        seconds += map(float, process.communicate("")[0].split())


PARTS = {
    "journal": journal,
    "memory": accounts_in_memory,
    "flat": memory_flat,
    "blocked": blocked,
}


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is missing (Debian's package wrk)")
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
