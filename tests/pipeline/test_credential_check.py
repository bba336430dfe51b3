"""Credentials: whom headers and keys name, and what is said of those that name nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.errors import Unauthorized
from mock_server.openapi.security import BASIC, Requirement, SecurityScheme
from mock_server.pipeline.credential_check import Accepted, Check
from tests.support.wire import basic_of

SEQUENCE = SecurityScheme(BASIC, "header", "Authorization", "Basic", "Sequence")


def check(*pairs: str) -> Check:
    return Check(Requirement(((SEQUENCE,),), is_optional=False), Accepted(pairs), is_basic_token=False)


def client_id(of: Check, authorization: str | None) -> str:
    return of.identify((authorization,), ()).client_id


ANY = check()


@given(st.text(min_size=1).filter(lambda text: ":" not in text), st.text())
def test_the_client_id_stands_before_the_first_colon(name: str, secret: str) -> None:
    assert client_id(ANY, basic_of(f"{name}:{secret}".encode())) == name


@given(st.one_of(st.none(), st.text(st.characters(codec="latin-1"), max_size=40)))
def test_any_other_header_is_refused_without_being_shown(header: str | None) -> None:
    with pytest.raises(Unauthorized) as caught:
        client_id(ANY, header)
    shown = caught.value.message.split(";")[0]
    assert not header or len(header) < 8 or header not in shown
    assert caught.value.status == 401
    assert dict(caught.value.headers) == {"WWW-Authenticate": 'Basic realm="Sequence"'}


def test_only_the_named_pairs_are_accepted() -> None:
    two = check("a:1", "b:2:3")
    assert client_id(two, basic_of(b"b:2:3")) == "b"
    for pair in (b"a:2", b"b:2", b"a:1 ", b"c:1"):
        with pytest.raises(Unauthorized, match="none of those that --credentials accepts"):
            client_id(two, basic_of(pair))
