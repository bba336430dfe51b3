"""The overlay that a person would begin with: what a document leaves open, as lines to take or leave."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mock_server.formats import yaml
from mock_server.lists.convention import Convention
from mock_server.lists.roles import NONE
from mock_server.openapi import error_draft, error_fit
from mock_server.openapi.document import Document
from mock_server.openapi.error_shape import BUILT_IN, read_shape
from mock_server.openapi.error_template import PLACEHOLDERS
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import kinds_of
from mock_server.shown_text import nearest, printable

# The schema of overlays, where a server with the usual port gives it.
_SCHEMA = "# yaml-language-server: $schema=http://127.0.0.1:8080/_mock/schemas/overlay.json"

# The groups of a kind that are written, those of most operations first.
_GROUPS = 12

Key = TypeVar("Key")

# Texts that YAML reads as texts without quotation marks.
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_.$/-]*", re.ASCII)
_NO_TEXTS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def draft(document: Document) -> str:
    """Return the text of an overlay for a document, in YAML; it is valid as it stands."""
    live = _errors(document)
    lines = [*_heading(document), *(live or _NOTHING_LIVE)]
    lines += [*_lists(document), *_filters(document), *_versions(document)]
    return "".join(f"{line}\n".replace(" \n", "\n") for line in lines)


def _heading(document: Document) -> list[str]:
    title = printable(document.title)
    return [
        _SCHEMA,
        f"# What the prose of {printable(document.name)} says. Take the '#' from the lines",
        "# that are right, correct what they name, and look at the outcome with 'mock-server check'.",
        "overlay: 1.1.0",
        f"info: {_flow({'title': f'{title}, as its prose says', 'version': '1.0.0'})}",
        "actions:",
    ]


_NOTHING_LIVE = ["  # Nothing has to be changed.", "  - target: $", "    update: {}"]


# Errors


def _errors(document: Document) -> list[str]:
    """Return the action that says how errors look; empty where nothing has to be said."""
    schemas = error_fit.schemas_of(document.effective, document.operations)
    used = error_draft.most_used(schemas)
    if used is None or "x-error" in document.effective or error_fit.find_misfit(used, BUILT_IN) is None:
        return []
    drafted = error_draft.draft(used)
    if drafted is None:
        return []
    others = [each for each in schemas if error_fit.find_misfit(each, read_shape({"x-error": drafted}))]
    lines = [
        f"  # Errors, as {_operations(used.operations)} describe them. What stands in braces is",
        f"  # filled in: {' '.join(f'{{{name}}}' for name in PLACEHOLDERS)}.",
    ]
    if others:
        lines.append(
            f"  # {len(others)} of the schemas of errors say otherwise; 'mock-server check' names them."
        )
    written = drafted if isinstance(drafted, str) else {**drafted}
    types = written.pop("types", None) if isinstance(written, dict) else None
    block = yaml.dump({"x-error": written}).splitlines()
    block += (
        [f"  types: {_flow({str(status): kind for status, kind in types.items()})}"] if types else []
    )
    return [
        *lines,
        "  - target: $",
        "    update:",
        *textwrap.indent("\n".join(block), " " * 6).split("\n"),
    ]


# Lists


def _lists(document: Document) -> Iterator[str]:
    """Yield the schemes that were found, as comments, and what is missing where none was."""
    lists = list(document.lists.values())
    paged = _grouped((_scheme(o.convention), o) for o in lists if o.convention.style != NONE)
    whole = [o for o in lists if o.convention.style == NONE]
    if paged:
        yield ""
        yield "  # Lists: what was found of how they page, which needs no line here unless it is wrong."
        yield "  # - target: $"
        yield "  #   update:"
        yield "  #     x-list:"
    for scheme, operations in paged[:_GROUPS]:
        yield f"  #       # {_operations(operations)}"
        first, *others = scheme
        yield f"  #       - {first}"
        yield from (f"  #         {line}" for line in others)
    if len(paged) > _GROUPS:
        yield f"  #       # and {len(paged) - _GROUPS} more: 'mock-server check --verbose' has all"
    if whole:
        yield from _unpaged(whole, [o for _, each in paged for o in each])


def _scheme(convention: Convention) -> tuple[str, ...]:
    """Return the lines of a scheme that says what a convention does."""
    places = {role: ".".join(place) for role, place in convention.response.items()}
    members = {
        "style": convention.style,
        "items": ".".join(convention.items) or "$",
        "cursor": convention.cursor,
        "request": dict(convention.request),
        "response": places,
        "headers": dict(convention.headers),
        "end": convention.end,
        "first": convention.first if convention.first != 1 else None,
    }
    return tuple(f"{name}: {_flow(value)}" for name, value in members.items() if value not in (None, {}))


def _unpaged(whole: Sequence[Operation], paged: Sequence[Operation]) -> Iterator[str]:
    yield ""
    yield f"  # {_count(len(whole), 'list')} served whole, since nothing tells how to go on, e.g."
    idle = sorted(whole, key=lambda operation: -len(operation.ineffective_parameters))
    for operation in idle[:3]:
        said = f"  # {operation.path}"
        names = operation.ineffective_parameters
        named = ", ".join(map(printable, names[:6]))
        yield f"{said}, whose parameters {named} have no effect" if names else said
    near = Counter(o.convention.style for o in paged).most_common(1)
    example = next((o for o in paged if o.convention.style == near[0][0]), None) if near else None
    if example is not None:
        lack = _lack(example, idle[0])
        yield f"  # The nearest scheme is that of {example.path}, of which {idle[0].path} lacks {lack}."
    yield "  # If one pages, say so on its operation:"
    yield f"  # - target: $.paths[{_quoted(idle[0].template)}].get"
    yield "  #   update: {x-list: {style: page, items: auto, request: {page: page, limit: limit}}}"


def _lack(example: Operation, operation: Operation) -> str:
    """Return what an operation lacks of another one's scheme, in words."""
    taken = {p.name for p in operation.query}
    parameters = [name for name in example.convention.parameters if name not in taken]
    members = [".".join(place) for place in example.convention.response.values()]
    lacking = [f"the parameter {', '.join(parameters)}"] if parameters else []
    lacking += [f"{', '.join(members)} in its answer"] if members and not parameters else []
    return " and ".join(map(printable, lacking)) or "nothing that the document names"


