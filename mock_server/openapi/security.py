"""Security: which credentials a document's operations ask for (OpenAPI, Security Requirement Object)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.shown_text import quote

# Names the account by its user name.
BASIC = "basic"
# Names the account by a token or a key.
TOKEN = "token"  # noqa: S105
# Can't be checked: an Authorization header of the scheme suffices.
UNCHECKED = "unchecked"

AUTHORIZATION = "Authorization"
DEFAULT_REALM = "mock_server"

# What a quoted string of RFC 9110 section 5.6.4 holds without escapes.
REALM = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")


class SecurityScheme(NamedTuple):
    """A way to send credentials.

    - `kind`: BASIC, TOKEN or UNCHECKED
    - `location`, `name`: where they stand, e.g. `query` and `api_key`; a name of a header is spelled as
      in the document
    - `word`: the scheme of an Authorization header, e.g. `Bearer`; empty for a key
    - `realm`: what a challenge names
    - `takes_any_word`: whether a token may follow any other word, or none
    """

    kind: str
    location: str
    name: str
    word: str = ""
    realm: str = DEFAULT_REALM
    takes_any_word: bool = False

    @property
    def challenge(self) -> str | None:
        """Return the challenge (RFC 9110 section 11.6.1), e.g. `Bearer realm="x"`; None for none."""
        if not self.word:
            return None
        # Clients answer none of RFC 7616 without a nonce.
        more = f', qop="auth", nonce="{DEFAULT_REALM}"' if self.word == "Digest" else ""
        return f'{self.word} realm="{self.realm}"{more}'


Alternative = tuple[SecurityScheme, ...]


class Requirement(NamedTuple):
    """What an operation asks for: one of `alternatives`, and all schemes of that.

    `is_optional`: whether it asks for nothing, though its alternatives still say who sends a request.
    """

    alternatives: tuple[Alternative, ...]
    is_optional: bool

    @property
    def challenge(self) -> str | None:
        """Return WWW-Authenticate, e.g. `Bearer realm="x", Basic realm="x"`; None for none."""
        alternatives = self.alternatives or ((_BASIC,),)
        offered = (scheme.challenge for alternative in alternatives for scheme in alternative)
        return ", ".join(dict.fromkeys(filter(None, offered))) or None

    @property
    def all_alternatives(self) -> tuple[Alternative, ...]:
        """Return the alternatives, and behind them what names an account without being asked for."""
        return (*self.alternatives, (_BASIC,), (_BEARER,)) if self.is_optional else self.alternatives


_BASIC = SecurityScheme(BASIC, "header", AUTHORIZATION, "Basic")
_BEARER = SecurityScheme(TOKEN, "header", AUTHORIZATION, "Bearer", takes_any_word=True)
NOTHING = Requirement((), is_optional=True)


# A path of a document and a method in lower case, e.g. `("/things", "get")`.
Route = tuple[str, str]


class Flaw(NamedTuple):
    """What is wrong with a security scheme, or a member of it; fatal where nothing can satisfy it."""

    name: str
    member: str | None
    message: str
    remedy: str
    is_fatal: bool


class Security(NamedTuple):
    """What the operations of a document ask for.

    - `requirements`: those of each operation; one that is not served asks for nothing
    - `general`: what a request that no operation serves is asked for: what any of them asks for
    - `is_basic_token`: whether Basic's user name is a token, since some operation takes either
    - `takes_bearer`: whether an operation that asks for nothing takes a token from whoever sends one
    - `queries`: the names of all query parameters that hold keys
    """

    requirements: Mapping[Route, Requirement]
    general: Requirement
    is_basic_token: bool
    takes_bearer: bool
    queries: frozenset[str]

    @property
    def schemes(self) -> tuple[SecurityScheme, ...]:
        """Return the schemes that operations ask for, each once, in the document's order."""
        return tuple(dict.fromkeys(scheme for each in self.general.alternatives for scheme in each))

    @property
    def offered(self) -> tuple[SecurityScheme, ...]:
        """Return the schemes by which clients can name an account, in the document's order."""
        return self.schemes or (_BASIC, _BEARER)

    @property
    def is_usual(self) -> bool:
        """Tell whether all that a client can send is a client id and a secret, as HTTP Basic."""
        kinds = {scheme.kind for scheme in self.schemes}
        return kinds == {BASIC} and not self.takes_bearer

    def as_json(self) -> list[dict[str, Any]]:
        """Return what clients can send, as the control API shows it, in the document's order."""
        pair = "token" if self.is_basic_token else "pair"
        holds = {BASIC: pair, TOKEN: "token", UNCHECKED: "text"}
        return [
            {"in": s.location, "name": s.name, "scheme": s.word or None, "holds": holds[s.kind]}
            for s in self.offered
        ]


