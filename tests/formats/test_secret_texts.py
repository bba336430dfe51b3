"""Hiding the texts of credentials: encoded, short, and in large bodies."""

from __future__ import annotations

import base64

import pytest

from mock_server.formats.secret_texts import SecretNames, hide, hide_in_message, hide_text, of_value

SECRET = b"sk_live-0 1\xc3\xa9"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"a=sk_live-0 1\xc3\xa9&b", b"a=***&b"),
        (b"sk%5Flive%2d0%201%C3%A9sk_live-0%25201%25c3%a9%", b"******%"),
        (b"%73k_live-0 1\xc3%a9", b"***"),
        (b"sk_live-0 1\xc3", b"sk_live-0 1\xc3"),
        (b"%zz%", b"%zz%"),
    ],
)
def test_each_spelling_is_hidden_and_the_rest_stays(raw: bytes, shown: bytes) -> None:
    assert hide(raw, [SECRET]) == shown
    assert hide(raw, []) == raw


def test_the_longest_of_several_texts_is_hidden_first() -> None:
    assert hide(b"abcdefgh-long abcdefgh", [b"abcdefgh", b"abcdefgh-long"]) == b"*** ***"


def test_a_large_body_is_looked_through_as_it_is() -> None:
    large = b"%41" * 4_000_000
    assert hide(large + SECRET, [SECRET]) == large + b"***"


def test_texts_are_those_of_values_and_of_the_parts_of_headers() -> None:
    assert of_value(b"a%20b+c") == [b"a b c"]
    assert of_value(b"ab") == of_value(b"default") == []
    pair = base64.b64encode(b"user:pass-word")
    headers = [
        (b"authorization", b"Basic " + pair),
        (b"cookie", b"a=12345; Sess-ion=67890"),
        (b"x", b"y"),
    ]
    assert SecretNames(["sess_ion"]).of_headers(headers) == (
        pair,
        b"user:pass-word",
        b"pass-word",
        b"67890",
    )
    named = [(b"authorization", b'Token token="abc-12345"')]
    assert SecretNames().of_headers(named) == (b'token="abc-12345"', b"abc-12345")
    assert b"user" in SecretNames(is_basic_token=True).of_headers(headers)
    assert (
        SecretNames().of_headers([(b"authorization", b"Basic \xff"), (b"x-api-key", b"")])
        == (b"\xff",)[:0]
    )


def test_a_message_keeps_words_that_are_a_short_credential() -> None:
    assert hide_in_message("send a token, not 'token'", [b"token"]) == "send a token, not ***"
    assert (
        hide_text("caf\xe9-0123", [b"caf\xe9-0123"])
        == hide_text("café-0123", ["café-0123".encode()])
        == "***"
    )
