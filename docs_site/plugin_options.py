"""The reference of the pytest plugin's options, from what it adds to pytest."""

from __future__ import annotations

from typing import Any

from pytest_mock_server import options


class _Recorder:
    """Notes the options that a plugin adds, in place of pytest's parser."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def getgroup(self, _name: str) -> _Recorder:
        return self

    def addoption(self, name: str, **attributes: Any) -> None:
        shown = f"{name} {attributes.get('metavar', '')}".strip()
        self.rows.append(f"| `{shown}` | {attributes['help']} |\n")

    def addini(self, name: str, text: str, *_: Any, **__: Any) -> None:
        self.rows.append(f"| `{name}` in the configuration file | {text} |\n")


def render_options() -> str:
    """Return a table of the options of the command line and of the configuration file."""
    recorder: Any = _Recorder()
    options.add(recorder)
    return "| option | meaning |\n|---|---|\n" + "".join(recorder.rows)
