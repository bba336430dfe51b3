"""References: where they are, where they lead to, and what cannot be followed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from mock_server.openapi import document, referred_files
from mock_server.openapi.operations import Operation
from mock_server.problems import CannotServe

Small = Callable[..., Path]
Refusal = Callable[..., list[str]]

THING = "#/components/schemas/Thing"
SIZE = "size: {type: integer, minimum: 1, maximum: 9}"


def operation(path: Path) -> Operation:
    return document.load(path).operations[0]


def size_of(path: Path) -> Any:
    return operation(path).record_schema["properties"]["size"]


# Where `$ref` is no reference


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "example": {"$ref": "https://example.com/x", "value": 1}},
        {"type": "object", "default": {"$ref": "#/nowhere"}},
        {"enum": [{"$ref": 5}, {"$ref": "#/nowhere"}]},
        {"type": "string", "x-anything": {"$ref": "no/such/file.yaml"}},
        {"type": "object", "properties": {"$ref": {"type": "string"}}, "required": ["$ref"]},
        {"properties": {"example": {"type": "string"}, "default": {"type": "string"}}},
        {"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "a", "mapping": {"b": "B"}}},
    ],
)
def test_data_that_look_like_references_are_left_alone(small: Small, schema: dict[str, Any]) -> None:
    assert size_of(small((SIZE, f"size: {schema}"))) == schema


def test_a_property_called_ref_may_itself_be_described_by_a_reference(small: Small) -> None:
    schema = f"{{properties: {{$ref: {{$ref: '{THING}/properties/id'}}}}}}"
    found = size_of(small((SIZE, f"size: {schema}")))
    assert found == {"properties": {"$ref": {"type": "string", "format": "uuid"}}}


def test_values_of_examples_and_extensions_of_objects_are_data(small: Small) -> None:
    literal = "{$ref: 'https://example.com/x'}"
    loaded = document.load(
        small(
            ("              schema:\n", f"              example: {literal}\n              schema:\n"),
            ("components:\n", "components:\n  examples: {a: {value: {$ref: 7}}, b: {$ref: '#/components/examples/a'}}\n"
             f"  x-more: {literal}\n"),
            ("paths:\n", f"paths:\n  x-more: {literal}\n"),
            ("      responses:\n", f"      responses:\n        x-more: {literal}\n"),
        )
    )  # fmt: skip
    assert loaded.effective["components"]["examples"] == {key: {"value": {"$ref": 7}} for key in "ab"}
    assert loaded.effective["paths"]["x-more"] == {"$ref": "https://example.com/x"}


# Where a reference leads to


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("Foo Bar", "#/components/schemas/Foo%20Bar"), ("a/b", "#/components/schemas/a~1b"),
        ("a~b", "#/components/schemas/a~0b"), ("a~1b", "#/components/schemas/a~01b"),
        ("a%b", "#/components/schemas/a%25b"), ("ü", "#/components/schemas/%C3%BC"),
        ("ü", "#/components/schemas/ü"), ("a{b}", "#/components/schemas/a%7Bb%7D"),
        ("a/b", "#/components/schemas/a%7E1b"), ("x-a", "#/components/schemas/x-a"), ("5", "#/components/schemas/5"),
        ('"', "#/components/schemas/%22"), ("", "#/components/schemas/"), ("a#b", "#/components/schemas/a%23b"),
    ],
)  # fmt: skip
def test_a_fragment_is_decoded_before_it_is_followed(
    small: Small, tmp_path: Path, name: str, reference: str
) -> None:
    # In a file of its own, since OpenAPI 3.0 allows few characters in the names of components.
    parts = {"components": {"schemas": {name: {"type": "boolean"}}}}
    (tmp_path / "parts.yaml").write_text(yaml.safe_dump(parts))
    assert size_of(small((SIZE, f"size: {{$ref: 'parts.yaml{reference}'}}"))) == {"type": "boolean"}


def test_a_reference_may_lead_through_paths_and_lists(small: Small) -> None:
    reference = "#/paths/~1things/get/parameters/0/schema"
    assert size_of(small((SIZE, f"size: {{$ref: '{reference}'}}"))) == {"type": "integer"}


@pytest.mark.parametrize(
    "reference",
    ["#/paths/~1things/get/parameters/9/schema", "#/paths/~1things/get/parameters/-1", "#/info/title/x",
     "#/paths/~1things/get/parameters/²", f"#/paths/~1things/get/parameters/{'9' * 5000}", "#Thing", "parts.yaml#/b"],
)  # fmt: skip
def test_a_reference_to_nothing_in_a_component_stands_for_any_value_with_a_warning(
    small: Small, tmp_path: Path, reference: str
) -> None:
    (tmp_path / "parts.yaml").write_text("a: 1\n")
    path = small((SIZE, f"size: {{$ref: '{reference}'}}"))
    [warning] = document.load(path).warnings
    assert "at /components/schemas/Thing/properties/size: the reference" in str(warning)
    assert "is dangling" in str(warning)
    assert size_of(path) == {}


def test_files_refer_to_files_relative_to_themselves(small: Small, tmp_path: Path) -> None:
    (tmp_path / "a folder" / "inner").mkdir(parents=True)
    (tmp_path / "a folder" / "parts.json").write_text(
        '{"Size": {"$ref": "inner/size.yaml#/Size"}, "Kind": {"$ref": "../small.yaml#/components/schemas/Kind"}, '
        '"Text": {"type": "string"}}'
    )
    (tmp_path / "a folder" / "inner" / "size.yaml").write_text(
        "Size: {properties: {kind: {$ref: '../parts.json#/Kind'}, own: {$ref: '#/Own'}}}\nOwn: {type: boolean}\n"
    )
    path = small(
        (SIZE, "size: {$ref: 'a%20folder/parts.json#/Size'}"),
        ("    Thing:\n", "    Kind: {type: number}\n    Thing:\n"),
    )
    assert size_of(path) == {"properties": {"kind": {"type": "number"}, "own": {"type": "boolean"}}}
    absolute = (tmp_path / "a folder" / "parts.json").as_uri()
    assert size_of(small((SIZE, f"size: {{$ref: '{absolute}#/Text'}}"))) == {"type": "string"}


def test_every_object_that_may_be_a_reference_is_followed(small: Small, tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text(
        "path:\n  get:\n    operationId: listThings\n    parameters: [{$ref: '#/limit'}]\n"
        "    responses: {'200': {$ref: '#/response'}}\n"
        "limit: {name: limit, in: query, schema: {$ref: '#/number'}, examples: {one: {$ref: '#/example'}}}\n"
        "number: {type: integer}\nexample: {value: 1}\n"
        "header: {schema: {$ref: '#/number'}}\n"
        "response:\n  description: OK\n  headers: {X-A: {$ref: '#/header'}}\n"
        "  links: {a: {$ref: '#/link'}}\n  content: {application/json: {schema: {$ref: '#/page'}}}\n"
        "link: {operationId: listThings, parameters: {$ref: data}}\n"
        "page: {properties: {items: {$ref: '#/items'}, pagination: {type: object}}}\n"
        f"items: {{type: array, items: {{$ref: 'small.yaml{THING}'}}}}\n"
    )
    text = small().read_text()
    paths = text.partition("paths:\n")[2].partition("components:")[0]
    loaded = document.load(small((paths, "  /things: {$ref: 'parts.yaml#/path'}\n")))
    assert loaded.operations[0].record_schema["required"] == ["id", "kind"]
    get = loaded.effective["paths"]["/things"]["get"]
    assert get["parameters"][0]["examples"] == {"one": {"value": 1}}
    assert get["parameters"][0]["schema"] == {"type": "integer"}
    assert get["responses"]["200"]["headers"] == {"X-A": {"schema": {"type": "integer"}}}
    assert get["responses"]["200"]["links"]["a"]["parameters"] == {"$ref": "data"}


def test_references_are_relative_to_the_path_given_and_not_to_a_links_target(
    small: Small, tmp_path: Path
) -> None:
    path = small((f"'{THING}'", "thing.yaml"))
    text = path.read_text()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").mkdir()
    path.rename(tmp_path / "real" / "small.yaml")
    os.symlink("../real/small.yaml", tmp_path / "link" / "doc.yaml")
    (tmp_path / "link" / "thing.yaml").write_text("properties: {id: {type: string}}\n")
    assert operation(tmp_path / "link" / "doc.yaml").record_schema == {
        "properties": {"id": {"type": "string"}}
    }
    # A ConfigMap of Kubernetes: each file is a link into a folder that is a link.
    (tmp_path / "..data").symlink_to("link")
    (tmp_path / "doc.yaml").write_text(text)
    (tmp_path / "thing.yaml").symlink_to("..data/thing.yaml")
    assert operation(tmp_path / "doc.yaml").record_schema["properties"] == {"id": {"type": "string"}}


# Path items


def split(small: Small, tmp_path: Path, beside: str, behind: str = "") -> Path:
    """Write the small document, its path item in another file, with fields beside the reference."""
    text = small().read_text()
    item = text.partition("  /things:\n")[2].partition("components:")[0]
    (tmp_path / "item.yaml").write_text(item.replace(THING, f"small.yaml{THING}") + behind)
    return small((item, f"    $ref: item.yaml\n{beside}"))


def test_fields_beside_the_reference_of_a_path_item_count(small: Small, tmp_path: Path) -> None:
    tenant = "    parameters: [{name: tenant, in: header, required: true, schema: {type: string}}]\n"
    found = operation(split(small, tmp_path, tenant))
    assert [(p.name, p.required) for p in found.at("header")] == [("tenant", True)]
    assert len(found.at("query")) == 4
    # Equal ones say the same twice.
    assert operation(split(small, tmp_path, tenant, tenant)).at("header")


def test_a_field_beside_and_behind_the_reference_of_a_path_item_is_warned_of(
    small: Small, tmp_path: Path
) -> None:
    path = split(small, tmp_path, "    summary: one\n", "    summary: two\n")
    [found] = document.load(path).warnings
    assert "small.yaml:6 at /paths/~1things: the reference 'item.yaml' has 'summary'" in str(found)


# What cannot be followed


@pytest.mark.parametrize(
    "schemas",
    [
        "A: {$ref: '#/components/schemas/A'}", "A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}",
        "A: {$ref: 'small.yaml#/components/schemas/A'}",
    ],
)  # fmt: skip
def test_references_that_only_lead_to_each_other_are_refused(
    small: Small, refusal: Refusal, schemas: str
) -> None:
    path = small(("    Thing:\n", f"    {schemas}\n    Thing:\n"), (THING, "#/components/schemas/A"))
    assert all("refers to itself by a detour" in found for found in refusal(document.load, path))


def chain(small: Small, tmp_path: Path, length: int, shape: str) -> Path:
    for number in range(length):
        reference = f"{{$ref: '{number + 1}.yaml'}}"
        (tmp_path / f"{number}.yaml").write_text(shape.replace("NEXT", reference))
    (tmp_path / f"{length}.yaml").write_text("properties: {id: {type: string}}\n")
    return small((f"'{THING}'", "0.yaml"))


def test_a_chain_of_a_thousand_references_is_refused_with_a_sentence(
    small: Small, tmp_path: Path, refusal: Refusal
) -> None:
    found = refusal(document.load, chain(small, tmp_path, 1200, "NEXT"))
    assert "leads through more than 100 others" in found[0]


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["properties: {a: NEXT}", "allOf: [NEXT]"])
def test_a_chain_of_a_thousand_files_is_served_or_refused_with_a_sentence(
    small: Small, tmp_path: Path, shape: str
) -> None:
    path = chain(small, tmp_path, 1200, shape)
    try:
        assert document.load(path).lists
    except CannotServe as error:
        assert "is nested too deep; flatten it." in str(error)  # noqa: PT017


def test_a_chain_of_fifty_files_is_followed(small: Small, tmp_path: Path) -> None:
    found = operation(chain(small, tmp_path, 50, "NEXT"))
    assert found.record_schema == {"properties": {"id": {"type": "string"}}}


def test_no_more_than_a_hundred_references_are_reported(small: Small) -> None:
    parts = "".join(f"    S{n}: {{$ref: nowhere.yaml}}\n" for n in range(2_000))
    loaded = document.load(small(("    Thing:\n", f"{parts}    Thing:\n")))
    assert len([each for each in loaded.warnings if each.place]) == 100


@pytest.mark.slow
def test_many_references_to_one_chain_are_followed_once(small: Small, refusal: Refusal) -> None:
    links = "".join(f"    L{n}: {{$ref: '#/components/schemas/L{n + 1}'}}\n" for n in range(90))
    parts = "".join(f"        p{n}: {{$ref: '#/components/schemas/L0'}}\n" for n in range(2_000))
    path = small(
        ("    Thing:\n", f"{links}    L90: {{type: boolean}}\n    Thing:\n"),
        (f"        {SIZE}\n", parts),
    )
    assert operation(path).record_schema["properties"]["p1999"] == {"type": "boolean"}


def test_more_values_than_a_million_are_refused(
    small: Small, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(referred_files, "SIZE_LIMIT", 100)
    enum = f"    Number: {{enum: [{', '.join(map(str, range(100)))}]}}\n    Thing:\n"
    path = small(("    Thing:\n", enum))
    assert "it has more than 100 values" in refusal(document.load, path)[0]


def test_parts_that_double_at_each_reference_are_there_once(small: Small) -> None:
    parts = "".join(f"    S{n}: {{properties: {{a: {{$ref: '#/components/schemas/S{n - 1}'}},"
                    f" b: {{$ref: '#/components/schemas/S{n - 1}'}}}}}}\n" for n in range(1, 40))  # fmt: skip
    path = small(
        ("    Thing:\n", f"    S0: {{}}\n{parts}    Thing:\n"),
        (SIZE, "size: {$ref: '#/components/schemas/S39'}"),
    )
    found = size_of(path)
    assert found["properties"]["a"] is found["properties"]["b"]


@pytest.mark.parametrize("name", ["small.yaml", "part.yaml", "small.overlay.yaml"])
def test_a_link_to_itself_is_refused_with_a_sentence(
    small: Small, tmp_path: Path, refusal: Refusal, name: str
) -> None:
    path = small((THING, "part.yaml#/A"))
    (tmp_path / "part.yaml").write_text("A: {}\n")
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to(name)
    assert "it cannot be read (Too many levels of symbolic links)" in refusal(document.load, path)[0]


def test_a_recursive_part_holds_itself(small: Small) -> None:
    tree = "Tree: {type: array, items: {$ref: '#/components/schemas/Tree'}}"
    path = small(
        ("    Thing:\n", f"    {tree}\n    Thing:\n"),
        (SIZE, "size: {$ref: '#/components/schemas/Tree'}"),
    )
    found = size_of(path)
    assert found["type"] == "array"
    assert found["items"] is found


def test_a_part_without_references_is_the_same_object_as_in_the_file(small: Small) -> None:
    loaded = document.load(small())
    written = loaded.bundled["components"]["schemas"]["Thing"]
    assert loaded.effective["components"]["schemas"]["Thing"] is written


@pytest.mark.parametrize("up", ["../part.yaml", "../../part.yaml"])
def test_a_file_outside_of_the_folder_is_refused_by_its_name(
    small: Small, tmp_path: Path, refusal: Refusal, up: str
) -> None:
    text = small((THING, f"{up}#/A")).read_text()
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    for part in (tmp_path, tmp_path / "outer"):
        (part / "part.yaml").write_text("A: {type: object, properties: {id: {type: string}}}\n")
    document_file = folder / "small.yaml"
    document_file.write_text(text)
    [found] = refusal(document.load, document_file)
    assert "part.yaml, which is outside of the folder" in found
    overlay = tmp_path / "outer" / "own.yaml"
    change = "{target: $.info, update: {title: X}}"
    overlay.write_text(f"overlay: 1.0.0\ninfo: {{title: X, version: '1'}}\nactions: [{change}]\n")
    if up == "../part.yaml":
        assert document.load(document_file, overlay).lists
    else:
        assert "outside of the folder" in refusal(document.load, document_file, overlay)[0]


def test_the_bundled_document_refers_to_its_own_components_and_to_no_file(
    small: Small, tmp_path: Path
) -> None:
    (tmp_path / "part.yaml").write_text(
        "A: {type: object, properties: {thing: {$ref: 'small.yaml#/components/schemas/Thing'}}}\n"
    )
    tree = "Tree: {type: array, items: {$ref: '#/components/schemas/Tree'}}"
    path = small(
        ("    Thing:\n", f"    {tree}\n    Thing:\n"),
        (SIZE, f"size: {{$ref: part.yaml#/A}}\n        part: {{$ref: '{THING}/properties/id'}}"),
    )
    bundled: Any = document.load(path).bundled
    schemas = bundled["components"]["schemas"]
    assert schemas["Tree"]["items"] == {"$ref": "#/components/schemas/Tree"}
    assert schemas["Thing"]["properties"]["part"] == {"$ref": f"{THING}/properties/id"}
    assert schemas["Thing"]["properties"]["size"] == {"$ref": "#/components/schemas/A"}
    assert schemas["A"]["properties"]["thing"] == {"$ref": THING}
    OpenAPIV30SpecValidator(bundled).validate()


def test_parts_of_other_files_get_names_that_are_free(small: Small, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("Thing: {type: object, properties: {b: {$ref: 'b.yaml#/Thing'}}}\n")
    (tmp_path / "b.yaml").write_text("Thing: {type: object, properties: {a: {$ref: 'a.yaml#/Thing'}}}\n")
    alias = "    Alias: {$ref: 'b.yaml#/Thing'}\n    Thing:\n"
    path = small((SIZE, "size: {$ref: 'a.yaml#/Thing'}"), ("    Thing:\n", alias))
    schemas = document.load(path).bundled["components"]["schemas"]
    assert schemas["Thing"]["properties"]["size"] == {"$ref": "#/components/schemas/Thing_2"}
    assert schemas["Thing_2"]["properties"]["b"] == {"$ref": "#/components/schemas/Alias"}
    assert schemas["Alias"]["properties"]["a"] == {"$ref": "#/components/schemas/Thing_2"}


@pytest.mark.parametrize("name", ["thing", "THING", "_Thing", "Th-ing"])
def test_no_part_of_another_file_gets_a_name_whose_type_is_taken(
    small: Small, tmp_path: Path, name: str
) -> None:
    """Generators of clients make one type of `thing` and `Thing`, and give up."""
    (tmp_path / "a.yaml").write_text(f"{name}: {{type: object, properties: {{n: {{type: integer}}}}}}\n")
    schemas = document.load(small((SIZE, f"size: {{$ref: 'a.yaml#/{name}'}}"))).bundled["components"][
        "schemas"
    ]
    assert schemas["Thing"]["properties"]["size"] == {"$ref": f"#/components/schemas/{name}_2"}


def test_the_bundled_document_says_what_the_resolved_one_says(tmp_path: Path) -> None:
    loaded = document.load(document.BUILT_IN)
    path = tmp_path / "bundled.yaml"
    path.write_text(yaml.safe_dump(loaded.bundled))
    assert document.load(path).effective == loaded.effective
    answers = loaded.bundled["paths"]["/usage-metrics"]["get"]["responses"]
    named = {
        status: answer["content"]["application/json"]["schema"] for status, answer in answers.items()
    }
    assert "$ref" in named["200"]
    assert named["400"] == {"$ref": "#/components/schemas/MockApiError"}


@pytest.mark.parametrize(
    "where", ["https://example.com/x.yaml", "http:x.yaml", "//host/x.yaml", "python://os/x"]
)
def test_nothing_outside_this_machine_is_read(small: Small, refusal: Refusal, where: str) -> None:
    with pytest.raises(CannotServe, match="is remote"):
        document.load(small((THING, where)))


def test_a_path_item_may_contain_itself_in_a_callback(small: Small) -> None:
    callback = "      callbacks: {done: {'{$request.query.url}': {$ref: '#/paths/~1things'}}}\n"
    path = small(("      parameters:\n", f"{callback}      parameters:\n"))
    assert document.load(path).operations[0].collection == "things"


@pytest.mark.parametrize("components", ["null", "[]", "x", "{parameters: [1]}", "{schemas: null}"])
def test_components_that_are_none_hinder_no_bundling(
    small: Small, tmp_path: Path, components: str
) -> None:
    (tmp_path / "part.yaml").write_text("A: {type: string}\n")
    text = (
        small()
        .read_text()
        .partition("components:")[0]
        .replace(f"{{$ref: '{THING}'}}", "{$ref: 'part.yaml#/A'}")
    )
    path = tmp_path / "none.yaml"
    path.write_text(f"{text}components: {components}\n")
    bundled = document.load(path).bundled
    assert bundled["components"]["schemas"]["A"] == {"type": "string"}
