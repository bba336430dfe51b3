"""A test suite's handle on one account of a running server."""

from mock_server.client.control_api import (
    OtherServer,
    SandboxError,
    wait_until_healthy,
)
from mock_server.client.http_connection import TransportError
from mock_server.client.sandbox import Sandbox
from mock_server.client.server_report import NoReport, report_of
from mock_server.client.types import Chaos, Fault, Request, Walk

__all__ = [
    "Chaos",
    "Fault",
    "NoReport",
    "OtherServer",
    "Request",
    "Sandbox",
    "SandboxError",
    "TransportError",
    "Walk",
    "report_of",
    "wait_until_healthy",
]
