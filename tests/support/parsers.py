"""Reads a block of a page that is data or a program, without running it.

`test_docs_programs.py` reads programs whose languages need a parser that may not be here.
"""

from __future__ import annotations

import json
import subprocess
import tomllib
from configparser import ConfigParser

import yaml

from tests.support.pages import Block


def parse(block: Block) -> None:
    """Read a block; raise what the reader of its language raises if it is wrong."""
    match block.language:
        case "json":
            json.loads(block.text)
        case "yaml":
            list(yaml.safe_load_all(block.text))
        case "toml":
            tomllib.loads(block.text)
        case "ini":
            ConfigParser().read_string(block.text)
        case "python":
            compile(block.text, str(block), "exec")
        case "bash":
            subprocess.run(["bash", "-n"], input=block.text, text=True, check=True, capture_output=True)
