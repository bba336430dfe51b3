"""The load balancers that a page shows beside nginx: HAProxy, which runs, and Envoy, whose file is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import yaml

from mock_server.client import Sandbox
from mock_server.formats.tokens import shown_name
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import balancers, wire
from tests.support.callers import authorization as basic
from tests.support.documents import LIST
from tests.support.pages import PAGES
from tests.support.servers import build

REPLICAS = 3
NAMES = [f"account-{number}" for number in range(40)]


def shown(needed: str) -> str:
    [block] = [block for page in PAGES for block in page.blocks if block.not_run == needed]
    return block.text


@pytest.fixture(scope="module")
def haproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """HAProxy as the page has it, with other addresses; gives its URL."""
    folder, port = tmp_path_factory.mktemp("haproxy"), balancers.free_port()
    text = shown("haproxy").replace("bind :8080", f"bind 127.0.0.1:{port}")
    with ExitStack() as stack:
        for number in range(1, REPLICAS + 1):
            app = build(Settings(replica_name=f"replica-{number}"))
            address = stack.enter_context(server.in_thread(app)).partition("//")[2]
            text = text.replace(f"replica-{number}:8080", address)
        yield stack.enter_context(balancers.haproxy(text, folder, port))


def home(url: str, *headers: str) -> str | None:
    return wire.get(url, "/_mock/nope", *headers, auth=False).header("X-Mock-Replica")


def test_an_account_has_one_key_behind_haproxy(haproxy: str) -> None:
    homes = set()
    for name in NAMES:
        forms = [[f"Authorization: {word} {name}"] for word in ("Bearer", "bearer", "token")]
        forms += [[f"X-API-Key: {name}"], [f"X-Auth-Token: {name}"], [basic(name)], [basic(name, "")]]
        forms += [[basic(shown_name(name), name), f"X-API-Key: {name}"]]
        [own] = {home(haproxy, *form) for form in forms}
        homes.add(own)
    assert homes == {f"replica-{number}" for number in range(1, REPLICAS + 1)}
    assert {home(haproxy) for _ in range(6)} == {home(haproxy, basic("default"))}


def test_accounts_are_whole_behind_haproxy(haproxy: str) -> None:
    def use(name: str) -> None:
        account = Sandbox(haproxy, name, "secret")
        account.reset()
        account.fail({"status": 503}, {"cut": "reset"})
        answers = [
            httpx.get(f"{haproxy}{LIST}", auth=(name, secret), trust_env=False, verify=False)
            for secret in ("a", "b", "c")
        ]
        assert [answer.status_code for answer in answers] == [503, 502, 200]
        account.assert_called(times=3)
        account.assert_faults_fired()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, NAMES))


def test_the_file_of_envoy_hashes_keys_before_tokens_and_gives_no_server_up() -> None:
    read: Any = yaml.safe_load(shown("envoy"))["static_resources"]
    [listener], [cluster] = read["listeners"], read["clusters"]
    [connections] = listener["filter_chains"][0]["filters"]
    [host] = connections["typed_config"]["route_config"]["virtual_hosts"]
    [route] = [each["route"] for each in host["routes"]]
    assert route["cluster"] == cluster["name"] == cluster["load_assignment"]["cluster_name"]
    assert cluster["lb_policy"] == "RING_HASH"
    assert not {"health_checks", "outlier_detection"} & cluster.keys()
    assert "retry_policy" not in route
    key, token = route["hash_policy"]
    assert (key["header"]["header_name"], key["terminal"]) == ("x-api-key", True)
    rewrite = token["header"]["regex_rewrite"]
    assert re.sub(rewrite["pattern"]["regex"], rewrite["substitution"], "Bearer sk_test") == "sk_test"
