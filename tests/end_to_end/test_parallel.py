"""Many accounts worked at once by threads with the clients that people use: none may disturb another.

Each thread knows exactly what the accounts that it alone works must show, and checks all of it. Some
accounts are worked by every thread; what came of those is added up in the end. What a thread does is
drawn from a seed of its own; `MOCK_SERVER_SOAK_SECONDS` says for how long.
"""

from __future__ import annotations

import logging
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
import requests

from mock_server.client import Sandbox
from mock_server.data.records import account_id
from tests.support import balancers
from tests.support.documents import LIST
from tests.support.servers import Serve

pytestmark = pytest.mark.slow

logger = logging.getLogger("mock_server.tests")

THREADS = 16
ACCOUNTS = 100
SECONDS = float(os.environ.get("MOCK_SERVER_SOAK_SECONDS", "3"))
JOURNAL_SIZE = 300

Record = dict[str, Any]

# The accounts that every thread works, each for one question.
VOLLEY, HEAP, ARMED, SWAPPED = SHARED = ("volley", "heap", "armed", "swapped")
SCRIPT: list[Any] = [{"status": 503}, "pass", {"status": 429}, {"delay": 0.001}, {"page": "wrong-total"}]

KINDS = ("red", "green", "blue")
STEPS: list[Any] = [
    "pass",
    {"status": 503},
    {"status": 429, "headers": {"Retry-After": "0"}, "delay": 0.001},
    {"delay": 0.002},
    {"cut": "reset"},
    {"cut": "truncate"},
    {"page": "short-page"},
    {"page": "empty-page"},
    {"page": "duplicate-item"},
    {"page": "wrong-total"},
]


@dataclass(frozen=True)
class Reply:
    """An answer; of one that was cut, the status is None."""

    status: int | None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where accounts are worked: a URL, and the servers that it leads to."""

    url: str
    servers: list[str]

    def accounts(self) -> Counter[str]:
        """How many accounts there are, and were given up, on all servers."""
        asked = [f"{each}/_mock/health" for each in self.servers]
        found = [httpx.get(each, trust_env=False, verify=False).json()["accounts"] for each in asked]
        return sum(map(Counter[str], found), Counter[str]())


Ask = Callable[[str, str, Mapping[str, str], tuple[str, str] | None], Reply]


@contextmanager
def asking(number: int, url: str) -> Iterator[Ask]:
    """A client that keeps its connections: every other one is of requests, the rest of httpx."""
    client: httpx.Client | requests.Session
    client = httpx.Client(trust_env=False, timeout=60) if number % 2 else requests.Session()

    def ask(method: str, path: str, params: Mapping[str, str], auth: tuple[str, str] | None) -> Reply:
        try:
            answer = client.request(method, url + path, params=params, auth=auth, timeout=60)
        except (httpx.TransportError, requests.RequestException):
            return Reply(None)
        if answer.status_code == 502:  # What nginx makes of a connection that is reset.
            return Reply(None)
        return Reply(answer.status_code, answer.json() if answer.content else None, answer.headers)

    with client:
        yield ask


def metric(client_id: str, chance: random.Random, kind: str | None = None) -> Record:
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "name": f"{client_id} {chance.getrandbits(32)}",
        "metricType": "SIMPLE",
        "eventType": kind or chance.choice(KINDS),
        "aggregationType": "COUNT",
        "createdAt": "2024-05-02T14:26:48.63792Z",
        "propertyFilters": {},
        "parameters": [],
    }


def owned_by(client_id: str, records: list[Record]) -> list[Record]:
    """The records as the account sees them."""
    return [record | {"sequenceAccountId": account_id(client_id)} for record in records]


@dataclass
class Oracle:
    """What an account shows to whom nobody has done anything, without the account's own id."""

    starting: list[Record]
    generated: dict[tuple[int, int], list[Record]]


def consult(url: str) -> Oracle:
    account = Sandbox(url, "oracle", "secret")
    generated = {}
    for count, seed in ((40, 1), (75, 2), (1, 3), (0, 4)):
        account.generate(count, seed)
        generated[count, seed] = records_of(account)
    account.reset()
    return Oracle(records_of(account), generated)


def records_of(account: Sandbox) -> list[Record]:
    path = f"{account.url}/_mock/collections/usage-metrics"
    items = httpx.get(path, auth=account.auth, trust_env=False, verify=False).json()["items"]
    return [
        {name: value for name, value in item.items() if name != "sequenceAccountId"} for item in items
    ]


