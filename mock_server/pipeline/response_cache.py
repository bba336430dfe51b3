"""The response cache: answers a request like an equal one before, while the records are the same.

An answer depends on the method, the target, the headers in READ and those that the document describes,
where it has URLs on the host and the scheme, and on the records that the account sees: these are its
key. An account with live faults or chaos, or beyond its rate limit, gets no cached answer. Accounts that
see equal records share answers; each gets its own account id filled in. A cached answer counts for
journal, walks and coverage like any other. An answer is kept at the second request for it: most come
once, and to keep what they get takes a tenth of their time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from mock_server.data.budget import Budget
from mock_server.data.collection import fill_account_id
from mock_server.errors import InternalError, Violation
from mock_server.openapi.body_secrets import BodySecrets
from mock_server.openapi.document import Document
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Meaning, Tally
from mock_server.pipeline.request_url import FORWARDED, HOST
from mock_server.pipeline.walk_tracking import track
from mock_server.sandbox.sandbox import SandboxState
from mock_server.sandbox.walk import PageGiven
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.server.head_limit import HEAD_LIMIT
from mock_server.settings import RESERVED, Settings

# The headers that decide the answer to a GET or HEAD of the mocked API, beside those that a document
# describes. `Authorization` is not one: the records that its account sees are part of the key.
READ = frozenset({"accept", "content-type", "cookie"})

# A request with one of these gets no cached answer: a body may follow, or `Prefer` asks for an answer of
# its own.
BARRED = frozenset({"content-length", "prefer", "transfer-encoding"})

# How many bytes of memory the answers may hold, e.g. 150 pages of 20 records.
CACHE_BYTES = 4_000_000

# How many keys are remembered, in about 70 kB. The cache holds some hundred answers: what comes back
# after more requests than these would fall out of it before it came a third time.
REMEMBERED = 1_000

# Characters of the target and of the headers in the key; a longer request is not cached, since it is
# rare and would push out many others.
_LONGEST = 2_000

# The most memory that a parsed query takes for each name, value and encoded byte.
_PIECE_BYTES = 300

Key = tuple[str, bytes, bytes, tuple[str | None, ...], tuple[int, int]]


@dataclass(slots=True)
class CachedAnswer:
    """An answer, and what is known about the request that it answered.

    `page` is the body with placeholders for the account's id. `meaning` is None for a request that was
    not valid, `violations` and `warnings` are its own then. `size` is about how many bytes it all holds.
    """

    start: Message
    page: bytes
    meaning: Meaning | None
    violations: Sequence[Violation]
    warnings: Sequence[Violation]
    page_given: PageGiven | None
    tally: Tally
    secrets: BodySecrets
    size: int
    # The body for the account that got it last. Kept, so that journals hold these bytes and no copies.
    _own_id: bytes = b""
    _body: bytes = b""

    def body_for(self, own_id: bytes) -> bytes:
        """Return the body with the id of the account that gets it."""
        if own_id != self._own_id:
            self._own_id, self._body = own_id, fill_account_id(self.page, own_id)
        return self._body


class KeysAsked:
    """The keys of the newest requests, a hash of each; all are forgotten when there are too many.

    Where two keys have one hash, the second counts as asked for, and its answer is kept early.
    """

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def add(self, key: Key) -> bool:
        """Add a key; return whether it is new."""
        hashed = hash(key)
        if hashed in self._hashes:
            return False
        if len(self._hashes) >= REMEMBERED:
            self._hashes.clear()
        self._hashes.add(hashed)
        return True


def headers_read(document: Document, settings: Settings) -> frozenset[str]:
    """Return the headers on which a document's answers depend, beside READ, in lower case."""
    names = frozenset(name.lower() for name in document.header_parameters)
    if not any(o.collection is not None and o.convention.has_urls for o in document.operations):
        return names
    return names | {HOST, *(FORWARDED if settings.trust_proxy else ())}


