"""The roles of a list's parameters, and of what its answers say beside the records.

Which parameter or member has a role is data: a scheme's, fitted to an operation (`convention`).
"""

from __future__ import annotations

# What a request's parameters may say.
LIMIT, AFTER, BEFORE, PAGE, OFFSET = REQUEST_ROLES = ("limit", "after", "before", "page", "offset")
# Those of them that say where a page is.
POSITIONS = (AFTER, BEFORE, PAGE, OFFSET)

# What an answer may say. NEXT and PREVIOUS are what to send to get to another page, and also the
# directions in which clients go.
NEXT, PREVIOUS, TOTAL, COUNT, MORE, PAGES = ("next", "previous", "total", "count", "more", "pages")
NEXT_URL, PREVIOUS_URL, FIRST_URL, LAST_URL = URLS = (
    "nextUrl",
    "previousUrl",
    "firstUrl",
    "lastUrl",
)
# Whether a page is the first or the last, and whether records come before it.
AT_START, AT_END, HAS_PREVIOUS = ENDINGS = ("atStart", "atEnd", "hasPrevious")
RESPONSE_ROLES = (NEXT, PREVIOUS, TOTAL, COUNT, MORE, PAGE, PAGES, LIMIT, OFFSET, *URLS, *ENDINGS)

# What to send to get to the first and to the last page, of which URLs are made.
FIRST, LAST = ("first", "last")
# The ids of the first and the last record of a page, which say nothing of other pages.
FIRST_RECORD, LAST_RECORD = ("firstRecord", "lastRecord")
# The role that a URL leads by.
TARGETS = {NEXT_URL: NEXT, PREVIOUS_URL: PREVIOUS, FIRST_URL: FIRST, LAST_URL: LAST}

# The styles of schemes.
CURSOR, TOKEN, BY_PAGE, BY_OFFSET, BY_URL, NONE = STYLES = (
    "cursor",
    "token",
    "page",
    "offset",
    "url",
    "none",
)
# Those in which a number leads to each page.
NUMBERED = (BY_PAGE, BY_OFFSET)

# What `next`, `previous` and the URLs are where there is no such page.
OMIT, NULL, EMPTY = ENDS = ("omit", "null", "empty")

# A header whose value is this has links by RFC 8288, any other header a role's value.
RFC_8288 = "rfc8288"
