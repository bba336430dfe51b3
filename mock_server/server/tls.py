"""The TLS of a server: its certificate, by the settings, as a context for its connections."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mock_server.problems import CannotServe, Problem
from mock_server.setting_parsers import shown_path
from mock_server.settings import Settings

if TYPE_CHECKING:
    from mock_server.server.certificates import Identity

# A chain of certificates has some thousand bytes.
_LARGEST_FILE = 1_000_000

# The names of this machine and those by which containers reach it, with Docker and with Podman.
_LOCAL_NAMES = (
    "localhost", "127.0.0.1", "::1", "host.docker.internal", "host.containers.internal",
)  # fmt: skip

# Addresses for documentation (RFC 5737 and RFC 3849), which a route leads to all the same.
_FAR_AWAY = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))

_DNS_NAME = r"(?=.{1,253}\Z)(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*"


class Tls(NamedTuple):
    """What a server needs to speak TLS.

    `ca` is the certificate, in PEM, that clients have to trust, None where files gave the server's own.
    `names` are the hosts that the server's certificate is valid for. `warning` says that it has expired,
    or is not valid yet; None for neither.
    """

    context: ssl.SSLContext
    ca: bytes | None
    names: frozenset[str]
    warning: str | None

    def reachable(self, host: str) -> str:
        """Return a name of this machine that the certificate is valid for: an address, or localhost."""
        is_local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
        return "localhost" if is_local and host not in self.names and "localhost" in self.names else host


def load(settings: Settings) -> Tls | None:
    """Return the TLS that settings ask for, None where they ask for none.

    Raises CannotServe for settings that exclude or need each other, and for unusable files.
    """
    problem = _contradiction(settings)
    if problem is not None:
        raise CannotServe([problem])
    if settings.tls_self_signed:
        from mock_server.server import certificates

        identity, ca = certificates.sign(_known_names(settings))
        return Tls(_context(identity), ca, identity.names, None)
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    return _from_files(settings.tls_cert, settings.tls_key)


def _contradiction(settings: Settings) -> Problem | None:
    own, cert, key = settings.tls_self_signed, settings.tls_cert, settings.tls_key
    if own and (cert or key):
        given = "--tls-cert" if cert else "--tls-key"
        return Problem(given, "--tls-self-signed makes a certificate of its own", "give one of both")
    if cert and not key:
        return Problem("--tls-cert", "it needs --tls-key, its private key", "give both, or neither")
    if key and not cert:
        return Problem("--tls-key", "it needs --tls-cert, its certificate", "give both, or neither")
    if settings.tls_ca_out and not own:
        message = "only --tls-self-signed makes the certificate that it writes"
        return Problem("--tls-ca-out", message, "give both, or neither")
    return None


def _from_files(cert: Path, key: Path) -> Tls:
    from mock_server.server import certificates

    chain, secret = _read(cert, "--tls-cert"), _read(key, "--tls-key")
    try:
        identity = certificates.read(chain, secret)
        context = _context(identity)
    except certificates.Unusable as error:
        file = cert if "--tls-cert holds" in str(error) else key
        problem = Problem(shown_path(file), str(error), error.remedy)
    except ssl.SSLError as error:
        reason = (error.reason or "unknown reason").replace("_", " ").lower()
        remedy = "give one with an RSA key of at least 2048 bits, or an EC key"
        problem = Problem(shown_path(cert), f"OpenSSL refuses the certificate ({reason})", remedy)
    else:
        return Tls(context, None, identity.names, _time_warning(cert, identity))
    raise CannotServe([problem])


def _read(path: Path, flag: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        reason = "it is larger than a megabyte" if len(content) > _LARGEST_FILE else None
    except (OSError, ValueError) as error:  # ValueError for a NUL in the path.
        reason = getattr(error, "strerror", None) or "the path holds NUL"
    if reason is None:
        return content
    problem = Problem(shown_path(path), f"it cannot be read as {flag} ({reason})", "give a file in PEM")
    raise CannotServe([problem])


def _time_warning(cert: Path, identity: Identity) -> str | None:
    now = datetime.now(UTC)
    if now > identity.ends:
        when = f"has expired on {identity.ends:%Y-%m-%d}"
    elif now < identity.begins:
        when = f"is not valid before {identity.begins:%Y-%m-%d}"
    else:
        return None
    return f"the certificate {shown_path(cert)} {when}; clients that check it will refuse it."


def _known_names(settings: Settings) -> list[str]:
    """Return the hosts by which clients may reach the server, e.g. `["localhost", "127.0.0.1"]`.

    They are this machine's own, the one to listen on, and those of --allow-host.
    """
    listens_everywhere = settings.host in ("", "0.0.0.0", "::")  # noqa: S104
    given = [*_own_addresses()] if listens_everywhere else [settings.host.partition("%")[0]]
    found = [*_LOCAL_NAMES, socket.gethostname(), *given, *settings.allow_host]
    names = (name.lower().removesuffix(".") for name in found)
    return list(dict.fromkeys(name for name in names if _is_address(name) or _is_dns_name(name)))


def _own_addresses() -> Iterator[str]:
    """Yield the addresses by which this machine would send to others; nothing is sent."""
    for family, far_away in _FAR_AWAY:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((far_away, 9))
            yield asking.getsockname()[0]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_dns_name(text: str) -> bool:
    return re.fullmatch(_DNS_NAME, text, re.ASCII) is not None


def _context(identity: Identity) -> ssl.SSLContext:
    """Return a context with a certificate; raise SSLError where OpenSSL refuses its key."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # Clients that offer HTTP/2 too, such as curl and Java's, learn that it is not spoken here.
    context.set_alpn_protocols(["http/1.1"])
    password = os.urandom(32).hex()
    with _briefly_in_file(identity.encrypted(password.encode())) as path:
        context.load_cert_chain(path, password=password)
    return context


@contextmanager
def _briefly_in_file(content: bytes) -> Iterator[str]:
    """Give the path of a file with this content, since `ssl` reads a key from nothing else.

    On Linux the file is in memory alone; elsewhere it is one that nobody else may read.
    """
    if sys.platform == "linux" and os.path.isdir("/proc/self/fd"):
        with open(os.memfd_create("mock_server"), "wb") as file:
            file.write(content)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    from tempfile import TemporaryDirectory

    # A folder of which its module makes sure that nobody else may look into it.
    with TemporaryDirectory() as folder:
        path = Path(folder, "key.pem")
        path.touch(mode=0o600)
        path.write_bytes(content)
        yield str(path)
