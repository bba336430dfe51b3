"""Accounts spread over three servers by a real nginx, as `deploy/` configures it."""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.client import Sandbox, SandboxError, TransportError
from mock_server.formats.authorization import token_of
from mock_server.formats.tokens import shown_name
from mock_server.pipeline.fault_injection import STALL_SECONDS
from mock_server.server import server
from mock_server.settings import Settings
from tests.support import balancers, wire
from tests.support.balancers import Nginx
from tests.support.callers import authorization as basic
from tests.support.documents import LIST, METRIC
from tests.support.patience import PATIENCE
from tests.support.processes import Process
from tests.support.servers import build

REPLICAS = 3
NAMES = [f"account-{number}" for number in range(60)]


@dataclass(frozen=True)
class Spread:
    """nginx in front of servers, by their URLs."""

    nginx: Nginx
    replicas: list[str]

    @property
    def url(self) -> str:
        return self.nginx.url

    def account(self, name: str) -> Sandbox:
        """An account of a test, without what an earlier one left."""
        account = Sandbox(self.url, name, "secret")
        account.reset()
        return account

    def home(self, *headers: str, target: str = "/_mock/health") -> str:
        """The replica that a request with these headers comes to."""
        name = wire.get(self.url, target, *headers, auth=False).header("X-Mock-Replica")
        assert name is not None
        return name


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spread]:
    folder = tmp_path_factory.mktemp("spread")
    with ExitStack() as stack:
        names = [f"replica-{number}" for number in range(REPLICAS)]
        urls = [
            stack.enter_context(server.in_thread(build(Settings(replica_name=name)))) for name in names
        ]
        yield Spread(stack.enter_context(balancers.nginx(urls, folder)), urls)


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def get(account: Sandbox, query: str = "") -> httpx.Response:
    url = f"{account.base_url}/usage-metrics?{query}"
    return httpx.get(url, auth=account.auth, trust_env=False, verify=False, timeout=PATIENCE)


# The key of an account


AUTHORIZATIONS = [
    "Bearer {}", "bearer {}", "BEARER   {}", "token {}", "SSWS {}", "{}", 'Token token="{}"', "Token token={}",
]  # fmt: skip


@pytest.mark.parametrize("token", ["sk_test_{}", "eyJ{}.a-b_c.d+e/f==", "ключ-{}".encode().hex() + "{}"])
def test_an_account_has_one_key_however_it_is_sent(spread: Spread, token: str) -> None:
    homes = Counter[str]()
    for number in range(20):
        own = token.format(number)
        forms = [[f"Authorization: {form.format(own)}"] for form in AUTHORIZATIONS]
        forms += [[f"X-API-Key: {own}"], ["X-Auth-Token: " + own], [basic(own)], [basic(own, "")]]
        # The call by which its test steers it.
        forms += [[basic(shown_name(own), own), f"X-API-Key: {own}"]]
        [home] = {spread.home(*form) for form in forms}
        homes[home] += 1
    assert len(homes) == REPLICAS


@pytest.mark.parametrize("form", AUTHORIZATIONS)
def test_what_is_a_token_to_nginx_is_one_to_the_server(form: str) -> None:
    assert token_of(form.format("sk_test")) == "sk_test"


# Headers that hold no token.
TOKENLESS = ["Digest username=x", "Basic", "Basic !", "Bearer", "Bearer ", "token", 'Bearer a="b"']


@pytest.mark.parametrize("text", TOKENLESS)
def test_what_is_no_token_to_nginx_is_none_to_the_server(spread: Spread, text: str) -> None:
    assert token_of(text) is None
    homes = {spread.home(f"Authorization: {text}", f"X-API-Key: {name}") for name in NAMES}
    assert len(homes) == REPLICAS


@pytest.mark.parametrize(
    "headers", [[], ["X-API-Key: "], [basic("")], *[[f"Authorization: {text}"] for text in TOKENLESS]]
)
def test_what_names_no_account_is_on_one_server(spread: Spread, headers: list[str]) -> None:
    assert {spread.home(*headers) for _ in range(9)} == {spread.home(basic("default"))}


def test_a_user_counts_before_a_key_and_a_token_before_both(spread: Spread) -> None:
    users = {spread.home(basic("account-1"), f"X-API-Key: {name}") for name in NAMES}
    assert users == {spread.home(basic("account-1"))}
    keys = {spread.home("X-API-Key: account-2", f"X-Auth-Token: {name}") for name in NAMES}
    assert keys == {spread.home(basic("account-2"))}


