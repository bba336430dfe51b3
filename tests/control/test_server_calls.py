"""Calls about the server and the account as a whole: what a reset resets, and the documents."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from mock_server import cli
from mock_server.formats import yaml
from mock_server.openapi.document import BUILT_IN, Document
from mock_server.settings import RateLimit
from tests.support import wire
from tests.support.callers import RECORDS, Caller, metrics
from tests.support.documents import LIST, ROOT, SMALL
from tests.support.servers import Serve


def test_reset_restores_starting_data_and_clock_and_clears_journal_and_faults(me: Caller) -> None:
    starting = me.records()
    me.done("PUT", RECORDS, metrics("a"))
    me.done("POST", "/faults", {"script": ["pass"]})
    me.done("PUT", "/clock", {"now": "2000-01-01T00:00:00Z"})
    me.page()
    answer = me.call("POST", "/reset")
    assert (answer.status, answer.body) == (204, b"")
    assert me.records() == starting
    assert me.done("GET", "/requests") == {"items": [], "recorded": 0, "dropped": 0}
    assert me.done("GET", "/faults") == me.done("GET", "/walks") == {"items": []}
    clock = me.done("GET", "/clock")
    assert not clock["frozen"]
    assert clock["now"] > "2025"


def test_reset_restarts_the_rate_limit(serve: Serve) -> None:
    me = Caller(serve(rate_limit=RateLimit(1, 1000)), "reset")
    assert [me.send("GET", LIST).status for _ in range(2)] == [200, 429]
    me.done("POST", "/reset")
    assert [me.send("GET", LIST).status for _ in range(2)] == [200, 429]


# The documents

HOST = "Host: mock.localhost:1234"
DOCUMENTS = ["/_mock/document", "/_mock/openapi.json"]


def ask(url: str, target: str, *headers: str, host: str = HOST, method: str = "GET") -> wire.Answer:
    lines = [f"{method} {target} HTTP/1.1", host, *headers, "\r\n"]
    return wire.exchange(url, "\r\n".join(lines).encode())


def servers(document: Any) -> list[str]:
    """Return the URLs of all servers in a document."""
    members = [member for item in document["paths"].values() for member in item.values()]
    operations = [member for member in members if isinstance(member, dict)]
    return [server["url"] for part in [document, *operations] for server in part.get("servers", [])]


@pytest.mark.parametrize("target", DOCUMENTS)
def test_the_servers_of_a_document_are_the_one_that_was_asked(url: str, target: str) -> None:
    path = "/api" if target == "/_mock/document" else "/_mock"
    for host, headers, root in (
        (HOST, (), "http://mock.localhost:1234"),
        ("Host: [::1]:80", (), "http://[::1]:80"),
        (HOST, ("X-Forwarded-Proto: https, http",), "https://mock.localhost:1234"),
    ):
        assert servers(ask(url, target, *headers, host=host).json) == [root + path]
    old = wire.exchange(url, f"GET {target} HTTP/1.0\r\n\r\n".encode())
    assert servers(old.json) == [url + path]


def test_an_operation_elsewhere_has_a_server_of_its_own(
    serve: Serve, small: Callable[..., Path]
) -> None:
    other = "    get:\n      servers: [{url: 'https://example.com/caf%C3%A9'}]\n"
    text = SMALL[SMALL.index("  /things:") : SMALL.index("components:")]
    added = text.replace("/things", "/others").replace("listThings", "listOthers")
    url = serve(document=small(("components:", added.replace("    get:\n", other) + "components:")))
    found = servers(ask(url, "/_mock/document").json)
    assert found == [f"http://mock.localhost:1234/{base}" for base in ("v1", "caf%C3%A9")]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"), ("*/*", "application/json"), ("application/*", "application/json"),
        ("text/html, */*;q=0.8", "application/json"), ("application/yaml", "application/yaml"),
        ("application/json, application/yaml", "application/json"),
        ("application/json;q=0.5, application/yaml;q=0.9", "application/yaml"),
        ("application/x-yaml", "application/x-yaml"), ("text/yaml", "text/yaml; charset=utf-8"),
        ("text/x-yaml", "text/x-yaml; charset=utf-8"), ("text/*", "text/yaml; charset=utf-8"),
        ("application/yaml;q=0, */*", "application/json"),
        ("application/json;q=0, application/*", "application/yaml"),
    ],
)  # fmt: skip
def test_the_document_comes_in_the_form_that_is_accepted(
    url: str, accept: str | None, media_type: str
) -> None:
    headers = [] if accept is None else [f"Accept: {accept}"]
    answer = ask(url, "/_mock/document", *headers)
    assert (answer.status, answer.header("Content-Type")) == (200, media_type)
    assert answer.header("Vary") == "Accept"
    document = yaml.load(answer.body.decode())
    assert document == ask(url, "/_mock/document").json
    if "yaml" in media_type:
        assert answer.body.startswith(b"openapi:")


def test_a_form_that_there_is_not_is_406(url: str) -> None:
    assert ask(url, "/_mock/document", "Accept: text/html").status == 406
    assert ask(url, "/_mock/openapi.json", "Accept: application/yaml").status == 406


def test_the_document_needs_credentials_only_where_the_server_was_given_some(serve: Serve) -> None:
    opened, closed = serve(count=1), serve(count=1, credentials=("demo:secret",))
    for headers in ((), ("Authorization: Bearer what-a-generator-sends",)):
        assert ask(opened, "/_mock/document", *headers).status == 200
        assert ask(closed, "/_mock/document", *headers).status == 401
        assert ask(closed, "/_mock/openapi.json", *headers).status == 200
    assert ask(closed, "/_mock/document", f"Authorization: {wire.BASIC}").status == 200
    assert ask(opened, "/_mock/document", method="HEAD").body == b""
    assert ask(opened, "/_mock/health").json["accounts"]["live"] == 0


def test_each_form_is_made_once_and_off_the_event_loop(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    original = Document._with_own_servers

    def note(document: Document) -> dict[str, Any]:
        made.append(threading.current_thread().name)
        return original(document)

    monkeypatch.setattr(Document, "_with_own_servers", note)
    url = serve(document=BUILT_IN, base_path="/other")
    for _ in range(2):
        ask(url, "/_mock/document")
        ask(url, "/_mock/document", "Accept: text/yaml")
        ask(url, "/_mock/document", "Accept: application/yaml")
    assert len(made) == 2
    assert all(name.startswith("control") for name in made)


def test_the_control_apis_document_is_served_in_both_forms(url: str) -> None:
    document = ask(url, "/_mock/openapi.json").json
    written = yaml.load((ROOT / "spec" / "control.yaml").read_text())
    assert document == {**written, "servers": [{"url": "http://mock.localhost:1234/_mock"}]}
    answer = ask(url, "/_mock/openapi.yaml", "Accept: application/json, */*")
    assert answer.header("Content-Type") == "application/yaml"
    assert yaml.load(answer.body.decode()) == document


def test_schemas_have_names_that_no_generator_has(url: str) -> None:
    own = ask(url, "/_mock/openapi.json").json["components"]["schemas"]
    merged = ask(url, "/_mock/document").json["components"]["schemas"]
    published = yaml.load(BUILT_IN.read_text())["components"]["schemas"]
    added = [*own, *(merged.keys() - published.keys())]
    assert "MockApiError" in added
    assert all(name.startswith("Mock") for name in added)


def test_pages_of_an_allowed_origin_read_the_documents_and_no_more(serve: Serve) -> None:
    url = serve(count=1, cors_origin=("https://editor.example",))
    origin = "Origin: https://editor.example"
    for target in DOCUMENTS:
        answer = ask(url, target, origin)
        assert answer.header("Access-Control-Allow-Origin") == "https://editor.example"
        assert (
            ask(url, target, "Origin: https://evil.example").header("Access-Control-Allow-Origin")
            is None
        )
    assert ask(url, "/_mock/health", origin).header("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("target", DOCUMENTS)
def test_a_served_document_is_valid(url: str, target: str) -> None:
    document: Any = ask(url, target).json
    assert list(OpenAPIV30SpecValidator(document).iter_errors()) == []


# The schemas of files, for editors


@pytest.mark.parametrize("kind", ["overlay", "fixtures"])
def test_the_schema_of_a_kind_of_file_is_given_without_credentials_and_printed(
    url: str, kind: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    answer = ask(url, f"/_mock/schemas/{kind}.json")
    assert (answer.status, answer.header("Content-Type")) == (200, "application/json; charset=utf-8")
    Draft7Validator.check_schema(answer.json)
    assert cli.main(["schema", kind]) == 0
    assert json.loads(capsysbinary.readouterr().out) == answer.json


def test_the_schema_of_fixtures_is_that_of_the_document_and_as_private(
    serve: Serve, small: Callable[..., Path]
) -> None:
    url = serve(document=small(), credentials=("demo:secret",))
    assert ask(url, "/_mock/schemas/overlay.json").status == 200
    assert ask(url, "/_mock/schemas/fixtures.json").status == 401
    described = Caller(url, "demo").done("GET", "/schemas/fixtures.json")
    assert described["title"] == "Fixture file of Small 1"
    assert described["properties"].keys() == {"things"}


def test_a_schema_is_printed_of_a_document_that_can_be_served(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    assert cli.main(["schema", "fixtures", "--document", str(path)]) == 0
    assert "things" in json.loads(capsysbinary.readouterr().out)["properties"]
    path.write_text("{}")
    assert cli.main(["schema", "fixtures", "--document", str(path)]) == 2
    assert b"small.yaml" in capsysbinary.readouterr().err
