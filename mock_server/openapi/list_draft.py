"""The lines of a drafted overlay about lists: the schemes that were found, and what others lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.lists.roles import (
    AFTER,
    BEFORE,
    BY_PAGE,
    LIMIT,
    NEXT,
    NEXT_URL,
    PAGE,
    PREVIOUS,
    PREVIOUS_URL,
    RFC_8288,
)
from mock_server.lists.scheme import items_path
from mock_server.openapi import scheme_draft
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
from mock_server.openapi.list_nearness import Nearness, NearScheme
from mock_server.openapi.list_shapes import EXTENSION, ListFinder
from mock_server.openapi.operations import Operation
from mock_server.openapi.schema import DocumentError

# The groups of lists that are given whole.
_GROUPS = 4
# More than any scheme lacks.
_MANY = 1_000


def lines(document: Document) -> Iterator[str]:
    """Yield what was found of how lists page, and what those lack that are given whole, as comments."""
    drafted = scheme_draft.draft(document)
    if drafted.root:
        yield ""
        yield from sentence("How lists page, as it was found; lines that are right need not be here.")
        yield from action("$", "x-list:", *_root_lines(drafted))
    if drafted.apart:
        yield ""
        yield from sentence("At the root, these would take other lists, too.")
        for each in drafted.apart:
            yield from _own_scheme(each.operations, scheme_draft.members(each.scheme))
    if drafted.left:
        yield ""
        yield from sentence(f"Others are found, too: {paths_of(drafted.left)}.")
    yield from _Whole(document, drafted).lines()


def _root_lines(drafted: scheme_draft.SchemeDraft) -> Iterator[str]:
    for each in drafted.root:
        yield f"  # {paths_of(each.operations)}"
        beginning = "- "
        for name, value in scheme_draft.members(each.scheme).items():
            for line in wrapped_flow(f"{name}: {flow(value)}"):
                yield f"  {beginning}{line}"
                beginning = "  "


def _own_scheme(operations: Sequence[Operation], scheme: Mapping[str, Any]) -> Iterator[str]:
    paths = ", ".join(quoted(operation.template) for operation in operations)
    yield from action(f"$.paths[{paths}].get", f"{{x-list: {flow(dict(scheme))}}}")


class _Whole:
    """The lists that are given whole, though no `x-list` says so."""

    def __init__(self, document: Document, drafted: scheme_draft.SchemeDraft) -> None:
        said = [*document.effective.get(EXTENSION, ())]
        schemes = [scheme_draft.members(each.scheme) for each in drafted.root]
        self._document = document
        self._nearness = Nearness({**document.effective, EXTENSION: [*said, *schemes]})
        self._finder = ListFinder(document.effective)
        self._lists = [
            each
            for each in document.lists.values()
            if not each.convention.is_paged and not self._nearness.is_meant(each)
        ]

    def lines(self) -> Iterator[str]:
        if not self._lists:
            return
        groups = self._groups()
        yield ""
        paths = name_some([each.path for each in self._lists], 3)
        yield from sentence(f"Given whole, since nothing tells how to go on: {paths}.")
        for lack, operations in groups[:_GROUPS]:
            if lack:
                yield from sentence(f"{paths_of(operations)}: {lack}.")
        operation = groups[0][1][0]
        near = self._nearness.nearest(operation)
        yield from sentence("If one pages, say what its description says, e.g.:")
        yield from action(
            f"$.paths[{quoted(operation.template)}].get", *self._completed(operation, near)
        )

    def _groups(self) -> list[tuple[str, list[Operation]]]:
        """Return the lists by what they lack, those that lack least first."""
        found: dict[tuple[int, str], list[Operation]] = {}
        for operation in self._lists:
            near = self._nearness.near(operation)
            lacks = len(near.missing) if near is not None else _MANY
            found.setdefault((lacks, self._nearness.lack(operation)), []).append(operation)
        ordered = sorted(found.items(), key=lambda group: (group[0][0], -len(group[1])))
        return [(lack, operations) for (_, lack), operations in ordered]

    def _completed(self, operation: Operation, near: NearScheme | None) -> Iterator[str]:
        """Yield what makes a list page: the parameters that it lacks, and a scheme that fits."""
        for each in (near, _by_page(near)):
            if each is None or not each.is_fit:
                continue
            scheme = _completed_scheme(operation, each)
            added = [
                {"name": name, "in": "query", "schema": {"type": _kind(role)}}
                for role, name in scheme["request"].items()
                if name not in operation.query_schemas
            ]
            if self._fits(operation, added, scheme):
                if added:
                    yield "parameters:"
                    yield from (f"  - {flow(parameter)}" for parameter in added)
                yield from wrapped_flow(f"x-list: {flow(scheme)}")
                return

    def _fits(self, operation: Operation, added: Sequence[Any], scheme: Mapping[str, Any]) -> bool:
        spec = self._document.effective["paths"][operation.template]["get"]
        parameters = [*spec.get("parameters", ()), *added]
        changed = {**spec, "parameters": parameters, EXTENSION: scheme}
        try:
            return self._finder.find(changed, ("paths", operation.template, "get")) is not None
        except DocumentError:
            return False


def _completed_scheme(operation: Operation, near: NearScheme) -> dict[str, Any]:
    """Return a scheme as an `x-list` has it, with the parameters that the operation lacks."""
    own = near.scheme
    if own is not None:
        request = {role: name for role, name in own.request.items() if role != BEFORE}
    else:
        # A parameter that is missing is called as its style is, e.g. `page`.
        request = {**near.request, near.way: near.request.get(near.way, near.style)}
    # No parameter takes what leads back.
    lost = (PREVIOUS, PREVIOUS_URL) if near.way == AFTER else ()
    cursor = None if own is None else own.cursor
    headers = {} if own is None else dict(own.headers)
    if near.way == AFTER and cursor is None and not {NEXT, NEXT_URL} & near.response.keys():
        headers["Link"] = RFC_8288
    scheme = {
        "style": near.style,
        "items": items_path(operation.convention.items),
        "cursor": cursor,
        "request": request,
        "response": {role: path for role, path in near.response.items() if role not in lost},
        "headers": headers,
    }
    return {name: value for name, value in scheme.items() if value is not None and value != {}}


def _kind(role: str) -> str:
    return "string" if role == AFTER else "integer"


def _by_page(near: NearScheme | None) -> NearScheme:
    """Return the scheme of a list that has nothing but a limit, if that."""
    request = {role: name for role, name in near.request.items() if role == LIMIT} if near else {}
    return NearScheme(BY_PAGE, PAGE, request, {}, ())
