"""The program as a process: start, banner, log, signals, kept connections, watching."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.documents import LIST, ROOT
from tests.support.patience import PATIENCE
from tests.support.processes import Process

Start = Callable[..., "Process"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Process] = []

    def start_process(*flags: str, stderr: int = subprocess.PIPE) -> Process:
        started.append(Process(*flags, stderr=stderr))
        return started[-1]

    yield start_process
    for process in started:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.communicate()


@pytest.mark.slow
def test_the_banner_says_what_is_served_and_its_curl_line_works(start: Start) -> None:
    process = start("--count", "1234", "--seed", "5", "--chaos", "rate=0", "--latency", "0-2")
    assert "serves Usage 0.1 at" in process.banner
    assert "GET /api/usage-metrics: 1,234 records, generated with seed 5" in process.banner
    assert "from the built-in document and the overlay beside it" in process.banner
    assert "with chaos rate=0 seed=0 faults=503,429,500,502,cut,delay\n" in process.banner
    assert "with a latency of 0-2 ms\n" in process.banner
    found = re.search(r"curl -u demo:secret '(\S+)'", process.banner)
    assert found
    assert len(wire.get(process.url, found[1].removeprefix(process.url)).json["items"]) == 2


@pytest.mark.slow
def test_the_banner_shows_no_credentials(start: Start) -> None:
    banner = start("--credentials", "me:s3cr3t").banner
    assert "s3cr3t" not in banner
    assert "curl -u ID:SECRET" in banner


@pytest.mark.slow
def test_stderr_has_one_line_for_each_request_and_nothing_else(start: Start) -> None:
    process = start()
    wire.get(process.url, LIST + "?limit=2")
    wire.get(process.url, LIST, auth=False)
    wire.get(process.url, "/nope?x=%0A%1b[31m", "X: \xff")
    wire.exchange(process.url, b"no http\r\n\r\n")
    status, errors = process.end()
    assert status == 0
    assert [re.sub(r"[\d.]+ ms", "N ms", line) for line in errors.splitlines()] == [
        "GET /api/usage-metrics?limit=2 200 N ms",
        "GET /api/usage-metrics 401 N ms",
        "GET /nope?x=%0A%1b[31m 404 N ms",
    ]
    assert wire.BASIC not in errors


@pytest.mark.slow
def test_the_log_can_be_json_or_off(start: Start) -> None:
    process = start("--log-format", "json")
    wire.get(process.url, LIST + "?limit=2")
    _, errors = process.end()
    entry = json.loads(errors)
    assert (entry["method"], entry["target"], entry["status"]) == ("GET", LIST + "?limit=2", 200)
    assert entry["durationMs"] > 0
    quiet = start("--quiet")
    wire.get(quiet.url, LIST)
    assert quiet.end() == (0, "")
    assert "curl" in quiet.banner


@pytest.mark.slow
def test_a_log_that_nobody_reads_stops_nothing(start: Start) -> None:
    process = start()
    with wire.connect(process.url) as connection:
        request = f"GET /{'x' * 900} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for _ in range(500):
            connection.sendall(request)
            assert wire.read(connection).status == 404
    assert wire.get(process.url, LIST).status == 200
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(timeout=PATIENCE) == 0


def fill_pipe(url: str, query: str = "limit=1") -> None:
    """Send so many requests that their lines in the access log fill a pipe."""
    request = (
        f"HEAD {LIST}?{query}&x={'x' * 500} HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\n\r\n"
    )
    with wire.connect(url) as connection:
        for _ in range(2_000):
            connection.sendall(request.encode())
            wire.read(connection, head=True)


@pytest.mark.slow
@pytest.mark.parametrize("stderr", [subprocess.PIPE, subprocess.STDOUT])
@pytest.mark.parametrize(("query", "status"), [("limit=1", 0), ("limit=0", 1)])
def test_a_signal_ends_it_with_its_verdict_though_nobody_reads_its_log(
    start: Start, tmp_path: Path, stderr: int, query: str, status: int
) -> None:
    report = tmp_path / "report.txt"
    process = start("--report", str(report), stderr=stderr)
    fill_pipe(process.url, query)
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(timeout=PATIENCE) == status
    assert report.read_text().startswith(f"All accounts: {'falls short' if status else 'passed'}")


@pytest.mark.slow
def test_a_report_that_a_full_pipe_does_not_take_is_no_pass(start: Start) -> None:
    process = start("--report", "-", stderr=subprocess.STDOUT)
    fill_pipe(process.url)
    process.popen.send_signal(signal.SIGTERM)
    assert process.popen.wait(timeout=PATIENCE) == 2


NODE = r"""
const { spawn } = require("child_process");
const http = require("http");
const [python, list] = process.argv.slice(1);
const server = spawn(python, ["-m", "mock_server", "serve", "--port", "0"]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const get = (url) => new Promise((done, failed) => http.get(
  url, { auth: "demo:secret", agent }, (answer) => answer.resume().on("end", done)).on("error", failed));
let banner = "";
server.stdout.on("data", async function read(data) {
  banner += data;
  if (!banner.includes("try  curl")) return;
  server.stdout.off("data", read);
  const url = banner.match(/at (http:\S+)/)[1];
  for (let i = 0; i < 2000; i++) await get(`${url}${list}?limit=1&x=${"x".repeat(200)}`);
  agent.destroy();
  server.on("exit", (status, signal) => { console.log(status, signal); process.exit(); });
  server.kill("SIGTERM");
});
setTimeout(() => { console.log("it did not end"); server.kill("SIGKILL"); process.exit(); }, 60000);
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_sigterm_ends_a_server_that_node_spawns_with_its_default_pipes() -> None:
    command = ["node", "-e", NODE, sys.executable, LIST]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=90)
    assert done.stdout == "0 null\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_ends_it_with_status_0_whatever_is_open(start: Start, number: int) -> None:
    process = start()
    with contextlib.ExitStack() as stack:
        for sent in (b"", b"GET / HT", f"GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n".encode()):
            stack.enter_context(wire.connect(process.url)).sendall(sent)
        time.sleep(0.1)
        status, errors = process.end(number)
    assert status == 0
    assert "Traceback" not in errors


