"""Whether two parts of a document are equal, which may lead back to themselves."""

from __future__ import annotations

from typing import Any

# How many values within two parts of a document are compared.
_COMPARED = 200


def is_surely_same(one: Any, other: Any, most: int = _COMPARED) -> bool:
    """Tell whether two values of a document are equal; False as well where that takes long to tell.

    `most` is how many pairs of values are compared; each pair of mappings or lists counts once.
    """
    waiting, known = [(one, other)], set[tuple[int, int]]()
    for _ in range(most):
        if not waiting:
            return True
        left, right = waiting.pop()
        if left is right or (id(left), id(right)) in known:
            continue
        if isinstance(left, dict | list):
            known.add((id(left), id(right)))
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
