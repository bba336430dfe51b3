"""The token of an Authorization header, however its client writes it."""

from __future__ import annotations

import pytest

from mock_server.formats.authorization import token_of


@pytest.mark.parametrize(
    "text",
    [
        "Bearer abc", "token abc", "Token token=abc", 'Token token="abc"', "Bot abc", "SSWS  abc",
        "Some-API-Key abc", " abc ", "Key key=abc", "ApiKey abc",
    ],
)  # fmt: skip
def test_a_token_is_found_after_any_word_or_none(text: str) -> None:
    assert token_of(text) == "abc"


@pytest.mark.parametrize("text", ["lin_api_1", "abc:fx", "a.b-c_d~e+f/g=="])
def test_a_token_keeps_its_characters(text: str) -> None:
    assert token_of(text) == token_of(f"Auth {text}") == text


@pytest.mark.parametrize(
    "text",
    [
        "", "Bearer", "token", "Basic YTpi", "basic", "Bearer a b", "Bearer a, Bearer b",
        'Digest username="a", nonce="b"', 'Hmac username="a"', "Negotiate YTpi", "NTLM abc",
        "AWS4-HMAC-SHA256 Credential=a/b, Signature=c",
    ],
)  # fmt: skip
def test_other_credentials_hold_no_token(text: str) -> None:
    assert token_of(text) is None
