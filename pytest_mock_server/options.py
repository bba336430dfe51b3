"""The options of the command line and of pytest's configuration file.

Their names and the forms of their values are written down here once more, and compared with those of
mock_server by a test: a run that uses no fixture imports nothing of mock_server, which a module of the
project under test may hide.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest

# The settings that a server takes that a run starts.
SETTINGS = (
    "host", "port", "tls_cert", "tls_key", "tls_self_signed", "tls_ca_out",
    "document", "overlay", "base_path", "count", "seed", "fixtures", "credentials",
    "strict", "rate_limit", "chaos", "latency", "max_accounts", "max_records", "journal_size",
    "max_journal", "on_violation", "max_body", "max_control_body", "max_bodies", "allow_host",
    "cors_origin", "trust_proxy", "keep_alive",
)  # fmt: skip

# Those that are lists, and those that are paths, which a configuration file gives relative to itself.
LISTS = ("document", "overlay", "fixtures", "credentials", "allow_host", "cors_origin")
# Those of which a line of the configuration file is one, since a path may hold spaces.
LINES = ("document", "overlay")
PATHS = ("tls_cert", "tls_key", "tls_ca_out", "document", "overlay", "fixtures")

# What can fail a test and a run, and what fails a test where nothing says otherwise.
CAUSES = ("violations", "warnings", "unfired", "empty")
FAIL_ON = ("unfired",)

# What begins the names of values of the configuration file.
PREFIX = "mock_server_"


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was told.

    `url` is the root of a server to use, None where the run starts one. `ca` is the file of the
    certificates to trust with it, None for those of the system. `command` is the command line that
    starts one, None where it runs in this process. `fail_on` are the causes that fail a test and the
    run, None where nothing names them. `fail_under` is the percentage of the coverage of the operations
    that were called below which the run fails, and `fail_under_all` that of all operations.
    """

    url: str | None
    ca: str | None
    command: str | None
    prefix: str
    prints_report: bool
    fail_on: tuple[str, ...] | None
    fail_under: float | None
    fail_under_all: float | None

    @property
    def judges(self) -> bool:
        """Tell whether the run's exit status depends on its verdict."""
        return bool(self.fail_on) or self.asks_coverage

    @property
    def asks_coverage(self) -> bool:
        """Tell whether the run fails where too little was covered."""
        return (self.fail_under, self.fail_under_all) != (None, None)


def add(parser: pytest.Parser) -> None:
    """Add the options, and a value of the configuration file for each setting."""
    group = parser.getgroup("mock_server")
    group.addoption(
        "--mock-server-url", metavar="URL",
        help="Root of a running server to use, in place of one that this run starts; "
        "also MOCK_SERVER_URL.",
    )  # fmt: skip
    group.addoption(
        "--mock-server-ca", metavar="FILE",
        help="Certificate to trust with an https:// URL of --mock-server-url, in PEM; also "
        "MOCK_SERVER_CA.",
    )  # fmt: skip
    group.addoption(
        "--mock-server-command", metavar="COMMAND",
        help="Command line of a mock-server of another environment, which starts the server of this run "
        "in place of one in this process, e.g. /opt/sandbox/bin/mock-server; also MOCK_SERVER_COMMAND.",
    )  # fmt: skip
    group.addoption(
        "--mock-account-prefix", metavar="PREFIX", default="",
        help="Begins the client ids of this run, so that several runs can share a server.",
    )  # fmt: skip
    group.addoption(
        "--mock-server-report", action="store_true",
        help="Print at the end what the clients under test got wrong, and what they never tried.",
    )  # fmt: skip
    group.addoption(
        "--mock-server-fail-on", metavar="CAUSES",
        help=f"What fails a test, and the run, of {', '.join(CAUSES)}, or none; where nothing is said, "
        f"{','.join(FAIL_ON)} fails a test.",
    )  # fmt: skip
    group.addoption(
        "--mock-server-fail-under", metavar="PERCENT",
        help="Percentage of the coverage of the operations that were called below which the run fails.",
    )  # fmt: skip
    group.addoption(
        "--mock-server-fail-under-all", metavar="PERCENT",
        help="Percentage of the coverage of all operations below which the run fails.",
    )  # fmt: skip
    _add_values_of_file(parser)


def _add_values_of_file(parser: pytest.Parser) -> None:
    parser.addini("mock_server_ca", "As --mock-server-ca.", default=None)
    parser.addini("mock_server_command", "As --mock-server-command.", default=None)
    parser.addini("mock_server_fail_on", "As --mock-server-fail-on.", default=None)
    parser.addini("mock_server_fail_under", "As --mock-server-fail-under.", default=None)
    parser.addini("mock_server_fail_under_all", "As --mock-server-fail-under-all.", default=None)
    for name in SETTINGS:
        parser.addini(
            f"{PREFIX}{name}",
            f"For the server that a run starts, as --{name.replace('_', '-')} of 'mock-server serve'.",
            _ini_type(name),
            default=None,
        )


def _ini_type(name: str) -> Literal["args", "linelist", "string"]:
    if name in LINES:
        return "linelist"
    return "args" if name in LISTS else "string"


