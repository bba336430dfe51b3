"""Budgets: the oldest things go until the rest is within the limit, and the docs tell all budgets."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.control.event_feed import RenderedEntries
from mock_server.data.budget import Budget
from mock_server.data.collection import Collection
from mock_server.data.snapshot import Snapshot
from mock_server.pipeline.response_cache import ResponseCache
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server.asgi import Receive, Scope, Send
from mock_server.settings import Settings
from tests.support.documents import ROOT

sizes = st.lists(st.integers(1, 40), max_size=60)


@pytest.mark.slow
@given(sizes, st.integers(0, 100))
def test_the_newest_things_that_fit_are_held(added: list[int], limit: int) -> None:
    held: deque[int] = deque()

    def drop_oldest() -> None:
        budget.held -= held.popleft()

    budget = Budget(limit, drop_oldest)
    for size in added:
        held.append(size)
        budget.held += size
        budget.shrink()
        assert budget.held == sum(held) <= limit
    newest = added[len(added) - len(held) :]
    assert list(held) == newest
    if len(held) < len(added):
        assert sum(newest) + added[len(added) - len(held) - 1] > limit


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_there_is_room_for_what_stays_within_the_limit(limit: int, held: int, size: int) -> None:
    budget = Budget(limit)
    budget.held = held
    assert budget.has_room_for(size) is (held + size <= limit)


def documented_limits(page: Path) -> dict[str, str]:
    """Return the limits in the table of budgets, by the names of the budgets."""
    table = page.read_text().partition("\n## Memory\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return {cells[0].strip(): cells[1].strip() for cells in rows[1:]}


async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    pass


def test_the_docs_tell_the_limit_of_every_budget() -> None:
    sandbox = SandboxState(Snapshot({}))
    budgets = {
        "records": sandbox.record_budget,
        "journals": sandbox.archive.budget,
        "transcripts": sandbox.archive.transcript_budget,
        "cached answers": ResponseCache(nothing, sandbox, ()).budget,
        "kept answers": sandbox.kept_answers.budget,
        "filters": Collection("things", (), ()).filter_cache.budget,
        "faults": sandbox.fault_budget,
        "rendered entries": RenderedEntries().budget,
        "bodies": Budget(Settings().max_bodies),
    }
    documented = documented_limits(ROOT / "docs" / "architecture.md")
    assert documented.keys() == budgets.keys()
    for name, budget in budgets.items():
        assert documented[name].startswith(f"{budget.limit:,}"), name
