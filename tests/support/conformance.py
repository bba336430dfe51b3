"""Runs of the conformance kit, and the checks by their outcome."""

from __future__ import annotations

import functools
from contextlib import closing
from typing import Any

from mock_server.conform import runner
from mock_server.conform.http_probe import HttpProbe
from mock_server.conform.runner import Finding
from mock_server.openapi import document

# Requests a second, so many that none waits.
FAST = 1e6

load = functools.cache(document.load)


def findings(base_url: str, credentials: str = "demo:secret", **settings: Any) -> list[Finding]:
    """Run all checks against a server, by the built-in document or by the setting `document`."""
    loaded = load(settings.get("document", document.BUILT_IN), settings.get("overlay"))
    schemes = loaded.security.offered
    with closing(HttpProbe(base_url, credentials, FAST, None, schemes)) as probe:
        return list(runner.run_checks(loaded, probe))


def checks_by_outcome(found: list[Finding], outcome: str) -> set[str]:
    """Return the checks that had an outcome, with the filter that they are about, e.g. `filter-finds name`."""
    return {
        f"{each.check} {each.subject.partition(' ')[2]}".strip()
        for each in found
        if each.outcome == outcome
    }


def failed_checks(base_url: str, credentials: str = "demo:secret") -> set[str]:
    """Run all checks against a server and return those that fail."""
    return checks_by_outcome(findings(base_url, credentials), runner.FAILED)
