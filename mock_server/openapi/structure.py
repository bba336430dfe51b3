"""The structure of a document: what the meta-schema of its version of OpenAPI forbids in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.formats.json import Json
from mock_server.formats.source_file import Place
from mock_server.openapi.references import is_modern
from mock_server.settings import LISTED

_MESSAGE_LENGTH = 200

# OpenAPI 3.1.1, section 4.6: the dialect of schemas where a document names none.
_DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


# Keywords of the meta-schema whose violation leaves what is described as it is: names that are not
# understood, and values that are there twice.
_HARMLESS = frozenset(
    ["additionalProperties", "unevaluatedProperties", "uniqueItems", "minItems", "minProperties"]
)

# Parts of the document without which nothing can be served.
_WHOLE = frozenset(["openapi", "info", "paths", "servers", "security"])


class Fault(NamedTuple):
    """What the meta-schema forbids: its place, why, and whether the part can be read all the same."""

    place: Place
    message: str
    is_harmless: bool
    lacks: bool = False

    @property
    def is_of_whole(self) -> bool:
        """Tell whether it is one of the document, and not of a path or a component."""
        if self.is_harmless:
            return False
        if not self.place:
            return True
        return self.place[0] in _WHOLE and (len(self.place) == 1 or self.place[0] != "paths")


def without_faulty(document: dict[str, Json], faults: Iterable[Fault]) -> dict[str, Json]:
    """Return the document without the members that have faults; what stays is the same objects.

    A part that lacks a member stays as it is.
    """
    own = {id(document := dict(document))}
    for fault in faults:
        if not fault.is_harmless and not fault.lacks and fault.place:
            _remove(document, fault.place, own)
    return document


def _remove(document: Json, place: Place, own: set[int]) -> None:
    """Remove the member of an object that a place is, or is an item of, unless it is gone already.

    `own` are the parts that may be changed.
    """
    while place and isinstance(place[-1], int):
        place = place[:-1]
    holder = document
    for step in place[:-1]:
        if isinstance(holder, dict) and step not in holder:
            return
        part = holder[step]
        if id(part) not in own:
            part = holder[step] = part.copy()
            own.add(id(part))
        holder = part
    holder.pop(place[-1], None)


def find_faults(document: dict[str, Json]) -> list[Fault]:
    """Return the first faults of a document as it is written, with its references in place."""
    # Imported here: the built-in document, which a test checks, does without.
    found = _validator(is_modern(document), document.get("jsonSchemaDialect", _DIALECT) == _DIALECT)
    if found.is_valid(document):
        return []
    leaves = (
        leaf
        for error in found.iter_errors(document)
        for leaf in _leaves(error)
        if not _is_referred(leaf)
    )
    return list(dict.fromkeys(_fault(leaf, document) for leaf in islice(leaves, LISTED)))


@cache
def _validator(is_modern: bool, checks_schemas: bool) -> Any:
    import jsonschema_rs

    if not is_modern:
        return jsonschema_rs.Draft4Validator(_meta_schema("v3.0"), validate_formats=False)
    meta_schema = _meta_schema("v3.1")
    if not checks_schemas:
        return jsonschema_rs.Draft202012Validator(meta_schema, validate_formats=False)
    # As https://spec.openapis.org/oas/3.1/schema-base says, for the dialect of JSON Schema alone.
    base = {
        "$id": "urn:mock-server:openapi-3.1",
        "$schema": _DRAFT,
        "$ref": meta_schema["$id"],
        "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": _DRAFT}},
    }
    registry = jsonschema_rs.Registry([(meta_schema["$id"], meta_schema)])
    return jsonschema_rs.Draft202012Validator(base, validate_formats=False, registry=registry)


def _meta_schema(version: str) -> dict[str, Any]:
    # The package is found, not imported, which would take longer than all else here.
    package = find_spec("openapi_spec_validator")
    folder = Path(str(package.origin)).parent if package else Path()
    file = folder / "resources" / "schemas" / version / "schema.json"
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _is_referred(error: Any) -> bool:
    """Tell whether an error only says that a part is a reference, e.g. an operation in another file.

    The meta-schemas admit references in some places alone; documents have them elsewhere, too.
    """
    is_reference = isinstance(error.instance, dict) and isinstance(error.instance.get("$ref"), str)
    return is_reference and error.kind.name in ("additionalProperties", "required")


def _leaves(error: Any) -> Iterator[Any]:
    """Yield the errors that one stands for: those of the branch of a `oneOf` that was probably meant."""
    branches = [branch for branch in getattr(error.kind, "context", ()) if branch]
    if not branches:
        yield error
        return
    likeliest = max(branches, key=_likelihood)
    for each in likeliest:
        yield from _leaves(each)


def _likelihood(branch: Sequence[Any]) -> tuple[bool, int, bool]:
    """Rate a branch: what is no reference, reaches deepest, and lacks nothing was meant."""
    return (
        not any('"$ref"' in error.message for error in branch),
        max(len(error.instance_path) for error in branch),
        all(error.kind.name != "required" for error in branch),
    )


def _fault(error: Any, document: Json) -> Fault:
    kind = error.kind
    message = error.message.splitlines()[0]
    if kind.name == "enum":
        message = f"{json.dumps(error.instance)} is not one of {', '.join(map(str, kind.options))}"
    if len(message) > _MESSAGE_LENGTH:
        message = message[:_MESSAGE_LENGTH] + "…"
    lacks = kind.name == "required"
    is_harmless = kind.name in _HARMLESS or (lacks and kind.property == "description")
    place = _place(error.instance_path, document)
    is_harmless = is_harmless or _is_told_alone(place) or _is_bare_security(place, error.instance)
    return Fault(place, message, is_harmless, lacks)


def _is_told_alone(place: Place) -> bool:
    """Tell whether a place has what is only shown, or a version that YAML has as a number."""
    return place == ("openapi",) or (place[:1] == ("info",) and len(place) > 1)


def _is_bare_security(place: Place, value: Json) -> bool:
    """Tell whether a value is that of a security scheme without the list of its scopes: `- basic:`."""
    return value is None and len(place) > 2 and place[-3] == "security"


def _place(path: Iterable[str | int], document: Json) -> Place:
    """Return a place with texts for the keys of objects; the library gives `200` as a number."""
    place: list[str | int] = []
    for step in path:
        place.append(str(step) if isinstance(document, dict) else step)
        document = document[place[-1]]
    return tuple(place)
