"""Nouns: what a collection's name calls one of its records, e.g. `invoice` for `invoices`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.effects import Resource

# What a plural ends in, and its singular; the first that fits is the most likely.
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ss", "ss"))
_IRREGULAR = {"people": "person", "children": "child", "indices": "index", "data": "datum"}


def last_word(name: str) -> str:
    """Return the last part of a collection's name that is no parameter, e.g. `line-items`."""
    words = [each for each in name.split("/") if each and "{" not in each]
    return words[-1] if words else ""


def singular(word: str) -> str:
    """Return an English noun in the singular, e.g. `policy` for `policies`."""
    return singulars(word)[0]


def singulars(word: str) -> Sequence[str]:
    """Return what the singular of an English noun may be, the likeliest first.

    `aliases` is more than one `alias`, but `licenses` more than one `license`.
    """
    if word.lower() in _IRREGULAR:
        return (_IRREGULAR[word.lower()],)
    for ending, replacement in _ENDINGS:
        if word.endswith(ending):
            return (word[: -len(ending)] + replacement,)
    if word.endswith("ses"):
        return (word[:-2], word[:-1]) if word.endswith(("uses", "ases")) else (word[:-1], word[:-2])
    return (word.removesuffix("s"),)


def nouns_of(name: str) -> Sequence[str]:
    """Return what a collection's name may call one record: in small letters, without `_` and `-`."""
    return tuple(map(plain, singulars(last_word(name))))


class Nouns:
    """The collections of a document by what they call a record of theirs."""

    def __init__(
        self,
        resources: Mapping[str, Resource],
        further: Mapping[tuple[str, str], Resource] = MappingProxyType({}),
    ) -> None:
        """Take the collections; `further` are those that members of a collection refer to by no name.

        They are by the collection and the member, e.g. `("invoices/{invoice}/lines", "groupId")`.
        """
        self.resources = resources
        self.further = further
        self._parents = {
            (each.name, each.parent.field): resources[each.parent.collection]
            for each in resources.values()
            if each.parent is not None and each.parent.collection in resources
        }
        self._known: dict[str, list[Resource]] = {}
        for each in sorted(resources.values(), key=_nearness):
            for noun in nouns_of(each.name):
                if each.key is not None:
                    self._known.setdefault(noun, []).append(each)

    def find(self, noun: str, near: str) -> Resource | None:
        """Return the collection whose record is called so by one of the collection `near`.

        One at the top is meant before one that is nested, and of several of these the one that has the
        same parent, or that is nested in `near`; None where it is not certain.
        """
        found = self._known.get(noun, [])
        if found and (_is_top(found[0]) or len(found) == 1):
            return found[0]
        own = self.resources.get(near)
        parents = {near} if own is None or own.parent is None else {near, own.parent.collection}
        return next((each for each in found if each.parent and each.parent.collection in parents), None)

    def parent_of(self, name: str, member: str) -> Resource | None:
        """Return the collection of the parent whose key a member of a nested collection has."""
        return self._parents.get((name, member))

    def named(self, member: str, near: str) -> tuple[Resource | None, bool]:
        """Return the collection that a member's name says, and whether it has several keys."""
        name = plain(member)
        for ending, is_list in (("id", False), ("ids", True)):
            found = self.find(name.removesuffix(ending), near) if name.endswith(ending) else None
            if found is not None:
                return found, is_list
        return None, False


def _nearness(resource: Resource) -> tuple[bool, int]:
    return not _is_top(resource), resource.name.count("/")


def _is_top(resource: Resource) -> bool:
    return "{" not in resource.name