class Owned:
    """An account that one thread works, and what it must show."""

    def __init__(
        self, url: str, client_id: str, ask: Ask, oracle: Oracle, chance: random.Random
    ) -> None:
        self.sandbox = Sandbox(url, client_id, "secret")
        self.client_id = client_id
        self._ask = ask
        self._oracle = oracle
        self._chance = chance
        self.sandbox.reset()
        self._expect(oracle.starting)
        self._sent = 0
        self.outcomes: list[Reply] = []

    def _expect(self, records: list[Record]) -> None:
        self.records = owned_by(self.client_id, records)

    def ask(self, **params: str) -> Reply:
        reply = self._ask("GET", LIST, params, self.sandbox.auth)
        self._sent += 1
        self.outcomes.append(reply)
        return reply

    def forget(self) -> None:
        """Empty the journal."""
        assert self._ask("DELETE", "/_mock/requests", {}, self.sandbox.auth).status == 204
        self._sent = 0
        self.outcomes = []

    # What a thread does to it

    def load(self) -> None:
        records = [metric(self.client_id, self._chance) for _ in range(self._chance.randrange(0, 120))]
        self.sandbox.load(records)
        self._expect(records)

    def add(self) -> None:
        new = [metric(self.client_id, self._chance) for _ in range(self._chance.randrange(1, 9))]
        self.sandbox.add(new)
        self.records = owned_by(self.client_id, new) + self.records

    def remove(self) -> None:
        if self.records:
            gone = self.records.pop(self._chance.randrange(len(self.records)))
            self.sandbox.remove(gone["id"])

    def generate(self) -> None:
        count, seed = self._chance.choice(list(self._oracle.generated))
        self.sandbox.generate(count, seed)
        self._expect(self._oracle.generated[count, seed])

    def reset(self) -> None:
        self.sandbox.fail("pass", repeat="forever")
        self.sandbox.freeze("2026-01-01T00:00:00Z")
        self.sandbox.reset()
        self._expect(self._oracle.starting)
        self._sent = 0
        self.outcomes = []
        assert not self.sandbox.faults()
        assert not self.sandbox.requests()
        assert not self.sandbox.walks()

    def date(self) -> None:
        """A record that is added at a moment shows it."""
        moment = f"20{self._chance.randrange(10, 99)}-01-01T00:00:00Z"
        self.sandbox.freeze(moment)
        new = metric(self.client_id, self._chance)
        del new["createdAt"]
        self.sandbox.add([new])
        self.records = owned_by(self.client_id, [new | {"createdAt": moment}]) + self.records

    def refuse(self) -> None:
        reply = self.ask(limit="0")
        assert (reply.status, reply.body["error"]["errors"][0]["key"]) == (400, "limit")

    def walk(self) -> None:
        """A walk through everything, or what a filter leaves, with faults on the way or without."""
        script = self._chance.choices(STEPS, k=self._chance.choice((0, 0, 1, 3, 7)))
        params = (
            {"limit": str(self._chance.choice((1, 7, 20, 33, 100)))} if len(self.records) < 50 else {}
        )
        kind = self._chance.choice((*KINDS, None))
        wanted = [record for record in self.records if kind in (None, record["eventType"])]
        if kind is not None:
            params["eventType"] = kind
        self.forget()
        fault = self.sandbox.fail(*script) if script else None
        seen = self._walked(params, len(wanted))
        assert seen == wanted
        self._check_journal()
        [walk] = self.sandbox.walks()
        served = [reply for reply in self.outcomes if reply.status == 200]
        items = sum(len(reply.body["items"]) for reply in served)
        assert (walk["pages"], walk["items"], walk["complete"]) == (len(served), items, True)
        assert (walk["repeatedCursors"], walk["filtersConstant"], walk["backward"]) == (0, True, False)
        self.sandbox.assert_walked()
        if fault is not None:
            self._check_fault(fault, script)

    def walk_back(self) -> None:
        """From the last page to the first."""
        params = {"limit": str(self._chance.choice((9, 20, 50)))}
        body = self.ask(**params).body
        while "after" in body["pagination"]:
            body = self.ask(**params, after=body["pagination"]["after"]).body
        seen: list[Record] = body["items"]
        while "before" in body["pagination"]:
            body = self.ask(**params, before=body["pagination"]["before"]).body
            seen = body["items"] + seen
        assert seen == self.records

    def miss(self) -> None:
        """A fault that no request meets does not fire."""
        fault = self.sandbox.fail({"status": 500}, page=99)
        assert self.ask(limit="5").body["items"] == self.records[:5]
        with pytest.raises(AssertionError, match=fault):
            self.sandbox.assert_faults_fired()
        assert self._ask("DELETE", "/_mock/faults", {}, self.sandbox.auth).status == 204

    # What it must show then

    def _walked(self, params: Mapping[str, str], total: int) -> list[Record]:
        """All items on the way to the end; after an answer other than 200 the request is sent again."""
        seen: list[Record] = []
        cursor: dict[str, str] = {}
        while True:
            reply = self.ask(**params, **cursor)
            if reply.status != 200:
                continue
            for item in reply.body["items"]:
                # Of one that comes twice, the second is right behind the first.
                if item not in seen[-1:]:
                    seen.append(item)
            assert reply.body["pagination"]["totalResultSize"] in (total, total + 1)
            if "after" not in reply.body["pagination"]:
                return seen
            cursor = {"after": reply.body["pagination"]["after"]}

    def _check_journal(self) -> None:
        journal = self._ask("GET", "/_mock/requests", {}, self.sandbox.auth).body
        assert journal["recorded"] == self._sent
        assert journal["dropped"] == max(0, self._sent - JOURNAL_SIZE)
        assert len(journal["items"]) == min(self._sent, JOURNAL_SIZE)
        for entry, reply in zip(journal["items"], self.outcomes[-JOURNAL_SIZE:], strict=True):
            if reply.status is not None:
                assert entry["id"] == reply.headers["X-Mock-Request-Id"]
                assert entry["status"] == reply.status

    def _check_fault(self, fault_id: str, script: list[Any]) -> None:
        """It has fired once for each request until it was spent, each step in its turn."""
        fault = self.sandbox.faults()[-1]
        fired = min(len(script), self._sent)
        assert (fault["id"], fault["fired"]) == (fault_id, fired)
        assert (fault["remaining"], fault["spent"]) == (len(script) - fired, fired == len(script))
        named = [entry["fault"] for entry in self.sandbox.requests()]
        assert named == [fault_id] * fired + [None] * (self._sent - fired)
        for step, reply in zip(script, self.outcomes, strict=False):
            asked = {} if step == "pass" else step
            assert reply.status == (None if "cut" in asked else asked.get("status", 200))
            if "status" in asked:
                assert f"({fault_id})" in reply.body["error"]["message"]
        for reply in self.outcomes[len(script) :]:
            assert reply.status == 200
        assert self._ask("DELETE", f"/_mock/faults/{fault_id}", {}, self.sandbox.auth).status == 204


