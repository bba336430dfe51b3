"""Files in YAML or JSON: their data, and the line on which each part of it stands.

YAML is read by the 1.2 core schema, in which a timestamp or `no` is the text that it is, and
strictly: a key that is there twice, a tag, a cycle and an alias bomb are refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import yaml

from mock_server.errors import CannotServe, Problem

Json = Any
Place = tuple[str | int, ...]

# Levels of nesting; real documents have about 20, and libraries recurse at each.
DEPTH_LIMIT = 100
# Nodes that aliases may add, e.g. a default record referred to by 10,000 others.
ALIAS_ALLOWANCE = 200_000

# The kind of a plain scalar, its pattern, and the characters that it may begin with.
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


@dataclass(frozen=True)
class Source:
    """A file that was read: `name` as it was given, `data` as JSON values."""

    name: str
    text: str
    data: Json

    def problem(self, place: Place, message: str, remedy: str) -> Problem:
        return Problem(self.name, message, remedy, pointer(place), self.line(place))

    def line(self, place: Place) -> int | None:
        """The line, from 1, of the deepest part of the place that is there; None for no YAML."""
        node, line = self._root, None
        if node is None:
            return None
        line = node.start_mark.line + 1
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line

    @cached_property
    def _root(self) -> Any:
        try:
            return _compose(self.text)
        except (yaml.YAMLError, RecursionError):
            return None


def pointer(place: Place) -> str:
    """RFC 6901, e.g. `("paths", "/a", 0)` gives `/paths/~1a/0`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def read(path: Path) -> Source:
    """Read a file whose name ends in `.json` as JSON, any other as YAML.

    Raises CannotServe, which names the file, the line where there is one, and the remedy.
    """
    name = str(path)
    text = _text(path)
    try:
        data = _json(text) if path.suffix == ".json" else _yaml(text)
    except _Refused as refused:
        problem = Problem(name, refused.message, refused.remedy, line=refused.line)
        raise CannotServe([problem]) from None
    return Source(name, text, data)


def dump_yaml(data: Json) -> str:
    """The data as YAML, keys in their order."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100)


class _Refused(Exception):
    def __init__(self, message: str, remedy: str, line: int | None = None) -> None:
        self.message, self.remedy, self.line = message, remedy, line


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        message, remedy = "there is no such file", "give the path of an existing one"
    except IsADirectoryError:
        message, remedy = "it is a folder", "give the path of a file"
    except UnicodeDecodeError as error:
        message, remedy = f"byte {error.start} is not UTF-8", "save it as UTF-8 text"
    except OSError as error:
        message, remedy = f"it cannot be read ({error.strerror})", "make it readable"
    except ValueError:
        message, remedy = "its name holds a NUL character", "give the path of an existing file"
    raise CannotServe([Problem(str(path), message, remedy)]) from None


def _json(text: str) -> Json:
    try:
        data = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise _Refused(f"it is not JSON ({error.msg})", "correct it there", error.lineno) from None
    except ValueError:
        raise _Refused("it holds a number of too many digits", "write it as text") from None
    except RecursionError:
        raise _too_deep() from None
    _refuse_depth(data)
    _refuse_surrogates(text)
    return data


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused(f"the number {text[:60]} is too large", "write a smaller one")
    return number


def _too_deep(line: int | None = None) -> _Refused:
    return _Refused(f"it is nested more than {DEPTH_LIMIT} levels deep", "flatten it", line)


def _refuse_depth(data: Json) -> None:
    level, depth = [data], 0
    while level := [child for value in level for child in _values(value)]:
        depth += 1
        if depth > DEPTH_LIMIT:
            raise _too_deep()


def _values(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_surrogates(text: str) -> None:
    # Half of a character beyond U+FFFF, which no UTF-8 can hold: a pair of escapes is a whole one.
    for number, line in enumerate(text.splitlines(), 1):
        if "\\ud" in line.lower() and not _encodable(line):
            raise _Refused("an escape stands for half a character", "write both halves", number)


def _encodable(line: str) -> bool:
    unpaired = re.sub(r"\\\\", "", line)
    unpaired = re.sub(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..", "", unpaired)
    return re.search(r"\\u[dD][89a-fA-F]", unpaired) is None


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"the key {twice!r} is there twice in one object", "remove one of them")
    return result


def _no_constant(name: str) -> Json:
    raise _Refused(f"it holds {name}, which is not JSON", "write a number, or null")


def _yaml(text: str) -> Json:
    try:
        _refuse_deep_yaml(text)
        root = _compose(text)
        if root is None:
            raise _Refused("it is empty", "write something into it")
        _refuse_bomb(root)
        return _value(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _Refused(f"it is not YAML ({error.problem})", "correct it there", line) from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise _Refused(f"it is not YAML ({reason})", "correct it") from None


def _refuse_deep_yaml(text: str) -> None:
    # The composer recurses in C, where too deep is a crash; the parser of events does not.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise _too_deep(event.start_mark.line + 1 if event.start_mark else None)
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
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        known = sizes.get(id(node))
        if known == 0:
            raise _Refused("an alias refers to a part that contains it", "remove it", _line(node))
        if known is None:
            sizes[id(node)] = 0
            known = sizes[id(node)] = 1 + sum(size(child) for child in _children(node))
        return known

    added = size(root) - len(sizes)
    if added > ALIAS_ALLOWANCE:
        raise _Refused(
            f"its aliases add {_rounded(added)} values (an alias bomb)",
            f"write it without aliases, or with at most {ALIAS_ALLOWANCE:,} values by alias",
        )


def _rounded(number: int) -> str:
    return f"{number:,}" if number < 10**12 else f"more than {10**12:,}"


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value


def _value(node: yaml.Node) -> Json:
    """The node's value; what an alias refers to is built anew, so that nothing is shared."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    _refuse_tag(node, "seq")
    return [_value(item) for item in node.value]


def _mapping(node: yaml.MappingNode) -> dict[str, Json]:
    _refuse_tag(node, "map")
    merged: dict[str, Json] = {}
    own: dict[str, Json] = {}
    for key, item in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            merged = {**_merged(item), **merged}
            continue
        name = _key(key)
        if name in own:
            message = f"the key {name!r} is there twice in one mapping"
            raise _Refused(message, "remove one of them", _line(key))
        own[name] = _value(item)
    return {**merged, **own}


def _merged(node: yaml.Node) -> dict[str, Json]:
    """What `<<` brings in: one mapping or several, of which the first counts."""
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    result: dict[str, Json] = {}
    for item in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        if not isinstance(item, yaml.MappingNode):
            raise _Refused("'<<' merges something other than mappings", "correct it", _line(node))
        result = {**_mapping(item), **result}
    return result


def _key(node: yaml.Node) -> str:
    """The key as it is written: a response code `200:` is the text 200, as in JSON."""
    if not isinstance(node, yaml.ScalarNode):
        raise _Refused(
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
            case "int":
                return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            case "float":
                return _finite(text)
            case "bool":
                return text.lower() == "true"
            case "null":
                return None
    except ValueError:
        raise _Refused(f"'{text[:60]}' is not {kind}", "quote it", _line(node)) from None
    raise _Refused(f"the tag {node.tag!r} is not understood", "remove the tag", _line(node))


def _refuse_tag(node: yaml.Node, expected: str) -> None:
    if node.tag != f"tag:yaml.org,2002:{expected}":
        raise _Refused(f"the tag {node.tag!r} is not understood", "remove the tag", _line(node))


def _line(node: yaml.Node) -> int | None:
    return node.start_mark.line + 1 if node.start_mark else None


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    """The part of a node that a step leads to, with the line on which it begins."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    return None
