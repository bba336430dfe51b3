"""Texts that stand for values of a type, where no parameter is read: in forms, and in the path."""

from __future__ import annotations

from typing import Any

from mock_server.openapi.parameter_parsing import parse, types_in_order
from mock_server.openapi.schema import Schema, kinds_of


def value_of_text(schema: Schema, text: str) -> Any:
    """Return what a text stands for by a merged schema; the text itself where it is of no type of it."""
    for kind in types_in_order(schema, kinds_of(schema)):
        try:
            return parse(kind, text)
        except ValueError:
            continue
    return text
