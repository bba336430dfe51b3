"""Routing: finds the operation of a request and its handler, and has made what they need."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from mock_server.data.collection import Collection
from mock_server.formats import url_path
from mock_server.lists.pages import cut_page
from mock_server.openapi.request_validation import Arguments
from mock_server.pipeline.connexion_parts import (
    ROUTING_CONTEXT,
    BaseRoute,
    HTTPException,
    Match,
    Resolution,
    Resolver,
    RoutingAPI,
    RoutingMiddleware,
    RoutingOperation,
    compile_path,
    get_route_path,
)
from mock_server.pipeline.exchange import EXCHANGE, Request
from mock_server.pipeline.wsgi_bridge import operation_of
from mock_server.server.asgi import AsgiApp, Receive, Scope, Send
from mock_server.verdict.body_references import BodyReferences


def route_name(method: str, path: str) -> str:
    """Return an operation's name in Connexion and Flask, e.g. `GET /things`; Flask allows no dots."""
    return f"{method.upper()} {path}".replace(".", "%2E")


class RouteResolver(Resolver):  # type: ignore[misc]
    """Connexion's resolver by method and path, since an operationId may be missing or hold anything."""

    def __init__(self, prefix: str, handlers: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__()
        self._prefix = prefix
        self.handlers = handlers

    def resolve(self, operation: Any) -> Resolution:
        """Return the handler of one of Connexion's operations."""
        name = route_name(operation.method, self._prefix + operation.path)
        return Resolution(self.handlers[name], name)


class Need(NamedTuple):
    """What has to be made before a request of an operation is validated, or answered.

    - `collections`: the names of those that it reads or changes
    - `field`: that of the first one by whose values cursors are looked up, None for none
    - `prepare`: makes what its handler needs, None for nothing
    - `references`: finds what its bodies refer to, None where they refer to nothing
    - `is_page`: whether it reads some records of a collection that stand beside each other, so that all
      others need not be made
    """

    collections: tuple[str, ...]
    field: str | None
    prepare: Callable[[], None] | None
    references: BodyReferences | None = None
    is_page: bool = False


class Preparation:
    """ASGI middleware before validation: has made what a request needs, but the records of a page.

    It is made in a thread, and whatever comes later would make it on the event loop.
    """

    def __init__(self, app: AsgiApp, needs: Mapping[str, Need]) -> None:
        """Take what operations need by their route names."""
        self._app = app
        self._needs = needs
        self._unprepared = {name: need.prepare for name, need in needs.items() if need.prepare}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = operation_of(scope)
        need = self._needs.get(name)
        if need is not None:
            collections = scope[EXCHANGE].request.acting_account.collections
            prepare = self._unprepared.get(name)
            if prepare is not None:
                await collections.run(prepare)
                self._unprepared.pop(name, None)
            # A cursor may be the value of any record.
            if not need.is_page or (need.field is not None and scope["query_string"]):
                for each in need.collections:
                    if not collections[each].making.is_done:
                        await collections.prepare(each, need.field)
            for each in need.references.collections if need.references is not None else ():
                if not collections[each].making.is_done:
                    await collections.prepare(each)
        await self._app(scope, receive, send)


class PagePreparation:
    """ASGI middleware after validation: has made the records of the page that a request asks for."""

    def __init__(self, app: AsgiApp, needs: Mapping[str, Need]) -> None:
        """Take what operations need by their route names."""
        self._app = app
        self._pages = {name: need.collections for name, need in needs.items() if need.is_page}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own, *others = self._pages.get(operation_of(scope), (None,))
        request: Request = scope[EXCHANGE].request
        collections, arguments = request.acting_account.collections, request.arguments
        if own is not None and arguments is not None:
            collection = collections[own]
            if not collection.making.is_done:
                await collections.reach(collection, _last_needed(collection, arguments))
            # Those that filters of a client read.
            for name in others if arguments.filters else ():
                await collections.reach(collections[name])
        await self._app(scope, receive, send)


def _last_needed(collection: Collection, arguments: Arguments) -> int | None:
    """Return the position of the last record that a page depends on; None for all records."""
    if arguments.wanted or arguments.sort is not None:
        return None
    positions = cut_page(collection.positions, arguments.page).positions
    return positions[-1] if positions else 0


_NO_MATCH: tuple[Match, dict[str, Any]] = (Match.NONE, {})


class Route(BaseRoute):
    """The route of an operation, whose pattern is compiled when a path first begins like it.

    To compile the patterns of a thousand paths takes longer than a start may.
    """

    def __init__(self, path: str, endpoint: AsgiApp, method: str) -> None:
        self.path, self._start = path, path.partition("{")[0]
        self._endpoint = endpoint
        self.methods = {method.upper(), "HEAD"} if method == "get" else {method.upper()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pattern: re.Pattern[str] = compile_path(self.path)[0]
        return pattern

    def matches(self, scope: Scope) -> tuple[Match, dict[str, Any]]:
        # Most routes are refused here: without what it is mounted at, the path is the end of this one.
        if self._start not in scope["path"]:
            return _NO_MATCH
        path = get_route_path(scope)
        found = self._pattern.match(path) if path.startswith(self._start) else None
        if found is None:
            return _NO_MATCH
        fits = scope["method"] in self.methods
        return Match.FULL if fits else Match.PARTIAL, {"path_params": found.groupdict()}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self.methods:
            raise HTTPException(405)
        await self._endpoint(scope, receive, send)


class Routes(RoutingAPI):  # type: ignore[misc]
    """Connexion's routes without redirects; raises an error for a path that no route matches.

    `plain` has the routing of each path without parameters, by method and whole path.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Needed by the next line, which adds the routes.
        self.plain: dict[tuple[str, str], Mapping[str, Any]] = {}
        super().__init__(*args, **kwargs)
        self.router.redirect_slashes = False
        self.router.default = not_found

    def _add_operation_internal(
        self,
        method: str,
        path: str,
        operation: RoutingOperation,
        name: str | None = None,  # noqa: ARG002
    ) -> None:
        route = Route(path, operation, method)
        self.router.routes.append(route)
        if "{" not in path:
            routing = {"api_base_path": self.base_path, "operation_id": operation.operation_id}
            for each in route.methods:
                self.plain.setdefault((each, self.base_path + path), routing)


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Connexion's routing by `Routes`, behind a table of the paths without parameters.

    The table stands for the routers of Connexion and Starlette, which match such a path with patterns,
    and copy the scope. They have a route for each path of the table too, so that
    `tests/pipeline/test_routing.py` and `tests/test_stack.py` can compare both.
    """

    def __init__(self, app: AsgiApp) -> None:
        super().__init__(app)
        self.router.redirect_slashes = False
        self.router.default = not_found
        self._plain: dict[tuple[str, str], Mapping[str, Any]] = {}

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        api = Routes(specification, next_app=self.app, **kwargs)
        self._plain |= api.plain
        self.router.mount(api.base_path, app=api.router)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"%" in scope["raw_path"]:
            # uvicorn's decoded path does not tell an encoded slash from a separator.
            scope["path"] = url_path.decode(scope["raw_path"])
        plain = self._plain.get((scope["method"], scope["path"]))
        if plain is None:
            await super().__call__(scope, receive, send)
        else:
            scope["path_params"] = {}
            scope["extensions"][ROUTING_CONTEXT] = plain
            await self.app(scope, receive, send)


async def not_found(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Raise a 404 where Connexion passes on a request that no route matches."""
    raise HTTPException(404)
