"""YAML files of the package: their bytecode says what they say."""

from __future__ import annotations

import os
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest

from mock_server.control import control_document
from mock_server.formats import shipped_yaml, yaml
from mock_server.lists import built_in_schemes
from mock_server.openapi import document

SHIPPED = [
    document.BUILT_IN,
    document.overlay_beside(document.BUILT_IN),
    control_document.PATH,
    built_in_schemes.FILE,
]


def described(value: Any) -> Any:
    """Return a value with the types and the order of its parts, by which equal ones may differ."""
    if isinstance(value, dict):
        return [(name, described(part)) for name, part in value.items()]
    return [described(part) for part in value] if isinstance(value, list) else (type(value), value)


@pytest.fixture
def writes_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)


@pytest.mark.usefixtures("writes_bytecode")
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_bytecode_has_the_values_of_its_file(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    read = yaml.load(path.read_text("utf-8"))
    for _ in range(2):
        loaded = shipped_yaml.load(copy)
        assert described(loaded) == described(read)
        assert Path(cache_from_source(str(copy))).exists()


@pytest.mark.usefixtures("writes_bytecode")
def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1")
    assert shipped_yaml.load(file) == {"a": 1}
    file.write_text("a: 2")
    os.utime(file, (1, 1))
    assert shipped_yaml.load(file) == {"a": 2}


@pytest.mark.usefixtures("writes_bytecode")
def test_each_has_values_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: []")
    shipped_yaml.load(file)["a"].append(1)
    assert shipped_yaml.load(file) == {"a": []}
