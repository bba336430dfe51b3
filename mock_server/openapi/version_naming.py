"""The versions that the refusal of an unknown one names: those of all documents served together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from mock_server.openapi.operations import Operation


def naming(operation: Operation, versions: Collection[str]) -> Operation:
    """Return an operation whose refusal of an unknown version names `versions`, unless empty."""
    if not versions or not any(p.version for p in operation.parameters):
        return operation
    served = tuple(sorted(versions))
    parameters = [
        p._replace(version=p.version._replace(served=served)) if p.version else p
        for p in operation.parameters
    ]
    return replace(operation, parameters=tuple(parameters))
