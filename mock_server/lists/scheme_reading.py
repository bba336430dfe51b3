"""Reading schemes: what an `x-list` says, refused with the place, what is allowed and the remedy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from mock_server.lists.roles import ENDS, REQUEST_ROLES, RESPONSE_ROLES, RFC_8288, STYLES
from mock_server.lists.scheme import OVERS, Scheme
from mock_server.shown_text import did_you_mean, quote

Place = tuple[str | int, ...]

# The members of a scheme, and the fields of Scheme that they fill.
MEMBERS = {
    "style": "style", "items": "items", "cursor": "cursor", "request": "request",
    "response": "response", "headers": "headers", "end": "end", "first": "first",
    "limitDefault": "limit_default", "limitMaximum": "limit_maximum", "over": "over",
}  # fmt: skip

# What each style needs to be told by a client, one of these parameters.
_POSITIONS: Mapping[str, tuple[str, ...]] = {
    "cursor": ("after",),
    "token": ("after",),
    "page": ("page",),
    "offset": ("offset",),
}

# One of these in the answer leads on from a page of a cursor without a field, of a token, or of a URL.
_ONWARD: Mapping[str, tuple[str, ...]] = {
    "cursor": ("next", "nextUrl"),
    "token": ("next", "nextUrl"),
    "url": ("nextUrl",),
}


class SchemeError(Exception):
    """A scheme is not understood; `place` is where in it, e.g. `("request", "limt")`."""

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


def read_schemes(value: Any) -> tuple[Scheme, ...]:
    """Return the schemes of an `x-list` at the root of a document; raise SchemeError."""
    if not isinstance(value, list):
        raise SchemeError((), "it is not a list of schemes", "write `- style: …` for each")
    schemes = []
    for number, each in enumerate(value):
        try:
            schemes.append(read_scheme(each))
        except SchemeError as error:
            raise SchemeError((number, *error.place), error.message, error.remedy) from None
    return tuple(schemes)


def read_scheme(value: Any) -> Scheme:
    """Return the scheme that an `x-list` says, e.g. `{"style": "page", "request": {"page": "p"}}`.

    Raise SchemeError for one that is not understood, or by which no list could page.
    """
    if not isinstance(value, Mapping):
        raise SchemeError((), "it is not a scheme", "write a mapping with style, request and response")
    _require_known(value, MEMBERS, (), "member of a scheme")
    if "style" not in value:
        raise SchemeError((), "the scheme has no style", f"add one of {', '.join(STYLES)}")
    fields = {MEMBERS[name]: _READERS[name](member, (name,)) for name, member in value.items()}
    scheme = Scheme(**fields)
    _require_way_on(scheme)
    return scheme


def _require_known(value: Mapping[Any, Any], known: Collection[str], place: Place, what: str) -> None:
    for name in value:
        if name not in known:
            message = f"{quote(str(name))} is no {what}{did_you_mean(str(name), known)}"
            raise SchemeError((*place, str(name)), message, f"use {', '.join(known)}")


def _require_way_on(scheme: Scheme) -> None:
    """Raise SchemeError for a scheme that leads nowhere from a page, or contradicts itself."""
    if scheme.cursor is not None and scheme.style != "cursor":
        message = f"a list of style {scheme.style} has no cursor"
        raise SchemeError(("cursor",), message, "remove it, or write style: cursor")
    needed = _POSITIONS.get(scheme.style, ())
    if needed and not set(needed) & scheme.request.keys():
        message = f"style {scheme.style} needs the parameter for {needed[0]}"
        raise SchemeError(("request",), message, f"add {needed[0]}: and the parameter's name")
    onward = () if scheme.cursor is not None else _ONWARD.get(scheme.style, ())
    if onward and not set(onward) & scheme.response.keys() and RFC_8288 not in scheme.headers.values():
        message = f"nothing in the answer says how to go on, which style {scheme.style} needs"
        remedy = f"add {' or '.join(onward)} to response, or Link: {RFC_8288} to headers"
        raise SchemeError(("response",), message, remedy)
    most = scheme.limit_maximum
    if scheme.limit_default is not None and most is not None and scheme.limit_default > most:
        message = f"limitDefault {scheme.limit_default} is beyond limitMaximum {most}"
        raise SchemeError(("limitDefault",), message, "write a smaller one")


def _text(value: Any, place: Place) -> str:
    if not isinstance(value, str) or not value:
        raise SchemeError(place, "it is not a text", "write a name or a path in quotation marks")
    return value


def _path(value: Any, place: Place) -> str:
    path = _text(value, place)
    if not all(path.split(".")):
        message = f"{quote(path)} is no path into the answer"
        raise SchemeError(place, message, "write members separated by dots, e.g. data.items")
    return path


def _one_of(allowed: tuple[str, ...]) -> Callable[[Any, Place], str]:
    def read(value: Any, place: Place) -> str:
        # YAML reads `end: null` as no value at all.
        text = "null" if value is None and "null" in allowed else value
        if text not in allowed:
            message = f"{quote(str(value))} is none of {', '.join(allowed)}"
            raise SchemeError(place, message, f"write one of them{did_you_mean(str(value), allowed)}")
        return str(text)

    return read


def _whole_number(low: int, high: int) -> Callable[[Any, Place], int]:
    def read(value: Any, place: Place) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            message = f"{quote(str(value))} is no whole number from {low} to {high}"
            raise SchemeError(place, message, "write such a number")
        return value

    return read


def _by_role(roles: tuple[str, ...], kind: str) -> Callable[[Any, Place], Mapping[str, str]]:
    def read(value: Any, place: Place) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise SchemeError(place, "it is not a mapping", f"write ROLE: {kind} for {', '.join(roles)}")
        _require_known(value, roles, place, "role")
        read_value = _path if kind == "PATH" else _text
        named = {role: read_value(name, (*place, role)) for role, name in value.items()}
        for role, name in named.items():
            first = next(each for each, other in named.items() if other == name)
            if first != role:
                message = f"{quote(name)} cannot be both {first} and {role}"
                raise SchemeError((*place, role), message, "remove one of them")
        return named

    return read


def _headers(value: Any, place: Place) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise SchemeError(place, "it is not a mapping", "write NAME: ROLE, e.g. X-Total-Count: total")
    allowed = (RFC_8288, *RESPONSE_ROLES)
    for name, said in value.items():
        _require_header_name(name, place)
        if said not in allowed:
            message = f"{quote(str(said))} is nothing that a header can say"
            raise SchemeError((*place, str(name)), message, f"use {', '.join(allowed)}")
    return dict(value)


def _require_header_name(name: Any, place: Place) -> None:
    if not isinstance(name, str) or not name.isascii() or not name.replace("-", "").isalnum():
        message = f"{quote(str(name))} is no name of a header"
        raise SchemeError((*place, str(name)), message, "use letters, digits and dashes")


_READERS: Mapping[str, Callable[[Any, Place], Any]] = {
    "style": _one_of(STYLES),
    "items": _path,
    "cursor": _text,
    "request": _by_role(REQUEST_ROLES, "NAME"),
    "response": _by_role(RESPONSE_ROLES, "PATH"),
    "headers": _headers,
    "end": _one_of(ENDS),
    "first": _whole_number(0, 1),
    "limitDefault": _whole_number(1, 10_000),
    "limitMaximum": _whole_number(1, 10_000),
    "over": _one_of(OVERS),
}