def test_a_key_in_the_query_or_a_cookie_can_be_the_further_one(spread: Spread, tmp_path: Path) -> None:
    for variable, target, header in (
        ("arg_api_key", "/_mock/health?api_key={}", "X: y"),
        ("cookie_session", "/_mock/health", "Cookie: a=b; session={}"),
    ):
        folder = tmp_path / variable
        folder.mkdir()
        with balancers.nginx(spread.replicas, folder, account_key=variable) as running:
            other = Spread(running, spread.replicas)
            for name in NAMES[:20]:
                found = other.home(header.format(name), target=target.format(name))
                assert found == spread.home(basic(name))


def test_the_log_holds_neither_users_nor_queries(spread: Spread) -> None:
    account = spread.account("logged-user")
    get(account, "api_key=hidden-key")
    account.fail({"cut": "reset"})
    assert get(account, "name=hidden-name").status_code == 502
    log = spread.nginx.folder / "access.log"
    wait_until(lambda: f'"GET {LIST}" 502' in log.read_text())
    text = log.read_text()
    for secret in ("logged-user", "hidden", "secret", base64.b64encode(b"logged-user:").decode()[:14]):
        assert secret not in text


# Accounts are whole


def test_each_account_is_whole_on_one_server(spread: Spread) -> None:
    def use(name: str) -> None:
        account = spread.account(name)
        account.load([{**METRIC, "name": name}])
        account.fail({"status": 503})
        secrets = ["secret", "other", "", name]
        answers = [
            httpx.get(f"{spread.url}{LIST}", auth=(name, secret), trust_env=False, verify=False)
            for secret in secrets
        ]
        assert [answer.status_code for answer in answers] == [503, 200, 200, 200]
        assert [item["name"] for item in answers[-1].json()["items"]] == [name]
        account.assert_called(times=4)
        account.assert_faults_fired()

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(use, NAMES))
    live = [
        httpx.get(f"{url}/_mock/health", trust_env=False, verify=False).json() for url in spread.replicas
    ]
    assert all(each["accounts"]["live"] > 0 for each in live)


def test_data_and_cursors_agree_on_all_servers(spread: Spread) -> None:
    """So that a client that was moved goes on where it was."""

    def ask(url: str, query: str) -> Any:
        answer = wire.get(url, f"{LIST}?{query}", basic("walker"), auth=False)
        assert answer.status == 200
        return answer.json

    first, *others = [ask(url, "limit=30") for url in spread.replicas]
    assert all(each == first for each in others)
    cursor, seen = first["pagination"].get("after"), list(first["items"])
    for number in range(1, 9):
        if cursor is None:
            break
        page = ask(spread.replicas[number % REPLICAS], f"limit=30&after={cursor}")
        seen += page["items"]
        cursor = page["pagination"].get("after")
    assert [item["id"] for item in seen] == [
        item["id"] for item in ask(spread.url, "limit=100")["items"]
    ]
    healths = [
        httpx.get(f"{url}/_mock/health", trust_env=False, verify=False).json() for url in spread.replicas
    ]
    assert len({each["digest"] for each in healths}) == 1


def test_a_fault_is_met_once_by_many_at_a_time(spread: Spread) -> None:
    account = spread.account("volley")
    account.fail({"status": 503}, repeat=40)
    with ThreadPoolExecutor(16) as threads:
        statuses = Counter(threads.map(lambda _: get(account).status_code, range(160)))
    assert statuses == {503: 40, 200: 120}
    account.assert_faults_fired()


# What passes through nginx


def test_a_cut_is_a_502_and_leaves_all_accounts_where_they_are(spread: Spread) -> None:
    account = spread.account("cut")
    near = [name for name in NAMES if spread.home(basic(name)) == spread.home(basic("cut"))]
    for cut in range(12):
        account.fail({"cut": "reset"})
        assert (get(account).status_code, get(account).status_code) == (502, 200), cut
    account.assert_called(times=24)
    home = spread.home(basic("cut"))
    assert {spread.home(basic(name)) for name in near} == {home}


@pytest.mark.slow
def test_an_answer_that_is_cut_short_is_so_behind_nginx(spread: Spread) -> None:
    account = spread.account("truncated")
    account.fail({"cut": "truncate"})
    with pytest.raises(httpx.RemoteProtocolError):
        get(account)
    assert get(account).status_code == 200
    account.fail({"cut": "stall"})
    url = f"{account.base_url}/usage-metrics"
    with httpx.stream("GET", url, auth=account.auth, trust_env=False, verify=False, timeout=1) as answer:
        # Its head came at once.
        assert answer.status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            answer.read()
    # The server learns that the client has left, long before it hangs up itself.
    wait_until(lambda: account.requests()[-1]["durationMs"] is not None, STALL_SECONDS / 2)
    account.assert_called(times=3)


