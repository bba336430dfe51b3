"""Reading YAML strictly, by the core schema of YAML 1.2: timestamps and `no` are texts.

Duplicate keys, tags, cycles, deep nesting and alias bombs are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

import yaml

from mock_server.formats.json import DEPTH_LIMIT, Json, Unreadable, nested_too_deep, parse_finite

# Nodes that aliases may add to a file, e.g. a default record referred to by 10,000 others.
ALIAS_ALLOWANCE = 200_000

# The digits of a whole number, also a hexadecimal one; Python writes none of more than 4,300.
DIGIT_LIMIT = 1_000

# YAML 1.2.2 section 10.3.2, and the merge key `<<` of YAML 1.1. In each row: the kind of a plain
# scalar, its pattern, and the characters that it may begin with.
_CORE_SCHEMA = (
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", [*"-+.0123456789"]),
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("merge", r"<<", ["<"]),
)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    yaml_implicit_resolvers: ClassVar[dict[str | None, list[tuple[str, re.Pattern[str]]]]] = {}


for _name, _pattern, _firsts in _CORE_SCHEMA:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), _firsts
    )


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Json) -> bool:  # noqa: ARG002
        return True


def dump(data: Json) -> str:
    """Return the data as YAML, with keys in their order and without anchors."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))


def compose(text: str) -> Any:
    """Return the root of a text's tree of nodes, for `find_line`; None if it is not YAML."""
    try:
        return _compose(text)
    except (yaml.YAMLError, RecursionError):
        return None


def find_line(root: Any, place: tuple[str | int, ...]) -> int | None:
    """Return the line, from 1, on which a place stands, or the deepest part of it that is there.

    None where there is no tree.
    """
    if root is None:
        return None
    number, node = root.start_mark.line + 1, root
    for step in place:
        found = _child(node, step)
        if found is None:
            break
        number, node = found
    return int(number)


# The message of libyaml's scanner, which runs ahead of the events, for 1,000 levels of brackets.
_SCANNER_TOO_DEEP = "exceeded maximum nesting depth"


def load(text: str) -> Json:
    """Return the value of a YAML text; raise Unreadable, with the line where it is known."""
    try:
        _refuse_depth(text)
        root = _compose(text)
        if root is None:
            raise Unreadable("it is empty", "write something into it")
        _refuse_bomb(root)
        return _value(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        if error.problem == _SCANNER_TOO_DEEP:
            raise nested_too_deep(line) from None
        raise Unreadable(f"it is not YAML ({error.problem})", "correct it there", line) from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise Unreadable(f"it is not YAML ({reason})", "correct it") from None


def _refuse_depth(text: str) -> None:
    # By events, whose parser does not recurse: the composer does, in C, and crashes on deep nesting.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise nested_too_deep(event.start_mark.line + 1 if event.start_mark else None)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _compose(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _refuse_bomb(root: yaml.Node) -> None:
    """Refuse aliases that make the document much larger than its text, or endless."""
    measured: dict[int, tuple[int, int] | None] = {}

    def measure(node: yaml.Node) -> tuple[int, int]:
        """Return the number of values in a node and its height, aliases counted as copies."""
        if id(node) in measured:
            known = measured[id(node)]
            if known is None:
                message = "an alias refers to a part that contains it"
                raise Unreadable(message, "remove it", _line(node))
            return known
        measured[id(node)] = None
        sizes, heights = zip((0, 0), *map(measure, _children(node)), strict=True)
        size, height = 1 + sum(sizes), 1 + max(heights)
        if height > 2 * DEPTH_LIMIT:
            raise nested_too_deep(_line(node))
        measured[id(node)] = size, height
        return size, height

    added = measure(root)[0] - len(measured)
    if added > ALIAS_ALLOWANCE:
        raise Unreadable(
            f"its aliases add {_format_count(added)} values (an alias bomb)",
            f"write it without aliases, or with at most {ALIAS_ALLOWANCE:,} values by alias",
        )


def _format_count(number: int) -> str:
    return f"{number:,}" if number < 10**12 else f"more than {10**12:,}"


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value


def _value(node: yaml.Node) -> Json:
    """Return a node's value, with a copy for each alias, so that no two parts share an object."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    _refuse_tag(node, "seq")
    return [_value(item) for item in node.value]


def _mapping(node: yaml.MappingNode) -> dict[str, Json]:
    _refuse_tag(node, "map")
    inherited: dict[str, Json] = {}
    own: dict[str, Json] = {}
    for key, item in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            inherited = {**_read_merge(item), **inherited}
            continue
        name = _key(key)
        if name in own:
            message = f"the key {name!r} is there twice in one mapping"
            raise Unreadable(message, "remove one of them", _line(key))
        own[name] = _value(item)
    return {**inherited, **own}


def _read_merge(node: yaml.Node) -> dict[str, Json]:
    """Return what the value of `<<` adds: that of one mapping, or of several, the first winning."""
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    result: dict[str, Json] = {}
    for item in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        if not isinstance(item, yaml.MappingNode):
            raise Unreadable("'<<' merges something other than mappings", "correct it", _line(node))
        result = {**_mapping(item), **result}
    return result


def _key(node: yaml.Node) -> str:
    """Return a key as it is written: a response code `200:` is the text 200, as in JSON."""
    if not isinstance(node, yaml.ScalarNode):
        raise Unreadable(
            "a mapping or a list stands where a key is expected",
            "quote the text if it begins with { or [",
            _line(node),
        )
    return str(node.value)


def _scalar(node: yaml.ScalarNode) -> Json:
    kind, text = node.tag.removeprefix("tag:yaml.org,2002:"), node.value
    try:
        match kind:
            case "str":
                return text
            case "int" if len(text) > DIGIT_LIMIT:
                message = f"'{text[:60]}…' has more than {DIGIT_LIMIT:,} digits"
                raise Unreadable(message, "quote it", _line(node))
            case "int":
                return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            case "float":
                return parse_finite(text)
            case "bool":
                return text.lower() == "true"
            case "null":
                return None
    except ValueError:
        raise Unreadable(f"'{text[:60]}' is not {kind}", "quote it", _line(node)) from None
    raise Unreadable(f"the tag {node.tag!r} is not understood", "remove the tag", _line(node))


def _refuse_tag(node: yaml.Node, expected: str) -> None:
    if node.tag != f"tag:yaml.org,2002:{expected}":
        raise Unreadable(f"the tag {node.tag!r} is not understood", "remove the tag", _line(node))


def _line(node: yaml.Node) -> int | None:
    return node.start_mark.line + 1 if node.start_mark else None


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    """Return the part of a node at a key or an index, and the line on which it begins."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    return None
