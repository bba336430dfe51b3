"""What the tests of installing share: the wheel, made once, and environments that have it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import mock_server
from install.environments import Environment, build_wheel

_FOLDER = "OPENAPI_SANDBOX_INSTALL"


def pytest_configure(config: pytest.Config) -> None:
    """Build the wheel before the workers of pytest-xdist begin, which find it by a variable."""
    if not hasattr(config, "workerinput"):
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix="install-")
        build_wheel(Path(os.environ[_FOLDER]))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(_FOLDER))


@pytest.fixture(scope="session")
def wheel() -> Path:
    [path] = Path(os.environ[_FOLDER]).glob("*.whl")
    return path


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """A server of this environment, with one request that has a mistake."""
    with mock_server.serve() as server:
        yield server.url


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the base alone."""
    return Environment(tmp_path_factory.mktemp("base"), str(wheel))
