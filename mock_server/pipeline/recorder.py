"""The recorder: opens an exchange for every request of the mocked API, and closes it with the answer.

Every request is journaled, even one that is refused: in the account that its credentials name, or
without valid credentials in the account `anonymous`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, time

from mock_server.errors import Unauthorized
from mock_server.formats import query_string
from mock_server.formats.headers import HeaderBlock, Headers
from mock_server.formats.secret_texts import hide
from mock_server.openapi.body_secrets import NO_SECRETS, BodySecrets
from mock_server.openapi.position_checks import EXPIRED_CURSOR
from mock_server.openapi.request_body import NO_BODY
from mock_server.pipeline.credential_check import Check
from mock_server.pipeline.credentials import Credentials
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Facts, Outcome, Recording, Request, Tally
from mock_server.pipeline.version_header import VersionHeaders
from mock_server.sandbox.account import Account
from mock_server.sandbox.journal import Entry, RequestLine
from mock_server.sandbox.rate_limit import Quota
from mock_server.sandbox.sandbox import SandboxState
from mock_server.sandbox.violation_log import VIOLATION, WARNING, header_text
from mock_server.server.access_log import Shown, request_target
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.connection import CONNECTION
from mock_server.settings import ANONYMOUS
from mock_server.verdict.coverage import Trial


class Recorder:
    """The outermost middleware of the mocked API: journals requests, and adds headers to all answers."""

    def __init__(
        self,
        app: AsgiApp,
        sandbox: SandboxState,
        credentials: Credentials,
        facts: Facts,
        versions: VersionHeaders,
    ) -> None:
        """Record in `sandbox`."""
        self._app = app
        self._sandbox = sandbox
        self._archive = sandbox.archive
        self._credentials = credentials
        self._facts = facts
        self._versions = versions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, record = self._open(scope)
        exchange = scope[EXCHANGE] = Exchange(request, record)
        outcome, entry = exchange.outcome, record.entry

        async def send_and_record(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            if is_start:
                outcome.status = message["status"]
                message = {**message, "headers": self._headers(request, entry, message["headers"])}
                if outcome.secrets is NO_SECRETS:
                    outcome.secrets = self._secrets_of(exchange, scope)
            if entry.is_kept and is_start:
                self._record_request(exchange, entry, message["headers"], outcome.secrets)
            elif entry.is_kept:
                piece = message.get("body", b"")
                if outcome.secrets.answer is not None:
                    piece = outcome.secrets.hide_in_answer(piece)
                self._archive.record_piece(entry, piece)
            # Closed before the last piece is sent: a client that has its answer finds it in the journal.
            if outcome.step.cut or not (is_start or message.get("more_body")):
                self._close(exchange, record, scope)
            await send(message)

        try:
            await self._app(scope, receive, send_and_record)
        finally:
            self._close(exchange, record, scope)
            entry.secrets = ()
            # A connection that is kept holds the scope of its last request, whose query may be long.
            scope.pop(EXCHANGE, None)

    def _open(self, scope: Scope) -> tuple[Request, Recording]:
        request, shown = self._open_request(scope)
        account = request.account or self._sandbox.accounts.get(ANONYMOUS)
        account.received += 1
        request.number = account.received
        if account.window is not None:
            rate = None if self._facts.rate_of is None else self._facts.rate_of(scope)
            # What has no valid credentials counts for nobody's limit.
            count = account.quota if request.account is None else account.count_request
            request.quota = count(rate)
        line = RequestLine(scope["method"], shown.path, shown.query)
        entry = Entry(self._archive.new_id(), time(), line, request.headers)
        if shown.secrets is not entry.secrets:
            entry.secrets = shown.secrets
            entry.headers = tuple([(name, _without(v, shown.secrets)) for name, v in entry.headers])
        journal = account.journal
        record = Recording(entry, journal, journal.violation_log, journal.covered)
        journal.add(entry)
        return request, record

    def _open_request(self, scope: Scope) -> tuple[Request, Shown]:
        """Return the request of a scope, and its target as it may be shown.

        Keys are taken out of the scope, so that nothing further in can show one.
        """
        credentials, query = self._credentials, scope["query_string"]
        check = credentials.only or credentials.check_of(scope)
        keys = credentials.keys(check, query) if check.queries else ()
        request = open_request(scope, credentials, check, keys, self._sandbox.accounts.get)
        shown = self._show(scope, request.headers)
        if query and credentials.queries:
            scope["query_string"] = query_string.without(query, credentials.queries)
        return request, shown

    def _show(self, scope: Scope, headers: HeaderBlock) -> Shown:
        """Return the target of a request as it may be shown, quickly where all of it may."""
        path, query, names = (
            scope["raw_path"],
            scope["query_string"],
            self._credentials.names.plain_names,
        )
        target = path + b"?" + query
        # As `secret_texts.plain` has it.
        sent = [
            p.partition(b"=")[0].lower().replace(b"_", b"").replace(b"-", b"") for p in query.split(b"&")
        ]
        is_told = b"%" in target or any(map(target.__contains__, headers.secrets))
        if is_told or not names.isdisjoint(sent):
            return self._credentials.show(scope, headers)
        return Shown(path, query, headers.secrets)

    def _headers(self, request: Request, entry: Entry, headers: Headers) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer, with those that every answer of the mocked API has."""
        texts, versions = request.headers.texts, self._versions
        asked = tuple([texts.get(name, request.pinned) for name in versions.names])
        added = [*versions.for_versions(asked)]
        added.append((b"X-Mock-Request-Id", entry.id.encode()))
        if request.quota is not None:
            added += _rate_limit_headers(request.quota)
        if entry.violations or entry.warnings:
            wrong = header_text(entry.violations, entry.warnings)
            added.append((b"X-Mock-Violations", wrong.encode()))
        # A header that a handler or a fault's step has set stays as it is.
        names_set = {name for name, _ in headers}
        return [*headers, *[(name, value) for name, value in added if name.lower() not in names_set]]

    def _close(self, exchange: Exchange, record: Recording, scope: Scope) -> None:
        """Journal how the request ended, and what it counts for; do nothing the second time."""
        entry, outcome = record.entry, exchange.outcome
        if entry.duration is not None:
            return
        tally = outcome.tally = outcome.tally or self._tally(exchange, scope)
        entry.duration = perf_counter() - exchange.request.began
        entry.body_size = len(exchange.request.body)
        if entry.body_size and entry.is_kept and outcome.status is None:
            self._record_request(exchange, entry, [], self._secrets_of(exchange, scope))
        record.journal.changes += 1
        entry.status = outcome.status
        entry.operation = tally.operation
        entry.change = outcome.change
        _close_attempt(exchange.request, record, outcome)
        if entry.violations or entry.warnings:
            _log_violations(record)
        for point in tally.points:
            record.covered.setdefault(point, entry.id)

    def _record_request(
        self,
        exchange: Exchange,
        entry: Entry,
        headers: list[tuple[bytes, bytes]],
        secrets: BodySecrets,
    ) -> None:
        """Begin the transcript of a request with its body, without secrets, and the answer's headers."""
        request, body, value = exchange.request, exchange.request.body, b""
        if body:
            content_type = request.headers.texts.get("content-type")
            value = _without(secrets.form_value(content_type, request.sent_body.value), entry.secrets)
            body = _without(secrets.hide_in_request(content_type, body), entry.secrets)
        self._archive.record_answer(entry, body, headers, value)

    def _facts_of(self, exchange: Exchange) -> Facts:
        """Return the facts of the version that a request asks for."""
        return self._facts if exchange.facts is None else exchange.facts

    def _secrets_of(self, exchange: Exchange, scope: Scope) -> BodySecrets:
        """Return what is secret of the bodies of a request and its answer."""
        routing = scope["extensions"].get("connexion_routing")
        name = routing["operation_id"] if routing else None
        is_told = name or exchange.request.body
        return self._facts_of(exchange).secrets[name or ""] if is_told else NO_SECRETS

    def _tally(self, exchange: Exchange, scope: Scope) -> Tally:
        routing = scope["extensions"].get("connexion_routing")
        if not routing or routing["operation_id"] is None:
            return Tally(None, ())
        coverable = self._facts_of(exchange).coverables[routing["operation_id"]]
        return Tally(coverable.operation_id, tuple(coverable.covered_by(_trial(exchange))))


