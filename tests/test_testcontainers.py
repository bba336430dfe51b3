"""A server in a container of Testcontainers.

The containers are servers of this process, unless MOCK_SERVER_TEST_IMAGE names an image to run:
`make check-image` runs these tests with the image that it has built.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testcontainers.core.config import testcontainers_config

from mock_server import container_files, setting_values
from mock_server.testcontainers import MockServerContainer, VerdictFailed
from tests.support.documents import SMALL
from tests.support.fake_docker import FakeDockerClient, image_of_environment


@pytest.fixture
def image(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of an image, and something that runs it."""
    # The container that removes forgotten ones is an image of its own.
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    real = image_of_environment()
    if real is not None:
        yield real
        return
    FakeDockerClient.folder, FakeDockerClient.containers = tmp_path_factory.mktemp("containers"), []
    monkeypatch.setattr("testcontainers.core.container.DockerClient", FakeDockerClient)
    yield "mock_server"
    assert [each.status for each in FakeDockerClient.containers if each.status != "removed"] == []


def test_a_started_container_answers_and_gives_accounts_and_the_report(image: str) -> None:
    with MockServerContainer(image, count=25, credentials=["nightly:a:b"]) as server:
        account = server.account("nightly")
        assert (account.base_url, account.auth) == (server.base_url, ("nightly", "a:b"))
        answer = httpx.get(f"{server.base_url}/usage-metrics", params={"limit": 0}, auth=account.auth)
        assert (answer.status_code, len(account.records())) == (400, 25)
        report = server.report()
        assert (report["account"], report["passed"], report["reasons"]) == ("*", False, ["1 violation"])
        assert server.report(fail_on="unfired")["passed"]
    with pytest.raises(httpx.TransportError):
        httpx.get(account.url)


def test_files_that_only_their_owner_may_read_are_served_from_the_container(
    image: str, tmp_path: Path
) -> None:
    document = tmp_path / "specs" / "things.yaml"
    document.parent.mkdir(mode=0o700)
    document.write_text(SMALL)
    fixtures = tmp_path / "fixtures"
    fixtures.mkdir(mode=0o700)
    (fixtures / "things.yaml").write_text("things: []")
    (fixtures / ".hidden").write_text("nothing")
    for file in tmp_path.rglob("*.yaml"):
        file.chmod(0o600)
    with MockServerContainer(image, document=document, fixtures=[fixtures]) as server:
        assert server.report(fail_on=())["passed"]


@pytest.mark.slow
def test_a_certificate_that_the_server_makes_is_there_to_trust(image: str, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    with MockServerContainer(image, count=3, tls_self_signed=True, tls_ca_out=ca) as server:
        assert (server.url.partition(":")[0], server.ca) == ("https", str(ca))
        assert len(server.account("nightly").records()) == 3
        assert server.report(fail_on=())["passed"]
    with MockServerContainer(image, tls_self_signed=True) as server:
        assert server.ca is not None
        made = Path(server.ca)
        assert "BEGIN CERTIFICATE" in made.read_text()
    assert not made.exists()


def test_a_verdict_that_falls_short_fails_the_block_that_asks_for_it(image: str) -> None:
    with (
        pytest.raises(VerdictFailed, match=r"no request came; coverage of 0 % is below 5 %\n") as failed,
        MockServerContainer(image, fail_under=5),
    ):
        pass
    assert "All accounts: falls short" in str(failed.value)
    with pytest.raises(ZeroDivisionError), MockServerContainer(image, fail_on=("empty",)):
        raise ZeroDivisionError


def test_a_server_that_cannot_serve_is_told_at_once_with_its_log(image: str, tmp_path: Path) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text("usage-metrics: [{nam: x}]")
    container = MockServerContainer(image, fixtures=file)
    with pytest.raises(RuntimeError, match="the mock server does not serve") as failed:
        container.start()
    assert f"{file}:1 at /usage-metrics/0/nam: " in str(failed.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"port": 1}, "port: the image sets it"),
        ({"host": "127.0.0.1"}, "host: the image sets it"),
        ({"cont": 1}, "cont: it is no setting .did you mean 'count'"),
        ({"count": -1}, "count: "),
        ({"document": "no.yaml"}, "document: there is no file at 'no.yaml'."),
    ],
)
def test_wrong_settings_are_refused_before_docker_is_asked(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MockServerContainer("mock_server", **settings)


def test_settings_become_flags_with_paths_of_the_container() -> None:
    values = setting_values.parse(
        {"count": 5, "strict": True, "fixtures": ["/a/b.yaml", "/c"], "rate_limit": "5/60", "seed": None}
    )
    assert container_files.build_flags(values) == [
        "--count=5", "--strict", "--fixtures=/mock_server_files/a/b.yaml",
        "--fixtures=/mock_server_files/c", "--rate-limit=5/60",
    ]  # fmt: skip


def test_a_document_brings_its_overlay_and_what_both_refer_to(tmp_path: Path) -> None:
    texts = {
        "specs/api.yaml": "a: {$ref: '#/b'}\nb: {$ref: 'parts/b.yaml#/x'}\nc:\n  $ref: ../shared%20parts/c.json\n",
        "specs/api.overlay.yaml": 'update: {"$ref": "d.yaml"}\n',
        "specs/d.yaml": "$ref: api.yaml#/a\n",
        "specs/parts/b.yaml": "$ref: ../../shared%20parts/e.yaml\n",
        "shared parts/c.json": '{"$ref": "https://example.com/x.yaml"}',
        "shared parts/e.yaml": "{}",
        "specs/other.yaml": "{}",
    }
    for name, text in texts.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(text)
    found = container_files.list_files({"document": tmp_path / "specs" / "api.yaml"})
    assert {file.relative_to(tmp_path).as_posix() for file in found} == set(texts) - {"specs/other.yaml"}


def test_without_the_package_of_containers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def blocked(name: str, *rest: Any) -> Any:
        if name.startswith("testcontainers"):
            raise ImportError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", blocked)
    monkeypatch.delitem(sys.modules, "mock_server.testcontainers")
    with pytest.raises(ImportError, match="install openapi-sandbox with its extra 'testcontainers'"):
        importlib.import_module("mock_server.testcontainers")
