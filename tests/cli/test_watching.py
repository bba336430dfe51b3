"""Watching the files that are served: what is loaded again, and what becomes of accounts."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from mock_server import app
from mock_server.cli import options, watching
from mock_server.cli.watching import Files, Watch
from mock_server.client import Sandbox
from mock_server.control import event_stream
from mock_server.data import starting_data
from mock_server.problems import CannotServe
from mock_server.sandbox.sandbox import SandboxState
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.patience import PATIENCE

Small = Callable[..., Path]

OVERLAY = "- target: $.paths['/things'].get.parameters[?@.name=='kind']\n  update: {x-filter: {field: kind, match: any-of}}\n"


def files_of(**settings: Any) -> Files:
    return Files(wanted := Settings(**settings), partial(options.load_document, wanted))


def reread(files: Files, served: watching.Served) -> watching.Served | None:
    return files.reload(served, files.look())


def things(path: Path, *names: str) -> Path:
    ids = [str(uuid5(NAMESPACE_URL, name)) for name in names]
    path.write_text("things:\n" + "".join(f"- {{id: {each}, kind: round}}\n" for each in ids))
    return path


def replace_text(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    # The clock of a file system may stand still for longer than a test takes.
    os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns + 1))


# Which files count


def test_only_what_changed_is_loaded_again(small: Small, tmp_path: Path) -> None:
    document, fixtures = small(), things(tmp_path / "fixtures.yaml", "one")
    files = files_of(document=document, fixtures=(fixtures,))
    first = files.load()
    assert reread(files, first) is None
    things(fixtures, "one", "two")
    second = reread(files, first)
    assert second is not None
    assert second.document is first.document
    assert len(second.data.collections["things"]) == 2
    (tmp_path / "server.log").write_text("a file beside them")
    assert reread(files, second) is None
    replace_text(document, "title: Small", "title: Larger")
    third = reread(files, second)
    assert third is not None
    assert third.document.title == "Larger"


def test_a_file_that_changes_while_it_is_loaded_is_loaded_again(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, fixtures = small(), things(tmp_path / "fixtures.yaml", "one")
    files, load = files_of(document=document, fixtures=(fixtures,)), starting_data.load

    def load_slowly(*arguments: Any) -> starting_data.StartingData:
        data = load(*arguments)
        monkeypatch.undo()
        things(fixtures, "one", "two")
        return data

    monkeypatch.setattr(starting_data, "load", load_slowly)
    first = files.load()
    assert len(first.data.collections["things"]) == 1
    second = reread(files, first)
    assert second is not None
    assert len(second.data.collections["things"]) == 2


def test_an_overlay_that_appears_changes_or_goes_is_followed(small: Small) -> None:
    document = small()
    files = files_of(document=document)
    served = files.load()
    small(overlay=OVERLAY)
    filtering = reread(files, served)
    assert filtering is not None
    assert filtering.document.overlay_file is not None
    (document.parent / "small.overlay.yaml").unlink()
    plain = reread(files, filtering)
    assert plain is not None
    assert plain.document.overlay_file is None


def test_a_referred_file_is_followed_even_while_it_is_broken(small: Small, tmp_path: Path) -> None:
    part = tmp_path / "kind.yaml"
    part.write_text("Kind: {type: string}\n")
    document = small(("kind: {type: string, enum: [round, square]}", "kind: {$ref: 'kind.yaml#/Kind'}"))
    files = files_of(document=document)
    served = files.load()
    part.write_text("Kind: [\n")
    with pytest.raises(CannotServe, match=r"kind.yaml:\d+: it is not YAML"):
        reread(files, served)
    assert reread(files, served) is None
    part.write_text("Kind: {type: string, enum: [a, b]}\n")
    mended = reread(files, served)
    assert mended is not None
    assert mended.document.lists["things"].record_schema["properties"]["kind"]["enum"] == ["a", "b"]


def test_a_link_that_is_turned_to_another_folder_is_followed(small: Small, tmp_path: Path) -> None:
    # As Kubernetes mounts a ConfigMap: `..data` leads to a folder of this version, and is swapped.
    volume = tmp_path / "volume"
    for version, names in (("..1", ["one"]), ("..2", ["one", "two"])):
        (volume / version).mkdir(parents=True)
        things(volume / version / "things.yaml", *names)
    (volume / "..data").symlink_to("..1")
    (volume / "things.yaml").symlink_to("..data/things.yaml")
    files = files_of(document=small(), fixtures=(volume,))
    served = files.load()
    assert len(served.data.collections["things"]) == 1
    (volume / "new").symlink_to("..2")
    (volume / "new").rename(volume / "..data")
    again = reread(files, served)
    assert again is not None
    assert len(again.data.collections["things"]) == 2


def test_the_last_fixture_file_that_goes_is_a_mistake_but_none_from_the_start_is_none(
    small: Small, tmp_path: Path
) -> None:
    folder = tmp_path / "fixtures"
    folder.mkdir()
    document = small()
    files = files_of(document=document, fixtures=(folder,))
    served = files.load()
    replace_text(document, "title: Small", "title: Larger")
    served = reread(files, served) or served
    assert served.document.title == "Larger"
    path = things(folder / "a.yaml", "one")
    served = reread(files, served) or served
    assert len(served.data.collections["things"]) == 1
    path.unlink()
    with pytest.raises(CannotServe, match="no fixture file is left; put one back"):
        reread(files, served)


# A server that follows them


@contextmanager
def watched(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve in a thread and follow the files, as `serve --watch` does; give the root URL."""
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.02)
    files = Files(settings, partial(options.load_document, settings))
    served = files.load()
    sandbox = SandboxState(served.data.collections, settings)
    application = app.compose(served.document, sandbox, settings)
    loop = asyncio.new_event_loop()
    http = server.HttpServer(
        application,
        keep_alive=75,
        background=partial(Watch(settings, files, served).follow, sandbox, application),
    )
    with server.listen("127.0.0.1", 0) as listening:
        url = server.url(listening)
        thread = Thread(target=loop.run_until_complete, args=(http.serve_on(listening),))
        thread.start()
        try:
            yield url
        finally:
            loop.call_soon_threadsafe(http.stop)
            thread.join()
            loop.close()


