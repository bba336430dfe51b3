"""Chaos: which requests have trouble, by the seed and their numbers alone, and what the names stand for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server import setting_parsers
from mock_server.lists import broken_pages
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.pipeline.latency import milliseconds
from mock_server.sandbox import chaos
from mock_server.sandbox.chaos import Chaos
from mock_server.sandbox.draws import draw
from mock_server.settings import CHAOS_FAULTS, CHAOS_NAMES, ChaosRule, Latency
from tests.support.documents import CONTROL

SEEDS = st.integers(-(10**18) + 1, 10**18 - 1)
RATES = st.floats(0, 1)
REQUESTS = 10_000


def met(seed: int, rate: float, number: int = REQUESTS, **more: Any) -> dict[int, str]:
    """The names of faults by the requests that meet them, of the first `number`."""
    made = Chaos({"seed": seed, "rate": rate, **more})
    found = [made.trouble(each) for each in range(1, number + 1)]
    return {each.number: each.name for each in found if each is not None}


def test_a_seed_means_the_same_trouble_in_every_version() -> None:
    assert met(7, 0.1, 60) == EXPECTED
    assert [milliseconds(Latency(10, 30), 7, n) for n in range(1, 9)] == WAITS
    assert draw("chaos", 7, 1) != draw("latency", 7, 1) != draw("latency", 8, 1)


EXPECTED = {
    1: "cut",
    10: "cut",
    12: "cut",
    14: "503",
    26: "502",
    31: "cut",
    35: "429",
    48: "503",
    50: "cut",
    55: "500",
    59: "cut",
}
WAITS = [30, 21, 26, 21, 19, 27, 22, 22]


@pytest.mark.parametrize(
    ("seed", "rate", "hits"),
    [(0, 0.1, 965), (7, 0.1, 1013), (-3, 0.5, 5004), (7, 0.01, 87), (7, 0.001, 10)],
)
def test_about_the_rate_of_the_requests_have_trouble(seed: int, rate: float, hits: int) -> None:
    found = len(met(seed, rate))
    # Three standard deviations of as many independent throws.
    assert abs(found - REQUESTS * rate) <= 3 * (REQUESTS * rate * (1 - rate)) ** 0.5
    assert found == hits


def test_none_or_all_have_trouble_at_the_ends_of_the_rate() -> None:
    assert met(7, 0) == {}
    assert len(met(7, 1)) == REQUESTS


@settings(max_examples=20)
@given(SEEDS, RATES, st.lists(st.integers(1, 500), max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_requests_does_not_matter(
    seed: int, rate: float, numbers: list[int], random: Any
) -> None:
    one, other = Chaos({"seed": seed, "rate": rate}), Chaos({"seed": seed, "rate": rate})
    before = {number: one.trouble(number) for number in numbers}
    random.shuffle(numbers)
    assert {number: other.trouble(number) for number in numbers} == before


@settings(max_examples=20)
@given(SEEDS, RATES, RATES)
def test_a_higher_rate_adds_trouble_and_changes_none(seed: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert met(seed, low, 60).items() <= met(seed, high, 60).items()


@settings(max_examples=20)
@given(SEEDS, st.lists(st.sampled_from(CHAOS_NAMES), min_size=1, max_size=5))
def test_other_faults_are_met_by_the_same_requests(seed: int, faults: list[str]) -> None:
    assert met(seed, 0.3, 60, faults=faults).keys() == met(seed, 0.3, 60).keys()


def test_seeds_give_trouble_to_different_requests() -> None:
    assert len({tuple(met(seed, 0.1, 100)) for seed in range(20)}) == 20


def test_each_fault_comes_about_as_often() -> None:
    counted = Counter(met(7, 1).values())
    assert counted.keys() == set(CHAOS_FAULTS)
    assert all(abs(number - REQUESTS / 6) < 150 for number in counted.values())


def test_waits_are_spread_over_the_whole_range() -> None:
    counted = Counter(milliseconds(Latency(10, 12), 3, number) for number in range(3_000))
    assert sorted(counted) == [10, 11, 12]
    assert all(abs(number - 1_000) < 100 for number in counted.values())
    assert {milliseconds(Latency(5, 5), 3, number) for number in range(50)} == {5}


# Names

PAGE_FAULTS = {"listThings": frozenset(broken_pages.KINDS)}


def test_every_kind_of_broken_page_has_a_name() -> None:
    assert [name for name in CHAOS_NAMES if "-" in name] == list(broken_pages.KINDS)


@pytest.mark.parametrize("name", [*CHAOS_NAMES, *CHAOS_FAULTS, "200", "599"])
def test_every_name_stands_for_a_step_that_a_script_may_have(name: str) -> None:
    step = chaos.script_step(name)
    action = CONTROL["components"]["schemas"]["MockAction"]
    resolved = {**action, "properties": {**action["properties"], "headers": {"type": "object"}}}
    assert list(CompiledSchema.of_body(resolved).flaws(step)) == []
    assert list(chaos.violations({"faults": [name, step]}, PAGE_FAULTS)) == []


def test_a_429_says_when_to_come_again() -> None:
    found = Chaos({"rate": 1, "faults": ["429"]}).trouble(1)
    assert found is not None
    assert found.step.headers == (("Retry-After", "1"),)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (503, "503"), (503.0, "503"), ("503", "503"), ({"status": 503.0, "body": "x"}, "503"), ("cut", "cut"),
        ({"cut": "truncate", "delay": 1}, "truncate"), ({"page": "empty-page"}, "empty-page"),
        ({"delay": 0.1}, "delay"),
    ],
)  # fmt: skip
def test_the_journal_calls_a_fault_by_its_name(given: Any, name: str) -> None:
    found = Chaos({"rate": 1, "faults": [given]}).trouble(3)
    assert found is not None
    assert found.as_json() == {"n": 3, "fault": name}


def test_a_rule_as_text_is_what_its_parser_reads() -> None:
    for rule in (ChaosRule(), ChaosRule(0.25, -7, ("cut",)), ChaosRule(0), ChaosRule(1.0, 5, ("503",))):
        assert setting_parsers.chaos(str(rule)) == rule
