"""Whether two parts of a document are equal, which may lead back to themselves."""

from __future__ import annotations

from typing import Any

# How many values within two parts of a document are compared.
_COMPARED = 200


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values of a document are equal; False as well where that takes long to tell."""
    waiting = [(one, other)]
    for _ in range(_COMPARED):
        if not waiting:
            return True
        left, right = waiting.pop()
        if left is right:
            continue
        if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
            waiting += [(left[key], right[key]) for key in left]
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            waiting += zip(left, right, strict=True)
        elif not _is_same_scalar(left, right):
            return False
    return not waiting


def _is_same_scalar(one: Any, other: Any) -> bool:
    is_scalar = not isinstance(one, dict | list)
    return is_scalar and isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
