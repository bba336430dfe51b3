"""Versions: which one a response is of, and which requests ask for none that there is."""

import pytest

from mock_server.errors import UnknownVersion
from mock_server.formats.headers import read_headers
from mock_server.openapi.version import VersionRule, check_version
from mock_server.pipeline.version_header import ResponseHeaders, VersionHeaders

OLD = VersionRule("X-Version", ("2023-01-01", "2024-07-30"), "t", "m")
NEW = VersionRule("x-version", ("2024-07-30", "2025-02-01"), "t", "m")


def answer_to(rules: list[VersionRule], sent: list[tuple[bytes, bytes]]) -> ResponseHeaders:
    versions = VersionHeaders(rules)
    return versions.for_versions(tuple(map(read_headers(tuple(sent)).texts.get, versions.names)))


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ([], b"2025-02-01"),
        ([(b"x-version", b"2023-01-01")], b"2023-01-01"),
        ([(b"x-version", b" 2024-07-30 ")], b"2024-07-30"),
        ([(b"x-version", b"")], b"2025-02-01"),
        ([(b"x-version", b"1999")], b"2025-02-01"),
        ([(b"x-version", b"2023-01-01"), (b"x-version", b"2023-01-01")], b"2025-02-01"),
    ],
)
def test_a_response_is_of_the_version_asked_for_or_the_newest(
    sent: list[tuple[bytes, bytes]], answered: bytes
) -> None:
    [(name, version)] = answer_to([OLD, NEW], sent)
    assert (name.lower(), version) == (b"x-version", answered)


def test_an_operation_knows_its_own_versions_only() -> None:
    assert OLD.newest == "2024-07-30"
    assert check_version(OLD, "2023-01-01") == "2023-01-01"
    with pytest.raises(UnknownVersion):
        check_version(NEW, "2023-01-01")


def test_without_rules_there_is_no_header() -> None:
    assert answer_to([], [(b"x-version", b"1")]) == ()
