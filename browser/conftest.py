"""What the tests of the inspector share: a server, a real Chromium, and a page that nothing may go wrong on."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from mock_server.client import Sandbox
from mock_server.server import server
from mock_server.settings import Settings
from tests.support.documents import LIST
from tests.support.servers import build

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

# A page tells of what its policy has refused with an event, which a test could come too late for.
WATCH = """
window.refused = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  window.refused.push(`${violatedDirective} ${blockedURI}`));
"""

Open = Callable[..., "Inspector"]

# A guard against a hang, with room for a machine under load.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        # In CI, a test that did not run proves nothing.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no Chromium; install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with server.in_thread(build(Settings())) as root:
        yield root


@pytest.fixture
def account(url: str, request: pytest.FixtureRequest) -> Sandbox:
    """An account for the test alone."""
    return Sandbox(url, re.sub(r"\W+", "-", request.node.name), "secret")


@dataclass
class Client:
    """The client under test: requests of the mocked API, with an account's credentials."""

    account: Sandbox
    answers: list[httpx.Response] = field(default_factory=list)

    def get(
        self, path: str = LIST, headers: dict[str, str] | None = None, **query: Any
    ) -> httpx.Response:
        url = f"{self.account.url}{path}"
        # A query that stands in the path is sent as it is; to read certificates takes longer than all else.
        answer = httpx.get(
            url, params=query or None, headers=headers, auth=self.account.auth, verify=False
        )
        self.answers.append(answer)
        return answer

    def walk(self, **query: Any) -> None:
        """Follow the cursors to the end."""
        pagination = self.get(**query).json()["pagination"]
        while "after" in pagination:
            pagination = self.get(**query, after=pagination["after"]).json()["pagination"]

    @property
    def ids(self) -> list[str]:
        return [answer.headers["X-Mock-Request-Id"] for answer in self.answers]


@pytest.fixture
def client(account: Sandbox) -> Client:
    return Client(account)


class Inspector:
    """The page, as a browser shows it; what goes wrong on it is kept in `wrong`."""

    def __init__(self, page: Page, root: str) -> None:
        self.page = page
        self.root = root
        self.wrong: list[str] = []
        page.add_init_script(WATCH)
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", self._dialog)

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.wrong.append(text)

    def _dialog(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def open(self, view: str, client_id: str, **filters: str) -> None:
        """Open a view of an account as a link to it would."""
        self.page.goto(f"{self.root}/_mock/#{view}?{urlencode({'account': client_id, **filters})}")
        self.page.locator("#live.is-live").wait_for()

    def check(self, *, forgiven: str = "$^") -> None:
        """Nothing has gone wrong so far, but for what matches."""
        refused = [] if self.page.is_closed() else self.page.evaluate("window.refused ?? []")
        assert [each for each in self.wrong if not re.search(forgiven, each)] + refused == []
        self.wrong.clear()

    def is_too_wide(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def flaws(self) -> list[str]:
        """What axe-core finds serious."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {node['html'][:150]} {node['failureSummary'][:300]}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]


@pytest.fixture
def open_page(chromium: Browser, url: str) -> Iterator[Open]:
    """Opens a page in a context of its own; at the end, nothing may have gone wrong on it."""
    opened: list[Inspector] = []

    def opening(root: str = url, **context: Any) -> Inspector:
        inspector = Inspector(chromium.new_context(**context).new_page(), root)
        inspector.page.set_default_timeout(10_000)
        opened.append(inspector)
        return inspector

    yield opening
    for inspector in opened:
        inspector.check()
        inspector.page.context.close()


@pytest.fixture
def inspector(open_page: Open) -> Inspector:
    return open_page(viewport={"width": 1280, "height": 800})