def test_a_delay_is_that_of_the_server(spread: Spread) -> None:
    account = spread.account("delayed")
    account.fail({"delay": 0.4})
    begun = time.monotonic()
    assert get(account).status_code == 200
    assert time.monotonic() - begun >= 0.4


def test_events_come_as_they_happen(spread: Spread) -> None:
    account = spread.account("watched")
    url = f"{spread.url}/_mock/events"
    with httpx.stream("GET", url, auth=account.auth, trust_env=False, timeout=PATIENCE) as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: begin"
        for number in range(3):
            get(account, f"limit={number + 1}")
            assert next(line for line in lines if f'"limit={number + 1}"' in line)


@pytest.mark.slow
@pytest.mark.parametrize("is_chunked", [False, True])
def test_large_bodies_pass(spread: Spread, is_chunked: bool) -> None:
    account = spread.account("large")
    records = [{**METRIC, "name": f"{number} " + "x" * 10_000} for number in range(900)]
    text = json.dumps({"items": records}).encode()
    answer = httpx.put(
        f"{spread.url}/_mock/collections/usage-metrics",
        content=_pieces(text) if is_chunked else text,
        headers={"Content-Type": "application/json"},
        auth=account.auth,
        trust_env=False,
        timeout=PATIENCE,
    )
    assert answer.status_code == 200, answer.text[:300]
    assert get(account, "limit=1").json()["pagination"]["totalResultSize"] == 900


def _pieces(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), 65_536):
        yield content[at : at + 65_536]


def test_what_is_too_large_is_refused_by_the_server(spread: Spread) -> None:
    account = spread.account("too-large")
    answer = httpx.post(
        account.base_url + "/usage-metrics", content=b"x" * 2_000_000, auth=account.auth, trust_env=False
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["message"]
    long = get(account, "name=" + "x" * 20_000)
    assert long.status_code == 200


def test_a_large_head_of_an_answer_passes(spread: Spread) -> None:
    account = spread.account("headed")
    headers = {f"X-{number}": "v" * 1_000 for number in range(60)}
    account.fail({"status": 503, "headers": headers})
    answer = get(account)
    assert (answer.status_code, answer.headers["X-59"]) == (503, "v" * 1_000)


def test_one_connection_may_carry_requests_of_several_accounts(spread: Spread) -> None:
    accounts = [spread.account(name) for name in NAMES[:12]]
    with httpx.Client(trust_env=False) as client:
        for account in accounts * 3:
            assert client.get(account.base_url + "/usage-metrics", auth=account.auth).status_code == 200
    for account in accounts:
        account.assert_called(times=3)


# A replica that goes


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Killable]:
    with ExitStack() as stack:
        running = Killable([balancers.free_port() for _ in range(REPLICAS)])
        stack.callback(running.end)
        running.spread = Spread(
            stack.enter_context(balancers.nginx(running.urls, tmp_path)), running.urls
        )
        yield running


class Killable:
    """Servers of their own processes, which are killed and started again."""

    spread: Spread

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        self._processes = [self._start(number) for number in range(len(ports))]
        self.urls = [process.url for process in self._processes]

    def _start(self, number: int) -> Process:
        return Process(
            "--port", str(self._ports[number]), "--replica-name", f"replica-{number}", "--quiet"
        )

    def kill(self, name: str) -> None:
        """Kill a server by its name, e.g. `replica-1`."""
        process = self._processes[int(name[-1])]
        process.popen.send_signal(signal.SIGKILL)
        process.popen.communicate(timeout=PATIENCE)

    def start(self, name: str) -> None:
        self._processes[int(name[-1])] = self._start(int(name[-1]))

    def url_of(self, name: str) -> str:
        return self.urls[int(name[-1])]

    def end(self) -> None:
        for process in self._processes:
            if process.popen.returncode is None:
                process.end()


@pytest.mark.slow
def test_a_replica_that_is_gone_takes_its_accounts_along_and_no_others(processes: Killable) -> None:
    spread = processes.spread
    accounts = [spread.account(name) for name in NAMES]
    homes = {account.client_id: spread.home(basic(account.client_id)) for account in accounts}
    for account in accounts:
        account.fail({"status": 503}, "pass")
        assert get(account).status_code == 503
    gone = homes[NAMES[0]]
    lost = [account for account in accounts if homes[account.client_id] == gone]
    processes.kill(gone)
    for account in accounts:
        for _ in range(2):
            assert get(account).status_code == (502 if account in lost else 200)
    with pytest.raises(SandboxError, match="502"):
        lost[0].requests()
    # Whether the server is there is asked by everybody, and answered by those that are.
    assert gone not in {spread.home(), *(spread.home(basic(name)) for name in NAMES)}
    processes.start(gone)
    for account in accounts:
        assert get(account).status_code == 200
        if account not in lost:
            account.assert_called(times=4)
            continue
        with pytest.raises(AssertionError, match="is not the one that it was: the server was restarted"):
            account.assert_called(times=1)
        account.reset()
        assert get(account).status_code == 200
        account.assert_called(times=1)


