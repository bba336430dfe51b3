"""A draft of schemes for an overlay: those by which the lists of a document page already.

Taken as they stand they change nothing: with all of them, each list pages as it does without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from mock_server.lists.scheme import AUTO, Scheme, items_path
from mock_server.openapi.document import Document
from mock_server.openapi.list_shapes import EXTENSION, ListFinder, ListShape
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import query_schemas
from mock_server.openapi.schema import DocumentError

# The most schemes that are drafted for the root, and lists that a scheme is drafted for apart.
_ROOT, _APART = 12, 40

# How often the schemes are tried in another order, at most.
_PASSES = 40


@dataclass(eq=False)
class Drafted:
    """A scheme, and the lists that page by it."""

    scheme: Scheme
    operations: list[Operation] = field(default_factory=list)


@dataclass
class SchemeDraft:
    """The schemes for the root in their order, and those that only operations of their own can have.

    `left` are the lists that page, but by no scheme that is drafted.
    """

    root: list[Drafted]
    apart: list[Drafted]
    left: list[Operation]


def members(scheme: Scheme) -> dict[str, Any]:
    """Return a scheme as an `x-list` has it, without what goes without saying."""
    said = {
        "style": scheme.style,
        "items": None if scheme.items == AUTO else scheme.items,
        "cursor": scheme.cursor,
        "request": dict(scheme.request),
        "response": dict(scheme.response),
        "headers": dict(scheme.headers),
        "end": scheme.end,
        "first": scheme.first,
    }
    return {name: value for name, value in said.items() if value is not None and value != {}}


def draft(document: Document) -> SchemeDraft:
    """Return the schemes by which the lists of a document page that no `x-list` names."""
    return _Drafting(document).draft()


class _Drafting:
    def __init__(self, document: Document) -> None:
        self._finder = ListFinder(document.effective)
        self._gets = [o for o in document.operations if o.method == "GET"]
        self._specs = {o.template: document.effective["paths"][o.template]["get"] for o in self._gets}
        self._owners: dict[str, Drafted] = {}
        self._left: list[Operation] = []

    def draft(self) -> SchemeDraft:
        groups = self._groups()
        self._owners = {o.template: each for each in groups for o in each.operations}
        root, apart = self._settle(sorted(groups, key=_particularity))
        root = self._without_small(root, apart)
        known = {o.template for each in apart for o in each.operations}
        taken = {path: each for path, each in self._takers(root).items() if path not in known}
        for each in root:
            each.operations = [o for o in self._gets if taken.get(o.template) is each]
        left = [o for each in groups for o in each.operations if o.template not in known | taken.keys()]
        return SchemeDraft(root, apart, self._left + left)

    def _groups(self) -> list[Drafted]:
        """Return the schemes with their lists; those that a scheme cannot say are left."""
        found: dict[str, Drafted] = {}
        for operation in self._gets:
            is_own = EXTENSION in self._specs[operation.template]
            is_said = is_own or operation.scheme in self._finder.schemes
            if operation.collection is None or not operation.convention.is_paged or is_said:
                continue
            variants = (each for each in self._variants(operation) if self._says(operation, each))
            scheme = next(variants, None)
            if scheme is None:
                self._left.append(operation)
            else:
                found.setdefault(repr(scheme), Drafted(scheme)).operations.append(operation)
        return list(self._joined(found.values()))

    def _joined(self, groups: Iterable[Drafted]) -> Iterator[Drafted]:
        """Yield the groups, those joined that one scheme says all of; name records at one place."""
        # A scheme that names the end, or the first page, says what one without may leave to the schema.
        rest = sorted(groups, key=lambda each: (each.scheme.end is None) + (each.scheme.first is None))
        while rest:
            first, *others = rest
            rest = []
            for each in others:
                is_alike = _without_ends(each.scheme) == _without_ends(first.scheme)
                if is_alike and all(self._says(o, first.scheme) for o in each.operations):
                    first.operations += each.operations
                else:
                    rest.append(each)
            items = {o.convention.items for o in first.operations}
            if len(items) == 1:
                first.scheme = replace(first.scheme, items=items_path(items.pop()))
            yield first

    def _variants(self, operation: Operation) -> Iterator[Scheme]:
        """Yield schemes that may say how a list pages, those that say least first."""
        convention, query = operation.convention, query_schemas(self._specs[operation.template])
        whole = Scheme(
            style=convention.style,
            cursor=convention.cursor,
            # A list by URLs has parameters that the document does not describe.
            request={role: name for role, name in convention.request.items() if name in query},
            response={role: ".".join(place) for role, place in convention.response.items()},
            headers=dict(convention.headers),
        )
        places = (AUTO, items_path(convention.items))
        for end, first, items in product((None, convention.end), (None, convention.first), places):
            yield replace(whole, items=items, end=end, first=first)

    def _says(self, operation: Operation, scheme: Scheme) -> bool:
        shape = self._find(operation, [scheme])
        return shape is not None and shape.convention == operation.convention

    def _find(self, operation: Operation, schemes: Sequence[Scheme]) -> ListShape | None:
        place = ("paths", operation.template, "get")
        return self._finder.with_schemes(schemes).find(self._specs[operation.template], place)

    def _settle(self, root: list[Drafted]) -> tuple[list[Drafted], list[Drafted]]:
        """Return the schemes in an order in which each list keeps its own, and those without a place.

        A scheme that takes a list of a later one comes after it, or has no place at the root.
        """
        apart: list[Drafted] = []
        moved: set[tuple[int, int]] = set()
        for _ in range(_PASSES):
            taken = next(self._taken(root, apart), None)
            if taken is None:
                break
            taker, owner = taken
            if owner in root and (id(taker), id(owner)) not in moved:
                moved.add((id(taker), id(owner)))
                root.remove(owner)
                root.insert(root.index(taker), owner)
            else:
                is_smaller = owner in root and len(owner.operations) < len(taker.operations)
                loser = owner if owner is not None and is_smaller else taker
                self._demote(loser, root, apart)
        while (taken := next(self._taken(root, apart), None)) is not None:
            self._demote(taken[0], root, apart)
        return root, apart

    def _demote(self, drafted: Drafted, root: list[Drafted], apart: list[Drafted]) -> None:
        """Take a scheme from the root; its lists have one of their own, if they can."""
        root.remove(drafted)
        if self._fits_apart(drafted):
            apart.append(drafted)

    def _taken(
        self, root: Sequence[Drafted], apart: Sequence[Drafted]
    ) -> Iterator[tuple[Drafted, Drafted | None]]:
        """Yield the schemes that change how a list pages, each with the scheme by which it pages."""
        schemes = [each.scheme for each in root]
        by_scheme = {id(each.scheme): each for each in root}
        for operation in self._gets:
            owner = self._owners.get(operation.template)
            if owner is not None and owner in apart:
                continue
            shape = self._find(operation, schemes)
            taker = by_scheme.get(id(shape.scheme)) if shape is not None else None
            own = operation.convention if operation.collection is not None else None
            if taker is not None and shape is not None and shape.convention != own:
                yield taker, owner

    def _takers(self, root: Sequence[Drafted]) -> dict[str, Drafted]:
        """Return the schemes by which lists page, by the paths of the lists."""
        schemes, by_scheme = [each.scheme for each in root], {id(each.scheme): each for each in root}
        shapes = {o.template: self._find(o, schemes) for o in self._gets}
        found = {path: id(shape.scheme) for path, shape in shapes.items() if shape is not None}
        return {path: by_scheme[scheme] for path, scheme in found.items() if scheme in by_scheme}

    def _without_small(self, root: list[Drafted], apart: Sequence[Drafted]) -> list[Drafted]:
        """Return the schemes without those that no list needs, and the smallest of too many."""
        taken = set(map(id, self._takers(root).values()))
        root = [each for each in root if id(each) in taken]
        for each in sorted(root, key=lambda each: len(each.operations)):
            fewer = [other for other in root if other is not each]
            if len(root) > _ROOT and next(self._taken(fewer, apart), None) is None:
                root = fewer
        return root

    def _fits_apart(self, drafted: Drafted) -> bool:
        """Tell whether lists can have a scheme of their own, and are few enough for that."""
        return len(drafted.operations) <= _APART and all(
            self._is_own(operation, drafted.scheme) for operation in drafted.operations
        )

    def _is_own(self, operation: Operation, scheme: Scheme) -> bool:
        spec = {**self._specs[operation.template], EXTENSION: members(scheme)}
        try:
            shape = self._finder.find(spec, ("paths", operation.template, "get"))
        except DocumentError:
            return False
        return shape is not None and shape.convention == operation.convention


def _particularity(drafted: Drafted) -> tuple[int, bool, int]:
    scheme = drafted.scheme
    said = len(scheme.request) + len(scheme.response) + (scheme.cursor is not None)
    return -said, scheme.items == AUTO, -len(drafted.operations)


def _without_ends(scheme: Scheme) -> Scheme:
    return replace(scheme, items=AUTO, end=None, first=None)
