"""Turns at a worker thread: one call of each account waits, and accounts take turns."""

from __future__ import annotations

import asyncio

import pytest

from mock_server.errors import ServiceUnavailable
from mock_server.pipeline.worker_turns import Line

SHORT = 0.02


async def call(line: Line, account: str, order: list[str], patience: float | None = None) -> None:
    async with line.turn(account, patience):
        order.append(account)
        await asyncio.sleep(SHORT / 2)


def run_all(*accounts: str) -> list[str]:
    async def run() -> list[str]:
        line, order = Line(), list[str]()
        await asyncio.gather(*[call(line, account, order) for account in accounts])
        return order

    return asyncio.run(run())


def test_accounts_take_turns_whoever_came_first() -> None:
    assert run_all("a", "a", "a", "b", "c", "b") == ["a", "b", "a", "c", "b", "a"]


def test_an_account_alone_has_all_turns() -> None:
    assert run_all("a", "a", "a") == ["a", "a", "a"]


def test_a_call_is_refused_while_another_one_of_its_account_waits() -> None:
    async def run() -> tuple[list[str], ServiceUnavailable]:
        line, order = Line(), list[str]()
        async with line.turn("a", SHORT):
            waiting = asyncio.create_task(call(line, "a", order, SHORT))
            other = asyncio.create_task(call(line, "b", order, SHORT))
            await asyncio.sleep(0)
            with pytest.raises(ServiceUnavailable) as refused:
                await call(line, "a", order, SHORT)
        await asyncio.gather(waiting, other)
        await call(line, "a", order, SHORT)
        return order, refused.value

    order, refusal = asyncio.run(run())
    assert order == ["b", "a", "a"]
    assert (refusal.status, dict(refusal.headers)) == (503, {"Retry-After": "1"})


def test_a_call_that_is_given_up_leaves_its_turn_to_others() -> None:
    async def run() -> list[str]:
        line, order = Line(), list[str]()
        async with line.turn("a", None):
            given_up = asyncio.create_task(call(line, "b", order))
            other = asyncio.create_task(call(line, "c", order))
            await asyncio.sleep(0)
            given_up.cancel()
            await asyncio.sleep(0)
        await other
        await call(line, "b", order)
        return order

    assert asyncio.run(run()) == ["c", "b"]


def test_the_turn_ends_when_the_answer_begins() -> None:
    async def run() -> list[str]:
        line, order = Line(), list[str]()
        async with line.turn("a", None) as end_turn:
            end_turn()
            await call(line, "a", order, SHORT)
        return order

    assert asyncio.run(run()) == ["a"]
