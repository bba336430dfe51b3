"""The check of credentials: whom a request's headers and keys name, and what a 401 says of others."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from mock_server.errors import Unauthorized
from mock_server.formats.tokens import SHOWN, shown_name
from mock_server.openapi.security import (
    BASIC,
    UNCHECKED,
    Requirement,
    SecurityScheme,
)
from mock_server.pipeline.sent_credentials import (
    BASIC_REMEDY,
    Flaw,
    Sent,
    basic_pair,
    header_of,
    place_of,
    remedy_of,
    token_in,
)
from mock_server.setting_parsers import unpin
from mock_server.settings import DEFAULT


class Identity(NamedTuple):
    """Who sends a request: the client id of the account, and the version that its key is pinned to."""

    client_id: str
    pinned: str | None = None


class Accepted:
    """The credentials that `--credentials` lists; without any, all well-formed ones are accepted."""

    def __init__(self, texts: Iterable[str], versions: Collection[str] = ()) -> None:
        """Accept pairs such as `id:secret`, and each text as a token.

        `versions` are those that are served: `@` and one of them at the end of a text pins an account.
        """
        self._known: list[tuple[bytes, str | None]] = []
        # A client that does not know which versions are served may call the control API with the whole.
        self._whole: list[bytes] = []
        for text in texts:
            unpinned, version = unpin(text, versions)
            self._known.append((unpinned.encode(), version))
            self._whole.append(text.encode())

    @property
    def is_any(self) -> bool:
        """Tell whether all well-formed credentials are accepted."""
        return not self._known

    def find(self, *forms: bytes) -> Identity | None:
        """Return the pinned version of credentials that are sent in one of some forms, for no account.

        None where they are not accepted.
        """
        if not self._known:
            return _ANYBODY
        # Comparing all, each in constant time, takes the same time whatever was sent.
        equal = [[hmac.compare_digest(form, known) for form in forms] for known, _ in self._known]
        found = [pin for each, (_, pin) in zip(equal, self._known, strict=True) if any(each)]
        return Identity("", found[0]) if found else None

    def has_whole(self, text: bytes) -> bool:
        """Tell whether credentials are listed as they are, with the version that pins them."""
        return True in [hmac.compare_digest(text, known) for known in self._whole]


_ANYBODY = Identity("")


class Check:
    """The check of one requirement, which says who sends a request.

    `headers` and `queries` are the names of the headers, in lower case, and of the query parameters that
    it reads.
    """

    def __init__(self, requirement: Requirement, accepted: Accepted, *, is_basic_token: bool) -> None:
        self.requirement = requirement
        self.challenge = requirement.challenge
        self._accepted = accepted
        self._is_basic_token = is_basic_token
        schemes = [s for alternative in requirement.all_alternatives for s in alternative]
        self.headers = tuple(dict.fromkeys(header_of(s) for s in schemes if s.location != "query"))
        self.queries = tuple(dict.fromkeys(s.name for s in schemes if s.location == "query"))
        # Cached, since a client sends the same credentials with every request. 128 are kept, each no
        # longer than the head of a request may be.
        self.identify = lru_cache(maxsize=128)(self._identify)

    def _identify(self, headers: tuple[str | None, ...], keys: tuple[tuple[str, ...], ...]) -> Identity:
        """Return who sends a request, by its values of `headers` and `queries`, in their order.

        Raise Unauthorized, whose message says what is wrong with each alternative, and repeats nothing
        of what was sent.
        """
        sent = Sent(
            dict(zip(self.headers, headers, strict=True)), dict(zip(self.queries, keys, strict=True))
        )
        flaws: list[list[Flaw]] = []
        for alternative in self.requirement.all_alternatives:
            found = [self._examine(scheme, sent) for scheme in alternative]
            wrong = [each for each in found if isinstance(each, Flaw)]
            if not wrong:
                return next((each for each in found if isinstance(each, Identity)), _NOBODY)
            flaws.append(wrong)
        if not self.requirement.is_optional:
            raise self._refusal(flaws)
        final = [[flaw] for wrong in flaws for flaw in wrong if flaw.is_final]
        if final:
            raise self._refusal(final)
        return _NOBODY

    def _refusal(self, flaws: list[list[Flaw]]) -> Unauthorized:
        sentences = [" ".join(f"{flaw.message}; {flaw.remedy}." for flaw in wrong) for wrong in flaws]
        message = " Or: ".join(dict.fromkeys(sentences))
        return Unauthorized(message, self.challenge, flaws[0][0].name)

    def _examine(self, scheme: SecurityScheme, sent: Sent) -> Identity | Flaw | None:
        """Return whom a scheme names, None where it is satisfied and names nobody, or what is wrong."""
        if scheme.kind == BASIC:
            return self._examine_basic(scheme, sent)
        token = token_in(scheme, sent)
        if isinstance(token, Flaw):
            return token
        if scheme.kind == UNCHECKED:
            return None
        found = self._accepted.find(token)
        if found is None:
            message = f"{place_of(scheme)} holds none of the tokens that --credentials accepts"
            return Flaw(message, remedy_of(scheme), scheme.name)
        return Identity(shown_name(token), found.pinned)

    @property
    def _name_remedy(self) -> str:
        return "send the token itself, or choose another client id"

    def _examine_basic(self, scheme: SecurityScheme, sent: Sent) -> Identity | Flaw:
        pair = basic_pair(scheme, sent)
        return pair if isinstance(pair, Flaw) else self._name_basic(pair)

    def _name_basic(self, pair: bytes) -> Identity | Flaw:
        user = pair.partition(b":")[0]
        if SHOWN.fullmatch(_text(user)):
            message = (
                "The client id of the Basic credentials is the name of a token's account, sent in place "
                "of the token"
            )
            return Flaw(message, self._name_remedy, is_final=True)
        found = self._accepted.find(pair, *([user] if self._is_basic_token else ()))
        if found is None:
            message = "The client id and secret are none of those that --credentials accepts"
            return Flaw(message, BASIC_REMEDY)
        return Identity(shown_name(user) if self._is_basic_token else _text(user), found.pinned)


class ControlCheck(Check):
    """The check of a call of the control API, which also takes the name under which a token is shown."""

    @property
    def _name_remedy(self) -> str:
        return "since --credentials is given, send the token as the password of that name"

    def _name_basic(self, pair: bytes) -> Identity | Flaw:
        user, _, secret = pair.partition(b":")
        name = _text(user)
        if self._accepted.is_any:
            is_named = SHOWN.fullmatch(name) is not None
        else:
            is_listed = self._accepted.find(secret) is not None or self._accepted.has_whole(secret)
            is_named = is_listed and name == shown_name(secret)
        if is_named:
            return Identity(name)
        if self._accepted.has_whole(pair):
            return Identity(shown_name(user) if self._is_basic_token else name)
        return super()._name_basic(pair)


_NOBODY = Identity(DEFAULT)


def _text(client_id: bytes) -> str:
    """Return a client id as text: UTF-8, or else Latin-1, since RFC 7617 leaves the encoding open."""
    try:
        return client_id.decode("utf-8")
    except UnicodeDecodeError:
        return client_id.decode("latin-1")
