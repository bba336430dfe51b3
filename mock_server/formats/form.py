"""Reading forms (`application/x-www-form-urlencoded`): names with brackets become objects and lists.

Clients in PHP, Ruby and JavaScript send `a[b]=1`, `a[]=x` and `a[0][b]=1`, as the API of Stripe takes
them. A form has texts alone; what they stand for is up to who knows the schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats.query_string import decode

# The steps of a name that are followed, e.g. two in `a[b][c]`; a longer name is one by itself.
_STEPS = 20

_BRACKETS = re.compile(rf"([^\[\]]+)((?:\[[^\[\]]*\]){{1,{_STEPS}}})")

# The texts sent under one name, or what was sent under names that begin with it.
Branch = dict[str, Any]
Node = list[str] | Branch


class Conflict(Exception):
    """A name was sent with a value of its own, and with members; `steps` lead to it."""

    def __init__(self, steps: tuple[str, ...]) -> None:
        super().__init__("/".join(steps))
        self.steps = steps


def pairs(content: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a form, decoded (URL standard, section 5.1)."""
    for pair in content.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            yield decode(name), decode(value)


def steps_of(name: str, known: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the steps to a member that a name stands for: `("a", "", "b")` for `a[][b]`.

    A name that is known as it is, brackets included, is one step.
    """
    found = None if name in known else _BRACKETS.fullmatch(name)
    if found is None:
        return (name,)
    return (found[1], *found[2][1:-1].split("]["))


def read(content: str, known: Mapping[str, Any]) -> Branch:
    """Return the members of a form, each as a list of texts, or as members of its own.

    `{"a": {"b": ["1"]}, "c": ["x", "y"]}` stands for `a[b]=1&c=x&c=y`, and `{"a": {"0": {"b": ["1"]}}}`
    for `a[][b]=1` as for `a[0][b]=1`. Raise Conflict for `a=1&a[b]=2`.
    """
    root: Branch = {}
    for name, text in pairs(content):
        steps = steps_of(name, known)
        _put(root, steps, text)
    return root


def _put(root: Branch, steps: tuple[str, ...], text: str) -> None:
    node = root
    last = len(steps) - 1
    for number, step in enumerate(steps):
        key = step if step or not number else _next_key(node, steps[number + 1 :])
        if number == last:
            texts = node.setdefault(key, [])
            if isinstance(texts, dict):
                raise Conflict(steps)
            texts.append(text)
            return
        inner = node.setdefault(key, {})
        if isinstance(inner, list):
            raise Conflict(steps[: number + 1])
        node = inner


def _next_key(node: Branch, rest: tuple[str, ...]) -> str:
    """Return the number of the item that `[]` means: the last one, while that lacks what follows."""
    last = str(len(node) - 1)
    if rest and isinstance(node.get(last), dict) and not _has(node[last], rest):
        return last
    return str(len(node))


def _has(node: Branch, steps: tuple[str, ...]) -> bool:
    """Tell whether something was sent for the last of some steps, which takes one value."""
    for step in steps[:-1]:
        inner = node.get(step)
        if not isinstance(inner, dict):
            return False
        node = inner
    return steps[-1] in node