def control_requirement(security: Security) -> Requirement:
    """Return what calls of the control API are asked for: Basic, or what the document takes in headers.

    Browsers send cookies by themselves, and the addresses of pages are kept in many places.
    """
    bearers = [_BEARER] if security.takes_bearer else []
    tokens = [s for s in (*security.schemes, *bearers) if (s.kind, s.location) == (TOKEN, "header")]
    realm = next((s.realm for s in security.schemes if s.kind == BASIC), DEFAULT_REALM)
    schemes = (_BASIC._replace(realm=realm), *(s._replace(realm=realm) for s in tokens))
    return Requirement(tuple((scheme,) for scheme in dict.fromkeys(schemes)), is_optional=False)


def compile_security(document: Mapping[str, Any], routes: Iterable[Route]) -> Security:
    """Return what the operations at `routes` ask for; `flaws` says what can't be checked."""
    schemes = _schemes(document)
    known: dict[str, Requirement] = {}
    requirements: dict[Route, Requirement] = {}
    routes = list(routes)
    for route in filter(is_served, routes):
        alternatives = _alternatives(document, route)
        # Few requirements are shared by many operations.
        key = repr([list(each) for each in alternatives])
        if key not in known:
            known[key] = _requirement(alternatives, schemes)
        requirements[route] = known[key]
    distinct = tuple(dict.fromkeys(known.values()))
    every = tuple(dict.fromkeys(a for each in distinct for a in each.alternatives))
    general = Requirement(every, is_optional=all(each.is_optional for each in distinct))
    # Whom the credentials of a request name that is not served anyway, if it has any.
    unserved = Requirement(every, is_optional=True)
    requirements = {route: requirements.get(route, unserved) for route in routes}
    return Security(
        requirements,
        general,
        is_basic_token=any(map(_takes_both, distinct)),
        takes_bearer=any(each.is_optional for each in distinct),
        queries=key_queries(document),
    )


def is_served(route: Route) -> bool:
    """Tell whether an operation is answered with data, so that what it asks for has to be checked."""
    return route[1] == "get"


