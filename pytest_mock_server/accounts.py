"""The accounts of tests: their client ids, what their markers say, and how they are judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pytest_mock_server.options import CAUSES, FAIL_ON, parse_causes

if TYPE_CHECKING:
    import pytest

    from mock_server.client import Sandbox
    from pytest_mock_server.run import Run
    from pytest_mock_server.server import Server

__tracebackhide__ = True

MARKER = "mock_account"
SECRET = "secret"  # noqa: S105


class Refused(Exception):
    """What a test asks for cannot be; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What fails a test: some of CAUSES, and those of which its marker says that they do not."""

    fail_on: tuple[str, ...]
    allowed: tuple[str, ...]


def rule(node: pytest.Item, of_run: tuple[str, ...] | None) -> Rule:
    """Return what fails a test, by its markers and by the run's causes; raise Refused for a mistake."""
    causes = set(FAIL_ON if of_run is None else of_run)
    allowed: set[str] = set()
    # The marker of a class goes before that of its module, and a function's own before both.
    for marker in reversed(list(node.iter_markers(MARKER))):
        named, dropped = _changes(marker)
        causes = (causes | named) - dropped
        allowed = (allowed | dropped) - named
    return Rule(*(tuple(c for c in CAUSES if c in chosen) for chosen in (causes, allowed)))


def _changes(marker: pytest.Mark) -> tuple[set[str], set[str]]:
    """Return which causes a marker names, and which it says do not fail the test."""
    given = dict(marker.kwargs)
    unfired, fail_on = given.pop("unfired", None), given.pop("fail_on", None)
    if marker.args or given or not marker.kwargs or unfired not in (None, "allow", "fail"):
        raise Refused(
            f"{_format(marker)} is not understood; write {MARKER}(unfired='allow') or 'fail', "
            f"or {MARKER}(fail_on='violations,warnings')"
        )
    named, dropped = set[str](), set[str]()
    if fail_on is not None:
        named = set(_causes(marker, fail_on))
        dropped = set(CAUSES) - named
    if unfired is not None:
        (named if unfired == "fail" else dropped).add("unfired")
        (dropped if unfired == "fail" else named).discard("unfired")
    return named, dropped


def _causes(marker: pytest.Mark, fail_on: Any) -> tuple[str, ...]:
    try:
        return parse_causes(fail_on) if isinstance(fail_on, str) else parse_causes(tuple(fail_on))
    except (ValueError, TypeError) as error:
        raise Refused(f"{_format(marker)}: {error}") from None


def _format(marker: pytest.Mark) -> str:
    named = (f"{name}={value!r}" for name, value in marker.kwargs.items())
    return f"{MARKER}({', '.join([*map(repr, marker.args), *named])})"


def require_free(name: str) -> None:
    """Raise Refused if a client id is empty, or always gets the same answer, whatever it asks for."""
    from mock_server.settings import DEFAULT, RESERVED

    if not name:
        raise Refused("the name of an account is empty; give it one, such as 'orders'")
    if name in (*RESERVED, DEFAULT):
        raise Refused(f"{name!r} is a reserved client id; give the account another name")


def open_account(server: Server, client_id: str) -> Sandbox:
    """Return an account with the starting data; raise Refused if the server lets nobody make one."""
    from mock_server.client import Sandbox, SandboxError, TransportError

    sandbox = Sandbox(server.url, client_id, SECRET, server.ca)
    try:
        if not sandbox._takes_pair:
            sandbox = Sandbox(server.url, ca=server.ca, token=client_id)
        sandbox.reset()
        return sandbox
    except (SandboxError, TransportError) as error:
        message = str(error)
        if not isinstance(error, SandboxError) or error.status != 401:
            raise Refused(message) from None
    raise Refused(
        f"the mock server at {sandbox.url} accepts only the credentials that it was started with, "
        "so that tests can't have accounts of their own; start it without --credentials "
        "(MOCK_SERVER_CREDENTIALS, or the setting 'credentials')"
    )


def close(run: Run, sandbox: Sandbox, rule: Rule, outcome: str | None) -> str | None:
    """Return why a test that has passed fails all the same, and let what it was allowed count nowhere.

    `outcome` is `"passed"`, `"failed"` or `"skipped"`, and None for a test that was not run.
    """
    from mock_server.client import SandboxError, TransportError

    # It may have ended before the requests that its faults were for.
    unasked = ("unfired",) if outcome == "skipped" else ()
    found: list[str] = []
    try:
        if outcome == "passed":
            found.extend(_reasons(sandbox, rule.fail_on))
        _forgive(run, sandbox, (*rule.allowed, *unasked))
    except (SandboxError, TransportError) as error:
        if outcome == "passed":
            found.append(str(error))
    return "\n".join(found) or None


def _reasons(sandbox: Sandbox, causes: tuple[str, ...]) -> Iterator[str]:
    if "unfired" in causes:
        try:
            sandbox.assert_faults_fired()
        except AssertionError as error:
            yield str(error)
    others = [cause for cause in causes if cause != "unfired"]
    if not others:
        return
    report = sandbox.report(fail_on=others)
    try:
        sandbox._require_same_account()
    except AssertionError as error:
        yield str(error)
        return
    if not report["passed"]:
        yield f"the verdict on the test's requests falls short: {'; '.join(report['reasons'])}"
        kinds = [kind for kind in ("violations", "warnings") if kind in others]
        yield from (_format_mistake(group) for kind in kinds for group in report[kind])
        yield sandbox._scene().describe_link("requests")


def _format_mistake(group: dict[str, Any]) -> str:
    times = f" ({group['count']} times)" if group["count"] > 1 else ""
    return f"  {group['example']}: {group['message']}{times}"


def _forgive(run: Run, sandbox: Sandbox, causes: tuple[str, ...]) -> None:
    """Let an account's mistakes of these causes count nowhere, in the verdict of the run neither."""
    if not causes:
        return
    report = sandbox.report()
    if "unfired" in causes:
        for fault in report["unfiredFaults"]:
            sandbox.remove_fault(fault["id"])
        del report["counts"]["unfired"]
    run.allowed[sandbox.client_id] = {
        cause: report["counts"][cause] for cause in causes if cause in report["counts"]
    }


def client_id(prefix: str, name: str) -> str:
    """Return a client id that is the same in every run, e.g. `tests-test_a.py-test_it-6b0f…`."""
    return _plain(prefix) + _plain(name)


def _plain(text: str) -> str:
    """Return a text of letters, digits, `.`, `_` and `-`, with a digest where characters were replaced.

    Clients encode others in different ways, and RFC 7617 allows no colon in a client id.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[-80:]
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return plain if plain == text else f"{plain}-{digest}"
