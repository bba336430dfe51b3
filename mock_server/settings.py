"""Settings: one table of what can be set, from which flags, variables and documentation come."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "MOCK_SERVER_"

# Where the control API lives; no path of a document may.
CONTROL_PATH = "/_mock"

# What can fail a verdict, and what does unless other things are named.
CAUSES = ("violations", "warnings", "unfired")
FAIL_ON = ("violations", "unfired")


# The client id that names the journal of requests without a valid account; who sends it has none.
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
    """At most `requests` in any `seconds`."""

    requests: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.requests}/{self.seconds}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is started with."""

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
    """Return a parser of whole numbers within bounds, which raises ValueError with a sentence."""

    def parse(text: str) -> int:
        number = any_whole_number(text)
        if number < low or (high is not None and number > high):
            bounds = f"from {low} to {high}" if high is not None else f"of at least {low}"
            raise ValueError(f"{number} is not a whole number {bounds}.")
        return number

    return parse


def any_whole_number(text: str) -> int:
    """Return a whole number of either sign, e.g. -3; raises ValueError with a sentence."""
    if re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII) is None:
        raise ValueError(f"'{text[:60]}' is not a whole number of at most 18 digits.")
    return int(text)


def base_path(text: str) -> str:
    """Return a base path without the slash at its end, e.g. `/v1`; empty for none."""
    path = text.rstrip("/")
    if path and (not path.startswith("/") or "//" in path or re.search(r"[\s?#{}]", path)):
        raise ValueError(f"'{text[:60]}' is not a path such as '/v1'.")
    if f"{path}/".startswith(f"{CONTROL_PATH}/"):
        raise ValueError(f"'{text[:60]}' is where the control API lives; choose another path.")
    return path


def credentials(text: str) -> str:
    """Return client id and secret as they are, e.g. `demo:secret`; the secret may be empty."""
    client_id, colon, _ = text.partition(":")
    if not client_id or not colon:
        # The value is a secret, so the message does not show it.
        raise ValueError("the value is not of the form id:secret.")
    return text


def origin(text: str) -> str:
    """Return an origin as browsers send it (RFC 6454), or `*` for any."""
    if text != "*" and re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s/?#]+", text) is None:
        raise ValueError(f"'{text[:60]}' is neither '*' nor an origin such as 'http://localhost:3000'.")
    return text


def rate_limit(text: str) -> RateLimit:
    """Return so many requests in so many seconds, e.g. for `1500/60`."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", text, re.ASCII)
    if found is None:
        raise ValueError(
            f"'{text[:60]}' is not of the form requests/seconds, such as 1500/60, with numbers of at "
            "most 6 digits."
        )
    return RateLimit(int(found[1]), int(found[2]))


def host(text: str) -> str:
    """Return the name of a host in lower case, as it stands in a Host header without the port."""
    if re.fullmatch(r"[A-Za-z0-9._-]+", text, re.ASCII) is None:
        raise ValueError(f"'{text[:60]}' is not the name of a host, without a port.")
    return text.lower()


def on_violation(text: str) -> str:
    """Return `reject` or `record`; raises ValueError for anything else."""
    if text not in ("reject", "record"):
        raise ValueError(f"'{text[:60]}' is neither 'reject' nor 'record'.")
    return text


def log_format(text: str) -> str:
    """Return `text` or `json`; raises ValueError for anything else."""
    if text not in ("text", "json"):
        raise ValueError(f"'{text[:60]}' is neither 'text' nor 'json'.")
    return text


def fail_on(text: str) -> tuple[str, ...]:
    """Return the causes for which a verdict fails, e.g. for `violations,warnings`; none for `none`."""
    named = [] if text == "none" else [name.strip() for name in text.split(",")]
    for name in named:
        if name not in CAUSES:
            raise ValueError(f"'{name[:60]}' is none of {', '.join(CAUSES)}, nor 'none' alone.")
    return tuple(cause for cause in CAUSES if cause in named)


def percentage(text: str) -> float:
    """Return a number from 0 to 100, e.g. 79.5; raises ValueError with a sentence."""
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
    """A row of the table; `parse` turns a text into the value or raises ValueError.

    Without `parse` it is a switch. `shown` is the default as the documentation words it.
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
        """Return the flag of the command line, e.g. `--base-path`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the environment variables; the first that is set counts, a repeatable one is split."""
        return (PREFIX + self.name.upper(), *self.aliases)

    @property
    def default(self) -> Any:
        """Return the value that counts where neither the flag nor a variable is given."""
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
