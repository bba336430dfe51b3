"""Reading YAML strictly, by the core schema of YAML 1.2: timestamps and `no` are texts.

Duplicate keys, tags, cycles, deep nesting and alias bombs are refused.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from mock_server.formats.json import DEPTH_LIMIT, Json, Unreadable, nested_too_deep
from mock_server.formats.yaml_scalars import TAG, line_of, read_scalar, unknown_tag
from mock_server.shown_text import quote

# Nodes that aliases may add to a file, e.g. a default record referred to by 10,000 others.
ALIAS_ALLOWANCE = 200_000

# The merge key of YAML 1.1 (https://yaml.org/type/merge.html).
_MERGE = "<<"

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Json) -> bool:  # noqa: ARG002
        return True


def dump(data: Json) -> str:
    """Return the data as YAML, with keys in their order and without anchors."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))


def load(text: str) -> Json:
    """Return the value of a YAML text; raise Unreadable, with the line where it is known.

    The value is built from the parser's events in one pass, whose time grows with the text alone. It has
    a copy for each alias, so that no two parts share an object.
    """
    if text.count("\n%TAG") > _TAG_DIRECTIVES:
        raise Unreadable(f"it has more than {_TAG_DIRECTIVES} %TAG directives", "remove them")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        if error.problem == _SCANNER_TOO_DEEP:
            raise nested_too_deep(line) from None
        raise Unreadable(f"it is not YAML ({error.problem})", "correct it there", line) from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise Unreadable(f"it is not YAML ({reason})", "correct it") from None
    if not builder.documents:
        raise Unreadable("it is empty", "write something into it")
    return builder.root.value


# libyaml compares each %TAG directive with all before it, and no tag of theirs is understood here.
_TAG_DIRECTIVES = 100

# The message of libyaml's scanner, which runs ahead of the events, for 1,000 levels of brackets.
_SCANNER_TOO_DEEP = "exceeded maximum nesting depth"


class _Node(NamedTuple):
    """A part of a text, its aliases resolved.

    `text` is what is written there, None for a mapping or a list; `size` counts its values, and `height`
    the levels in it.
    """

    value: Json
    text: str | None
    size: int = 1
    height: int = 1


class _Collection:
    """A mapping or a list that has not ended yet."""

    __slots__ = ("height", "inherited", "key", "merges", "size", "start", "value")

    def __init__(self, value: Json, start: Any) -> None:
        """Take an empty mapping or list, and the event that begins it."""
        self.value, self.start = value, start
        self.size, self.height = 1, 0
        # Of a mapping: the key whose value comes next, whether it is `<<`, and what that key has added.
        self.key: str | None = None
        self.merges = False
        self.inherited: dict[str, Json] = {}

    @property
    def awaits_key(self) -> bool:
        return self.key is None and isinstance(self.value, dict)

    def add(self, value: Json, event: Any, size: int = 1, height: int = 1) -> None:
        """Add a value, in a mapping to the key before it."""
        self.size += size
        self.height = max(self.height, height)
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.merges:
            _merge(self.inherited, value, event)
            self.key, self.merges = None, False
        else:
            self.value[self.key] = value
            self.key = None

    def add_key(self, text: str, event: Any, *, merges: bool) -> None:
        """Set the key of the next value, as it is written: `200:` is the text 200, as in JSON."""
        self.size += 1
        self.key, self.merges = text, merges
        if not merges and text in self.value:
            message = f"the key {quote(text)} is there twice in one mapping"
            raise Unreadable(message, "remove one of them", line_of(event))

    def end(self) -> _Node:
        """Return the node of this collection, which has all its parts."""
        value = {**self.inherited, **self.value} if self.inherited else self.value
        return _Node(value, None, self.size, self.height + 1)


def _merge(inherited: dict[str, Json], added: Json, event: Any) -> None:
    """Add what the value of `<<` has, a mapping or a list of them; what is there already stays."""
    for mapping in added if isinstance(added, list) else [added]:
        if not isinstance(mapping, dict):
            message = "'<<' merges something other than mappings"
            raise Unreadable(message, "correct it", line_of(event))
        for key, value in mapping.items():
            inherited.setdefault(key, value)


class _Builder:
    """Builds the value of a text from its events."""

    def __init__(self) -> None:
        self._open: list[_Collection] = []
        # By name, the node that an anchor stands at; None while that has not ended.
        self._anchors: dict[str, _Node | None] = {}
        self._added = 0
        self.documents = 0
        self.root = _Node(None, None)

    def take(self, event: Any) -> None:
        """Add what an event of the parser stands for."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._take_scalar(event)
        elif kind is yaml.AliasEvent:
            self._take_alias(event)
        elif kind is yaml.MappingStartEvent:
            self._begin(event, {}, "map")
        elif kind is yaml.SequenceStartEvent:
            self._begin(event, [], "seq")
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._end()
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                message = "it is not YAML (expected a single document in the stream)"
                raise Unreadable(message, "correct it there", line_of(event))

    def _take_scalar(self, event: Any) -> None:
        parent = self._open[-1] if self._open else None
        text = event.value
        if parent is not None and parent.awaits_key:
            merges = text == _MERGE and event.implicit[0]
            parent.add_key(text, event, merges=merges)
            if event.anchor is not None:
                self._anchors[event.anchor] = _Node(text, text)
        elif parent is not None and event.anchor is None:
            parent.add(read_scalar(event), event)
        else:
            self._add(_Node(read_scalar(event), text), event, event.anchor)

    def _take_alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            message = f"it is not YAML (found undefined alias {quote(event.anchor)})"
            raise Unreadable(message, "correct it there", line_of(event))
        node = self._anchors[event.anchor]
        if node is None:
            raise Unreadable("an alias refers to a part that contains it", "remove it", line_of(event))
        if self._open[-1].awaits_key:
            self._open[-1].add_key(_key(node, event), event, merges=False)
            return
        self._added += node.size
        if self._added > ALIAS_ALLOWANCE:
            raise Unreadable(
                f"its aliases add more than {ALIAS_ALLOWANCE:,} values (an alias bomb)",
                "write it without aliases, or with fewer",
                line_of(event),
            )
        self._add(node._replace(value=_copy(node.value)), event)

    def _begin(self, event: Any, value: Json, kind: str) -> None:
        if self._open and self._open[-1].awaits_key:
            _key(_Node(value, None), event)
        if event.tag not in (None, "!", TAG + kind):
            raise unknown_tag(event)
        if len(self._open) >= DEPTH_LIMIT:
            raise nested_too_deep(line_of(event))
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Collection(value, event))

    def _end(self) -> None:
        collection = self._open.pop()
        node, start = collection.end(), collection.start
        if node.height > 2 * DEPTH_LIMIT:
            raise nested_too_deep(line_of(start))
        self._add(node, start, start.anchor)

    def _add(self, node: _Node, event: Any, anchor: str | None = None) -> None:
        """Add a node that begins with an event, at which an anchor may stand."""
        if anchor is not None:
            self._anchors[anchor] = node
        if self._open:
            self._open[-1].add(node.value, event, node.size, node.height)
        else:
            self.root = node


def _key(node: _Node, event: Any) -> str:
    if node.text is None:
        raise Unreadable(
            "a mapping or a list stands where a key is expected",
            "quote the text if it begins with { or [",
            line_of(event),
        )
    return node.text


def _copy(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _copy(part) for key, part in value.items()}
    return [_copy(part) for part in value] if isinstance(value, list) else value
