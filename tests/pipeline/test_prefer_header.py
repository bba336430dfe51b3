"""The header `Prefer`: a fault for one request, which the request itself asks for."""

from __future__ import annotations

import time

import pytest

from mock_server.client import Sandbox
from tests.support import wire
from tests.support.documents import LIST
from tests.support.faults import get, head

pytestmark = pytest.mark.usefixtures("no_error_is_logged")


@pytest.mark.parametrize(
    ("prefer", "status", "applied"),
    [
        ("code=503", 503, "code=503"), ("code=404", 404, "code=404"), ("code=599", 599, "code=599"), ("code=200", 200, "code=200"),
        ("delay=0.05", 200, "delay=0.05"), ("delay=0", 200, "delay=0"), ('code="503"', 503, "code=503"), ("CODE = 503", 503, "code=503"),
        ("code=503, delay=0.05", 503, "code=503, delay=0.05"), ("delay=0.05,code=503", 503, "code=503, delay=0.05"),
        ("respond-async, code=503; foo=bar, wait=10", 503, "code=503"), ("code=503, code=404", 503, "code=503"),
        ("code=503, delay=soon", 503, "code=503"), ("code=1000, delay=0.01", 200, "delay=0.01"),
    ],
)  # fmt: skip
def test_a_request_can_prefer_a_fault(account: Sandbox, prefer: str, status: int, applied: str) -> None:
    answer = get(account, LIST + "?limit=2", f"Prefer: {prefer}")
    assert (answer.status, answer.header("Preference-Applied")) == (status, applied)
    if status == 200:
        assert len(answer.json["items"]) == 2
    else:
        assert answer.json["error"]["message"]
    assert get(account).header("Preference-Applied") is None


@pytest.mark.parametrize(
    "prefer",
    ["", "code", "code=", "code=abc", "code=199", "code=600", "code=99", "code=0503", "code=-503", "code=503.5", "code=5_3",
     "delay", "delay=-1", "delay=61", "delay=nan", "delay=inf", "delay=1e1", "delay=.", "delay=1.1.1", "code 503", "return=minimal",
     "x; code=503", "codes=503", "xcode=503", ",,,;;==", "\xff", 'a="x, code=503"', 'a="b;c, delay=0.1", respond-async',
     'a="\\", code=503"', "code=\u00b2\u00b2\u00b2", "code=" + "5" * 5000],
)  # fmt: skip
def test_nonsense_in_prefer_is_ignored(account: Sandbox, prefer: str) -> None:
    answer = get(account, LIST, f"Prefer: {prefer}")
    assert (answer.status, answer.header("Preference-Applied")) == (200, None)
    assert account.requests()[-1]["fault"] is None


def test_several_prefer_headers_are_one(account: Sandbox) -> None:
    answer = get(account, LIST, "Prefer: delay=0.01", "Prefer: code=503")
    assert (answer.status, answer.header("Preference-Applied")) == (503, "code=503, delay=0.01")


def test_a_preferred_delay_is_waited_for(account: Sandbox) -> None:
    began = time.monotonic()
    assert get(account, LIST, "Prefer: delay=0.3, code=503").status == 503
    assert time.monotonic() - began > 0.29


@pytest.mark.parametrize("status", [204, 304])
def test_a_preferred_status_may_have_no_body(account: Sandbox, status: int) -> None:
    with wire.connect(account.url) as connection:
        connection.sendall(head(account, f"Prefer: code={status}") + head(account))
        answer = wire.read(connection)
        assert (answer.status, answer.header("Preference-Applied")) == (status, f"code={status}")


def test_prefer_goes_with_head_and_is_no_scripted_fault(account: Sandbox) -> None:
    assert get(account, LIST, "Prefer: code=503", method="HEAD").status == 503
    assert get(account, LIST + "?limit=0", "Prefer: code=503").status == 400
    assert account.faults() == []
    assert get(account, "/_mock/faults", "Prefer: code=503, delay=60").status == 200


def test_a_scripted_step_goes_before_prefer(account: Sandbox) -> None:
    account.fail({"status": 418})
    first, second = (get(account, LIST, "Prefer: code=503") for _ in range(2))
    assert (first.status, first.header("Preference-Applied")) == (418, None)
    assert (second.status, second.header("Preference-Applied")) == (503, "code=503")
