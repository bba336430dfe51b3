"""Merge patches: what a change of some members makes of a value."""

from __future__ import annotations

from typing import Any


def merged(target: Any, patch: Any) -> Any:
    """Return what a merge patch makes of a value (RFC 7396): null removes, objects are merged.

    E.g. `{"a": {"b": 1, "c": 2}}` patched by `{"a": {"c": null, "d": 3}}` is `{"a": {"b": 1, "d": 3}}`.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
