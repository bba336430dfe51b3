"""The inspector's page as it is served: its files, their headers, and who may have them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mock_server import inspector
from mock_server.openapi.document import BUILT_IN
from tests.support import wire
from tests.support.documents import LIST
from tests.support.servers import Serve

FOLDER = Path(inspector.__file__).parent
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".html", ".css", ".js"))
PAGE = (FOLDER / "index.html").read_bytes()

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xml;q=0.9,*/*;q=0.8", "*/*"])
def test_the_page_needs_no_credentials(url: str, accept: str) -> None:
    answer = wire.get(url, "/_mock/", f"Accept: {accept}", auth=False)
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.header("Content-Type") == "text/html; charset=utf-8"


def test_the_page_without_its_slash_is_redirected(url: str) -> None:
    answer = wire.get(url, "/_mock", auth=False)
    # Relative, so that a proxy may put something before it.
    assert (answer.status, answer.header("Location")) == (308, "./_mock/")


@pytest.mark.parametrize("name", [*FILES, "swagger-ui.css", "swagger-ui-bundle.js"])
def test_files_have_their_media_type_and_security_headers(url: str, name: str) -> None:
    answer = wire.get(url, f"/_mock/inspector/{name}", auth=False)
    assert answer.status == 200
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
    assert answer.header("Content-Type") == f"{kinds[name.rpartition('.')[2]]}; charset=utf-8"
    assert answer.header("Content-Security-Policy") == POLICY
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Referrer-Policy") == "no-referrer"
    assert answer.header("Cache-Control") == "no-cache"
    assert len([1 for key, _ in answer.headers if key.lower() == "date"]) == 1
    tag = answer.header("ETag")
    again = wire.get(url, f"/_mock/inspector/{name}", f"If-None-Match: {tag}", auth=False)
    assert (again.status, again.body) == (304, b"")
    head = wire.get(url, f"/_mock/inspector/{name}", auth=False, method="HEAD")
    assert (head.status, head.header("Content-Length")) == (200, str(len(answer.body)))


@pytest.mark.parametrize(
    "target",
    [
        "/_mock/inspector/nope.js", "/_mock/inspector/__init__.py", "/_mock/inspector/../control.py",
        "/_mock/inspector/..%2f__init__.py", "/_mock/inspector/%2e%2e/settings.py", "/_mock/inspector//etc/passwd",
        "/_mock/inspector/", "/_mock/inspector", "/_mock//", "/_mock/inspector/INDEX.html",
        "/_mock/inspector/swagger-ui.js", "/_mock/inspector/..\\__init__.py",
    ],
)  # fmt: skip
def test_other_paths_below_the_page_are_404(url: str, target: str) -> None:
    answer = wire.get(url, target, auth=False)
    assert (answer.status, answer.json["error"]["type"]) == (404, "notFound")


def test_another_host_name_is_421(url: str) -> None:
    for target in ("/_mock", "/_mock/", "/_mock/inspector/main.js", "/_mock/events"):
        answer = wire.exchange(url, f"GET {target} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        assert answer.status == 421


def test_other_methods_are_405(url: str) -> None:
    answer = wire.get(url, "/_mock/", method="POST", auth=False)
    assert (answer.status, answer.header("Allow")) == (405, "GET, HEAD, OPTIONS")


def test_the_page_is_not_journaled_and_makes_no_account(serve: Serve) -> None:
    url = serve()
    wire.get(url, "/_mock/", auth=False)
    wire.get(url, "/_mock/inspector/main.js", auth=False)
    assert wire.get(url, "/_mock/health", auth=False).json["accounts"] == {"live": 0, "evicted": 0}


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".js", ".html"))])
def test_files_use_no_dynamic_markup_or_code(name: str) -> None:
    text = (FOLDER / name).read_text()
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
    ):
        assert forbidden not in text
    assert "<script>" not in text
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


@pytest.mark.parametrize("name", FILES)
def test_files_name_nothing_of_the_document(name: str) -> None:
    own = set(re.findall(r"^\s+(?:- )?name: (\w+)$|^\s{8,}(\w+):$", BUILT_IN.read_text(), re.MULTILINE))
    named = {first or second for first, second in own}
    vendors = {each for each in named if re.search("[a-z][A-Z]", each)} - {"operationId", "requestBody"}
    assert {"aggregationType", "eventType"} <= vendors
    words = set(re.findall(r"\w+", (FOLDER / name).read_text()))
    assert words & vendors == set()
    assert LIST not in (FOLDER / name).read_text()
