"""The handlers of lists: each answers with a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from mock_server.data.collection import Collection, fill_account_id
from mock_server.data.finding import Finder
from mock_server.data.path_members import PathMembers
from mock_server.data.records import RecordSchema
from mock_server.data.shown_records import ShownRecords
from mock_server.lists import tokens
from mock_server.lists.broken_pages import BrokenRequest, PageSent, break_page
from mock_server.lists.convention import Convention
from mock_server.lists.page_sayings import UnsaidWays, sayings, unsaid_ways
from mock_server.lists.page_writer import PageWriter
from mock_server.lists.pages import Listing, Saying, cut, page_info
from mock_server.lists.roles import NEXT, PREVIOUS, TOKEN
from mock_server.openapi.operations import Operation
from mock_server.openapi.path_shapes import filled_path
from mock_server.openapi.request_validation import Arguments
from mock_server.pipeline.exchange import EXCHANGE, Exchange, Outcome, Request
from mock_server.pipeline.request_url import request_url
from mock_server.pipeline.view_handler import ViewedPages
from mock_server.pipeline.wsgi_bridge import Response, current_scope
from mock_server.sandbox.walk import PageGiven

Handler = Callable[..., Response]


class ListHandler:
    """The handler of one list; what writes its pages is made at the first request."""

    def __init__(
        self,
        operation: Operation,
        finder: Finder,
        viewed: ViewedPages | ShownRecords | None = None,
        *,
        trusts_proxy: bool = False,
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        """Take a list, and what finds the records above it that its path names.

        `viewed` shows the records of another collection, or what is kept in the shape of a newer
        version; None for those of its own.

        `trusts_proxy` says whether the headers of a proxy tell the URLs that pages lead to; `left_out`
        are query parameters that those do not repeat, since they are credentials.
        """
        self._operation = operation
        self._name = str(operation.collection)
        self._convention = operation.convention
        self._said, self._unsaid = sayings(operation.convention), unsaid_ways(operation.convention)
        self._trusts_proxy = trusts_proxy
        self._left_out = left_out
        self._viewed = viewed
        self._owners = finder.owners if operation.effect.ancestors else None

    @property
    def shows_kept(self) -> bool:
        """Tell whether it shows records as they are kept, of a collection that is in no other one."""
        return self._viewed is None and self._owners is None

    @cached_property
    def _parts(self) -> _Parts:
        return _Parts.of(self._operation, self._left_out)

    def __call__(self, **path_values: object) -> Response:
        scope = current_scope()
        exchange: Exchange = scope[EXCHANGE]
        request, outcome = exchange.request, exchange.outcome
        account = request.acting_account
        if self._owners is not None:
            self._owners(account.collections, account.own_id, self._operation.path_values(path_values))
        collection = account.collections[self._name]
        listing = self._listing(request, collection)
        sent = _page(outcome, listing, self._said)
        outcome.page_given = _page_given(sent, listing, self._unsaid)
        outcome.is_first, outcome.is_last = sent.page.previous is None, sent.page.next is None
        writer, members = self._parts
        target = None
        if writer.has_urls:
            target = request_url(scope, request.headers.texts, trusts_proxy=self._trusts_proxy)
        if self._viewed is not None:
            records = self._viewed.show(collection, sent.positions)
        else:
            records = collection.at(sent.positions)
        if members is not None and collection.is_generated:
            records = members.show(records, path_values)
        own_path = self._own_path(path_values) if path_values else None
        answer = writer.write(records, sent.info, target, own_path)
        outcome.page_body = answer.body
        body = fill_account_id(answer.body, account.own_id)
        headers, kind = answer.headers or None, self._operation.answer_type
        return Response(body, headers=headers, content_type=kind)

    def _own_path(self, path_values: Mapping[str, object]) -> str:
        return filled_path(self._operation.template, self._operation.path_values(path_values))

    def _listing(self, request: Request, collection: Collection) -> Listing:
        """Return what a request lists: the records that its filters find, and the page of them."""
        arguments, found = request.arguments, request.matching
        if arguments is None:
            raise LookupError("validation lets no request pass without its arguments")
        if arguments.sort is not None:
            matching = collection.ordered(arguments.wanted, arguments.sort)
        elif found is not None and found.collection is collection:
            matching = found.positions
        else:
            matching = collection.matching(arguments.wanted)
        return _listing(self._convention, collection, matching, arguments)


class _Parts(NamedTuple):
    """What writes the pages of a list; `members` is None where its path has no parameters."""

    writer: PageWriter
    members: PathMembers | None

    @classmethod
    def of(cls, operation: Operation, left_out: frozenset[str]) -> _Parts:
        """Return what writes the pages of an operation, without some query parameters in URLs."""
        convention = operation.convention
        key = filter(None, [convention.cursor])
        schema = RecordSchema(operation.collection or "", operation.record_schema, key)
        members = PathMembers(operation, schema.keys) if "{" in operation.template else None
        return cls(PageWriter(convention, left_out), members)


def _listing(
    convention: Convention, collection: Collection, matching: Sequence[int], arguments: Arguments
) -> Listing:
    name, page = collection.name, arguments.page
    order = None if arguments.sort is None else collection.order(arguments.sort)
    if convention.cursor is not None:
        value_at = partial(collection.value_at, convention.cursor)
        return Listing(convention, name, matching, page, value_at=value_at, order=order)
    if convention.style == TOKEN:
        binding = tokens.binding(arguments.bound)
        return Listing(convention, name, matching, page, binding, order=order)
    return Listing(convention, name, matching, page, order=order)


def _page(outcome: Outcome, listing: Listing, said: Sequence[tuple[str, Saying]]) -> PageSent:
    """Return the page that a request asks for, broken where the step of a fault says so."""
    if outcome.step.page is None:
        page = cut(listing)
        return PageSent(page.positions, page, page_info(page, listing, said))
    return break_page(outcome.step.page, BrokenRequest(listing, said, outcome.fired_before))


def _page_given(sent: PageSent, listing: Listing, unsaid: UnsaidWays | None) -> PageGiven:
    ahead = sent.page.next if listing.request.direction == NEXT else sent.page.previous
    ways = [sent.info.get(NEXT), sent.info.get(PREVIOUS)]
    if unsaid is not None:
        ways += [way for way in unsaid(sent.page, listing) if way not in ways]
    # What may be sent to go on: cursors, tokens, or the numbers of pages and offsets as texts.
    texts = tuple([str(way) for way in ways if way is not None and way != ""])
    page = sent.page
    return PageGiven(len(sent.positions), texts, ahead is None, page.start, page.stop)
