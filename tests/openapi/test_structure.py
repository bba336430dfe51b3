"""The structure of documents: what is warned of, and what is served all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server import cli
from mock_server.openapi import document, structure
from tests.support.callers import Caller
from tests.support.servers import Serve

Small = Callable[..., Path]

POST = """\
    post:
      requestBody: {content: {application/json: {schema: {type: nothing}}}}
      responses: {'201': {description: made}}
components:
"""


def warnings(path: Path) -> list[str]:
    return [str(warning) for warning in document.load(path).warnings]


def test_a_fault_in_an_operation_that_is_not_served_is_a_warning(small: Small) -> None:
    path = small(("components:\n", POST))
    [warning] = warnings(path)
    assert '"nothing" is not one of' in warning
    assert "at /paths/~1things/post/requestBody/content/application~1json/schema/type" in warning
    assert document.load(path).lists


def test_an_operation_with_a_fault_of_its_own_is_left_out_and_the_others_are_served(
    small: Small,
) -> None:
    text = small().read_text().split("paths:\n")[1].split("components:")[0]
    other = text.replace("/things", "/others").replace("listThings", "listOthers")
    faulty = other.replace("schema: {type: integer}", "schema: {type: number-of-things}", 1)
    loaded = document.load(small((text, text + faulty)))
    assert [operation.template for operation in loaded.operations] == ["/things"]
    assert len(loaded.warnings) == 1


def test_a_keyword_of_a_component_that_means_nothing_is_left_out_with_a_warning(small: Small) -> None:
    path = small(("id: {type: string, format: uuid}", "id: {type: uuid, format: uuid}"))
    [warning] = warnings(path)
    assert "at /components/schemas/Thing/properties/id/type" in warning
    loaded = document.load(path)
    assert loaded.operations[0].record_schema["properties"]["id"] == {"format": "uuid"}
    assert loaded.bundled["components"]["schemas"]["Thing"]["properties"]["id"]["type"] == "uuid"


def test_an_unknown_name_is_warned_of_and_changes_nothing(small: Small) -> None:
    path = small(("    get:\n", "    get:\n      audience: everybody\n"))
    [warning] = warnings(path)
    assert "'audience' was unexpected" in warning
    assert document.load(path).lists


@pytest.mark.parametrize(
    "replacement",
    [
        ("version: '1'}", "version: 1.0}"),
        ("version: '1'}", "version: '1', externalDocs: {url: 'https://example.com'}}"),
        ("version: '1'}", "version: '1', license: {url: 'https://example.com'}}"),
        ("openapi: 3.0.3", "openapi: 3.0"),
        ("servers: [{", "servers: [{name: live, "),
        ("components:\n", "security: [{b: }]\ncomponents:\n  securitySchemes: {b: {type: http, scheme: basic}}\n"),
    ],
)  # fmt: skip
def test_a_fault_that_leaves_the_whole_document_readable_is_a_warning(
    small: Small, replacement: tuple[str, str]
) -> None:
    path = small(replacement)
    assert len(warnings(path)) == 1
    assert document.load(path).lists


def test_a_31_document_is_checked_by_31(small: Small) -> None:
    modern = ("openapi: 3.0.3", "openapi: 3.1.0")
    assert warnings(small(modern, ("id: {type: string,", "id: {type: [string, 'null'],"))) == []
    [warning] = warnings(small(modern, ("id: {type: string,", "id: {type: [string, nothing],")))
    assert "at /components/schemas/Thing/properties/id/type" in warning


def test_an_operation_may_be_in_another_file(small: Small, tmp_path: Path) -> None:
    text = small().read_text()
    operation = text.split("    get:\n")[1].split("components:")[0]
    own = operation.replace("#/components", "small.yaml#/components")
    (tmp_path / "get.yaml").write_text(
        "\n".join(line.removeprefix("      ") for line in own.splitlines())
    )
    loaded = document.load(small((operation, "      $ref: get.yaml\n")))
    assert loaded.lists
    assert loaded.warnings == ()
    assert loaded.bundled["paths"]["/things"]["get"]["operationId"] == "listThings"


def test_no_fault_has_a_number_for_the_key_of_an_object() -> None:
    paths = {"/a": {"get": {"responses": {"200": {"description": 5}}}}}
    [fault] = structure.find_faults(
        {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths}
    )
    assert fault.place == ("paths", "/a", "get", "responses", "200", "description")


def test_warnings_are_few_on_one_screen_and_errors_if_that_is_asked_for(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = "".join(f"    S{n}: {{type: nothing}}\n" for n in range(15))
    path = small(("    Thing:\n", f"{parts}    Thing:\n"))
    assert cli.main(["check", "--document", str(path)]) == 0
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert told[0].endswith("correct it there. And 14 more like this.")
    assert told[1] == "mock-server check --verbose shows each warning."
    assert cli.main(["check", "--document", str(path), "--verbose", "--warnings-as-errors"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 15


@pytest.mark.slow
def test_many_operations_are_grouped_on_one_screen(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    text = small().read_text().split("paths:\n")[1].split("components:")[0]
    many = "".join(
        text.replace("/things", f"/things{n}").replace("listThings", f"list{n}") for n in range(40)
    )
    path = small((text, many))
    assert cli.main(["check", "--document", str(path), "--count", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) < 20
    assert cli.main(["check", "--document", str(path), "--count", "1", "--verbose"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 80


@pytest.mark.parametrize("reverse", [False, True])
def test_concrete_paths_go_before_templates_whatever_their_order(
    small: Small, serve: Serve, reverse: bool
) -> None:
    text = small().read_text().split("paths:\n")[1].split("components:")[0]
    one = (
        "  /things/{id}:\n    get:\n      parameters: [{name: id, in: path, required: true, schema: {}}]\n"
        "      responses: {'200': {description: one}}\n"
    )
    lists = text.replace("/things", "/things/open")
    path = small((text, one + lists if reverse else lists + one))
    assert Caller(serve(document=path, count=3), "me").send("GET", "/v1/things/open").status == 200
