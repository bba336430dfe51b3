"""The overlay that a person would begin with: what a document leaves open, as lines to take or leave."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats import yaml
from mock_server.openapi import error_draft, error_fit, filter_draft, list_draft
from mock_server.openapi.document import Document
from mock_server.openapi.draft_texts import (
    action,
    flow,
    name_some,
    paths_of,
    quoted,
    sentence,
    wrapped_flow,
)
from mock_server.openapi.error_shape import BUILT_IN, read_shape
from mock_server.openapi.error_template import PLACEHOLDERS
from mock_server.openapi.parameters import Parameter
from mock_server.shown_text import printable

# The schema of overlays, where a server with the usual port gives it.
_SCHEMA = "# yaml-language-server: $schema=http://127.0.0.1:8080/_mock/schemas/overlay.json"

# The most filters that are written, and names in one sentence.
_FILTERS, _NAMES = 12, 8


def draft(document: Document) -> str:
    """Return the text of an overlay for a document, in YAML; it is valid as it stands."""
    live = _errors(document)
    lines = [*_heading(document), *(live or _NOTHING_LIVE)]
    lines += [*list_draft.lines(document), *_filters(document), *_versions(document)]
    return "".join(f"{line}\n".replace(" \n", "\n") for line in lines)


def _heading(document: Document) -> list[str]:
    title = printable(document.title)
    return [
        _SCHEMA,
        f"# What the prose of {printable(document.name)} says.",
        "# Take the '#' from the lines that are right, correct what they name, and look at the outcome",
        "# with 'mock-server check'.",
        "overlay: 1.1.0",
        f"info: {flow({'title': f'{title}, as its prose says', 'version': '1.0.0'})}",
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
    verb = "describes" if len(used.operations) == 1 else "describe"
    filled = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    lines = [*sentence(f"Errors, as {paths_of(used.operations)} {verb} them; filled in are {filled}.")]
    shape = read_shape({"x-error": drafted})
    others = sum(error_fit.find_misfit(each, shape) is not None for each in schemas)
    if others:
        said = f"{others} other schema{' says' if others == 1 else 's say'} otherwise"
        lines += sentence(f"{said}; 'mock-server check' names them.")
    block = textwrap.indent("\n".join(_error_lines(drafted)), " " * 6).split("\n")
    return [*lines, "  - target: $", "    update:", *block]


def _error_lines(drafted: str | Mapping[str, Any]) -> list[str]:
    """Return the lines of an `x-error`, the types of errors on as few as they need."""
    if isinstance(drafted, str):
        return yaml.dump({"x-error": drafted}).splitlines()
    lines = yaml.dump({"x-error": {k: v for k, v in drafted.items() if k != "types"}}).splitlines()
    types = drafted.get("types")
    if types:
        lines += [f"  {line}" for line in wrapped_flow(f"types: {flow(types)}")]
    return lines


# Filters


def _filters(document: Document) -> Iterator[str]:
    """Yield `x-filter` as comments for the parameters without effect that a property is like."""
    drafted = filter_draft.draft(document)
    if drafted.filters:
        yield ""
        yield from sentence("Parameters without effect, each with the property that it may filter by.")
    told = ""
    for each in drafted.filters[:_FILTERS]:
        if not each.names_paths and told != paths_of(each.operations):
            told = paths_of(each.operations)
            yield from sentence(f"Of {told}:")
        rule = {"field": each.filter.field, "match": each.filter.match}
        yield from action(each.target, f"{{x-filter: {flow(rule)}}}")
    others = dict.fromkeys(each.filter.parameter for each in drafted.filters[_FILTERS:])
    if others:
        yield from sentence(f"A property is like these, too: {name_some(list(others), _NAMES)}.")
    unlike = [name for name, _ in drafted.unlike.most_common()]
    if unlike:
        names = name_some(unlike, _NAMES)
        yield ""
        said = "This has no effect, and no property is like it"
        if len(unlike) > 1:
            said = "These have no effect, and no property is like them"
        yield from sentence(f"{said}: {names}.")


# Versions


def _versions(document: Document) -> Iterator[str]:
    """Yield `x-version` as comments for the headers that may select a version."""
    headers: dict[str, dict[str, list[Parameter]]] = {}
    for operation in document.operations:
        for parameter in operation.at("header"):
            name = parameter.name
            if "version" in name.lower() and parameter.version is None:
                headers.setdefault(name.lower(), {}).setdefault(name, []).append(parameter)
    for spelled in headers.values():
        condition = " || ".join(f"@.name == {quoted(name)}" for name in spelled)
        has_enum = any("enum" in each.schema for found in spelled.values() for each in found)
        enum = [] if has_enum else ['schema: {enum: ["1"]}']
        rule = "x-version: {unknown: {type: unknown_version, message: There is no such version.}}"
        yield ""
        yield from sentence("A header that may select the version, and what an unknown one is answered.")
        yield from action(f"$..parameters[?{condition}]", *enum, rule)
