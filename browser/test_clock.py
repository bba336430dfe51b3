"""The view of the clock: what time it is for the account, and each way to make it another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from mock_server.client import Sandbox

from .conftest import Inspector, Open


def clock(account: Sandbox) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(f"{account.url}/_mock/clock", auth=account.auth).json()
    return told


def face(inspector: Inspector) -> Locator:
    return inspector.page.locator(".face")


def test_it_runs_on_the_page_too(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("clock", account.client_id)
    expect(face(inspector)).to_contain_text("running")
    shown = datetime.fromisoformat(face(inspector).locator("time").inner_text())
    now = datetime.fromisoformat(clock(account)["now"])
    assert timedelta(seconds=-2) <= now - shown <= timedelta(seconds=10)
    expect(face(inspector)).not_to_contain_text(face(inspector).locator("time").inner_text())


def test_it_is_frozen_advanced_and_let_run(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("clock", account.client_id)
    page = inspector.page
    moment = page.get_by_label("At a moment")
    # What is proposed is the clock's own time.
    expect(moment).not_to_have_value("")
    proposed = datetime.fromisoformat(moment.input_value())
    assert abs(datetime.fromisoformat(clock(account)["now"]) - proposed) < timedelta(minutes=1)
    moment.fill("2030-02-28T23:59:00+01:00")
    page.get_by_role("button", name="Freeze").click()
    expect(face(inspector)).to_contain_text("2030-02-28T22:59:00Z frozen")
    assert clock(account) == {"now": "2030-02-28T22:59:00Z", "frozen": True}
    for number, unit, reached in (
        ("90", "seconds", "2030-02-28T23:00:30Z"), ("1.5", "minutes", "2030-02-28T23:02:00Z"),
        ("2", "hours", "2030-03-01T01:02:00Z"), ("30", "days", "2030-03-31T01:02:00Z"),
    ):  # fmt: skip
        page.get_by_label("By").fill(number)
        page.get_by_label("Unit").select_option(unit)
        page.get_by_role("button", name="Advance").click()
        expect(face(inspector)).to_contain_text(reached)
        assert clock(account)["now"] == reached
    page.get_by_role("button", name="Run on").click()
    expect(face(inspector)).to_contain_text("running")
    expect(page.get_by_role("button", name="Run on")).to_be_disabled()
    told = clock(account)
    assert (told["frozen"], told["now"][:16]) == (False, "2030-03-31T01:02")


def test_what_others_set_is_seen(inspector: Inspector, account: Sandbox) -> None:
    inspector.open("clock", account.client_id)
    account.freeze("2001-01-01T00:00:00.5Z")
    expect(face(inspector)).to_contain_text("2001-01-01T00:00:00.5Z frozen")


def test_a_field_that_is_emptied_stays_empty(inspector: Inspector, account: Sandbox) -> None:
    account.freeze("2030-01-01T00:00:00Z")
    inspector.open("clock", account.client_id)
    field = inspector.page.get_by_label("At a moment")
    expect(field).to_have_value("2030-01-01T00:00:00Z")
    field.fill("")
    account.freeze("2031-01-01T00:00:00Z")
    expect(face(inspector)).to_contain_text("2031-01-01T00:00:00Z frozen")
    expect(field).to_have_value("")


FIELDS = {"now": ("At a moment", "Freeze"), "advance": ("By", "Advance")}


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("now", "tomorrow"), ("now", ""), ("now", "9999-12-31T00:00:00Z"),
        ("advance", -1), ("advance", "soon"), ("advance", "1e400"), ("advance", "1,5"), ("advance", ""),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_beside_the_field(
    inspector: Inspector, account: Sandbox, key: str, sent: str | int
) -> None:
    account.freeze("2030-01-01T00:00:00Z")
    inspector.open("clock", account.client_id)
    label, button = FIELDS[key]
    field = inspector.page.get_by_label(label)
    expect(inspector.page.get_by_label("At a moment")).to_have_value("2030-01-01T00:00:00Z")
    field.fill(str(sent))
    inspector.page.get_by_role("button", name=button).click()
    expect(field).to_have_attribute("aria-invalid", "true")
    told = httpx.put(f"{account.url}/_mock/clock", auth=account.auth, json={key: sent}).json()
    expect(inspector.page.locator(f"#{field.get_attribute('aria-describedby')}")).to_have_text(
        told["error"]["errors"][0]["message"]
    )
    assert clock(account) == {"now": "2030-01-01T00:00:00Z", "frozen": True}
    # What is right takes the refusal away.
    field.fill("1" if key == "advance" else "2031-01-01T00:00:00Z")
    inspector.page.get_by_role("button", name=button).click()
    expect(inspector.page.locator(".refusal")).to_have_count(0)
    inspector.check(forgiven="400")


@pytest.mark.parametrize("width", [360, 1920])
def test_it_fits(open_page: Open, account: Sandbox, width: int) -> None:
    inspector = open_page(viewport={"width": width, "height": 800})
    inspector.open("clock", account.client_id)
    expect(face(inspector)).to_contain_text("running")
    assert not inspector.is_too_wide()
    assert inspector.flaws() == []
