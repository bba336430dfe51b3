"""Keys asked for: an answer is kept when it is asked for again."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from mock_server.lists.page_writer import PageAnswer, PageWriter
from mock_server.pipeline.response_cache import REMEMBERED, Key, KeysAsked
from tests.support import wire
from tests.support.documents import LIST
from tests.support.servers import Serve


def test_an_answer_is_kept_at_the_second_request_for_it(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    write = PageWriter.write

    def writing(*args: Any) -> PageAnswer:
        made.append("page")
        return write(*args)

    monkeypatch.setattr(PageWriter, "write", writing)
    url = serve()
    answers, pages = [], []
    for _ in range(4):
        answers.append(wire.get(url, f"{LIST}?limit=3"))
        pages.append(len(made))
    assert pages == [1, 2, 2, 2]
    assert len({answer.body for answer in answers}) == 1


def key(number: int) -> Key:
    return "GET", LIST.encode(), b"limit=%d" % number, (), (0, 0)


def test_a_key_is_new_once() -> None:
    asked = KeysAsked()
    assert [asked.add(key(each)) for each in (1, 2, 1, 2)] == [True, True, False, False]


def test_no_more_keys_are_remembered_than_the_limit() -> None:
    asked = KeysAsked()
    keys = [key(number) for number in range(REMEMBERED)]
    assert all(map(asked.add, keys))
    assert not any(map(asked.add, keys))
    full = sys.getsizeof(asked._hashes)
    assert all(asked.add(key(-number)) for number in range(1, REMEMBERED))
    assert sys.getsizeof(asked._hashes) <= full
