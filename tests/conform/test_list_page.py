"""Pages of a list as they are read by a convention, whatever its words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mock_server.conform.http_probe import HttpProbe, Reply
from mock_server.conform.list_page import ListPage, read_page
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.requirements import Failed
from mock_server.conform.ways import position
from mock_server.lists.convention import Convention
from mock_server.lists.roles import AFTER, BEFORE, CURSOR, LIMIT, NEXT, PREVIOUS, TOTAL
from tests.support.servers import built_in

OTHER = Convention(
    style=CURSOR,
    items=("data",),
    request={LIMIT: "page[size]", AFTER: "page[after]", BEFORE: "page[before]"},
    response={
        NEXT: ("page", "page[after]"),
        PREVIOUS: ("page", "page[before]"),
        TOTAL: ("page", "count"),
    },
    default_limit=10,
)


def page(body: Any) -> ListPage:
    headers = (("Content-Type", "application/json"),)
    return read_page(Reply("/things", (), True, 200, headers, json.dumps(body).encode()), OTHER)


def test_a_page_is_read_by_the_words_of_the_convention() -> None:
    read = page({"data": [{"id": "a"}], "page": {"page[after]": "x", "page[before]": "", "count": 3}})
    assert read.items == [{"id": "a"}]
    assert read.total == 3
    assert read.cursor(NEXT) == "x"
    with pytest.raises(Failed, match=r"^'page\[before\]' is \"\", but is to be absent"):
        read.cursor(PREVIOUS)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"items": [], "page": {"count": 0}}, "the body has no array 'data' of objects"),
        ({"data": [], "pagination": {}}, "the body has no object 'page' with a whole number 'count'"),
    ],
)
def test_another_convention_is_not_a_page(body: Any, message: str) -> None:
    with pytest.raises(Failed) as failed:
        page(body)
    assert str(failed.value) == message


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (lambda tested: tested.limit_query(5), "page%5Bsize%5D=5"),
        (lambda tested: position(tested.convention, NEXT, "a=b"), "page%5Bafter%5D=a%3Db"),
        (lambda tested: position(tested.convention, PREVIOUS, "x"), "page%5Bbefore%5D=x"),
    ],
)
def test_a_query_has_the_words_of_the_convention(
    query: Callable[[ListUnderTest], str], sent: str
) -> None:
    [operation] = built_in().lists.values()
    probe = HttpProbe("http://127.0.0.1:9/", "a:b", 1)
    tested = ListUnderTest(built_in(), replace(operation, convention=OTHER), probe)
    probe.close()
    assert query(tested) == sent
