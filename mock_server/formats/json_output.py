"""Writing JSON, with whole numbers beyond 64 bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson


def dump(value: Any, default: Callable[[Any], Any] | None = None, option: int | None = None) -> bytes:
    """Return a value in JSON; the parameters are those of orjson."""
    try:
        return orjson.dumps(value, default, option)
    except orjson.JSONEncodeError:
        # orjson writes integers of up to 64 bits.
        return orjson.dumps(_with_written_integers(value), default, option)


def _with_written_integers(value: Any) -> Any:
    """Return the value with its integers as they are written, whatever their size."""
    if isinstance(value, dict):
        return {name: _with_written_integers(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_with_written_integers(part) for part in value]
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    return orjson.Fragment(str(value).encode()) if is_integer else value
