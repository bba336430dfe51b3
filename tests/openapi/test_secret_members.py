"""Secret members of bodies, wherever a schema says so of them."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.openapi.body_secrets import BodySecrets
from mock_server.openapi.secret_members import SecretMembers

SECRET = {"type": "string", "x-secret": True}
NODE: dict[str, Any] = {"properties": {"key": {"format": "password"}}}
NODE["properties"]["inner"] = NODE


def hidden(schema: dict[str, Any], value: Any) -> Any:
    secrets = SecretMembers.of([schema])
    assert secrets is not None
    return secrets.hide(value)


@pytest.mark.parametrize(
    ("schema", "value", "shown"),
    [
        ({"properties": {"a": SECRET}}, {"a": 1, "b": 2}, {"a": "***", "b": 2}),
        ({"properties": {"a": {"writeOnly": True}}}, {"a": {"b": 1}}, {"a": "***"}),
        ({"properties": {"a": {"allOf": [{"type": "object"}, SECRET]}}}, {"a": None}, {"a": "***"}),
        ({"properties": {"a": {"items": SECRET}}}, {"a": [1, 2]}, {"a": ["***", "***"]}),
        ({"additionalProperties": SECRET}, {"a": 1}, {"a": "***"}),
        ({"oneOf": [{"properties": {"a": {}}}, {"properties": {"a": SECRET}}]}, {"a": 1}, {"a": "***"}),
        (NODE, {"inner": {"inner": {"key": "k", "b": 1}}}, {"inner": {"inner": {"key": "***", "b": 1}}}),
        (SECRET, "text", "***"),
        # Where the document describes nothing, by the name
        ({"properties": {"a": SECRET}}, [{"a": 1}], [{"a": "***"}]),
        ({"properties": {"a": SECRET}}, {"b": {"a": 1}}, {"b": {"a": "***"}}),
    ],
)
def test_secret_members_are_hidden(schema: dict[str, Any], value: Any, shown: Any) -> None:
    assert hidden(schema, value) == shown


def test_what_holds_no_secret_stays_as_it_is() -> None:
    assert SecretMembers.of([{"properties": {"a": {"type": "string", "enum": ["password"]}}}]) is None
    assert SecretMembers.of([{"properties": {"format": {"type": "string"}}}, None]) is None
    value = {"b": [1, {"c": 2}]}
    assert hidden({"properties": {"a": SECRET}}, value) is value


def test_a_member_of_the_same_name_is_no_secret_where_it_is_described() -> None:
    schema = {"properties": {"a": SECRET, "b": {"properties": {"a": {"type": "string"}}}}}
    assert hidden(schema, {"b": {"a": 1}}) == {"b": {"a": 1}}


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"a=1&b=2", b"a=***&b=2"),
        (b"c%5B0%5D%5Bd%5D=1&c[][d]=2&c[0][e]=3", b"c%5B0%5D%5Bd%5D=***&c%5B%5D%5Bd%5D=***&c[0][e]=3"),
        (b"x[a]=1&a", b"x%5Ba%5D=***&a=***"),
    ],
)
def test_secret_members_of_a_form_are_hidden(content: bytes, shown: bytes) -> None:
    inner = {"items": {"properties": {"d": SECRET, "e": {}}}}
    body = {"content": {"text/plain": {"schema": {"properties": {"a": SECRET, "c": inner}}}}}
    secrets = BodySecrets([{"requestBody": body}])
    assert secrets.hide_in_request("application/x-www-form-urlencoded", content) == shown
    assert secrets.hide_in_request("text/csv", content) == b"***"
    assert secrets.hide_in_answer(content) == content
