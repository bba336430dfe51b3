"""Which schemas extend one that has a discriminator, and so are meant by their names."""

from __future__ import annotations

from typing import Any

from mock_server.openapi.discriminators import NamedSchemas

KIND: dict[str, Any] = {"discriminator": {"propertyName": "kind"}}


def extends(name: str, **more: Any) -> dict[str, Any]:
    return {"allOf": [{"$ref": f"#/components/schemas/{name}"}], **more}


def test_schemas_extend_one_directly_and_by_others() -> None:
    schemas = {"Pet": KIND, "Cat": extends("Pet"), "Lion": extends("Cat"), "Car": {}}
    assert NamedSchemas(schemas).extending(schemas["Pet"]) == ["Cat", "Lion"]


def test_what_extends_a_schema_with_a_discriminator_of_its_own_is_named_by_that() -> None:
    schemas = {"Pet": KIND, "Cat": extends("Pet", **KIND), "Lion": extends("Cat"), "Dog": extends("Pet")}
    named = NamedSchemas(schemas)
    assert named.extending(schemas["Pet"]) == ["Dog"]
    assert named.extending(schemas["Cat"]) == ["Lion"]


def test_schemas_that_extend_each_other_end() -> None:
    schemas = {"Pet": extends("Cat", **KIND), "Cat": extends("Pet")}
    assert NamedSchemas(schemas).extending(schemas["Pet"]) == ["Cat"]
