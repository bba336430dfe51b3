"""The conformance kit: this server passes all of it; it only reads, and asks what it should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.client import Sandbox
from mock_server.conform import runner
from tests.support.conformance import checks_by_outcome, failed_checks, findings
from tests.support.servers import Serve

Small = Callable[..., Path]


# The real thing


@pytest.mark.slow
def test_the_server_passes_with_generated_records(url: str) -> None:
    found = findings(f"{url}/api")
    assert checks_by_outcome(found, runner.FAILED) == set()
    open_ends = checks_by_outcome(found, runner.UNDECIDABLE)
    assert {each for each in open_ends if not each.startswith("reading-")} == {
        "filter-nothing aggregationType"
    }
    assert len(checks_by_outcome(found, runner.PASSED)) > 80


@pytest.mark.slow
def test_the_server_passes_whole_with_the_hand_made_metrics(fixtures_url: str) -> None:
    found = findings(f"{fixtures_url}/api")
    assert checks_by_outcome(found, runner.FAILED) == set()
    # No aggregationProperty there holds a space or a percent sign, and each aggregationType occurs.
    assert checks_by_outcome(found, runner.UNDECIDABLE) == {
        "reading-space-plus eventProperty",
        "reading-space-percent eventProperty",
        "reading-percent-once eventProperty",
        "reading-percent-twice eventProperty",
        "filter-nothing aggregationType",
    }


@pytest.mark.slow
def test_every_row_of_the_truth_table_is_decided_by_some_data(truth_url: str) -> None:
    found = [each for each in findings(f"{truth_url}/api") if each.subject.endswith(" eventType")]
    outcomes = {each.check: each.outcome for each in found if each.check.startswith("reading-")}
    assert len(outcomes) == 18
    assert set(outcomes.values()) == {runner.PASSED}


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 21])
def test_the_server_passes_with_few_records(serve: Serve, count: int) -> None:
    assert failed_checks(f"{serve(count=count)}/api") == set()


@pytest.mark.slow
def test_a_list_that_is_too_long_to_be_walked_is_undecidable(serve: Serve) -> None:
    found = findings(f"{serve(count=5_001)}/api")
    assert checks_by_outcome(found, runner.FAILED) == set()
    [walk] = [each for each in found if each.check == "walk-ends"]
    assert str(walk) == (
        "undecidable  walk-ends  getUsageMetrics: "
        "5,001 items take 51 pages, of which at most 50 are read"
    )


# What is asked


@pytest.mark.slow
def test_the_kit_sends_only_get_and_repeats_only_the_check_of_stability(own_url: str) -> None:
    findings(f"{own_url}/api", "reader:secret")
    account = Sandbox(own_url, "reader", "secret")
    asked = account.requests()
    assert {(each["method"], each["path"]) for each in asked} == {("GET", "/api/usage-metrics")}
    plain = [each["query"] for each in asked if "sequence-version" not in each["headers"]]
    assert len(plain) - len(set(plain)) == 2


@pytest.mark.slow
def test_the_bytes_of_a_reading_go_onto_the_wire_as_they_are(own_url: str) -> None:
    findings(f"{own_url}/api", "bytes:secret")
    asked = [each["query"] for each in Sandbox(own_url, "bytes", "secret").requests()]
    for sent in (
        "order%2Cpaid,message_sent",
        "order%252Cpaid%2Cmessage_sent",
        "api+call",
        "50%2525",
        ",,",
    ):
        assert any(query.startswith(f"eventType={sent}&") for query in asked), sent


@pytest.mark.slow
def test_another_document_is_proved_as_well(small: Small, serve: Serve) -> None:
    path = small(overlay=KIND_FILTERED)
    found = findings(f"{serve(document=path, count=30)}/v1", document=path)
    assert checks_by_outcome(found, runner.FAILED) == set()
    assert {"walk-total", "filter-enum kind"} <= checks_by_outcome(found, runner.PASSED)
    # The document names no version and no security, of which there is nothing to check.
    assert not [each for each in found if each.check.startswith(("version-", "unauthorized-"))]
    assert checks_by_outcome(found, runner.UNDECIDABLE) == {"filter-nothing kind"}


KIND_FILTERED = """
  - target: $.paths['/things'].get.parameters[?@.name == 'kind']
    update: {x-filter: {field: kind, match: any-of}}
"""
