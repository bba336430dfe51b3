"""Rules that the billing example has none of, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.support.answers import sent
from tests.support.library import LIBRARY
from tests.support.servers import serving_text

pytestmark = pytest.mark.usefixtures("no_error_is_logged")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_text(LIBRARY, tmp_path_factory.mktemp("library")) as url:
        yield url


@pytest.fixture
def api(root: str, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=root, headers={"Authorization": f"Bearer {request.node.name}"}) as client:
        yield client


def reader(api: httpx.Client, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = sent(
        api.post("/readers", json={"name": "Ada", "isTrial": False, **more}), 201
    )
    return made


def test_a_value_of_the_body_becomes_another_and_a_date_is_the_clocks(api: httpx.Client) -> None:
    made = reader(api, isTrial=True)

    assert (made["state"], made["balance"], made["version"]) == ("trial", "10.00", 1)
    assert made["since"] == datetime.now(UTC).date().isoformat()
    assert sent(api.post("/readers", json={"name": "Eve"}), 201)["state"] == "trial"


def test_an_action_on_what_the_body_names_reckons_and_answers_members_of_its_own(
    api: httpx.Client,
) -> None:
    made = reader(api)

    answer = sent(api.post("/fees", json={"readerId": made["id"], "amount": "2.50", "version": 1}), 201)

    assert answer == {"readerId": made["id"], "left": "7.50", "version": 2, "note": None}
    now = sent(api.get(f"/readers/{made['id']}"))
    assert (now["balance"], now["version"]) == ("7.50", 2)
    assert [each["amount"] for each in now["fees"]] == ["2.50"]


def test_new_objects_in_a_list_get_ids_and_those_that_are_there_keep_theirs(api: httpx.Client) -> None:
    made = reader(api)
    for _ in range(3):
        sent(api.post("/fees", json={"readerId": made["id"], "amount": "1.00"}), 201)

    fees = sent(api.get(f"/readers/{made['id']}"))["fees"]

    assert len({each["id"] for each in fees}) == 3
    sent(api.post("/fees", json={"readerId": made["id"], "amount": "2.00"}), 201)
    assert sent(api.get(f"/readers/{made['id']}"))["fees"][:3] == fees


def test_a_value_of_another_type_than_the_answers_is_not_shown(api: httpx.Client) -> None:
    made = reader(api, groups=["g1"])

    assert "groups" not in made
    assert "groups" not in sent(api.get("/readers"))[0]


def test_an_action_on_what_the_body_names_is_refused_for_nobody_and_for_another_state_and_version(
    api: httpx.Client,
) -> None:
    full, trial = reader(api), reader(api, isTrial=True)

    def pay(key: str, **more: Any) -> httpx.Response:
        return api.post("/fees", json={"readerId": key, "amount": "1.00", **more})

    assert "There is no record 'nobody' in readers" in sent(pay("nobody"), 404)["error"]["message"]
    for answer in (pay(trial["id"]), pay(full["id"], version=7)):
        assert sent(answer, 422)["error"] == {"type": "conflict", "message": "Ask again."}
    assert sent(api.get(f"/readers/{full['id']}")) == full


def test_a_record_is_found_through_another_one(api: httpx.Client) -> None:
    made = reader(api)
    sent(api.post("/cards", json={"readerId": made["id"], "number": "A-1"}), 201)
    sent(api.post("/cards", json={"readerId": made["id"], "number": "A-2", "state": "lost"}), 201)

    assert sent(api.get("/readers/by-card/A-1")) == made
    refused = sent(api.get("/readers/by-card/A-2"), 404)["error"]["message"]
    assert "the path names it by the number of its cards, such as A-2, A-1" in refused


def test_a_view_has_the_records_of_its_path_with_its_own_names(api: httpx.Client) -> None:
    made, other = reader(api), reader(api)
    for owner, number in ((made, "A-1"), (other, "B-1"), (made, "A-2")):
        sent(api.post("/cards", json={"readerId": owner["id"], "number": number}), 201)

    found = sent(api.get(f"/readers/{made['id']}/cards"))

    assert found == [{"label": "A-2", "state": "valid"}, {"label": "A-1", "state": "valid"}]
    assert sent(api.get("/readers/nobody/cards"), 404)


def test_a_view_of_keys_names_each_once(api: httpx.Client) -> None:
    before = set(sent(api.get("/reader-tags"))["items"])
    reader(api, tags={"zone": "a", "age": "b"})
    reader(api, tags={"zone": "c"})

    assert sent(api.get("/reader-tags"))["items"] == sorted(before | {"age", "zone"})


def test_items_with_a_key_are_replaced_and_those_that_stay_keep_what_they_have(
    api: httpx.Client,
) -> None:
    path = f"/readers/{reader(api)['id']}/groups"

    assert sent(api.put(path, json={"ids": ["g1", "g2"]}))["groups"] == [{"id": "g1"}, {"id": "g2"}]
    assert sent(api.put(path, json={"ids": ["g2", "g3", "g3"]}))["groups"] == [
        {"id": "g2"},
        {"id": "g3"},
    ]


def test_an_action_of_which_nothing_is_said_answers_the_record_as_it_is(api: httpx.Client) -> None:
    made = reader(api)

    assert sent(api.post(f"/readers/{made['id']}/remind")) == made
    assert api.post("/readers/nobody/remind").status_code == 404
