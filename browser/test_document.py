"""The view of the document: Swagger UI, under the same strict policy as all else."""

from __future__ import annotations

from playwright.sync_api import expect

from mock_server.client import Sandbox

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


def test_it_is_drawn_once_and_tries_as_whoever_is_shown(inspector: Inspector, client: Client) -> None:
    page = inspector.page
    inspector.open("document", "another")
    block = page.locator(".opblock")
    block.evaluate("(node) => { node.mark = 'kept'; }")
    page.get_by_role("link", name="Walks").click()
    expect(block).to_have_count(0)
    page.get_by_role("link", name="Document").click()
    assert block.evaluate("({ mark }) => mark") == "kept"
    inspector.open("document", client.account.client_id)
    assert block.evaluate("({ mark }) => mark") == "kept"
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    assert len(client.account.requests()) == 1
    assert Sandbox(client.account.url, "another", "secret").requests() == []


def test_a_document_that_is_another_is_drawn_anew(inspector: Inspector, client: Client) -> None:
    inspector.open("document", client.account.client_id)
    title = inspector.page.locator(".swagger-ui .title")
    expect(title).to_contain_text("Usage")
    inspector.page.route(
        "**/_mock/document",
        lambda route: route.fulfill(
            json={**route.fetch().json(), "info": {"title": "New", "version": "2"}}
        ),
    )
    inspector.page.get_by_role("link", name="Walks").click()
    inspector.page.get_by_role("link", name="Document").click()
    expect(title).to_contain_text("New")


def test_swagger_ui_that_could_not_be_loaded_is_tried_again(
    inspector: Inspector, client: Client
) -> None:
    page = inspector.page
    page.route("**/swagger-ui-bundle.js", lambda route: route.abort(), times=1)
    inspector.open("document", client.account.client_id)
    expect(page.locator(".empty")).to_contain_text("could not be loaded")
    page.get_by_role("link", name="Walks").click()
    page.get_by_role("link", name="Document").click()
    expect(page.locator(".opblock")).to_be_visible()
    assert page.locator("link[href*=swagger], script[src*=swagger]").count() == 2
    inspector.check(forgiven="ERR_FAILED")