@pytest.mark.slow
def test_a_request_in_flight_is_finished(start: Start) -> None:
    process = start()
    head = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\nContent-Length: 2\r\n\r\n"
    with wire.connect(process.url) as connection:
        connection.sendall(head.encode() + b"a")
        time.sleep(0.2)
        process.popen.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(b"b")
        answer = wire.read(connection)
    assert (answer.status, answer.header("Connection")) == (200, "close")
    assert process.popen.wait(timeout=PATIENCE) == 0


@pytest.mark.slow
def test_a_request_that_never_ends_is_cut_off_without_a_word(start: Start) -> None:
    process = start()
    head = f"GET {LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
    with wire.connect(process.url) as connection:
        connection.sendall(head.encode())
        time.sleep(0.2)
        status, errors = process.end()
    assert status == 0
    assert "Traceback" not in errors


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(start: Start) -> None:
    process = start()
    with wire.connect(process.url) as connection:
        connection.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n".encode())
        time.sleep(0.2)
        process.popen.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.popen.send_signal(signal.SIGINT)
        assert process.popen.wait(timeout=PATIENCE) is not None


@pytest.mark.slow
def test_a_kept_connection_is_used_again_after_six_seconds_of_silence(url: str) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    headers = {"Authorization": wire.BASIC}
    for silence in (0.0, 6.0):
        time.sleep(silence)
        connection.request("GET", LIST, headers=headers)
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)
    connection.close()


@pytest.mark.slow
def test_an_idle_connection_is_closed_after_keep_alive(start: Start) -> None:
    process = start("--keep-alive", "1")
    with wire.connect(process.url) as connection:
        connection.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert wire.read(connection).status == 401
        assert connection.recv(1) == b""


