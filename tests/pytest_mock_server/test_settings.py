"""The settings of the server that a run starts: from a fixture, the configuration file, the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server import setting_parsers, setting_values, settings
from mock_server.setting_table import SETTINGS
from pytest_mock_server import options
from tests.support.processes import Suite

COUNTED = """
def note_records(account):
    note(account, records=len(account.records()), first=account.records()[0]["id"])

def test_it(mock_account):
    note_records(mock_account)
"""


def fixture(returned: str) -> str:
    return f"""
import pytest

@pytest.fixture(scope="session")
def mock_server_settings(tmp_path_factory):
    return {returned}
"""


def test_the_plugin_knows_the_names_and_forms_that_the_server_has() -> None:
    accepted = [setting for setting in SETTINGS if setting.name in setting_values.ACCEPTED]
    assert [setting.name for setting in accepted] == list(options.SETTINGS)
    assert [s.name for s in accepted if s.repeatable] == list(options.LISTS)
    assert [s.name for s in accepted if s.is_path] == list(options.PATHS)
    assert options.CAUSES == settings.CAUSES
    assert set(setting_values.COMMAND_LINE_ONLY) <= {setting.name for setting in SETTINGS}


@pytest.mark.parametrize("text", ["none", "violations", "unfired, warnings", "viol", "", "none,empty"])
def test_causes_are_read_as_the_server_reads_them(text: str) -> None:
    try:
        expected: object = setting_parsers.fail_on(text)
    except ValueError as error:
        expected = str(error)
    try:
        found: object = options.parse_causes(text)
    except ValueError as error:
        found = str(error)
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("flags", [(), ("-p", "xdist", "-n", "1")], ids=["alone", "distributed"])
def test_threads_that_are_replaced_meanwhile_fail_the_test_with_a_sentence(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    replaced = """
@pytest.fixture
def replaced(mock_server, monkeypatch):
    import threading
    def get_ident(): return 1
    get_ident.__module__ = "gevent.thread"
    monkeypatch.setattr(threading, "get_ident", get_ident)
