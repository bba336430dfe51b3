"""Other mock servers, from npm, in a folder outside the tree; each gives the same page of 20."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import loads
import yaml
from loads import Load
from servers import HERE, Command, Server, serving

FOLDER = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "mock_server" / "peers"
PACKAGES = (
    "@stoplight/prism-cli@5",
    "@scalar/mock-server@0",
    "@hono/node-server@1",
    "@mockoon/cli@9",
    "wiremock@3",
)

# None of them puts a base path before those of a document.
LIST = "/usage-metrics"
DOCUMENT = HERE.parent / "spec" / "usage.latest.product.live.yaml"


def install() -> None:
    """Install all of them, unless they are there."""
    if not shutil.which("npm"):
        sys.exit("npm is missing (it comes with Node.js)")
    FOLDER.mkdir(parents=True, exist_ok=True)
    options = ["--no-audit", "--no-fund", "--silent", "--prefix", str(FOLDER)]
    subprocess.run(["npm", "install", *options, *PACKAGES], check=True)


def started(stack: ExitStack, body: Path) -> dict[str, Server]:
    """Those that run here, by their names; WireMock needs Java too."""
    commands = _commands(body)
    if not shutil.which("java"):
        del commands["WireMock"]
    return {
        name: stack.enter_context(serving(command, LIST, cwd=FOLDER))
        for name, command in commands.items()
    }


def _commands(body: Path) -> dict[str, Command]:
    programs = FOLDER / "node_modules" / ".bin"
    page = json.loads(body.read_bytes())
    document = _written(body.with_name("document.json"), _with_example(page))
    environment = _written(body.with_name("mockoon.json"), _mockoon(body))
    stub = {"request": {"urlPath": LIST}, "response": {"status": 200, "jsonBody": page}}
    _written(body.parent / "mappings" / "list.json", stub)
    jar = next((FOLDER / "node_modules" / "wiremock" / "build").glob("*.jar"))
    mockoon = [str(programs / "mockoon-cli"), "start", "--data", str(environment), "--port", "PORT"]
    prism = [str(programs / "prism"), "mock", "--verboseLevel", "silent"]
    return {
        "Prism": [*prism, "--port", "PORT", str(document)],
        "@scalar/mock-server": ["node", str(HERE / "scalar.mjs"), "PORT", str(document)],
        "Mockoon": [*mockoon, "--disable-log-to-file", "--disable-admin-api"],
        "WireMock": ["java", "-jar", str(jar), "--port", "PORT", "--root-dir", str(body.parent),
                     "--no-request-journal", "--disable-banner"],
    }  # fmt: skip


def _written(path: Path, content: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def _with_example(page: Any) -> Any:
    """The published document, whose example is a page; what it has of others is left out."""
    document = yaml.safe_load(DOCUMENT.read_text())
    responses = document["paths"][LIST]["get"]["responses"]
    content = (responses.get("200") or responses[200])["content"]["application/json"]
    content.pop("examples", None)
    content["example"] = page
    limit = next(p for p in document["paths"][LIST]["get"]["parameters"] if p["name"] == "limit")
    # What the document says in prose, so that the same requests are refused.
    limit["schema"] |= {"minimum": 1, "maximum": 100}
    return document


def _mockoon(body: Path) -> Any:
    """Mockoon's own file of a single route, as its desktop program writes it."""
    response = {
        "uuid": "00000000-0000-4000-8000-000000000002",
        "body": body.read_text(),
        "latency": 0,
        "statusCode": 200,
        "label": "",
        "headers": [{"key": "Content-Type", "value": "application/json"}],
        "bodyType": "INLINE",
        "filePath": "",
        "databucketID": "",
        "sendFileAsBody": False,
        "rules": [],
        "rulesOperator": "OR",
        "disableTemplating": True,
        "fallbackTo404": False,
        "default": True,
        "crudKey": "id",
        "callbacks": [],
    }
    route = {
        "uuid": "00000000-0000-4000-8000-000000000001",
        "type": "http",
        "documentation": "",
        "method": "get",
        "endpoint": LIST.strip("/"),
        "responses": [response],
        "responseMode": None,
        "streamingMode": None,
        "streamingInterval": 0,
    }
    return {
        "uuid": "00000000-0000-4000-8000-000000000000",
        "lastMigration": 33,
        "name": "bench",
        "port": 3000,
        "hostname": "",
        "endpointPrefix": "",
        "latency": 0,
        "folders": [],
        "routes": [route],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "proxyMode": False,
        "proxyHost": "",
        "proxyRemovePrefix": False,
        "tlsOptions": {"enabled": False, "type": "CERT"},
        "cors": False,
        "headers": [],
        "proxyReqHeaders": [],
        "proxyResHeaders": [],
        "data": [],
        "callbacks": [],
    }


def measured(servers: dict[str, Server], cursors: list[str]) -> Iterator[tuple[str, Server, Load]]:
    """What is sent to each: the same request, and to Prism, which validates, others too."""
    for name, server in servers.items():
        yield name, server, loads.same(f"{LIST}?limit=20")
        if name == "Prism":
            yield "Prism, all different", server, loads.different(server, cursors)
            yield "Prism, refused", server, loads.refused(server)