@pytest.mark.slow
def test_an_account_of_a_replica_that_is_taken_out_says_where_it_is_now(processes: Killable) -> None:
    """The others stay where they are."""
    spread = processes.spread
    homes = {name: spread.home(basic(name)) for name in NAMES}
    first, gone = NAMES[0], homes[NAMES[0]]
    account = spread.account(first)
    account.fail("pass")
    spread.nginx.reload([url for url in processes.urls if url != processes.url_of(gone)])
    wait_until(lambda: spread.home(basic(first)) != gone)
    for name in NAMES:
        assert (spread.home(basic(name)) == homes[name]) is (homes[name] != gone)
    is_now = spread.home(basic(first))
    with pytest.raises(AssertionError, match=f"it was on replica {gone} and is now on {is_now}, which"):
        account.assert_faults_fired()


CLIENTS = 64
SECONDS = float(os.environ.get("MOCK_SERVER_SOAK_SECONDS", "6"))


class Worked:
    """An account that one client works: it walks, meets faults, and judges what it got.

    `losses` says each time why the account was lost.
    """

    def __init__(self, spread: Spread, name: str, expected: list[str], client: httpx.Client) -> None:
        self._account = spread.account(name)
        self._expected = expected
        self._client = client
        self.losses: list[str] = []

    def work(self) -> None:
        """Walk through all records with a fault on the way."""
        try:
            self._walk()
        except (Gone, SandboxError, TransportError, httpx.TransportError) as error:
            # The last two where it was killed amidst an answer.
            self.losses.append(repr(error))
            self._find_again()

    def _walk(self) -> None:
        account = self._account
        account.clear_requests()
        fault = account.fail("pass", {"status": 503}, {"status": 429})
        statuses, seen, query = list[int](), list[str](), "limit=40"
        while True:
            answer = self._client.get(f"{account.base_url}/usage-metrics?{query}", auth=account.auth)
            if answer.status_code == 502:
                raise Gone("502 for a page")
            statuses.append(answer.status_code)
            if answer.status_code != 200:
                continue
            page = answer.json()
            seen += [item["id"] for item in page["items"]]
            if "after" not in page["pagination"]:
                break
            query = f"limit=40&after={page['pagination']['after']}"
        assert seen == self._expected
        try:
            account.assert_called(times=len(statuses))
            account.assert_walked()
        except AssertionError as error:
            if "not the one" in str(error):
                raise Gone(str(error)) from None
            raise
        [found] = [each for each in account.faults() if each["id"] == fault]
        assert (found["fired"], found["spent"]) == (3, True)
        assert statuses[:3] == [200, 503, 429]
        assert set(statuses[3:]) == {200}
        account.remove_fault(fault)

    def _find_again(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._account.reset()
                return
            except (SandboxError, TransportError):
                assert time.monotonic() < deadline
                time.sleep(0.05)


class Gone(Exception):
    """The replica of an account is gone, or the account is another one now."""


@pytest.mark.slow
def test_many_clients_get_no_wrong_page_while_a_replica_is_killed(processes: Killable) -> None:
    spread = processes.spread
    names = [f"crowd-{number}" for number in range(100)]
    homes = {name: spread.home(basic(name)) for name in names}
    whole = httpx.get(f"{spread.url}{LIST}?limit=100", auth=("oracle", "s"), trust_env=False).json()
    expected = [item["id"] for item in whole["items"]]
    stop, all_begin = threading.Event(), threading.Barrier(CLIENTS + 1, timeout=PATIENCE)

    def work(number: int) -> dict[str, list[str]]:
        with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
            own = {name: Worked(spread, name, expected, client) for name in names[number::CLIENTS]}
            all_begin.wait()
            while not stop.is_set():
                for each in own.values():
                    each.work()
            return {name: each.losses for name, each in own.items()}

    with ThreadPoolExecutor(CLIENTS) as threads:
        running = [threads.submit(work, number) for number in range(CLIENTS)]
        all_begin.wait()
        time.sleep(SECONDS / 3)
        processes.kill("replica-1")
        time.sleep(SECONDS / 3)
        processes.start("replica-1")
        time.sleep(SECONDS / 3)
        stop.set()
        found = {name: losses for each in running for name, losses in each.result().items()}
    for name, losses in found.items():
        assert bool(losses) is (homes[name] == "replica-1"), (name, homes[name], losses)
