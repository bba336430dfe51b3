"""The overlay that a person would begin with: what a document leaves open, as lines to take or leave."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from mock_server.formats import yaml
from mock_server.lists.convention import Convention
from mock_server.lists.roles import AFTER, BY_PAGE, LIMIT, NEXT, NEXT_URL, PAGE, RFC_8288
from mock_server.lists.scheme import AUTO
from mock_server.openapi import error_draft, error_fit, filter_draft
from mock_server.openapi.document import Document
from mock_server.openapi.error_shape import BUILT_IN, read_shape
from mock_server.openapi.error_template import PLACEHOLDERS
from mock_server.openapi.filter_draft import quoted
from mock_server.openapi.list_nearness import NearScheme, near_style
from mock_server.openapi.operations import Operation
from mock_server.shown_text import printable

# The schema of overlays, where a server with the usual port gives it.
_SCHEMA = "# yaml-language-server: $schema=http://127.0.0.1:8080/_mock/schemas/overlay.json"

# The groups of a kind that are written, those of most operations first.
_GROUPS = 8

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
        f"# What the prose of {printable(document.name)} says.",
        "# Take the '#' from the lines that are right, correct what they name, and look at the outcome",
        "# with 'mock-server check'.",
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
    if types:
        listed = ", ".join(f"{status}: {_flow(kind)}" for status, kind in types.items())
        block += textwrap.wrap(
            f"{{{listed}}}", 90, initial_indent="  types: ", subsequent_indent=" " * 4
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
    groups = _grouped((_scheme(o.convention), o) for o in lists if o.convention.is_paged)
    whole = [o for o in lists if not o.convention.is_paged]
    if groups:
        yield ""
        yield "  # Lists: what was found of how they page, which needs no line here unless it is wrong."
        yield "  # - target: $"
        yield "  #   update:"
        yield "  #     x-list:"
    for scheme, operations in groups[:_GROUPS]:
        yield f"  #       # {_operations(operations)}"
        items = {_flow(".".join(o.convention.items) or "$") for o in operations}
        yield f"  #       - {scheme[0]}"
        yield f"  #         items: {items.pop() if len(items) == 1 else AUTO}"
        yield from (f"  #         {line}" for line in scheme[1:])
    if len(groups) > _GROUPS:
        yield f"  #       # and {len(groups) - _GROUPS} more: 'mock-server check --verbose' has all"
    if whole:
        yield from _unpaged(whole)


def _scheme(convention: Convention) -> tuple[str, ...]:
    """Return the lines of a scheme that says what a convention does."""
    places = {role: ".".join(place) for role, place in convention.response.items()}
    members = {
        "style": convention.style,
        "cursor": convention.cursor,
        "request": dict(convention.request),
        "response": places,
        "headers": dict(convention.headers),
        "end": convention.end,
        "first": convention.first if convention.first != 1 else None,
    }
    return tuple(f"{name}: {_flow(value)}" for name, value in members.items() if value not in (None, {}))


def _unpaged(whole: Sequence[Operation]) -> Iterator[str]:
    """Yield what the lists that are served whole lack, and what makes one page, as comments."""
    most = sorted(whole, key=lambda operation: -len(operation.ineffective_parameters))
    found = ((o, near_style(o)) for o in most)
    operation, near = next(((o, near) for o, near in found if near is not None), (most[0], None))
    yield ""
    yield f"  # Served whole, since nothing tells how to go on: {_operations(most)}."
    if near is not None:
        lack = f"of style {near.style}, lacks {' and '.join(near.missing)}"
        yield f"  # {printable(operation.path)}: The nearest scheme, {printable(lack)}."
    yield "  # If it pages, add what its description says, e.g.:"
    yield f"  # - target: $.paths[{quoted(operation.template)}].get"
    yield "  #   update:"
    yield from _completed(operation, near if near is not None and near.is_fit else _by_page(near))


def _by_page(near: NearScheme | None) -> NearScheme:
    """Return the scheme of a list that has nothing but a limit, if that."""
    request = {role: name for role, name in near.request.items() if role == LIMIT} if near else {}
    return NearScheme(BY_PAGE, PAGE, request, {}, ())


def _completed(operation: Operation, near: NearScheme) -> Iterator[str]:
    """Yield a scheme for an operation with what it lacks, as comments."""
    request, style = dict(near.request), near.style
    if near.way not in request:
        # A style is called as the parameters that lead on in it are.
        kind = "string" if near.way == AFTER else "integer"
        yield f"  #     parameters: [{{name: {style}, in: query, schema: {{type: {kind}}}}}]"
        request[near.way] = style
    scheme = {"style": style, "items": ".".join(operation.convention.items) or "$", "request": request}
    if near.response:
        scheme["response"] = dict(near.response)
    if near.way == AFTER and near.response.keys().isdisjoint((NEXT, NEXT_URL)):
        scheme["headers"] = {"Link": RFC_8288}
    yield f"  #     x-list: {_flow(scheme)}"


# Filters


def _filters(document: Document) -> Iterator[str]:
    """Yield `x-filter` as comments for the parameters without effect that a property is like."""
    drafted = filter_draft.draft(document)
    if drafted.filters:
        yield ""
        yield "  # Parameters without effect, each with a property that it may filter by."
    for target, each, operations in drafted.filters[:_GROUPS]:
        yield f"  # {_operations(operations)}"
        yield f"  # - target: {target}"
        yield f"  #   update: {{x-filter: {_flow({'field': each.field, 'match': each.match})}}}"
    if len(drafted.filters) > _GROUPS:
        yield f"  # and {len(drafted.filters) - _GROUPS} more: 'mock-server check --verbose' has all"
    unlike = [printable(name) for name, _ in drafted.unlike.most_common(_GROUPS)]
    if unlike:
        more = (
            f" and {len(drafted.unlike) - len(unlike)} more" if len(drafted.unlike) > len(unlike) else ""
        )
        text = f"No property is like {', '.join(unlike)}{more}, which have no effect."
        yield from ("", *(f"  # {line}" for line in textwrap.wrap(text, 100)))


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
        yield f"  # - target: $..parameters[?@.name == {quoted(name)}]"
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


def _flow(value: Any) -> str:
    """Return a value as YAML on one line, e.g. `{limit: limit, after: starting_after}`."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flow(name)}: {_flow(part)}' for name, part in value.items())}}}"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXTS:
        return value
    return json.dumps(value, ensure_ascii=False)
