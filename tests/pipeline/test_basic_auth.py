"""Credentials: what a header names, and what is said of one that names nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.errors import Unauthorized
from mock_server.pipeline.basic_auth import Credentials
from tests.support.wire import basic_of

ANY = Credentials([], "Sequence")


@given(st.text(min_size=1).filter(lambda text: ":" not in text), st.text())
def test_the_client_id_stands_before_the_first_colon(client_id: str, secret: str) -> None:
    assert ANY.client_id(basic_of(f"{client_id}:{secret}".encode())) == client_id


@given(st.one_of(st.none(), st.text(st.characters(codec="latin-1"), max_size=40)))
def test_any_other_header_is_refused_without_being_shown(header: str | None) -> None:
    with pytest.raises(Unauthorized) as caught:
        ANY.client_id(header)
    shown = caught.value.message.split(";")[0]
    assert not header or len(header) < 8 or header not in shown
    assert caught.value.status == 401
    assert dict(caught.value.headers) == {"WWW-Authenticate": 'Basic realm="Sequence"'}


def test_only_the_named_pairs_are_accepted() -> None:
    two = Credentials(["a:1", "b:2:3"], "Sequence")
    assert two.client_id(basic_of(b"b:2:3")) == "b"
    for pair in (b"a:2", b"b:2", b"a:1 ", b"c:1"):
        with pytest.raises(Unauthorized, match="none of those that --credentials accepts"):
            two.client_id(basic_of(pair))
