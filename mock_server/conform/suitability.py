"""Which checks a list is for, by how it pages, and by what its document says of it."""

from __future__ import annotations

from mock_server.conform.filter_under_test import find_filters
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.ways import has_links, has_texts
from mock_server.lists.roles import (
    COUNT,
    LIMIT,
    MORE,
    NEXT,
    NEXT_URL,
    OFFSET,
    PAGE,
    PAGES,
    PREVIOUS,
    PREVIOUS_URL,
    TOTAL,
    URLS,
)
from mock_server.openapi.security import UNCHECKED


def has_limit(tested: ListUnderTest) -> bool:
    """Tell whether a parameter sets the size of pages."""
    return tested.convention.is_paged and LIMIT in tested.convention.request


def is_paged(tested: ListUnderTest) -> bool:
    """Tell whether anything leads from page to page."""
    return tested.convention.is_paged


def goes_back(tested: ListUnderTest) -> bool:
    """Tell whether a walk can go back by what pages say."""
    convention = tested.convention
    if convention.is_numbered:
        return PREVIOUS_URL in convention.response
    return convention.goes(PREVIOUS) and (has_texts(convention) or PREVIOUS_URL in convention.response)


def says_ways(tested: ListUnderTest) -> bool:
    """Tell whether pages say what leads to other pages."""
    return tested.convention.says(NEXT, PREVIOUS, NEXT_URL, PREVIOUS_URL, is_header=False)


def takes_texts(tested: ListUnderTest) -> bool:
    """Tell whether a client sends cursors, tokens or ids."""
    return has_texts(tested.convention)


def keeps_places(tested: ListUnderTest) -> bool:
    """Tell whether a place is the same by pages of any size."""
    by_offset = tested.convention.way == OFFSET
    return has_limit(tested) and (has_texts(tested.convention) or by_offset)


def takes_both(tested: ListUnderTest) -> bool:
    """Tell whether a client may send a cursor forward and one back at once."""
    return has_texts(tested.convention) and tested.convention.goes(PREVIOUS)


def says_total(tested: ListUnderTest) -> bool:
    """Tell whether the list says how many items there are."""
    return tested.convention.says(TOTAL)


def says_more(tested: ListUnderTest) -> bool:
    """Tell whether pages say whether more follow."""
    return tested.convention.says(MORE)


def says_numbers(tested: ListUnderTest) -> bool:
    """Tell whether pages say their own number, size, or place."""
    return tested.convention.says(COUNT, PAGE, PAGES, LIMIT, OFFSET)


def says_urls(tested: ListUnderTest) -> bool:
    """Tell whether pages have the URLs of others, in the answer or in a header."""
    return tested.convention.says(*URLS) or has_links(tested.convention)


def counts(tested: ListUnderTest) -> bool:
    """Tell whether numbers lead to pages."""
    return tested.convention.is_paged and tested.convention.is_numbered


def counts_pages(tested: ListUnderTest) -> bool:
    """Tell whether the numbers of pages of a size lead to them."""
    return counts(tested) and has_limit(tested) and tested.convention.way == PAGE


def asks_for_credentials(tested: ListUnderTest) -> bool:
    """Tell whether a request without credentials is refused."""
    return not tested.security.is_optional


def asks_in_header(tested: ListUnderTest) -> bool:
    """Tell whether the credentials that it asks for may stand in an Authorization header."""
    return asks_for_credentials(tested) and bool(tested.authorization_words)


def can_be_malformed(tested: ListUnderTest) -> bool:
    """Tell whether some of these credentials can be told to be none."""
    is_checked = any(scheme.kind != UNCHECKED for scheme in tested.authorization_schemes)
    return asks_for_credentials(tested) and is_checked


def describes_401(tested: ListUnderTest) -> bool:
    """Tell whether the document says what the refusal of credentials looks like."""
    return asks_for_credentials(tested) and tested.schema(401) is not None


def was_refused(tested: ListUnderTest) -> bool:
    """Tell whether a request got a 400, of which the document says what it looks like."""
    return tested.schema(400) is not None and any(reply.status == 400 for reply in tested.replies)


def has_version(tested: ListUnderTest) -> bool:
    """Tell whether a header selects the version."""
    return any(p.version for p in tested.operation.at("header"))


def has_filters(tested: ListUnderTest) -> bool:
    """Tell whether several parameters filter."""
    return len(find_filters(tested)) > 1
