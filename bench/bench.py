"""Measures mock_server on this machine, beside what bounds it from above and from below.

Above is raw ASGI: uvicorn with an application that always sends the same bytes. Below is Connexion with
Flask as they come. All are measured in turn, in one run. Prints a table; `--json` keeps the figures.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import before
import documents
import figures
import httpx
import loads
import peers
import steering
import writes
from figures import Figure
from loads import Load, Outcome
from servers import (
    CLIENT_ID,
    PATH,
    Command,
    Server,
    Start,
    authorization,
    ours,
    raw_asgi,
    serving,
    start,
    stock,
)

ROUNDS = 7
STARTS = 9
SECONDS = 2
QUIET = ours("--quiet")
TWENTY = f"{PATH}?limit=20"
MANY, MILLION = 100_000, 1_000_000
ACCOUNTS = 10_000
IMAGE = "mock_server"
RAW, STOCK = "raw ASGI", "stock Connexion + Flask"
BEFORE = "the commit before"


def pages(body: Path, *, with_peers: bool = False) -> Iterator[Figure]:
    """Requests a second: the same again, all different, refused."""
    with ExitStack() as stack:
        commands = (QUIET, ours(), raw_asgi(body), stock(body))
        quiet, logged, raw, plain = (stack.enter_context(serving(command)) for command in commands)
        cursors = loads.cursors(quiet)
        measured = {
            "the same request": (quiet, loads.same(TWENTY)),
            "the same, with the access log": (logged, loads.same(TWENTY)),
            "all different": (quiet, loads.different(quiet, cursors)),
            "refused": (quiet, loads.same(f"{PATH}?limit=0", succeeds=False)),
            "refused, all different": (quiet, loads.refused(quiet)),
            RAW: (raw, loads.same(TWENTY)),
            STOCK: (plain, loads.same(TWENTY)),
        }
        if (command := before.command("--quiet")) is not None:
            server = stack.enter_context(serving(command))
            measured[f"{BEFORE}, all different"] = server, loads.different(server, cursors)
        others = peers.started(stack, body) if with_peers else {}
        measured |= {name: (peer, load) for name, peer, load in peers.measured(others, cursors)}
        yield from _rates(_in_turn(measured))


def _rates(outcomes: dict[str, list[Outcome]]) -> Iterator[Figure]:
    part = f"Requests a second, {loads.CONNECTIONS} connections, pages of 20 of 100 records"
    rates = {name: [each.per_second for each in found] for name, found in outcomes.items()}
    least = {"the same request": 10_000, "all different": 4_000, "refused": 8_000}
    for name, found in rates.items():
        yield Figure(part, name, "/s", found, least=least.get(name))
    for one, what, other, limit in _RATIOS:
        if other in rates:
            yield _ratio(part, f"{one}, {what}", rates[one], rates[other], least=limit)
    part = "Microseconds of the processor for each request"
    for name, outcome in outcomes.items():
        yield Figure(part, name, "us", [each.cost for each in outcome])


# Rates as shares of others, where these are measured: which, of what, by which name, and the least.
_RATIOS: tuple[tuple[str, str, str, float | None], ...] = (
    ("the same request", "of raw ASGI", RAW, 0.4),
    ("the same request", "of all different", "all different", None),
    ("the same, with the access log", "of that without", "the same request", 0.8),
    ("all different", "of the commit before", f"{BEFORE}, all different", 1.7),
    ("all different", "of Prism's", "Prism, all different", None),
    ("refused, all different", "of Prism's", "Prism, all different", 1.5),
    ("refused, all different", "of Prism's that it refuses", "Prism, refused", None),
)


def _ratio(
    part: str, what: str, ones: list[float], others: list[float], **limits: float | None
) -> Figure:
    """How much ones are of others, measured in the same rounds."""
    return Figure(part, what, "", [a / b for a, b in zip(ones, others, strict=True)], **limits)


def latencies(_body: Path) -> Iterator[Figure]:
    """The time that the slowest of requests take, and what a thousand connections at once come to."""
    with serving(QUIET) as server:
        yield from _slowest(server)
        crowd = [loads.run(server, loads.same(TWENTY), SECONDS, 1000) for _ in range(3)]
    part = "1,000 connections"
    yield Figure(part, "errors", "", [each.errors for each in crowd], most=0)
    yield Figure(part, "the same request", "/s", [each.per_second for each in crowd])


def _slowest(server: Server) -> Iterator[Figure]:
    cursors = loads.cursors(server)
    for connections, most in ((16, 5), (64, 20)):
        part = f"99th percentile of the time that a request takes, {connections} connections"
        for name, load in (
            ("the same request", loads.same(TWENTY)),
            ("all different", loads.different(server, cursors)),
        ):
            found = [loads.run(server, load, SECONDS, connections) for _ in range(3)]
            yield Figure(part, name, "ms", [each.p99 for each in found], most=most)


def _in_turn(measured: dict[str, tuple[Server, Load]]) -> dict[str, list[Outcome]]:
    """Rounds of loads, forwards and backwards, so that none is always the first."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in measured}
    for server, load in measured.values():
        loads.run(server, load, 1)
    for number in range(ROUNDS):
        for name in list(measured)[:: -1 if number % 2 else 1]:
            outcomes[name].append(loads.run(*measured[name], SECONDS))
    return outcomes


