"""Which operations are lists, and by which scheme each pages: by the shapes of published APIs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.formats import yaml
from mock_server.list_summary import group_lines
from mock_server.openapi import document
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.list_shapes import ListShape, document_schemes, find_list
from mock_server.openapi.schema import DocumentError
from tests.support import wire
from tests.support.servers import Serve

OBJECT = "items: {type: object, properties: {id: {type: string}, gone: {type: boolean}}}"
DATA = f"data: {{type: array, {OBJECT}}}"
ARRAY = f"{{type: array, {OBJECT}}}"
TEXT, WHOLE, FLAG, URL = (
    "{type: string}", "{type: integer}", "{type: boolean}", "{type: string, format: uri, nullable: true}",
)  # fmt: skip


def query(names: str, **types: str) -> dict[str, Any]:
    """Return the schemas of parameters: numbers for `a:n`, texts for `a`."""
    split = [name.partition(":") for name in names.split()]
    return {name: {"type": "integer" if kind == "n" else "string"} for name, _, kind in split} | types


def found(
    names: str, answer: str, path: str = "/things", x_list: Any = None, root: Any = None, **asked: Any
) -> ListShape | None:
    """Return the list that a GET with these parameters and the schema of this answer is."""
    spec = {} if x_list is None else {"x-list": x_list}
    schema = yaml.load(
        answer if answer.startswith("{") else f"{{type: object, properties: {{{answer}}}}}"
    )
    schemes = document_schemes({} if root is None else {"x-list": root})
    return find_list(spec, ("paths", path, "get"), schema, Asked(path, query(names), **asked), schemes)


def summary(shape: ListShape | None) -> str:
    """Return a list's style, its parameters and its members, e.g. `page limit=n page=p | total=count`."""
    if shape is None:
        return "no list"
    made = shape.convention
    style = made.style if made.cursor is None else f"{made.style}({made.cursor})"
    request = [f"{role}={name}" for role, name in sorted(made.request.items())]
    response = [f"{role}={'.'.join(place)}" for role, place in sorted(made.response.items())]
    headers = [f"{name}={role}" for name, role in sorted(made.headers.items())]
    return " ".join([style, ".".join(made.items) or "$", *request, "|", *response, *headers])


