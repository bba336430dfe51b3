"""A local sandbox of a usage API for integration tests."""

__version__ = "0.1.0"
