"""schemathesis over both documents, stateful and with negative data: 10,000 cases of a fixed seed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.openapi import document
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.control_fuzzing import ALLOWED, CONFIG, UNSPEAKABLE, control
from tests.support.servers import build

# Of each document; CI asks for fewer, since a case takes a slow machine a tenth of a second.
CASES = int(os.environ.get("FUZZ_CASES", "5000"))

SEED = 5

# No schema can say which cursors exist, that two exclude each other, or which lists hold known values.
UNSPOKEN = """
[checks]
enabled = true
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401"]
"""

HOOKED = {
    **os.environ,
    "PYTHONPATH": str(Path(__file__).parent),
    "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
}

DOCUMENTS = {
    "mocked": (document.load(document.BUILT_IN).effective, "/api", UNSPOKEN, CASES),
    "control": (control(), "/_mock", CONFIG + "".join(map(ALLOWED.format, UNSPEAKABLE)), CASES // 18 + 1),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schemathesis_finds_nothing(name: str, tmp_path: Path) -> None:
    described, base_path, config, examples = DOCUMENTS[name]
    (tmp_path / "document.json").write_text(json.dumps(described))
    (tmp_path / "config.toml").write_text(config)
    with server.in_thread(build(Settings(strict=True, credentials=("demo:secret",)))) as url:
        generated = run(tmp_path, f"{url}{base_path}", "coverage,stateful", examples, SEED)
        # A seed may have less to say than it is asked for.
        for seed in range(SEED, SEED + 30):
            if generated < CASES:
                generated += run(tmp_path, f"{url}{base_path}", "fuzzing", examples, seed)
    assert generated >= CASES


def run(folder: Path, url: str, phases: str, examples: int, seed: int) -> int:
    """Runs it; gives how many cases it has generated."""
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "--config-file=config.toml", "run",
        "document.json", f"--url={url}", "--no-color", "--auth=demo:secret", f"--seed={seed}",
        "--continue-on-failure", f"--phases={phases}", f"--max-examples={examples}",
    ]  # fmt: skip
    # What one run remembers would leave the next little to say.
    shutil.rmtree(folder / ".hypothesis", ignore_errors=True)
    done = subprocess.run(command, cwd=folder, env=HOOKED, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    found = re.search(r"(\d+) generated", done.stdout)
    assert found, done.stdout[-2000:]
    return int(found[1])
