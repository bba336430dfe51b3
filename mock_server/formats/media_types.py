"""Media types: the names of JSON and YAML, and what an Accept header asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
YAML = "application/yaml"

# YAML by all its names: those from before it was registered (RFC 9512 section 2.1) are still in use.
YAML_NAMES = (YAML, "application/x-yaml", "text/yaml", "text/x-yaml")

# RFC 6839 section 3.1: types with the suffix are JSON too, e.g. `application/problem+json`.
_ANY_JSON = re.compile(r"application/(.+\+)?json")


def without_parameters(media_type: str) -> str:
    """Return a type in lower case without its parameters: `text/yaml` for `Text/YAML; charset=utf-8`."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Tell whether a type is JSON or a format in JSON, e.g. `application/problem+json`."""
    return _ANY_JSON.fullmatch(without_parameters(media_type)) is not None


@lru_cache(maxsize=64)
def admits(accept: str, media_types: tuple[str, ...]) -> bool:
    """Tell whether an Accept header admits one of the types (RFC 9110 section 12.5.1)."""
    return preferred(accept, media_types) is not None


def preferred(accept: str, media_types: Sequence[str]) -> str | None:
    """Return the type of the highest quality, the first of several; None if none is admitted.

    The most specific range decides about a type; one of a format in JSON counts as one of JSON. E.g.
    `text/yaml` of `application/json` and `text/yaml` for `application/json;q=0.5, */*`.
    """
    qualities = _qualities(accept)
    if not qualities:
        return media_types[0]
    best = max(media_types, key=lambda media_type: _quality_of(qualities, media_type))
    return best if _quality_of(qualities, best) > 0 else None


def names(accept: str, media_type: str) -> bool:
    """Tell whether an Accept header asks for a type, e.g. `text/html`, and not for just any."""
    return _quality_of(_qualities(accept) | {"*/*": 0}, media_type) > 0


def _qualities(accept: str) -> dict[str, float]:
    """Return the quality of each range of an Accept header, e.g. `{"text/*": 0.5}`.

    Parameters such as `charset=utf-8` and texts that are no media range are ignored. Java sends `q=.2`,
    so a quality is read leniently.
    """
    qualities: dict[str, float] = {}
    for media_range in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
        if "/" in media_type:
            qualities[media_type] = max(_quality(parameters), qualities.get(media_type, 0))
    return qualities


def _quality_of(qualities: Mapping[str, float], media_type: str) -> float:
    if media_type in qualities:
        return qualities[media_type]
    if is_json(media_type):
        # Clients name formats of a vendor, e.g. `application/vnd.api+json`, where documents say JSON.
        best = max((quality for each, quality in qualities.items() if is_json(each)), default=0)
        if best > 0:
            return best
    ranges = (f"{media_type.partition('/')[0]}/*", "*/*")
    return next((qualities[each] for each in ranges if each in qualities), 0)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 1
    return 1
