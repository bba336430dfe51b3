"""Starts: the texts by which a document lets a client ask for the first page in place of a cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.formats.numbers import is_number, plain_text
from mock_server.lists.built_in_schemes import built_in, plain

# A word that a description quotes, or has as code: `now`, "now", <code>now</code>.
_QUOTED = re.compile(r"[`\"'>]([^\s`\"'<>]{1,20})[`\"'<]")


def starts_of(raw: Mapping[str, Any], schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the texts that mean the first page, e.g. `{"0", "now"}`.

    `raw` is the parameter as it is described, and `schema` its own. They are its default, the values of
    its enum and its examples, since no page gives these, and what its description quotes of the words
    for a start.
    """
    described = (str(each.get("description", "")) for each in (raw, schema))
    named = (word for text in described for word in _QUOTED.findall(text))
    words = (word for word in named if plain(word) in built_in().names["starts"])
    return frozenset([*_texts(raw), *_texts(schema), *words])


def _texts(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield the default, the values of the enum, and the examples of a parameter, or of its schema."""
    values = [said[name] for name in ("default", "example") if name in said]
    listed = [said.get(name) for name in ("enum", "examples")]
    values += [each for found in listed if isinstance(found, list) for each in found]
    if isinstance(said.get("examples"), dict):
        values += [each.get("value") for each in said["examples"].values() if isinstance(each, dict)]
    for value in values:
        if isinstance(value, str):
            yield value
        elif is_number(value):
            yield plain_text(value)
