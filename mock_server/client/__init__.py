"""The client: a suite's handle on one account of a running server."""

from mock_server.client.sandbox import (
    Fault,
    NoReport,
    Request,
    Sandbox,
    SandboxError,
    Walk,
    report_of,
    wait_until_healthy,
)

__all__ = [
    "Fault",
    "NoReport",
    "Request",
    "Sandbox",
    "SandboxError",
    "Walk",
    "report_of",
    "wait_until_healthy",
]
