"""Joined writes: the bytes are those that were written, in fewer pieces, and none waits for long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.server.joined_writes import JoinedWrites


class Wire:
    """A transport that remembers what was done with it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.ended = ""

    def write(self, data: bytes) -> None:
        assert not self.ended
        self.pieces.append(data)

    def write_eof(self) -> None:
        self.ended = "write_eof"

    def close(self) -> None:
        self.ended = "close"

    def abort(self) -> None:
        self.ended = "abort"

    def is_closing(self) -> bool:
        return bool(self.ended)

    def get_write_buffer_size(self) -> int:
        return 5


def run(steps: list[Any]) -> Wire:
    """Write each of these; None ends a turn of the loop, and a name calls that method."""
    wire = Wire()

    async def work() -> None:
        transport: Any = JoinedWrites(wire, asyncio.get_running_loop())  # type: ignore[arg-type]
        for step in steps:
            if step is None:
                await asyncio.sleep(0)
            elif isinstance(step, bytes):
                transport.write(step)
            else:
                getattr(transport, step)()
        await asyncio.sleep(0)

    asyncio.run(work())
    return wire


def test_a_head_and_its_body_are_one_piece() -> None:
    assert run([b"head", b"body", None, b"head", b"body"]).pieces == [b"headbody", b"headbody"]


def test_what_comes_alone_is_sent_when_the_turn_ends() -> None:
    assert run([b"head", None, b"body"]).pieces == [b"head", b"body"]


@given(st.lists(st.none() | st.binary(max_size=3)))
def test_nothing_is_lost_and_the_order_stays(steps: list[bytes | None]) -> None:
    wire = run(steps)
    assert b"".join(wire.pieces) == b"".join(filter(None, steps))


@pytest.mark.parametrize("ended", ["write_eof", "close", "abort"])
def test_what_waits_is_sent_before_the_end(ended: str) -> None:
    wire = run([b"head", ended])
    assert (wire.pieces, wire.ended) == ([b"head"], ended)


def test_what_waits_counts_as_not_sent() -> None:
    async def work() -> None:
        transport = JoinedWrites(Wire(), asyncio.get_running_loop())  # type: ignore[arg-type]
        transport.write(b"head")
        assert transport.get_write_buffer_size() == 9

    asyncio.run(work())
