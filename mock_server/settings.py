"""The settings of a server: their table, from which flags and variables come, and their parsers.

A parser takes the text of a flag or variable. It returns the value, or raises ValueError with a sentence
that shows the text and says what is allowed, e.g. `70000 is not a whole number from 0 to 65535.`
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "MOCK_SERVER_"

# The path of the control API, which no path of a document may lie below.
CONTROL_PATH = "/_mock"

# What can make a verdict fail, and what does by default.
CAUSES = ("violations", "warnings", "unfired")
FAIL_ON = ("violations", "unfired")

# The client id that names the journal of requests without a valid account; it never is an account.
ANONYMOUS = "anonymous"

# The client id that acts for requests without credentials, where the document asks for none.
DEFAULT = "default"

# Client ids that always get one answer, whatever they ask for; see README, "Reserved client ids".
RESERVED = (ANONYMOUS, "unauthorized", "forbidden", "throttled", "broken", "slow")


def is_below(path: str, base: str) -> bool:
    """Tell whether a path is the base path or lies below it, e.g. `/_mock/health` below `/_mock`."""
    return path == base or path.startswith(f"{base}/")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A limit of `requests` in any `seconds`, e.g. `RateLimit(1500, 60)`; as text `1500/60`."""

    requests: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.requests}/{self.seconds}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one server, by the names of the table `SETTINGS`, which says what each means.

    None means: no document but the built-in one, the overlay beside the document, the document's own
    base path, no rate limit, no report, no bound for the coverage. `keep_alive` is in seconds,
    `max_body` and `max_control_body` are in bytes, `fail_under` is a percentage. E.g.
    `Settings(port=0, count=500, rate_limit=RateLimit(1500, 60))`.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    document: Path | None = None
    overlay: Path | None = None
    base_path: str | None = None
    count: int = 100
    seed: int = 0
    fixtures: tuple[Path, ...] = ()
    watch: bool = False
    credentials: tuple[str, ...] = ()
    strict: bool = False
    rate_limit: RateLimit | None = None
    max_accounts: int = 10_000
    max_records: int = 2_000_000
    journal_size: int = 1_000
    max_journal: int = 100_000
    on_violation: str = "reject"
    max_body: int = 1024 * 1024
    max_control_body: int = 64 * 1024 * 1024
    allow_host: tuple[str, ...] = ()
    cors_origin: tuple[str, ...] = ()
    keep_alive: int = 75
    log_format: str = "text"
    quiet: bool = False
    report: Path | None = None
    fail_on: tuple[str, ...] = FAIL_ON
    fail_under: float | None = None


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
        raise ValueError(f"'{text[:60]}' is not a whole number of at most 18 digits.")
    return int(text)


def base_path(text: str) -> str:
    """Return a base path without the slash at its end, e.g. `/v1` for `/v1/`; empty for `/`."""
    path = text.rstrip("/")
    if path and (not path.startswith("/") or "//" in path or re.search(r"[\s?#{}]", path)):
        raise ValueError(f"'{text[:60]}' is not a path such as '/v1'.")
    if f"{path}/".startswith(f"{CONTROL_PATH}/"):
        raise ValueError(f"'{text[:60]}' is where the control API lives; choose another path.")
    return path


def credentials(text: str) -> str:
    """Return a pair of client id and secret as it is, e.g. `demo:secret`; the secret may be empty."""
    client_id, colon, _ = text.partition(":")
    if not client_id or not colon:
        # The value is a secret, so the message does not show it.
        raise ValueError("the value is not of the form id:secret.")
    return text


def origin(text: str) -> str:
    """Return an origin as browsers send it (RFC 6454), e.g. `http://localhost:3000`, or `*` for any."""
    if text != "*" and re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s/?#]+", text) is None:
        raise ValueError(f"'{text[:60]}' is neither '*' nor an origin such as 'http://localhost:3000'.")
    return text


