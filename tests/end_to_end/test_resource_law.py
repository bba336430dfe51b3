"""The law of resources: whatever is sent, in whatever order, a server answers as a plain dictionary would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    multiple,
    rule,
    run_state_machine_as_test,
)

from mock_server.server import server
from mock_server.settings import Settings
from tests.support import parcels, wire
from tests.support.servers import build

ACCOUNTS = st.sampled_from(["one", "two"])
SIZES = st.sampled_from("SML")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
GOODS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), max_size=3)
OPTIONAL = {
    "note": TEXTS,
    "goods": GOODS,
    "tags": st.lists(TEXTS, max_size=3),
}
BODIES = st.fixed_dictionaries({"label": TEXTS, "size": SIZES}, optional=OPTIONAL)
PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "label": TEXTS,
        "size": SIZES,
        "note": st.none() | TEXTS,
        "goods": st.none() | st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 9)),
        "tags": st.none() | st.lists(TEXTS, max_size=3),
    },
)
NOWHERE = "00000000-0000-4000-8000-000000000000"

# So that no two runs of the machine share an account, as each finds the data of the start.
_runs = count()


class Model:
    """What an account must see: parcels, the newest first, and the stops of each."""

    def __init__(self, parcels: list[dict[str, Any]], stops: list[dict[str, Any]]) -> None:
        self.parcels = parcels
        self.stops = stops

    def parcel(self, parcel_id: str) -> dict[str, Any] | None:
        return next((each for each in self.parcels if each["id"] == parcel_id), None)

    def stops_of(self, parcel_id: str) -> list[dict[str, Any]]:
        return [each for each in self.stops if each["parcelId"] == parcel_id]


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396, written again from its text."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


class Law(RuleBasedStateMachine):
    """Sends requests of two accounts, and keeps in a dictionary what they must have made."""

    root = ""
    ids = Bundle("ids")
    stop_ids = Bundle("stop_ids")

    def __init__(self) -> None:
        super().__init__()
        parts = urlsplit(self.root)
        self._connection = HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        number = next(_runs)
        self._names = {name: f"{name}-{number}" for name in ("one", "two")}
        self._models = {name: self._model(name) for name in self._names}

    def teardown(self) -> None:
        for account in self._models:
            self.list_all(account, limit=100)
        self._connection.close()

    def _model(self, account: str) -> Model:
        listed = self._walk(account, "/parcels?limit=2")
        stops = [s for p in listed for s in self._walk(account, f"/parcels/{p['id']}/stops?limit=2")]
        return Model(listed, stops)

    def _send(self, account: str, method: str, target: str, body: Any = None) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": wire.basic(self._names[account])}
        if content is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(method, target, content, headers)
        answer = self._connection.getresponse()
        answered = answer.read()
        assert answer.status < 500, answered
        return answer.status, json.loads(answered) if answered else None

    def _walk(self, account: str, target: str) -> list[dict[str, Any]]:
        """All records of a list, page by page."""
        found: list[dict[str, Any]] = []
        after, total = "", None
        while True:
            status, page = self._send(account, "GET", target + after)
            assert status == 200
            assert total in (None, page["total"])
            total = page["total"]
            found += page["items"]
            if page.get("next") is None:
                assert len(found) == total
                return found
            after = f"&after={page['next']}"

    # Parcels.

    @rule(target=ids, account=ACCOUNTS, body=BODIES)
    def create(self, account: str, body: Any) -> Any:
        status, made = self._send(account, "POST", "/parcels", body)
        assert status == 201
        assert made.keys() == {"id", "createdAt"} | body.keys()
        assert {name: made[name] for name in body} == body
        model = self._models[account]
        assert model.parcel(made["id"]) is None
        model.parcels.insert(0, made)
        return account, made["id"]

    @rule(target=ids, account=ACCOUNTS, number=st.integers(0, 4))
    def take(self, account: str, number: int) -> Any:
        """Name a record that is there from the start."""
        known = self._models[account].parcels
        return (account, known[number % len(known)]["id"]) if known else multiple()

    @rule(named=ids, account=ACCOUNTS)
    def get(self, named: tuple[str, str], account: str) -> None:
        """An account sees its own records alone, by whomever the id was made."""
        expected = self._models[account].parcel(named[1])
        status, found = self._send(account, "GET", f"/parcels/{named[1]}")
        assert (status, found if status == 200 else None) == (404 if expected is None else 200, expected)

    @rule(named=ids, body=BODIES)
    def replace(self, named: tuple[str, str], body: Any) -> None:
        account, parcel_id = named
        status, answered = self._send(account, "PUT", f"/parcels/{parcel_id}", body)
        parcel = self._models[account].parcel(parcel_id)
        if parcel is None:
            assert status == 404
            return
        kept = {name: parcel[name] for name in ("id", "createdAt")}
        parcel.clear()
        parcel.update(body | kept)
        assert (status, answered) == (200, parcel)

    @rule(named=ids, patch=PATCHES)
    def change(self, named: tuple[str, str], patch: Any) -> None:
        account, parcel_id = named
        status, answered = self._send(account, "PATCH", f"/parcels/{parcel_id}", patch)
        parcel = self._models[account].parcel(parcel_id)
        if parcel is None:
            assert status == 404
            return
        result = merged(parcel, patch)
        parcel.clear()
        parcel.update(result)
        assert (status, answered) == (200, parcel)

    @rule(named=consumes(ids), target=ids, account=ACCOUNTS)
    def remove(self, named: tuple[str, str], account: str) -> Any:
        """Remove a record, by an account that may not have one of that id."""
        model = self._models[account]
        status, answered = self._send(account, "DELETE", f"/parcels/{named[1]}")
        if model.parcel(named[1]) is None:
            assert status == 404
            return named
        assert (status, answered) == (204, None)
        model.parcels = [each for each in model.parcels if each["id"] != named[1]]
        model.stops = [each for each in model.stops if each["parcelId"] != named[1]]
        return named

    @rule(account=ACCOUNTS, method=st.sampled_from(["GET", "PUT", "PATCH", "DELETE"]))
    def miss(self, account: str, method: str) -> None:
        body = {"label": "a", "size": "S"} if method.startswith("P") else None
        status, answered = self._send(account, method, f"/parcels/{NOWHERE}", body)
        assert (status, answered["error"]["type"]) == (404, "notFound")

    @rule(account=ACCOUNTS, size=SIZES, limit=st.integers(1, 4))
    def filter(self, account: str, size: str, limit: int) -> None:
        found = self._walk(account, f"/parcels?size={size}&limit={limit}")
        assert found == [each for each in self._models[account].parcels if each["size"] == size]

    # Stops, each within its parcel.

    @rule(target=stop_ids, named=ids, place=TEXTS)
    def stop(self, named: tuple[str, str], place: str) -> Any:
        account, parcel_id = named
        status, made = self._send(account, "POST", f"/parcels/{parcel_id}/stops", {"place": place})
        model = self._models[account]
        if model.parcel(parcel_id) is None:
            assert status == 404
            return multiple()
        assert (status, made) == (201, {"id": made["id"], "parcelId": parcel_id, "place": place})
        model.stops.insert(0, made)
        return account, parcel_id, made["id"]

    @rule(named=stop_ids, other=ids)
    def get_stop(self, named: tuple[str, str, str], other: tuple[str, str]) -> None:
        """A stop is found below its own parcel alone."""
        account, parcel_id, stop_id = named
        for owner in {parcel_id, other[1]}:
            known = [s for s in self._models[account].stops_of(owner) if s["id"] == stop_id]
            status, found = self._send(account, "GET", f"/parcels/{owner}/stops/{stop_id}")
            assert (status, [found] if status == 200 else []) == (200 if known else 404, known)

    @rule(named=stop_ids)
    def remove_stop(self, named: tuple[str, str, str]) -> None:
        account, parcel_id, stop_id = named
        model = self._models[account]
        is_there = any(each["id"] == stop_id for each in model.stops_of(parcel_id))
        status, _ = self._send(account, "DELETE", f"/parcels/{parcel_id}/stops/{stop_id}")
        assert status == (204 if is_there else 404)
        model.stops = [each for each in model.stops if each["id"] != stop_id]

    @rule(named=ids, limit=st.integers(1, 3))
    def list_stops(self, named: tuple[str, str], limit: int) -> None:
        account, parcel_id = named
        target = f"/parcels/{parcel_id}/stops?limit={limit}"
        if self._models[account].parcel(parcel_id) is None:
            assert self._send(account, "GET", target)[0] == 404
        else:
            assert self._walk(account, target) == self._models[account].stops_of(parcel_id)

    @rule(account=ACCOUNTS, limit=st.integers(1, 4))
    def list_all(self, account: str, limit: int) -> None:
        assert self._walk(account, f"/parcels?limit={limit}") == self._models[account].parcels


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Law]]:
    document = parcels.written(tmp_path_factory.mktemp("parcels"))
    with server.in_thread(build(Settings(document=document, count=4))) as root:
        yield type("Law", (Law,), {"root": root})


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def test_any_requests_are_answered_as_a_dictionary_would(law: type[Law]) -> None:
    quick = settings(max_examples=6, stateful_step_count=15, suppress_health_check=CHECKS)
    run_state_machine_as_test(law, settings=quick)


@pytest.mark.slow
def test_very_many_requests_are_answered_as_a_dictionary_would(law: type[Law]) -> None:
    long = settings(max_examples=60, stateful_step_count=50, suppress_health_check=CHECKS)
    run_state_machine_as_test(law, settings=long)