# Filters


@dataclass(frozen=True)
class _Idle:
    """A parameter that has no effect, where it is written, and the nearest property of the records."""

    target: str
    field: str
    match: str


def _filters(document: Document) -> Iterator[str]:
    """Yield `x-filter` as comments for the parameters without effect that a property is like."""
    found, unlike = [], Counter[str]()
    for operation in document.lists.values():
        targets = _targets(document, operation)
        for parameter in operation.query:
            if parameter.name not in operation.ineffective_parameters:
                continue
            field = nearest(parameter.name, operation.record_schema.get("properties", {}), 0.7)
            if field is None or parameter.name not in targets:
                unlike[parameter.name] += 1
            else:
                found.append((_Idle(targets[parameter.name], field, _match(parameter)), operation))
    groups = _grouped(found)
    if groups:
        yield ""
        yield "  # Parameters without effect, each with the property that it may filter by."
    for idle, operations in groups[:_GROUPS]:
        yield f"  # - target: {idle.target}  # {_operations(operations)}"
        yield f"  #   update: {{x-filter: {_flow({'field': idle.field, 'match': idle.match})}}}"
    if len(groups) > _GROUPS:
        yield f"  # and {len(groups) - _GROUPS} more: 'mock-server check --verbose' has all"
    if unlike:
        names = [printable(name) for name, _ in unlike.most_common(_GROUPS)]
        more = f" and {len(unlike) - len(names)} more" if len(unlike) > len(names) else ""
        text = f"No property is like {', '.join(names)}{more}; they have no effect."
        yield from ("", *(f"  # {line}" for line in textwrap.wrap(text, 100)))


def _match(parameter: Parameter) -> str:
    return (
        "any-of" if "array" in kinds_of(parameter.schema) or "enum" in parameter.schema else "contains"
    )


def _targets(document: Document, operation: Operation) -> dict[str, str]:
    """Return the JSONPath of each parameter of an operation as it is written, by its name."""
    item = document.bundled["paths"].get(operation.template, {})
    method = operation.method.lower()
    found: dict[str, str] = {}
    for step, holder in (("", item), (f".{method}", item.get(method, {}))):
        for each in holder.get("parameters", ()):
            reference = each.get("$ref")
            if reference is None:
                chosen = f"parameters[?@.name == {_quoted(each['name'])}]"
                found[each["name"]] = f"$.paths.*{step}.{chosen}"
            elif reference.startswith("#/components/parameters/"):
                name = reference.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
                component = document.bundled.get("components", {}).get("parameters", {}).get(name, {})
                found[component.get("name", "")] = f"$.components.parameters[{_quoted(name)}]"
    return found


# Versions


def _versions(document: Document) -> Iterator[str]:
    headers = {
        parameter.name: parameter
        for operation in document.operations
        for parameter in operation.at("header")
        if "version" in parameter.name.lower() and parameter.version is None
    }
    for name, parameter in headers.items():
        yield ""
        yield "  # A header that may select the API's version, and the error that an unknown one gets."
        yield f"  # - target: $..parameters[?@.name == {_quoted(name)}]"
        yield "  #   update:"
        if "enum" not in parameter.schema:
            yield '  #     schema: {enum: ["1"]}'
        yield "  #     x-version: {unknown: {type: unknown_version, message: There is no such version.}}"


# Texts


def _grouped(pairs: Iterable[tuple[Key, Operation]]) -> list[tuple[Key, list[Operation]]]:
    groups: dict[Key, list[Operation]] = {}
    for key, operation in pairs:
        groups.setdefault(key, []).append(operation)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _operations(operations: Sequence[Operation]) -> str:
    first, more = printable(operations[0].path), len(operations) - 1
    return f"{first}{f' and {more} more' if more else ''}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _quoted(text: str) -> str:
    """Return a text as a string literal of a JSONPath (RFC 9535 section 2.3.1)."""
    escaped = json.dumps(text, ensure_ascii=True)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{escaped}'"


def _flow(value: Any) -> str:
    """Return a value as YAML on one line, e.g. `{limit: limit, after: starting_after}`."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flow(name)}: {_flow(part)}' for name, part in value.items())}}}"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXTS:
        return value
    return json.dumps(value, ensure_ascii=False)
