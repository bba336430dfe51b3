"""Measures what steering costs on this machine: the journal, accounts, long loads. Prints a table.

As with `bench.py`: compare figures of one run with each other, and nothing else.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import CONNECTIONS, PATH, PROGRAM, memory, row

CONTROL = "/_mock/collections/usage-metrics"
ROUNDS = 9
SECONDS = 2
MANY = 10_000
LOADED = 100_000
CHECKPOINTS = (20_000, 50_000, 100_000, 200_000)

# Requests of so many accounts in turn, a few of them walks' later pages.
SCRIPT = """
local accounts, targets, count = {%s}, {%s}, 0
request = function()
  count = count + 1
  local account, target = accounts[count %% #accounts + 1], targets[count %% #targets + 1]
  return wrk.format("GET", target, {["Authorization"] = account})
end
"""


def authorization(client_id: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:secret".encode()).decode()


@dataclass(frozen=True)
class Rate:
    """What came of a load: requests in all, those a second, and what each took of the processor.

    The last, in microseconds, tells more where others use the machine too.
    """

    requests: int
    per_second: float
    cost: float


@dataclass(frozen=True)
class Server:
    """A server process, and a way to it."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def ask(self, method: str, path: str, client_id: str, body: object = None) -> tuple[int, bytes]:
        connection = self.connect()
        headers = {"Authorization": authorization(client_id)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.ask("GET", PATH, "bench")[0] == 200
        except OSError:
            return False

    @property
    def resident(self) -> float:
        """MiB."""
        return memory(self.process)

    @property
    def proportional(self) -> float:
        """MiB of its own, and its share of what others use too."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(re.search(r"Pss:\s+(\d+)", rollup)[1]) / 1024  # type: ignore[index]

    @property
    def processor(self) -> float:
        """Microseconds used so far."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1000

    def load(self, client_ids: list[str], targets: list[str], seconds: int = SECONDS) -> Rate:
        """What wrk sends of these, the accounts in turn."""
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            lists = ([authorization(client_id) for client_id in client_ids], targets)
            script.write(SCRIPT % tuple(", ".join(map(json.dumps, texts)) for texts in lists))
            script.flush()
            command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", script.name]
            command.append(f"http://127.0.0.1:{self.port}")
            used = self.processor
            said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
            used = self.processor - used
        if "Non-2xx" in said:
            raise RuntimeError(f"the server has refused requests: {said}")
        requests = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
        per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
        return Rate(requests, per_second, used / requests)

    def targets(self) -> list[str]:
        """The pages of two walks."""
        found = []
        for start in (f"{PATH}?limit=20", f"{PATH}?limit=20&aggregationType=COUNT,SUM"):
            target = start
            while True:
                found.append(target)
                pagination = json.loads(self.ask("GET", target, "bench")[1])["pagination"]
                if "after" not in pagination:
                    break
                target = f"{start}&after={pagination['after']}"
        return found


_ports = itertools.count(18_190)


@contextmanager
def serving(*flags: str) -> Iterator[Server]:
    """A server that has answered its first request."""
    port = next(_ports)
    command = [PROGRAM, "serve", "--quiet", "--port", str(port), *flags]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Server(process, port)
    try:
        while not server.answers():
            if process.poll() is not None:
                raise RuntimeError(f"the server has ended: {' '.join(command)}")
            time.sleep(0.005)
        yield server
    finally:
        process.terminate()
        process.wait()


def journal() -> None:
    """Requests a second with the journal and without, in turn."""
    with serving() as on, serving("--journal-size", "0") as off:
        loads = {"the same page": [f"{PATH}?limit=20"], "all pages of two walks": on.targets()}
        servers = {"on": on, "off": off}
        for what, targets in loads.items():
            rates: dict[str, list[Rate]] = {name: [] for name in servers}
            for number in range(ROUNDS):
                # Neither is always the first.
                for name in list(servers)[:: -1 if number % 2 else 1]:
                    rates[name].append(servers[name].load(["bench"], targets))
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
    with serving("--count", "1000") as server:
        resident, proportional = server.resident, server.proportional
        connection = server.connect()
        for number in range(1, MANY):
            connection.request(
                "GET", PATH, headers={"Authorization": authorization(f"account-{number}")}
            )
            connection.getresponse().read()
        connection.close()
        health = json.loads(server.ask("GET", "/_mock/health", "bench")[1])
        if health["accounts"] != {"live": MANY, "evicted": 0}:
            raise RuntimeError(str(health))
        row(f"{MANY:,} accounts, resident", [server.resident - resident], "MiB", 1)
        row(f"{MANY:,} accounts, proportional", [server.proportional - proportional], "MiB", 1)


def memory_flat() -> None:
    for count in (1, 100):
        client_ids = [f"account-{number}" for number in range(count)]
        with serving() as server:
            targets = server.targets()
            row(f"{count} accounts, before all", [server.resident], "MiB", 1)
            sent = 0
            for checkpoint in CHECKPOINTS:
                while sent < checkpoint:
                    sent += server.load(client_ids, targets).requests
                row(f"{count} accounts, after {sent:,} requests", [server.resident], "MiB", 1)


def many_accounts() -> None:
    """Requests a second where there are many accounts, in turn with where there is one."""
    many = [f"account-{number}" for number in range(MANY - 1)]
    more = [f"account-{number}" for number in range(3 * MANY)]
    with serving() as one, serving() as all_of_them, serving() as too_many:
        all_of_them.load(many, [f"{PATH}?limit=20"], 10)
        too_many.load(more, [f"{PATH}?limit=20"], 10)
        rates: dict[str, list[Rate]] = {"1": [], f"{MANY:,}": [], "a new one for each request": []}
        loads = ((one, ["bench"]), (all_of_them, many), (too_many, more))
        for _ in range(ROUNDS):
            for found, (server, client_ids) in zip(rates.values(), loads, strict=True):
                found.append(server.load(client_ids, [f"{PATH}?limit=20"]))
        for what, found in rates.items():
            row(f"accounts: {what}", [rate.per_second for rate in found], "req/s")
            row("  processor for each", [rate.cost for rate in found], "us")


def blocked() -> None:
    """How long others wait while an account loads, generates, reads or adds to very many records."""
    with serving() as server:
        items = json.loads(server.ask("GET", f"{CONTROL}?limit=100", "bench")[1])["items"]
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
    "accounts": many_accounts,
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
