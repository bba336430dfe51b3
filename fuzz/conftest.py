"""What all fuzzers share: many examples, the same in every run."""

from __future__ import annotations

import hypothesis

hypothesis.settings.register_profile(
    "fuzz",
    deadline=None,
    derandomize=True,
    max_examples=3_000,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("fuzz")
