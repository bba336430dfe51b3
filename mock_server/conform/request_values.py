"""What every request for a list has to send: the parameters of its path, and those that are required.

Each has the value that the document gives it, that of a record, or else one that its schema admits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from mock_server.conform.made_values import chosen_values, fits, given_values, made_value
from mock_server.lists.built_in_schemes import plain
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameters import Parameter

# Finds the first record of the list at a path of the document; None where there is none.
FindRecord = Callable[[str], Any]

# What stands between the values of a list in these styles (OpenAPI 3.0, Style Examples).
SEPARATORS = {"pipeDelimited": "%7C", "spaceDelimited": "%20"}
# What stands before a value of the path in these styles, and between several.
_PATH_STYLES = {"label": (".", "."), "matrix": (";{name}=", ",")}
# What a path may hold unencoded (RFC 3986 section 3.3), and what is encoded in the document already.
_PATH = "/%!$&'()*+,;=:@~"


@dataclass(frozen=True, slots=True)
class Filling:
    """What every request for a list sends.

    - `path`: the path below the base URL, e.g. `/things/7/parts`
    - `query`: parts of the query by the name of their parameter
    - `uncertain`: the parameters whose values the server may know nothing of
    - `lacking`: the parameters for which no value was found
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Sequence[tuple[str, str]] = ()
    uncertain: Sequence[str] = ()
    lacking: Sequence[str] = ()


class ValueFinder:
    """Finds what every request for one list has to send."""

    def __init__(self, operation: Operation, spec: Mapping[str, Any], find_record: FindRecord) -> None:
        """Prepare an operation; `spec` is what the effective document says of it."""
        self._operation = operation
        self._raw = {(p.get("in"), p.get("name")): p for p in spec.get("parameters", [])}
        self._find_record = find_record
        self._uncertain: list[str] = []
        self._lacking: list[str] = []

    def fill(self) -> Filling:
        """Return what is sent, always the same."""
        path = self._fill_path()
        query: dict[str, str] = {}
        headers: list[tuple[str, str]] = []
        for parameter in self._operation.parameters:
            if not parameter.required or parameter.location == "path":
                continue
            value = self._value(parameter)
            if value is None:
                continue
            if parameter.location == "query":
                query[parameter.name] = "&".join(_query_parts(parameter, value))
            elif parameter.location == "header":
                headers.append((parameter.name, _joined(value)))
            else:
                headers.append(("Cookie", f"{parameter.name}={quote(_joined(value), safe='')}"))
        return Filling(path, query, headers, self._uncertain, self._lacking)

    def _fill_path(self) -> str:
        described = {p.name: p for p in self._operation.at("path")}
        pieces = re.split(r"\{([^}]*)\}", self._operation.template)
        filled = quote(pieces[0], safe=_PATH)
        for name, after in zip(pieces[1::2], pieces[2::2], strict=True):
            parameter = described.get(name) or Parameter(name, "path", True, {}, style="simple")
            before = self._operation.template.partition(f"{{{name}}}")[0]
            value = self._value_of_record(parameter, before) if before.endswith("/") else None
            value = self._value(parameter) if value is None else value
            filled += _path_text(parameter, value) + quote(after, safe=_PATH)
        return filled

    def _value(self, parameter: Parameter) -> Any:
        """Return a value that the document names, or one that it admits; None without one."""
        if parameter.version is not None:
            return max(parameter.version.known)
        schema = parameter.schema
        raw = self._raw.get((parameter.location, parameter.name), {})
        chosen = [value for value in chosen_values(schema) if fits(value, schema)]
        named = (value for value in given_values(raw, schema) if fits(value, schema))
        value = next(named, next(iter(chosen), None))
        value = made_value(schema) if value is None else value
        if value not in chosen:
            (self._lacking if value is None else self._uncertain).append(parameter.name)
        return value

    def _value_of_record(self, parameter: Parameter, before: str) -> Any:
        """Return what a record of the list that a path goes through says of a parameter.

        E.g. the `id` of a thing for `{thing_id}` in `/things/{thing_id}/parts`; None without one.
        """
        # Some vendors write what the answer is in, such as `.json`, behind each path.
        ending = re.search(r"\.[a-z]+$", self._operation.template)
        templates = [before[:-1]]
        if ending is not None:
            templates.append(before[:-1] + ending[0])
        for template in templates:
            record = self._find_record(template)
            for name in _names_of_key(record, parameter.name, before):
                value = record[name]
                if isinstance(value, str | int) and value and fits(value, parameter.schema):
                    return value
        return None


def _plain(name: str) -> str:
    """Return a name in the plain form of all its spellings, e.g. `thingid` for `thing.id`."""
    return plain(name).replace(".", "")


def _names_of_key(record: Any, parameter: str, before: str) -> Iterator[str]:
    """Yield the members of a record that a parameter behind a path may mean, the likeliest first."""
    if not isinstance(record, dict):
        return
    word = _plain(parameter)
    yield from (name for name in record if _plain(name) == word)
    # `thing_id` is the `id` of a thing.
    noun = _plain(before.rstrip("/").rpartition("/")[2])
    endings = [name for name in record if word.endswith(_plain(name)) and word != _plain(name)]
    yield from (n for n in endings if noun.startswith(word.removesuffix(_plain(n))[:-1]))
    if noun.startswith(word[: max(3, len(word) - 1)]):
        yield from (name for name in record if _plain(name) == "id")


def text_of(value: Any) -> str:
    """Return a value as queries and filters have it: a text as it is, all else in JSON, 10.0 as `10`."""
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}" if value else "0"
    return value if isinstance(value, str) else json.dumps(value)


def _joined(value: Any, separator: str = ",") -> str:
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    return separator.join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def _path_text(parameter: Parameter, value: Any) -> str:
    """Return a value as a path has it, encoded; a dash where there is none."""
    if value is None:
        return "-"
    prefix, separator = _PATH_STYLES.get(parameter.style, ("", ","))
    text = quote(_joined(value, "\0"), safe="").replace("%00", separator)
    return prefix.format(name=quote(parameter.name, safe="")) + text


def _query_parts(parameter: Parameter, value: Any) -> Iterator[str]:
    """Yield the parts of a query that send a value in the parameter's style."""
    key = quote(parameter.name, safe="")
    if parameter.is_json:
        yield f"{key}={quote(json.dumps(value), safe='')}"
    elif isinstance(value, dict) and parameter.is_spread:
        for name, part in value.items():
            yield f"{quote(parameter.member_name(name), safe='')}={quote(_joined(part), safe='')}"
    elif isinstance(value, list) and parameter.style == "form" and parameter.explode:
        yield from (f"{key}={quote(text_of(each), safe='')}" for each in value)
    else:
        text = quote(_joined(value, "\0"), safe="")
        yield f"{key}={text.replace('%00', SEPARATORS.get(parameter.style, ','))}"
