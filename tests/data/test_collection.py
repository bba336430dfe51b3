"""Collections: their edits, what is found in them, and where a value of a field stands."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.data.chunk import SIZE, Stored
from mock_server.data.collection import Collection, unmade
from mock_server.data.records import OWN_ACCOUNT
from mock_server.lists.filters import AnyOf


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0", (0, -1)),
        ("15", (1, 0)),
        ("20", (1, 1)),
        ("25", (3, 2)),
        ("99", (4, 3)),
        ("-3", (0, -1)),
        ("x", None),
    ],
)
def test_a_number_that_no_record_has_stands_before_the_first_greater_one(
    number: str, expected: tuple[int, int] | None
) -> None:
    numbered = Collection("things", [{"n": n} for n in (10, 20, 5, 30)], ["n"])
    assert numbered.find("n", number) == expected
    assert Collection("things", [{"n": 10}, {"n": "b"}], ["n"]).find("n", "5") is None
    assert Collection("things", [], ["n"]).find("n", "5") == (0, -1)


class Model(NamedTuple):
    """What a collection should hold: its records by their positions, and the lowest one ever used."""

    records: dict[int, dict[str, Any]]
    front: int

    @property
    def positions(self) -> list[int]:
        return sorted(self.records)


def number(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a collection keeps of a record for `hidden` and shown members alike."""
    return {"kept": record["n"] % 7} | record


def stored(record: dict[str, Any]) -> Stored | dict[str, Any]:
    """Return a record with a hidden member; one without, now and then."""
    return Stored(record, {"kept": record["n"] % 7}) if record["n"] % 3 else record


EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "replace"]), st.integers(0, 2_000), st.integers(1, 600)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS, st.sampled_from([0, 3, 512, 1_100]), st.booleans())
def test_edits_give_what_a_dictionary_of_positions_would(
    edits: list[tuple[str, int, int]], size: int, is_made: bool
) -> None:
    records = [{"id": f"r{n}", "n": n} for n in range(size)]
    collection = Collection("things", map(stored, records if is_made else ()), ["n", "kept"], "id")
    if not is_made:
        collection = unmade(collection, map(stored, records), size)
    model, made = Model(dict(enumerate(records)), 0), size
    for kind, where, several in edits:
        if kind == "add":
            new = [{"id": f"r{made + n}", "n": made + n} for n in range(several)]
            made += several
            before, collection = collection, collection.with_records([*map(stored, new)])
            front = model.front - several
            model = Model({**{front + n: each for n, each in enumerate(new)}, **model.records}, front)
        elif model.records:
            position = model.positions[where % len(model.records)]
            by_id = where % 2 == 0
            asked = model.records[position]["id"] if by_id else position
            before = collection
            if kind == "remove":
                collection = collection.without_record(asked)
                model = model._replace(records={p: r for p, r in model.records.items() if p != position})
            else:
                other = {"id": f"r{made}", "n": made}
                made += 1
                collection = collection.with_record(asked, stored(other))
                model = model._replace(records={**model.records, position: other})
        else:
            continue
        assert before is not collection
    assert list(collection.positions) == model.positions
    assert len(collection) == len(model.records)
    assert collection.front == model.front
    shown = [json.loads(each) for each in collection.at(collection.positions)]
    assert shown == [model.records[position] for position in model.positions]
    scattered = [position for position in reversed(model.positions) if position % 5 == 0]
    assert [json.loads(each)["n"] for each in collection.at(scattered)] == [
        model.records[position]["n"] for position in scattered
    ]
    wanted = {"2", "5"}
    found = collection.matching(frozenset([AnyOf("kept", frozenset(wanted))]))
    assert list(found) == [
        p for p in model.positions if (r := model.records[p])["n"] % 3 and str(r["n"] % 7) in wanted
    ]
    for position in model.positions[::97]:
        record = model.records[position]
        assert collection.find_id(record["id"]) == position
        assert record["id"] in collection
        assert collection.value_at("id", position) == record["id"]
        assert collection.find("n", str(record["n"])) == (position, position)
        whole = number(record) if record["n"] % 3 else record
        assert collection.record_at(position, b"own") == whole
    assert collection.find_id("none") is None
    assert len(collection.chunks) <= 2 * len(model.records) / SIZE * 2 + 2
    assert all(len(chunk) <= SIZE for chunk in collection.chunks)


def test_an_edit_leaves_the_collection_before_as_it_was() -> None:
    before = Collection("things", [{"id": "a"}, {"id": "b"}], [], "id")
    edited = before.without_record("a").with_record("b", {"id": "c"}).with_records([{"id": "d"}])
    assert before.at(before.positions) == [b'{"id":"a"}', b'{"id":"b"}']
    assert edited.at(edited.positions) == [b'{"id":"d"}', b'{"id":"c"}']
    assert list(edited.positions) == [-1, 1]
    for where in ("a", 0, 7, -9):
        with pytest.raises(LookupError, match="things"):
            edited.without_record(where)
        with pytest.raises(LookupError, match="things"):
            edited.with_record(where, {})


def test_a_hidden_member_is_filtered_by_and_shown_nowhere() -> None:
    kept = Stored({"id": "a"}, {"sentAt": "2024-07-30", "id": "x"})
    collection = Collection("things", [kept, {"id": "b"}], ["sentAt"], "id")
    assert collection.at([0]) == [b'{"id":"a"}']
    assert list(collection.matching(frozenset([AnyOf("sentAt", frozenset(["2024-07-30"]))]))) == [0]
    assert collection.record_at(0, b"own") == {"id": "a", "sentAt": "2024-07-30"}


def test_the_account_that_reads_a_record_finds_its_own_id_in_it() -> None:
    collection = Collection("things", [{"id": "a", "accountId": OWN_ACCOUNT}], [], "id")
    assert collection.record_at(0, b"mine") == {"id": "a", "accountId": "mine"}


def test_a_path_leads_to_the_values_in_all_objects_of_an_array() -> None:
    lines: list[Any] = [{"price": {"amount": 1}}, {"price": None}, {"price": {"amount": 2}}]
    records = [{"lines": lines, "labels": ["x", "y"]}, {"lines": [], "labels": None}, {"labels": []}]
    collection = Collection("things", records, ["lines.price.amount", "labels"])

    def found(field: str, *values: str) -> list[int]:
        return list(collection.matching(frozenset([AnyOf(field, frozenset(values))])))

    assert found("lines.price.amount", "2") == found("lines.price.amount", "1", "2") == [0]
    assert found("lines.price.amount", "3") == []
    assert found("labels", "y", "z") == [0]
    assert collection.has_value("labels", "x")
    assert not collection.has_value("labels", "z")