@dataclass
class Tally:
    """What a thread has caused in the accounts that others work too."""

    requests: int = 0
    volley: Counter[str] = field(default_factory=Counter)
    heap: set[str] = field(default_factory=set)


class Sharer:
    """A thread's part in the accounts that all threads work."""

    def __init__(
        self, url: str, number: int, ask: Ask, sets: dict[str, list[Record]], chance: random.Random
    ) -> None:
        self._number = number
        self._ask = ask
        self._sets = sets
        self._chance = chance
        self._sandboxes = {name: Sandbox(url, name, "secret") for name in SHARED}
        self._heap: list[Record] = []
        self.tally = Tally()

    def ask(self, client_id: str, **params: str) -> Reply:
        self.tally.requests += 1
        return self._ask("GET", LIST, params, (client_id, "secret"))

    def volley(self) -> None:
        """Requests that all meet one fault."""
        for _ in range(5):
            reply = self.ask(VOLLEY, limit="10")
            total = reply.body["pagination"]["totalResultSize"] if reply.status == 200 else None
            self.tally.volley["wrong" if total == 101 else str(reply.status)] += 1

    def heap(self) -> None:
        """Records come and go; nobody removes what another has added."""
        new = [metric(HEAP, self._chance) for _ in range(2)]
        self._sandboxes[HEAP].add(new)
        self._heap += new
        while len(self._heap) > 6:
            self._sandboxes[HEAP].remove(self._heap.pop(0)["id"])
        self.tally.heap = {record["id"] for record in self._heap}
        found = self.ask(HEAP, id=self._heap[-1]["id"]).body["items"]
        assert found == owned_by(HEAP, self._heap[-1:])

    def armed(self) -> None:
        """A fault for a request that nobody else sends."""
        name = f"{self._number}-{self._chance.getrandbits(64)}"
        fault = self._sandboxes[ARMED].fail({"status": 503}, query={"name": name})
        replies = [self.ask(ARMED, name=name) for _ in range(3)]
        assert [reply.status for reply in replies] == [503, 200, 200]
        assert f"({fault})" in replies[0].body["error"]["message"]
        [own] = [each for each in self._sandboxes[ARMED].faults() if each["id"] == fault]
        assert (own["fired"], own["spent"], own["when"]) == (1, True, {"query": {"name": name}})
        path = f"/_mock/faults/{fault}"
        assert self._ask("DELETE", path, {}, (ARMED, "secret")).status == 204

    def swapped(self) -> None:
        """Whatever is loaded in between, a page is of one load."""
        if self._chance.random() < 0.3:
            self._sandboxes[SWAPPED].load(self._sets[self._chance.choice(KINDS)])
        body = self.ask(SWAPPED, limit="100").body
        expected = owned_by(SWAPPED, self._sets[body["items"][0]["eventType"]])
        assert body["items"] == expected
        assert body["pagination"]["totalResultSize"] == len(expected)


