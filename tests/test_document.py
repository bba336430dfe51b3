"""Documents: what is served of them, and what refuses the start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server import document
from mock_server.errors import CannotServe

from .conftest import ROOT

Refusal = Callable[..., list[str]]
Small = Callable[..., Path]

SPEC = ROOT / "spec" / "usage.latest.product.live.yaml"
THING = "#/components/schemas/Thing"


def test_the_published_document_is_served_as_it_is() -> None:
    loaded = document.load(SPEC)
    [operation] = loaded.operations
    assert (operation.method, operation.path) == ("GET", "/api/usage-metrics")
    assert (operation.id, operation.collection) == ("getUsageMetrics", "usage-metrics")
    rules = {p.name: p.filters.match for p in operation.parameters if p.filters}
    assert rules == {
        "name": "contains",
        "id": "contains",
        "eventType": "any-of",
        "eventProperty": "any-of",
        "aggregationType": "any-of",
    }
    assert loaded.realm == "Sequence"
    assert "Authorization" not in [p.name for p in operation.parameters]


def test_the_effective_document_describes_all_that_the_overlay_adds() -> None:
    effective = document.load(SPEC).effective
    responses = effective["paths"]["/usage-metrics"]["get"]["responses"]
    for status in ("400", "401", "403", "429", "500"):
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema["required"] == ["error"]
    assert effective["security"] == [{"basic": []}]


def test_a_document_needs_no_overlay(small: Small) -> None:
    loaded = document.load(small())
    [operation] = loaded.operations
    assert operation.path == "/v1/things"
    assert operation.has_no_effect == ("kind",)
    assert loaded.overlay_file is None


def test_the_overlay_beside_it_is_found_and_another_can_be_named(small: Small, tmp_path: Path) -> None:
    path = small(overlay="- {target: $.info, update: {title: Beside}}\n")
    assert document.load(path).title == "Beside"
    other = tmp_path / "other.yaml"
    other.write_text((tmp_path / "small.overlay.yaml").read_text().replace("Beside", "Other"))
    assert document.load(path, other).title == "Other"


SERVERS = "servers: [{url: 'https://example.com/v1'}]"


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        ("servers: []", ""),
        ("", ""),
        ("servers: [{url: /}]", ""),
        ("servers: [{url: /relative/}]", "/relative"),
        ("servers: [{url: 'https://example.com'}]", ""),
        ("servers: [{url: 'https://{r}.example.com/{v}', variables: {r: {default: eu}, v: {default: v9}}}]",
         "/v9"),
    ],
)  # fmt: skip
def test_the_base_path_comes_from_the_first_server(small: Small, servers: str, base: str) -> None:
    [operation] = document.load(small((SERVERS, servers))).operations
    assert operation.path == f"{base}/things"


def test_inner_servers_override_outer_ones_unless_they_are_empty(small: Small) -> None:
    of_path = ("  /things:\n", "  /things:\n    servers: [{url: /of-path}]\n")
    of_none = ("  /things:\n", "  /things:\n    servers: []\n")
    of_operation = ("    get:\n", "    get:\n      servers: [{url: /of-operation}]\n")
    assert document.load(small(of_path)).operations[0].path == "/of-path/things"
    assert document.load(small(of_none)).operations[0].path == "/v1/things"
    assert document.load(small(of_path, of_operation)).operations[0].path == "/of-operation/things"
    assert document.load(small(of_path), base_path="/mine").operations[0].path == "/mine/things"


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_ignored_header_parameters_are_dropped_wherever_they_stand(small: Small, name: str) -> None:
    header = f"{{name: {name}, in: header, required: true, schema: {{type: string}}}}"
    loaded = document.load(
        small(
            ("      parameters:\n", f"      parameters:\n        - {header}\n"),
            ("  /things:\n", f"  /things:\n    parameters: [{header}]\n"),
        )
    )
    assert [p for p in loaded.operations[0].parameters if p.location == "header"] == []
    assert name not in str(loaded.effective)


def test_parameters_of_a_path_belong_to_its_operations(small: Small) -> None:
    shared = "{name: shared, in: query, schema: {type: string}}"
    own = "{name: limit, in: query, schema: {type: boolean}}"
    loaded = document.load(small(("  /things:\n", f"  /things:\n    parameters: [{shared}, {own}]\n")))
    names = {p.name: p.schema.get("type") for p in loaded.operations[0].parameters}
    assert names["shared"] == "string"
    assert names["limit"] == "integer"


def test_references_to_files_are_followed(small: Small, tmp_path: Path) -> None:
    (tmp_path / "thing.yaml").write_text(
        "Thing: {type: object, properties: {id: {type: string}, day: {$ref: '#/Day'}}}\n"
        "Day: {type: string, enum: [2024-01-01]}\n"
    )
    loaded = document.load(small((THING, "thing.yaml#/Thing")))
    assert loaded.operations[0].record_schema["properties"]["day"]["enum"] == ["2024-01-01"]


def test_a_recursive_schema_is_an_object_of_any_shape_further_down(small: Small) -> None:
    recursive = (
        "properties:\n        id:",
        f"properties:\n        parent: {{$ref: '{THING}'}}\n        id:",
    )
    loaded = document.load(small(recursive))
    assert loaded.operations[0].record_schema["properties"]["parent"]["type"] == "object"


def test_template_code_stays_the_text_that_it_is(small: Small) -> None:
    assert document.load(small(("title: Small", "title: 'x {{7*7}} {% raw %}'"))).title == (
        "x {{7*7}} {% raw %}"
    )


BASIC = "components:\n  securitySchemes: {b: {type: http, scheme: Basic}}\n"


@pytest.mark.parametrize(
    ("replacements", "problem"),
    [
        ([("openapi: 3.0.3", "openapi: 3.1.0")], "small.yaml:2 at /openapi: it is OpenAPI '3.1.0', not 3.0"),
        ([("openapi: 3.0.3", "swagger: '2.0'")], "it is not an OpenAPI document"),
        ([("openapi: 3.0.3", "openapi: 3")], "it is OpenAPI '3', not 3.0"),
        ([(THING, "#/components/schemas/Nope")], "the reference '#/components/schemas/Nope' is dangling"),
        ([(THING, "https://example.com/x.yaml#/T")], "is remote"),
        ([(THING, "//example.com/x.yaml")], "is remote"),
        ([(THING, "python://os/x.yaml")], "is remote"),
        ([(THING, "nowhere.yaml#/T")], "leads to a file that cannot be read"),
        ([("    get:", "    post:")], "it has no list operation"),
        ([("items: {type: array", "things: {type: array")], "it has no list operation"),
        ([("info: {title: Small, version: '1'}", "info: {version: '1'}")], "at /info"),
        ([("in: query, schema: {type: integer}", "in: nowhere, schema: {type: integer}")],
         "at /paths/~1things/get/parameters/0"),
        ([("components:\n", "security: [{b: []}]\ncomponents:\n")], "the security scheme 'b' is not described"),
        ([("components:\n", "security: [{b: []}]\n" + BASIC.replace("Basic", "bearer"))],
         "the security scheme 'b' is not HTTP Basic"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_refused_with_its_place(
    small: Small, refusal: Refusal, replacements: list[tuple[str, str]], problem: str
) -> None:
    [found] = refusal(document.load, small(*replacements))
    assert problem in found
    assert found.startswith("small.yaml")


@pytest.mark.parametrize(
    ("update", "problem"),
    [
        ("{x-filter: {field: nope, match: contains}}", "the records have no field 'nope'"),
        (
            "{x-filter: {field: kind, match: regex}}",
            "'regex' is no way to match; use contains or any-of",
        ),
        ("{x-filter: {field: kind}}", "it is not a mapping of exactly field and match"),
        ("{x-filter: kind}", "it is not a mapping of exactly field and match"),
        ("{x-version: {unknown: {type: a, message: b}}}", "the version is not a header with an enum"),
    ],
)
def test_an_extension_that_is_not_understood_is_refused(
    small: Small, refusal: Refusal, update: str, problem: str
) -> None:
    target = "$.paths['/things'].get.parameters[?@.name == 'kind']"
    path = small(overlay=f'- target: "{target}"\n  update: {update}\n')
    [found] = refusal(document.load, path)
    assert problem in found
    assert found.startswith("small.overlay.yaml at /paths/~1things/get/parameters/3/x-")


def test_a_fill_that_is_not_understood_is_refused(small: Small, refusal: Refusal) -> None:
    path = small(("id: {type: string,", "id: {x-fill: uuid, type: string,"))
    assert "'uuid' is nothing that the property 'id' can be given" in refusal(document.load, path)[0]


def test_a_bomb_of_references_is_refused_soon(small: Small, refusal: Refusal) -> None:
    ref = "{{$ref: '#/components/schemas/B{}'}}"
    bomb = "".join(
        f"    B{i}: {{type: object, properties: {{{', '.join(f'p{j}: {ref.format(i + 1)}' for j in range(9))}}}}}\n"
        for i in range(12)
    )
    [found] = refusal(
        document.load, small(("  schemas:\n", f"  schemas:\n{bomb}    B12: {{type: string}}\n"))
    )
    assert "with its references followed it holds more than" in found


def test_files_that_refer_to_each_other_are_read_once(small: Small, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("A: {type: object, properties: {b: {$ref: 'b.yaml#/B'}}}\n")
    (tmp_path / "b.yaml").write_text("B: {type: object, properties: {a: {$ref: 'a.yaml#/A'}}}\n")
    try:
        loaded: Any = document.load(small((THING, "a.yaml#/A")))
    except CannotServe as error:
        assert "refers to itself by a detour" in str(error)  # noqa: PT017
    else:
        assert loaded.operations[0].record_schema["type"] == "object"


def test_several_lists_and_methods_are_found_in_the_documents_order(small: Small) -> None:
    text = small().read_text()
    more = text.split("paths:\n")[1].split("components:")[0].replace("/things", "/owners/{id}/things")
    more = more.replace("listThings", "listOwned").replace(
        "      parameters:\n",
        "      parameters:\n        - {name: id, in: path, required: true, schema: {type: string}}\n",
    )
    parameters = "[{name: id, in: path, required: true, schema: {type: string}}]"
    post = f"    post: {{parameters: {parameters}, responses: {{'201': {{description: made}}}}}}\n"
    path = small(("components:", f"{more}{post}components:"))
    loaded = document.load(path)
    assert [(o.id, o.method, o.collection) for o in loaded.operations] == [
        ("listThings", "GET", "things"),
        ("listOwned", "GET", "owners/{id}/things"),
        ("post /owners/{id}/things", "POST", None),
    ]
