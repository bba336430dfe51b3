"""What reads other people's texts: whatever they hold, it is understood or refused by name."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.data import fixture_files, starting_data
from mock_server.errors import CannotServe
from mock_server.formats import query_string
from mock_server.lists import cursors
from mock_server.openapi import document
from mock_server.pipeline import prefer_header

SCHEMAS = starting_data.schemas(document.load(document.BUILT_IN))
OVERLAY = document.BUILT_IN.with_name("usage.latest.product.live.overlay.yaml")

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


@given(texts)
def test_every_cursor_is_known_or_refused(text: str) -> None:
    with contextlib.suppress(cursors.UnknownCursor):
        position = cursors.decode("things", text)
        assert cursors.encode("things", position, 0) == text or position is not None


@given(st.text(max_size=60))
def test_every_preference_is_read(text: str) -> None:
    found = prefer_header.read(text)
    assert found.code is None or 200 <= found.code <= 599
    assert found.delay is None or 0 <= found.delay <= prefer_header.LONGEST_DELAY


@given(st.one_of(st.binary(max_size=200), values.map(lambda value: json.dumps(value).encode()),
                 values.map(lambda value: yaml.safe_dump(value).encode())),
       st.sampled_from([".yaml", ".json"]))  # fmt: skip
@settings(max_examples=1_500)
def test_every_fixture_file_is_loaded_or_refused(content: bytes, suffix: str) -> None:
    path = Path(f"/tmp/fuzzed-fixture{suffix}")
    path.write_bytes(content)
    with contextlib.suppress(CannotServe):
        fixture_files.load([path], SCHEMAS)


RECORD = {"name": "n", "metricType": "SIMPLE", "eventType": "e", "aggregationType": "COUNT",
          "propertyFilters": {}, "parameters": []}  # fmt: skip


@given(st.lists(st.one_of(values, st.dictionaries(st.sampled_from([*RECORD, "id", "createdAt"]), values).map(lambda part: RECORD | part)), max_size=3))  # fmt: skip
@settings(max_examples=1_500)
def test_every_record_is_loaded_or_refused(records: list[Any]) -> None:
    path = Path("/tmp/fuzzed-records.json")
    path.write_text(json.dumps({"usage-metrics": records}))
    with contextlib.suppress(CannotServe):
        assert len(fixture_files.load([path], SCHEMAS)["usage-metrics"]) == len(records)


targets = st.one_of(
    st.text("$.*[]'paths/usage-metrics get?@==limit&|()<>", max_size=40), st.just("$.paths"),
    st.just("$.paths['/usage-metrics'].get.parameters[?@.name == 'limit']"), st.just("$"),
)  # fmt: skip


@given(st.lists(st.fixed_dictionaries({"target": targets}, optional={"update": values, "remove": st.booleans()}), max_size=3))  # fmt: skip
@settings(max_examples=300)
def test_every_overlay_is_applied_or_refused(actions: list[Any]) -> None:
    path = Path("/tmp/fuzzed-overlay.yaml")
    overlay = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": actions}
    path.write_text(yaml.safe_dump(overlay))
    with contextlib.suppress(CannotServe):
        document.load(document.BUILT_IN, path)
