"""A list of a server under test: what is sent for it, what its document says, and what has come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote, unquote_plus

from mock_server.conform.http_probe import HttpProbe, Reply, Sent
from mock_server.conform.probe_credentials import Header
from mock_server.conform.request_values import Filling
from mock_server.conform.requirements import Undecidable, has_built_in_shape, require_error_key
from mock_server.conform.ways import query_part
from mock_server.lists.roles import LIMIT
from mock_server.openapi import error_fit
from mock_server.openapi.document import Document
from mock_server.openapi.error_shape import BUILT_IN
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.responses import answer_schema
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.openapi.security import SecurityScheme


class AskedList:
    """A list operation as one server answers it. `replies` are all that came, in order."""

    def __init__(
        self,
        document: Document,
        operation: Operation,
        probe: HttpProbe,
        filling: Filling | None = None,
    ) -> None:
        """Prepare a list, each request for which sends what `filling` says."""
        self.operation = operation
        self.filling = filling or Filling(operation.template)
        self.convention = operation.convention
        self.error_shape = document.error_shape
        self.replies: list[Reply] = []
        self._others: dict[int, bool] = {}
        self._schemas: dict[int, CompiledSchema | None] = {}
        self._known: dict[Any, Reply] = {}
        self._probe = probe
        # Where a list has a server of its own, its path is not below that of the document's, unless
        # another base path than the document's is given.
        own, usual = (quote(path, safe="/%") for path in (operation.base_path, document.base_path))
        self._own_base = own if own != usual and probe.base_path == usual else None
        self._spec = document.effective["paths"][operation.template][operation.method.lower()]
        self.security = document.security.requirements[operation.template, operation.method.lower()]

    # Requests

    def ask(
        self,
        *query: str,
        headers: Iterable[Header] = (),
        authorized: bool = True,
        fresh: bool = False,
    ) -> Reply:
        """Return the reply to a query; raise NoAnswer where none comes.

        The parts of the query are as they are sent, e.g. `name=a%20b`; empty ones are left out. The
        same request is sent once and its reply remembered, unless `fresh` is true.
        """
        target = self._target(query)
        own_headers = tuple(headers)
        names = {name.lower() for name, _ in own_headers}
        sent_headers = (*(h for h in self.filling.headers if h[0].lower() not in names), *own_headers)
        key = (target, sent_headers, authorized)
        if fresh or key not in self._known:
            self._known[key] = self._send(target, sent_headers, authorized=authorized)
            self.replies.append(self._known[key])
        return self._known[key]

    def _send(
        self,
        target: str,
        headers: tuple[Header, ...],
        content: bytes | None = None,
        *,
        authorized: bool = True,
    ) -> Reply:
        """Return the reply to a request of the operation's method."""
        is_elsewhere = self._own_base is not None
        send = self._probe.ask_at if is_elsewhere else self._probe.ask
        sent_target = f"{self._own_base}{target}" if is_elsewhere else target
        sent = Sent(self.operation.method, content)
        return send(sent_target, headers, sent, authorized=authorized)

    def _target(self, query: Iterable[str]) -> str:
        """Return what is asked for: what every request sends, unless it is in the query, and that."""
        own = "&".join(filter(None, query))
        sent = {unquote_plus(part.partition("=")[0]) for part in own.split("&")}
        always = (part for name, part in self.filling.query.items() if name not in sent)
        whole = "&".join(filter(None, (*always, own)))
        return f"{self.filling.path}?{whole}" if whole else self.filling.path

    def is_plain(self, reply: Reply) -> bool:
        """Tell whether a reply is to a request that sent only what every one sends."""
        is_alone = reply.sent_headers == tuple(self.filling.headers)
        return is_alone and reply.target.endswith(self._target(()))

    def require_refusal(self, *query: str, names: Sequence[str]) -> None:
        """Raise Failed unless the query gets a 400 with one of the names as the `key` of an error."""
        reply = self.ask(*query)
        # Errors that the document describes otherwise need not tell the parameter.
        is_told = not self.describes_other_errors(400) or has_built_in_shape(reply)
        require_error_key(reply, names if is_told else (), self.error_shape)

    def describes_other_errors(self, status: int) -> bool:
        """Tell whether the errors of a status are not those of this server, though no `x-error` says so.

        Where the document describes none, they count as such, since nobody knows them.
        """
        if status not in self._others:
            self._others[status] = self._describes_other_errors(status)
        return self._others[status]

    def _describes_other_errors(self, status: int) -> bool:
        if self.error_shape is not BUILT_IN:
            return False
        found = answer_schema(self._spec, str(status))
        if found is None:
            return True
        described = error_fit.Described(found[1], (), [status])
        return error_fit.find_misfit(described, BUILT_IN) is not None

    def limit_query(self, limit: int | str) -> str:
        """Return the part of a query that asks for pages of a size; none where nothing sets it."""
        name = self.convention.request.get(LIMIT)
        return "" if name is None else query_part(name, str(limit))

    # The document

    @property
    def limit(self) -> Parameter:
        """Return the parameter that sets the page size; raise Undecidable where there is none."""
        return self.parameter(self.convention.request.get(LIMIT, LIMIT))

    def parameter(self, name: str) -> Parameter:
        """Return a parameter of the query; raise Undecidable where there is none."""
        for each in self.operation.at("query"):
            if each.name == name:
                return each
        raise Undecidable(f"the document gives the list no parameter '{name}'")

    @property
    def authorization_schemes(self) -> list[SecurityScheme]:
        """Return the schemes that an Authorization header may satisfy, e.g. Basic."""
        schemes = [scheme for alternative in self.security.alternatives for scheme in alternative]
        return [scheme for scheme in schemes if scheme.word]

    @property
    def authorization_words(self) -> list[str]:
        """Return how those schemes begin the header, each once, e.g. `["Basic"]`."""
        return list(dict.fromkeys(scheme.word for scheme in self.authorization_schemes))

    def schema(self, status: int) -> CompiledSchema | None:
        """Return the schema of an answer of JSON; None where the document has none."""
        if status not in self._schemas:
            described = answer_schema(self._spec, str(status))
            compiled = None if described is None else CompiledSchema.of_answer(described[1])
            self._schemas[status] = compiled
        return self._schemas[status]
