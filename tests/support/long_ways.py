"""The long ways: what takes a shortcut elsewhere than in the stack goes a long way while a server is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from sys import modules
from types import SimpleNamespace
from typing import Any

import flask
import pytest

from mock_server import served_operations, stack
from mock_server.openapi import body_schema, parameter_parsing
from mock_server.openapi.quick_check import QuickCheck
from mock_server.openapi.request_body import RequestBody
from mock_server.pipeline import connexion_parts
from mock_server.pipeline.wsgi_bridge import RoutedFlask, current_scope, operation_of


class NeverSure(QuickCheck):
    """A quick check that leaves each body to the validator."""

    def is_right(self, value: Any, schema: Any) -> bool:
        return False


class ValidatedBody(RequestBody):
    """The body of an operation, which is left to the validator whenever its schema is compiled."""

    def _compile(self, *args: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(body_schema, "QuickCheck", NeverSure)
            return super()._compile(*args)


def validate_always(_constraints: Any) -> Callable[[Any], bool]:
    """Do as the quick check of a parameter's values, but be never sure."""
    return lambda _value: False


class Matched:
    """What Flask asks for the handler of a request, which Connexion's router has found."""

    def match(self, **_options: Any) -> tuple[Any, dict[str, Any]]:
        scope = current_scope()
        rule = SimpleNamespace(endpoint=operation_of(scope), provide_automatic_options=False)
        return rule, scope["path_params"]


class WholeFlask(RoutedFlask):
    """Flask with all that it does for a request: its matching, its hooks, its way to finish an answer."""

    full_dispatch_request = flask.Flask.full_dispatch_request
    do_teardown_request = flask.Flask.do_teardown_request
    do_teardown_appcontext = flask.Flask.do_teardown_appcontext

    def create_url_adapter(self, request: Any) -> Any:
        # The context of the application has no request.
        return request and Matched()


def compile_all(sources: Mapping[str, Any], compile_one: Callable[[Any], Any]) -> dict[str, Any]:
    """Compile at once what else is compiled when it is asked for first."""
    return {name: compile_one(source) for name, source in sources.items()}


def remember_nothing(**_options: Any) -> Callable[[Any], Any]:
    """Do as `lru_cache`, but for what it is for."""
    return lambda function: function


@contextmanager
def going_long_ways() -> Iterator[None]:
    """Let documents that are loaded and servers that are built meanwhile go the long ways, for good."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (stack, served_operations):
            patch.setattr(module, "Compiled", compile_all)
        patch.setattr(served_operations, "RequestBody", ValidatedBody)
        patch.setattr(parameter_parsing, "_quick_check", validate_always)
        patch.setattr(connexion_parts, "RoutedFlask", WholeFlask)
        # Each part of Connexion's stack has operations of its own.
        patch.setattr(
            connexion_parts.RoutingSpecification, "operation_cls", connexion_parts.OpenAPIOperation
        )
        for name, module in list(modules.items()):
            if name.startswith("mock_server.") and hasattr(module, "lru_cache"):
                patch.setattr(module, "lru_cache", remember_nothing)
        yield
