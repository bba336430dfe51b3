"""Collections of the starting data are made at their first use, once, whoever asks first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from mock_server.data.collection import Collection
from mock_server.data.snapshot import Snapshot, Source


def snapshot(made: list[str]) -> Snapshot:
    """Return a snapshot of three collections, which notes what it makes."""

    def source(name: str) -> Source:
        def records() -> Iterator[Any]:
            made.append(name)
            yield {"id": name}

        return Source(Collection(name, (), (), "id"), 1, records)

    return Snapshot({name: source(name) for name in ("a", "b", "c")})


def test_only_what_is_used_is_made_and_only_once() -> None:
    made: list[str] = []
    starting = snapshot(made)
    assert starting.counts == {"a": 1, "b": 1, "c": 1}
    assert [*starting] == ["a", "b", "c"]
    assert len(starting) == 3
    assert "b" in starting
    assert made == []
    own = starting.with_own({"c": Collection("c", [{"id": "mine"}, {"id": "too"}], (), "id")})
    assert own["b"] is starting["b"] is own["b"]
    assert "b" in own["b"]
    assert own.counts == {"a": 1, "b": 1, "c": 2}
    assert len(own.outline("a")) == 0
    assert made == ["b"]


def test_what_is_prepared_is_made_in_a_thread_once_for_all_who_wait() -> None:
    made: list[str] = []
    starting = snapshot(made)

    async def prepare() -> None:
        await asyncio.gather(*(starting.prepare(name) for name in "aabba"))

    asyncio.run(prepare())
    assert sorted(made) == ["a", "b"]
    assert starting.get("c") is None
    assert starting.get("a") is starting["a"]


def test_requests_under_way_find_the_collections_of_the_document_before() -> None:
    made: list[str] = []
    before, after = snapshot(made), snapshot(made).named(["a"])
    both = after.with_retired(before)
    assert both["a"] is after["a"]
    assert both["b"] is before["b"]
