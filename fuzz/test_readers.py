"""What reads other people's texts: whatever they hold, it is understood or refused by name."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.data import fixture_files
from mock_server.formats import query_string
from mock_server.lists import cursors
from mock_server.openapi import document
from mock_server.pipeline import prefer_header
from mock_server.problems import CannotServe
from tests.support.documents import SCHEMAS

OVERLAY = document.BUILT_IN.with_name("usage.latest.product.live.overlay.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the files of all examples, each of which replaces the last."""
    return tmp_path_factory.mktemp("read")


wires = st.one_of(
    st.binary(max_size=80),
    st.text("ab,%&=+25C cö", max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
texts = st.one_of(st.text(max_size=60), st.text("0123456789abcdefMDE=+/", max_size=60))
values: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(wires)
def test_every_query_is_read(wire: bytes) -> None:
    for name, found in query_string.parse(wire).items():
        assert isinstance(name, str)
        for each in found:
            split, second = query_string.split_list(each, query_string.decode(each))
            assert not second or split


@given(st.integers(-(2**39), 2**39), st.integers(0, 47), texts)
def test_a_cursor_that_was_issued_is_known_and_any_other_is_refused(
    position: int, place: int, text: str
) -> None:
    issued = cursors.encode("things", position)
    assert cursors.decode("things", issued) == position
    for other in (text, issued[:place] + text + issued[place + len(text) :]):
        if other != issued:
            with pytest.raises(cursors.UnknownCursor):
                cursors.decode("things", other)


@given(st.text(max_size=60))
def test_every_preference_is_read(text: str) -> None:
    found = prefer_header.read(text)
    assert found.code is None or 200 <= found.code <= 599
    assert found.delay is None or 0 <= found.delay <= prefer_header.LONGEST_DELAY


@given(st.one_of(st.binary(max_size=200), values.map(lambda value: json.dumps(value).encode()),
                 values.map(lambda value: yaml.safe_dump(value).encode())),
       st.sampled_from([".yaml", ".json"]))  # fmt: skip
@settings(max_examples=1_500)
def test_every_fixture_file_is_loaded_or_refused(folder: Path, content: bytes, suffix: str) -> None:
    path = folder / f"fixture{suffix}"
    path.write_bytes(content)
    with contextlib.suppress(CannotServe):
        fixture_files.load([path], SCHEMAS)


RECORD = {"name": "n", "metricType": "SIMPLE", "eventType": "e", "aggregationType": "COUNT",
          "propertyFilters": {}, "parameters": []}  # fmt: skip


@given(st.lists(st.one_of(values, st.dictionaries(st.sampled_from([*RECORD, "id", "createdAt"]), values).map(lambda part: RECORD | part)), max_size=3))  # fmt: skip
@settings(max_examples=1_500)
def test_every_record_is_loaded_or_refused(folder: Path, records: list[Any]) -> None:
    path = folder / "records.json"
    path.write_text(json.dumps({"usage-metrics": records}))
    with contextlib.suppress(CannotServe):
        assert len(fixture_files.load([path], SCHEMAS)["usage-metrics"]) == len(records)


targets = st.one_of(
    st.text("$.*[]'paths/usage-metrics get?@==limit&|()<>", max_size=40), st.just("$.paths"),
    st.just("$.paths['/usage-metrics'].get.parameters[?@.name == 'limit']"), st.just("$"),
)  # fmt: skip


@given(st.lists(st.fixed_dictionaries({"target": targets}, optional={"update": values, "remove": st.booleans()}), max_size=3))  # fmt: skip
@settings(max_examples=300)
def test_every_overlay_is_applied_or_refused(folder: Path, actions: list[Any]) -> None:
    path = folder / "overlay.yaml"
    overlay = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions}
    path.write_text(yaml.safe_dump(overlay))
    with contextlib.suppress(CannotServe):
        document.load(document.BUILT_IN, path)
