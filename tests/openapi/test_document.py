"""Loading documents: what is read of them, and what is refused."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.openapi import document
from mock_server.openapi.filter_rules import FilterRule
from mock_server.openapi.security import DEFAULT_REALM
from mock_server.problems import CannotServe
from mock_server.settings import Settings
from tests.support.documents import ROOT, SMALL
from tests.support.servers import build

Refusal = Callable[..., list[str]]
Small = Callable[..., Path]

SPEC = ROOT / "spec" / "usage.latest.product.live.yaml"
THING = "#/components/schemas/Thing"


def test_the_published_document_can_be_served() -> None:
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
    assert loaded.security.general.challenge == 'Basic realm="Sequence"'
    assert "Authorization" not in [p.name for p in operation.parameters]


def test_the_effective_document_has_what_the_overlay_adds() -> None:
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
    assert [(p.name, p.filters) for p in operation.query if p.filters] == [
        ("kind", FilterRule(("kind",), "equals", is_found=True))
    ]
    assert operation.ineffective_parameters == ()
    assert loaded.overlay_file is None


def test_the_overlay_beside_a_document_is_used_unless_another_is_given(
    small: Small, tmp_path: Path
) -> None:
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
def test_ignored_header_parameters_of_paths_and_operations_are_dropped(small: Small, name: str) -> None:
    header = f"{{name: {name}, in: header, required: true, schema: {{type: string}}}}"
    loaded = document.load(
        small(
            ("      parameters:\n", f"      parameters:\n        - {header}\n"),
            ("  /things:\n", f"  /things:\n    parameters: [{header}]\n"),
        )
    )
    assert [p for p in loaded.operations[0].parameters if p.location == "header"] == []


@pytest.mark.parametrize(("default", "count"), [("19.99", 0), ("19.999", 1)])
def test_a_default_is_a_multiple_in_decimal_arithmetic(small: Small, default: str, count: int) -> None:
    price = f"{{name: price, in: query, schema: {{type: number, multipleOf: 0.01, default: {default}}}}}"
    path = small(("      parameters:\n", f"      parameters:\n        - {price}\n"))
    assert len(document.load(path).warnings) == count


def test_a_default_that_its_enum_lacks_is_warned_of_with_pointer_and_line(small: Small) -> None:
    state = "{name: state, in: query, schema: {type: string, enum: [open, paid], default: all}}"
    path = small(("      parameters:\n", f"      parameters:\n        - {state}\n"))
    [warning] = document.load(path).warnings
    place = "small.yaml:10 at /paths/~1things/get/parameters/0/schema/default"
    assert f'{place}: the default does not fit its schema: "all" is not allowed' in str(warning)


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


def test_problems_of_document_and_overlay_are_reported_together(
    small: Small, refusal: Refusal, tmp_path: Path
) -> None:
    found = refusal(document.load, tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert [line.partition(":")[0] for line in found] == ["a.yaml", "b.yaml"]


def test_template_code_is_read_as_text(small: Small) -> None:
    assert document.load(small(("title: Small", "title: 'x {{7*7}} {% raw %}'"))).title == (
        "x {{7*7}} {% raw %}"
    )


BASIC = "components:\n  securitySchemes: {b: {type: http, scheme: Basic}}\n"


@pytest.mark.parametrize(
    ("replacements", "problem"),
    [
        ([("openapi: 3.0.3", "openapi: 3.2.0")],
         "small.yaml:2 at /openapi: its version is '3.2.0', and only 3.0.x and 3.1.x can be served"),
        ([("openapi: 3.0.3", "swagger: '2.0'")], "convert it, e.g. by 'npx swagger2openapi"),
        ([("openapi: 3.0.3", "swag: '2.0'")], "it is not an OpenAPI document"),
        ([("openapi: 3.0.3", "openapi: 3")], "its version is '3', and only 3.0.x and 3.1.x can be served"),
        ([(THING, "#/components/schemas/Nope")], "the reference '#/components/schemas/Nope' is dangling"),
        ([(THING, "https://example.com/x.yaml#/T")], "is remote"),
        ([(THING, "//example.com/x.yaml")], "is remote"),
        ([(THING, "python://os/x.yaml")], "is remote"),
        ([("    get:", "    x-get:")], "it has no operation"),
        ([("info: {title: Small, version: '1'}", "info: {version: '1'}")], "at /info"),
        ([("in: query, schema: {type: integer}", "in: nowhere, schema: {type: integer}")],
         "at /paths/~1things/get/parameters/0"),
        ([("components:\n", "security: [{b: []}]\ncomponents:\n")], "the security scheme 'b' is not described"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_served_is_refused_with_its_place(
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
            "'regex' is no way to match; use one of contains, any-of, equals",
        ),
        ("{x-filter: {field: kind}}", "it is not a mapping of exactly field and match"),
        ("{in: header, x-filter: {field: kind, match: any-of}}", "the parameter is not in the query"),
        (
            "{schema: {type: array, items: {type: string}}, x-filter: {field: kind, match: contains}}",
            "a list is not contained in a text",
        ),
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
    assert found.startswith("small.overlay.yaml:5 at /paths/~1things/get/parameters/3/x-")


def test_of_operations_with_the_same_route_the_first_is_served(small: Small) -> None:
    text = small().read_text().split("paths:\n")[1].split("components:")[0]
    one, two = (
        text.replace("/things", f"/things/{{{name}}}").replace("listThings", name).replace(
            "      parameters:\n",
            f"      parameters:\n        - {{name: {name}, in: path, required: true, schema: {{type: string}}}}\n",
        )
        for name in ("a", "b")
    )  # fmt: skip
    loaded = document.load(small((text, one + two)))
    assert [operation.id for operation in loaded.operations] == ["a"]
    [warning] = loaded.warnings
    assert "no request can tell /v1/things/{b} from /v1/things/{a}" in str(warning)


def test_a_path_parameter_that_is_not_in_the_path_is_refused(small: Small, refusal: Refusal) -> None:
    extra = "{name: nope, in: path, required: true, schema: {type: string}}"
    [found] = refusal(
        document.load, small(("      parameters:\n", f"      parameters:\n        - {extra}\n"))
    )
    assert "the path has no parameter 'nope'" in found


def test_a_realm_that_no_header_can_hold_is_refused(small: Small, refusal: Refusal) -> None:
    realm = BASIC.replace("scheme: Basic", "scheme: basic, x-realm: 'a\"b'")
    [found] = refusal(document.load, small(("components:\n", "security: [{b: []}]\n" + realm)))
    assert "the realm is not printable ASCII without quotation marks" in found
    unused = document.load(small(("components:\n", realm)))
    assert unused.security.general.challenge == f'Basic realm="{DEFAULT_REALM}"'


def test_a_scheme_of_a_type_that_openapi_3_0_does_not_have_is_open(small: Small) -> None:
    mutual = "security: [{m: []}]\n" + BASIC.replace(
        "b: {type: http, scheme: Basic}", "m: {type: mutualTLS}"
    )
    loaded = document.load(small(("components:\n", mutual)))
    said = [str(warning) for warning in loaded.warnings if "can't be checked" in str(warning)]
    assert ["the security scheme 'm' can't be checked" in each for each in said] == [True]
    assert loaded.security.general.is_optional


def test_an_unknown_fill_is_refused(small: Small, refusal: Refusal) -> None:
    path = small(("id: {type: string,", "id: {x-fill: uuid, type: string,"))
    assert "'uuid' is nothing that a property can be given" in refusal(document.load, path)[0]


def test_an_unknown_fill_of_an_overlay_with_numbers_is_reported_with_its_line(
    small: Small, refusal: Refusal
) -> None:
    overlay = "- target: $..properties.id\n  update:\n    maxLength: 99\n    x-fill: uuid\n"

    [found] = refusal(document.load, small(overlay=overlay))

    assert found.startswith("small.overlay.yaml:7 at /paths/")


def test_a_broken_file_of_a_reference_is_reported_with_its_own_line(
    small: Small, refusal: Refusal, tmp_path: Path
) -> None:
    assert refusal(document.load, small((THING, "nowhere.yaml#/T"))) == [
        "nowhere.yaml: there is no such file; give the path of an existing one.",
        "small.yaml:22 at /paths/~1things/get/responses/200/content/application~1json/schema/properties"
        "/items/items: the reference 'nowhere.yaml#/T' leads to a file that cannot be read; correct that file.",
    ]
    (tmp_path / "other.yaml").write_text("T: 1\nT: 2\n")
    first, _ = refusal(document.load, small((THING, "other.yaml#/T")))
    assert first == "other.yaml:2: the key 'T' is there twice in one mapping; remove one of them."
    (tmp_path / "other.yaml").write_text("just a text\n")
    [only] = refusal(document.load, small((THING, "other.yaml")))
    assert "leads to a file that is no mapping" in only


@pytest.mark.parametrize("reference", ["'http://[::1'", "'a%00b.yaml'", "null", "[]", "5", "{}"])
def test_a_reference_that_is_no_url_is_reported(small: Small, refusal: Refusal, reference: str) -> None:
    [found] = refusal(document.load, small((f"'{THING}'", reference)))
    assert "is no URL" in found or "is remote" in found or 'is not of type "string"' in found
    assert "small.yaml:22" in found


def test_a_violation_of_the_specification_is_reported_with_its_place(
    small: Small, refusal: Refusal
) -> None:
    [found] = refusal(
        document.load, small(("in: query, schema: {type: integer}", "in: query, schema: {type: str}"))
    )
    assert 'at /paths/~1things/get/parameters/0/schema/type: "str" is not one of' in found


@pytest.mark.parametrize(
    ("schema", "bounds"),
    [
        ("{}", (1, None, 20)), ("{type: string}", (1, None, 20)), ("{type: integer, maximum: 5}", (1, 5, 5)),
        ("{type: integer, minimum: 50}", (50, None, 50)), ("{type: integer, default: -1}", (1, None, 1)),
        ("{type: integer, minimum: -10, maximum: 30, default: 7}", (1, 30, 7)),
        ("{allOf: [{type: integer, maximum: 9}]}", (1, 9, 9)),
    ],
)  # fmt: skip
def test_a_limit_is_a_whole_number_within_its_bounds(
    small: Small, schema: str, bounds: tuple[int, int | None, int]
) -> None:
    path = small(("in: query, schema: {type: integer}", f"in: query, schema: {schema}"))
    limit = document.load(path).operations[0].parameters[0].schema
    assert (limit["type"], limit["minimum"], limit.get("maximum"), limit["default"]) == (
        "integer",
        *bounds,
    )


def test_a_path_that_belongs_to_the_control_api_is_refused(small: Small, refusal: Refusal) -> None:
    [found] = refusal(document.load, small((SERVERS, "servers: [{url: /_mock}]")))
    assert "the path /_mock/things is where the control API lives" in found
    bare = small(("  /things:", "  /_mock/health:"))
    assert "is where the control API lives" in refusal(document.load, bare, None, "")[0]


def test_extensions_among_paths_and_responses_are_ignored(small: Small) -> None:
    path = small(
        ("paths:\n", "paths:\n  x-foo: bar\n  x-get: {get: 5}\n"),
        ("      responses:\n", "      responses:\n        x-foo: bar\n"),
    )
    assert len(document.load(path).operations) == 1


def test_all_of_is_merged_in_envelopes_and_records(small: Small) -> None:
    path = small(
        (
            "schema:\n                type: object\n",
            "schema:\n                allOf: [{type: object}]\n",
        ),
        (
            "    Thing:\n",
            "    Thing:\n      allOf: [{properties: {colour: {type: string}}, required: [colour]}]\n",
        ),
        overlay="- target: \"$.paths['/things'].get.parameters[?@.name == 'kind']\"\n"
        "  update: {x-filter: {field: colour, match: any-of}}\n",
    )
    [operation] = document.load(path).operations
    assert set(operation.record_schema["properties"]) == {"colour", "id", "kind", "size"}
    assert set(operation.record_schema["required"]) == {"colour", "id", "kind"}


NOTHING: tuple[Any, ...] = (None, 5, "x", [], {}, [None], {"x": None}, True)


def mutations(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place of a document with something else in it."""
    if place:
        yield from ((place, value) for value in NOTHING)
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            yield from mutations(value, (*place, key))
        else:
            yield from (((*place, key), other) for other in NOTHING)


