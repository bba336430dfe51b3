"""What schemathesis is told of the control API, for the tests and the fuzzer."""

from __future__ import annotations

import copy
from typing import Any

from tests.support.documents import CONTROL

# What no schema of control.yaml can say, so that these may answer 400 to what it calls valid:
# records are described by the mocked document, and their ids must differ; operations are those of the
# mocked document; names of faults are words or statuses; a header's name and value have an alphabet of
# their own, and some are the server's; versions are those of the mocked documents; a moment, and one that a clock is advanced to, must lie within the years that a clock can show.
UNSPEAKABLE = (
    "loadFixtures", "replaceRecords", "addRecords", "createRecord", "mergeRecord", "listRequests",
    "addFault", "setChaos", "setClock", "getDocument",
)  # fmt: skip

# The most records to generate: a million takes longer than schemathesis waits.
GENERATED = 1_000

# `generate` and `records` may be a record's id too, so that Allow rightly names the DELETE of another
# template. And more than GENERATED records are generated, as the document says.
CONFIG = """
[checks]
enabled = true
[[operations]]
include-path = "/collections/{name}/generate"
[operations.checks.allow_header_conformance]
enabled = false
[operations.checks.negative_data_rejection]
enabled = false
[[operations]]
include-path = "/collections/{name}/records"
[operations.checks.allow_header_conformance]
enabled = false
"""
ALLOWED = """
[[operations]]
include-operation-id = "{}"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "404"]
"""


def control() -> dict[str, Any]:
    """Return a copy of the control document without what takes long.

    That is the stream of events, whose answer never ends, and the generation of many records.
    """
    described: dict[str, Any] = copy.deepcopy(CONTROL)
    del described["paths"]["/events"]
    content = described["paths"]["/collections/{name}/generate"]["post"]["requestBody"]["content"]
    content["application/json"]["schema"]["properties"]["count"]["maximum"] = GENERATED
    return described
