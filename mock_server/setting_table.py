"""The table of settings, from which flags, environment variables and the documentation's table come."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.setting_parsers import (
    any_whole_number,
    base_path,
    chaos,
    credentials,
    fail_on,
    host,
    latency,
    log_format,
    on_violation,
    origin,
    percentage,
    rate_limit,
    replica_name,
    report_format,
    whole_number,
)
from mock_server.settings import FAIL_ON, Settings
from mock_server.shipped_overlays import overlay_path

PREFIX = "MOCK_SERVER_"

# Variables with the prefix that are no settings: of clients, of pytest's plugin and of tests.
OTHER_VARIABLES = (
    "MOCK_SERVER_URL", "MOCK_SERVER_CA", "MOCK_SERVER_COMMAND", "MOCK_SERVER_CONFORM_CREDENTIALS",
    "MOCK_SERVER_SOAK_SECONDS", "MOCK_SERVER_TEST_IMAGE",
)  # fmt: skip


def is_service_address(text: str) -> bool:
    """Tell whether a variable has what Kubernetes puts there, e.g. `tcp://10.96.0.12:8080`.

    That is in MOCK_SERVER_PORT of each container beside a Service named mock-server (kubernetes.io,
    "Service", environment variables).
    """
    return re.match("[A-Za-z]+://", text, re.ASCII) is not None


class Setting(NamedTuple):
    """A row of the table of settings: a flag, its environment variables, its default and its help.

    `name` is the field of `Settings`. `parse` turns a text into the value; None makes the flag a switch.
    `shown` is the default as the documentation words it, empty for the value itself. A setting that
    `stands_alone` is repeatable, and its value is no tuple where one is given.
    """

    name: str
    help: str
    parse: Callable[[str], Any] | None
    metavar: str = ""
    shown: str = ""
    repeatable: bool = False
    aliases: tuple[str, ...] = ()
    stands_alone: bool = False

    @property
    def flag(self) -> str:
        """The flag, e.g. `--rate-limit`."""
        return "--" + self.name.replace("_", "-")

    @property
    def is_path(self) -> bool:
        """Tell whether its value is the path of a file or folder."""
        return self.parse in (Path, overlay_path)

    @property
    def variables(self) -> tuple[str, ...]:
        """Its environment variables: the first one that is set counts; lists are split at spaces."""
        return (PREFIX + self.name.upper(), *self.aliases)

    def from_environment(self, environment: Mapping[str, str]) -> str | None:
        """Return the text of the first of its variables that is set, None where none is.

        An empty one counts as unset, and so does the address of a Service in place of a port's number.
        """
        texts = (environment.get(name, "") for name in self.variables)
        is_port = self.name == "port"
        return next((t for t in texts if t and not (is_port and is_service_address(t))), None)

    def split(self, text: str) -> list[str]:
        """Return the values in a variable's text, which is split at spaces.

        Where one value stands alone, the text is a path that may hold spaces: it is split where there
        is no such file, and each of its words is one.
        """
        if self.stands_alone and not self._names_files(text):
            return [text]
        return text.split()

    def _names_files(self, text: str) -> bool:
        words = text.split()
        try:
            paths = [self.gather([self.parse(each)]) for each in (text, *words) if self.parse]
        except ValueError:
            return False
        return len(words) > 1 and not paths[0].exists() and all(path.is_file() for path in paths[1:])

    def gather(self, values: Sequence[Any]) -> Any:
        """Return the value of a repeatable setting: a tuple, or one value where that stands alone."""
        if self.stands_alone and len(values) < 2:
            return values[0] if values else None
        return tuple(values)

    @property
    def default(self) -> Any:
        """The value where neither a flag nor a variable gives one, e.g. 8080."""
        return getattr(Settings(), self.name)


SETTINGS = (
    Setting("host", "Address to listen on.", str, "ADDRESS"),
    Setting("port", "Port to listen on; 0 takes a free one and prints it.", whole_number(0, 65535),
            "PORT", aliases=("PORT",)),
    Setting("tls_cert", "Certificate to serve HTTPS with, and those between it and its authority, in "
            "PEM.", Path, "FILE", "none: plain HTTP"),
    Setting("tls_key", "Private key of --tls-cert, in PEM and without a passphrase.", Path, "FILE",
            "none"),
    Setting("tls_self_signed", "Serve HTTPS with a certificate that is made at the start, for this "
            "machine's names, those of --host and --allow-host.", None),
    Setting("tls_ca_out", "File to write the certificate into that clients have to trust, with "
            "--tls-self-signed; '-' for standard output.", Path, "FILE", "none"),
    Setting("document", "OpenAPI 3.0 or 3.1 document to serve; several are versions of one API.", Path,
            "FILE", "the built-in one", repeatable=True, stands_alone=True),
    Setting("overlay", "Overlay to merge, or the word of an installed one: 'sequence'. "
            "The second goes with the second document, a single one with all.", overlay_path, "FILE",
            "x.overlay.yaml beside x.yaml", repeatable=True, stands_alone=True),
    Setting("base_path", "Path before all paths of the document.", base_path, "PATH",
            "from the document's servers"),
    Setting("count", "Number of records to generate in each collection.", whole_number(0, 1_000_000),
            "N"),
    Setting("seed", "Seed of the generated records.", any_whole_number, "S"),
    Setting("fixtures", "Fixture file, or folder of such, to serve instead of generated records.",
            Path, "PATH", "none", repeatable=True),
    Setting("watch", "Load the document, its overlay and fixture files again when they change.", None),
    Setting("credentials", "Client id and secret, or token, to accept, and no others.", credentials,
            "ID:SECRET", "all are accepted", repeatable=True),
    Setting("strict", "Treat unknown query parameters and members of bodies as violations.", None),
    Setting("rate_limit", "Requests in seconds that an account may send to the mocked API.", rate_limit,
            "N/SECONDS", "none"),
    Setting("chaos", "Trouble for a share of each account's requests, the same in each run, e.g. "
            "'rate=0.1 seed=7 faults=503,429,cut'.", chaos, "RULE", "none"),
    Setting("latency", "Milliseconds that each answer of the mocked API waits: 20, or 10-30, drawn by "
            "--seed.", latency, "MS", "none"),
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
    Setting("max_bodies", "Request bodies under way together, in bytes; 503 for more.", whole_number(0),
            "BYTES"),
    Setting("allow_host", "Host name by which the control API may be called, beside local ones; "
            "'*.example.com' for all names below, '*' for any.", host, "NAME", "local names only",
            repeatable=True),
    Setting("cors_origin", "Origin that browsers may call from; '*' for any.", origin, "ORIGIN",
            "none", repeatable=True),
    Setting("trust_proxy", "Believe the X-Forwarded-Proto and X-Forwarded-Host of a proxy in front, for "
            "the URLs of pages.", None),
    Setting("keep_alive", "Seconds after which an idle connection is closed.", whole_number(1, 86_400),
            "SECONDS"),
    Setting("replica_name", "Name of this server among several that share the accounts, in the header "
            "X-Mock-Replica of the control API.", replica_name, "NAME", "the host name and port"),
    Setting("log_format", "Format of the access log, 'text' or 'json'.", log_format, "FORMAT"),
    Setting("quiet", "Write no access log.", None),
    Setting("report", "File to write the verdict into at the end, '-' for standard output; the exit "
            "status is 1 if it falls short.", Path, "FILE", "none"),
    Setting("report_format", "Format of the report: text, json, junit, markdown or html.", report_format,
            "FORMAT", "by the file's suffix"),
    Setting("fail_on", "What the verdict fails on, of violations, warnings, unfired and empty (no "
            "request came), or none.",
            fail_on, "CAUSES", ",".join(FAIL_ON)),
    Setting("fail_under", "Percentage of coverage below which the verdict fails, of the operations that "
            "were called.", percentage, "PERCENT", "none"),
    Setting("fail_under_all", "Percentage of coverage below which the verdict fails, of all operations.",
            percentage, "PERCENT", "none"),
    Setting("allow_empty", "Let the verdict pass although no request came.", None),
)  # fmt: skip
