"""The scene of a failed assertion: what came to an account, and where to look further, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from mock_server.client.types import AccountUse, Request, RequestList
from mock_server.formats import json_members, query_string
from mock_server.settings import ANONYMOUS
from mock_server.shown_text import printable

# How many requests, and how many other accounts, a message lists.
_LISTED = 10
_OTHERS = 5


# Characters of a body that a message shows.
_BODY = 300

# The longest text of JSON that is shown as None though it was kept: `null`.
_NULL = 4


class Wanted(NamedTuple):
    """Which requests are looked for; None leaves each open.

    - `operation`: an operation's id, or e.g. `post /customers`
    - `query`: parameters, decoded, e.g. `{"limit": 5}`
    - `body`: members that the body must have, e.g. `{"name": "Acme"}`
    """

    operation: str | None = None
    query: Mapping[str, Any] | None = None
    body: Any = None


ANY = Wanted()


@dataclass(frozen=True, slots=True)
class Scene:
    """What an assertion had before it.

    - `journal`: all requests of the account
    - `client_id`: that of the account
    - `page`: the URL of the inspector, e.g. `http://127.0.0.1:8080/_mock/`
    - `accounts`: gives the accounts that got requests, the one with the newest first; asked where
      none came to this one
    """

    journal: RequestList
    client_id: str
    page: str
    accounts: Callable[[], Sequence[AccountUse]]

    def describe(self, view: str, wanted: Wanted = ANY) -> str:
        """Return what came, and the link to a view of the inspector, e.g. `walks`, in lines.

        The requests nearest to what was wanted come first.
        """
        return "\n".join([*self._requests(wanted), self.describe_link(view)])

    def describe_link(self, view: str) -> str:
        """Return a line with the link to a view of the inspector."""
        return f"see {self.page}#{view}?account={encode(self.client_id)}"

    def _requests(self, wanted: Wanted) -> list[str]:
        journal = self.journal
        if not journal["recorded"]:
            return [f"no request came to the account {self.client_id!r}{self._elsewhere()}"]
        if not journal["items"]:
            return ["the journal has dropped all requests"]
        # Of requests that are as near, the newest comes first.
        newest_first = [*reversed(journal["items"])]
        nearest = sorted(newest_first, key=lambda entry: nearness(entry, wanted), reverse=True)
        lines = [
            line
            for entry in nearest[:_LISTED]
            for line in format_request(entry, shows_body=wanted.body is not None)
        ]
        more = len(nearest) - _LISTED
        return ["the nearest requests were:", *lines, *([f"  and {more} more"] if more > 0 else [])]

    def _elsewhere(self) -> str:
        """Return which other accounts got requests, as the end of a sentence."""
        others = [use for use in self.accounts() if use["account"] != self.client_id]
        if not others:
            return ", nor to any other"
        lines = [line for use in others[:_OTHERS] for line in _format_use(use)]
        more = len(others) - _OTHERS
        lines += ["  and other accounts"] * (more > 0)
        return "\n".join([", but these got some (are its credentials the ones that are sent?):", *lines])


def encode(text: str) -> str:
    """Return a text as the inspector's page writes it into its URL, e.g. `a+b%7E*` for `a b~*`.

    See https://url.spec.whatwg.org/#application-x-www-form-urlencoded-percent-encode-set.
    """
    return quote_plus(text, safe="*").replace("~", "%7E")


def nearness(entry: Request, wanted: Wanted) -> tuple[int, bool, int]:
    """Return how near a request is to what was wanted.

    Equal parameters and members of the body count most, then the operation, or any without a wanted one,
    then parameters and members that have another value, and parameters whose value has another name.
    """
    sent, query = query_string.parse(entry["query"].encode("latin-1")), wanted.query or {}
    alike = sum(query_string.includes(sent, {name: value}) for name, value in query.items())
    halves = sum(_has_half(sent, name, value) for name, value in query.items())
    members = wanted.body if isinstance(wanted.body, dict) else {}
    body = entry["body"] if isinstance(entry["body"], dict) else {}
    there = [(body[name], value) for name, value in members.items() if name in body]
    alike += sum(json_members.includes(own, value) for own, value in there)
    return alike, is_of(entry, wanted.operation), halves + len(there)


def is_of(entry: Request, operation: str | None) -> bool:
    """Tell whether a request is of an operation; of any where that is None."""
    return entry["operation"] is not None if operation is None else entry["operation"] == operation


def lacks_body(entry: Request) -> bool:
    """Tell whether a request had a body that the journal has dropped."""
    return entry["body"] is None and entry["bodySize"] > _NULL


def _has_half(sent: query_string.Query, name: str, value: Any) -> bool:
    return name in sent or any(query_string.includes(sent, {other: value}) for other in sent)


def format_request(entry: Request, *, shows_body: bool = False) -> list[str]:
    """Return a request, what was answered, its violations and warnings, and its body, in lines."""
    lines = [f"  {format_line(entry)}"]
    if shows_body and entry["body"] is not None:
        lines.append(printable(f"      body {to_text(entry['body'])}", _BODY))
    for kind, found in (("violation", entry["violations"]), ("warning", entry["warnings"])):
        lines += [format_mistake(kind, each) for each in found]
    return lines


def format_mistake(kind: str, mistake: Mapping[str, Any]) -> str:
    """Return a mistake in a line, with its place where that is in the body, e.g. `/address/city`."""
    at = f" at {mistake['key']}" if mistake["key"].startswith("/") else ""
    return printable(f"      {kind} {mistake['code']}{at}: {mistake['message']}", None)


def to_text(value: Any) -> str:
    """Return a value in JSON, which the clients of all languages show alike, e.g. `{"limit": 5}`."""
    return printable(json.dumps(_with_whole_numbers(value), ensure_ascii=False), None)


def _with_whole_numbers(value: Any) -> Any:
    """Return the value with 5 for 5.0, as JavaScript has it."""
    if isinstance(value, dict):
        return {name: _with_whole_numbers(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_with_whole_numbers(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def format_line(entry: Request) -> str:
    """Return a request and what was answered, e.g. `GET /api/things?limit=5 -> 200`."""
    query = f"?{entry['query']}" if entry["query"] else ""
    answer = "no answer" if entry["status"] is None else entry["status"]
    return printable(f"{entry['method']} {entry['path']}{query} -> {answer}", None)


def _format_use(use: AccountUse) -> list[str]:
    name = use["account"]
    of = "without a valid account" if name == ANONYMOUS else repr(name)
    number, last = use["recorded"], use["last"]
    counted = f"  {of}: {number} request{'' if number == 1 else 's'}"
    return [counted if last is None else f"{counted}, the last one {format_line(last)}"]