def key_queries(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the query parameters in which some operation that is served takes a key."""
    schemes = _schemes(document)
    paths = document.get("paths", {})
    routes = [(path, "get") for path, item in paths.items() if _has_get(item)]
    names = {name for route in routes for each in _alternatives(document, route) for name in each}
    used = [schemes[name] for name in names if name in schemes]
    keys = [scheme for scheme in used if (scheme.get("type"), scheme.get("in")) == ("apiKey", "query")]
    return frozenset(str(scheme["name"]) for scheme in keys)


def _has_get(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("get"), dict)


def flaws(document: Mapping[str, Any], routes: Iterable[Route]) -> Iterator[Flaw]:
    """Yield what is wrong with the schemes of operations that are served."""
    schemes = _schemes(document)
    seen: set[str] = set()
    for route in filter(is_served, routes):
        alternatives = _alternatives(document, route)
        is_fatal = not any(_is_checkable(each, schemes) or not each for each in alternatives)
        for name in (name for each in alternatives for name in each):
            if name not in seen:
                seen.add(name)
                yield from _flaws(name, schemes.get(name), is_fatal=is_fatal)


def _flaws(name: str, scheme: Mapping[str, Any] | None, *, is_fatal: bool) -> Iterator[Flaw]:
    if scheme is None:
        yield Flaw(name, None, f"the security scheme {quote(name)} is not described", "add it", is_fatal)
    elif not REALM.fullmatch(str(scheme.get("x-realm", DEFAULT_REALM))):
        message = "the realm is not printable ASCII without quotation marks"
        yield Flaw(name, "x-realm", message, "write a plain name", is_fatal=True)
    elif _is_unchecked(scheme):
        # A type that the version of OpenAPI does not have is warned of, and left out.
        kind = scheme.get("scheme") or scheme.get("type")
        named = quote(name) if kind is None else f"{quote(name)} ({quote(str(kind))})"
        others = "is not asked for, since another alternative is there"
        alone = "can't be checked: it suffices that it is named"
        message = f"the security scheme {named} {alone if is_fatal else others}"
        remedy = "replace it with an overlay, by basic, bearer or a key, where it has to be checked"
        yield Flaw(name, None, message, remedy, is_fatal=False)


def _schemes(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    found = schemes.items() if isinstance(schemes, dict) else ()
    return {name: scheme for name, scheme in found if isinstance(scheme, dict) and _is_whole(scheme)}


def _is_whole(scheme: Mapping[str, Any]) -> bool:
    """Tell whether a scheme says where its credentials stand."""
    if scheme.get("type") == "apiKey":
        return scheme.get("in") in ("header", "query", "cookie") and bool(scheme.get("name"))
    return scheme.get("type") != "http" or bool(scheme.get("scheme"))


def _alternatives(document: Mapping[str, Any], route: Route) -> list[Mapping[str, Any]]:
    path, method = route
    found = document["paths"][path][method].get("security", document.get("security"))
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _is_checkable(alternative: Mapping[str, Any], schemes: Mapping[str, Mapping[str, Any]]) -> bool:
    return all(name in schemes and not _is_unchecked(schemes[name]) for name in alternative)


def _is_unchecked(scheme: Mapping[str, Any]) -> bool:
    compiled = _scheme(scheme)
    return compiled is None or compiled.kind == UNCHECKED


def _requirement(
    alternatives: list[Mapping[str, Any]], schemes: Mapping[str, Mapping[str, Any]]
) -> Requirement:
    """Return what the alternatives ask for; those that can be checked go before all others."""
    checkable = [each for each in alternatives if each and _is_checkable(each, schemes)]
    described = [each for each in alternatives if each and all(name in schemes for name in each)]
    compiled = [
        tuple(scheme for scheme in (_scheme(schemes[name]) for name in each) if scheme is not None)
        for each in checkable or described
    ]
    taken = tuple(dict.fromkeys(filter(None, compiled)))
    # A certificate of the client is no part of a request: what asks for it alone is open.
    return Requirement(taken, is_optional={} in alternatives or not all(compiled) or not taken)


def _scheme(scheme: Mapping[str, Any]) -> SecurityScheme | None:
    """Return a scheme as requests satisfy it; None for one that is no part of a request."""
    realm = str(scheme.get("x-realm") or DEFAULT_REALM)
    match scheme.get("type"):
        case "http":
            word = str(scheme.get("scheme", ""))
            return _http_scheme(word, realm)
        case "oauth2" | "openIdConnect":
            return SecurityScheme(TOKEN, "header", AUTHORIZATION, "Bearer", realm)
        case "apiKey":
            return SecurityScheme(TOKEN, str(scheme["in"]), str(scheme["name"]), "", realm)
    return None


def _http_scheme(word: str, realm: str) -> SecurityScheme:
    kinds = {"basic": (BASIC, "Basic"), "bearer": (TOKEN, "Bearer"), "digest": (UNCHECKED, "Digest")}
    kind, spelled = kinds.get(word.lower(), (UNCHECKED, word))
    return SecurityScheme(kind, "header", AUTHORIZATION, spelled, realm)


def _takes_both(requirement: Requirement) -> bool:
    """Tell whether Basic alone satisfies a requirement, and a token alone does too."""
    kinds = {each[0].kind for each in requirement.alternatives if len(each) == 1}
    return {BASIC, TOKEN} <= kinds
