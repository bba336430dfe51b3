"""The parsers of settings, which turn the text of a flag or variable into a value.

Each returns the value, or raises ValueError with a sentence that shows the text and says what is
allowed, e.g. `70000 is not a whole number from 0 to 65535.`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mock_server.settings import (
    CAUSES,
    CHAOS_NAMES,
    CONTROL_PATH,
    LONGEST_LATENCY,
    REPORT_FORMATS,
    ChaosRule,
    Latency,
    RateLimit,
)
from mock_server.shown_text import did_you_mean, quote


def whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a parser of whole numbers from `low` to `high`, or without end where it is None."""

    def parse(text: str) -> int:
        number = any_whole_number(text)
        if number < low or (high is not None and number > high):
            bounds = f"from {low} to {high}" if high is not None else f"of at least {low}"
            raise ValueError(f"{number} is not a whole number {bounds}.")
        return number

    return parse


def any_whole_number(text: str) -> int:
    """Return a whole number of either sign and at most 18 digits, e.g. -7 for `-7`."""
    if re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII) is None:
        raise ValueError(f"{quote(text)} is not a whole number of at most 18 digits.")
    return int(text)


def base_path(text: str) -> str:
    """Return a base path, percent-decoded and without the slash at its end: `/v 1` for `/v%201/`."""
    path = unquote(text.rstrip("/"))
    is_odd = re.search(r"[\s?#]", text) or re.search(r"[{}\0]", path)
    if path and (not path.startswith("/") or "//" in path or is_odd):
        raise ValueError(f"{quote(without_credentials(text))} is not a path such as '/v1'.")
    if f"{path}/".startswith(f"{CONTROL_PATH}/"):
        raise ValueError(f"{quote(text)} is where the control API lives; choose another path.")
    return path


def credentials(text: str) -> str:
    """Return a pair of client id and secret, e.g. `demo:secret`, or a token or key, as it is.

    The secret may be empty. Of either, `@` and a version at its end pin the account to that.
    """
    if not text or text.startswith(":"):
        # The value is a secret, so the message does not show it.
        raise ValueError("the value is not of the form id:secret, and no token or key either.")
    return text


def secrets(pairs: Iterable[str], versions: Collection[str] = ()) -> dict[str, str]:
    """Return the secrets of those that are pairs, by their client ids, e.g. `{"demo": "secret"}`.

    `versions` are those that are served, which no secret has behind an `@` at its end.
    """
    unpinned = (unpin(text, versions)[0] for text in pairs)
    return dict(text.split(":", 1) for text in unpinned if ":" in text)


def unpin(text: str, versions: Collection[str]) -> tuple[str, str | None]:
    """Return credentials without the version that pins them, and that or None.

    Only a version that is served pins them: `secret@2024-07-30` else is a secret as it is.
    """
    before, _, version = text.rpartition("@")
    return (before, version) if before and version in versions else (text, None)


def origin(text: str) -> str:
    """Return an origin as browsers send it (RFC 6454), e.g. `http://localhost:3000`, or `*` for any."""
    if text != "*" and re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s/?#@]+", text) is None:
        raise ValueError(
            f"{quote(without_credentials(text))} is neither '*' nor an origin such as 'http://localhost:3000'."
        )
    return text