@pytest.mark.parametrize(
    ("names", "answer", "expected"),
    [
        # Ids of records as cursors
        ("limit:n starting_after ending_before", f"{DATA}, has_more: {FLAG}",
         "cursor(id) data after=starting_after before=ending_before limit=limit | more=has_more"),
        ("since:n per_page:n", "{type: array, items: {properties: {id: {type: integer}}}}",
         "cursor(id) $ after=since limit=per_page |"),
        # Opaque cursors and tokens
        ("limit:n after before", f"{DATA}, paging: {{properties: {{cursors: {{properties: {{after: {TEXT}, before: {TEXT}}}}}}}}}",
         "cursor data after=after before=before limit=limit | next=paging.cursors.after previous=paging.cursors.before"),
        ("limit:n cursor", f"{DATA}, next_cursor: {TEXT}, has_more: {FLAG}",
         "cursor data after=cursor limit=limit | more=has_more next=next_cursor"),
        ("pageSize:n pageToken", f"{DATA}, nextPageToken: {TEXT}, totalSize: {WHOLE}",
         "token data after=pageToken limit=pageSize | next=nextPageToken total=totalSize"),
        ("limit:n page", f"{DATA}, next_page: {{type: string, nullable: true}}, has_more: {FLAG}",
         "token data after=page limit=limit | more=has_more next=next_page"),
        ("limit:n offset", f"{DATA}, next_page: {{properties: {{offset: {TEXT}, uri: {URL}}}}}",
         "token data after=offset limit=limit | next=next_page.offset nextUrl=next_page.uri"),
        ("page[size]:n page[after] page[before]", f"{DATA}, links: {{properties: {{next: {URL}, prev: {URL}}}}}, meta: {{properties: {{has_more: {FLAG}}}}}",
         "cursor data after=page[after] before=page[before] limit=page[size] | more=meta.has_more nextUrl=links.next previousUrl=links.prev"),
        # Pages
        ("page:n per_page:n", f"{DATA}, meta: {{properties: {{current_page: {WHOLE}, next_page: {WHOLE}, total_pages: {WHOLE}, total_count: {WHOLE}}}}}",
         "page data limit=per_page page=page | next=meta.next_page page=meta.current_page pages=meta.total_pages total=meta.total_count"),
        ("page[number]:n page[size]:n", f"{DATA}, links: {{properties: {{self: {URL}, first: {URL}, last: {URL}, prev: {URL}, next: {URL}}}}}",
         "page data limit=page[size] page=page[number] | firstUrl=links.first lastUrl=links.last nextUrl=links.next previousUrl=links.prev"),
        ("page:n page_size:n", f"count: {WHOLE}, next: {URL}, previous: {URL}, results: {ARRAY}",
         "page results limit=page_size page=page | nextUrl=next previousUrl=previous total=count"),
        ("page:n per_page:n", ARRAY, "page $ limit=per_page page=page | Link=rfc8288"),
        ("Page:n PageSize:n PageToken", f"{DATA}, page: {WHOLE}, next_page_uri: {URL}, first_page_uri: {URL}",
         "page data limit=PageSize page=Page | firstUrl=first_page_uri nextUrl=next_page_uri page=page"),
        ("pageNumber:n pageSize:n", f"{DATA}, _links: {{properties: {{next: {{properties: {{href: {URL}}}}}}}}}, itemsTotal: {WHOLE}, pagesTotal: {WHOLE}",
         "page data limit=pageSize page=pageNumber | nextUrl=_links.next pages=pagesTotal total=itemsTotal"),
        ("page:n size:n", f"_embedded: {{properties: {{things: {ARRAY}}}}}, page: {{properties: {{size: {WHOLE}, totalElements: {WHOLE}, totalPages: {WHOLE}, number: {WHOLE}}}}}",
         "page _embedded.things limit=size page=page | limit=page.size page=page.number pages=page.totalPages total=page.totalElements"),
        ("page:n size:n", f"{DATA}, next: {{type: string, example: '2'}}", "page data limit=size page=page | next=next"),
        # Objects that tell of pages by what is in them, and members that are true or false
        ("page:n page_size:n", f"{DATA}, list_facts: {{properties: {{num_pages: {WHOLE}, page: {WHOLE}, num_results: {WHOLE}}}}}",
         "page data limit=page_size page=page | page=list_facts.page pages=list_facts.num_pages total=list_facts.num_results"),
        ("limit:n cursor", f"{DATA}, meta: {{properties: {{turn: {{properties: {{next_page: {TEXT}, has_next: {FLAG}, has_prev: {FLAG}}}}}}}}}",
         "cursor data after=cursor limit=limit | hasPrevious=meta.turn.has_prev more=meta.turn.has_next next=meta.turn.next_page"),
        ("page:n size:n", f"content: {ARRAY}, totalElements: {WHOLE}, first: {FLAG}, last: {FLAG}, empty: {FLAG}",
         "page content limit=size page=page | atEnd=last atStart=first total=totalElements"),
        ("limit:n iterator", f"{DATA}, iterator: {TEXT}, done: {FLAG}", "cursor data after=iterator limit=limit | atEnd=done next=iterator"),
        ("cursor", f"rows: {ARRAY}, next_page: {FLAG}, cursor: {TEXT}", "cursor rows after=cursor | more=next_page next=cursor"),
        ("limit:n page:n", f"{DATA}, owner: {{properties: {{page: {WHOLE}, name: {TEXT}}}}}", "page data limit=limit page=page |"),
        # Offsets
        ("limit:n offset:n", f"{{type: object, required: [offset, data], properties: {{{DATA}}}}}",
         "offset data limit=limit offset=offset | offset=offset"),
        ("cursor:n", f"{DATA}, cursor: {WHOLE}", "offset data offset=cursor | next=cursor"),
        ("limit:n offset:n", f"{DATA}, limit: {WHOLE}, offset: {WHOLE}, total: {WHOLE}",
         "offset data limit=limit offset=offset | limit=limit offset=offset total=total"),
        ("limit:n offset:n", f"{DATA}, first_id: {WHOLE}, last_id: {WHOLE}, total: {WHOLE}",
         "offset data limit=limit offset=offset | total=total"),
        ("startAt:n maxResults:n", f"startAt: {WHOLE}, maxResults: {WHOLE}, total: {WHOLE}, values: {ARRAY}",
         "offset values limit=maxResults offset=startAt | limit=maxResults offset=startAt total=total"),
        ("limit:n skip:n", ARRAY, "offset $ limit=limit offset=skip | Link=rfc8288"),
        ("limit:n marker", f"{DATA}, next_marker: {WHOLE}", "offset data limit=limit offset=marker | next=next_marker"),
        ("count:n start:n sort", DATA, "offset data limit=count offset=start |"),
        ("count startIndex", f"totalResults: {WHOLE}, startIndex: {WHOLE}, itemsPerPage: {WHOLE}, Resources: {ARRAY}",
         "offset Resources limit=count offset=startIndex | limit=itemsPerPage offset=startIndex total=totalResults"),
        # An object that tells of pages, whatever it is called
        ("page:n page_size:n", f"things: {ARRAY}, list_info: {{properties: {{page: {WHOLE}, num_pages: {WHOLE}, page_size: {WHOLE}, num_results: {WHOLE}}}}}",
         "page things limit=page_size page=page | limit=list_info.page_size page=list_info.page pages=list_info.num_pages total=list_info.num_results"),
        ("limit:n offset", f"{DATA}, total: {WHOLE}", "offset data limit=limit offset=offset | total=total"),
        ("pageNo:n pageSize:n", f"results: {ARRAY}, totalResults: {WHOLE}, pageNo: {WHOLE}, nextPage: {FLAG}, nextPageNo: {WHOLE}",
         "page results limit=pageSize page=pageNo | more=nextPage next=nextPageNo page=pageNo total=totalResults"),
        # A range, a filter and a quota are no places of a page
        ("limit:n start:n end:n", DATA, "none data |"),
        ("limit:n start", DATA, "none data |"),
        ("limit:n gone", f"{DATA}, links: {{properties: {{next: {URL}}}}}", "url data after=cursor limit=limit | nextUrl=links.next"),
        ("", f"{DATA}, quota: {{properties: {{limit: {WHOLE}, total: {WHOLE}}}}}", "none data |"),
        # A URL leads on, by a parameter of its own
        ("limit:n", f"{DATA}, has_more: {FLAG}, total: {WHOLE}, next: {URL}",
         "url data after=cursor limit=limit | more=has_more nextUrl=next total=total"),
        # Nothing leads on
        ("limit:n", f"{DATA}, has_more: {FLAG}, total: {WHOLE}", "none data | more=has_more total=total"),
        ("", ARRAY, "none $ |"),
    ],
)  # fmt: skip
def test_a_list_pages_by_what_its_parameters_and_its_answer_are_called(
    names: str, answer: str, expected: str
) -> None:
    assert summary(found(names, answer)) == expected


