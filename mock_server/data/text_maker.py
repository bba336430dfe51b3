"""Texts by a schema: in the style of its example, of its format, by its pattern, or by the name."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.data import id_style, text_style
from mock_server.data.draws import Draws
from mock_server.data.formatted_texts import make_formatted
from mock_server.data.pattern_texts import make_text, matches
from mock_server.data.records import derive_id
from mock_server.data.spot import Spot
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_dialect import FORMATS

# The longest text that is made for a `minLength`; a longer one would fill the memory.
LONGEST = 10_000


def make(schema: Schema, example: str | None, spot: Spot, draws: Draws, left: int) -> str:
    """Return a text by a merged schema; of `left` characters at most, where no pattern wants more."""
    first = None
    for text in _candidates(schema, example, spot, draws):
        fitted = _fit_length(text, schema, left)
        if _fits(fitted, schema):
            return fitted
        first = fitted if first is None else first
    return first or ""


def constant(schema: Schema, example: str, name: str) -> str | None:
    """Return the text that every record has, since it varies with none; None where there is no such."""
    if text_style.varies(example, name) or not _has_format(example, schema.get("format")):
        return None
    return example if _fits(example, schema) else None


def _candidates(schema: Schema, example: str | None, spot: Spot, draws: Draws) -> Iterator[str]:
    form, pattern = schema.get("format"), schema.get("pattern")
    if example is not None and _has_format(example, form):
        yield from _in_style(example, spot, draws)
    if isinstance(form, str):
        made = make_formatted(form, spot.place, spot.number)
        if made is not None:
            yield made
    if isinstance(pattern, str):
        longest = schema.get("maxLength")
        found = make_text(pattern, draws.draw, schema.get("minLength", 0), longest)
        if found is not None:
            yield found
    if spot.is_key or text_style.is_id(spot.name):
        yield from _ids(spot, schema.get("maxLength"))
    if example is not None:
        yield example
    yield f"{spot.name} {spot.number + 1}"


def _in_style(example: str, spot: Spot, draws: Draws) -> Iterator[str]:
    if spot.is_key:
        if id_style.has_style(example):
            yield id_style.restyle(id_style.widened(example), spot.seed, spot.number)
            yield id_style.restyle(example, spot.seed, spot.number)
        else:
            yield f"{example}-{id_style.restyle('a1b2c3d4', spot.seed, spot.number)}"
            yield id_style.restyle("a1b2c3d4", spot.seed, spot.number)
    elif not spot.is_frozen:
        varied = text_style.vary(example, spot.name, spot.seed, spot.number, draws.draw)
        if varied == example and spot.attempt:
            yield text_style.numbered(example, spot.number)
        yield varied
    yield example


def _ids(spot: Spot, longest: int | None) -> Iterator[str]:
    if longest is None or longest >= len(derive_id("")):
        yield derive_id(spot.place)
    elif longest > 0:
        yield id_style.restyle("a1" * (longest // 2) or "a", spot.seed, spot.number)


def _has_format(text: str, form: object) -> bool:
    return not isinstance(form, str) or bool(FORMATS.conforms(text, form))


def _fit_length(text: str, schema: Schema, left: int) -> str:
    if "pattern" in schema:
        return text
    text = text.ljust(min(schema.get("minLength", 0), LONGEST, max(0, left)), "x")
    return text[: schema.get("maxLength")]


def _fits(text: str, schema: Schema) -> bool:
    pattern = schema.get("pattern")
    if len(text) < schema.get("minLength", 0) or len(text) > schema.get("maxLength", len(text)):
        return False
    return _has_format(text, schema.get("format")) and (pattern is None or matches(text, pattern))
