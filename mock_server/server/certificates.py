"""Certificates: made for a server that signs its own, and checked where files give them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The years in which a certificate made here is valid. They are fixed, so that clients whose clock is
# wrong or set by a test accept it too. Apple limits certificates to 825 days that begin after July 2019
# (https://support.apple.com/en-us/103769); a time of 32 bits ends in January 2038.
_VALID_FROM = datetime(2000, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2038, 1, 1, tzinfo=UTC)

# The longest common name (RFC 5280, appendix A, ub-common-name).
_LONGEST_NAME = 64


class Unusable(Exception):
    """A certificate or a key that no server can use; the message says why, and what to give."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its private key, which no message and no `repr` shows.

    `chain` is in PEM, the server's certificate first. `names` are those that it is valid for, e.g.
    `{"localhost", "127.0.0.1"}`; `begins` and `ends` are when.
    """

    chain: bytes
    names: frozenset[str]
    begins: datetime
    ends: datetime
    _key: Any

    def __repr__(self) -> str:
        return f"Identity({sorted(self.names)})"

    def encrypted(self, password: bytes) -> bytes:
        """Return the chain and the private key in PEM; the key can only be read with the password."""
        encrypted: bytes = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password),
        )
        return self.chain + encrypted


def read(chain: bytes, key: bytes) -> Identity:
    """Return what files in PEM hold; raise Unusable where they do not fit together."""
    private = _read_key(key)
    try:
        found = x509.load_pem_x509_certificates(chain)
    except ValueError:
        message = "the file of --tls-cert holds no certificate in PEM"
        raise Unusable(message, "give one that has '-----BEGIN CERTIFICATE-----'") from None
    leaf = found[0]
    if _public(leaf) != _public(private):
        message = "the private key of --tls-key is not that of the first certificate of --tls-cert"
        raise Unusable(message, "give the key that the certificate was made with")
    pem = b"".join(each.public_bytes(serialization.Encoding.PEM) for each in found)
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    return Identity(pem, frozenset(_names(leaf)), begins, ends, private)


def _read_key(key: bytes) -> Any:
    try:
        return serialization.load_pem_private_key(key, None)
    except TypeError:
        message = "the private key of --tls-key is encrypted"
        remedy = "give it without a passphrase, as 'openssl pkey -in FILE -out PLAIN' writes it"
    except (ValueError, UnsupportedAlgorithm):
        # What the library says may hold a part of the key.
        message = "the file of --tls-key holds no private key in PEM"
        remedy = "give one that has '-----BEGIN PRIVATE KEY-----'"
    raise Unusable(message, remedy)


def _public(owner: Any) -> bytes:
    encoded: bytes = owner.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _names(certificate: x509.Certificate) -> Iterable[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return
    yield from found.get_values_for_type(x509.DNSName)
    yield from map(str, found.get_values_for_type(x509.IPAddress))


def sign(names: Sequence[str]) -> tuple[Identity, bytes]:
    """Return a new certificate for hosts and addresses, and that of its authority in PEM.

    The authority's private key is kept nowhere, so that it never signs another. What the extensions
    have to be is said in RFC 5280, section 4.2; Python 3.13 and later hold to it
    (`ssl.VERIFY_X509_STRICT`).
    """
    signing_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    key_id = x509.SubjectKeyIdentifier.from_public_key(signing_key.public_key())
    # Several authorities in one store of a client differ by their names.
    issuer = _name(f"mock_server CA {key_id.digest[:4].hex()}")
    authority = (
        _unsigned(issuer, issuer, signing_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    leaf = (
        _unsigned(_name(names[0][:_LONGEST_NAME]), issuer, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([*map(_general_name, names)]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False
        )
    )
    made, ca = (each.sign(signing_key, hashes.SHA256()) for each in (leaf, authority))
    pem = serialization.Encoding.PEM
    identity = Identity(made.public_bytes(pem), frozenset(names), _VALID_FROM, _VALID_UNTIL, key)
    return identity, ca.public_bytes(pem)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _unsigned(subject: x509.Name, issuer: x509.Name, key: Any) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
