"""The contract: every kind of response is valid by the document, and a fuzzer finds nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from mock_server.formats import source_file
from mock_server.openapi import document, references
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import wire
from tests.support.documents import FIXTURES, LIST, OPERATION, ROOT, assert_described
from tests.support.servers import Serve, build


@pytest.mark.parametrize(
    "target",
    [
        LIST, LIST + "?limit=100", LIST + "?limit=1&aggregationType=CUSTOM", LIST + "?name=nothing+at+all",
        LIST + "?limit=0", LIST + "?after=x&before=y", LIST + "?aggregationType=NO",
    ],
)  # fmt: skip
def test_responses_are_valid_by_the_document(url: str, fixtures_url: str, target: str) -> None:
    assert_described(wire.get(url, target))
    assert_described(wire.get(fixtures_url, target))
    assert_described(wire.get(url, target, auth=False))
    assert_described(wire.get(url, target, "Sequence-Version: nope"))


def test_health_is_valid_by_the_control_document(url: str) -> None:
    path = ROOT / "spec" / "control.yaml"
    source = source_file.read(path)
    control = references.resolve(source, path, source.data)
    assert_described(wire.get(url, "/_mock/health"), control["paths"]["/health"]["get"]["responses"])


def test_the_other_errors_have_the_shape_of_the_described_ones(url: str) -> None:
    schema = OPERATION["responses"]["400"]["content"]["application/json"]["schema"]
    for answer in (
        wire.get(url, "/nope"), wire.get(url, LIST, method="PUT"), wire.get(url, LIST, "Accept: text/html"),
        wire.get(url, LIST, "Content-Length: 9999999"), wire.get(url, LIST, *[f"X: {'x' * 1000}"] * 66),
    ):  # fmt: skip
        OAS30Validator(schema).validate(answer.json)
        assert answer.status in (404, 405, 406, 413, 431)


def test_a_failure_of_the_server_itself_has_that_shape_too(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mock_server.data.collection import Collection

    def broken(*_: object) -> None:
        raise ZeroDivisionError("not for the client")

    monkeypatch.setattr(Collection, "matching", broken)
    answer = wire.get(serve(), LIST)
    assert_described(answer)
    assert answer.status == 500
    assert answer.header("Sequence-Version") == "2024-07-30"
    assert b"not for the client" not in answer.body
    assert "ZeroDivisionError: not for the client" in caplog.text


def test_a_collection_may_be_empty(serve: Serve) -> None:
    answer = wire.get(serve(count=0), LIST)
    assert answer.json == {"items": [], "pagination": {"totalResultSize": 0}}
    assert_described(answer)


def test_another_document_is_served_without_a_line_of_code(
    serve: Serve, small: Callable[..., Path]
) -> None:
    target = "$.paths['/things'].get.parameters[?@.name == 'kind']"
    path = small(
        ("    get:\n", "    post: {responses: {'201': {description: made}}}\n    get:\n"),
        ("id: {type: string,", "id: {x-fill: id, type: string,"),
        overlay=f'- target: "{target}"\n  update: {{x-filter: {{field: kind, match: any-of}}}}\n',
    )
    url = serve(document=path, count=50)
    page = wire.get(url, "/v1/things?limit=30", auth=False)
    assert len(page.json["items"]) == 30
    assert page.header("Sequence-Version") is None
    rest = wire.get(
        url, f"/v1/things?limit=30&after={page.json['pagination']['after']}", auth=False
    ).json
    assert len(rest["items"]) == 20
    assert {item["kind"] for item in wire.get(url, "/v1/things?kind=round").json["items"]} == {"round"}
    assert wire.get(url, "/v1/things?kind=flat").violations[0]["key"] == "kind"
    assert wire.get(url, "/v1/things?limit=0").violations[0]["key"] == "limit"
    made = wire.get(url, "/v1/things", method="POST", auth=False)
    assert (made.status, made.body) == (201, b"")
    assert wire.get(url, "/v1/things", auth=False).json["pagination"]["totalResultSize"] == 51
    assert wire.get(url, "/v1/things", method="PUT").header("Allow") == "GET, POST, HEAD, OPTIONS"


def test_parameters_of_every_location_are_checked(serve: Serve, small: Callable[..., Path]) -> None:
    more = """      parameters:
        - {name: X-Size, in: header, required: true, schema: {type: integer, maximum: 5}}
        - {name: flavour, in: cookie, schema: {type: string, enum: [sweet]}}
        - {name: flag, in: query, schema: {type: boolean}}
        - {name: rate, in: query, schema: {type: number}}
        - {name: word, in: query, required: true, schema: {type: string, pattern: '^[a-z]+$', maxLength: 3}}
        - {name: days, in: query, schema: {type: array, items: {type: integer}}}
        - {name: shelf, in: path, required: true, schema: {type: string, enum: [top]}}
        - {name: limit, in: header, schema: {type: string}}
        - {name: after, in: cookie, schema: {type: string}}
        - {name: X-At, in: header, schema: {type: string, format: date-time}}
