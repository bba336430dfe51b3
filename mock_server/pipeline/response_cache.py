"""The replay: gives an answer again to the same request, while nothing that it depends on has changed.

An answer depends on the method, the target, the headers in READ and those that the document describes,
and on which records the account sees, in whatever way they differ: it is kept by all of these. With a
fault live or the rate limit reached nothing is replayed. Accounts that see the same share answers, but
for what is each one's own. What the journal, the walks and the coverage do for a request they do for a
replayed one too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mock_server.data.records import as_seen
from mock_server.errors import InternalError, Violation
from mock_server.pipeline.body_limit import is_too_large
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Tally, ValidRequest
from mock_server.sandbox.sandbox import Sandbox
from mock_server.sandbox.walks import Given
from mock_server.server.asgi import AsgiApp, Message, Receive, Scope, Send
from mock_server.settings import RESERVED

# All headers that any code reads of a GET or HEAD of the mocked API, beside those that a document
# describes. `Authorization` is read to know the account; what that sees stands for it.
READ = frozenset({b"accept", b"content-type", b"cookie", b"origin"})
# Those with which no request is replayed: the ones that announce a body, and `Prefer`, which asks for
# an answer that is no other's.
BARRED = frozenset({b"content-length", b"prefer", b"transfer-encoding"})

# What the answers of all accounts may hold in memory, e.g. 150 pages of 20 records.
KEPT_BYTES = 4_000_000

# Bytes of a target and of the headers that are read, with which a request is kept; nobody repeats longer
# ones for their speed.
_LONGEST = 2_000

# What a query becomes takes up to so much memory for each name, value and encoded byte.
_PIECE_BYTES = 300

View = tuple[int, int]
Key = tuple[str, bytes, bytes, tuple[tuple[bytes, bytes], ...], View]


@dataclass(slots=True)
class Kept:
    """An answer, and what was found out about the request that it answered."""

    start: Message
    page: bytes
    valid: ValidRequest | None
    blamed: tuple[Sequence[Violation], Sequence[Violation]]
    given: Given | None
    tally: Tally
    size: int
    # The account that saw it last, and what it saw: of the same bytes, others hold no copy.
    _own_id: bytes = b""
    _body: bytes = b""

    def body(self, own_id: bytes) -> bytes:
        """What the account with that id sees."""
        if own_id != self._own_id:
            self._own_id, self._body = own_id, as_seen(self.page, own_id)
        return self._body


class Replay:
    """A wrapper right within the recorder."""

    def __init__(
        self, app: AsgiApp, sandbox: Sandbox, described: Iterable[str], limit: int = KEPT_BYTES
    ) -> None:
        """`described` are the header parameters of the document, `limit` is in bytes."""
        self._app = app
        self._sandbox = sandbox
        self._read = READ | {name.lower().encode("latin-1") for name in described}
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._limit = limit
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange = scope[EXCHANGE]
        key = self._key(exchange, scope)
        kept = None if key is None else self._kept.get(key)
        if key is None:
            await self._app(scope, receive, send)
        elif kept is None:
            await self._keep(key, exchange, scope, receive, send)
        else:
            self._kept.move_to_end(key)
            _take_part(exchange, kept)
            await send(kept.start)
            body = kept.body(exchange.acting.own_id)
            await send({"type": "http.response.body", "body": body})

    def _key(self, exchange: Exchange, scope: Scope) -> Key | None:
        """What an answer is kept by; None where it must be a fresh one."""
        account, headers = exchange.account, scope["headers"]
        if account is None or exchange.entry is None or exchange.client_id in RESERVED:
            return None
        if exchange.wait is not None or account.faults.are_live:
            return None
        if scope["method"] not in ("GET", "HEAD") or is_too_large(headers):
            return None
        if not BARRED.isdisjoint([name for name, _ in headers]):
            return None
        read = self._read
        sent = tuple([header for header in headers if header[0] in read])
        path, query = scope["raw_path"], scope["query_string"]
        if len(path) + len(query) + sum([len(n) + len(v) for n, v in sent]) > _LONGEST:
            return None
        return scope["method"], path, query, sent, self._sandbox.view(account)

    async def _keep(
        self, key: Key, exchange: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> None:
        messages: list[Message] = []

        async def listen(message: Message) -> None:
            messages.append(message)
            await send(message)

        await self._app(scope, receive, listen)
        kept = _kept(exchange, messages)
        # Another, equal request may have been answered while this one was read.
        if kept is not None and key not in self._kept and self._key(exchange, scope) == key:
            self._add(key, kept)

    def _add(self, key: Key, kept: Kept) -> None:
        self._bytes += kept.size
        self._kept[key] = kept
        while self._bytes > self._limit:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.size


def _take_part(exchange: Exchange, kept: Kept) -> None:
    """What else happens to a request on its way, from what is known of the one before."""
    if kept.valid is not None:
        exchange.proceed(kept.valid)
    else:
        exchange.blame(*kept.blamed)
    exchange.given, exchange.tally = kept.given, kept.tally


def _kept(exchange: Exchange, messages: list[Message]) -> Kept | None:
    """The answer as it can be kept; None where something disturbed it."""
    entry, tally = exchange.entry, exchange.tally
    if entry is None or tally is None or exchange.fault or len(messages) != 2:
        return None
    start, body = messages
    if start["status"] == InternalError.status:
        return None
    # What is no page of a list is the same for all accounts; of a page, HEAD shows nothing.
    page = body["body"] if exchange.page is None or not body["body"] else exchange.page
    blamed = (entry.violations, entry.warnings)
    size = 2 * len(page) + entry.size + _PIECE_BYTES * _pieces(entry.query)
    return Kept(start, page, exchange.valid, blamed, exchange.given, tally, size)


def _pieces(query: bytes) -> int:
    return query.count(b"&") + query.count(b",") + query.count(b"%")
