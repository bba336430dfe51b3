"""Accounts: the collections of which one record is the account that reads it."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.openapi.effects import Resource
from mock_server.openapi.nouns import Nouns
from mock_server.openapi.schema import members_of


def account_collections(resources: Mapping[str, Resource], nouns: Nouns) -> frozenset[str]:
    """Return the names of the collections that members with the reader's id are named after.

    Where `accountId` is the id of the account that reads a record (`x-fill: account`), the first record
    of `accounts` is that account.
    """
    found: set[str] = set()
    for name, resource in resources.items():
        for member, part in members_of(resource.schema).items():
            target = nouns.named(member, name)[0] if part.get("x-fill") == "account" else None
            if target is not None:
                found.add(target.name)
    return frozenset(found)
