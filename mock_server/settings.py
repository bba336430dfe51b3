"""The settings of a server, and the names that every package shares."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# The path of the control API, which no path of a document may lie below.
CONTROL_PATH = "/_mock"

# How the image's health check names itself, so that the log need not mention it.
HEALTH_CHECK_AGENT = "mock-server-healthcheck"

# The formats in which a verdict is written.
REPORT_FORMATS = ("text", "json", "junit", "markdown", "html")

# The cause of a verdict over no request at all.
EMPTY = "empty"

# What can make a verdict fail, and what does by default.
CAUSES = ("violations", "warnings", "unfired", EMPTY)
FAIL_ON = ("violations", "unfired", EMPTY)

# The client id that names the journal of requests without a valid account; it never is an account.
ANONYMOUS = "anonymous"

# The client id that acts for requests without credentials, where the document asks for none.
DEFAULT = "default"

# Client ids that always get one answer, whatever they ask for; see docs/reference/faults.md.
RESERVED = (ANONYMOUS, "unauthorized", "forbidden", "throttled", "broken", "slow")


def causes(fail_on: Iterable[str], *, allow_empty: bool) -> tuple[str, ...]:
    """Return what a verdict fails on, without `empty` where that is allowed, e.g. `("warnings",)`."""
    return tuple(cause for cause in fail_on if not (allow_empty and cause == EMPTY))


# The most violations of a body, or problems with files, that are looked for and listed.
LISTED = 1_000


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


# The names of what chaos does to a request, beside statuses such as `503`: cuts of the connection, a
# delay, and the broken pages of scripted faults.
CHAOS_NAMES = (
    "cut", "reset", "truncate", "stall", "delay",
    "repeat-cursor", "empty-cursor", "null-cursors", "empty-page", "short-page", "duplicate-item",
    "wrong-total", "expired-cursor", "missing-next", "repeat-page", "wrong-more", "wrong-pages",
)  # fmt: skip

# What it does where nothing is named: what a client with retries survives.
CHAOS_FAULTS = ("503", "429", "500", "502", "cut", "delay")
CHAOS_RATE = 0.1


@dataclass(frozen=True, slots=True)
class ChaosRule:
    """Trouble for a share of an account's requests: `rate` is from 0 to 1, `faults` are names.

    As text `rate=0.1 seed=7 faults=503,cut`.
    """

    rate: float = CHAOS_RATE
    seed: int = 0
    faults: tuple[str, ...] = CHAOS_FAULTS

    def __str__(self) -> str:
        rate = f"{self.rate:.9f}".rstrip("0").rstrip(".")
        return f"rate={rate} seed={self.seed} faults={','.join(self.faults)}"


@dataclass(frozen=True, slots=True)
class Latency:
    """How many milliseconds answers wait, e.g. `Latency(10, 30)`; as text `10-30`."""

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}-{self.most}"


# The longest wait of an answer, in milliseconds.
LONGEST_LATENCY = 60_000


class Standard(NamedTuple):
    """What a verdict has to meet: it falls short by any of the causes, and by less coverage.

    `fail_under` is the least coverage of the operations that were called, and `fail_under_all` that of
    all operations, in percent; None asks for none.
    """

    fail_on: Collection[str] = FAIL_ON
    fail_under: float | None = None
    fail_under_all: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one server, by the names that `setting_table` explains.

    None means: no certificate and no file for one, no document but the built-in one, the overlay beside
    the document, the document's own base path, no rate limit, no chaos, no latency, the host name and
    port as the replica's name, no report, its format by the file's suffix, no bound for the coverage.
    `document` and `overlay` are tuples where there are several. `keep_alive` is in seconds, `max_body`,
    `max_control_body` and `max_bodies` are in bytes, `fail_under` and `fail_under_all` are percentages.
    E.g. `Settings(port=0, count=500, rate_limit=RateLimit(1500, 60))`.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_self_signed: bool = False
    tls_ca_out: Path | None = None
    document: Path | tuple[Path, ...] | None = None
    overlay: Path | tuple[Path, ...] | None = None
    base_path: str | None = None
    count: int = 100
    seed: int = 0
    fixtures: tuple[Path, ...] = ()
    watch: bool = False
    credentials: tuple[str, ...] = ()
    strict: bool = False
    rate_limit: RateLimit | None = None
    chaos: ChaosRule | None = None
    latency: Latency | None = None
    max_accounts: int = 10_000
    max_records: int = 2_000_000
    journal_size: int = 1_000
    max_journal: int = 100_000
    on_violation: str = "reject"
    max_body: int = 1024 * 1024
    max_control_body: int = 64 * 1024 * 1024
    max_bodies: int = 256 * 1024 * 1024
    allow_host: tuple[str, ...] = ()
    cors_origin: tuple[str, ...] = ()
    trust_proxy: bool = False
    keep_alive: int = 75
    replica_name: str | None = None
    log_format: str = "text"
    quiet: bool = False
    report: Path | None = None
    report_format: str | None = None
    fail_on: tuple[str, ...] = FAIL_ON
    fail_under: float | None = None
    fail_under_all: float | None = None
    allow_empty: bool = False

    @property
    def documents(self) -> tuple[Path, ...]:
        """The documents that were given, in their order; empty for the built-in one."""
        return as_paths(self.document)

    @property
    def overlays(self) -> tuple[Path, ...]:
        """The overlays that were given, in their order."""
        return as_paths(self.overlay)


def as_paths(value: Path | tuple[Path, ...] | None) -> tuple[Path, ...]:
    """Return what `document` or `overlay` of the settings holds as a tuple; empty for None."""
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)
