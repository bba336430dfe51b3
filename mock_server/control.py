"""The handlers of the control API, which control.yaml describes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import orjson

from mock_server import __version__
from mock_server.document import Document
from mock_server.sandbox import Sandbox


def handlers(document: Document, sandbox: Sandbox) -> dict[str, Callable[[], flask.Response]]:
    """The handlers by operation id."""

    def health() -> flask.Response:
        return _json(
            {
                "status": "ok",
                "version": __version__,
                "document": {"title": document.title, "version": document.version},
                "records": sandbox.counts(),
            }
        )

    return {"health": health}


def _json(value: Any) -> flask.Response:
    return flask.Response(orjson.dumps(value), content_type="application/json; charset=utf-8")
