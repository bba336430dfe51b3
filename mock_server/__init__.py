"""A local sandbox of a usage API for integration tests."""

from __future__ import annotations

from importlib.metadata import version

__version__ = version("mock_server")
