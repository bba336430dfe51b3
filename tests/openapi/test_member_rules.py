"""Tests of openapi/member_rules.py: what the rules of members name."""

from mock_server.openapi.member_rules import nested_name


def test_a_collection_is_named_by_its_last_word_within_its_parent() -> None:
    names = ["invoices", "notes", "invoices/{id}/lines", "notes/{id}/lines"]

    found = [nested_name(names, name, "lines") for name in ("invoices", "notes")]

    assert found == ["invoices/{id}/lines", "notes/{id}/lines"]
    assert nested_name(names, "notes", "none") is None
