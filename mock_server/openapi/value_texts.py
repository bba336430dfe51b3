"""The beginning of a value's JSON, for messages; the value may be large, or lead back to itself."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)


def dump_start(value: Any, pieces: int) -> str:
    """Return so many pieces of the JSON of a value: braces, commas, names, and single values."""
    text = ""
    try:
        for piece in islice(_ENCODER.iterencode(value), pieces):
            text += piece
    except (ValueError, RecursionError):
        # Within itself, there is nothing to tell that was not told.
        text += "…"
    return text
