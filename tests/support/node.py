"""Whether there is a Node that clients/javascript can be used with."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

# The first release of Node whose runner names a test's file and whole name.
LEAST = (20, 16)


@cache
def why_not() -> str | None:
    """Why the package cannot run here, None where it can."""
    if not shutil.which("node"):
        return "node is not here"
    text = subprocess.run(["node", "--version"], capture_output=True, check=True, text=True).stdout
    found = tuple(int(number) for number in re.findall(r"\d+", text)[:2])
    needed = ".".join(map(str, LEAST))
    return None if found >= LEAST else f"node is {text.strip()}, and the package needs {needed}"
