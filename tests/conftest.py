"""Fixtures that the tests share: servers in threads, and small documents of their own."""

from __future__ import annotations

import gc
import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from jsonschema import Draft7Validator

from mock_server.client import Sandbox
from mock_server.data import fixture_files, fixture_schema
from mock_server.formats import yaml
from mock_server.local_server import LocalServer
from mock_server.openapi import document, overlay_schema
from mock_server.openapi.document import Document
from mock_server.problems import CannotServe
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import servers
from tests.support.balancers import MISSING
from tests.support.documents import BUILT_IN, FIXTURES, SCHEMAS, SMALL
from tests.support.patience import PATIENCE
from tests.support.servers import Ground, Serve, build
from tests.support.tls import serving

# Without times: a machine with other work makes any test slow.
hypothesis.settings.register_profile(
    "suite", deadline=None, derandomize=True, max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("suite"), max_examples=20)
hypothesis.settings.load_profile("suite")

# httpx gives up after five seconds, which a machine with other work may take for an answer.
for _what in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, _what, PATIENCE)

BUILT_IN_OVERLAY = str(document.overlay_beside(document.BUILT_IN))

# To read the certificates of all authorities, as httpx does for each client, takes longer than any
# request here; of this folder, which holds none, it reads nothing. Tests of TLS name what they trust.
os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
os.environ.pop("SSL_CERT_FILE", None)

# Users start servers without it, and it changes how a process writes to a pipe.
os.environ.pop("PYTHONUNBUFFERED", None)


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples where the slow tests are left out, as `make test` does; all of CI tries all."""
    if config.option.markexpr == "not slow":
        hypothesis.settings.load_profile("quick")


def pytest_collection_finish() -> None:
    """Keep the garbage collector from what stays to the end: modules, tests, documents of all of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was not tested since a program is missing; other reasons of skipping are usual."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {each.longrepr[2].removeprefix("Skipped: ") for each in skipped}
    for reason in sorted(each for each in reasons if each.startswith(MISSING)):
        terminalreporter.write_line(reason, red=True, bold=True)


def require_valid(validator: Draft7Validator, path: Path) -> None:
    """Let a schema judge a file, unless that takes long; it is not noted as read."""
    if path.stat().st_size < 50_000:
        validator.validate(yaml.load(path.read_text()))


@pytest.fixture(scope="session", autouse=True)
def _overlays_that_are_served_are_valid_by_their_schema() -> Iterator[None]:
    """No editor finds fault with a small overlay that a test has served."""
    load = document.load
    validator = Draft7Validator(overlay_schema.schema())

    def checked(*args: Any, **options: Any) -> Document:
        loaded = load(*args, **options)
        if loaded.overlay_file not in (None, BUILT_IN_OVERLAY):
            require_valid(validator, Path(str(loaded.overlay_file)))
        return loaded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "load", checked)
        yield


@pytest.fixture(scope="session", autouse=True)
def _fixture_files_that_are_served_are_valid_by_their_schema() -> Iterator[None]:
    """No editor finds fault with a small fixture file of the built-in document that a test has served."""
    load = fixture_files.load
    validator = Draft7Validator(fixture_schema.schema(BUILT_IN.name, SCHEMAS.values()))
    own = {name: each.schema for name, each in SCHEMAS.items()}

    def checked(paths: Iterable[Path], schemas: fixture_files.Schemas) -> Any:
        loaded = load(paths, schemas)
        if {name: each.schema for name, each in schemas.items()} == own:
            for path in fixture_files.list_files(paths, []):
                require_valid(validator, path)
        return loaded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixture_files, "load", checked)
        yield


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """A server of 100 generated records, started once."""
    with server.in_thread(build(Settings())) as root:
        yield root


@pytest.fixture(scope="session")
def fixtures_url() -> Iterator[str]:
    """A server of the hand-made metrics."""
    with server.in_thread(build(Settings(fixtures=(FIXTURES,)))) as root:
        yield root


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server with settings; gives its root URL."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(server.in_thread(build(Settings(**settings))))


@pytest.fixture
def monkeypatch(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Patches, and servers that share nothing with those of other tests: each sees its own patches alone."""
    monkeypatch.setattr(servers, "start", Ground.start)
    return monkeypatch


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., list[str]]:
    """The problems, in words, of a call that must refuse."""

    def refused(call: Callable[..., Any], *args: Any) -> list[str]:
        with pytest.raises(CannotServe) as caught:
            call(*args)
        return [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return refused


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small document, with texts replaced, and an overlay beside it if one is given."""

    def write(*replacements: tuple[str, str], overlay: str | None = None) -> Path:
        text = SMALL
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "small.yaml"
        path.write_text(text)
        if overlay is not None:
            heading = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
            (tmp_path / "small.overlay.yaml").write_text(heading + overlay)
        return path

    return write


@pytest.fixture(scope="session")
def truth_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of metrics whose event types tell all readings of the truth table apart."""
    kinds = ["a", "b", "c", "a,b", "api call", "50%", "api+call", "a%2Cb"]
    records = [
        {
            "name": kind,
            "metricType": "SIMPLE",
            "eventType": kind,
            "aggregationType": "COUNT",
            "propertyFilters": {},
            "parameters": [],
        }
        for kind in kinds
    ]
    path = tmp_path_factory.mktemp("truth") / "metrics.json"
    path.write_text(json.dumps({"usage-metrics": records}))
    with server.in_thread(build(Settings(fixtures=(path,)))) as root:
        yield root


@pytest.fixture
def no_error_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.fixture(scope="session")
def secured() -> Iterator[LocalServer]:
    """A server of HTTPS with a certificate of its own, started once."""
    with serving() as running:
        yield running


@pytest.fixture
def account(url: str, request: pytest.FixtureRequest) -> Sandbox:
    """An account of the test's own; its server speaks TLS where the parameter is `https`."""
    name = f"faults-{re.sub(r'[^!-9;-~]', '.', request.node.name)}"
    if getattr(request, "param", "http") == "https":
        return request.getfixturevalue("secured").account(name)  # type: ignore[no-any-return]
    return Sandbox(url, name, "secret")
