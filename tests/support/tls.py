"""What speaks TLS: a server with a certificate of its own, bare sockets to it, and files of certificates."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mock_server import local_server, trust
from mock_server.local_server import LocalServer
from mock_server.settings import Settings
from tests.support import wire


@contextmanager
def serving(**settings: object) -> Iterator[LocalServer]:
    given = {"port": 0, "tls_self_signed": True, **settings}
    with local_server.run(Settings(**given)) as server:  # type: ignore[arg-type]
        yield server


def connect(server: LocalServer) -> ssl.SSLSocket:
    """A connection whose certificate is verified as strictly as Python 3.13 does it."""
    context = trust.context(server.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context.wrap_socket(plain(server), server_hostname="127.0.0.1")


def exchange(server: LocalServer, sent: bytes) -> wire.Answer:
    with connect(server) as connection:
        connection.sendall(sent)
        return wire.read(connection)


def plain(server: LocalServer) -> socket.socket:
    """A connection that does not speak TLS by itself."""
    return wire.connect(server.url.replace("https:", "http:"))


def write_certificate(
    folder: Path, *names: str, until: int = 2037, password: bytes | None = None
) -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key; gives their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "own")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2001, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(until, 1, 1, tzinfo=UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    paths = folder / "own.pem", folder / "own.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encryption: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, encryption))
    return paths