@pytest.mark.slow
def test_ipv6_is_served_where_it_is_there(start: Start) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    process = start("--host", "::1")
    assert process.url.startswith("http://[::1]:")
    assert wire.get(process.url, "/_mock/health").status == 200


@pytest.mark.slow
def test_all_addresses_of_ipv6_are_those_of_ipv4_too(start: Start) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    process = start("--host", "::")
    assert wire.get(process.url, "/_mock/health").status == 200
    port = process.url.rpartition(":")[2]
    for host in ("127.0.0.1", "[::1]"):
        head = f"GET /_mock/health HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
        try:
            answer = wire.exchange(f"http://{host}:{port}", head.encode())
        except OSError:  # Of a machine whose loopback has no address of IPv6.
            assert host == "[::1]"
            continue
        assert answer.status == 200


@pytest.mark.slow
def test_to_allow_every_host_is_warned_of(start: Start) -> None:
    process = start("--allow-host", "*", "--allow-host", "*.example.com")
    assert wire.get(process.url, "/_mock/health").status == 200
    assert "--allow-host '*' lets a page of any site" in process.end()[1]


RECORD = """- name: {}
  metricType: SIMPLE
  eventType: e
  aggregationType: COUNT
  propertyFilters: {{}}
  parameters: []
"""


@pytest.mark.slow
def test_a_changed_fixture_file_is_loaded_again_and_a_broken_one_is_not(
    start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "metrics.yaml"

    def write(text: str) -> None:
        # As editors do: a new file takes the old one's place.
        partly = tmp_path / "new"
        partly.write_text("usage-metrics:\n" + text)
        partly.rename(path)

    write(RECORD.format("one"))
    process = start("--fixtures", str(path), "--watch", "--quiet")
    await_names(process.url, ["one"])
    time.sleep(0.5)
    write(RECORD.format("two") + RECORD.format("three"))
    await_names(process.url, ["two", "three"])
    write("- nmae: broken\n")
    assert process.popen.stderr is not None
    lines = [process.popen.stderr.readline() for _ in range(8)]
    assert any("/usage-metrics/0/nmae: the schema does not name this field" in line for line in lines)
    assert lines[-1] == "The records stay as they were.\n"
    await_names(process.url, ["two", "three"])
    write(RECORD.format("four"))
    await_names(process.url, ["four"])
    path.unlink()
    assert "there is no such file" in process.popen.stderr.readline()
    assert process.popen.stderr.readline() == "The records stay as they were.\n"
    assert process.end() == (0, "")


@pytest.mark.slow
def test_other_files_beside_a_fixture_file_are_not_watched(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "metrics.yaml"
    path.write_text("usage-metrics:\n" + RECORD.format("one"))
    process = start("--fixtures", str(path), "--watch", "--quiet")
    for number in range(5):
        (tmp_path / "server.log").write_text(f"line {number}")
        time.sleep(0.3)
    path.write_text("usage-metrics:\n" + RECORD.format("two"))
    await_names(process.url, ["two"])
    process.popen.terminate()
    output, _ = process.popen.communicate(timeout=PATIENCE)
    assert output.count("Fixture files loaded again") == 1


@pytest.mark.slow
def test_a_signal_ends_it_while_it_loads(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "metrics.yaml"
    path.write_text("usage-metrics:\n" + RECORD.format("one"))
    process = start("--fixtures", str(path), "--watch", "--quiet")
    # What takes minutes to read.
    (tmp_path / "new").write_text("usage-metrics:\n" + RECORD.format("many") * 100_000)
    (tmp_path / "new").rename(path)
    time.sleep(2)
    begun = time.monotonic()
    assert process.end() == (0, "")
    assert time.monotonic() - begun < PATIENCE


def await_names(url: str, expected: list[str]) -> None:
    """Wait until the records have these names."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [item["name"] for item in wire.get(url, LIST).json["items"]]
        if found == expected:
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
