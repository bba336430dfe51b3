"""Records that are made as they are needed: no more of them than that, each once, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from mock_server.data.chunk import SIZE
from mock_server.data.collection import Collection, unmade
from mock_server.data.snapshot import Source

COUNT = 3 * SIZE + 7


def numbers(made: list[int]) -> Collection:
    """Return a collection of numbered records, which notes those that it makes."""

    def records() -> Iterator[dict[str, int]]:
        for number in range(COUNT):
            made.append(number)
            yield {"n": number}

    return unmade(Collection("things", (), ["n"]), records(), COUNT)


def test_some_hundred_records_are_made_when_one_is_read() -> None:
    made: list[int] = []
    collection = numbers(made)
    assert len(collection) == len(collection.positions) == COUNT
    assert made == []
    assert collection.at([SIZE + 1]) == [b'{"n":%d}' % (SIZE + 1)]
    assert made == [*range(2 * SIZE)]
    assert collection.making.has_made(2 * SIZE - 1)
    assert not collection.making.has_made(2 * SIZE)
    assert collection.find("n", str(SIZE)) == (SIZE, SIZE)
    assert made == [*range(COUNT)]
    assert collection.making.has_made()
    collection.making.make_next()
    assert made == [*range(COUNT)]


def test_an_edit_makes_its_own_chunk_and_the_others_stay_to_be_made() -> None:
    made: list[int] = []
    collection = numbers(made)
    edited = collection.with_records([{"n": -1}]).without_record(0)
    assert made == [*range(SIZE)]
    assert len(edited) == COUNT
    assert edited.at([-1, 1]) == [b'{"n":-1}', b'{"n":1}']
    assert edited.at([COUNT - 1]) == collection.at([COUNT - 1]) == [b'{"n":%d}' % (COUNT - 1)]
    assert edited.making.has_made()
    assert made == [*range(COUNT)]


def test_a_field_that_is_added_counts_for_what_is_made_before_and_after() -> None:
    source = Source(Collection("things", (), ["n"]), COUNT, lambda: [{"n": 1, "other": "x"}] * COUNT)
    collection = source.make()
    collection.making.make_next()
    source.add_field("other")
    assert list(collection.positions_with("other", "x")) == [*range(COUNT)]
    assert [dict(chunk.columns)["other"] for chunk in collection.chunks[:1]] == [["x"] * SIZE]


def test_many_threads_make_each_record_once() -> None:
    made: list[int] = []
    collection = numbers(made)
    with ThreadPoolExecutor(16) as threads:
        found = [*threads.map(lambda position: collection.at([position]), range(COUNT))]
    assert [each for [each] in found] == [b'{"n":%d}' % number for number in range(COUNT)]
    assert made == [*range(COUNT)]