"""
    path = small(("      parameters:\n", more), ("  /things:", "  /shelves/{shelf}/things:"))
    url = serve(document=path)
    good = "/v1/shelves/top/things?flag=true&rate=-1.5e3&word=abc&days=1,2&days=3"
    assert wire.get(url, good, "X-Size: 5", "Cookie: flavour=sweet").status == 200
    names = [
        "limit: 7",
        "X-At: 2024-01-01T00:00:00+00:00",
        "X-Size: 5",
        "Cookie: after=x; flavour=sweet",
    ]
    assert len(wire.get(url, good + "&limit=3", *names).json["items"]) == 3
    bad = "/v1/shelves/low/things?flag=True&rate=1,5&days=1,x"
    answer = wire.get(url, bad, "X-Size: 6", "Cookie: flavour=sour")
    found = sorted((v["key"], v["code"]) for v in answer.violations)
    assert found == [
        ("X-Size", "range"), ("days", "type"), ("flag", "type"), ("flavour", "enum"), ("rate", "type"),
        ("shelf", "enum"), ("word", "required"),
    ]  # fmt: skip
    [first] = wire.get(url, "/v1/shelves/top/things?word=abcd", "X-Size: 5").violations
    assert first["code"] == "maxLength"
    assert wire.get(url, "/v1/shelves/top/things?word=abc").violations[0]["code"] == "required"


RECORDS = source_file.read(FIXTURES).data["usage-metrics"]
fragments = st.sampled_from(["a", "call", "e", "CALL", "ö", "7", "-", "zz"])
asked = st.fixed_dictionaries(
    {},
    optional={
        "name": fragments,
        "id": fragments,
        "aggregationType": st.sampled_from(["COUNT", "SUM,COUNT", "UNIQUE,CUSTOM"]),
        "eventType": st.sampled_from(["api_call", "api_call,API_CALL,order", "order%252Cpaid"]),
    },
)


def expected(query: dict[str, str]) -> list[str]:
    """The names of the records that match, by the plainest way to say it."""
    found = []
    for record in RECORDS:
        fits = all(
            query[field].lower() in record.get(field, "\0").lower()
            for field in ("name", "id")
            if field in query
        )
        for field in ("aggregationType", "eventType"):
            if field in query:
                fits &= record[field] in query[field].replace("%252C", ";").split(",") or (
                    record[field].replace(",", ";") == query[field].replace("%252C", ";")
                )
        if fits:
            found.append(record["name"])
    return found


@pytest.mark.slow
@given(asked, st.integers(1, 100))
def test_paging_under_any_filter_yields_the_matching_records(query: dict[str, str], limit: int) -> None:
    url = shared_url()
    # The id of the record that has none in the file is not known here.
    filters = "".join(f"&{name}={value.replace('ö', '%C3%B6')}" for name, value in query.items())
    page = wire.get(url, f"{LIST}?limit={limit}{filters}").json
    walked = [item["name"] for item in page["items"]]
    while "after" in page["pagination"]:
        cursor = page["pagination"]["after"]
        page = wire.get(url, f"{LIST}?limit={limit}{filters}&after={cursor}").json
        walked += [item["name"] for item in page["items"]]
    if "id" not in query:
        assert walked == expected(query)
    assert page["pagination"]["totalResultSize"] == len(walked) == len(set(walked))
    back: list[str] = [item["name"] for item in page["items"]]
    while "before" in page["pagination"]:
        cursor = page["pagination"]["before"]
        page = wire.get(url, f"{LIST}?limit={limit}{filters}&before={cursor}").json
        back = [item["name"] for item in page["items"]] + back
    assert back == walked


_shared: list[str] = []


def shared_url() -> str:
    """A server for all examples of a property, which hypothesis forbids a fixture to be."""
    return _shared[0]


@pytest.fixture(autouse=True, scope="module")
def _shared_server() -> Any:
    with server.in_thread(build(Settings(fixtures=(FIXTURES,)))) as root:
        _shared.append(root)
        yield
        _shared.clear()


# What the document cannot say: which cursors exist, and which lists hold known values only.
UNSPEAKABLE = ("after", "before", "aggregationType")


def fuzz(folder: Path, url: str, effective: dict[str, Any], *more: str) -> None:
    """Run schemathesis with all its checks; it must find nothing."""
    (folder / "effective.json").write_text(json.dumps(effective))
    command = [
        str(Path(sys.executable).parent / "schemathesis"), *more, "run", "effective.json", f"--url={url}/api",
        "--checks=all", "--max-examples=100", "--generation-deterministic", "--no-color",
        "--auth=demo:secret", "--continue-on-failure",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated, done.stdout[-2000:]
    assert int(generated[2]) > 50


@pytest.fixture
def fuzzed(serve: Serve) -> str:
    """Credentials are checked and unknown parameters refused, as the checks of schemathesis expect."""
    return serve(strict=True, credentials=("demo:secret",))


@pytest.mark.slow
def test_schemathesis_finds_nothing(fuzzed: str, tmp_path: Path) -> None:
    config = tmp_path / "allowed.toml"
    config.write_text('[checks.positive_data_acceptance]\nexpected-statuses = ["2xx", "400", "401"]\n')
    fuzz(tmp_path, fuzzed, document.load(document.BUILT_IN).effective, f"--config-file={config}")


@pytest.mark.slow
def test_schemathesis_sees_all_valid_requests_accepted(fuzzed: str, tmp_path: Path) -> None:
    effective = document.load(document.BUILT_IN).effective
    operation = effective["paths"]["/usage-metrics"]["get"]
    operation["parameters"] = [p for p in operation["parameters"] if p["name"] not in UNSPEAKABLE]
    fuzz(tmp_path, fuzzed, effective)
