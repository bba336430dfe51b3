"""Three versions of one API at once: chosen by the header, over one set of records."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server import cli, setting_values
from mock_server.openapi import documents
from mock_server.server import server
from mock_server.setting_table import SETTINGS
from mock_server.settings import Settings
from tests.support import versions, wire
from tests.support.callers import authorization
from tests.support.servers import Serve, build
from tests.support.versions import HEADER, MIDDLE, NEW, OLD

SHOPS = "/v1/shops"


class Client:
    """A client of one account and one version; None sends no header."""

    def __init__(self, url: str, name: str, version: str | None = None) -> None:
        self._url, self._name, self._version = url, name, version

    def send(self, method: str, target: str, body: Any = None, secret: str = "secret") -> wire.Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = [authorization(self._name, secret)]
        headers += [] if self._version is None else [f"{HEADER}: {self._version}"]
        headers += ["Content-Type: application/json", f"Content-Length: {len(sent)}"] if sent else []
        return wire.get(self._url, target, *headers, method=method, auth=False, body=sent)

    def get(self, target: str) -> Any:
        answer = self.send("GET", target)
        assert answer.status == 200, answer.body
        return answer.json


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of all three versions."""
    folder = tmp_path_factory.mktemp("versions")
    settings = Settings(
        document=versions.write(folder), overlay=versions.write_overlay(folder), count=30
    )
    with server.in_thread(build(settings)) as root:
        yield root


def by_version(url: str, name: str) -> tuple[Client, Client, Client]:
    return Client(url, name, OLD), Client(url, name, MIDDLE), Client(url, name, NEW)


def test_the_header_chooses_the_version_and_the_newest_answers_without(url: str) -> None:
    shown = {}
    for version in (None, OLD, MIDDLE, NEW):
        answer = Client(url, "header", version).send("GET", f"{SHOPS}?limit=1")
        assert answer.status == 200
        assert answer.header(HEADER) == (version or NEW)
        shown[version] = list(answer.json["items"][0])
    assert shown[OLD] == ["id", "label", "size", "floor"]
    assert shown[MIDDLE] == ["id", "name", "size"]
    assert shown[NEW] == shown[None] == ["id", "title", "size", "tags"]


def test_an_unknown_version_is_refused_in_its_turn(url: str) -> None:
    answer = Client(url, "unknown", "2023-01-01").send("GET", SHOPS)
    assert (answer.status, answer.json["error"]["type"]) == (400, "unknownVersion")
    assert answer.header(HEADER) == NEW
    requests = wire.get(url, "/_mock/requests", authorization("unknown"), auth=False).json
    [violation] = requests["items"][0]["violations"]
    assert f"must be one of {OLD}, {MIDDLE}, {NEW}" in violation["message"]
    # What only the oldest version has is not there for the newest, by which it is routed.
    assert Client(url, "unknown", "2023-01-01").send("GET", "/v1/visitors").status == 404
    assert Client(url, "unknown", OLD).send("GET", "/v1/visitors").status == 200


def test_all_versions_see_the_same_records_under_the_names_of_each(url: str) -> None:
    old, middle, new = by_version(url, "renames")
    made = new.send("POST", SHOPS, {"title": "Corner", "size": "large", "tags": ["a"]}).json
    where = f"{SHOPS}/{made['id']}"
    assert middle.get(where) == {"id": made["id"], "name": "Corner", "size": "large"}
    # No size of the oldest version is large, and its floor is required.
    assert old.get(where) == {"id": made["id"], "label": "Corner", "size": "small", "floor": 1}
    assert old.get(f"{SHOPS}?limit=1")["items"] == [old.get(where)]
    changed = old.send("PUT", where, {"label": "Kiosk", "size": "small", "floor": 3})
    assert changed.status == 200
    # What the body of the oldest can't say stays.
    assert new.get(where) == {"id": made["id"], "title": "Kiosk", "size": "small", "tags": ["a"]}
    assert middle.get(f"{SHOPS}?name=Kiosk")["items"] == [middle.get(where)]
    assert old.send("DELETE", where).json["label"] == "Kiosk"
    assert [each.send("GET", where).status for each in (old, middle, new)] == [404, 404, 404]


def test_an_operation_that_only_an_older_version_has_keeps_its_records(url: str) -> None:
    old, _, new = by_version(url, "visitors")
    made = old.send("POST", "/v1/visitors", {"nick": "Ada"})
    assert made.status == 201
    assert old.get("/v1/visitors")[0] == made.json
    assert new.send("GET", "/v1/visitors").status == 404
    listed = wire.get(url, "/_mock/collections/visitors?limit=1", authorization("visitors"), auth=False)
    assert listed.json == {"items": [made.json], "total": 31}


