"""The kept answers of all accounts: their budget, and what a reset forgets."""

from __future__ import annotations

from mock_server.data.snapshot import Snapshot
from mock_server.sandbox.account import Account
from mock_server.sandbox.kept_answers import Answer, KeptAnswers, Key
from mock_server.sandbox.sandbox import SandboxState


def answer(size: int) -> Answer:
    return Answer(201, ((b"content-type", b"application/json"),), b"x" * size)


def key(account: Account, text: str) -> Key:
    return Key(account, "createParcel", text)


def test_the_oldest_answers_fall_out_of_the_budget() -> None:
    account = SandboxState(Snapshot({})).accounts.get("a")
    answers = KeptAnswers(limit=50_000)
    for number in range(10):
        answers.keep(key(account, str(number)), answer(10_000), b"", str(number), 60)
    kept = [number for number in range(10) if answers.find(key(account, str(number)))]
    assert kept == [6, 7, 8, 9]
    assert 40_000 < answers.budget.held <= 50_000


def test_an_answer_beyond_the_budget_is_not_kept() -> None:
    account = SandboxState(Snapshot({})).accounts.get("a")
    answers = KeptAnswers(limit=50_000)
    answers.keep(key(account, "k"), answer(60_000), b"", "1", 60)
    assert answers.find(key(account, "k")) is None
    assert answers.budget.held == 0


def test_a_reset_frees_the_answers_of_its_account_alone() -> None:
    sandbox = SandboxState(Snapshot({}))
    one, other = sandbox.accounts.get("one"), sandbox.accounts.get("other")
    answers = sandbox.kept_answers
    for account in (one, other):
        answers.keep(key(account, "k"), answer(1_000), b"", "1", 60)
        answers.begin(key(account, "running"), account)
    held = answers.budget.held
    sandbox.reset(one)
    assert answers.find(key(one, "k")) is None
    assert answers.find(key(other, "k")) is not None
    assert answers.budget.held == held / 2
    assert not answers.is_running(key(one, "running"))
    assert answers.is_running(key(other, "running"))


def test_an_account_that_is_given_up_leaves_nothing() -> None:
    sandbox = SandboxState(Snapshot({}))
    account = sandbox.accounts.get("a")
    sandbox.kept_answers.keep(key(account, "k"), answer(1_000), b"", "1", 60)
    sandbox._evict(account)
    assert sandbox.kept_answers.budget.held == 0


def test_the_end_of_a_request_of_before_a_reset_leaves_that_of_a_new_one() -> None:
    sandbox = SandboxState(Snapshot({}))
    account = sandbox.accounts.get("a")
    answers, own, first, second = sandbox.kept_answers, key(account, "k"), object(), object()
    answers.begin(own, first)
    sandbox.reset(account)
    answers.begin(own, second)
    answers.end(own, first)
    assert answers.is_running(own)
    answers.end(own, second)
    assert not answers.is_running(own)
