"""The certificate of a server: by which settings there is one, and what is refused at the start."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.server import certificates, tls
from mock_server.settings import Settings
from tests.support.tls import write_certificate

Refused = Callable[..., list[str]]
A, B = Path("a.pem"), Path("b.pem")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (Settings(tls_cert=A), "--tls-cert: it needs --tls-key, its private key; give both, or neither."),
        (Settings(tls_key=A), "--tls-key: it needs --tls-cert, its certificate; give both, or neither."),
        (Settings(tls_self_signed=True, tls_cert=A, tls_key=B),
         "--tls-cert: --tls-self-signed makes a certificate of its own; give one of both."),
        (Settings(tls_ca_out=A),
         "--tls-ca-out: only --tls-self-signed makes the certificate that it writes; give both, or neither."),
    ],
)  # fmt: skip
def test_settings_that_need_or_exclude_each_other_are_refused(
    refusal: Refused, settings: Settings, sentence: str
) -> None:
    assert refusal(tls.load, settings) == [sentence]


def test_without_its_settings_there_is_no_tls() -> None:
    assert tls.load(Settings()) is None


def test_files_that_are_no_certificate_with_its_key_are_named(tmp_path: Path, refusal: Refused) -> None:
    cert, key = write_certificate(tmp_path, "localhost")
    other, empty = tmp_path / "other.key", tmp_path / "empty.pem"
    key.rename(other)
    write_certificate(tmp_path, "localhost")
    empty.touch()

    def refused(cert: Path, key: Path) -> str:
        [sentence] = refusal(tls.load, Settings(tls_cert=cert, tls_key=key))
        return sentence

    missing = tmp_path / "missing.pem"
    assert refused(missing, key).startswith(
        "missing.pem: it cannot be read as --tls-cert (No such file or directory); give"
    )
    assert refused(cert, tmp_path).startswith(f"{tmp_path}: it cannot be read as --tls-key (Is a dir")
    assert refused(empty, key).startswith(
        "empty.pem: the file of --tls-cert holds no certificate in PEM;"
    )
    assert refused(cert, cert).startswith("own.pem: the file of --tls-key holds no private key in PEM;")
    assert refused(cert, other) == (
        "other.key: the private key of --tls-key is not that of the first certificate of --tls-cert; "
        "give the key that the certificate was made with."
    )
    write_certificate(tmp_path, "localhost", password=b"hidden")
    assert refused(cert, key).startswith("own.key: the private key of --tls-key is encrypted; give it")


def test_a_certificate_and_its_key_may_share_a_file(tmp_path: Path) -> None:
    cert, key = write_certificate(tmp_path, "localhost")
    cert.write_bytes(cert.read_bytes() + key.read_bytes())
    loaded = tls.load(Settings(tls_cert=cert, tls_key=cert))
    assert loaded is not None
    assert loaded.ca is None
    assert loaded.warning is None
    assert loaded.names == {"localhost"}


def test_an_expired_certificate_is_served_with_a_warning(tmp_path: Path) -> None:
    cert, key = write_certificate(tmp_path, "localhost", until=2002)
    loaded = tls.load(Settings(tls_cert=cert, tls_key=key))
    assert loaded is not None
    assert loaded.warning == (
        f"the certificate {cert} has expired on 2002-01-01; clients that check it will refuse it."
    )


def test_a_certificate_is_made_for_all_names_that_the_settings_and_the_machine_have() -> None:
    loaded = tls.load(
        Settings(tls_self_signed=True, host="0.0.0.0", allow_host=("mock_server", "*.example.com", "*"))
    )
    assert loaded is not None
    assert {"localhost", "127.0.0.1", "::1", "mock_server", "*.example.com"} <= loaded.names
    assert socket.gethostname().lower() in loaded.names
    assert not {"*", "0.0.0.0"} & loaded.names


@pytest.mark.parametrize("is_linux", [True, False])
def test_no_private_key_reaches_a_file_that_stays_or_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_linux: bool
) -> None:
    if not is_linux:
        monkeypatch.setattr("sys.platform", "other")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    seen: list[tuple[int, bytes]] = []
    load = ssl.SSLContext.load_cert_chain

    def load_and_see(self: ssl.SSLContext, path: str, **given: str) -> None:
        seen.append((os.stat(path).st_mode & 0o077 if not is_linux else 0, Path(path).read_bytes()))
        load(self, path, **given)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", load_and_see)
    loaded = tls.load(Settings(tls_self_signed=True))
    identity, ca = certificates.sign(["localhost"])
    [(others_may, content)] = seen
    assert others_may == 0
    assert b"ENCRYPTED PRIVATE KEY" in content
    # Base64 has no space, and may have "KEY".
    assert b"PRIVATE KEY" not in ca
    assert "PRIVATE KEY" not in f"{loaded!r}{identity!r}{identity}"
    assert list(tmp_path.iterdir()) == []
