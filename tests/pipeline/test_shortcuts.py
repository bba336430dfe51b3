"""The shortcuts: a server that takes them can't be told from one with stock parts, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from mock_server import app
from mock_server.data.snapshot import Snapshot
from mock_server.openapi.document import Document
from mock_server.pipeline import recorder
from mock_server.sandbox import clock
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.settings import ChaosRule, RateLimit, Settings
from mock_server.stack import QUICK
from tests.support import asks, steering_asks, wire
from tests.support.asks import Ask
from tests.support.documents import CONTROL, ROOT
from tests.support.long_ways import going_long_ways
from tests.support.servers import Ground
from tests.support.stock_parts import STOCK
from tests.support.twins import Twins

# What decides which parts of a server a request meets.
SETTINGS = (
    Settings(count=12),
    Settings(count=12),
    Settings(count=12, rate_limit=RateLimit(9, 3), journal_size=20),
    Settings(count=12, strict=True, cors_origin=("https://a.example",)),
    Settings(count=12, on_violation="record", max_body=150, trust_proxy=True),
    Settings(count=12, credentials=("one:secret", "one", "two:secret", "two")),
    Settings(count=12, chaos=ChaosRule(0.3, 1, ("503", "truncate"))),
)

HEADER = "Authorization: "

# What all clocks show, in seconds since 1970.
MOMENT = 1_767_268_800


class Subject(NamedTuple):
    """A document that is served, and the headers by which its two accounts say who they are."""

    document: Path | None
    scheme: str
    authorizations: tuple[str, str]


BUILT_IN = Subject(None, "basic", (wire.basic("one"), wire.basic("two")))
BILLING = Subject(ROOT / "spec" / "examples" / "billing.yaml", "bearer", ("Bearer one", "Bearer two"))


def build(settings: Settings, *, is_stock: bool = False) -> Any:
    loaded, collections = ground(settings.document, is_stock)
    with going_long_ways() if is_stock else nullcontext():
        state = SandboxState(collections, settings)
        return app.build(loaded, state, settings, stack=STOCK if is_stock else QUICK)


@cache
def ground(document: Any, is_stock: bool) -> tuple[Document, Snapshot]:
    """What servers start with, which is compiled for each kind of them alone."""
    with going_long_ways() if is_stock else nullcontext():
        return Ground.of(Settings(count=12, document=document)).start()


@contextmanager
def twins(subject: Subject, settings: Settings) -> Iterator[Twins]:
    """Two servers for which no time passes: the first takes the shortcuts, the second has stock parts."""
    settings = replace(settings, document=subject.document)
    usual, stock = build(settings), build(settings, is_stock=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_wall_clock", lambda: MOMENT * 1_000_000)
        patch.setattr(recorder, "time", lambda: MOMENT)
        patch.setattr(recorder, "perf_counter", lambda: 0.0)
        with server.in_thread(usual) as one, server.in_thread(stock) as other:
            yield Twins((one, other), subject.authorizations)


@cache
def records(subject: Subject) -> dict[str, Any]:
    """A record of each collection, by its name as a path has it."""
    headers = (HEADER + subject.authorizations[0],)
    with server.in_thread(build(Settings(count=12, document=subject.document))) as url:

        def asked(path: str) -> Any:
            return wire.get(url, f"/_mock/collections{path}", *headers, auth=False).json["items"]

        names = [quote(each["name"], safe="") for each in asked("")]
        return {name: found[0] for name in names if (found := asked(f"/{name}?limit=1"))}


Step = tuple[tuple[Ask, ...], Ask | None]


class Drawing(NamedTuple):
    """What is drawn for a document.

    - `pages`: plain requests that get a page of records
    - `asks`: requests of the mocked API
    - `steps`: what comes over one connection, and maybe a request while the first there is half sent; most
      are of the mocked API, and some of the others change what it answers
    """

    pages: st.SearchStrategy[Ask]
    asks: st.SearchStrategy[Ask]
    steps: st.SearchStrategy[Step]


@cache
def drawing(subject: Subject) -> Drawing:
    loaded, _ = ground(subject.document, False)
    mocked = asks.described(loaded.effective, loaded.operations[0].base_path)
    control = [each for each in asks.described(CONTROL, "/_mock") if each.id != "streamEvents"]
    known = {
        "name": st.sampled_from([*records(subject)]),
        "id": st.sampled_from(["1", "2", "fault-1"]) | asks.IDS,
        "file": st.sampled_from(["steps.js", "none"]),
    }
    lists = [each for each in mocked if each.method == "GET" and "{" not in each.path]
    pages = st.sampled_from(lists).map(
        lambda each: Ask("GET", each.path, (HEADER + subject.authorizations[0],))
    )
    of_api = asks.asks(mocked, subject.scheme, {"alias": st.just("crm-1044")})
    changing = st.sampled_from(subject.authorizations).flatmap(
        lambda each: steering_asks.calls(records(subject), [o.id for o in mocked], each)
    )
    once = st.one_of(*[of_api] * 8, *[changing] * 8, asks.asks(control, subject.scheme, known))
    alone = once.map(lambda ask: (ask,))
    several = st.lists(once, min_size=2, max_size=3).map(tuple)
    steps = st.one_of(
        *[st.tuples(each, st.none()) for each in (alone, alone, alone, several)],
        st.tuples(alone, of_api).filter(lambda drawn: bool(drawn[0][0].body)),
    )
    return Drawing(pages, of_api, steps)


def compare(subject: Subject, settings: Settings, drawn: list[Step]) -> None:
    with twins(subject, settings) as both:
        for name in records(subject):
            both.send(
                Ask("GET", f"/_mock/collections/{name}?limit=4", (HEADER + subject.authorizations[0],))
            )
        for each, during in drawn:
            both.send(*each, during=during)
        both.tell()


documents = pytest.mark.parametrize("subject", [BUILT_IN, BILLING], ids=["built-in", "billing"])


def check(subject: Subject, data: st.DataObject) -> None:
    """Send what is drawn, in which a few requests come again and again."""
    drawn = drawing(subject)
    settings = data.draw(st.sampled_from(SETTINGS))
    favourites = data.draw(st.tuples(drawn.pages, drawn.pages | drawn.asks, drawn.asks))
    again = asks.repeated(st.sampled_from(favourites), subject.authorizations)
    steps = st.one_of(drawn.steps, *[st.tuples(again, st.none())] * 4)
    compare(subject, settings, data.draw(st.lists(steps, min_size=20, max_size=40)))


@documents
@given(st.data())
@tried(max_examples=8, suppress_health_check=list(HealthCheck))
def test_nobody_can_tell_shortcuts_from_long_ways(subject: Subject, data: st.DataObject) -> None:
    check(subject, data)


@pytest.mark.slow
@documents
@given(st.data())
@tried(max_examples=120, suppress_health_check=list(HealthCheck))
def test_nobody_can_tell_them_in_a_long_time(subject: Subject, data: st.DataObject) -> None:
    check(subject, data)