def await_title(url: str, title: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := wire.get(url, "/_mock/health").json["document"]["title"]) != title:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def test_bodies_under_way_still_count_when_another_document_is_served(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = small()
    settings = Settings(document=document, max_body=900, max_bodies=1000)
    with watched(settings, monkeypatch) as url, wire.connect(url) as half, wire.connect(url) as whole:
        head = f"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\nAuthorization: {wire.BASIC}\r\n\r\n"
        half.sendall(head.encode() + b"x" * 800)
        replace_text(document, "title: Small", "title: Larger")
        await_title(url, "Larger")
        whole.sendall(head.encode() + b"x" * 900)
        assert wire.read(whole).status == 503


@pytest.mark.slow
def test_another_document_is_served_whole_on_open_connections_too(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = small()
    with watched(Settings(document=document, count=3), monkeypatch) as url, wire.connect(url) as kept:
        head = f"HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\n\r\n"
        kept.sendall(f"GET /v1/things {head}".encode())
        assert wire.read(kept).status == 200
        account = Sandbox(url, "keeper", "secret")
        account.generate(7)
        account.fail({"status": 503})
        replace_text(document, "title: Small", "title: Larger")
        await_title(url, "Larger")
        assert len(account.records()) == 7
        assert len(account.faults()) == 1
        replace_text(document, "/things:", "/stuff:")
        replace_text(document, "openapi:", "x-error: problem\nopenapi:")
        replace_text(document, "title: Larger", "title: Largest")
        await_title(url, "Largest")
        kept.sendall(f"GET /v1/things {head}".encode())
        assert wire.read(kept).status == 404
        kept.sendall(f"GET /v1/stuff {head}".encode())
        assert len(wire.read(kept).json["items"]) == 3
        assert wire.get(url, "/_mock/health").json["records"] == {"stuff": 3}
        assert "/stuff" in wire.get(url, "/_mock/document").json["paths"]
        assert len(account.faults()) == 1
        unparsed = wire.exchange(url, b"GET / HTTP/1.1\r\n\r\n")
        assert unparsed.header("content-type") == "application/problem+json"


def test_event_streams_count_on_when_the_document_is_loaded_again(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "ACCOUNT_STREAMS", 1)
    document = small()
    with watched(Settings(document=document, count=1), monkeypatch) as url, wire.connect(url) as kept:
        ask = f"GET /_mock/events HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\n\r\n".encode()
        kept.sendall(ask)
        assert kept.recv(12) == b"HTTP/1.1 200"
        replace_text(document, "title: Small", "title: Larger")
        await_title(url, "Larger")
        assert wire.exchange(url, ask).status == 503


def test_copies_whose_schema_changed_are_given_up(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    document = small()
    with watched(Settings(document=document, count=3), monkeypatch) as url:
        account = Sandbox(url, "keeper", "secret")
        account.generate(7)
        replace_text(document, "enum: [round, square]", "enum: [round]")
        replace_text(document, "title: Small", "title: Larger")
        await_title(url, "Larger")
        assert len(account.records()) == 3
        account.generate(2)
        assert len(account.records()) == 2


def test_any_exception_of_a_load_is_named_and_the_server_goes_on(
    small: Small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = small()

    def fail(*_: Any) -> None:
        raise RecursionError("too\ndeep")

    with watched(Settings(document=document, count=3), monkeypatch) as url:
        with monkeypatch.context() as patch:
            patch.setattr(starting_data, "load", fail)
            replace_text(document, "title: Small", "title: Larger")
            deadline, said = time.monotonic() + PATIENCE, ""
            while "stay as they were" not in said:
                said += capsys.readouterr().err
                assert time.monotonic() < deadline
                time.sleep(0.02)
        assert said == (
            "The files cannot be loaded (RecursionError: too\N{REPLACEMENT CHARACTER}deep).\n"
            "The document and the records stay as they were.\n"
        )
        assert wire.get(url, "/_mock/health").json["document"]["title"] == "Small"
        replace_text(document, "title: Larger", "title: Largest")
        await_title(url, "Largest")