def starts(body: Path) -> Iterator[Figure]:
    """From the start of a process to its first 200: seconds, and those of the processor."""
    commands = {"mock_server": QUIET, **_bounds(body)}
    found: dict[str, list[Start]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            found[name].append(start(command))
    seconds = {name: [each.seconds for each in of_it] for name, of_it in found.items()}
    processor = {name: [each.processor for each in of_it] for name, of_it in found.items()}
    yield from _starts("From the start to the first 200", seconds)
    yield from _starts("From the start to the first 200, of the processor", processor)


def _starts(part: str, found: dict[str, list[float]]) -> Iterator[Figure]:
    for name, values in found.items():
        yield Figure(part, name, "s", values)
    yield _ratio(part, "mock_server, of stock", found["mock_server"], found[STOCK], most=1)


def _bounds(body: Path) -> dict[str, Command]:
    return {STOCK: stock(body), RAW: raw_asgi(body)}


def container(_body: Path) -> Iterator[Figure]:
    """Seconds from the start of a container to its first 200, less those of one that does nothing."""
    engine = next(filter(_has_image, filter(shutil.which, ("docker", "podman"))), None)
    if engine is None:
        print("the container is not measured: make image first", file=sys.stderr)
        return
    run = [engine, "run", "--rm", "--network", "host"]
    served = [*run, IMAGE, "serve", "--quiet", "--port", "PORT"]
    idle = [*run, "--entrypoint", "true", IMAGE]
    found, empty, outside = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        found.append(start(served).seconds)
        began = time.perf_counter()
        subprocess.run(idle, check=True)
        empty.append(time.perf_counter() - began)
        outside.append(start(QUIET).seconds)
    part = "From the start of a container to the first 200, less what one takes that does nothing"
    own = [all_of_it - nothing for all_of_it, nothing in zip(found, empty, strict=True)]
    yield Figure(part, "mock_server", "s", own)
    more = [inside - out for inside, out in zip(own, outside, strict=True)]
    yield Figure(part, "more than outside of one", "s", more, most=0.2)


def _has_image(engine: str) -> bool:
    command = [engine, "image", "inspect", IMAGE]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def memory(body: Path) -> Iterator[Figure]:
    """MiB of a process's own, with its share of what others use too."""
    part = "Memory (PSS)"
    yield from _started(part)
    with serving(QUIET) as server:
        loads.run(server, loads.same(TWENTY), 3 * SECONDS)
        yield Figure(part, "100 records, after the same request", "MiB", [server.proportional], most=60)
        loads.run(server, loads.different(server, loads.cursors(server)), 3 * SECONDS)
        after = "100 records, after all different ones"
        yield Figure(part, after, "MiB", [server.proportional], most=70)
    for name, command in _bounds(body).items():
        with serving(command) as server:
            loads.run(server, loads.same(TWENTY), 3 * SECONDS)
            yield Figure(part, f"{name}, after the same request", "MiB", [server.proportional])


def _started(part: str) -> Iterator[Figure]:
    """What a server has before it has done much, each measured while no other runs."""
    commands = {"started": QUIET, f"started, {BEFORE}": before.command("--quiet")}
    found: dict[str, list[float]] = {}
    for _ in range(3):
        for name, command in commands.items():
            if command is not None:
                with serving(command) as server:
                    found.setdefault(name, []).append(server.proportional)
    own, *others = found.values()
    yield Figure(part, "100 records, started", "MiB", own, most=55)
    for other in others:
        yield Figure(part, f"100 records, started, {BEFORE}", "MiB", other)
        yield _ratio(part, f"started, of {BEFORE}", own, other, most=1)


def sizes(_body: Path) -> Iterator[Figure]:
    """What 100,000 records cost, and 1,000,000."""
    part = "100,000 records"
    many = ours("--quiet", "--count", str(MANY))
    took = [start(many).seconds for _ in range(3)]
    yield Figure(part, "from the start to the first 200", "s", took, most=5)
    with serving(many) as large, serving(QUIET) as small:
        # The first filter has all records made, which is measured with more of them.
        large.ask("GET", f"{TWENTY}&name=0")
        yield Figure(part, "first sight of a filter", "ms", _first_sights(large), most=60)
        costs = {server: list[float]() for server in (small, large)}
        for _ in range(ROUNDS):
            for server, found in costs.items():
                load = loads.in_turn([CLIENT_ID], [f"{TWENTY}&aggregationType=SUM"], fresh=True)
                found.append(loads.run(server, load, SECONDS).cost)
        what = "a page under a filter already seen, of that of 100"
        yield _ratio(part, what, costs[large], costs[small], most=1.2)
        walks = [_walk(large) for _ in range(3)]
        yield Figure(part, "pages of 100 that httpx walks", "/s", walks, least=800)
        yield Figure(part, "memory (PSS) after all that", "MiB", [large.proportional], most=300)
    yield from _million()


def _million() -> Iterator[Figure]:
    part = "1,000,000 records"
    million = ours("--quiet", "--count", str(MILLION))
    took = [start(million).seconds for _ in range(3)]
    yield Figure(part, "from the start to the first 200", "s", took, most=1)
    with serving(million) as server:
        with steering.pinging(server) as waits:
            [first] = _first_sights(server, "a")
        yield Figure(part, "the first page with a filter, which makes them all", "ms", [first])
        yield Figure(part, "the longest answer of health meanwhile", "ms", [1000 * max(waits)])
        yield Figure(part, "pages of 100 that httpx walks", "/s", [_walk(server)])
        yield Figure(part, "memory (PSS) after that", "MiB", [server.proportional])


def _first_sights(server: Server, letters: str = "abcdefghijklmnopqrst") -> list[float]:
    """The milliseconds of requests with filters that none had before, one for each letter."""
    found = []
    connection = server.connect()
    for letter in letters:
        target = f"{TWENTY}&aggregationType=SUM,COUNT&name={letter}"
        began = time.perf_counter()
        connection.request("GET", target, headers={"Authorization": authorization(CLIENT_ID)})
        connection.getresponse().read()
        found.append((time.perf_counter() - began) * 1000)
    return found


def _walk(server: Server) -> float:
    """Pages a second of a walk through 1,000 of 100 records."""
    parameters = {"limit": "100"}
    with httpx.Client(base_url=server.url, auth=(CLIENT_ID, "secret")) as client:
        began = time.perf_counter()
        for _ in range(1000):
            pagination = client.get(PATH, params=parameters).raise_for_status().json()["pagination"]
            parameters["after"] = pagination.get("after", "")
        return 1000 / (time.perf_counter() - began)


def accounts(_body: Path) -> Iterator[Figure]:
    """What a request costs where there are very many accounts."""
    many = [f"account-{number}" for number in range(ACCOUNTS - 1)]
    with serving(QUIET) as one, serving(QUIET) as all_of_them:
        crowd = {one: loads.in_turn([CLIENT_ID], [TWENTY]), all_of_them: loads.in_turn(many, [TWENTY])}
        costs = {server: list[float]() for server in crowd}
        for server, load in crowd.items():
            loads.run(server, load, 5)
        for _ in range(ROUNDS):
            for server, load in crowd.items():
                costs[server].append(loads.run(server, load, SECONDS).cost)
        part = "10,000 accounts"
        ratio = _ratio(
            part, "the same request, of that of one", costs[all_of_them], costs[one], most=1.2
        )
        yield ratio
        yield Figure(part, "memory (PSS), with full journals", "MiB", [all_of_them.proportional])


_GENERATION = """
import time
from mock_server.data import starting_data
from mock_server.openapi import document
from mock_server.settings import Settings

def make(settings):
    data = starting_data.load(described, settings)
    for name in data.collections:
        data.collections[name].making.reach(None)

described = document.load(document.BUILT_IN)
make(Settings())
began = time.perf_counter()
make(Settings(count=100_000))
print(100_000 / (time.perf_counter() - began))
"""


def generation(_body: Path) -> Iterator[Figure]:
    """Records a second that become a collection."""
    command = [sys.executable, "-c", _GENERATION]
    runs = [subprocess.run(command, capture_output=True, check=True, text=True) for _ in range(5)]
    values = [float(run.stdout) for run in runs]
    yield Figure("Generation", "records that become a collection", "/s", values, least=30_000)


PARTS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "starts": starts,
    "loading": documents.loading,
    "container": container,
    "memory": memory,
    "generation": generation,
    "sizes": sizes,
    "accounts": accounts,
    "latencies": latencies,
    "styles": documents.styles,
    "pages": pages,
    "creates": writes.creates,
    "resets": writes.resets,
    "peers": partial(pages, with_peers=True),
}
# The last is the one before, with more.
USUAL = list(PARTS)[:-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--table", type=Path, help="file for the page with the table")
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing (Debian's package wrk)")
    if "peers" in asked.parts:
        peers.install()
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "page.json"
        with serving(QUIET) as server:
            body.write_bytes(server.ask("GET", TWENTY)[1])
        measured = list(_measured(asked.parts or USUAL, body))
    print(figures.table(measured), end="")
    if asked.table:
        asked.table.write_text(figures.page(measured))
    if asked.json:
        figures.write(measured, asked.json)


def _measured(parts: Iterable[str], body: Path) -> Iterator[Figure]:
    for part in parts:
        print(f"measuring {part}", file=sys.stderr)
        yield from PARTS[part](body)


if __name__ == "__main__":
    main()
