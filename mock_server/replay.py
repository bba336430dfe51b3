"""The replay: gives an answer again to the same request, while nothing that it depends on has changed.

An answer depends on the method, the target, the headers in READ and those that the document describes,
the account's faults and rate limit, and the collection that it shows. It is kept by the first three;
with a fault live or the limit reached nothing is replayed; and a collection that was changed is another.
What the journal, the walks and the coverage do for a request they do for a replayed one too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mock_server.account import Account
from mock_server.bridge import AsgiApp, Message, Receive, Scope, Send
from mock_server.errors import Violation
from mock_server.exchange import EXCHANGE, Exchange, Tally, ValidRequest
from mock_server.gate import RESERVED
from mock_server.limits import is_too_large
from mock_server.sandbox import Sandbox
from mock_server.walks import Given

# All headers that any code reads of a GET or HEAD of the mocked API, beside those that a document
# describes.
READ = frozenset({b"accept", b"authorization", b"content-type", b"cookie", b"origin"})
# Those with which no request is replayed: the ones that announce a body, and `Prefer`, which asks for
# an answer that is no other's.
BARRED = frozenset({b"content-length", b"prefer", b"transfer-encoding"})

# What the answers of all accounts may hold in memory, e.g. 500 pages of 20 records.
KEPT_BYTES = 8_000_000

Key = tuple[str, bytes, bytes, tuple[tuple[bytes, bytes], ...]]


class Kept(NamedTuple):
    """An answer, and what was found out about the request that it answered.

    `source` is the serial of the collection that it shows, None for an answer that shows none.
    """

    start: Message
    body: Message
    valid: ValidRequest | None
    blamed: tuple[Sequence[Violation], Sequence[Violation]]
    given: Given | None
    tally: Tally
    source: int | None
    size: int


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
        elif kept is not None and self._is_current(kept, exchange.acting):
            self._kept.move_to_end(key)
            _take_part(exchange, kept)
            await send(kept.start)
            await send(kept.body)
        else:
            await self._keep(key, exchange, scope, receive, send)

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
        return scope["method"], scope["raw_path"], scope["query_string"], sent

    def _is_current(self, kept: Kept, account: Account) -> bool:
        if kept.valid is None or kept.source is None:
            return True
        name = kept.valid.operation.collection
        return name is not None and self._sandbox.collection(account, name).serial == kept.source

    async def _keep(
        self, key: Key, exchange: Exchange, scope: Scope, receive: Receive, send: Send
    ) -> None:
        messages: list[Message] = []

        async def listen(message: Message) -> None:
            messages.append(message)
            await send(message)

        await self._app(scope, receive, listen)
        kept = _kept(exchange, messages)
        if kept is not None:
            self._add(key, kept)

    def _add(self, key: Key, kept: Kept) -> None:
        replaced = self._kept.pop(key, None)
        self._bytes += kept.size - (0 if replaced is None else replaced.size)
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
    blamed = (entry.violations, entry.warnings)
    size = len(body["body"]) + entry.size
    return Kept(start, body, exchange.valid, blamed, exchange.given, tally, exchange.source, size)
