"""The answers that a document describes for an operation, found by status and by media type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_server import errors
from mock_server.formats.media_types import JSON, is_json, without_parameters
from mock_server.formats.source_file import Place

# The status of a list's answer, and that of one that creates a record.
OK, CREATED = "200", "201"

# Ranges under which an answer in JSON is described, the first that is there.
_RANGES = ("application/*", "*/*")

# A format in JSON as a Content-Type names it (RFC 6838 section 4.2).
_FORMAT = re.compile(r"application/[a-z0-9!#$&^_.+-]+\+json", re.ASCII)

# Formats in JSON that are no answer of an API's own: errors, and sequences of values.
_OTHER_FORMATS = {"application/problem+json"}


def find_response(operation: Mapping[str, Any], status: str) -> str | None:
    """Return the key under which an operation describes a status, e.g. `2XX` or `default` for `200`.

    OpenAPI 3.0, Responses Object: a status counts before its range, and `default` is for all others.
    """
    keys = {str(key).upper(): key for key in operation.get("responses", {})}
    return next((keys[k] for k in (status, f"{status[0]}XX", "DEFAULT") if k in keys), None)


def find_json(content: Mapping[str, Any]) -> str | None:
    """Return the key of a `content` that describes JSON, e.g. `application/json; charset=utf-8`.

    JSON itself goes before formats in JSON, e.g. `application/vnd.api+json`, and these before ranges
    (OpenAPI 3.0, Response Object); parameters and case do not count.
    """
    keys: dict[str, str] = {}
    for key in content:
        keys.setdefault(without_parameters(key), key)
    formats = (each for each in keys if is_json(each) and each not in _OTHER_FORMATS)
    return next((keys[each] for each in (JSON, *formats, *_RANGES) if each in keys), None)


def answer_schema(operation: Mapping[str, Any], status: str) -> tuple[Place, Any] | None:
    """Return the schema of an answer in JSON, and its place in the operation; None without one."""
    key = find_response(operation, status)
    if key is None:
        return None
    content = operation["responses"][key].get("content", {})
    media_type = find_json(content)
    if media_type is None or "schema" not in content[media_type]:
        return None
    place = ("responses", key, "content", media_type, "schema")
    return place, content[media_type]["schema"]


def answer_type(operation: Mapping[str, Any], status: str) -> str:
    """Return the Content-Type of an answer in JSON: the format that is described, else JSON's own."""
    key = find_response(operation, status)
    content = {} if key is None else operation["responses"][key].get("content", {})
    described = without_parameters(find_json(content) or JSON)
    return described if _FORMAT.fullmatch(described) is not None else errors.JSON


def file_type(operation: Mapping[str, Any], status: str) -> str | None:
    """Return the media type of an answer that is no JSON, e.g. `application/pdf`; None for any other.

    `x-content` names it where the document does not.
    """
    named = operation.get("x-content")
    if isinstance(named, str):
        return named
    key = find_response(operation, status)
    described = None if key is None else operation["responses"][key]
    content = described.get("content") if isinstance(described, Mapping) else None
    if not isinstance(content, Mapping) or find_json(content) is not None:
        return None
    return next((each for each in map(without_parameters, content) if "*" not in each), None)


def best_success(operation: Mapping[str, Any]) -> str:
    """Return the status of a successful answer: the lowest that has content, else the lowest.

    A range or `default` stands for 200, as does an operation without any.
    """
    return next(iter(_successes(operation)), OK)


def replacing_success(operation: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the statuses of an operation that replaces what is there, and makes what is not.

    The latter is 201 where the operation describes that beside another one, else None: it makes nothing.
    """
    known = _successes(operation)
    others = [each for each in known if each != CREATED]
    return (others[0], CREATED) if others and CREATED in known else (best_success(operation), None)


def _successes(operation: Mapping[str, Any]) -> list[str]:
    """Return the successful statuses that an operation describes, those that have content first."""
    responses = operation.get("responses", {})
    known = sorted(str(key) for key in responses if str(key).isdigit() and str(key).startswith("2"))
    return sorted(known, key=lambda key: not _has_content(operation, key))


def _has_content(operation: Mapping[str, Any], status: str) -> bool:
    key = find_response(operation, status)
    described = {} if key is None else operation["responses"][key]
    return isinstance(described, Mapping) and bool(described.get("content"))
