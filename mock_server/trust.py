"""Which certificates of servers a client trusts."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from mock_server.setting_parsers import shown_path

Ca = str | os.PathLike[str]


def context(ca: Ca | None) -> ssl.SSLContext:
    """Return a context that trusts the certificates of a PEM file alone; None means the system's.

    A server's own certificate may be in the file too, in place of its authority's. Raises ValueError
    with a sentence where the file cannot be used.
    """
    if ca is None:
        return ssl.create_default_context()
    path = Path(ca)
    try:
        trusting = ssl.create_default_context(cafile=path)
        # As Python 3.13 and later have it by default.
        trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return trusting
    except ssl.SSLError:
        reason = "it holds no certificate in PEM"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path holds NUL"
    raise ValueError(
        f"{shown_path(path)!r} is not the file of a certificate to trust ({reason}); give what "
        "--tls-ca-out has written, or the certificate of an authority in PEM"
    )
