"""Subclasses of Connexion 3.3 classes that skip work done here; private API, hence the pin.

Other modules import Connexion's own classes from here, where the warnings of that import are silenced.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from mock_server.errors import ApiError
from mock_server.pipeline.wsgi_bridge import Bridge, Response, RoutedFlask

# What Connexion imports for its test client, for tokens that it would ask another server about, for
# schemas from the web, and for its own validation; they take a third of the time of all imports, and
# nothing here uses them.
_UNUSED = (
    "httpx", "jsonschema", "jsonschema.exceptions", "jsonschema.validators", "requests",
    "starlette.testclient",
)  # fmt: skip


class _Unused(Exception):
    """What stands for a class, an exception or a function that nothing here uses."""

    # Connexion looks some up while it is imported.
    FORMAT_CHECKER = None
    VALIDATORS: Mapping[str, None] = dict.fromkeys(("enum", "properties", "type"))

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        pass


class _Placeholder(ModuleType):
    def __getattr__(self, name: str) -> type[_Unused]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unused


@contextmanager
def _without_unused() -> Iterator[None]:
    """Import placeholders for the modules of `_UNUSED` that are not there yet, and forget these then.

    Connexion is forgotten too, so that a suite that imports it later has a whole one of its own.
    """
    absent = [name for name in _UNUSED if name not in sys.modules]
    known = frozenset(sys.modules)
    sys.modules.update({name: _Placeholder(name) for name in absent})
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
        for name in sys.modules.keys() - known:
            if name.partition(".")[0] == "connexion":
                del sys.modules[name]


with warnings.catch_warnings(), _without_unused():
    # Connexion imports Starlette's test client, which warns where httpx2 is not installed.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", UserWarning)
    from connexion.apps.flask import FlaskASGIApp
    from connexion.lifecycle import ConnexionRequest, ConnexionResponse
    from connexion.middleware import ConnexionMiddleware
    from connexion.middleware.abstract import ROUTING_CONTEXT
    from connexion.middleware.exceptions import ExceptionMiddleware
    from connexion.middleware.main import API
    from connexion.middleware.request_validation import RequestValidationMiddleware
    from connexion.middleware.routing import RoutingAPI, RoutingMiddleware, RoutingOperation
    from connexion.middleware.security import SecurityMiddleware
    from connexion.operations import OpenAPIOperation
    from connexion.resolver import Resolution, Resolver
    from connexion.spec import OpenAPISpecification
    from starlette._utils import get_route_path
    from starlette.exceptions import HTTPException
    from starlette.routing import BaseRoute, Match, compile_path

__all__ = [
    "ROUTING_CONTEXT",
    "Backend",
    "BaseRoute",
    "Connexion",
    "ConnexionRequest",
    "ConnexionResponse",
    "ExceptionMiddleware",
    "HTTPException",
    "Match",
    "OpenAPIOperation",
    "RequestValidationMiddleware",
    "Resolution",
    "Resolver",
    "RoutingAPI",
    "RoutingMiddleware",
    "RoutingOperation",
    "SecurityMiddleware",
    "compile_path",
    "get_route_path",
]


class Connexion(ConnexionMiddleware):  # type: ignore[misc]
    """Connexion's stack, which takes the document that it routes by as it is."""

    def add_api(self, specification: dict[str, Any], **options: Any) -> None:
        api = API(
            RoutingSpecification(specification),
            base_path=None,
            **self.options.replace(**options).__dict__,
        )
        self.apis.append(api)


class SharedOperation(OpenAPIOperation):  # type: ignore[misc]
    """Connexion's operation, one for all parts of the stack, each of which would make its own."""

    @classmethod
    def from_spec(cls, spec: RoutingSpecification, *, path: str, method: str, **more: Any) -> Any:
        known = spec.operations
        if (path, method) not in known:
            known[path, method] = super().from_spec(spec, path=path, method=method, **more)
        return known[path, method]


class RoutingSpecification(OpenAPISpecification):  # type: ignore[misc]
    """A document that Connexion routes by, which is neither checked nor copied: it was made for that.

    Connexion's check takes a millisecond for each operation.
    """

    operation_cls = SharedOperation

    def __init__(self, specification: dict[str, Any]) -> None:
        self._raw_spec = self._spec = {"components": {}, **specification}
        self._base_uri = ""
        # By path and method.
        self.operations: dict[tuple[str, str], SharedOperation] = {}


class Backend(FlaskASGIApp):  # type: ignore[misc]
    """Flask at the end of Connexion's stack, called on the event loop instead of in a thread."""

    def __init__(
        self,
        import_name: str,
        render: Callable[[ApiError], Response],
        bridge: Callable[[RoutedFlask], Bridge],
    ) -> None:
        """Answer a handler's ApiError with what `render` returns; `bridge` makes what calls Flask."""
        self.app = RoutedFlask(import_name, static_folder=None)
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        self.app.register_error_handler(ApiError, render)
        self.asgi_app = bridge(self.app)

    def add_api(self, _specification: Any, *, resolver: Any, **_kwargs: Any) -> None:
        """Take the handlers of a resolver as they are, without Connexion's decorators and Flask's rules.

        Connexion would build the decorators anew at every request, and the rules match no URL here.
        """
        self.app.view_functions.update(resolver.handlers)
