"""Why a list is given whole, and what its parameters and its schemes lack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server import cli
from mock_server.list_summary import position_meaning, whole
from mock_server.openapi import document
from mock_server.openapi.list_nearness import Nearness

Small = Callable[..., Path]

AFTER = "        - {name: after, in: query, schema: {type: string}}\n"
ROOT = "  - target: $\n    update: {{x-list: [{}]}}\n"
OWN = "  - target: $.paths['/things'].get\n    update: {{x-list: {}}}\n"
CURSOR = "{style: cursor, request: {after: after}, response: {next: pagination.after}}"
PAGE = "{style: page, first: 0, request: {page: after, limit: limit}}"


def reason(path: Path) -> str:
    loaded = document.load(path)
    return whole(loaded.lists["things"], Nearness(loaded.effective))


@pytest.mark.parametrize(
    "overlay", [OWN.format("false"), OWN.format("{style: none}"), ROOT.format("{style: none}")]
)
def test_a_list_that_is_meant_to_be_whole_lacks_nothing(small: Small, overlay: str) -> None:
    assert reason(small(overlay=overlay)) == "is given whole, as x-list says"


def test_a_list_lacks_what_the_document_s_own_scheme_asks_for(small: Small) -> None:
    number = (AFTER, AFTER.replace("string", "integer"))
    no_field = ("id: {type: string, format: uuid}", "title: {type: string}")
    other = ("name: before", "name: b")
    required = ("required: [id, kind]", "required: [kind]")
    path = small(number, no_field, other, required, overlay=ROOT.format(CURSOR))
    lack = "lacks a type of the parameter 'after' that admits any text"
    assert reason(path).endswith(f"; for the nearest scheme, of style cursor, it {lack}")
    [warning] = document.load(path).warnings
    assert f"no list pages by this scheme: /things comes nearest, and {lack}" in str(warning)


def test_a_list_is_given_whole_with_no_more_words_where_no_scheme_is_near(small: Small) -> None:
    none = [(f"name: {name}", f"name: {name}_x") for name in ("limit", "after", "before")]
    assert reason(small(*none)) == "is given whole, with no way to go on"


def test_an_extension_that_is_null_is_refused(small: Small, refusal: Callable[..., list[str]]) -> None:
    [problem] = refusal(document.load, small(("    get:\n", "    get:\n      x-list:\n")))
    assert problem.startswith("small.yaml:8 at /paths/~1things/get/x-list: it is not a scheme")
    kind = "{name: kind, in: query, "
    [problem] = refusal(document.load, small((kind, f"{kind}x-filter: null, ")))
    assert "/x-filter: it is not a mapping of exactly field and match" in problem


def test_the_number_of_a_first_page_that_its_parameter_forbids_is_a_warning(small: Small) -> None:
    page = (AFTER, AFTER.replace("string", "integer, minimum: 1"))
    for overlay, place in ((ROOT, "/x-list/0/first"), (OWN, "/paths/~1things/get/x-list/first")):
        [warning] = document.load(small(page, overlay=overlay.format(PAGE))).warnings
        assert f"small.overlay.yaml:5 at {place}: the number of the first page is 0" in str(warning)
    number = (AFTER, AFTER.replace("string", "integer"))
    assert document.load(small(number, overlay=OWN.format(PAGE))).warnings == ()


def test_operations_of_one_id_are_a_warning(small: Small) -> None:
    other = "  /others:\n    post:\n      operationId: listThings\n      responses: {'201': {description: made}}\ncomponents:\n"
    [warning] = document.load(small(("components:\n", other))).warnings
    assert "/paths/~1others/post/operationId: 'listThings' is the id of GET /things too" in str(warning)


def test_a_limit_beyond_the_maximum_that_is_cut_has_one(small: Small) -> None:
    scheme = CURSOR.replace("after: after", "after: after, limit: limit")[:-1]
    overlay = OWN.format(f"{scheme}, limitMaximum: 50, over: clamp}}")
    [operation] = document.load(small(overlay=overlay)).operations
    limit = next(p for p in operation.query if p.name == "limit")
    said = "sets the size of a page, from 1 to 50 (what is beyond is cut), 20 by default"
    assert position_meaning(operation, limit) == said


def test_an_object_of_which_members_filter_is_told_by_its_members(
    small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = (
        "{type: object, properties: {kind: {type: string, enum: [round, square]}, a: {type: string}}}"
    )
    filters = f"{{name: filter, in: query, style: deepObject, schema: {schema}}}"
    path = small(
        ("{name: kind, in: query, schema: {type: string}}", filters),
        (AFTER, AFTER.replace("after, in", "size, x-filter: false, in")),
    )
    [operation] = document.load(path).operations
    assert operation.ineffective_parameters == ("limit", "size", "before", "filter[a]")
    assert cli.main(["check", "--document", str(path)]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    told = {words[0]: words[1] for words in lines}
    assert told["filter[kind]"].startswith("filters by kind")
    assert told["filter"] == "is checked, with members that filter, but these have no effect: filter[a]"
    assert told["size"] == "is checked, and filters nothing, as x-filter: false says"


def test_end_null_is_null_though_the_schema_does_not_admit_it(small: Small) -> None:
    member = ("pagination: {type: object}", "next: {type: string}")
    scheme = "{style: cursor, request: {after: after}, response: {next: next}, end: null}"
    convention = document.load(small(member, overlay=OWN.format(scheme))).lists["things"].convention
    assert (convention.end, convention.member("next").is_nullable) == ("null", True)
