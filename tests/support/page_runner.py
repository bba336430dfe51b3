"""Runs the blocks of a page one after the other, in a folder of its own and with a server of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import yaml

import mock_server
from mock_server import cli
from mock_server.data import fixture_files
from mock_server.openapi import document
from mock_server.setting_table import SETTINGS
from mock_server.setting_values import COMMAND_LINE_ONLY
from tests.support import node
from tests.support.documents import ROOT, SCHEMAS
from tests.support.pages import Block, Page
from tests.support.parsers import parse
from tests.support.processes import OUTER, Process

DEFAULT = "http://127.0.0.1:8080"
SECONDS = 120

# The first words of commands that a page may have, beside those that are marked as not run.
IN_PROCESS = ("curl", "make", "mkdir", "mock-server")
PROGRAMS = (
    "bash", "cat", "cd", "cmp", "eval", "export", "head", "grep", "node", "pytest", "python", "sed", "test", "touch", ".",
)  # fmt: skip
_OPERATORS = re.compile(r"[|&;<>`]|\$\(|^\w+=|\$")


class UnknownKind(Exception):
    """A block of no kind that is run or checked here."""


def kind(page: Page, block: Block) -> str:
    """Return how a block is run, e.g. "curl and the program" or "not run"; raise UnknownKind."""
    if block.not_run:
        return "not run"
    if page.is_output(block):
        return "output"
    if block.title:
        return "file"
    found = _KINDS.get(block.language)
    if found is None:
        message = (
            f"{block}: a block of {block.language!r} is not run; write the language of one that is "
            f"({', '.join(_KINDS)}), or '<!-- not run: REASON -->' right before it."
        )
        raise UnknownKind(message)
    return found(block)


def _bash_kind(block: Block) -> str:
    for command in block.commands:
        first = _first_word(command)
        if first not in IN_PROCESS + PROGRAMS:
            raise UnknownKind(f"{block}: {first!r} is no command that is run here: {command}")
    if any(_is_serve(command) for command in block.commands):
        if len(block.commands) > 1:
            raise UnknownKind(f"{block}: write 'mock-server serve' into a block of its own.")
        words = shlex.split(block.commands[0].removesuffix("&"))
        return "process" if _needs_process(words) else "server"
    plain = all(
        _first_word(command) in IN_PROCESS and not _OPERATORS.search(_unquoted(command))
        for command in block.commands
    )
    return "commands" if plain else "shell"


def _first_word(command: str) -> str:
    words = [word for word in command.split() if not re.match(r"[A-Z_]+=", word)]
    return words[0] if words else command


def _unquoted(command: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"$`]*\"", "", command)


def _is_serve(command: str) -> bool:
    return command.startswith(("mock-server serve", "mock-server --"))


def _needs_process(words: list[str]) -> bool:
    flags = {f"--{name.replace('_', '-')}" for name in COMMAND_LINE_ONLY}
    return any(word.partition("=")[0] in flags for word in words)


def _python_kind(block: Block) -> str:
    return "tests" if block.is_test else "program"


def _yaml_kind(block: Block) -> str:
    content = yaml.safe_load(block.text)
    if content is None:  # A comment alone, such as one for editors.
        return "data"
    if set(content) <= set(SCHEMAS):
        return "fixture file"
    if "overlay" in content:
        return "overlay"
    if "openapi" in content:
        return "document"
    raise UnknownKind(f"{block}: neither a fixture file, nor an overlay, nor a document.")


_KINDS: dict[str, Callable[[Block], str]] = {
    "bash": _bash_kind,
    "python": _python_kind,
    "javascript": lambda _block: "node",
    "typescript": lambda _block: "node",
    "json": lambda _block: "data",
    "yaml": _yaml_kind,
    "toml": lambda _block: "configuration",
    "ini": lambda _block: "configuration",
}
SLOW = ("node", "process", "shell", "tests")


def is_slow(page: Page) -> bool:
    """Tell whether the page starts processes; a page with an unknown block is not run at all."""
    try:
        return any(kind(page, block) in SLOW for block in page.blocks)
    except UnknownKind:
        return False


class Runner:
    """Runs a page's blocks; `url` is that of the server which the page's last command has started."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.stack = ExitStack()
        self.url = ""
        self.tests: list[Path] = []
        for name in ("spec", "fixtures"):
            (folder / name).symlink_to(ROOT / name)
        # Where Node looks for a package that is imported by its name.
        (folder / "node_modules").mkdir()
        (folder / "node_modules" / "openapi-sandbox").symlink_to(ROOT / "clients" / "javascript")

    def run(self) -> None:
        with self.stack, chdir(self.folder):
            self._serve()
            kinds = [kind(self.page, block) for block in self.page.blocks]
            for block, name in zip(self.page.blocks, kinds, strict=True):
                handler = getattr(self, f"_run_{name.replace(' ', '_')}", None)
                if handler:
                    handler(block)
            self._flush_tests()

    def _here(self, text: str) -> str:
        """The text with the URL of this page's server in place of the documented one."""
        return re.sub(r"https?://(127\.0\.0\.1|localhost):8080", self.url, text)

    def _serve(self, **settings: Any) -> None:
        self.url = self.stack.enter_context(mock_server.serve(**settings)).url

    def _run_file(self, block: Block) -> None:
        assert block.title
        path = Path(block.title)
        if path.name == "conftest.py":
            self._flush_tests()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(block.text))
        parse(block)

    def _run_server(self, block: Block) -> None:
        self._flush_tests()
        self._serve(**_settings(shlex.split(block.commands[0].removesuffix("&"))[1:]))

    def _run_process(self, block: Block) -> None:
        self._flush_tests()
        words = shlex.split(block.commands[0].removesuffix("&"))[1:]
        flags = [word for word in words if word != "serve"]
        process = Process(*_without_port(flags), cwd=self.folder)
        self.stack.callback(process.end)
        self.url = process.url

    def _run_commands(self, block: Block) -> None:
        output = b""
        for number, command in enumerate(block.commands, 1):
            words = shlex.split(self._here(command), comments=True)
            status, output = _COMMANDS[words[0]](words)
            expected = block.status if number == len(block.commands) else 0
            assert status == expected, (str(block), command, status, output)
        self._compare(block, output.decode())

    def _run_shell(self, block: Block) -> None:
        if any(_first_word(command) == "node" for command in block.commands) and node.why_not():
            return
        done = self._subprocess(["bash", "-c", f"set -eo pipefail\n{self._here(block.text)}"])
        assert done.returncode == block.status, (str(block), done.returncode, done.stdout)
        self._compare(block, done.stdout)

    def _run_program(self, block: Block) -> None:
        stream = TextIOWrapper(BytesIO(), "utf-8", write_through=True)
        with redirect_stdout(stream):
            code = compile(self._here(block.text), str(block), "exec")
            exec(code, {"__name__": "__main__"})
        self._compare(block, stream.buffer.getvalue().decode())

    def _run_node(self, block: Block) -> None:
        if node.why_not():
            return
        done = self._subprocess(["node", "--input-type=module", "-e", self._here(block.text)])
        assert done.returncode == block.status, (str(block), done.stdout)
        self._compare(block, done.stdout)

    def _run_tests(self, block: Block) -> None:
        path = Path(f"test_line_{block.line}.py")
        path.write_text(self._here(block.text))
        self.tests.append(path)

    def _flush_tests(self) -> None:
        """Runs the tests so far; each must pass, and warnings are errors."""
        if not self.tests:
            return
        paths, self.tests = self.tests, []
        done = self._subprocess([sys.executable, "-m", "pytest", "-W", "error", "-q", *map(str, paths)])
        assert done.returncode == 0, done.stdout
        for path in paths:
            path.unlink()

    def _run_fixture_file(self, block: Block) -> None:
        folder = Path(f"fixture-{block.line}")
        folder.mkdir()
        (folder / "file.yaml").write_text(block.text)
        assert fixture_files.load([folder], SCHEMAS)

    def _run_overlay(self, block: Block) -> None:
        path = Path(f"overlay-{block.line}.yaml")
        path.write_text(block.text)
        assert document.load(document.BUILT_IN, path)

    def _run_document(self, block: Block) -> None:
        path = Path(f"document-{block.line}.yaml")
        path.write_text(block.text)
        assert document.load(path)

    def _run_data(self, block: Block) -> None:
        parse(block)

    def _run_configuration(self, block: Block) -> None:
        parse(block)

    def _run_not_run(self, block: Block) -> None:
        parse(block)

    def _subprocess(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(OUTER)}
        environment = inherited | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited['PATH']}",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": "pytest_mock_server,xdist.plugin",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            command,
            env=environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
            timeout=SECONDS,
        )

    def _compare(self, block: Block, printed: str) -> None:
        """Compares what was printed with what the page shows; "..." stands for anything."""
        shown = self.page.output_of(block)
        if shown is None:
            return
        printed = printed.replace(self.url, DEFAULT)
        if shown.language == "json":
            assert _matches(json.loads(shown.text), json.loads(printed)), (str(shown), printed)
        else:
            assert _pattern(shown.text).fullmatch(_tidy(printed)), (str(shown), printed)


