"""The digest of a server: it differs with all that data and figures depend on, and with nothing else."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from mock_server.cli.watching import POLL_SECONDS
from mock_server.control.digest import digest as digest_of
from mock_server.openapi import document, documents
from mock_server.setting_table import SETTINGS
from mock_server.settings import ChaosRule, Latency, RateLimit, Settings
from tests.support import versions, wire
from tests.support.documents import FIXTURES, SMALL
from tests.support.patience import PATIENCE
from tests.support.processes import Process
from tests.support.servers import Serve

OVERLAY = "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n"
NAMED = OVERLAY + "  - {target: $.info, update: {title: Other}}\n"

# A value other than the default of each setting, and whether the digest differs with it; files are those
# in the folder of the test.
OTHERS: dict[str, tuple[Any, bool]] = {
    "document": ("small.yaml", True),
    "overlay": ("named.overlay.yaml", True),
    "base_path": ("/v9", True),
    "count": (7, True),
    "seed": (7, True),
    "fixtures": (FIXTURES, True),
    "credentials": ("demo:secret", True),
    "strict": (True, True),
    "rate_limit": (RateLimit(5, 60), True),
    "chaos": (ChaosRule(), True),
    "on_violation": ("record", True),
    "host": ("localhost", False),
    "port": (1, False),
    "tls_cert": ("cert.pem", False),
    "tls_key": ("key.pem", False),
    "tls_self_signed": (True, False),
    "tls_ca_out": ("ca.pem", False),
    "watch": (True, False),
    "latency": (Latency(1, 2), False),
    "max_accounts": (1, False),
    "max_records": (1, False),
    "journal_size": (1, False),
    "max_journal": (1, False),
    "max_body": (1, False),
    "max_control_body": (1, False),
    "max_bodies": (1, False),
    "allow_host": ("mock.example.com", False),
    "cors_origin": ("*", False),
    "trust_proxy": (True, False),
    "keep_alive": (1, False),
    "replica_name": ("mock-7", False),
    "log_format": ("json", False),
    "quiet": (True, False),
    "report": ("r.xml", False),
    "report_format": ("junit", False),
    "fail_on": ((), False),
    "fail_under": (80.0, False),
    "fail_under_all": (80.0, False),
    "allow_empty": (True, False),
}


def digest(url: str) -> str:
    found: str = wire.get(url, "/_mock/health", auth=False).json["digest"]
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "named.overlay.yaml").write_text(NAMED)
    return tmp_path


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS])
def test_a_setting_changes_it_where_data_and_figures_depend_on_it(
    serve: Serve, folder: Path, name: str
) -> None:
    value, differs = OTHERS[name]
    setting = next(each for each in SETTINGS if each.name == name)
    if setting.is_path:
        value = folder / value
    given = {name: (value,) if setting.repeatable and not setting.stands_alone else value}
    assert (digest(serve(**given)) != digest(serve())) is differs


@pytest.mark.usefixtures("monkeypatch")  # Servers in tests share documents whose files are equal.
def test_it_is_that_of_what_files_hold_wherever_they_lie(serve: Serve, folder: Path) -> None:
    beside = folder / "elsewhere"
    beside.mkdir()
    (folder / "records.yaml").write_text("things: []\n")
    for name in ("small.yaml", "named.overlay.yaml", "records.yaml"):
        shutil.copy(folder / name, beside / name)

    def of(where: Path) -> str:
        files = [where / name for name in ("small.yaml", "named.overlay.yaml", "records.yaml")]
        return digest(serve(document=files[0], overlay=files[1], fixtures=(files[2],)))

    assert of(folder) == of(beside)
    for name in ("small.yaml", "named.overlay.yaml", "records.yaml"):
        before = of(beside)
        (beside / name).write_text((beside / name).read_text() + "# more\n")
        assert of(beside) != before, name


def test_a_file_that_the_document_refers_to_counts(folder: Path) -> None:
    (folder / "whole.yaml").write_text(SMALL.replace("$ref: '#", "$ref: 'small.yaml#"))
    before = document.load(folder / "whole.yaml").digest
    assert document.load(folder / "whole.yaml").digest == before
    (folder / "small.yaml").write_text(SMALL + "# more\n")
    assert document.load(folder / "whole.yaml").digest != before


def test_documents_of_older_versions_count(tmp_path: Path) -> None:
    shared = [versions.write_overlay(tmp_path)]

    def of(*paths: Path) -> str:
        return documents.load(paths, shared).digest

    paths = versions.write(tmp_path)
    before = of(*paths)
    assert before == of(*reversed(paths)) != of(*paths[1:])
    paths[0].write_text(paths[0].read_text() + "\n")
    assert of(*paths) != before


def test_credentials_count_by_their_number(serve: Serve) -> None:
    """Anybody may ask for it, and a digest of secrets would let them try some without end."""
    one, other, two = (digest(serve(credentials=each)) for each in (("a:b",), ("c",), ("a:b", "c")))
    assert one == other != two


def test_what_pins_a_credential_counts(tmp_path: Path) -> None:
    loaded = documents.load(versions.write(tmp_path), [versions.write_overlay(tmp_path)])
    plain, *pinned = (
        digest_of(loaded, "", Settings(credentials=(f"a:b{pin}",)))
        for pin in ("", *[f"@{each}" for each in loaded.versions])
    )
    assert len({plain, *pinned}) == 1 + len(loaded.versions) > 2


@pytest.mark.slow
def test_it_follows_files_that_are_loaded_again(folder: Path) -> None:
    records = folder / "records.yaml"
    records.write_text("usage-metrics: []\n")
    process = Process("--watch", "--fixtures", str(records))
    before = digest(process.url)
    wire.get(process.url, "/api/usage-metrics")
    assert digest(process.url) == before
    records.write_text("usage-metrics: []\n# more\n")
    deadline = time.monotonic() + PATIENCE
    while digest(process.url) == before and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    assert digest(process.url) != before
    process.end()
