"""The shape of errors: what `x-error` makes of an error, what it finds in one, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.errors import (
    ApiError,
    InvalidRequest,
    NotFound,
    ScriptedError,
    UnknownVersion,
    Violation,
)
from mock_server.openapi.error_shape import errors_in, read_shape

LIMIT = Violation("range", "'0' was sent for 'limit'", "limit")
KIND = Violation("enum", "'x' was sent for 'kind'", "kind")
BODY = Violation("json", "the body is no JSON", "")
ONE, TWO = InvalidRequest([LIMIT]), InvalidRequest([LIMIT, KIND])
MISSING = NotFound("There is nothing here.")

SINGLE = {"error": {"type": "{type}", "code": "{code}", "message": "{message}", "param": "{key}"}}
EACH = {"message": "{message}", "errors": {"each": {"field": "{key}", "message": "{message}"}}}


def body(said: Any, error: ApiError) -> Any:
    return read_shape({"x-error": said}).body(error)


@pytest.mark.parametrize(
    ("template", "error", "expected"),
    [
        (SINGLE, ONE, {"error": {"type": "invalid", "code": "range", "message": LIMIT.message,
                                 "param": "limit"}}),
        (SINGLE, TWO, {"error": {"type": "invalid", "code": "range", "param": "limit",
                                 "message": f"{LIMIT.message} (and 1 more mistake)"}}),
        (SINGLE, InvalidRequest([LIMIT, KIND, BODY]),
         {"error": {"type": "invalid", "code": "range", "param": "limit",
                    "message": f"{LIMIT.message} (and 2 more mistakes)"}}),
        (SINGLE, MISSING, {"error": {"type": "notFound", "code": "notFound",
                                     "message": "There is nothing here."}}),
        (SINGLE, ScriptedError(429, "tooManyRequests", "A fault", ()),
         {"error": {"type": 7, "code": "tooManyRequests",
                    "message": "A fault says that this request gets 429."}}),
        (SINGLE, UnknownVersion("NoVersion", "no such version", "Api-Version", "reason"),
         {"error": {"type": "NoVersion", "code": "NoVersion", "message": "no such version",
                    "param": "Api-Version"}}),
        (EACH, TWO, {"message": "Request data validation failed",
                     "errors": [{"field": "limit", "message": LIMIT.message},
                                {"field": "kind", "message": KIND.message}]}),
        (EACH, InvalidRequest([BODY]), {"message": "Request data validation failed",
                                        "errors": [{"message": BODY.message}]}),
        (EACH, MISSING, {"message": "There is nothing here.",
                         "errors": [{"message": "There is nothing here."}]}),
        ({"errors": {"each": {"status": "{statusText}", "title": "{reason}", "detail": "{message}",
                              "source": {"parameter": "{key}"}}}}, MISSING,
         {"errors": [{"status": "404", "title": "Not Found", "detail": "There is nothing here."}]}),
        ({"each": "{code}: {message}"}, TWO,
         [f"range: {LIMIT.message}", f"enum: {KIND.message}"]),
        ({"status": "{status}", "text": "Error {status} ({type})", "id": 5, "none": None, "list": [],
          "object": {}, "braces": "{{key}}", "fixed": ["a", {"b": True}], "keys": ["{key}"]}, MISSING,
         {"status": 404, "text": "Error 404 (notFound)", "id": 5, "none": None, "list": [],
          "object": {}, "braces": "{key}", "fixed": ["a", {"b": True}]}),
        ({"param": "{key}"}, MISSING, {}),
        ({"param": "{key|null}", "field": "{key|}"}, MISSING, {"param": None, "field": ""}),
        ({"param": "{key|null}", "field": "{key|}"}, ONE, {"param": "limit", "field": "limit"}),
        ({"reason": "{reason}"}, ScriptedError(499, "clientError", "x", ()), {"reason": "clientError"}),
    ],
)  # fmt: skip
def test_a_body_is_filled_with_what_an_error_tells(
    template: Any, error: ApiError, expected: Any
) -> None:
    assert body({"body": template, "types": {"400": "invalid", "429": 7}}, error) == expected


def test_a_problem_is_written_as_rfc_9457_says() -> None:
    shape = read_shape({"x-error": "problem"})
    assert shape.media_type == "application/problem+json"
    assert shape.body(MISSING) == {
        "type": "about:blank", "title": "Not Found", "status": 404,
        "detail": "There is nothing here.", "code": "notFound",
    }  # fmt: skip
    assert shape.body(TWO) == {
        "type": "about:blank", "title": "Bad Request", "status": 400,
        "detail": "Request data validation failed",
        "errors": [{"code": "range", "detail": LIMIT.message, "parameter": "limit"},
                   {"code": "enum", "detail": KIND.message, "parameter": "kind"}],
    }  # fmt: skip


def test_errors_may_have_a_media_type_of_their_own() -> None:
    shape = read_shape({"x-error": {"body": {"a": 1}, "mediaType": "application/vnd.api+json"}})
    assert shape.media_type == "application/vnd.api+json"
    assert read_shape({"x-error": {"body": {}}}).media_type == "application/json; charset=utf-8"


def test_without_a_shape_of_the_document_an_error_is_written_in_the_built_in_one() -> None:
    shape = read_shape({})
    assert shape.media_type == "application/json; charset=utf-8"
    assert shape.body(TWO) == TWO.as_json()


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        (None, {"limit", "kind"}),
        ("problem", {"limit", "kind"}),
        ({"body": SINGLE}, {"limit"}),
        ({"body": EACH}, {"limit", "kind"}),
        ({"body": [{"a": ["{key}"]}]}, {"limit"}),
        ({"body": {"param": "{key|null}"}}, {"limit"}),
        ({"body": {"message": "{message} {key}"}}, set()),
    ],
)
def test_a_shape_finds_in_a_body_what_it_has_written(said: Any, keys: set[str]) -> None:
    shape = read_shape({} if said is None else {"x-error": said})
    told = shape.read(shape.body(TWO))
    assert {each["key"] for each in told if each.get("key")} == keys
    assert shape.tells("key") == bool(keys)
    for other in (None, [], "x", {"error": 5, "errors": 5}, {"error": {"errors": 5}}, [5]):
        assert not any(each.get("key") for each in shape.read(other))


@pytest.mark.parametrize(
    ("said", "place", "message"),
    [
        (None, (), "it has no 'body', and is not 'problem'"),
        ("problems", (), "it has no 'body', and is not 'problem'"),
        ({"types": {}}, (), "it has no 'body'"),
        ({"body": "x"}, ("body",), "it is neither an object nor an array"),
        ({"body": {}, "type": {}}, ("type",), "the field is not understood"),
        ({"body": {"a": ["{mesage}"]}}, ("body", "a", 0),
         "'{mesage}' is no placeholder (did you mean 'message'?)"),
        ({"body": {"a": "{"}}, ("body", "a"), "'{' is no placeholder"),
        ({"body": {"a": "{key|none}"}}, ("body", "a"), "'{key|none}' is no placeholder"),
        ({"body": {"a": "At {key|null}"}}, ("body", "a"), "'{key|null}' is no placeholder"),
        ({"body": {"each": {}, "a": 1}}, ("body", "each"), "'each' stands beside other members"),
        ({"body": {"each": {"a": {"each": 1}}}}, ("body", "each", "a", "each"),
         "'each' stands in another one"),
        ({"body": {}, "mediaType": "text/html"}, ("mediaType",), "'text/html' is no media type of JSON"),
        ({"body": {}, "types": []}, ("types",), "it is no object"),
        ({"body": {}, "types": {"4XX": "a"}}, ("types", "4XX"), "'4XX' is no status of an error"),
        ({"body": {}, "types": {"200": "a"}}, ("types", "200"), "'200' is no status of an error"),
        ({"body": {}, "types": {"400": None}}, ("types", "400"), "neither a text nor a number"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(
    said: Any, place: tuple[str | int, ...], message: str
) -> None:
    [error] = errors_in({"x-error": said})
    assert error.place == ("x-error", *place)
    assert message in error.message
    assert error.remedy