def test_the_control_api_knows_what_only_an_older_version_has(serve: Serve, tmp_path: Path) -> None:
    url = serve(document=versions.write(tmp_path), overlay=versions.write_overlay(tmp_path), count=3)
    body = b'{"operation": "listVisitors", "script": [{"status": 503}]}'
    sent = [authorization("a"), "Content-Type: application/json", f"Content-Length: {len(body)}"]
    assert wire.get(url, "/_mock/faults", *sent, method="POST", auth=False, body=body).status == 201
    assert (
        wire.get(url, "/_mock/collections/visitors", authorization("a"), auth=False).json["total"] == 3
    )
    assert Client(url, "a", OLD).send("GET", "/v1/visitors").status == 503
    assert Client(url, "a", OLD).send("GET", "/v1/visitors").status == 200


def test_coverage_counts_an_operation_once_with_the_points_of_the_versions_asked_for(url: str) -> None:
    old, _, new = by_version(url, "coverage")
    old.get(SHOPS)
    new.get(SHOPS)
    found = wire.get(url, "/_mock/coverage", authorization("coverage"), auth=False).json
    [shops] = [each for each in found["operations"] if each["operation"] == "listShops"]
    [own] = [group for group in shops["groups"] if group["group"] == "versions"]
    covered = {point["name"]: point["covered"] for point in own["points"]}
    assert (covered[OLD], covered[NEW]) == (True, True)


def test_a_pinned_account_gets_its_version_unless_it_names_another(serve: Serve, tmp_path: Path) -> None:
    url = serve(
        document=versions.write(tmp_path),
        overlay=versions.write_overlay(tmp_path),
        credentials=(f"pinned:secret@{OLD}", "other:secret@2020-01-01"),
    )
    answer = Client(url, "pinned").send("GET", f"{SHOPS}?limit=1")
    assert (answer.status, answer.header(HEADER)) == (200, OLD)
    assert "label" in answer.json["items"][0]
    assert "title" in Client(url, "pinned", NEW).get(f"{SHOPS}?limit=1")["items"][0]
    # An @ before what is no version is a part of the secret.
    assert Client(url, "other").send("GET", SHOPS).status == 401
    other = Client(url, "other").send("GET", SHOPS, secret="secret@2020-01-01")
    assert (other.status, other.header(HEADER)) == (200, NEW)


def test_each_account_sees_its_own_id_in_the_pages_of_an_older_version(
    serve: Serve, tmp_path: Path
) -> None:
    owner = {"type": "string", "format": "uuid", "x-fill": "account"}
    described = {each: versions.described(each) for each in (OLD, NEW)}
    for each in described.values():
        each["components"]["schemas"]["Shop"]["properties"]["owner"] = owner
    url = serve(
        document=versions.write(tmp_path, **described), overlay=versions.write_overlay(tmp_path), count=1
    )
    seen = [Client(url, name, OLD).get(SHOPS)["items"][0]["owner"] for name in ("one", "two")]
    assert len(set(seen)) == 2
    assert seen == [Client(url, name, NEW).get(SHOPS)["items"][0]["owner"] for name in ("one", "two")]


def test_an_older_version_that_alone_names_the_account_shows_the_one_that_reads(
    serve: Serve, tmp_path: Path
) -> None:
    described = {each: versions.described(each) for each in (OLD, NEW)}
    shop = described[OLD]["components"]["schemas"]["Shop"]
    shop["properties"]["owner"] = {"type": "string", "format": "uuid", "x-fill": "account"}
    shop["required"].append("owner")
    url = serve(
        document=versions.write(tmp_path, **described), overlay=versions.write_overlay(tmp_path), count=2
    )
    seen = []
    for name in ("one", "two"):
        old, new = Client(url, name, OLD), Client(url, name, NEW)
        own = old.send("POST", SHOPS, {"label": "Kiosk", "size": "small", "floor": 1}).json["owner"]
        assert "owner" not in new.send("POST", SHOPS, {"title": "Bar", "size": "small", "tags": []}).json
        shops = old.get(SHOPS)["items"]
        assert [each["owner"] for each in shops] == [own] * 4
        assert [old.get(f"{SHOPS}/{each['id']}")["owner"] for each in shops] == [own] * 4
        seen.append(own)
    assert len(set(seen)) == 2


def test_an_older_document_that_cannot_be_compiled_refuses_its_requests_alone(
    serve: Serve, tmp_path: Path
) -> None:
    described = {each: versions.described(each) for each in (OLD, NEW)}
    described[OLD]["paths"]["/shops"]["get"]["x-list"] = {"style": "odd"}
    url = serve(document=versions.write(tmp_path, **described), overlay=versions.write_overlay(tmp_path))
    answer = Client(url, "a", OLD).send("GET", SHOPS)
    assert answer.status == 501
    assert "2024-01-01' cannot be served" in answer.json["error"]["message"]
    assert Client(url, "a", NEW).send("GET", SHOPS).status == 200


