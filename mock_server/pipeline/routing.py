"""Routing: finds the operation of a request, its handler and its validator."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from mock_server.data.collection import Collection
from mock_server.formats import url_path
from mock_server.lists.pages import cut_page
from mock_server.openapi.parameter_parsing import LISTED
from mock_server.openapi.request_body import SentBody
from mock_server.openapi.request_validation import Arguments, Beside, Validator
from mock_server.pipeline.connexion_parts import (
    BaseRoute,
    HTTPException,
    Match,
    Resolution,
    Resolver,
    RoutingAPI,
    RoutingMiddleware,
    compile_path,
    get_route_path,
)
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Request
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


class UnparsedQuery:
    """A substitute for Connexion's URI parser that parses nothing, since validation does it."""

    def __init__(self, *_args: Any) -> None:
        pass


class RequestValidators:
    """A substitute for Connexion's ParameterValidator: runs the compiled validator of the operation."""

    def __init__(
        self,
        validators: Mapping[str, Validator],
        references: Mapping[str, BodyReferences] = MappingProxyType({}),
    ) -> None:
        """Take the validators, and what finds references to nothing, by the operations' route names."""
        self._validators = validators
        self._references = references

    def for_request(self, *_args: Any, **_kwargs: Any) -> RequestValidators:
        """Return itself, where Connexion makes a new validator for each request."""
        return self

    def validate(self, scope: Scope) -> None:
        """Put a request's operation and arguments into its exchange; raise what the validator raises."""
        validator = self._validators[operation_of(scope)]
        exchange: Exchange = scope[EXCHANGE]
        request = exchange.request
        request.operation = validator.operation
        headers, path_values = request.headers.texts, scope["path_params"]
        if b"%" in scope["raw_path"]:
            path_values.update({name: url_path.restore(text) for name, text in path_values.items()})
        look_up = None
        if validator.seeks_records:
            collection = request.acting_account.collections[str(validator.operation.collection)]
            look_up = collection.find
        if validator.body is not None and (request.body or validator.body.is_required):
            request.sent_body = validator.body.read(headers, request.body, path_values)
            request.sent_body = self._with_references(operation_of(scope), request)
        beside = Beside(look_up, request.pinned, request.sent_body)
        request.arguments = validator.validate(headers, scope["query_string"], path_values, beside)

    def _with_references(self, name: str, request: Request) -> SentBody:
        """Return the body of a request with warnings for ids in it that are those of no record."""
        sent, references = request.sent_body, self._references.get(name)
        if references is None:
            return sent
        account = request.acting_account
        found = references.find(sent.value, account.collections, account.own_id)
        warnings = tuple(islice(found, LISTED))
        return sent._replace(warnings=(*sent.warnings, *warnings)) if warnings else sent


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


class PlainRoutes(BaseRoute):
    """The routes without parameters, which a path leads to without a look at any other one."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], Route] = {}

    def add(self, route: Route) -> None:
        """Take a route, unless there is one of its path and method."""
        for method in route.methods:
            self._routes.setdefault((method, route.path), route)

    def matches(self, scope: Scope) -> tuple[Match, dict[str, Any]]:
        is_there = (scope["method"], get_route_path(scope)) in self._routes
        return (Match.FULL, {"path_params": {}}) if is_there else _NO_MATCH

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._routes[scope["method"], get_route_path(scope)].handle(scope, receive, send)


class Routes(RoutingAPI):  # type: ignore[misc]
    """Connexion's routes without redirects; raises an error for a path that no route matches."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Needed by the next line, which adds the routes.
        self._plain = PlainRoutes()
        super().__init__(*args, **kwargs)
        self.router.redirect_slashes = False
        self.router.default = not_found
        self.router.routes.insert(0, self._plain)

    def _add_operation_internal(
        self,
        method: str,
        path: str,
        operation: AsgiApp,
        name: str | None = None,  # noqa: ARG002
    ) -> None:
        route = Route(path, operation, method)
        self.router.routes.append(route)
        if "{" not in path:
            self._plain.add(route)


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Connexion's routing by `Routes`."""

    routes: ClassVar[type[RoutingAPI]] = Routes

    def __init__(self, app: AsgiApp) -> None:
        super().__init__(app)
        self.router.redirect_slashes = False
        self.router.default = not_found

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        api = self.routes(specification, next_app=self.app, **kwargs)
        self.router.mount(api.base_path, app=api.router)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if b"%" in scope["raw_path"]:
            # uvicorn's decoded path does not tell an encoded slash from a separator.
            scope["path"] = url_path.decode(scope["raw_path"])
        await super().__call__(scope, receive, send)


async def not_found(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Raise a 404 where Connexion passes on a request that no route matches."""
    raise HTTPException(404)
