"""Fixture files of usage metrics, written and loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mock_server.data import fixture_files
from tests.support.documents import SCHEMAS


def loaded(*paths: Path) -> list[dict[str, Any]]:
    return fixture_files.load(paths, SCHEMAS)["usage-metrics"]


def written(path: Path, *records: Any) -> Path:
    path.write_text(json.dumps({"usage-metrics": records}, indent=1))
    return path
