"""Programs in the pages that are not run, since they need Docker, Java or Go: their syntax is checked.

Each is read by the parser of its language, where that is there: Python's always, Java's and Go's with `javac`
and `gofmt`, and TypeScript's with a Node that can take its types away (22.13 and later).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.documents import ROOT
from tests.support.pages import PAGES, Block

PROGRAMS = [
    block
    for page in PAGES
    for block in page.blocks
    if block.not_run and block.language in ("go", "java", "javascript", "python", "typescript")
]

JAVA = ROOT / "tests" / "support" / "ParseJava.java"

STRIP = """
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
stripTypeScriptTypes(readFileSync(process.argv[1], "utf8"));
"""
KNOWN = 'console.log(typeof require("node:module").stripTypeScriptTypes)'


def parser(language: str) -> list[str] | None:
    """The command that reads a file, and fails on what is no program; None where it is not there."""
    commands = {
        "go": ["gofmt", "-l"],
        "java": ["java", str(JAVA)],
        "javascript": ["node", "--check"],
        "typescript": ["node", "--no-warnings", "--input-type=module", "--eval", STRIP],
    }
    command = commands[language]
    if shutil.which("javac" if language == "java" else command[0]) is None:
        return None
    if language == "typescript":
        known = subprocess.run(["node", "--eval", KNOWN], capture_output=True, text=True, check=True)
        return command if known.stdout.strip() == "function" else None
    return command


def problem(language: str, text: str, folder: Path) -> str:
    """What the parser says of a text; empty for a program."""
    if language == "python":
        try:
            compile(text, "program", "exec")
        except SyntaxError as error:
            return str(error)
        return ""
    command = parser(language)
    if command is None:
        pytest.skip(f"there is no parser for {language}")
    suffix = {"javascript": "mjs", "typescript": "mts"}.get(language, language)
    (folder / f"Program.{suffix}").write_text(text)
    done = subprocess.run(
        [*command, f"Program.{suffix}"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stderr + done.stdout if done.returncode or done.stdout else ""


@pytest.mark.slow
@pytest.mark.parametrize("block", PROGRAMS, ids=str)
def test_a_program_that_is_not_run_is_one(block: Block, tmp_path: Path) -> None:
    assert problem(block.language, block.text, tmp_path) == ""


@pytest.mark.slow
@pytest.mark.parametrize("language", ["go", "java", "python", "typescript"])
def test_a_text_that_is_no_program_is_found(language: str, tmp_path: Path) -> None:
    assert problem(language, "class {", tmp_path) != ""


def test_there_is_a_program_of_each_language_for_testcontainers() -> None:
    found = {block.language for block in PROGRAMS if block.page == "docs/how-to/testcontainers.md"}
    assert found == {"go", "java", "python", "typescript"}