@pytest.mark.parametrize(
    ("path", "names", "expected"),
    [
        (
            "/groups/{id}/members",
            "startIndex:n count:n",
            "offset members limit=count offset=startIndex |",
        ),
        ("/groups/{id}/members", "", "no list"),
        ("/members/{id}", "startIndex:n count:n", "no list"),
    ],
)
def test_an_object_whose_array_the_path_is_called_by_is_a_list_if_it_pages(
    path: str, names: str, expected: str
) -> None:
    answer = f"id: {TEXT}, displayName: {TEXT}, members: {ARRAY}"
    assert summary(found(names, answer, path)) == expected


def test_a_parameter_named_like_a_field_of_the_records_is_no_cursor() -> None:
    items = "items: {type: object, properties: {id: {type: string}, token: {type: string}}}"
    answer = f"data: {{type: array, {items}}}, links: {{properties: {{next: {URL}}}}}"
    assert summary(found("token", answer)) == "url data after=cursor | nextUrl=links.next"


@pytest.mark.parametrize(
    ("needed", "expected"),
    [("user", "cursor(user.id) $ after=after |"), ("user, team", "none $ |")],
)
def test_the_id_of_an_object_in_each_record_is_a_cursor_where_it_is_the_only_one(
    needed: str, expected: str
) -> None:
    inner = f"{{type: object, required: [id], properties: {{id: {WHOLE}}}}}"
    record = f"{{required: [{needed}], properties: {{user: {inner}, team: {inner}}}}}"
    assert summary(found("after:n", f"{{type: array, items: {record}}}")) == expected


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/groups/{id}/things", f"id: {TEXT}, name: {TEXT}, things: {ARRAY}"),
        ("/things", f"data: {{oneOf: [{ARRAY}, {{type: object, properties: {{id: {TEXT}}}}}]}}"),
        ("/members/{id}", f"things: {ARRAY}, info: {{properties: {{page: {WHOLE}, pages: {WHOLE}}}}}"),
    ],
)
def test_an_array_is_a_list_where_its_path_or_what_tells_of_pages_says_so(
    path: str, answer: str
) -> None:
    assert summary(found("page:n", answer, path)).startswith("page ")


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("names", "answers", "expected"),
    [
        ("page:n pageSize:n", f"page: {WHOLE}, pageSize: {WHOLE}, totalCount: {WHOLE}",
         "page items limit=pageSize page=page | limit=pageSize page=page total=totalCount"),
        ("page:n pageSize:n", f"page: {WHOLE}, pageSize: {WHOLE}", "page items limit=pageSize page=page | limit=pageSize page=page"),
        ("limit:n offset:n", f"offset: {WHOLE}", "offset items limit=limit offset=offset | offset=offset"),
        ("limit:n cursor", f"nextCursor: {TEXT}", "cursor items after=cursor limit=limit | next=nextCursor"),
        ("page:n pageSize:n", f"kind: {TEXT}", "page $ limit=pageSize page=page | Link=rfc8288"),
    ],
)  # fmt: skip
def test_of_an_array_and_an_object_with_pages_the_answer_is_what_tells_of_pages(
    keyword: str, names: str, answers: str, expected: str
) -> None:
    page = f"{{type: object, properties: {{items: {ARRAY}, {answers}}}}}"
    assert summary(found(names, f"{{{keyword}: [{ARRAY}, {page}]}}")) == expected


