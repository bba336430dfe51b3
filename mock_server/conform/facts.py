"""The facts of a list: what a server's answers are made of, whether that is right or not.

Two runs are compared by them too, since a key or a header may come or go without failing a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mock_server.conform.http_probe import Reply
from mock_server.conform.list_page import ListPage
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.requirements import Failed
from mock_server.formats.json import Unreadable
from mock_server.lists.roles import NEXT, NEXT_URL

# What a fact is: a number, or texts; None where the data leave it open.
Fact = int | list[str] | None

# The most texts of one fact, and the parts of an error that are looked at, each way down.
_MOST = 200
_DEPTH = 5

# Headers whose values say how the API may be used, in lower case.
_TELLING = ("content-type", "www-authenticate", "ratelimit-limit", "x-ratelimit-limit")


def of_list(tested: ListUnderTest) -> dict[str, Fact]:
    """Return the facts of a list by their names, from the replies that its checks have got.

    E.g. `{"default limit": 20, "keys of an item": ["id"], "headers of a 200": ["content-type"]}`.
    """
    replies = [reply for reply in tested.replies if not _names_version(tested, reply)]
    pages = list(_pages(tested, replies))
    facts: dict[str, Fact] = {
        "default limit": _default_limit(tested, replies),
        "keys of an item": _texts(
            key for page in pages for item in page.items if isinstance(item, dict) for key in item
        ),
        "keys of the pagination": _texts(key for page in pages for key in page.pagination),
        "statuses": _texts(str(reply.status) for reply in replies),
    }
    for status in sorted({reply.status for reply in replies}):
        facts.update(_facts_of_status(status, [each for each in replies if each.status == status]))
    return facts


def _names(item: Any) -> Iterable[str]:
    return item if isinstance(item, dict) else ()


def _names_version(tested: ListUnderTest, reply: Reply) -> bool:
    """Return whether a request asked for a version, whose answer may be of another one."""
    names = {p.name.lower() for p in tested.operation.at("header") if p.version}
    return any(name.lower() in names for name, _ in reply.sent_headers)


def _pages(tested: ListUnderTest, replies: Iterable[Reply]) -> Iterator[ListPage]:
    for reply in replies:
        try:
            yield tested.read(reply)
        except Failed:
            continue


def _default_limit(tested: ListUnderTest, replies: Sequence[Reply]) -> int | None:
    """Return how many items a page has by default; None where they may be all that there are."""
    plain = [each for each in replies if tested.is_plain(each)]
    for page in _pages(tested, plain):
        return len(page.items) if page.has_cursor(NEXT) or page.has_cursor(NEXT_URL) else None
    return None


def _facts_of_status(status: int, replies: Sequence[Reply]) -> Iterator[tuple[str, Fact]]:
    """Yield the facts of all replies with a status: their headers, and what an error is made of."""
    names = [{name.lower() for name, _ in reply.headers} for reply in replies]
    yield f"headers of a {status}", _texts(set.intersection(*names))
    for name in _TELLING:
        values = {value for value in (reply.header(name) for reply in replies) if value is not None}
        if values:
            yield f"{name} of a {status}", _texts(values)
    if status >= 400:
        yield f"keys of a {status}", _texts(key for reply in replies for key in _keys_of_body(reply))


def _keys_of_body(reply: Reply) -> Iterator[str]:
    try:
        yield from _keys(reply.json, "", _DEPTH)
    except Unreadable:
        return


def _keys(value: Any, path: str, depth: int) -> Iterator[str]:
    """Yield the paths to all members of a value, e.g. `error` and `error.errors[].code`."""
    if isinstance(value, list):
        for part in value[:_MOST] if depth else ():
            yield from _keys(part, f"{path}[]", depth - 1)
    elif isinstance(value, dict):
        for name, part in list(value.items())[:_MOST] if depth else ():
            place = f"{path}.{name}" if path else name
            yield place
            yield from _keys(part, place, depth - 1)


def _texts(texts: Iterable[str]) -> list[str]:
    return sorted({text[:_MOST] for text in texts})[:_MOST]
