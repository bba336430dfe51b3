"""Credentials: by which check a request says who sends it, and what of its query may be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from mock_server.formats import query_string, secret_texts
from mock_server.formats.headers import HeaderBlock, header_reader
from mock_server.formats.secret_texts import HIDDEN, hide, plain
from mock_server.openapi.document import Document
from mock_server.openapi.operations import Operation
from mock_server.openapi.security import Requirement, control_requirement
from mock_server.pipeline.admission import require_caller
from mock_server.pipeline.credential_check import Accepted, Check, ControlCheck
from mock_server.pipeline.operation_finder import OperationFinder
from mock_server.server.access_log import Shown
from mock_server.server.asgi import Scope


class Credentials:
    """The checks of requests by the security of a document, and of calls of the control API.

    - `only`: the check of every request; None where operations differ in what they ask for
    - `queries`: the names of the query parameters that hold keys
    - `names`: those under which credentials are sent, in whatever place and spelling
    - `control`: the check of calls of the control API
    - `read_headers`: reads the headers of a request, and knows which of them hold credentials
    """

    def __init__(self, texts: Iterable[str], document: Document) -> None:
        """Accept pairs such as `id:secret` and tokens; without any, all that are well-formed."""
        security = document.security
        accepted = Accepted(texts, document.versions)
        is_basic_token = security.is_basic_token

        def check(requirement: Requirement) -> Check:
            return Check(requirement, accepted, is_basic_token=is_basic_token)

        self.names = document.secret_names
        self.read_headers = header_reader(self.names)
        self._document = document
        self.queries = security.queries
        asked = control_requirement(security)
        self.control = ControlCheck(asked, accepted, is_basic_token=is_basic_token)
        self._requirements = security.requirements
        self._checks = {each: check(each) for each in dict.fromkeys(security.requirements.values())}
        self._general = check(security.general)
        checks = self._checks.values()
        self.only = next(iter(checks), self._general) if len(checks) < 2 else None
        self._finder = OperationFinder(document.operations)

    def check_of(self, scope: Scope) -> Check:
        """Return the check of the operation that a request asks for.

        What no operation serves is asked for what any of them asks for.
        """
        operation = self._finder.find(scope)
        return self._general if operation is None else self._check_of(operation)

    def _check_of(self, operation: Operation) -> Check:
        requirement = self._requirements[operation.template, operation.method.lower()]
        return self._checks[requirement]

    def keys(self, check: Check, query: bytes) -> tuple[tuple[str, ...], ...]:
        """Return the raw values that a query has for each key that a check reads."""
        sent = query_string.parse(query)
        return tuple(tuple(sent.get(name, ())) for name in check.queries)

    def show(self, scope: Scope, headers: HeaderBlock | None = None) -> Shown:
        """Return the target of a request as it may be shown, e.g. with the query `api_key=***&limit=2`.

        No text of a credential is left in it, under whatever name.
        """
        known = (headers or self.read_headers(tuple(scope["headers"]))).secrets
        pieces = [piece.partition(b"=") for piece in scope["query_string"].split(b"&")]
        told = {name: self._is_secret(name) for name, _, _ in pieces}
        keys = [value for name, _, value in pieces if told[name]]
        secrets = (*known, *(text for value in keys for text in secret_texts.of_value(value)))
        shown = [
            name + b"=" + HIDDEN if told[name] or self._asks_for_secret(name, value)
            else name + equals + value
            for name, equals, value in pieces
        ]  # fmt: skip
        path, query = hide(scope["raw_path"], secrets), hide(b"&".join(shown), secrets)
        return Shown(path, query, secrets if keys else known)

    def _is_secret(self, raw_name: bytes) -> bool:
        """Tell whether the value under a name is a credential, or was meant as one."""
        name = query_string.decode(raw_name.decode("latin-1"))
        if name in self.queries:
            return True
        return self.names.has(name.encode()) and name not in self._document.query_names

    def _asks_for_secret(self, name: bytes, value: bytes) -> bool:
        """Tell whether a call of the control API seeks requests by a credential, in JSON."""
        if name != b"query":
            return False
        text = plain(unquote_to_bytes(value.replace(b"+", b" ")))
        return any(b'"%s"' % each in text for each in self.names.plain_names)


class Unchallenged:
    """A Connexion security handler for the control API.

    Its refusal carries no challenge, which would open a browser's password dialog.
    """

    def get_fn(self, _scheme: Any, _scopes: Any) -> Callable[[Any], dict[str, str]]:
        """Return the function with which Connexion checks a call."""
        return require_caller
