"""Schemes: how an API's lists page, in words of its own, as `x-list` or the built-in schemes say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# What happens to a limit beyond the maximum.
OVERS = ("refuse", "clamp")

# Places of the records: the answer itself, and its only array.
WHOLE_ANSWER = "$"
AUTO = "auto"


def items_path(place: Sequence[str]) -> str:
    """Return the path of a place of records, e.g. `data.items` for `("data", "items")`."""
    return ".".join(place) or WHOLE_ANSWER


@dataclass(frozen=True, slots=True)
class Scheme:
    """How lists page.

    - `items`: the path of the records in the answer, e.g. `data.items`; WHOLE_ANSWER or AUTO
    - `cursor`: the field of the records whose value is the cursor; None for opaque cursors
    - `request`: the names of query parameters by their roles, e.g. `{"limit": "per_page"}`
    - `response`: paths into the answer by their roles, e.g. `{"next": "pagination.after"}`
    - `headers`: what a header says, a role or RFC_8288, by its name
    - `end`: one of `roles.ENDS`; None for what the answer's schema admits
    - `first`: the number of the first page, None for the parameter's default, or else 1
    - `limit_default`, `limit_maximum`: None for what the parameter's schema says
    """

    style: str
    items: str = AUTO
    cursor: str | None = None
    request: Mapping[str, str] = field(default_factory=dict)
    response: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    end: str | None = None
    first: int | None = None
    limit_default: int | None = None
    limit_maximum: int | None = None
    over: str = OVERS[0]
