"""What clients put around a request: chunks, offers of an upgrade, Host headers, expectations."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from mock_server.server import http_protocol
from tests.support import wire
from tests.support.callers import JSON, YAML, Caller
from tests.support.documents import LIST, METRIC

FAULT = b'{"script": [{"status": 503}]}'
RECORD = json.dumps({"items": [METRIC]}).encode()
CALLS = [
    ("POST", "/_mock/faults", JSON, FAULT, 201),
    ("POST", "/_mock/reset", JSON, b"{}", 204),
    ("PUT", "/_mock/collections", YAML, b"usage-metrics: []", 200),
    ("PUT", "/_mock/collections/usage-metrics", JSON, RECORD, 200),
    ("POST", "/_mock/collections/usage-metrics", JSON, RECORD, 201),
    ("POST", "/_mock/collections/usage-metrics/generate", JSON, b'{"count": 3}', 201),
    ("PUT", "/_mock/clock", JSON, b'{"advance": 60}', 200),
    ("GET", "/_mock/faults", JSON, b"{}", 200),
    ("GET", LIST, JSON, b"{}", 200),
]


@pytest.fixture
def me(url: str, request: pytest.FixtureRequest) -> Caller:
    """An account of the test's own."""
    return Caller(url, request.node.name.encode("ascii", "ignore").decode().replace(":", "."))


