"""Twins: two servers that get the same requests, and must not be told from each other."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from socket import socket
from typing import Any, BinaryIO

from tests.support import wire
from tests.support.asks import Ask

# What two servers cannot have in common: the second of `Date`, the epoch that each draws for its accounts, and its name.
_OWN = re.compile(
    rb"^(?:date|x-mock-account-epoch|x-mock-replica): [^\r]*\r\n", re.IGNORECASE | re.MULTILINE
)
_PLACEHOLDER = re.compile(rb"__(id|cursor)\.([\w%-]+)\.(\d+)__")
_CURSORS = ("after", "before", "next", "previous")
_REMEMBERED = 31

# What a server says of an account at the end.
TOLD = (
    "requests?limit=1000", "requests?account=anonymous", "walks", "violations", "violations?account=*", "coverage",
    "verdict?account=*", "verdict", "faults", "chaos", "clock", "collections", "accounts", "health",
)  # fmt: skip


class Twins:
    """Two servers by their URLs, and what the answers of both have shown so far."""

    def __init__(self, urls: tuple[str, str], authorizations: Sequence[str]) -> None:
        """Ask for all that they say of the accounts with these authorizations at the end."""
        self._urls = urls
        self._authorizations = authorizations
        # By what they are and where they were seen, the newest first.
        self._seen: defaultdict[tuple[str, str], list[str]] = defaultdict(list)

    def send(self, *asks: Ask, during: Ask | None = None) -> None:
        """Send requests over one connection to each; `during` comes while the first has half its body."""
        filled = [self._filled(ask) for ask in asks]
        between = None if during is None else self._filled(during)
        answers = [_answers(url, filled, between) for url in self._urls]
        for usual, stock in zip(*answers, strict=True):
            assert usual == stock, _difference(filled, usual, stock)
        for ask, answer in zip([filled[-1], *filter(None, [between])], answers[0], strict=True):
            self._remember(ask, answer)

    def tell(self) -> None:
        """Compare all that both say of their accounts, each request with its bodies."""
        for authorization in self._authorizations:
            headers = (f"Authorization: {authorization}",)
            for path in TOLD:
                self.send(Ask("GET", f"/_mock/{path}", headers))
            answer = _exchange(self._urls[0], [Ask("GET", "/_mock/requests?limit=1000", headers)])
            for entry in json.loads(answer.partition(b"\r\n\r\n")[2])["items"]:
                self.send(Ask("GET", f"/_mock/requests/{entry['id']}", headers))

    def _filled(self, ask: Ask) -> Ask:
        body = None if ask.body is None else self._fill(ask.body)
        return ask._replace(target=self._fill(ask.target.encode("latin-1")).decode("latin-1"), body=body)

    def _fill(self, text: bytes) -> bytes:
        def found(match: re.Match[bytes]) -> bytes:
            seen = self._seen[match[1].decode(), match[2].decode()]
            return seen[int(match[3]) % len(seen)].encode() if seen else b"none"

        return _PLACEHOLDER.sub(found, text)

    def _remember(self, ask: Ask, answer: bytes) -> None:
        """Remember the ids and cursors of an answer, under each part of the path that was asked for."""
        try:
            value = json.loads(answer.rpartition(b"\r\n\r\n")[2])
        except ValueError:
            return
        for kind, text in _found(value):
            for place in {"any", *ask.target.partition("?")[0].split("/")}:
                seen = self._seen[kind, place]
                seen.insert(0, text)
                del seen[_REMEMBERED:]


def _found(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the ids and the cursors that stand somewhere in a value, the first of them last."""
    if isinstance(value, list):
        for each in reversed(value):
            yield from _found(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _found(each)
            kind = "id" if name == "id" else "cursor" if name in _CURSORS else None
            if kind is not None and isinstance(each, str) and each.isascii() and each.isprintable():
                yield kind, each


def _difference(asks: list[Ask], usual: bytes, stock: bytes) -> str:
    """Return where two answers begin to differ, and what was asked."""
    same = next((i for i, (one, other) in enumerate(zip(usual, stock, strict=False)) if one != other), 0)
    shown = [each[max(0, same - 200) : same + 200] for each in (usual, stock)]
    return f"{asks}\nwith shortcuts: {shown[0]!r}\nwith stock parts: {shown[1]!r}"


def _answers(url: str, asks: list[Ask], during: Ask | None) -> list[bytes]:
    """Return all that a server sends, without what is its own."""
    between: list[bytes] = []

    def ask_between() -> None:
        if during is not None:
            between.append(_exchange(url, [during]))

    answers = [_exchange(url, asks, ask_between), *between]
    return [_OWN.sub(b"", answer) for answer in answers]


def _exchange(url: str, asks: list[Ask], halfway: Callable[[], None] | None = None) -> bytes:
    """Send requests over one connection, each when the one before is answered, until it ends."""
    *others, last = asks
    received = b""
    with wire.connect(url) as connection, connection.makefile("rb") as stream:
        try:
            for ask in others:
                connection.sendall(_written(ask))
                answer, is_whole = _read(stream, ask.method)
                received += answer
                if not is_whole:
                    return received
            _send_last(connection, _written(last, "Connection: close"), last, halfway)
            return received + stream.read()
        except ConnectionResetError:
            # The system may tell of a reset as of an end, so neither is told from the other here.
            return received


def _send_last(connection: socket, sent: bytes, ask: Ask, halfway: Callable[[], None] | None) -> None:
    half = len(sent) - len(ask.body or b"") // 2 if halfway else 0
    connection.sendall(sent[:half])
    if halfway is not None:
        halfway()
    # A server may have answered, and closed, before it has all of a body.
    with suppress(ConnectionError):
        connection.sendall(sent[half:])


def _read(stream: BinaryIO, method: str) -> tuple[bytes, bool]:
    """Return an answer, and whether it is whole and another request may follow."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return head, False
        head += line
    length = re.search(rb"\r\ncontent-length: (\d+)", head)
    size = 0 if length is None or method == "HEAD" else int(length[1])
    body = stream.read(size)
    return head + body, len(body) == size and b"\r\nconnection: close" not in head


def _written(ask: Ask, *further: str) -> bytes:
    lines = [f"{ask.method} {ask.target} HTTP/1.1", "Host: localhost", *ask.headers, *further]
    body = ask.body or b""
    if ask.is_chunked and ask.body is not None:
        lines.append("Transfer-Encoding: chunked")
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    elif ask.body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
