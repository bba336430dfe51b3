"""Settings for a server that a program starts: from values of Python, and from environment variables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.setting_table import SETTINGS, Setting
from mock_server.settings import ChaosRule, Latency, RateLimit, Settings
from mock_server.shown_text import did_you_mean, printable

# pytest shows the line of the test that made a call, instead of lines from here.
__tracebackhide__ = True

# Settings of `mock-server serve` alone: what it writes, and what it says when it is stopped.
COMMAND_LINE_ONLY = (
    "watch", "replica_name", "log_format", "quiet", "report", "report_format", "fail_on", "fail_under",
    "fail_under_all", "allow_empty",
)  # fmt: skip

ACCEPTED = {setting.name: setting for setting in SETTINGS if setting.name not in COMMAND_LINE_ONLY}

# Where such a server listens, whatever the environment says of one that others start.
_NOT_FROM_ENVIRONMENT = ("host", "port")

_SWITCHES = {
    text: is_on
    for is_on, texts in ((True, "true t yes y on 1"), (False, "false f no n off 0"))
    for text in texts.split()
}


class WrongSetting(ValueError):
    """Settings that are not understood; the message has a line for each."""


def build(given: Mapping[str, Any]) -> Settings:
    """Return the settings of a server on a free port, with those that `parse` returned."""
    return Settings(**{"port": 0, **given})


def parse(given: Mapping[str, Any], label: Callable[[str], str] = str) -> dict[str, Any]:
    """Return the values of settings by their names, e.g. `{"fixtures": (Path("a.yaml"),)}`.

    A value is the setting's own, or the text that its flag takes, e.g. `{"count": 5, "rate_limit":
    "5/60"}`; one that is repeatable is a value or a list of them, and None means the default. Raises
    WrongSetting for unknown names and wrong values; `label` returns how a message names a setting.
    """
    parsed, problems = {}, []
    for name, value in given.items():
        try:
            parsed[name] = _value(_find(name), value)
        except ValueError as error:
            problems.append(f"{label(name)}: {error}")
    if problems:
        raise WrongSetting("\n".join(problems))
    return parsed


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what `parse` does for the variables that are set, e.g. `MOCK_SERVER_SEED=7`.

    Variables for the address do not count: they are for servers that others start.
    """
    texts = {
        name: setting.from_environment(environment)
        for name, setting in ACCEPTED.items()
        if name not in _NOT_FROM_ENVIRONMENT
    }
    given = {
        name: ACCEPTED[name].split(text) if ACCEPTED[name].repeatable else text
        for name, text in texts.items()
        if text is not None
    }
    return parse(given, lambda name: ACCEPTED[name].variables[0])


def as_flags(values: Mapping[str, Any]) -> list[str]:
    """Return the flags of `mock-server serve` for values by their names, without those that are default.

    E.g. `["--count=5", "--fixtures=a.yaml", "--fixtures=b.yaml", "--strict"]`.
    """
    flags: list[str] = []
    for name, value in values.items():
        setting = ACCEPTED[name]
        if value == setting.default:
            continue
        if setting.parse is None:
            flags.append(setting.flag)
        else:
            flags += [
                f"{setting.flag}={each}" for each in (value if isinstance(value, tuple) else [value])
            ]
    return flags


def as_texts(settings: Settings) -> dict[str, Any]:
    """Return the settings that are not the default in a form that `parse` takes and JSON can hold."""
    found = {name: getattr(settings, name) for name in ACCEPTED}
    return {name: _text(value) for name, value in found.items() if value != ACCEPTED[name].default}


def _text(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value if isinstance(value, bool) else str(value)


def _find(name: Any) -> Setting:
    """Return the row of a setting; raise ValueError for a name that is none."""
    if name in COMMAND_LINE_ONLY:
        raise ValueError("it is a setting of 'mock-server serve' alone; leave it out.")
    if name not in ACCEPTED:
        near = did_you_mean(name, tuple(ACCEPTED)) if isinstance(name, str) else ""
        known = "" if near else f"; it may be {', '.join(ACCEPTED)}"
        raise ValueError(f"it is no setting{near}{known}.")
    return ACCEPTED[name]


def _value(setting: Setting, value: Any) -> Any:
    if value is None:
        return setting.default
    if setting.parse is None:
        return _switch(value)
    if not setting.repeatable:
        return setting.parse(_as_text(setting, value))
    values: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
    return setting.gather([setting.parse(_as_text(setting, each)) for each in values])


def _switch(value: Any) -> bool:
    is_on = value if isinstance(value, bool) else _SWITCHES.get(str(value).strip().lower())
    if is_on is None:
        raise ValueError(f"{printable(repr(value))} is neither true nor false.")
    return is_on


def _as_text(setting: Setting, value: Any) -> str:
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if isinstance(value, str | int | float | RateLimit | ChaosRule | Latency) and not isinstance(
        value, bool
    ):
        return str(value)
    # The value may be a secret, so the message does not show it.
    raise ValueError(f"a value of the type {type(value).__name__} is not of the form {setting.metavar}.")