def chunks(body: bytes, trailers: bytes = b"") -> bytes:
    pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
    framed = b"".join(b"%x;x=y\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return framed + b"0\r\n" + trailers + b"\r\n"


def request(me: Caller, method: str, target: str, *headers: str, version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: x", me.authorization, *headers, "", ""]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(("method", "target", "content_type", "body", "status"), CALLS)
@pytest.mark.parametrize(
    ("headers", "trailers"),
    [
        (["Transfer-Encoding: chunked"], b""),
        (["transfer-encoding: Chunked", "TE: gzip, trailers", "Trailer: X-A"], b"X-A: b\r\n"),
        (["Transfer-Encoding: chunked", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"], b""),
    ],
)  # fmt: skip
def test_a_chunked_body_is_a_body_on_every_call(
    me: Caller, method: str, target: str, content_type: str, body: bytes, status: int,
    headers: list[str], trailers: bytes,
) -> None:  # fmt: skip
    head = request(me, method, target, content_type, *headers)
    with wire.connect(me.url) as connection:
        connection.sendall(head + chunks(body, trailers))
        assert wire.read(connection).status == status
        # The body has been read to its end, and what follows is the next request.
        connection.sendall(request(me, "GET", "/_mock/clock"))
        assert wire.read(connection).status == 200


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("POST", "/_mock/faults", 400), ("POST", "/_mock/reset", 204), ("GET", LIST, 200)],
)
def test_an_empty_chunked_body_is_none(me: Caller, method: str, target: str, status: int) -> None:
    answer = wire.exchange(
        me.url, request(me, method, target, JSON, "Transfer-Encoding: chunked"), b"0\r\n\r\n"
    )
    assert answer.status == status


@pytest.mark.slow
@pytest.mark.parametrize("upgrade", ["h2c", "websocket", "TLS/1.0", "h2c, websocket"])
@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_the_body_behind_an_offer_of_an_upgrade_is_read(me: Caller, upgrade: str, cut: int) -> None:
    headers = ("Connection: Upgrade, HTTP2-Settings", f"Upgrade: {upgrade}", "HTTP2-Settings: AAMAAABk")
    head = request(me, "POST", "/_mock/faults", JSON, *headers, f"Content-Length: {len(FAULT)}")
    with wire.connect(me.url) as connection:
        for _ in range(2):
            sent = head + FAULT
            connection.sendall(sent[:cut])
            time.sleep(0.01)
            connection.sendall(sent[cut:])
            assert wire.read(connection).status == 201
    assert len(me.done("GET", "/faults")["items"]) == 2


def test_a_request_that_offers_an_upgrade_is_journaled_as_it_came(me: Caller) -> None:
    answer = me.send("GET", LIST, b"{}", "Connection: upgrade", "Upgrade: websocket", JSON)
    assert (answer.status, answer.header("Upgrade")) == (200, None)
    [entry] = me.done("GET", "/requests")["items"]
    assert (entry["headers"]["upgrade"], entry["headers"]["connection"]) == ("websocket", "upgrade")


@pytest.mark.parametrize(("version", "tokens"), [("1.0", "Upgrade"), ("1.1", "close, Upgrade")])
def test_an_upgrade_offered_on_a_connection_that_ends_is_ignored(
    me: Caller, version: str, tokens: str
) -> None:
    headers = (JSON, f"Connection: {tokens}", "Upgrade: h2c", f"Content-Length: {len(FAULT)}")
    head = request(me, "POST", "/_mock/faults", *headers, version=version)
    answer = wire.exchange(me.url, head + FAULT)
    assert (answer.status, answer.header("Connection")) == (201, "close")


@pytest.mark.parametrize(
    ("head", "status", "words"),
    [
        (b"GET / HTTP/1.1\r\n", 400, b"no Host header"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n", 400, b"several Host headers"),
        (b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n", 400, b"several Host headers"),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n", 400, b"no Host header"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n", 501, b"beside 'chunked'"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 501,
         b"beside 'chunked'"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense, chunked\r\n", 501, b"beside 'chunked'"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n", 400, b"must end in 'chunked'"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n", 400, b""),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n", 400, b""),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n", 400, b""),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n", 501, b"no proxy"),
    ],
)  # fmt: skip
def test_a_head_that_http_forbids_is_refused_with_a_sentence(
    url: str, head: bytes, status: int, words: bytes
) -> None:
    with wire.connect(url) as connection:
        connection.sendall(head + b"\r\n0\r\n\r\n")
        answer = wire.read(connection)
        assert (answer.status, answer.header("Connection")) == (status, "close")
        assert words in answer.body
        assert connection.recv(1) == b""


def test_http_1_0_needs_no_host_and_gets_no_100(me: Caller) -> None:
    lines = ["POST /_mock/faults HTTP/1.0", me.authorization, JSON, "Expect: 100-continue"]
    head = "\r\n".join([*lines, f"Content-Length: {len(FAULT)}", "", ""]).encode()
    assert wire.exchange(me.url, head + FAULT).status == 201


@pytest.mark.slow
def test_a_body_of_a_request_that_is_answered_must_end_in_time(
    me: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "BODY_SECONDS", 0.2)
    with wire.connect(me.url) as connection:
        connection.sendall(request(me, "POST", "/_mock/nowhere", "Content-Length: 5"))
        assert wire.read(connection).status == 404
        assert connection.recv(1) == b""
    with wire.connect(me.url) as connection:
        connection.sendall(request(me, "POST", "/_mock/nowhere", "Content-Length: 5"))
        assert wire.read(connection).status == 404
        connection.sendall(b"hello")
        time.sleep(0.3)
        connection.sendall(request(me, "GET", LIST))
        assert wire.read(connection).status == 200


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")


@needs_curl
@pytest.mark.parametrize(
    "flags",
    [
        ["--header", "Transfer-Encoding: chunked"], ["--http2"], ["--header", "Expect: 100-continue"],
        ["--http1.0"], ["--http2", "--header", "Transfer-Encoding: chunked"],
    ],
)  # fmt: skip
def test_curl_s_bodies_arrive_however_it_sends_them(me: Caller, flags: list[str]) -> None:
    command = [
        "curl",
        "--silent",
        "--max-time",
        "20",
        "--user",
        f"{me.client_id}:secret",
        "--header",
        JSON,
    ]
    target = f"{me.url}/_mock/faults"
    done = subprocess.run([*command, *flags, "--data", FAULT, target], capture_output=True, check=True)
    assert json.loads(done.stdout)["id"] == "fault-1"


NODE = """
const http = require("http");
const [url, body] = process.argv.slice(1);
const options = { method: "POST", auth: "node-chunked:secret", headers: { "Content-Type": "application/json" } };
const sent = http.request(`${url}/_mock/faults`, options, (answer) => {
  answer.resume().on("end", () => console.log(answer.statusCode));
});
sent.write(body.slice(0, 5));
setTimeout(() => sent.end(body.slice(5)), 50);
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="node is not here")
def test_node_s_bodies_without_a_length_arrive(url: str) -> None:
    command = ["node", "-e", NODE, url, FAULT.decode()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "201\n"


JAVA = """
import java.net.URI;
import java.net.http.*;
import java.util.Base64;

public class Send {
  public static void main(String[] args) throws Exception {
    var client = HttpClient.newHttpClient();
    var basic = Base64.getEncoder().encodeToString("java:secret".getBytes());
    for (int i = 0; i < 3; i++) {
      var request = HttpRequest.newBuilder(URI.create(args[0] + "/_mock/faults"))
          .header("Authorization", "Basic " + basic).header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(args[1])).build();
      System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
  }
}
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("java"), reason="java is not here")
def test_java_s_http_client_offers_http_2_and_its_bodies_arrive(url: str, tmp_path: Path) -> None:
    source = tmp_path / "Send.java"
    source.write_text(JAVA)
    command = ["java", str(source), url, FAULT.decode()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["201"] * 3


def test_requests_with_and_without_an_offer_in_one_pipeline_are_answered_in_their_order(
    me: Caller,
) -> None:
    offer = ("Connection: Upgrade", "Upgrade: h2c")
    pipeline = b"".join(
        request(me, "GET", f"{LIST}?limit={number}", *offer[: 2 * (number % 2)], "Content-Length: 2")
        + b"{}"
        for number in range(1, 40)
    )
    received = b""
    with wire.connect(me.url) as connection:
        connection.sendall(pipeline)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(1 << 20):
            received += piece
    sizes = [part.count(b'"metricType"') for part in received.split(b"HTTP/1.1 200")[1:]]
    assert sizes == list(range(1, 40))