def test_it(replaced, mock_account): pass
"""
    run = Suite(tmp_path, replaced).run(*flags)
    assert "gevent has replaced the threads of this process" in run.output, run.output
    assert run.outcomes("ERROR") == {"test_it"}


@pytest.mark.slow
@pytest.mark.skipif(pytest.version_tuple < (9,), reason="pytest 8 reads no values of other types")
def test_the_file_may_give_a_percentage_as_a_number(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest]\nmock_server_fail_under = 101\n")
    run = Suite(tmp_path, "def test_it(): pass\n").run()
    assert "mock_server_fail_under: '101' is not a percentage" in run.output


@pytest.mark.slow
def test_a_fixture_goes_before_the_file_and_this_before_the_environment(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmock_server_count = 4\nmock_server_seed = 7\n")
    environment = {
        "MOCK_SERVER_COUNT": "3",
        "MOCK_SERVER_STRICT": "true",
        "MOCK_SERVER_PORT": "tcp://x:1",
    }
    plain = Suite(tmp_path, COUNTED).run(**environment)
    [of_file] = plain.seen
    assert of_file["records"] == 4, plain.output
    run = Suite(tmp_path, COUNTED, fixture('{"count": 5}')).run(
        "-o", "mock_server_seed=8", **environment
    )
    [of_fixture] = run.seen
    assert (of_fixture["records"], of_fixture["first"] != of_file["first"]) == (5, True), run.output
    strict = (
        "\nimport httpx\ndef test_it(mock_account):\n    answer = httpx.get(f'{mock_account.base_url}"
    )
    strict += "/usage-metrics?limt=5', auth=mock_account.auth)\n    assert answer.status_code == 400\n"
    assert Suite(tmp_path, strict).run(**environment).status == 0


@pytest.mark.slow
def test_paths_of_the_file_are_relative_to_it_and_those_of_a_fixture_to_the_start(
    tmp_path: Path,
) -> None:
    (tmp_path / "own").mkdir()
    metric = "[{name: a, metricType: SIMPLE, eventType: e, aggregationType: COUNT, propertyFilters: {}, "
    (tmp_path / "own" / "two.yaml").write_text(f"usage-metrics: {metric}parameters: []}}]\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmock_server_fixtures = own/two.yaml\n")
    tests = (
        "@pytest.fixture(autouse=True, scope='session')\ndef elsewhere():\n    os.chdir('/')\n" + COUNTED
    )
    flags = ("-c", str(tmp_path / "pytest.ini"))
    of_file = Suite(tmp_path, tests).run(*flags)
    assert [each["records"] for each in of_file.seen] == [1], of_file.output
    of_fixture = fixture('{"fixtures": ["own/two.yaml"], "document": None}')
    run = Suite(tmp_path, tests, of_fixture).run("-o", "mock_server_fixtures=")
    assert [each["records"] for each in run.seen] == [1], run.output


WRONG = {
    '{"cuont": 5}': "mock_server_settings['cuont']: it is no setting (did you mean 'count'?)",
    '{"count": -1}': "mock_server_settings['count']: -1 is not a whole number from 0 to 1000000.",
    '{"count": True}': "mock_server_settings['count']: a value of the type bool is not of the form N.",
    '{"strict": "perhaps"}': "mock_server_settings['strict']: 'perhaps' is neither true nor false.",
    '{"rate_limit": "5"}': "mock_server_settings['rate_limit']: '5' is not of the form requests/seconds",
    '{"report": "a.xml"}': "mock_server_settings['report']: it is a setting of 'mock-server serve' alone",
    '{"document": "none.yaml"}': "none.yaml: there is no such file",
    '{"host": "203.0.113.1"}': "cannot listen on 203.0.113.1:0",
    '["count"]': "the fixture mock_server_settings returned a value of the type list; return a dict",
}


@pytest.mark.slow
@pytest.mark.parametrize("returned", WRONG)
def test_wrong_settings_fail_with_a_sentence(tmp_path: Path, returned: str) -> None:
    run = Suite(tmp_path, COUNTED, fixture(returned)).run()
    assert WRONG[returned] in run.output, run.output
    assert run.outcomes("ERROR") == {"test_it"}
    assert "Traceback" not in run.output


@pytest.mark.slow
def test_a_wrong_setting_names_the_file_or_the_variable_that_has_it(tmp_path: Path) -> None:
    suite = Suite(tmp_path, COUNTED)
    assert "mock_server_seed: 'x' is not a whole number" in suite.run("-o", "mock_server_seed=x").output
    assert "MOCK_SERVER_SEED: 'y' is not a whole number" in suite.run(MOCK_SERVER_SEED="y").output
    (tmp_path / "pytest.toml").write_text('[pytest]\nmock_server_count = "x"\nmock_server_seed = 7\n')
    assert "mock_server_count: 'x' is not a whole number" in suite.run().output
    (tmp_path / "pytest.toml").unlink()
    assert "mock_server_cuont: it is no setting (did you mean 'count'?)" in (
        suite.run("-W", "default", "-o", "mock_server_cuont=5").output
    )


@pytest.mark.slow
def test_workers_share_a_server_with_the_settings_of_their_fixtures(tmp_path: Path) -> None:
    tests = """
@pytest.mark.parametrize("number", range(6))
def test_many(mock_account, number):
    note(mock_account, records=len(mock_account.records()))
    time.sleep(0.1)
"""
    run = Suite(tmp_path, tests, fixture('{"count": 7}')).run_distributed()
    assert {each["worker"] for each in run.seen} == {"gw0", "gw1"}, run.output
    assert {each["records"] for each in run.seen} == {7}
    assert len({each["url"] for each in run.seen}) == 1
    assert run.servers() == {"controller"}
    wrong = Suite(tmp_path, tests, fixture('{"document": "none.yaml"}')).run_distributed()
    assert len(wrong.outcomes("ERROR")) == 6
    assert "none.yaml: there is no such file" in wrong.output


@pytest.mark.slow
def test_a_folder_may_have_settings_of_its_own(tmp_path: Path) -> None:
    suite = Suite(tmp_path, COUNTED)
    folder = tmp_path / "few"
    folder.mkdir()
    (folder / "conftest.py").write_text(fixture('{"count": 2}'))
    (folder / "test_few.py").write_text(
        "def test_few(mock_account): assert len(mock_account.records()) == 2\n"
    )
    run = suite.run()
    assert run.status == 0, run.output
    assert [each["records"] for each in run.seen] == [100]