def test_nothing_in_the_place_of_the_records_tells_of_pages() -> None:
    answer = (
        f"response: {{oneOf: [{{type: object, properties: {{{DATA}, total_count: {WHOLE}}}}}, {ARRAY}]}}"
    )
    assert summary(found("limit:n offset:n", answer)) == "offset response limit=limit offset=offset |"


@pytest.mark.parametrize("names", ["limit:n pageSize:n offset:n", "pageSize:n limit:n offset:n"])
@pytest.mark.parametrize("said", ["limit", "pageSize"])
def test_of_two_limits_the_one_that_the_answer_repeats_counts(names: str, said: str) -> None:
    answer = f"{{type: object, properties: {{items: {ARRAY}, offset: {WHOLE}, {said}: {WHOLE}}}}}"
    assert f" limit={said} offset=offset |" in summary(found(names, answer))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{type: integer}", "cursor(n)"), ("{type: string, enum: [a]}", "none"), ("{type: string, pattern: '^[0-9]+$'}", "cursor(n)"),
        ("{type: string, maxLength: 20}", "cursor(n)"), ("{type: string, format: date-time}", "none"), ("{type: string}", "cursor"),
        ("{type: string, maxLength: 500}", "cursor"), ("{}", "cursor"), ("{type: boolean}", "none"),
    ],
)  # fmt: skip
def test_a_cursor_that_admits_no_text_of_ours_is_the_id_of_a_record(schema: str, expected: str) -> None:
    asked = Asked("/things", {"cursor": yaml.load(schema)})
    answer = yaml.load("{type: array, items: {properties: {id: {type: integer}}}}")
    shape = find_list({}, ("paths",), answer, asked, ())
    assert summary(shape).split()[0] == expected.replace("(n)", "(id)")


