"""The accounts of tests, where the document asks for tokens or keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import secured
from tests.support.processes import Suite

TESTS = """
import httpx

def get(account, query="limit=3"):
    url = f"{account.base_url}/things?{query}"
    sent = dict(headers=account.headers, cookies=account.cookies, auth=account.auth)
    return httpx.get(url, params={"limit": 2, **account.params}, **sent).status_code

@pytest.mark.parametrize("number", range(2))
def test_it(mock_account, number):
    assert get(mock_account) == 200
    mock_account.assert_called(times=1)
    mock_account.fail({"status": 503})
    assert get(mock_account) == 503
    mock_account.assert_no_violations()
    note(mock_account, token=mock_account.token)
    assert mock_account.client_id in repr(mock_account)
    assert mock_account.token not in repr(mock_account)

def test_made(mock_account_factory):
    assert get(mock_account_factory("made")) == 200
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "security", [[["bearer"]], [["basic"], ["bearer"]], [["key", "query"], ["cookie"]]]
)
def test_each_test_has_a_token_of_its_own(tmp_path: Path, security: secured.Alternatives) -> None:
    document = tmp_path / "secured.json"
    document.write_text(json.dumps(secured.document(security)))
    run = Suite(tmp_path, TESTS).run(MOCK_SERVER_DOCUMENT=str(document))
    assert run.status == 0, run.output
    assert [note["id"].startswith("token-") for note in run.seen] == [True, True]
    assert len({note["token"] for note in run.seen}) == 2
