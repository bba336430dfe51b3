"""`python -m mock_server` is `mock-server`."""

from mock_server.cli import run

run()
