"""The stock parts of Connexion, Starlette and Flask, in whose place the program's own parts stand."""

from __future__ import annotations

from typing import Any

import starlette.routing
from starlette.exceptions import HTTPException

from mock_server.pipeline.connexion_parts import (
    RequestValidationMiddleware,
    RoutingAPI,
)
from mock_server.pipeline.routing import Routing, not_found
from mock_server.pipeline.wsgi_bridge import Bridge
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.stack import Stack


class StarletteRoute(starlette.routing.Route):
    """Starlette's route, which raises a 405 instead of answering with plain text."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.methods and scope["method"] not in self.methods:
            raise HTTPException(405)
        await super().handle(scope, receive, send)


class StarletteRoutes(RoutingAPI):  # type: ignore[misc]
    """Connexion's routes, which raise an error for a path that none matches."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.router.redirect_slashes = False
        self.router.default = not_found

    def _add_operation_internal(
        self, method: str, path: str, operation: AsgiApp, name: str | None = None
    ) -> None:
        self.router.routes.append(StarletteRoute(path, operation, methods=[method], name=name))


class StarletteRouting(Routing):
    """Connexion's routing by Starlette's routes, without a table in front."""

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        api = StarletteRoutes(specification, next_app=self.app, **kwargs)
        self.router.mount(api.base_path, app=api.router)


# What a property test compares the program's own parts with.
STOCK = Stack(
    routing=StarletteRouting,
    validation=RequestValidationMiddleware,
    bridge=Bridge,
    caches=False,
)
