"""The view of the document: Swagger UI, under the same strict policy as all else."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Client, Inspector


def test_the_document_is_shown(inspector: Inspector, client: Client) -> None:
    inspector.open("document", client.account.client_id)
    page = inspector.page
    expect(page.locator(".swagger-ui .title")).to_contain_text("Usage")
    expect(page.locator(".opblock")).to_contain_text("/usage-metrics")
    # What the overlay adds is there.
    expect(page.locator(".opblock .parameters")).to_contain_text("Default value : 20")
    expect(page.locator(".servers option")).to_have_text("/api")


def test_what_is_tried_out_is_sent_as_the_account(inspector: Inspector, client: Client) -> None:
    inspector.open("document", client.account.client_id)
    page = inspector.page
    page.get_by_role("button", name="Try it out").click()
    page.locator("[data-param-name=limit] input").fill("3")
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    [sent] = client.account.requests()
    assert (sent["operation"], sent["query"], sent["status"]) == ("getUsageMetrics", "limit=3", 200)


def test_it_may_be_left_and_come_back_to(inspector: Inspector, client: Client) -> None:
    inspector.open("document", client.account.client_id)
    expect(inspector.page.locator(".opblock")).to_be_visible()
    inspector.page.get_by_role("link", name="Walks").click()
    expect(inspector.page.locator(".opblock")).to_have_count(0)
    inspector.page.go_back()
    expect(inspector.page.locator(".opblock")).to_be_visible()
    assert inspector.page.locator("link[href*=swagger], script[src*=swagger]").count() == 2