class ResponseCache:
    """ASGI middleware after the recorder and CORS: sends a cached answer, or keeps a fresh one."""

    def __init__(
        self,
        app: AsgiApp,
        sandbox: SandboxState,
        read: Iterable[str],
        limit: int = CACHE_BYTES,
    ) -> None:
        """Take the names of headers that decide answers too, in lower case; keep `limit` bytes together.

        Where the host is one of them, the scheme of the connection decides as well.
        """
        self._app = app
        self._sandbox = sandbox
        self._read = tuple(sorted(READ.union(read)))
        self._reads_scheme = HOST in self._read
        self._asked = KeysAsked()
        self._answers: OrderedDict[Key, CachedAnswer] = OrderedDict()
        self.budget = Budget(limit, self._drop_oldest)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        key = self._key(exchange, scope)
        answer = None if key is None else self._answers.get(key)
        if key is None or (answer is None and self._asked.add(key)):
            await self._app(scope, receive, send)
        elif answer is None:
            await self._answer_and_keep(key, exchange, scope, receive, send)
        else:
            self._answers.move_to_end(key)
            _record_cached_answer(exchange, answer)
            await send(_copy(answer.start))
            body = answer.body_for(exchange.request.acting_account.own_id)
            await send({"type": "http.response.body", "body": body})

    def _key(self, exchange: Exchange, scope: Scope) -> Key | None:
        """Return the key of the request's answer; None where the answer must be a fresh one."""
        request = exchange.request
        account, headers = request.account, request.headers
        if account is None or account.faults.live or account.chaos is not None:
            return None
        if request.quota is not None and request.quota.is_exceeded:
            return None
        path, query = scope["raw_path"], scope["query_string"]
        if scope["method"] not in ("GET", "HEAD") or request.client_id in RESERVED:
            return None
        # What an account is answered about itself, no other one is.
        target = path + b"?" + query
        is_own = account.own_id in (unquote_to_bytes(target) if b"%" in target else target)
        if is_own or headers.size > HEAD_LIMIT or not BARRED.isdisjoint(headers.texts):
            return None
        read = (*map(headers.texts.get, self._read), request.pinned)
        if self._reads_scheme:
            read = (*read, scope.get("scheme"))
        if len(path) + len(query) + sum([len(text) for text in read if text]) > _LONGEST:
            return None
        return scope["method"], path, query, read, (self._sandbox.data_version, account.data_version)

    async def _answer_and_keep(
        self, key: Key, exchange: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> None:
        messages: list[Message] = []

        async def send_and_keep(message: Message) -> None:
            messages.append(_copy(message))
            await send(message)

        await self._app(scope, receive, send_and_keep)
        answer = _answer_to_keep(exchange, messages)
        # The key may have changed, or an equal request been answered, while this one was under way.
        if answer is not None and key not in self._answers and self._key(exchange, scope) == key:
            self._answers[key] = answer
            self.budget.held += answer.size
            if self.budget.held > self.budget.limit:
                self.budget.shrink()

    def _drop_oldest(self) -> None:
        _, oldest = self._answers.popitem(last=False)
        self.budget.held -= oldest.size


def _copy(message: Message) -> Message:
    """Return a copy of the message with a list of headers of its own, since CORS adds to that list."""
    return {**message, "headers": [*message["headers"]]} if "headers" in message else message


def _record_cached_answer(exchange: Exchange, answer: CachedAnswer) -> None:
    """Record a request as the equal one was recorded whose answer is in the cache."""
    record, outcome = exchange.record, exchange.outcome
    if answer.meaning is not None:
        track(exchange, answer.meaning)
    elif record is not None and (answer.violations or answer.warnings):
        record.journal.add_violations(record.entry, answer.violations, answer.warnings)
    outcome.page_given, outcome.tally = answer.page_given, answer.tally
    outcome.secrets = answer.secrets


def _answer_to_keep(exchange: Exchange, messages: list[Message]) -> CachedAnswer | None:
    """Return the answer to keep; None where a fault, an error or a cut makes it unfit for others."""
    record, outcome = exchange.record, exchange.outcome
    if record is None or outcome.tally is None or outcome.fault or len(messages) != 2:
        return None
    start, body = messages
    if start["status"] == InternalError.status:
        return None
    # Only a page holds the account's id; the answer to HEAD has an empty body even for a page.
    page = body["body"] if outcome.page_body is None or not body["body"] else outcome.page_body
    entry = record.entry
    size = 2 * len(page) + entry.size + _PIECE_BYTES * _pieces(entry.query)
    return CachedAnswer(
        start,
        page,
        exchange.request.meaning,
        entry.violations,
        entry.warnings,
        outcome.page_given,
        outcome.tally,
        outcome.secrets,
        size,
    )


def _pieces(query: bytes) -> int:
    return query.count(b"&") + query.count(b",") + query.count(b"%")