Broken = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (lambda each: each["components"]["parameters"]["Version"]["schema"].pop("enum"),
         "says no version"),
        (lambda each: each["components"]["parameters"]["Version"]["schema"].update(enum=[OLD, NEW]),
         f"its version header names {OLD}, {NEW}, and not which one it is; mark its version header"),
        (lambda each: each["components"]["parameters"]["Version"]["schema"].update(enum=[NEW]),
         f"it is of version '{NEW}', as "),
        (lambda each: each.update(servers=[{"url": "https://example.com/v2"}]),
         "its base path is '/v2', and that of"),
        (lambda each: each.update(paths=[]), "is not of type"),
    ],
)  # fmt: skip
def test_documents_that_are_no_versions_of_one_api_are_refused(
    tmp_path: Path, refusal: Any, breaks: Broken, message: str
) -> None:
    described = {each: versions.described(each) for each in (OLD, NEW)}
    breaks(described[OLD])
    paths = versions.write(tmp_path, **described)
    [problem] = refusal(documents.load, paths, [versions.write_overlay(tmp_path)])
    assert problem.startswith(f"{OLD}.json")
    assert message in problem


def test_a_document_says_itself_which_of_several_versions_it_is(tmp_path: Path) -> None:
    described = {each: versions.described(each) for each in (OLD, NEW)}
    overlay = versions.OVERLAY.replace("{unknown:", f"{{this: '{NEW}', unknown:")
    own = tmp_path / "new.yaml"
    own.write_text(overlay)
    other = tmp_path / "old.yaml"
    other.write_text(overlay.replace(NEW, OLD))
    for each in described.values():
        each["components"]["parameters"]["Version"]["schema"].update(enum=[OLD, MIDDLE, NEW])
    paths = versions.write(tmp_path, **described)
    loaded = documents.load(paths, [other, own])
    assert [each.version for each in loaded.older] == [OLD]
    assert loaded.version_rules[0].newest == NEW
    assert loaded.older[0].load().version_rules[0].newest == OLD


def test_the_nth_overlay_is_for_the_nth_document(tmp_path: Path, refusal: Any) -> None:
    paths = versions.write(tmp_path, OLD, NEW)
    overlay = versions.write_overlay(tmp_path)
    plain = tmp_path / "plain.yaml"
    plain.write_text(versions.OVERLAY.split("  - target: $.components.schemas")[0])
    loaded = documents.load(paths, [overlay, plain])
    shop = loaded.effective["components"]["schemas"]["Shop"]["properties"]
    assert "x-was" not in shop["title"]
    [problem] = refusal(documents.load, paths, [overlay, plain, plain])
    assert "it is overlay 3 of 2 documents" in problem


def test_an_overlay_for_all_may_name_what_one_of_them_has(tmp_path: Path) -> None:
    overlay = versions.write_overlay(
        tmp_path,
        versions.OVERLAY
        + "  - target: $.components.schemas.Shop.properties.none\n    update: {x-was: other}\n"
        # The rule is for the newest, in which the body has the member.
        + "  - target: $.paths['/shops'].post\n"
        + "    update: {x-create: {set: {size: {body: tags}}}}\n",
    )
    loaded = documents.load(versions.write(tmp_path), [overlay])
    assert loaded.warnings == ()
    found = [str(each) for each in documents.warnings(loaded)]
    assert any("'$.components.schemas.Shop.properties.none' matches nothing" in each for each in found)
    assert not any("properties.title' matches nothing" in each for each in found)
    assert any("has no 'tags'" in each for each in found)


def test_the_document_of_each_version_is_there_to_read(url: str) -> None:
    versions_served = wire.get(url, "/_mock/health").json["versions"]
    assert versions_served == [NEW, MIDDLE, OLD]
    for version in (*versions_served, None):
        target = "/_mock/document" + (f"?version={version}" if version else "")
        assert wire.get(url, target).json["info"]["version"] == (version or NEW)
    answer = wire.get(url, "/_mock/document?version=2020-01-01")
    assert (answer.status, answer.violations[0]["key"]) == (400, "version")
    assert f"send one of {NEW}, {MIDDLE}, {OLD}" in answer.violations[0]["message"]


def test_a_variable_names_several_documents_where_no_file_has_its_whole_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, spaced = (tmp_path / name for name in ("a.yaml", "b.yaml", "c d.yaml"))
    for each in (one, two, spaced):
        each.touch()
    document = next(each for each in SETTINGS if each.name == "document")
    assert document.split(f"{one} {two}") == [str(one), str(two)]
    assert document.split(str(spaced)) == [str(spaced)]
    assert document.split(f"{one} missing.yaml") == [f"{one} missing.yaml"]
    monkeypatch.setenv("MOCK_SERVER_DOCUMENT", f"{one}  {two}")
    given = setting_values.from_environment(os.environ)
    assert setting_values.build(given).documents == (one, two)


def test_check_says_what_each_version_serves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    described = {each: versions.described(each) for each in (OLD, NEW)}
    shop = described[OLD]["components"]["schemas"]["Shop"]
    shop["example"] = {"id": "x", "size": "huge"}
    flags = [f"--document={path}" for path in versions.write(tmp_path, **described)]
    assert cli.main(["check", *flags, f"--overlay={versions.write_overlay(tmp_path)}", "--verbose"]) == 0
    said = capsys.readouterr()
    newest, older = said.out.split(f"Version {OLD}, for requests that ask for it:")
    assert "listVisitors" not in newest
    assert "GET /v1/visitors (listVisitors)" in older
    assert f"{OLD}.json" in said.err
    assert "the example does not fit its schema" in said.err
