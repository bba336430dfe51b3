"""What commands print on a terminal: no characters that steer it, and no passwords."""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mock_server.cli import main
from mock_server.client import Sandbox, SandboxError
from mock_server.formats import yaml
from mock_server.report import writer
from tests.support.callers import bad
from tests.support.servers import Serve

# Clears a terminal, by the two ways to begin a control sequence; and what moves a line, or its text.
EVIL = "\x1b[2J\x9b2J\x07\x7f\u202e"


def assert_harmless(capfd: pytest.CaptureFixture[str]) -> str:
    """Return what was printed, of which every line can be printed; lines are not forged either."""
    output, errors = capfd.readouterr()
    assert all(line.isprintable() for line in (output + errors).splitlines()), output + errors
    assert "forged" not in (output + errors).split("\n")
    return output + errors


@pytest.mark.parametrize("command", ["check", "serve", "generate --out -"])
def test_the_name_of_a_file_steers_no_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    path = tmp_path / f"a{EVIL}\nforged\n.yaml"
    assert main([*command.split(), "--document", str(path)]) != 0
    path.write_text("openapi: 2.0\n")
    assert main([*command.split(), "--document", str(path)]) != 0
    assert "is '2.0'" in assert_harmless(capfd)


def test_a_document_steers_no_terminal(
    small: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    evil = json.dumps(EVIL + "\nforged\n")
    path = small(
        ("title: Small", f"title: {evil}"), ("operationId: listThings", f"operationId: {evil}"),
        ("name: kind", f"name: {evil}"),
    )  # fmt: skip
    assert main(["check", "--document", str(path)]) == 0
    assert_harmless(capfd)
    # The document itself keeps what has no effect beyond its line.
    assert main(["check", "--document", str(path), "--effective"]) == 0
    effective = capfd.readouterr().out
    assert not [c for c in effective.replace("\n", "") if unicodedata.category(c) == "Cc"]
    assert yaml.load(effective)["info"]["title"] == f"{EVIL}\nforged\n"


def test_arguments_steer_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    for argv in (["check", f"--no{EVIL}"], [f"{EVIL}"], ["check", EVIL], ["check", "--base-path", EVIL]):
        assert main(argv) == 2
        assert_harmless(capfd)


def test_a_report_steers_no_terminal(serve: Serve, capfd: pytest.CaptureFixture[str]) -> None:
    url = serve(count=1)
    bad(url, f"me{EVIL}", "limit=%1b%5b2J&%c2%9b2J=1")
    for form in writer.FORMATS:
        assert main(["report", url, "--format", form]) in (0, 1)
        assert_harmless(capfd)


class Hostile(BaseHTTPRequestHandler):
    """Answers every request with an error in control characters."""

    def do_GET(self) -> None:
        body = json.dumps({"error": {"message": EVIL, "errors": [{"message": EVIL, "key": EVIL}]}})
        self.send_response(400)
        self.send_header("Content-Type", f"application/json{EVIL[5:8]}".encode().decode("latin-1"))
        self.end_headers()
        self.wfile.write(body.encode() if self.path != "/_mock/report" else EVIL.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hostile_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.mark.slow
def test_another_server_steers_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with hostile_server() as url:
        assert main(["report", url]) == 2
        assert main(["conform", url, "--credentials", "a:b", "--rate", "1000"]) in (1, 2)
        assert_harmless(capfd)
        with pytest.raises(SandboxError) as caught:
            Sandbox(url, "a", "b").faults()
        assert all(line.isprintable() for line in str(caught.value).splitlines())


URLS = ["http://me:hush@127.0.0.1:1", "http://me:hu/sh@127.0.0.1:1", "http://me:hush@[1"]
ADDRESSED = [
    "report {}", "conform {} --credentials a:b", "check --base-path {}", "serve --allow-host {}",
    "serve --cors-origin {}", "serve --host {}",
]  # fmt: skip
FILES = ["check --document {}", "check --overlay {}", "check --fixtures {}", "generate --out {}/x"]


@pytest.mark.parametrize(
    "command",
    [c.format(url) for c in ADDRESSED for url in (*URLS, "me:hush@127.0.0.1:1")]
    + [c.format(url) for c in FILES for url in URLS],
)
def test_a_password_in_a_url_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) != 0
    output, errors = capfd.readouterr()
    assert output == ""
    assert "hu" not in errors.replace("authority", "")
    assert errors
