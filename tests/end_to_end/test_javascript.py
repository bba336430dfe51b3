"""The package for test suites in JavaScript, in `clients/javascript`."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import mock_server
from mock_server import __version__
from mock_server.client import Sandbox
from mock_server.settings import DEFAULT, RESERVED
from tests.support import node, secured
from tests.support.documents import ROOT
from tests.support.servers import Serve

PACKAGE = ROOT / "clients" / "javascript"
TYPES = PACKAGE / "types" / "src" / "control.d.ts"


@pytest.fixture
def needs_node() -> None:
    if reason := node.why_not():
        pytest.skip(reason)


def run(command: list[str], **variables: str) -> str:
    """What a command prints; it has to succeed."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MOCK_SERVER_")}
    done = subprocess.run(
        command,
        env=inherited | variables,
        cwd=PACKAGE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("needs_node")
def test_the_tests_of_the_package_pass(url: str) -> None:
    program = f"'{sys.executable}' -m mock_server"
    files = sorted(str(path) for path in (PACKAGE / "test").glob("*.test.js"))
    assert files
    run(["node", "--test", *files], MOCK_SERVER_URL=url, MOCK_SERVER_COMMAND=program)


# Each makes the state in which an assertion fails; then comes the assertion, in the words of both clients.
State = Callable[[Sandbox], Any]


def get(account: Sandbox, query: str, path: str = "/usage-metrics") -> None:
    httpx.get(f"{account.base_url}{path}?{query}", auth=account.auth, trust_env=False, verify=False)


def get_all(account: Sandbox, *queries: str) -> None:
    for query in queries:
        get(account, query)


def post_all(account: Sandbox, *bodies: Any) -> None:
    for body in bodies:
        httpx.post(f"{account.base_url}/usage-metrics", auth=account.auth, json=body)


def walk_twice(account: Sandbox) -> None:
    get(account, "limit=40&name=%C3%A9")
    page = httpx.get(f"{account.base_url}/usage-metrics?limit=40", auth=account.auth).json()
    get_all(account, *[f"limit=40&after={page['pagination']['after']}"] * 2)


FAILURES: dict[str, tuple[State, str, dict[str, Any]]] = {
    "nothing came": (lambda _: None, "called", {}),
    "too few": (lambda a: get(a, "limit=5"), "called", {"times": 2}),
    "too many": (lambda a: get_all(a, "limit=5", "limit=5"), "called", {"times": 1}),
    "not one": (lambda a: get_all(a, "limit=5"), "called", {"times": 0, "query": {"limit": 5}}),
    "nearest": (
        lambda a: get_all(a, *["x=1"] * 12, "limit=5&name=a+b", "limit=0", "name=5", "limt=5"),
        "called",
        {
            "operation": "getUsageMetrics",
            "query": {"limit": 5, "name": "y'\"é\n", "eventType": ["a", "b"]},
        },
    ),
    "nearest body": (
        lambda a: post_all(
            a, {}, {"name": "A", "tags": [1]}, {"name": "B"}, [1], "é", {"x": "\u202e" * 400}
        ),
        "called",
        {"body": {"name": "A", "tags": [1.0, 2], "price": 2.5, "address": {"city": None}}},
    ),
    "a body that is no object": (
        lambda a: post_all(a, {"a": 1.0}),
        "called",
        {"body": [1, {"a": True}]},
    ),
    "too many bodies": (
        lambda a: post_all(a, *[{"a": {"b": 1, "c": 2.5}}] * 2),
        "called",
        {"times": 1, "body": {"a": {"b": 1}}},
    ),
    "odd texts": (
        lambda a: get(a, "name=%00%E2%80%AE%7F&limit=%E2%80%AE%C3%A9"),
        "called",
        {"times": 3},
    ),
    "no walk": (lambda a: get(a, "", "/nope"), "walked", {}),
    "no end": (lambda a: get(a, "limit=40&name=%C3%A9"), "walked", {"complete": False}),
    "no whole walk": (lambda a: get(a, "limit=40"), "walked", {}),
    "repeated": (walk_twice, "walked", {"complete": None}),
    "not repeated": (lambda a: get(a, "limit=40"), "walked", {"complete": None, "repeats": True}),
    "unfired": (
        lambda a: (
            a.fail(
                {"status": 503, "body": {"é": [1, 0.5, None, True]}, "delay": 0.25}, page=2, repeat=3
            ),
            a.fail("pass", {"status": 429, "headers": {"Retry-After": "1"}}, query={"limit": 5}),
            a.fail({"cut": "reset"}, repeat="forever"),
        ),
        "faults_fired",
        {},
    ),
    "nothing right": (lambda _: None, "no_violations", {}),
    "one violation": (lambda a: get_all(a, "limit=0"), "no_violations", {}),
    "violations": (
        lambda a: get_all(a, *["limit=0&aggregationType=X"] * 12, "limt=5"),
        "no_violations",
        {"warnings": True},
    ),
    "warnings": (lambda a: get(a, "limt=5"), "no_violations", {"warnings": True}),
}

JUDGE = """
import { Sandbox } from "openapi-sandbox";

const messages = {};
for (const [id, url, name, options] of JSON.parse(process.argv[1])) {
  const account = await Sandbox.open(url, id, "secret");
  messages[id] = await account[`assert${name}`](options).then(() => "it holds", ({ message }) => message);
}
console.log(JSON.stringify(messages));
"""


@pytest.mark.slow
@pytest.mark.usefixtures("needs_node")
def test_an_assertion_fails_with_the_message_of_the_python_client(url: str, serve: Serve) -> None:
    alone, short = serve(), serve(journal_size=2)
    cases = [(url, name, *case) for name, case in FAILURES.items()]
    cases.append((alone, "nobody", *FAILURES["nothing came"]))
    cases.append((short, "dropped", lambda a: get_all(a, *["limit=5"] * 3), "called", {"times": 1}))
    accounts = [Sandbox(root, f"o'same {name}", "secret") for root, name, *_ in cases]
    for account, (_, _, make, _, _) in zip(accounts, cases, strict=True):
        account.reset()
        make(account)
    # All states are made before the first message, which tells of other accounts too.
    expected, calls = {}, []
    for account, (root, _, _, assertion, options) in zip(accounts, cases, strict=True):
        with pytest.raises(AssertionError) as caught:
            getattr(account, f"assert_{assertion}")(**options)
        expected[account.client_id] = str(caught.value)
        calls.append([account.client_id, root, assertion.title().replace("_", ""), options])
    printed = run(["node", "--input-type=module", "-e", JUDGE, json.dumps(calls)])
    assert json.loads(printed) == expected
    assert len(expected) == len(FAILURES) + 2


HTTPS = """
import { Sandbox } from "openapi-sandbox";

const [url, caFile] = process.argv.slice(1);
const open = (...options) => Sandbox.open(url, "a", "b", ...options).then((it) => it.walks(), (it) => it.message);
console.log(JSON.stringify([await open({ caFile }), await open(), await open({ caFile: "missing.pem" })]));
"""


@pytest.mark.slow
@pytest.mark.usefixtures("needs_node")
def test_a_certificate_to_trust_is_given_as_a_file(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    with mock_server.serve(tls_self_signed=True, tls_ca_out=str(ca)) as server:
        command = ["node", "--input-type=module", "-e", HTTPS, server.url, str(ca)]
        walks, unknown, missing = json.loads(run(command))
    assert walks == []
    assert re.search(
        r"its certificate is not trusted: .* \(the option caFile, MOCK_SERVER_CA or", unknown
    )
    assert missing.startswith("the file of a certificate to trust can't be read: ENOENT")


@pytest.mark.usefixtures("needs_node")
@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_without_a_registry_the_checks_are_skipped_but_fail_in_ci(
    tmp_path: Path, ci: str, status: int
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nexit 1\n")
    npm.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "CI": ci}
    command = [str(ROOT / "tools" / "javascript_install.sh"), str(tmp_path / "ready")]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.stdout == (
        "skipped: npm reaches no registry, so that clients/javascript is not checked\n"
    )
    assert done.returncode == status
    assert not (tmp_path / "ready").exists()


def test_the_reserved_client_ids_are_those_of_the_server() -> None:
    listed = re.search(
        r"^export const RESERVED = (\[.*\]);$", (PACKAGE / "src" / "credentials.js").read_text(), re.M
    )
    assert listed
    assert json.loads(listed[1]) == [*RESERVED, DEFAULT]


def test_the_types_are_those_of_the_document() -> None:
    """The sum stands in for the generator, which `make check-javascript` installs and runs."""
    found = hashlib.sha256((ROOT / "spec" / "control.yaml").read_bytes()).hexdigest()
    assert TYPES.read_text().splitlines()[1] == f"// {found}", "call 'make javascript-types'"


def test_the_package_has_no_version_of_its_own() -> None:
    """`tools/javascript_pack.sh` takes that of `mock_server/__init__.py`."""
    package = json.loads((PACKAGE / "package.json").read_text())
    lock = json.loads((PACKAGE / "package-lock.json").read_text())
    assert package["version"] == lock["version"] == "0.0.0-development"
    assert "dependencies" not in package
    assert "resolved" not in (PACKAGE / "package-lock.json").read_text()


PACKED = {
    "LICENSE",
    "README.md",
    "bin/openapi-sandbox.js",
    "package.json",
    *(
        f"src/{name}.js"
        for name in (
            "accounts", "assertions", "causes", "command", "control-api", "credentials", "errors", "global-setup",
            "global-teardown", "http", "index", "jest", "keeper", "node-test", "run", "sandbox", "scene",
            "server-process", "shown-text", "verdict", "vitest",
        )
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("npm"), reason="npm is not here")
def test_npm_packs_these_files_and_no_others(tmp_path: Path) -> None:
    types = {f"types/{name.removesuffix('.js')}.d.ts" for name in PACKED if name.startswith("src/")}
    run([str(ROOT / "tools" / "javascript_pack.sh"), str(tmp_path)])
    (archive,) = tmp_path.iterdir()
    listed = run(["tar", "--list", "--file", str(archive)]).split()
    assert {name.removeprefix("package/") for name in listed} == {
        *PACKED, *types, "types/src/control.d.ts",
    }  # fmt: skip
    assert archive.name == f"openapi-sandbox-{__version__}.tgz"


TOKEN_PROGRAM = """
import { Sandbox } from "openapi-sandbox";
import { shownName } from "./src/credentials.js";

const account = await Sandbox.openToken(process.env.ROOT, "sk_test");
const query = new URLSearchParams(account.params);
const cookie = Object.entries(account.cookies).map(([name, value]) => `${name}=${value}`).join("; ");
const headers = { ...account.headers, ...(cookie && { cookie }) };
const { status } = await fetch(`${account.baseUrl}/things?${query}`, { headers });
await account.assertCalled({ times: 1 });
console.log(JSON.stringify([status, account.clientId === shownName("sk_test"), account.auth ?? null, account.authorization]));
"""


@pytest.mark.slow
@pytest.mark.usefixtures("needs_node")
@pytest.mark.parametrize(
    ("security", "auth", "authorization"),
    [
        ([["basic"], ["bearer"]], {"username": "sk_test", "password": ""}, "Bearer sk_test"),
        ([["key", "query", "cookie"]], None, ""),
    ],
)
def test_an_account_sends_its_token_as_the_document_wants(
    serve: Serve, tmp_path: Path, security: secured.Alternatives, auth: Any, authorization: str
) -> None:
    (tmp_path / "secured.json").write_text(json.dumps(secured.document(security)))
    root = serve(document=tmp_path / "secured.json", count=3)
    printed = run(["node", "--input-type=module", "-e", TOKEN_PROGRAM], ROOT=root)
    assert json.loads(printed) == [200, True, auth, authorization]