def rate_limit(text: str) -> RateLimit:
    """Return the limit that requests/seconds describes, e.g. `RateLimit(1500, 60)` for `1500/60`."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", text, re.ASCII)
    if found is None:
        raise ValueError(
            f"{quote(text)} is not of the form requests/seconds, such as 1500/60, with numbers of at "
            "most 6 digits."
        )
    return RateLimit(int(found[1]), int(found[2]))


def chaos(text: str) -> ChaosRule:
    """Return the rule that a text describes, e.g. `rate=0.1 seed=7 faults=503,cut`, or a part of it."""
    given: dict[str, Any] = {}
    for part in text.split():
        name, _, value = part.partition("=")
        if name not in _CHAOS or name in given:
            again = " a second time" if name in given else ""
            raise ValueError(f"{quote(part)} stands there{again}; {_CHAOS_FORM}.")
        given[name] = _CHAOS[name](value)
    if not given:
        raise ValueError(f"nothing stands there; {_CHAOS_FORM}.")
    return ChaosRule(**given)


_CHAOS_FORM = "write one or more of rate=0.1, seed=7 and faults=503,429,cut, with spaces between"


def _share(text: str) -> float:
    if re.fullmatch(r"[01]|[01]?\.[0-9]{1,9}", text, re.ASCII) is None or float(text) > 1:
        raise ValueError(f"{quote(text)} is no rate of chaos, a number from 0 to 1 such as 0.1.")
    return float(text)


def _chaos_faults(text: str) -> tuple[str, ...]:
    return tuple(chaos_fault(name) for name in text.split(","))


def chaos_fault(name: str) -> str:
    """Return the name of what chaos does to a request as it is, e.g. `503` or `cut`."""
    if name not in CHAOS_NAMES and re.fullmatch("[2-5][0-9][0-9]", name, re.ASCII) is None:
        near = did_you_mean(name, CHAOS_NAMES)
        raise ValueError(
            f"{quote(name)} is no fault of chaos{near}; name statuses such as 503, or some of "
            f"{', '.join(CHAOS_NAMES)}."
        )
    return name


_CHAOS: dict[str, Callable[[str], Any]] = {
    "rate": _share,
    "seed": any_whole_number,
    "faults": _chaos_faults,
}


def latency(text: str) -> Latency:
    """Return the milliseconds that a text names: `Latency(20, 20)` for `20`, or the two of `10-30`."""
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text, re.ASCII)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not least <= most <= LONGEST_LATENCY:
        raise ValueError(
            f"{quote(text)} is neither a number of milliseconds such as 20, nor a range from the least "
            f"to the most such as 10-30, up to {LONGEST_LATENCY}."
        )
    return Latency(least, most)


def host(text: str) -> str:
    """Return the name of a host without a port, in lower case, e.g. `mock.example`.

    `*.example` stands for all names below `example`, and `*` for any.
    """
    if re.fullmatch(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", text, re.ASCII) is None:
        raise ValueError(
            f"{quote(without_credentials(text))} is not the name of a host, without a port, nor one "
            "like '*.example.com' for all names below, or '*' for any."
        )
    return text.lower().removesuffix(".")


def on_violation(text: str) -> str:
    """Return `reject` or `record`."""
    if text not in ("reject", "record"):
        raise ValueError(f"{quote(text)} is neither 'reject' nor 'record'.")
    return text


def replica_name(text: str) -> str:
    """Return the name of a replica, e.g. `mock-server-0`; it goes into a header of each answer."""
    if re.fullmatch(r"[!-~]{1,253}", text, re.ASCII) is None:
        raise ValueError(
            f"{quote(text)} is no name of at most 253 letters, digits and signs, in ASCII and without "
            "spaces."
        )
    return text


def log_format(text: str) -> str:
    """Return `text` or `json`."""
    if text not in ("text", "json"):
        raise ValueError(f"{quote(text)} is neither 'text' nor 'json'.")
    return text


def report_format(text: str) -> str:
    """Return the name of a format of the report, e.g. `junit`."""
    if text not in REPORT_FORMATS:
        raise ValueError(f"{quote(text)} is none of {', '.join(REPORT_FORMATS)}.")
    return text


def fail_on(text: str) -> tuple[str, ...]:
    """Return what a verdict fails on, e.g. `("violations", "warnings")`, and `()` for `none`."""
    named = [] if text == "none" else [name.strip() for name in text.split(",")]
    for name in named:
        if name not in CAUSES:
            raise ValueError(f"{quote(name)} is none of {', '.join(CAUSES)}, nor 'none' alone.")
    return tuple(cause for cause in CAUSES if cause in named)


def percentage(text: str) -> float:
    """Return a number from 0 to 100, e.g. 99.5 for `99.5`."""
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", text, re.ASCII) is None or float(text) > 100:
        raise ValueError(f"{quote(text)} is not a percentage, a number from 0 to 100.")
    return float(text)


def base_url(text: str) -> str:
    """Return the URL below which the paths of an API lie, e.g. `http://127.0.0.1:8080/api`.

    Raises ValueError with a sentence for what is none.
    """
    refusal = ValueError(
        f"{quote(without_credentials(text))} is not the base URL of an API, like "
        "http://127.0.0.1:8080/api."
    )
    try:
        parts = urlsplit(text)
        if "@" in text:
            _ = parts.port  # Raises where it is none, as in `http://id:a/b@host`.
    except ValueError as error:
        # What urllib says of a wrong host or port may hold a part of a password.
        raise (refusal if "@" in text else error) from None
    if parts.username is not None:
        raise ValueError("the URL holds credentials; give them by --credentials.")
    if "@" in parts.path:
        # As in `http://id:1/2@host`, whose password has a slash.
        raise ValueError(
            "the URL has an '@' behind its host; write it as %40, and give credentials by --credentials."
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise refusal
    return text


def without_credentials(url: str) -> str:
    """Return a text that may be a URL without its user and password, e.g. `http://…@127.0.0.1:8080`.

    A password may hold any character where somebody forgot to encode it, so that all is left out that
    an `@` follows.
    """
    return re.sub(r"^([a-z][a-z0-9+.-]*:/*)?.*@", r"\1…@", url, flags=re.IGNORECASE | re.DOTALL)


def request_rate(text: str) -> float:
    """Return a number of requests a second, e.g. 0.5; raises ValueError with a sentence."""
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text, re.ASCII) is None or float(text) == 0:
        raise ValueError(f"{quote(text)} is not a number of requests a second, such as 2 or 0.5.")
    return float(text)


def shown_path(path: Path) -> str:
    """Return a path for messages; where somebody gave a URL for one, that without its credentials."""
    text = str(path)
    return without_credentials(text) if re.match(r"[a-z][a-z0-9+.-]+:/", text, re.IGNORECASE) else text
