"""A walk through a list by a rule, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from tests.documents.published import Get, Query
from tests.documents.rules import BACKS, LIMITS, OFFSETS, PAGES, POSITIONS, TRUTHS, Rule, takes_number

SIZE = 10
MOST = 60


@dataclass(frozen=True)
class Reply:
    """An answer as it came; `target` is the path and query that were asked for."""

    target: str
    status: int
    headers: Mapping[str, str]
    body: Any
    url: str = ""


Ask = Callable[[str], Reply]


class Wrong(Exception):
    """Says why a walk is not true."""


def member(body: Any, path: str) -> Any:
    """Return what an answer has at a path, e.g. `meta.next_page`; None where it has nothing."""
    for name in path.split("."):
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def records_of(get: Get, body: Any) -> list[Any]:
    """Return the records of an answer; raise Wrong where it has none."""
    if isinstance(body, list):
        return body
    names = [get.items] if get.items else [name for name in get.arrays if name]
    for name in names:
        found = member(body, name)
        if isinstance(found, list):
            return found
        # Where the schema has an array or an object with it, the object may be given.
        within = found.values() if isinstance(found, dict) else ()
        held = [each for each in within if isinstance(each, list)]
        if len(held) == 1:
            return held[0]
    raise Wrong("the answer has no records where its schema has them")


def target(path: str, query: Mapping[str, str]) -> str:
    sent = "&".join(f"{quote(name, safe='[]')}={quote(each, safe='')}" for name, each in query.items())
    return f"{path}{'&' if '?' in path else '?'}{sent}" if sent else path


@dataclass
class Walk:
    """The pages of a list in turn, and the number of records on each page that was asked for."""

    get: Get
    rule: Rule
    ask: Ask
    path: str
    needed: Mapping[str, str]
    size: int | None = None
    replies: list[Reply] = field(default_factory=list)
    pages: list[list[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limit = next((name for name in LIMITS if self.get.takes(name)), None)
        if self.limit == self.rule.send:
            self.limit = None
        if self.limit is not None:
            self.size = _within(self.get.parameter(self.limit), self.size or SIZE)
        else:
            self.size = None

    @property
    def records(self) -> list[Any]:
        return [each for page in self.pages for each in page]

    @property
    def query(self) -> dict[str, str]:
        size = {} if self.limit is None else {self.limit: str(self.size)}
        return {**self.needed, **dict(self.rule.fixed), **size}

    def take(self, where: str) -> Reply:
        reply = self.ask(where)
        if reply.status != 200:
            raise Wrong(f"{reply.status} for {where}: {json.dumps(reply.body)[:200]}")
        self.replies.append(reply)
        self.pages.append(records_of(self.get, reply.body))
        return reply

    def forward(self) -> None:
        """Take all pages from the first to the end; raise Wrong where there is none."""
        first = int(self._first)
        where: str | None = target(self.path, self.query | self._at(first, 0))
        seen: set[str] = set()
        while where is not None:
            if where in seen:
                raise Wrong(f"{where} is asked for again: the walk goes in circles")
            seen.add(where)
            if len(self.pages) >= MOST:
                raise Wrong(f"no end after {MOST} pages ({len(self.records)} records)")
            self.take(where)
            if self.size is not None and len(self.pages[-1]) > self.size:
                raise Wrong(f"{len(self.pages[-1])} records where {self.limit}={self.size}")
            where = self._following(first)

    @property
    def _first(self) -> int:
        if self.rule.style != "page":
            return 0
        return 0 if self.get.parameter(self.rule.send).schema.get("default") == 0 else 1

    def _at(self, page: int, offset: int) -> dict[str, str]:
        if self.rule.style == "page":
            return {self.rule.send: str(page)}
        return {self.rule.send: str(offset)} if self.rule.style == "offset" else {}

    def _following(self, first: int) -> str | None:
        reply, page = self.replies[-1], self.pages[-1]
        if self.rule.style in ("page", "offset"):
            if not page or (self.size is not None and len(page) < self.size):
                return None
            here = first + len(self.pages)
            return target(self.path, self.query | self._at(here, len(self.records)))
        return self.onward(reply, page, back=False)

    def onward(self, reply: Reply, page: list[Any], *, back: bool) -> str | None:
        """Return where the page beside one is; None where the answer says that there is none."""
        rule = self.rule
        if rule.style == "link":
            return self._local(reply, links(reply).get("prev" if back else "next"))
        if rule.style == "after":
            return self._by_item(reply, page, back=back)
        sent = _sent(member(reply.body, rule.previous if back else rule.next))
        if sent in (None, ""):
            return None
        if rule.style == "url" or str(sent).startswith(("https://", "http://", "/")):
            return self._local(reply, sent)
        name = rule.back if back and rule.back else rule.send
        return target(self.path, self.query | {name: str(sent)})

    def _by_item(self, reply: Reply, page: list[Any], *, back: bool) -> str | None:
        rule, more = self.rule, member(reply.body, self.rule.more)
        if not rule.more:
            more = self.size is not None and len(page) >= self.size
        if not isinstance(more, bool):
            raise Wrong(f"'{rule.more}' is {more!r}")
        if not more:
            return None
        if not page:
            raise Wrong("no records, but more to come")
        place = rule.first if back else rule.last
        item = page[0 if back else -1]
        sent = member(reply.body, place) if place else member(item, rule.item)
        if place and rule.item == "" and sent is None:
            raise Wrong(f"'{place}' names nothing, though more is to come")
        return target(self.path, self.query | {rule.back if back else rule.send: str(sent)})

    def _local(self, reply: Reply, url: Any) -> str | None:
        """Return the target of a URL of this server, which may be relative."""
        if url is None:
            return None
        parts = urlsplit(urljoin(reply.url + reply.target, str(url)))
        if f"{parts.scheme}://{parts.netloc}" != reply.url:
            raise Wrong(f"the next page's URL {url} leads to another server")
        kept = dict(parse_qsl(urlsplit(reply.target).query, keep_blank_values=True))
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        lost = {name for name in kept if name not in given} - POSITIONS
        if lost:
            raise Wrong(f"the URL {url} has lost {sorted(lost)}")
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def mistakes(self, count: int | None) -> Iterator[str]:
        """Yield what is wrong with the pages of a whole walk through `count` records; None is for some."""
        found = self.records
        if count is None:
            count = max(1, len(found))
        if len(found) != count:
            yield f"{len(found)} of {count} records in {len(self.pages)} pages"
        texts = [json.dumps(each, sort_keys=True) for each in found]
        if any(isinstance(each, dict) and len(each) > 2 for each in found):
            again = len(texts) - len(set(texts))
            if again:
                yield f"{again} records come more than once"
        full = [len(page) == self.size for page in self.pages[:-1]]
        if self.size is not None and not all(full):
            yield f"pages of {[len(page) for page in self.pages]} where {self.limit}={self.size}"
        for number, reply in enumerate(self.replies):
            for mistake in self._untrue(number, reply.body, len(found)):
                yield f"page {number + 1}: {mistake}"

    def _untrue(self, number: int, body: Any, total: int) -> Iterator[str]:
        offset = sum(len(page) for page in self.pages[:number])
        is_last = offset + len(self.pages[number]) >= total
        size = self.size or max(len(self.pages[0]), 1)
        right = {
            "total": total, "pages": -(-total // size), "page": self._first + number,
            "limit": self.size, "offset": offset, "more": not is_last,
        }  # fmt: skip
        for role, words in TRUTHS.items():
            for path in self.get.members:
                said = member(body, path)
                if path.split(".")[-1] not in words.split() or type(said) not in (int, bool):
                    continue
                if isinstance(said, bool) is not (role == "more") or right[role] is None:
                    continue
                if (role == "total" and path.startswith("data.")) or ".next." in path:
                    continue
                # Where another parameter leads on, pages may count from 0, as Twilio's do, or from 1.
                counts = self.rule.style != "page" and role == "page"
                if said != right[role] and not (counts and said in (number, number + 1)):
                    yield f"'{path}' is {said}, and should be {right[role]}"
        if self.rule.style in ("page", "offset") and self.rule.next == "":
            yield from self._numbers(number, body, is_last)

    def _numbers(self, number: int, body: Any, is_last: bool) -> Iterator[str]:
        for name, right in (("next_page", number + 2), ("prev_page", number)):
            for path in self.get.members:
                said = member(body, path)
                is_number = path.split(".")[-1] == name and type(said) is int
                if is_number and (said != right or (name == "next_page" and is_last)):
                    yield f"'{path}' is {said}"

    def backward(self) -> Iterator[str]:
        """Yield what is wrong with the way back, where there is one."""
        if len(self.pages) < 2:
            return
        if self.rule.style in ("page", "offset"):
            yield from self._again()
        elif self.rule.previous or self.rule.back or self.rule.style == "link":
            yield from self._back()

    def _again(self) -> Iterator[str]:
        number = len(self.pages) - 2
        offset = sum(len(page) for page in self.pages[:number])
        reply = self.ask(target(self.path, self.query | self._at(self._first + number, offset)))
        if reply.status != 200 or records_of(self.get, reply.body) != self.pages[number]:
            yield f"page {number + 1} is another one when it is asked for again"
        beyond = self._at(self._first + len(self.pages) + 3, len(self.records) + 30)
        reply = self.ask(target(self.path, self.query | beyond))
        if reply.status != 200 or records_of(self.get, reply.body):
            yield f"{reply.status} and not an empty page beyond the end"

    def _back(self) -> Iterator[str]:
        reply, page = self.replies[-1], self.pages[-1]
        if self.rule.style == "after" and self.rule.back:
            place = member(reply.body, self.rule.first) if self.rule.first else None
            sent = place if self.rule.first else member(page[0], self.rule.item) if page else None
            where = target(self.path, self.query | {self.rule.back: str(sent)})
        else:
            following = self.onward(reply, page, back=True)
            if following is None:
                # Without a parameter for it, nothing can lead back.
                backs = [name for name in BACKS.values() if self.get.takes(name)]
                backs += [name for name in (*PAGES, *OFFSETS) if takes_number(self.get, name)]
                if self.rule.style != "token" and backs:
                    yield "the last page has no way back"
                return
            where = following
        want = list(reversed(self.pages[:-1]))
        for number, expected in enumerate(want):
            reply = self.ask(where)
            if reply.status != 200:
                yield f"{reply.status} on the way back, for {where}: {json.dumps(reply.body)[:200]}"
                return
            got = records_of(self.get, reply.body)
            if got != expected:
                yield f"page {len(want) - number} is another one on the way back"
                return
            further = self.onward(reply, got, back=True)
            if (further is None) is not (number == len(want) - 1):
                yield f"page {len(want) - number} has {'no' if further is None else 'a'} way back"
                return
            where = further or where


def _sent(said: Any) -> Any:
    """Return what leads on of a member that may be an object with a URL, e.g. `{href: …}`."""
    names = ("href", "url", "uri", "link")
    return next((said[n] for n in names if said.get(n)), None) if isinstance(said, dict) else said


def links(reply: Reply) -> dict[str, str]:
    """Return the URLs of a Link header by their relation (RFC 8288)."""
    found = re.findall(r'<([^>]*)>\s*;[^,<]*?rel="?([^",;]+)"?', reply.headers.get("link", ""))
    return {relation: url for url, relation in found}


def _within(limit: Query, size: int) -> int:
    low, high = limit.schema.get("minimum"), limit.schema.get("maximum")
    if isinstance(high, int | float):
        size = min(size, int(high))
    return max(size, int(low)) if isinstance(low, int | float) else size