def work(number: int, url: str, oracle: Oracle, sets: dict[str, list[Record]], stop: Event) -> Tally:
    """What one thread does until it is told to stop."""
    chance = random.Random(number)
    names = [f"account-{each}" for each in range(number, ACCOUNTS - len(SHARED), THREADS)]
    with asking(number, url) as ask:
        sharer = Sharer(url, number, ask, sets, chance)
        owned = [Owned(url, name, ask, oracle, chance) for name in names]
        deeds = ["load", "add", "remove", "generate", "reset", "date", "refuse", "miss", "walk_back"]
        deeds += ["walk"] * 6
        # Everything once, and then whatever comes.
        plan = [*deeds, *SHARED]
        round_number = 0
        while plan or not stop.is_set():
            deed = plan.pop() if plan else chance.choice([*deeds, *SHARED])
            account = chance.choice(owned)
            round_number += 1
            try:
                getattr(sharer if deed in SHARED else account, deed)()
            except BaseException as error:
                stop.set()
                error.add_note(
                    f"in thread {number}, round {round_number}: {deed} of {account.client_id}"
                )
                raise
        for account in owned:
            account.walk()
        return sharer.tally


@pytest.fixture(params=["one server", "three behind nginx"])
def place(request: pytest.FixtureRequest, serve: Serve, tmp_path: Path) -> Iterator[Place]:
    if request.param == "one server":
        url = serve(journal_size=JOURNAL_SIZE)
        yield Place(url, [url])
        return
    replicas = [serve(journal_size=JOURNAL_SIZE) for _ in range(3)]
    with balancers.nginx(replicas, tmp_path) as nginx:
        yield Place(nginx.url, replicas)


def test_accounts_worked_in_parallel_do_not_disturb_each_other(place: Place) -> None:
    url = place.url
    oracle = consult(url)
    chance = random.Random("sets")
    sets = {
        kind: [metric(SWAPPED, chance, kind) for _ in range(size)]
        for kind, size in zip(KINDS, (10, 60, 100), strict=True)
    }
    shared = {name: Sandbox(url, name, "secret") for name in SHARED}
    shared[VOLLEY].fail(*SCRIPT, repeat="forever")
    shared[HEAP].load([])
    shared[SWAPPED].load(sets["red"])

    stop = Event()
    with ThreadPoolExecutor(THREADS) as threads:
        running = [threads.submit(work, n, url, oracle, sets, stop) for n in range(THREADS)]
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline and not stop.is_set():
            time.sleep(0.05)
        stop.set()
        tallies = [each.result() for each in running]

    # No step was lost, none was used twice.
    volley = sum((tally.volley for tally in tallies), Counter[str]())
    [fault] = shared[VOLLEY].faults()
    rounds, rest = divmod(volley.total(), len(SCRIPT))
    begun = [rounds + (step < rest) for step in range(len(SCRIPT))]
    assert fault["fired"] == volley.total()
    assert volley == Counter(
        {"503": begun[0], "429": begun[2], "200": begun[1] + begun[3], "wrong": begun[4]}
    )
    assert len(shared[VOLLEY].requests()) == min(volley.total(), JOURNAL_SIZE)

    # No record was lost, none came back.
    left = [record["id"] for record in records_of(shared[HEAP])]
    assert sorted(left) == sorted(set().union(*(tally.heap for tally in tallies)))

    # No fault was left behind, and nobody's account was given up.
    assert shared[ARMED].faults() == []
    assert place.accounts() == Counter(live=ACCOUNTS + 1, evicted=0)
    last = requests.get(url + LIST, auth=shared[VOLLEY].auth, timeout=60)
    logger.info("%s requests of the mocked API in all", last.headers["X-Mock-Request-Id"])