def open_request(
    scope: Scope,
    credentials: Credentials,
    check: Check,
    keys: tuple[tuple[str, ...], ...],
    account_of: Callable[[str], Account | None],
) -> Request:
    """Return the request of an ASGI scope; `keys` are those of its query that `check` reads.

    If its credentials are valid, it has the account that `account_of` gives for its client id.
    """
    headers = credentials.read_headers(tuple(scope["headers"]))
    request = Request(perf_counter(), scope["extensions"][CONNECTION], headers)
    request.challenge = check.challenge
    try:
        sent = tuple(map(headers.texts.get, check.headers))
        request.client_id, request.pinned = check.identify(sent, keys)
    except Unauthorized as refusal:
        request.refusal = refusal
    else:
        request.account = account_of(request.client_id)
        if request.account is not None:
            request.acting_account = request.account
    return request


def _without(raw: bytes, secrets: tuple[bytes, ...]) -> bytes:
    """Return bytes without the texts of credentials, quickly where none is there."""
    return (
        hide(raw, secrets) if (secrets and b"%" in raw) or any(map(raw.__contains__, secrets)) else raw
    )


def _rate_limit_headers(quota: Quota) -> list[tuple[bytes, bytes]]:
    """Return the headers of draft-ietf-httpapi-ratelimit-headers-03; Reset is in seconds from now."""
    values = {"Limit": quota.limit, "Remaining": quota.remaining, "Reset": quota.reset}
    return [(f"RateLimit-{name}".encode(), str(value).encode()) for name, value in values.items()]


def _trial(exchange: Exchange) -> Trial:
    request, outcome = exchange.request, exchange.outcome
    arguments = request.arguments
    return Trial(
        status=None if outcome.fault else str(outcome.status),
        sent=None if arguments is None else arguments.sent,
        sent_outside={} if arguments is None else arguments.sent_outside,
        body=NO_BODY if arguments is None else arguments.body,
        version=None if arguments is None else arguments.version,
        is_first=outcome.is_first,
        is_last=outcome.is_last,
    )


def _close_attempt(request: Request, record: Recording, outcome: Outcome) -> None:
    attempt, walks, step = record.attempt, record.walks, outcome.step
    if attempt is None or walks is None:
        return
    attempt.walk.is_disturbed |= step.page is not None
    is_whole = outcome.status == 200 and step.cut is None
    # A client that left during a delay has not seen the page, and may ask again.
    if is_whole and outcome.page_given is not None and not (request.is_delayed and request.has_left()):
        walks.serve(attempt, outcome.page_given)
    else:
        walks.fail(attempt)


def _log_violations(record: Recording) -> None:
    entry, log = record.entry, record.violation_log
    example = f"{entry.method} {request_target(entry.path, entry.query)}"
    # Only a fault makes a cursor expire, so a client that sends an expired one makes no mistake.
    violations = [v for v in entry.violations if v.code != EXPIRED_CURSOR]
    log.add(VIOLATION, violations, entry.operation, entry.id, example)
    log.add(WARNING, entry.warnings, entry.operation, entry.id, example)