def _settings(words: list[str]) -> dict[str, Any]:
    """The settings of a command line, e.g. {"count": "5"} of ["serve", "--count", "5"]."""
    by_flag = {setting.flag: setting for setting in SETTINGS}
    settings: dict[str, Any] = {}
    waiting = [word for word in words if word != "serve"]
    while waiting:
        flag, _, value = waiting.pop(0).partition("=")
        setting = by_flag[flag]
        if setting.parse is None:
            settings[setting.name] = True
            continue
        value = value or waiting.pop(0)
        if setting.repeatable:
            settings.setdefault(setting.name, []).append(value)
        elif setting.name != "port":
            settings[setting.name] = value
    return settings


def _without_port(flags: list[str]) -> list[str]:
    if "--port" in flags:
        index = flags.index("--port")
        return flags[:index] + flags[index + 2 :]
    return flags


def _curl(words: list[str]) -> tuple[int, bytes]:
    done = subprocess.run(
        [*words, "--silent"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout


def _make(words: list[str]) -> tuple[int, bytes]:
    done = subprocess.run(
        ["make", "--dry-run", *words[1:]], cwd=ROOT, stdout=subprocess.PIPE, check=False
    )
    return done.returncode, b""


def _mkdir(words: list[str]) -> tuple[int, bytes]:
    for name in words[1:]:
        if name != "-p":
            Path(name).mkdir(parents=True, exist_ok=True)
    return 0, b""


def _program(words: list[str]) -> tuple[int, bytes]:
    stream = TextIOWrapper(BytesIO(), "utf-8", write_through=True)
    with redirect_stdout(stream), redirect_stderr(stream):
        status = cli.main(words[1:])
    stream.flush()
    return status, stream.buffer.getvalue()


_COMMANDS = {"curl": _curl, "make": _make, "mkdir": _mkdir, "mock-server": _program}


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _pattern(shown: str) -> re.Pattern[str]:
    """What the text matches: "..." is anything, and so is the time that a run of tests took."""
    parts = re.split(r"\.\.\.|(?<= in )\d+\.\d+s", _tidy(shown))
    return re.compile(".*?".join(re.escape(part) for part in parts), re.DOTALL)


def _matches(shown: Any, answer: Any) -> bool:
    if isinstance(shown, str) and isinstance(answer, str | int | float):
        return _pattern(shown).fullmatch(str(answer)) is not None and (shown == answer or "..." in shown)
    if isinstance(shown, dict) and isinstance(answer, dict):
        return shown.keys() == answer.keys() and all(_matches(shown[k], answer[k]) for k in shown)
    if isinstance(shown, list) and isinstance(answer, list):
        return len(shown) == len(answer) and all(map(_matches, shown, answer))
    return bool(shown == answer)
