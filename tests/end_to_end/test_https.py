"""HTTPS as users meet it: the program, its health check, the client, the plugin, and other clients."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

import mock_server
from mock_server import cli, local_server, trust
from mock_server.client import Sandbox, TransportError, report_of, wait_until_healthy
from mock_server.healthcheck import find_problem
from mock_server.local_server import LocalServer
from tests.support import wire
from tests.support.callers import Caller
from tests.support.documents import LIST
from tests.support.patience import PATIENCE
from tests.support.processes import Process, Suite
from tests.support.tls import connect, serving, write_certificate


def test_a_client_trusts_the_file_that_it_is_given_alone(secured: LocalServer, tmp_path: Path) -> None:
    account = secured.account("trusting")
    account.fail({"status": 503})
    assert account.ca == secured.ca
    answer = httpx.get(account.base_url + "/usage-metrics", auth=account.auth,
                       verify=trust.context(secured.ca))  # fmt: skip
    assert answer.status_code == 503
    account.assert_called(times=1)
    assert report_of(secured.url, "trusting:secret", ca=secured.ca)["passed"]
    with pytest.raises(
        TransportError, match=r"not trusted: .*; give the file of a certificate to trust"
    ):
        Sandbox(secured.url, "trusting", "secret").reset()
    for name, reason in (("none.pem", "No such file"), ("empty.pem", "it holds no certificate in PEM")):
        (tmp_path / "empty.pem").touch()
        with pytest.raises(ValueError, match=f"{name}' is not the file of a certificate .*{reason}"):
            wait_until_healthy(secured.url, 0, tmp_path / name)


@pytest.mark.slow
def test_large_bodies_pass_and_too_large_ones_are_refused(secured: LocalServer) -> None:
    account = secured.account("bodies")
    account.generate(3000)
    assert len(account.records()) == 3000
    with connect(secured) as connection:
        head = f"POST {LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n".encode()
        connection.sendall(head + b"x" * 9_000_000)
        answer = wire.read(connection)
        assert (answer.status, answer.header("Connection")) == (413, "close")
        assert connection.recv(1) == b""


def test_a_server_of_files_is_called_by_a_name_of_its_certificate(tmp_path: Path) -> None:
    cert, key = write_certificate(tmp_path, "localhost")
    with serving(tls_self_signed=False, tls_cert=cert, tls_key=key) as server:
        assert re.fullmatch(r"https://localhost:\d+", server.url)
        assert server.ca == str(cert)
        server.account("me").reset()
    with pytest.raises(local_server.CannotStart, match="--tls-cert: it needs --tls-key"):
        mock_server.serve(tls_cert=cert)


def test_the_certificate_of_a_server_is_gone_with_it_unless_a_file_is_named(tmp_path: Path) -> None:
    with mock_server.serve(tls_self_signed="yes") as server:
        assert server.ca is not None
        assert "BEGIN CERTIFICATE" in Path(server.ca).read_text()
    assert not Path(server.ca).exists()
    path = tmp_path / "ca.pem"
    with mock_server.serve(tls_self_signed=True, tls_ca_out=path) as server:
        assert server.ca == str(path)
    assert "PRIVATE" not in path.read_text()


def test_a_stop_waits_for_no_idle_connection(tmp_path: Path) -> None:
    with serving() as server:
        idle = connect(server)
        idle.sendall(b"GET /_mock/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wire.read(idle).status == 200
        began = time.monotonic()
    with closing(idle):
        assert time.monotonic() - began < PATIENCE
        assert idle.recv(1) == b""


def test_the_health_check_finds_a_server_of_tls_by_its_settings_and_without(
    secured: LocalServer,
) -> None:
    port = secured.url.rpartition(":")[2]
    for variables in ({}, {"MOCK_SERVER_TLS_SELF_SIGNED": "1"}, {"MOCK_SERVER_TLS_CERT": "a.pem"}):
        assert (
            find_problem({"MOCK_SERVER_PORT": port, "MOCK_SERVER_HOST": "0.0.0.0", **variables}) is None
        )


def test_the_health_check_of_plain_http_by_tls_is_unhealthy(url: str) -> None:
    problem = find_problem({"PORT": url.rpartition(":")[2], "MOCK_SERVER_TLS_SELF_SIGNED": "true"})
    assert problem is not None
    assert "it is not reached" in problem


def test_what_is_wrong_with_tls_ends_the_start_with_status_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["serve", "--tls-cert", str(tmp_path / "a.pem"), "--tls-self-signed"]) == 2
    assert "--tls-cert: --tls-self-signed makes" in capsys.readouterr().err
    missing = str(tmp_path / "none" / "ca.pem")
    assert cli.main(["serve", "--tls-self-signed", "--tls-ca-out", missing]) == 2
    assert "it cannot be written (No such file or directory)" in capsys.readouterr().err


@pytest.mark.slow
def test_report_and_conform_trust_a_file(
    secured: LocalServer, capsys: pytest.CaptureFixture[str]
) -> None:
    Caller(secured.url, "judged").send("GET", LIST)
    assert cli.main(["report", secured.url, "--ca", str(secured.ca), "--account", "*"]) in (0, 1)
    assert cli.main(["report", secured.url]) == 2
    assert "certificate is not trusted" in capsys.readouterr().err
    arguments = ["conform", f"{secured.url}/api", "--credentials", "kit:secret", "--rate", "1000"]
    assert cli.main([*arguments, "--ca", "none.pem"]) == 2
    assert "'none.pem' is not the file" in capsys.readouterr().err
    assert cli.main([*arguments, "--ca", str(secured.ca)]) == 0


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    running = Process("--tls-self-signed", "--tls-ca-out", str(tmp_path / "ca.pem"))
    yield running
    running.popen.kill()
    running.popen.communicate()


@pytest.mark.slow
def test_the_program_serves_https_and_its_curl_line_works(process: Process, tmp_path: Path) -> None:
    found = re.search(r"try  (curl --cacert \S+/ca.pem -u demo:secret 'https://\S+')", process.banner)
    assert found, process.banner
    if shutil.which("curl"):
        done = subprocess.run(f"{found[1]} --silent", shell=True, capture_output=True, check=True)
        assert len(json.loads(done.stdout)["items"]) == 2
    assert (tmp_path / "ca.pem").stat().st_mode & 0o444
    idle = wire.connect(process.url)
    status, errors = process.end()
    idle.close()
    assert (status, "Traceback" in errors, "PRIVATE" in errors) == (0, False, False)


NODE = """
const https = require("https");
const url = new URL(process.argv[1]);
const get = () => fetch(new URL("/_mock/health", url)).then((answer) => answer.json());
get().then((health) => console.log(health.status), (error) => console.log(String(error.cause)));
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_node_trusts_the_certificate(secured: LocalServer) -> None:
    done = subprocess.run(
        ["node", "-e", NODE, secured.url], env={"NODE_EXTRA_CA_CERTS": str(secured.ca), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.stdout == "ok\n"


TESTS = """
import httpx, ssl

def test_it(mock_account, mock_server):
    assert mock_account.ca == mock_server.ca
    trusted = ssl.create_default_context(cafile=mock_server.ca)
    assert httpx.get(mock_account.base_url + "/usage-metrics", auth=mock_account.auth, verify=trusted).is_success
    note(mock_account)
"""
SIGNING = """
import pytest

@pytest.fixture(scope="session")
def mock_server_settings():
    return {"tls_self_signed": True}
"""


@pytest.mark.slow
def test_the_plugin_starts_and_uses_servers_of_https(secured: LocalServer, tmp_path: Path) -> None:
    own = Suite(tmp_path, TESTS, SIGNING).run_distributed("--mock-server-fail-on=violations")
    assert own.status == 0, own.output
    assert own.seen[0]["url"].startswith("https://")
    named = {"MOCK_SERVER_URL": secured.url}
    run = Suite(tmp_path, TESTS).run("--mock-server-report", MOCK_SERVER_CA=str(secured.ca), **named)
    assert run.status == 0, run.output
    assert "mock server report" in run.output
    (tmp_path / "pytest.ini").write_text("[pytest]\nmock_server_ca = none.pem\n")
    refused = Suite(tmp_path, TESTS).run(**named)
    assert refused.status == pytest.ExitCode.USAGE_ERROR
    assert f"'{tmp_path}/none.pem' is not the file of a certificate to trust" in refused.output


@pytest.mark.slow
def test_a_server_of_plain_http_loads_no_library_of_certificates() -> None:
    script = """
import sys, mock_server
with mock_server.serve(count=1) as server:
    server.account("a").reset()
for name in ("cryptography", "mock_server.server.handshake", "mock_server.server.certificates"):
    assert name not in sys.modules, name
with mock_server.serve(count=1, tls_self_signed=True) as server:
    server.account("a").reset()
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=PATIENCE)
