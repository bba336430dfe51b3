"""What fixture files refer to in vain is a warning of `check`, with its place."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from mock_server.cli.commands import cli
from tests.pipeline.test_body_references import DOCUMENT

FIXTURES = """customers:
  - {id: cus_1, name: Ada}
orders:
  - id: ord_1
    customerId: cus_1
    customerIds: [cus_1, cus_2]
  - id: ord_2
    payer: nobody
"""


def test_each_broken_reference_is_named_with_line_place_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(DOCUMENT)
    file = tmp_path / "fixtures.yaml"
    file.write_text(FIXTURES)
    arguments = ["check", "--document", str(tmp_path / "orders.yaml"), "--fixtures", str(file)]

    found = CliRunner().invoke(cli, arguments)
    strict = CliRunner().invoke(cli, [*arguments, "--warnings-as-errors"])

    assert (found.exit_code, strict.exit_code) == (0, 1)
    warnings = [line for line in found.stderr.splitlines() if str(file) in line]
    assert warnings == [
        f"Warning: {file}:6 at /orders/0/customerIds/1: no record of customers has the id 'cus_2' (did you "
        "mean 'cus_1'?); there is 1, such as cus_1; name one of these, or add it to customers.",
        f"Warning: {file}:8 at /orders/1/payer: no record of customers has the id 'nobody'; there is 1, "
        "such as cus_1; name one of these, or add it to customers.",
    ]


def test_a_record_behind_another_one_with_its_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(DOCUMENT)
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("customers:\n  - {id: cus_1, name: Ada}\n  - {id: cus_1, name: Bob}\n")
    other.write_text("customers:\n  - {id: cus_2, name: Eve}\n  - {id: cus_1, name: Joe}\n")
    arguments = ["check", "--document", str(tmp_path / "orders.yaml")]

    found = CliRunner().invoke(cli, [*arguments, "--fixtures", str(one), "--fixtures", str(other)])

    assert found.exit_code == 0
    assert [line for line in found.stderr.splitlines() if str(tmp_path) in line] == [
        f"Warning: {file}:3 at /customers/1/id: the id 'cus_1' is there already, in {one} at "
        "/customers/0/id, so that no path finds this record; give each record its own."
        for file in (one, other)
    ]
