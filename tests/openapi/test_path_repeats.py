"""Members of a body that repeat a parameter of the path."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.openapi.path_repeats import PathRepeats


@pytest.mark.parametrize(
    ("path", "last", "body", "given", "keys"),
    [
        (
            {"invoiceId": "1"},
            None,
            {"invoiceId": "2", "a": 1},
            {"invoiceId": "1", "a": 1},
            ["/invoiceId"],
        ),
        ({"invoiceId": "1"}, None, {"invoice_id": "2"}, {"invoice_id": "1"}, ["/invoice_id"]),
        ({"number": "12"}, None, {"number": 13}, {"number": 12}, ["/number"]),
        ({"number": "12"}, None, {"number": 12.0}, {"number": 12.0}, []),
        ({"id": "1"}, "id", {"id": "2"}, {"id": "1"}, ["/id"]),
        ({"id": "1"}, "id", {"id": "1"}, {"id": "1"}, []),
        # The id of what the path leads to, and not of what is made below it
        ({"id": "1"}, None, {"id": "2"}, {"id": "2"}, []),
        # A name that may change
        ({"name": "a"}, "name", {"name": "b"}, {"name": "b"}, []),
        ({"owner": "a"}, None, {"owner": {"id": 1}}, {"owner": {"id": 1}}, []),
        ({"id": "1"}, "id", ["id"], ["id"], []),
    ],
)
def test_a_member_that_repeats_the_path_gives_way(
    path: dict[str, str], last: str | None, body: Any, given: Any, keys: list[str]
) -> None:
    value, warnings = PathRepeats(path, last).give_way(body)
    assert value == given
    assert [each.key for each in warnings] == keys
