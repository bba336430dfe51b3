"""One call of the control API, what its handler works with, and the renderers of its response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias, TypeVar

from mock_server.control.request_body import RequestBody
from mock_server.data import starting_data
from mock_server.data.bonds import Bonds
from mock_server.data.collection import Collection
from mock_server.data.records import RecordSchema
from mock_server.data.workshop import Workshop
from mock_server.errors import JSON, ApiError, Violation
from mock_server.formats import json_output
from mock_server.openapi.document import Document
from mock_server.openapi.effects import Resource
from mock_server.openapi.operations import Operation
from mock_server.pipeline.exchange import EXCHANGE, Exchange
from mock_server.pipeline.wsgi_bridge import (
    Commit,
    Response,
    current_scope,
    empty_response,
    leave_commit,
)
from mock_server.sandbox.account import Account
from mock_server.sandbox.fault_checks import page_faults
from mock_server.sandbox.sandbox import SandboxState
from mock_server.settings import Settings
from mock_server.verdict import coverage
from mock_server.verdict.coverage import Coverable, Versions

_Made = TypeVar("_Made")


class Replaced(ApiError):
    """503: another document is served by now, whose records may be others."""

    status, type = 503, "serviceUnavailable"


@dataclass(frozen=True)
class Context:
    """What the handlers of all calls work with: the sandbox, the document that is mocked, the settings.

    Documents of older versions count as soon as somebody has asked for them.
    """

    sandbox: SandboxState
    document: Document
    settings: Settings
    _made: dict[tuple[str, int], Any] = field(default_factory=dict)

    def _once(self, what: str, make: Callable[[Sequence[Document]], _Made]) -> _Made:
        """Return what is made of the documents, anew when there are more of them."""
        documents = self.document.compiled
        key = what, len(documents)
        if key not in self._made:
            self._made[key] = make(documents)
        made: _Made = self._made[key]
        return made

    @property
    def operations(self) -> Sequence[Operation]:
        """Return the operations of all documents, those of the newest first."""
        return [operation for each in self.document.compiled for operation in each.operations]

    @property
    def resources(self) -> Mapping[str, Resource]:
        """Return the collections by name, each as the newest document describes it that has it."""
        return self._once("resources", starting_data.all_resources)

    @property
    def schemas(self) -> Mapping[str, RecordSchema]:
        """Return the record schema of each collection, by its name."""
        return self._once("schemas", starting_data.all_schemas)

    @cached_property
    def workshop(self) -> Workshop:
        """Return what changes single records, and what depends on them."""
        return Workshop(self.document)

    @cached_property
    def bonds(self) -> Bonds:
        """Return how the collections of the document depend on each other."""
        return Bonds(self.document.resources)

    @property
    def fixture_schema(self) -> bytes:
        """Return the JSON Schema of fixture files for the documents, in JSON."""
        return self._once("fixtures", lambda _: self._make_fixture_schema())

    def _make_fixture_schema(self) -> bytes:
        # Imported here, since few servers are asked for it.
        from mock_server.data import fixture_schema

        return json_output.dump(fixture_schema.schema(self.document.name, self.schemas.values()))

    @property
    def coverables(self) -> Sequence[Coverable | Versions]:
        """Return the coverage points of each operation."""
        return self._once("coverage", coverage.coverables)

    @property
    def page_faults(self) -> Mapping[str, frozenset[str]]:
        """Return the kinds of broken pages that each operation can play, by its id."""
        return self._once("faults", lambda _: page_faults(self.operations))

    def change(self, account: Account, *collections: Collection) -> None:
        """Give an account these collections as its own copies, as `SandboxState.change` does.

        Raise Replaced, and change nothing, where they were made by a document that is replaced by now.
        """
        if self.sandbox.document not in (None, self.document):
            raise Replaced("The document was loaded again during this call; send it once more.")
        self.sandbox.change(account, *collections)


class Call(NamedTuple):
    """One call of the control API.

    `values` are its path and query parameters by name. `body` is the parsed body, None if it is absent
    or unreadable, and `size` its length in bytes. `violations` are those of control.yaml; a
    check may find more.
    """

    context: Context
    exchange: Exchange
    values: Mapping[str, Any]
    body: Any
    size: int
    violations: tuple[Violation, ...]

    @property
    def account(self) -> Account:
        """Return the account that the call acts on; there is one behind security."""
        return self.exchange.request.acting_account

    @property
    def server_root(self) -> str:
        """Return the URL by which the client calls the server's root, e.g. `http://127.0.0.1:8080`.

        A proxy that takes TLS off says so in the header X-Forwarded-Proto.
        """
        headers = self.exchange.request.headers.texts
        is_encrypted = headers.get("x-forwarded-proto", "").partition(",")[0].strip() == "https"
        # HostCheck has let it pass; HTTP/1.0 knows none.
        host = headers.get("host") or _listening_address()
        return f"{'https' if is_encrypted else 'http'}://{host}"


# A handler returns a JSON object, which is sent with status 200, or a whole response.
Handler: TypeAlias = Callable[[Call], dict[str, Any] | Response]

# A check yields the violations that control.yaml cannot describe. The body can be any JSON value then,
# since all violations of a call are reported together.
Check: TypeAlias = Callable[[Call], Iterable[Violation]]

# Operation id -> its handler, and its check or None.
Calls: TypeAlias = Mapping[str, tuple[Handler, Check | None]]


def current_call(context: Context, body: RequestBody, path_values: Mapping[str, str]) -> Call:
    """Return the call of the request that a handler answers, its body read and checked.

    Raise UnsupportedMediaType for a media type that the operation does not take.
    """
    exchange: Exchange = current_scope()[EXCHANGE]
    request = exchange.request
    arguments = request.arguments
    if arguments is None:
        raise LookupError("validation lets no call pass without its arguments")
    content = request.body
    value, violations = body.read(request.headers.texts.get("content-type"), content)
    return Call(
        context=context,
        exchange=exchange,
        values={**arguments.values, **path_values},
        body=value,
        size=len(content),
        violations=(*arguments.violations, *violations),
    )


def _listening_address() -> str:
    host, port = current_scope().get("server") or ("localhost", 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def commit_on_event_loop(commit: Commit) -> None:
    """Hand a change of the sandbox to the event loop, which makes it after the handler has returned.

    Handlers that run in a worker thread need it, since the sandbox changes on the event loop alone. If
    `commit` returns False, the handler runs again.
    """
    leave_commit(commit)


def json_response(value: Any, status: int = 200) -> Response:
    """Return a response whose body is the value in JSON."""
    return encoded_response(json_output.dump(value), status)


def encoded_response(body: bytes, status: int = 200) -> Response:
    """Return a response whose body is JSON already."""
    return Response(body, status=status, content_type=JSON)


def no_content() -> Response:
    """Return a response with status 204 and neither body nor Content-Type."""
    return empty_response(204)


def head_response(headers: Mapping[str, str]) -> Response:
    """Return a response with status 200, these headers and an empty body."""
    return Response(headers=dict(headers))