@pytest.mark.slow
def test_a_document_with_any_part_replaced_is_served_or_refused(tmp_path: Path) -> None:
    original = yaml.safe_load(SMALL)
    refused = 0
    for place, value in mutations(original):
        mutated = copy.deepcopy(original)
        container = mutated
        for step in place[:-1]:
            container = container[step]
        container[place[-1]] = value
        path = tmp_path / "mutated.json"
        path.write_text(json.dumps(mutated))
        try:
            build(Settings(document=path, count=3))
        except CannotServe as error:
            refused += 1
            assert str(path) in str(error), (place, value)  # noqa: PT017
    assert refused > 100


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


def test_the_built_in_document_passes_the_check_that_its_start_leaves_out(tmp_path: Path) -> None:
    """A copy is checked as any other document is, and comes to the same."""
    files = (document.BUILT_IN, document.BUILT_IN.with_name(f"{document.BUILT_IN.stem}.overlay.yaml"))
    for file in files:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert document.load(tmp_path / files[0].name).effective == document.load(files[0]).effective


@pytest.mark.parametrize("place", ["operation", "path", "component"])
def test_headers_that_openapi_ignores_are_in_no_document_that_is_served(
    small: Callable[..., Path], place: str
) -> None:
    header = "{name: Authorization, in: header, required: true, schema: {type: string}}"
    edits = {
        "operation": ("      parameters:\n", f"      parameters:\n        - {header}\n"),
        "path": ("  /things:\n", f"  /things:\n    parameters: [{header}]\n"),
        "component": (
            "      parameters:\n",
            "      parameters:\n        - {$ref: '#/components/parameters/Secret'}\n",
        ),
    }
    component = ("components:\n", f"components:\n  parameters: {{Secret: {header}}}\n")
    item = document.load(small(edits[place], component)).bundled["paths"]["/things"]
    shown = [*item.get("parameters", []), *item["get"]["parameters"]]
    assert [each["name"] for each in shown] == ["limit", "after", "before", "kind"]
