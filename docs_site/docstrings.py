"""The docstrings that a page names, in Markdown: for the copies of the pages that are read as text.

The site has mkdocstrings for them, which puts HTML in place of a line `::: mock_server.client.Sandbox`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import griffe

# A line such as `::: mock_server.serve`, with its options, which are indented.
_NAMED = re.compile(r"^::: (?P<name>\S+)\n(?P<options>(?: +\S.*\n?)*)", re.MULTILINE)
_LEVEL = re.compile(r"heading_level: (\d)")
_OWN_ALONE = "inherited_members: false"


def expand(markdown: str) -> str:
    """Return the page with the docstrings that it names: a section for each object and public member."""
    return _NAMED.sub(lambda named: _render(named["name"], named["options"]), markdown)


def _render(name: str, options: str) -> str:
    level = _LEVEL.search(options)
    depth = int(level[1]) if level else 2
    found = _find(name)
    members = found.members if _OWN_ALONE in options else found.all_members
    sections = [_section(found, depth)]
    if found.is_class:
        sections += [_section(each, depth + 1) for each in _documented(members.values())]
    return "\n".join(sections)


def _find(name: str) -> Any:
    package, _, rest = name.partition(".")
    found: Any = _load(package)[rest]
    return found.final_target if found.is_alias else found


@cache
def _load(package: str) -> Any:
    return griffe.load(package)


def _documented(members: Any) -> Iterator[Any]:
    for member in members:
        if not member.name.startswith("_") and member.has_docstring:
            yield member


def _section(found: Any, depth: int) -> str:
    said = found.docstring.value
    if found.is_class and "__init__" in found.members and found.members["__init__"].has_docstring:
        said = f"{said}\n\n{found.members['__init__'].docstring.value}"
    return f"{'#' * depth} {found.name}\n\n{_signature(found)}{said}\n"


def _signature(found: Any) -> str:
    """Return the call of a function or of a class that says how it is made; `""` for anything else."""
    if found.is_class and "__init__" in found.members:
        signature = found.members["__init__"].signature(name=found.name, return_type=False)
    elif found.is_function and not _is_fixture(found):
        signature = found.signature(return_type=True)
    else:
        return ""
    return f"```python\n{signature}\n```\n\n"


def _is_fixture(found: Any) -> bool:
    """Whether pytest calls it; a test has no part in its parameters."""
    return any("fixture" in str(each.value) for each in found.decorators)
