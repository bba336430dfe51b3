"""Checks of a document that was given: by the specification of OpenAPI, and of what can be served."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from mock_server.formats.source_file import Source, pointer
from mock_server.lists.convention import CURSOR_ENVELOPE
from mock_server.openapi import security
from mock_server.openapi.operations import Operation
from mock_server.openapi.patterns import PatternTimeout
from mock_server.openapi.schema import DocumentError
from mock_server.openapi.schema_dialect import FORMATS, PARAMETER_VALIDATOR
from mock_server.problems import CannotServe, Problem
from mock_server.settings import CONTROL_PATH, LISTED, is_below
from mock_server.shown_text import quote

_MESSAGE_LENGTH = 200

# A name by which the library's validator takes a member for no reference.
_RENAMED = "x-$ref"


def require_openapi(source: Source) -> None:
    """Raise CannotServe for a file that is no OpenAPI 3.0 document."""
    data = source.data
    version = data.get("openapi") if isinstance(data, dict) else None
    if version is None:
        message = "it is not an OpenAPI 3.0 document"
        problem = source.problem((), message, "give one that begins with 'openapi: 3.0.3'")
    elif not str(version).startswith("3.0."):
        message = f"its version is '{str(version)[:20]}', and only 3.0.x can be served"
        remedy = "give a document that begins with 'openapi: 3.0.3'"
        problem = source.problem(("openapi",), message, remedy)
    else:
        return
    raise CannotServe([problem])


def require_valid(source: Source, document: dict[str, Any], remedy: str) -> None:
    """Raise CannotServe with everything in a resolved document that OpenAPI's specification forbids."""
    problems = list(dict.fromkeys(islice(_violations(source, document, remedy), LISTED)))
    if problems:
        raise CannotServe(problems)


def _violations(source: Source, document: dict[str, Any], remedy: str) -> Iterator[Problem]:
    found = False
    try:
        for violation in _specification_validator(_as_validated(document)).iter_errors():
            found = True
            error = _most_specific(violation)
            place = tuple("$ref" if step == _RENAMED else step for step in error.absolute_path)
            message = error.message.replace(_RENAMED, "$ref")
            yield source.problem(place, _first_line(message), remedy)
    except PatternTimeout as timeout:
        message = f"the default {quote(timeout.text)} {timeout.message}"
        yield source.problem((), message, "remove one of the two")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # The validator's later checks fail on what its earlier ones have just reported.
        if not found:
            message = f"its structure is not that of OpenAPI 3.0 ({type(error).__name__}: {error})"
            yield source.problem((), _first_line(message), remedy)


def _specification_validator(document: Any) -> Any:
    """Return the library's validator of a document, which checks defaults by patterns of ECMA-262."""
    # Imported here: it is needed at the start alone, and not by `--help`.
    from openapi_spec_validator import OpenAPIV30SpecValidator
    from openapi_spec_validator.validation.keywords import OpenAPIV30ValueValidator

    checks = {"value_validator_cls": PARAMETER_VALIDATOR, "value_validator_format_checker": FORMATS}
    default = type("DefaultValidator", (OpenAPIV30ValueValidator,), checks)
    keywords = {**OpenAPIV30SpecValidator.keyword_validators, "default": default}
    validator = type("Validator", (OpenAPIV30SpecValidator,), {"keyword_validators": keywords})
    return validator(document)


def _as_validated(document: dict[str, Any]) -> Any:
    """Return a resolved document in a form that the validator does not misread.

    It takes each extension among the paths for a path item, and each member called `$ref` for a
    reference, of which a resolved document has none left.
    """
    if isinstance(document.get("paths"), dict):
        paths = {path: item for path, item in document["paths"].items() if path.startswith("/")}
        document = {**document, "paths": paths}
    return _rename_references(document, {})


def _rename_references(node: Any, known: dict[int, Any]) -> Any:
    """Return a node with the name `x-$ref` for each member called `$ref`, which may be required.

    `known` are the parts renamed already, by identity: the validator visits a shared part once.
    """
    if not isinstance(node, dict | list):
        return _RENAMED if node == "$ref" else node
    if id(node) not in known:
        if isinstance(node, dict):
            names = (_RENAMED if name == "$ref" else name for name in node)
            parts = (_rename_references(part, known) for part in node.values())
            known[id(node)] = dict(zip(names, parts, strict=True))
        else:
            known[id(node)] = [_rename_references(part, known) for part in node]
    return known[id(node)]


def _most_specific(error: Any) -> Any:
    """Return the error inside a violated `oneOf` that lies deepest.

    Passed over are those that only say that the value is no `$ref` either.
    """
    while error.context:
        branches = [e for e in error.context if "$ref" not in str(e.message)] or error.context
        error = max(branches, key=lambda e: (len(e.absolute_path), e.validator != "required"))
    return error


def _first_line(message: str) -> str:
    first = message.splitlines()[0]
    return first if len(first) <= _MESSAGE_LENGTH else first[:_MESSAGE_LENGTH] + "…"


def require_servable(
    source: Source,
    overlay_path: Path | None,
    effective: dict[str, Any],
    found: Sequence[Operation | DocumentError],
) -> None:
    """Raise CannotServe with every reason why these operations cannot be served.

    `found` is what `operations.find` gave. Its errors are problems of the overlay, if there is one.
    """
    served = [each for each in found if isinstance(each, Operation)]
    problems = list(_security_problems(source, effective, served))
    problems += _operation_problems(source, overlay_path, found)
    problems += _indistinguishable_operations(source, served)
    if not problems and all(operation.collection is None for operation in served):
        message = (
            "it has no list operation (a GET whose 200 has "
            f"'{CURSOR_ENVELOPE.items}' and '{CURSOR_ENVELOPE.pagination}')"
        )
        problems.append(source.problem(("paths",), message, "give a document that has one"))
    if problems:
        # Several operations may have the mistake of one server.
        raise CannotServe(list(dict.fromkeys(problems)))


def _operation_problems(
    source: Source, overlay_path: Path | None, found: Sequence[Operation | DocumentError]
) -> Iterator[Problem]:
    for each in found:
        if isinstance(each, DocumentError):
            file = str(overlay_path or source.name)
            yield Problem(file, each.message, each.remedy, pointer(each.place))
        elif is_below(each.path, CONTROL_PATH):
            message = f"the path {each.path} is where the control API lives"
            remedy = "give another base path, with --base-path or servers"
            yield source.problem(("paths", each.template), message, remedy)


def _indistinguishable_operations(source: Source, served: Sequence[Operation]) -> Iterator[Problem]:
    """Yield a problem for each operation whose requests also fit an earlier one: `/a/{x}`, `/a/{y}`."""
    first: dict[tuple[str, str], Operation] = {}
    for operation in served:
        other = first.setdefault((operation.method, operation.route), operation)
        if other is not operation:
            message = f"no request can tell {operation.path} from {other.path}"
            yield source.problem(("paths", operation.template), message, "remove one of them")


def _security_problems(
    source: Source, effective: dict[str, Any], served: Sequence[Operation]
) -> Iterator[Problem]:
    for flaw in security.flaws(effective, [(o.template, o.method.lower()) for o in served]):
        if flaw.is_fatal:
            member = (flaw.member,) if flaw.member else ()
            place = ("components", "securitySchemes", flaw.name, *member)
            yield source.problem(place, flaw.message, flaw.remedy)