@pytest.mark.parametrize(
    ("answer", "path", "place"),
    [
        (f"{DATA}, errors: {ARRAY}, warnings: {ARRAY}", "/x", "data"), (f"things: {ARRAY}, tags: {ARRAY}", "/x/things.json", "things"),
        (f"values: {ARRAY}, items: {ARRAY}", "/x", "items"), (f"errors: {ARRAY}", "/errors", "errors"),
        (f"{{oneOf: [{{type: object, properties: {{{DATA}}}}}]}}", "/x", "data"),
        (f"{{oneOf: [{{properties: {{error: {TEXT}}}}}, {{properties: {{{DATA}}}}}]}}", "/x", "data"),
        (f"{{allOf: [{{properties: {{count: {WHOLE}}}}}, {{properties: {{things: {{nullable: true, allOf: [{ARRAY}]}}}}}}]}}", "/x", "things"),
        (f"{{nullable: true, type: object, additionalProperties: true, properties: {{things: {ARRAY}}}}}", "/x", "things"),
        # One object with an array is no list.
        (f"id: {TEXT}, name: {TEXT}, tags: {ARRAY}", "/customers/{id}", None), (f"name: {TEXT}, tags: {ARRAY}", "/me", None),
        (f"id: {TEXT}, items: {ARRAY}, amount: {WHOLE}", "/order", None), (f"a: {ARRAY}, b: {ARRAY}", "/x", None),
        ("{type: object, additionalProperties: {type: array}}", "/x", None), (f"{{properties: {{data: {{properties: {{{DATA}}}}}}}}}", "/x", None),
        # An object that tells of pages is one.
        (f"state: {TEXT}, id: {TEXT}, things: {ARRAY}, total_count: {WHOLE}", "/x", None),
    ],
)  # fmt: skip
def test_a_list_holds_one_array_and_nothing_of_its_own(
    answer: str, path: str, place: str | None
) -> None:
    shape = found("", answer, path)
    assert (None if shape is None else ".".join(shape.place)) == place


def test_an_object_with_an_array_is_a_list_where_it_tells_of_pages() -> None:
    answer = f"state: {TEXT}, id: {TEXT}, things: {ARRAY}, total_count: {WHOLE}"
    assert summary(found("page:n", answer, "/x/{id}")) == "page things page=page | total=total_count"
    assert found("page:n", f"state: {TEXT}, id: {TEXT}, things: {ARRAY}", "/x/{id}") is None


def test_an_object_with_an_array_is_no_list_for_a_link_in_its_header() -> None:
    answer = f"name: {TEXT}, options: {ARRAY}"
    assert found("", answer, "/fields/{id}", headers=("Link",)) is None
    assert summary(found("", ARRAY, headers=("Link",))).startswith("url $")


# An x-list

TOKENS = {
    "style": "token",
    "items": "body.rows",
    "request": {"after": "t"},
    "response": {"next": "body.t"},
}
ROWS = f"body: {{properties: {{rows: {ARRAY}, t: {TEXT}}}}}"


