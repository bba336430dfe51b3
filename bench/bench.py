"""Measures a server on this machine: requests a second, cold start, memory. Prints a table.

The figures are medians of several runs, with the lowest and the highest. Machines differ and are
noisy: compare figures of one run with each other, and nothing else.
"""

from __future__ import annotations

import base64
import http.client
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = str(Path(sys.executable).parent / "mock-server")
PORT = 18_181
PATH = "/api/usage-metrics"
AUTHORIZATION = "Basic " + base64.b64encode(b"bench:secret").decode()
RUNS = 5
SECONDS = 4
CONNECTIONS = 16

LOADS = {
    "a page of 20, the same request": f"{PATH}?limit=20",
    "a page of 20 under a filter": f"{PATH}?limit=20&aggregationType=COUNT,SUM",
    "a refused request": f"{PATH}?limit=0",
}


@contextmanager
def serving(*flags: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that has answered its first request."""
    command = [PROGRAM, "serve", "--port", str(PORT), *flags]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers():
            time.sleep(0.001)
        yield process
    finally:
        process.terminate()
        process.wait()


def answers() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    try:
        connection.request("GET", PATH, headers={"Authorization": AUTHORIZATION})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def cold_start() -> float:
    """Seconds from the start of the process to the first 200."""
    began = time.perf_counter()
    with serving("--quiet"):
        return time.perf_counter() - began


def memory(process: subprocess.Popen[bytes]) -> float:
    """MiB resident."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def requests_per_second(target: str) -> float:
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}s",
        "-H",
        f"Authorization: {AUTHORIZATION}",
    ]
    output = subprocess.run(
        [*command, f"http://127.0.0.1:{PORT}{target}"], capture_output=True, check=True, text=True
    ).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]


def row(what: str, figures: list[float], unit: str, digits: int = 0) -> None:
    middle, low, high = (
        f"{value:,.{digits}f}" for value in (statistics.median(figures), min(figures), max(figures))
    )
    print(f"{what:42} {middle:>9} {unit:6} ({low} to {high})")


def main() -> None:
    row("cold start to the first 200", [cold_start() for _ in range(RUNS)], "s", 3)
    if not shutil.which("wrk"):
        print("requests a second: not measured, wrk is missing (Debian's package wrk)")
    with serving("--quiet") as process:
        row("resident with 100 records", [memory(process)], "MiB", 1)
        if shutil.which("wrk"):
            rates: dict[str, list[float]] = {what: [] for what in LOADS}
            for _ in range(RUNS):
                for what, target in LOADS.items():
                    rates[what].append(requests_per_second(target))
            for what, figures in rates.items():
                row(what, figures, "req/s")
            row("resident after that load", [memory(process)], "MiB", 1)


if __name__ == "__main__":
    main()
