"""What pytest shows of a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest


def shown_files(caught: pytest.ExceptionInfo[BaseException]) -> list[str]:
    """Return the names of the files whose lines pytest shows, from the outermost call on."""
    return [
        Path(entry.path).name
        for entry in caught.traceback
        if "__tracebackhide__" not in {**entry.frame.f_globals, **entry.frame.f_locals}
    ]
