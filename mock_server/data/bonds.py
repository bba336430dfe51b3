"""Bonds: what the schemas of all collections say of each other's records."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.data.sums import Sums
from mock_server.openapi.effects import Resource
from mock_server.openapi.nouns import Nouns
from mock_server.openapi.schema import members_of


class Bonds:
    """How collections depend on each other, found in all schemas once.

    - `nouns`: the collections that members are named after
    - `sums`: the computed members of each collection
    - `accounts`: the collections whose first record is the account that reads it: those that members
      with the reader's id (`x-fill: account`) are named after, e.g. `accounts` by `accountId`
    """

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        described = {name: members_of(each.schema) for name, each in resources.items()}
        self.sums = {name: Sums(each, resources, name) for name, each in described.items()}
        # An invoice's sum of its lines' amounts by `invoiceId` says what that member refers to.
        summed: dict[tuple[str, str], Resource] = {}
        for name in sorted(self.sums, key=lambda each: each.count("/")):
            for rule in self.sums[name].lines.values():
                summed.setdefault((rule.of, rule.by), resources[name])
        self.nouns = Nouns(resources, summed)
        self.accounts = frozenset(
            target.name
            for name, members in described.items()
            for member, part in members.items()
            if part.get("x-fill") == "account"
            for target in [self.nouns.named(member, name)[0]]
            if target is not None
        )

    def terms(self, name: str) -> list[str]:
        """Return the members of a collection's records by which their sums in others become zero.

        They are the first factor of what is added up, e.g. the quantity; else what is added up itself.
        """
        added = [r.field for s in self.sums.values() for r in s.lines.values() if r.of == name]
        return list(dict.fromkeys(self.sums[name].own.first_term(field) for field in added))