def read(config: pytest.Config) -> Options:
    """Return the options of a run; raise UsageError for one that is not understood."""
    url: str | None = config.getoption("--mock-server-url") or os.environ.get("MOCK_SERVER_URL")
    named, causes = _named(config, "fail_on")
    try:
        fail_on = None if causes is None else parse_causes(causes)
        named, percent = _named(config, "fail_under")
        fail_under = None if percent is None else _parse_percentage(percent)
        named, percent = _named(config, "fail_under_all")
        fail_under_all = None if percent is None else _parse_percentage(percent)
    except ValueError as error:
        raise pytest.UsageError(f"{named}: {error}") from None
    return Options(
        url.rstrip("/") if url else None,
        _ca(config),
        _command(config),
        config.getoption("--mock-account-prefix"),
        config.getoption("--mock-server-report"),
        fail_on,
        fail_under,
        fail_under_all,
    )


def _ca(config: pytest.Config) -> str | None:
    """Return the file to trust: that of the flag, of the variable, or of the configuration file."""
    given: str | None = config.getoption("--mock-server-ca") or os.environ.get("MOCK_SERVER_CA")
    if given:
        return os.path.join(config.invocation_params.dir, given)
    of_file = _value_of_file(config, f"{PREFIX}ca")
    return None if not of_file else str(_absolute("ca", str(of_file), _folder(config)))


def _folder(config: pytest.Config) -> Any:
    """Return the folder that paths of the configuration file are relative to."""
    return config.invocation_params.dir if config.inipath is None else config.inipath.parent


def _command(config: pytest.Config) -> str | None:
    """Return the command line of a server, by a flag, a variable or the file; None where it is empty."""
    flag: str | None = config.getoption("--mock-server-command")
    of_file = _value_of_file(config, "mock_server_command")
    return flag or os.environ.get("MOCK_SERVER_COMMAND") or (str(of_file) if of_file else None)


def _named(config: pytest.Config, name: str) -> tuple[str, str | None]:
    """Return where an option is given, and its value: as a flag, or in the file.

    Variables such as `MOCK_SERVER_FAIL_ON` do not count: they are for `mock-server serve`, and a run
    that uses no server must not depend on them.
    """
    option, ini = f"--mock-server-{name.replace('_', '-')}", f"{PREFIX}{name}"
    value: str | None = config.getoption(option)
    if value is not None:
        return option, value
    of_file = _value_of_file(config, ini)
    return ini, None if of_file is None else str(of_file)


def parse_causes(given: str | Collection[str]) -> tuple[str, ...]:
    """Return the causes that a text or a collection names, e.g. `("unfired",)`, and `()` for `"none"`.

    Raises ValueError with a sentence for one that is none of CAUSES.
    """
    texts = given.split(",") if isinstance(given, str) else [str(each) for each in given]
    names = [text.strip() for text in texts]
    if names == ["none"]:
        return ()
    for name in names:
        if name not in CAUSES:
            raise ValueError(f"{name[:60]!r} is none of {', '.join(CAUSES)}, nor 'none' alone.")
    return tuple(cause for cause in CAUSES if cause in names)


def _parse_percentage(text: str) -> float:
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", text, re.ASCII) is None or float(text) > 100:
        raise ValueError(f"{text[:60]!r} is not a percentage, a number from 0 to 100.")
    return float(text)


def settings_of_file(config: pytest.Config) -> dict[str, Any]:
    """Return the settings that the configuration file gives, as texts, with paths made absolute.

    Those that are none are among them, so that they are refused where the others are checked.
    """
    given = {name: _value_of_file(config, f"{PREFIX}{name}") for name in SETTINGS}
    given.update(dict.fromkeys(_unknown(config), ""))
    folder = _folder(config)
    return {
        name: _absolute(name, value, folder) if name in PATHS else value
        for name, value in given.items()
        if value is not None
    }


def _table(config: pytest.Config) -> Mapping[str, Any]:
    """Return the configuration file as pytest has read it, a table that is private since pytest 9."""
    table: Mapping[str, Any] = vars(config).get("_inicfg") or vars(config).get("inicfg", {})
    return table


def _value_of_file(config: pytest.Config, name: str) -> Any:
    """Return a value of the configuration file; raise UsageError for one of a wrong type."""
    # TOML has numbers and truth values, which pytest 9 refuses in place of a text.
    typed = getattr(_table(config).get(name), "value", None)
    return typed if isinstance(typed, int | float) else config.getini(name)


def _unknown(config: pytest.Config) -> Iterator[str]:
    """Yield what begins like a setting in the configuration file, and is known to no plugin."""
    for name in _table(config):  # pytest only warns of it.
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in SETTINGS:
            try:
                config.getini(name)
            except ValueError:
                yield name.removeprefix(PREFIX)


def _absolute(name: str, value: Any, folder: Any) -> Any:
    """Return paths as they are from a folder; a word that may name an installed overlay stays."""
    if isinstance(value, list):
        return [_absolute(name, each, folder) for each in value]
    if not isinstance(value, str | os.PathLike):
        return value
    path = os.path.join(folder, value)
    is_word = name == "overlay" and isinstance(value, str) and re.fullmatch(r"[\w-]+", value)
    return value if is_word and not os.path.exists(path) else path


def settings_of_fixture(config: pytest.Config, given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that a fixture gives, with paths made absolute."""
    folder = config.invocation_params.dir
    lists = {name: list(value) for name, value in given.items() if isinstance(value, tuple)}
    return {
        name: _absolute(name, value, folder) if name in PATHS else value
        for name, value in {**given, **lists}.items()
    }
