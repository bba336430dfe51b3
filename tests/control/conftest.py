"""An account for each test of the control API."""

from __future__ import annotations

import pytest

from tests.support.callers import Caller


@pytest.fixture
def me(url: str, request: pytest.FixtureRequest) -> Caller:
    """An account of the test's own, on the server of 100 generated records."""
    return Caller(url, f"control-{request.node.name}".replace(":", "-"))