def test_the_operation_s_own_scheme_counts_and_then_the_document_s_in_order() -> None:
    whole = {"style": "none", "items": "body.rows"}
    assert summary(found("t n:n", ROWS)) == "no list"
    assert summary(found("t n:n", ROWS, x_list=TOKENS)) == "token body.rows after=t | next=body.t"
    assert summary(found("t", ROWS, root=[whole, TOKENS])) == "none body.rows |"
    assert (
        summary(found("t", ROWS, x_list=TOKENS, root=[whole])) == "token body.rows after=t | next=body.t"
    )
    # One that does not fit is passed over.
    other = TOKENS | {"request": {"after": "u"}}
    assert summary(found("t", ROWS, root=[other, TOKENS])) == "token body.rows after=t | next=body.t"


@pytest.mark.parametrize(("by_scheme", "most"), [(10, 10), (100, 50)])
def test_of_two_maxima_of_a_limit_the_lesser_counts(by_scheme: int, most: int) -> None:
    taken: dict[str, Any] = {"p": {"type": "integer"}, "n": {"type": "integer", "maximum": 50}}
    own = {"style": "page", "request": {"page": "p", "limit": "n"}, "limitMaximum": by_scheme}
    place = ("paths", "/things", "get")
    shape = find_list({"x-list": own}, place, yaml.load(ARRAY), Asked("/things", taken), ())
    assert shape is not None
    assert shape.convention.maximum_limit == most


def test_false_serves_a_list_whole() -> None:
    answer = f"{DATA}, next_cursor: {TEXT}"
    assert summary(found("cursor", answer, x_list=False)) == "none data | next=next_cursor"
    assert summary(found("", f"tags: {ARRAY}, name: {TEXT}", x_list=False)) == "none tags |"


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"request": {"after": "t", "limit": "n"}}, (), "the operation lacks the query parameter 'n' (limit)"),
        ({"items": "rows"}, (), "the operation lacks an array at 'rows' in its answer"),
        ({"response": {"next": "body.t", "total": "body.all"}}, (), "the operation lacks 'body.all' (total) in its answer"),
        ({"style": "cursor", "cursor": "sid"}, (), "the operation lacks the field 'sid' in its records"),
        ({"style": "tokens"}, ("style",), "'tokens' is none of"),
    ],
)  # fmt: skip
def test_a_scheme_that_does_not_fit_its_operation_is_refused_with_what_is_missing(
    changes: dict[str, Any], place: tuple[str, ...], message: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        found("t", ROWS, x_list=TOKENS | changes)
    assert refused.value.place == ("paths", "/things", "get", "x-list", *place)
    assert refused.value.message.startswith(message)


def test_before_may_be_missing_together_with_previous() -> None:
    scheme = {
        "style": "cursor", "request": {"after": "a", "before": "b"},
        "response": {"next": "n", "previous": "p"},
    }  # fmt: skip
    both, one = f"{DATA}, n: {TEXT}, p: {TEXT}", f"{DATA}, n: {TEXT}"
    assert (
        summary(found("a b", both, x_list=scheme)) == "cursor data after=a before=b | next=n previous=p"
    )
    assert summary(found("a", both, x_list=scheme)) == "cursor data after=a | next=n"
    assert summary(found("a b", one, x_list=scheme)) == "cursor data after=a | next=n"


# Other members

ENVELOPE = f"""{DATA}, object: {{type: string, enum: [list]}}, url: {{type: string, example: /v1/x}},
  version: {{type: integer, default: 3}}, note: {TEXT}, cursor_b: {{type: string, example: abc}}, has_more: {FLAG}"""


def test_members_that_no_role_fills_are_those_of_the_schema() -> None:
    shape = found("limit:n", ENVELOPE)
    assert shape is not None
    assert shape.convention.envelope == {
        "object": "list",
        "url": "/v1/x",
        "version": 3,
        "cursor_b": "abc",
    }


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("{type: string}", ""), ("{type: string, minLength: 3}", "xxx"), ("{type: integer, minimum: 5}", 5),
        ("{type: number, exclusiveMinimum: true, minimum: 5}", 6), ("{type: boolean}", False), ("{type: array}", []),
        ("{type: string, nullable: true}", None), ("{type: string, format: date-time}", "2024-01-01T00:00:00Z"),
        ("{type: string, pattern: '^/things'}", "/things"), ("{type: object, required: [a], properties: {a: {enum: [x, y]}, b: {}}}", {"a": "x"}),
        ("{oneOf: [{type: integer, minimum: 2}, {type: string}]}", 2), ("{type: string, enum: [b, a]}", "b"),
    ],
)  # fmt: skip
def test_a_member_that_must_be_there_is_one_that_its_schema_admits(schema: str, value: Any) -> None:
    answer = f"{{required: [note], properties: {{note: {schema}, more_notes: {schema}, {DATA}}}}}"
    shape = found("", answer, "/things/data")
    assert shape is not None
    only = {"more_notes": value} if "enum: [only" in schema else {}
    assert shape.convention.envelope == {"note": value} | only


