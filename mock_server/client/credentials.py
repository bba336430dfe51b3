"""The credentials of an account, as the document of a server wants them to be sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

# What a document wants where a server's health says nothing else.
BASIC = ({"in": "header", "name": "Authorization", "scheme": "Basic", "holds": "pair"},)


@dataclass(frozen=True, slots=True)
class Carried:
    """What a client under test sends beside Basic: headers, query parameters and cookies, by name.

    `takes_basic`: whether the document takes Basic credentials, of a token its user name.
    """

    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    takes_basic: bool = False


def holds_pair(wanted: Collection[Mapping[str, Any]]) -> bool:
    """Tell whether a client id and a secret name an account, by what a server's health says."""
    return any(each["holds"] == "pair" for each in wanted)


def carry(wanted: Collection[Mapping[str, Any]], token: str, *, is_pair: bool) -> Carried:
    """Return where a token is sent, by the member `credentials` of a server's health.

    `is_pair` says that Basic's client id and secret name the account, so that no other Authorization
    header is sent, and nothing where the document takes tokens alone.
    """
    if is_pair and not holds_pair(wanted):
        return Carried()
    carried = Carried(takes_basic=any(_is_basic(each, is_pair=is_pair) for each in wanted))
    places = {"header": carried.headers, "query": carried.params, "cookie": carried.cookies}
    for each in wanted:
        name, scheme = each["name"], each["scheme"]
        if each["holds"] == "pair" or scheme == "Basic" or (is_pair and name == "Authorization"):
            continue
        places[each["in"]].setdefault(name, f"{scheme} {token}" if scheme else token)
    return carried


def _is_basic(wanted: Mapping[str, Any], *, is_pair: bool) -> bool:
    return wanted["scheme"] == "Basic" and (is_pair or wanted["holds"] == "token")
