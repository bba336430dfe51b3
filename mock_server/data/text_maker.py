"""Texts by a schema: in the style of its example, of its format, by its pattern, or by the name."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase

from mock_server.data import id_style, text_style
from mock_server.data.draws import Draws
from mock_server.data.formatted_texts import make_formatted
from mock_server.data.pattern_texts import make_text, matches
from mock_server.data.records import derive_id
from mock_server.data.spot import Spot
from mock_server.openapi.schema import Schema

# The longest text that is made for a `minLength`; a longer one would fill the memory.
LONGEST = 10_000
# The texts of a format that are tried for one that matches a pattern, as for dates on the first of a
# month; and the letters of a text that must not be what others are.
_FORMATTED, _LETTERS = 40, 8


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
    form = schema.get("format")
    if example is not None and _has_format(example, form):
        yield from _in_style(example, spot, draws)
    patterns = _patterns(schema)
    if isinstance(form, str):
        for more in range(_FORMATTED if patterns else 1):
            made = make_formatted(form, spot.place, spot.number + spot.turn + more)
            yield from () if made is None else [made]
    least, longest = schema.get("minLength", 0), schema.get("maxLength")
    alone = len(patterns) == 1
    made_by = [make_text(each, draws.draw, least if alone else 0, longest) for each in patterns]
    yield from (made for made in made_by if made is not None)
    if len(patterns) > 1 and None not in made_by:
        texts = [made or "" for made in made_by]
        yield from ("".join(texts), "".join(reversed(texts)))
    if spot.is_key or text_style.is_id(spot.name):
        yield from _ids(spot, schema.get("maxLength"))
    if example is not None:
        yield example
    if spot.turn % 2:
        yield "".join(draws.pick(ascii_lowercase) for _ in range(_LETTERS))
    if text_style.is_moment(spot.name):
        yield make_formatted("date-time", spot.place, spot.number + spot.turn) or ""
    yield f"{spot.name} {spot.number + 1 + spot.turn}"


def _patterns(schema: Schema) -> list[str]:
    """Return the patterns that a merged schema asks for; all but the first stand in its `allOf`."""
    if "pattern" not in schema:
        return []
    found = (
        part.get("pattern") for part in (schema, *schema.get("allOf", ())) if isinstance(part, dict)
    )
    return [each for each in found if isinstance(each, str)]


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
    if not isinstance(form, str):
        return True
    # Imported here, since most texts have no format.
    from mock_server.openapi.dialects import FORMATS

    return bool(FORMATS.conforms(text, form))


def _fit_length(text: str, schema: Schema, left: int) -> str:
    if "pattern" in schema:
        return text
    text = text.ljust(min(schema.get("minLength", 0), LONGEST, max(0, left)), "x")
    return text[: schema.get("maxLength")]


def _fits(text: str, schema: Schema) -> bool:
    if len(text) < schema.get("minLength", 0) or len(text) > schema.get("maxLength", len(text)):
        return False
    return _has_format(text, schema.get("format")) and all(
        matches(text, each) for each in _patterns(schema)
    )