def test_schemas_that_lead_back_to_themselves_are_read() -> None:
    record: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string"}}}
    record["properties"]["parent"] = record
    page: dict[str, Any] = {
        "required": ["next", "data"],
        "properties": {"data": {"type": "array", "items": record}},
    }
    page["properties"]["next"] = page
    page["oneOf"] = [page]
    shape = find_list({}, ("paths",), page, Asked("/things", {}), ())
    assert summary(shape) == "none data | next=next"


# Where an x-list is wrong

OVERLAY = """  - target: $
    update:
      x-list:
        - style: cursor
          request: {after: after}
          response: {next: pagination.after}
        - style: page
          request: {page: nowhere}
"""
OWN = """  - target: $.paths['/things'].get
    update:
      x-list:
        style: page
        request:
          page: limit
          limt: limit
"""


def test_a_wrong_scheme_is_told_with_its_line_in_the_overlay(
    small: Callable[..., Path], refusal: Callable[..., list[str]]
) -> None:
    [problem] = refusal(document.load, small(overlay=OVERLAY + OWN))
    assert problem.startswith(
        "small.overlay.yaml:18 at /paths/~1things/get/x-list/request/limt: 'limt' is no role"
    )
    [problem] = refusal(document.load, small(overlay=OVERLAY.replace("{after: after}", "{aftr: after}")))
    assert problem.startswith("small.overlay.yaml:8 at /x-list/0/request/aftr: 'aftr' is no role")


def test_a_wrong_scheme_in_the_document_itself_is_told_with_its_line(
    small: Callable[..., Path], refusal: Callable[..., list[str]]
) -> None:
    [problem] = refusal(document.load, small(("    get:\n", "    get:\n      x-list: {style: p}\n")))
    assert problem.startswith("small.yaml:8 at /paths/~1things/get/x-list/style: 'p' is none of")


def test_a_scheme_of_the_document_that_no_list_pages_by_is_a_warning(small: Callable[..., Path]) -> None:
    loaded = document.load(small(overlay=OVERLAY))
    assert loaded.lists["things"].convention.response == {"next": ("pagination", "after")}
    [warning] = map(str, loaded.warnings)
    assert "small.overlay.yaml:10 at /x-list/1: no list pages by this scheme" in warning


def test_a_scheme_of_the_document_after_another_that_fits_the_same_list_is_a_warning(
    small: Callable[..., Path],
) -> None:
    schemes = ", ".join(
        f"{{style: cursor, cursor: id, request: {{after: after}}, limitDefault: {n}}}" for n in (5, 6)
    )
    [warning] = document.load(small(("paths:\n", f"x-list: [{schemes}]\npaths:\n"))).warnings
    assert (warning.place, warning.message) == (
        "/x-list/1",
        "no list pages by this scheme: another counts before it",
    )


