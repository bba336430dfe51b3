"""The digest of a server: equal where the same requests get the same answers, records and figures."""

from __future__ import annotations

from mock_server import __version__
from mock_server.formats import digests
from mock_server.openapi.document import Document
from mock_server.setting_parsers import unpin
from mock_server.settings import Settings

# The settings whose values count; of documents, overlays and fixture files it is what they hold. Where a
# server listens, what it writes, who may call it, and how much memory and time it takes do not.
_COUNTING = ("base_path", "count", "seed", "strict", "on_violation", "rate_limit", "chaos")


def digest(document: Document, fixtures: str, settings: Settings) -> str:
    """Return the digest of a server; `fixtures` is that of its fixture files, empty without any."""
    values = [f"{name}={getattr(settings, name)}" for name in _COUNTING]
    accepted = _credentials(document, settings)
    return digests.combine(__version__, document.digest, fixtures, accepted, *values)


def _credentials(document: Document, settings: Settings) -> str:
    """Return how many credentials are accepted and what pins them.

    Anybody may ask for the digest, which would let them try secrets without end.
    """
    pins = [unpin(text, document.versions)[1] or "" for text in settings.credentials]
    return f"credentials={sorted(pins)}"
