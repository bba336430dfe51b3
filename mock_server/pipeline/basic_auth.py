"""HTTP Basic (RFC 7617): the check of the Authorization header, and security handlers for Connexion."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any

from mock_server.errors import Unauthorized
from mock_server.formats.headers import SECRET, header_reader
from mock_server.pipeline.admission import require_caller, require_client


class Credentials:
    """The accepted pairs of client id and secret; without any, every well-formed pair is accepted.

    `read_headers` reads the headers of a request, and knows which of them hold credentials.
    """

    def __init__(
        self, pairs: Iterable[str], realm: str | None, secret: Collection[bytes] = SECRET
    ) -> None:
        """Accept pairs such as `id:secret`; with a realm of None, a refusal carries no challenge.

        `secret` are the names of the headers that hold credentials, in lower case.
        """
        self.read_headers = header_reader(secret)
        self._pairs = [pair.encode() for pair in pairs]
        self._realm = realm
        # Cached, since a client sends the same header with every request; 128 of at most 64 kB are kept.
        self.client_id = lru_cache(maxsize=128)(self._client_id)

    def _client_id(self, authorization: str | None) -> str:
        """Return the client id that an Authorization header names; `authorization` is None without one.

        Raise Unauthorized, whose message says what is wrong and repeats nothing of the header.
        """
        pair = self._decode(authorization)
        if self._pairs and not self._accepts(pair):
            raise self._refusal("The client id and secret are none of those that --credentials accepts")
        return _client_id_text(pair.partition(b":")[0])

    def _decode(self, authorization: str | None) -> bytes:
        if authorization is None:
            raise self._refusal("The Authorization header is missing")
        scheme, _, token = authorization.strip().partition(" ")
        if not scheme:
            raise self._refusal("The Authorization header is empty")
        if scheme.lower() != "basic":
            raise self._refusal("The Authorization header's scheme is not Basic")
        if not token.strip():
            raise self._refusal("The Basic credentials are empty")
        try:
            pair = base64.b64decode(token.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise self._refusal("The Basic credentials are not base64") from None
        if b":" not in pair:
            raise self._refusal("The Basic credentials hold no colon between client id and secret")
        if pair.startswith(b":"):
            raise self._refusal("The Basic credentials have an empty client id")
        return pair

    def _accepts(self, pair: bytes) -> bool:
        # Comparing all pairs, each in constant time, takes the same time whatever was sent.
        equal = [hmac.compare_digest(pair, known) for known in self._pairs]
        return any(equal)

    def _refusal(self, message: str) -> Unauthorized:
        remedy = "send 'Authorization: Basic' and base64 of clientId:clientSecret."
        return Unauthorized(f"{message}; {remedy}", self._realm)


def _client_id_text(client_id: bytes) -> str:
    """Return a client id as text: UTF-8, or else Latin-1, since RFC 7617 leaves the encoding open."""
    try:
        return client_id.decode("utf-8")
    except UnicodeDecodeError:
        return client_id.decode("latin-1")


class Basic:
    """A Connexion security handler for the mocked API, where `Recorder` has read the credentials."""

    def get_fn(self, _scheme: Any, _scopes: Any) -> Callable[[Any], dict[str, str]]:
        """Return the function with which Connexion checks a request."""
        return require_client


class Unchallenged:
    """A Connexion security handler for the control API.

    Its refusal carries no challenge, which would open a browser's password dialog.
    """

    def get_fn(self, _scheme: Any, _scopes: Any) -> Callable[[Any], dict[str, str]]:
        """Return the function with which Connexion checks a call."""
        return require_caller
