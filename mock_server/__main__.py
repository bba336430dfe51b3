"""Run the command line for `python -m mock_server`, as `mock-server` does."""

from mock_server.cli import run

run()