def rate_limit(text: str) -> RateLimit:
    """Return the limit that requests/seconds describes, e.g. `RateLimit(1500, 60)` for `1500/60`."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", text, re.ASCII)
    if found is None:
        raise ValueError(
            f"'{text[:60]}' is not of the form requests/seconds, such as 1500/60, with numbers of at "
            "most 6 digits."
        )
    return RateLimit(int(found[1]), int(found[2]))


def host(text: str) -> str:
    """Return the name of a host without a port, in lower case, e.g. `mock.example`."""
    if re.fullmatch(r"[A-Za-z0-9._-]+", text, re.ASCII) is None:
        raise ValueError(f"'{text[:60]}' is not the name of a host, without a port.")
    return text.lower()


def on_violation(text: str) -> str:
    """Return `reject` or `record`."""
    if text not in ("reject", "record"):
        raise ValueError(f"'{text[:60]}' is neither 'reject' nor 'record'.")
    return text


def log_format(text: str) -> str:
    """Return `text` or `json`."""
    if text not in ("text", "json"):
        raise ValueError(f"'{text[:60]}' is neither 'text' nor 'json'.")
    return text


def fail_on(text: str) -> tuple[str, ...]:
    """Return what a verdict fails on, e.g. `("violations", "warnings")`, and `()` for `none`."""
    named = [] if text == "none" else [name.strip() for name in text.split(",")]
    for name in named:
        if name not in CAUSES:
            raise ValueError(f"'{name[:60]}' is none of {', '.join(CAUSES)}, nor 'none' alone.")
    return tuple(cause for cause in CAUSES if cause in named)


def percentage(text: str) -> float:
    """Return a number from 0 to 100, e.g. 99.5 for `99.5`."""
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", text, re.ASCII) is None or float(text) > 100:
        raise ValueError(f"'{text[:60]}' is not a percentage, a number from 0 to 100.")
    return float(text)


def base_url(text: str) -> str:
    """Return the URL below which the paths of an API lie, e.g. `http://127.0.0.1:8080/api`.

    Raises ValueError with a sentence for what is none.
    """
    parts = urlsplit(text)
    if parts.username is not None:
        # The value holds a secret, so the message does not show it.
        raise ValueError("the URL holds credentials; give them by --credentials.")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"'{text[:60]}' is not the base URL of an API, like http://127.0.0.1:8080/api.")
    return text


def request_rate(text: str) -> float:
    """Return a number of requests a second, e.g. 0.5; raises ValueError with a sentence."""
    if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text, re.ASCII) is None or float(text) == 0:
        raise ValueError(f"'{text[:60]}' is not a number of requests a second, such as 2 or 0.5.")
    return float(text)


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table of settings: a flag, its environment variables, its default and its help.

    `name` is the field of `Settings`. `parse` turns a text into the value; None makes the flag a switch.
    `shown` is the default as the documentation words it, empty for the value itself.
    """

    name: str
    help: str
    parse: Callable[[str], Any] | None
    metavar: str = ""
    shown: str = ""
    repeatable: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """The flag, e.g. `--rate-limit`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variables(self) -> tuple[str, ...]:
        """Its environment variables: the first one that is set counts; lists are split at spaces."""
        return (PREFIX + self.name.upper(), *self.aliases)

    @property
    def default(self) -> Any:
        """The value where neither a flag nor a variable gives one, e.g. 8080."""
        return getattr(Settings(), self.name)


SETTINGS = (
    Setting("host", "Address to listen on.", str, "ADDRESS"),
    Setting("port", "Port to listen on; 0 takes a free one and prints it.", whole_number(0, 65535),
            "PORT", aliases=("PORT",)),
    Setting("document", "OpenAPI 3.0 document to serve.", Path, "FILE", "the built-in one"),
    Setting("overlay", "Overlay to merge into the document.", Path, "FILE",
            "x.overlay.yaml beside x.yaml"),
    Setting("base_path", "Path before all paths of the document.", base_path, "PATH",
            "from the document's servers"),
    Setting("count", "Number of records to generate in each collection.", whole_number(0, 1_000_000),
            "N"),
    Setting("seed", "Seed of the generated records.", any_whole_number, "S"),
    Setting("fixtures", "Fixture file, or folder of such, to serve instead of generated records.",
            Path, "PATH", "none", repeatable=True),
    Setting("watch", "Load changed fixture files again.", None),
    Setting("credentials", "Client id and secret to accept, and no others.", credentials, "ID:SECRET",
            "every pair is accepted", repeatable=True),
    Setting("strict", "Treat unknown query parameters as violations.", None),
    Setting("rate_limit", "Requests in seconds that an account may send to the mocked API.", rate_limit,
            "N/SECONDS", "none"),
    Setting("max_accounts", "Accounts to keep; the least recently used go first.",
            whole_number(1, 10_000_000), "N"),
    Setting("max_records", "Records in the changed copies of all accounts together.", whole_number(0),
            "N"),
    Setting("journal_size", "Requests to keep in an account's journal; 0 turns it off.",
            whole_number(0, 10_000_000), "N"),
    Setting("max_journal", "Requests to keep in the journals of all accounts together.",
            whole_number(0, 10_000_000), "N"),
    Setting("on_violation", "Answer requests with violations 400 ('reject'), or without what is wrong "
            "('record').", on_violation, "DO"),
    Setting("max_body", "Largest request body, in bytes.", whole_number(0), "BYTES"),
    Setting("max_control_body", "Largest request body of the control API, in bytes.", whole_number(0),
            "BYTES"),
    Setting("allow_host", "Host name by which the control API may be called, beside local ones.", host,
            "NAME", "local names only", repeatable=True),
    Setting("cors_origin", "Origin that browsers may call from; '*' for any.", origin, "ORIGIN",
            "none", repeatable=True),
    Setting("keep_alive", "Seconds after which an idle connection is closed.", whole_number(1, 86_400),
            "SECONDS"),
    Setting("log_format", "Format of the access log, 'text' or 'json'.", log_format, "FORMAT"),
    Setting("quiet", "Write no access log.", None),
    Setting("report", "File to write the verdict into at the end, '-' for standard output; the exit "
            "status is 1 if it falls short.", Path, "FILE", "none"),
    Setting("fail_on", "What the verdict fails on, of violations, warnings and unfired, or none.",
            fail_on, "CAUSES", ",".join(FAIL_ON)),
    Setting("fail_under", "Percentage of coverage below which the verdict fails.", percentage,
            "PERCENT", "none"),
)  # fmt: skip
