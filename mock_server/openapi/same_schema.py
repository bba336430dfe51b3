"""Comparing parts of two documents that may refer to themselves, so that `==` would not end."""

from __future__ import annotations

from typing import Any


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two parts of resolved documents say the same; each pair in them is compared once."""
    compared: set[tuple[int, int]] = set()
    pairs = [(one, other)]
    while pairs:
        first, second = pairs.pop()
        if first is second or (id(first), id(second)) in compared:
            continue
        if type(first) is not type(second):
            return False
        if isinstance(first, dict):
            if first.keys() != second.keys():
                return False
            parts = [(value, second[key]) for key, value in first.items()]
        elif isinstance(first, list):
            if len(first) != len(second):
                return False
            parts = list(zip(first, second, strict=True))
        elif first != second:
            return False
        else:
            continue
        compared.add((id(first), id(second)))
        pairs += parts
    return True
