"""The fixture `me`, an account of its own for each test."""

from __future__ import annotations

import pytest

from tests.support.callers import Caller


@pytest.fixture
def me(url: str, request: pytest.FixtureRequest) -> Caller:
    """Return a caller with a client id of the test's own, at the server of 100 generated records."""
    return Caller(url, f"control-{request.node.name}".replace(":", "-"))
