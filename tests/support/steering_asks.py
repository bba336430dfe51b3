"""Calls of the control API that hypothesis draws: what they change decides what later requests meet."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.support.asks import BROKEN, Ask, objects

NOON = "2026-01-01T12:00:00Z"

# None of them takes time: an answer that stalls keeps its connection for a minute.
STEPS: st.SearchStrategy[Any] = st.sampled_from([
    "pass", {"status": 503}, {"status": 429, "headers": {"Retry-After": "0"}}, {"status": 200, "body": {"odd": 1}},
    {"status": 204}, {"status": 418, "body": "short"}, {"status": 302, "headers": {"Location": "/x", "Date": "never"}},
    {"cut": "reset"}, {"cut": "truncate"}, {"delay": 0}, {"delay": 0, "status": 500}, {"delay": 0, "after": True},
    {"status": 500, "after": True}, {"cut": "truncate", "after": True}, {"cut": "reset", "after": True},
    {"page": "repeat-cursor"}, {"page": "short-page"}, {"page": "wrong-total"}, {"page": "expired-cursor"},
    {"page": "empty-page"}, {"page": "duplicate-item"}, {}, {"status": 700}, {"status": 503, "cut": "reset"},
])  # fmt: skip


def faults(operation_ids: list[str]) -> st.SearchStrategy[Any]:
    when = st.fixed_dictionaries(
        {},
        optional={
            "page": st.integers(0, 3),
            "query": st.sampled_from([{"limit": "2"}, {"limit": 5}, {"name": "a"}]),
            "body": st.sampled_from([{}, {"name": "x"}]),
        },
    )
    optional = {
        "operation": st.sampled_from([*operation_ids, "nothing"]),
        "when": when,
        "repeat": st.sampled_from([1, 2, 3, "forever", 0]),
    }
    script = st.lists(STEPS, min_size=1, max_size=3)
    return st.fixed_dictionaries({"script": script}, optional=optional)


CLOCKS = st.sampled_from([
    {"now": NOON}, {"advance": 2}, {"advance": 90_000}, {"frozen": False}, {"now": "x"}, {"advance": -1}, {},
])  # fmt: skip
CHAOS = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.sampled_from([0, 0.5, 1, 2]),
        "seed": st.integers(0, 3),
        "faults": st.lists(
            st.sampled_from(["503", "429", "truncate", "reset", "short-page", "x"]), max_size=2
        ),
    },
)


def calls(
    records: dict[str, Any], operation_ids: list[str], authorization: str
) -> st.SearchStrategy[Ask]:
    """Draw a call of one of the two accounts; `records` has a record of each collection as an example."""

    def call(
        method: str, path: str, body: st.SearchStrategy[Any] | None = None
    ) -> st.SearchStrategy[Ask]:
        typed = (f"Authorization: {authorization}", "Content-Type: application/json")
        if body is None:
            return st.just(Ask(method, f"/_mock{path}", typed[:1]))
        sent = body.map(json.dumps).map(str.encode)
        return st.one_of(sent, sent, sent, sent, BROKEN).map(
            lambda drawn: Ask(method, f"/_mock{path}", typed, drawn)
        )

    scripts = call("POST", "/faults", faults(operation_ids))
    of_account = [
        call("DELETE", "/faults"),
        call("DELETE", "/faults/fault-1"),
        call("PUT", "/clock", CLOCKS),
        call("PUT", "/chaos", CHAOS),
        call("DELETE", "/chaos"),
        call("POST", "/reset"),
        call("DELETE", "/requests"),
    ]
    of_records = []
    for name, example in records.items():
        items = st.lists(objects(example), max_size=2).map(lambda drawn: {"items": drawn})
        own = f"/collections/{name}"
        of_records += [
            call("POST", own, items),
            call("PUT", own, items),
            call("POST", f"{own}/records", objects(example)),
            call("PATCH", f"{own}/records/__id.{name}.0__", objects(example)),
            call("DELETE", f"{own}/__id.{name}.0__"),
            call("POST", f"{own}/generate", st.just({"count": 4})),
        ]
    return st.one_of(scripts, scripts, st.one_of(of_account), st.one_of(of_records))