def test_members_of_an_object_page_by_the_names_under_which_they_are_sent(
    small: Callable[..., Path], serve: Serve
) -> None:
    path = small(
        ("{name: limit, in: query, schema: {type: integer}}",
         "{name: page, in: query, required: true, style: deepObject, "
         "schema: {type: object, properties: {size: {type: integer}, number: {type: integer}}}}"),
    )  # fmt: skip
    url = serve(document=path, count=7)
    assert len(wire.get(url, "/v1/things?page%5Bsize%5D=2").json["items"]) == 2
    last = wire.get(url, "/v1/things?page%5Bsize%5D=2&page%5Bnumber%5D=4").json["items"]
    assert last == wire.get(url, "/v1/things?page%5Bsize%5D=7").json["items"][6:]


@pytest.mark.parametrize("rest", ["", ", additionalProperties: false", ", required: [size]"])
def test_an_object_that_is_required_is_asked_for_though_its_members_page(
    small: Callable[..., Path], serve: Serve, rest: str
) -> None:
    members = "{size: {type: integer}, number: {type: integer}}"
    page = (
        "{name: page, in: query, required: true, style: deepObject, "
        f"schema: {{type: object, properties: {members}{rest}}}}}"
    )
    url = serve(document=small(("{name: limit, in: query, schema: {type: integer}}", page)))
    for query in ("", "?page=2", "?page[bogus]=2", "?kind=round"):
        answer = wire.get(url, f"/v1/things{query}")
        [error] = answer.json["error"]["errors"]
        assert answer.status == 400
        assert error["key"] in ("page", "page[size]")
        assert "'page[size]'" in error["message"]
    assert wire.get(url, "/v1/things?page[size]=2").status == 200


@pytest.mark.parametrize(
    ("query", "status", "size"),
    [("pageSize=2", 200, 2), ("limit=2", 200, 2), ("limit=3&pageSize=2", 200, 3), ("", 200, 7), ("pageSize=0", 400, 0)],
)  # fmt: skip
def test_of_two_limits_the_one_that_is_sent_sizes_the_page(
    small: Callable[..., Path], serve: Serve, query: str, status: int, size: int
) -> None:
    limit = "{name: limit, in: query, schema: {type: integer}}"
    path = small((limit, f"{limit}\n        - {{name: pageSize, in: query, schema: {{default: 5}}}}"))
    [things] = document.load(path).lists.values()
    assert things.ineffective_parameters == ()
    answer = wire.get(serve(document=path, count=7), f"/v1/things?{query}")
    assert (answer.status, len(answer.json.get("items", ()))) == (status, size)


# What is said of lists


def test_lists_are_told_in_groups_with_what_has_no_effect(small: Callable[..., Path]) -> None:
    whole = ("        - {name: after, in: query, schema: {type: string}}\n", "")
    lines = "\n".join(group_lines(document.load(small())))
    assert "1 list pages by opaque cursor (limit, after, before): /v1/things" in lines
    lines = "\n".join(group_lines(document.load(small(whole))))
    assert "1 list given whole, with no way to go on: /v1/things" in lines
    assert (
        "no effect of limit, before: /v1/things; for the nearest scheme, of style page, it lacks"
        in lines
    )


def test_an_object_that_tells_of_the_next_page_alone_is_null_where_there_is_none(
    small: Callable[..., Path], serve: Serve
) -> None:
    next_page = "{nullable: true, type: object, properties: {after: {type: string}}}"
    path = small(("pagination: {type: object}", f"next: {next_page}"), ("name: before,", "name: b,"))
    url = serve(document=path, count=3)
    first = wire.get(url, "/v1/things?limit=2").json
    assert {*first["next"]} == {"after"}
    assert wire.get(url, f"/v1/things?after={first['next']['after']}").json["next"] is None
