"""Filters and collections: what matches, against the plainest way to say it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.data import collection as collections
from mock_server.data.collection import Collection
from mock_server.lists.filters import After, AnyOf, Before, Contains, Equals, Filter

texts = st.text(alphabet="aAbßéİ ,%", max_size=4)
records = st.lists(
    st.fixed_dictionaries({}, optional={"name": texts, "kind": st.sampled_from(["x", "X", "y"])}),
    max_size=30,
)
wanted = st.lists(
    st.one_of(
        st.builds(Contains, st.just("name"), texts.filter(bool).map(str.casefold)),
        st.builds(AnyOf, st.just("kind"), st.frozensets(st.sampled_from(["x", "X", "z"]))),
    ),
    max_size=3,
).map(frozenset)


def passes(record: dict[str, Any], wanted: Filter) -> bool:
    assert isinstance(wanted, Contains | AnyOf)
    value = record.get(wanted.field)
    if value is None:
        return False
    if isinstance(wanted, Contains):
        return wanted.text.casefold() in value.casefold()
    return value in wanted.values


@given(records, wanted)
def test_matching_records_pass_every_filter(
    found: list[dict[str, Any]], asked: frozenset[Filter]
) -> None:
    collection = Collection("things", found, ["name", "kind"])
    expected = [i for i, record in enumerate(found) if all(passes(record, f) for f in asked)]
    assert list(collection.matching(asked)) == expected
    assert list(collection.matching(asked)) == expected


def test_the_first_sight_of_filters_scans_and_later_ones_look_it_up() -> None:
    collection = Collection("things", [{"kind": "x"}] * 5, ["kind"])
    asked: frozenset[Filter] = frozenset([AnyOf("kind", frozenset(["x"]))])
    assert collection.matching(asked) is collection.matching(frozenset(asked))


def test_the_filter_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "FILTER_BYTES", 100_000)
    collection = Collection("things", [{"kind": str(i % 10)} for i in range(1_000)], ["kind"])
    for number in range(200):
        text = f"{number:_>300}" * 10
        collection.matching(frozenset([Contains("kind", text), AnyOf("kind", frozenset([text]))]))
        collection.matching(frozenset([AnyOf("kind", frozenset([str(number % 10), text]))]))
    assert collection.filter_cache.budget.held <= 100_000
    assert 0 < len(collection.filter_cache._positions) < 200


def test_values_of_other_types_are_compared_as_a_query_spells_them() -> None:
    collection = Collection("things", [{"n": 1}, {"n": True}, {"n": 1.5}], ["n"])
    for position, spelled in enumerate(["1", "true", "1.5"]):
        asked: frozenset[Filter] = frozenset([AnyOf("n", frozenset([spelled]))])
        assert list(collection.matching(asked)) == [position]


def test_filters_of_two_kinds_by_one_value_are_two_filters() -> None:
    limit, values = (1, "2024"), frozenset(["x"])
    assert len({Before("at", limit), After("at", limit)}) == 2
    assert len({AnyOf("kind", values), Equals("kind", values)}) == 2
