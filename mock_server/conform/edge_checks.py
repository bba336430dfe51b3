"""Checks that hold of every operation: of credentials, versions and the shape of errors.

Each raises Failed or Undecidable, or returns where it passes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator

from mock_server.conform.asked_list import AskedList
from mock_server.conform.http_probe import Reply
from mock_server.conform.list_under_test import ListUnderTest
from mock_server.conform.probe_credentials import Header
from mock_server.conform.requirements import (
    Failed,
    Undecidable,
    has_built_in_shape,
    read_error,
    require_schema,
    require_status,
)
from mock_server.openapi.version import VersionRule
from mock_server.shown_text import printable

_UNKNOWN = "no-such-version"
# Why the shape of errors is open; said once, since it holds for all lists.
UNTOLD = (
    "the errors are written as mock_server does, here and for other lists, since no x-error says how; "
    "'mock-server overlay' writes one by the document"
)

# By the schemes of an Authorization header, values that hold no credentials.
_MALFORMED = {
    "Basic": ("Basic", "Basic !!!", f"Basic {b64encode(b'no colon').decode()}"),
    "Bearer": ("Bearer",),
}

# A value of each scheme, of which one that the document does not take is sent.
_OF_SCHEMES = {
    "Bearer": "Bearer abc",
    "Basic": f"Basic {b64encode(b'a:b').decode()}",
    "Digest": "Digest a",
}


# Credentials


def unauthorized_missing(tested: ListUnderTest) -> None:
    """Check that a request without credentials gets 401, and not 400 for a missing parameter."""
    _require_401(tested, [None])


def unauthorized_malformed(tested: ListUnderTest) -> None:
    """Check that credentials that are empty, or no base64 of a pair with a colon, get 401."""
    _require_401(
        tested, [text for word in tested.authorization_words for text in _MALFORMED.get(word, ())]
    )


def unauthorized_scheme(tested: ListUnderTest) -> None:
    """Check that a scheme that the document does not ask for gets 401."""
    words = tested.authorization_words
    others = [text for word, text in _OF_SCHEMES.items() if word not in words]
    _require_401(tested, others[:1])


def unauthorized_challenge(tested: ListUnderTest) -> None:
    """Check that a 401 names the scheme that is accepted (RFC 9110 section 11.6.1)."""
    for reply in _refusals(tested):
        challenge = reply.header("www-authenticate") or ""
        words = tested.authorization_words
        if not challenge.lower().startswith(tuple(word.lower() for word in words)):
            found = printable(challenge) or "absent"
            offered = " or ".join(words)
            raise Failed(f"WWW-Authenticate must offer {offered}, but is {found}", reply)


def unauthorized_shape(tested: ListUnderTest) -> None:
    """Check that a 401 has the shape of errors."""
    require_error_shape(tested, 401, _refusals(tested))


def _require_401(tested: ListUnderTest, authorizations: Iterable[str | None]) -> None:
    for authorization in authorizations:
        headers: list[Header] = [("Authorization", authorization)] if authorization else []
        require_status(tested.ask(headers=headers, authorized=False), 401)


def _refusals(tested: ListUnderTest) -> Iterator[Reply]:
    """Yield every 401 to a request without valid credentials; raise Undecidable for none."""
    found = [reply for reply in tested.replies if not reply.authorized and reply.status == 401]
    if not found:
        raise Undecidable("no 401 has come")
    yield from found


# Versions


def version_default(tested: ListUnderTest) -> None:
    """Check that a request without a version gets the newest, and that the answer names it."""
    rule = _version_rule(tested)
    _require_version(rule, tested.page().reply, max(rule.known))


def version_known(tested: ListUnderTest) -> None:
    """Check that each version of the document is served, and that the answer names it."""
    rule = _version_rule(tested)
    for version in rule.known:
        reply = tested.ask(headers=[(rule.header, version)])
        require_status(reply, 200)
        _require_version(rule, reply, version)


def version_unknown(tested: ListUnderTest) -> None:
    """Check that another version gets 400, with the error that the overlay names."""
    rule = _version_rule(tested)
    _require_unknown_version(tested, rule, tested.ask(headers=[(rule.header, _UNKNOWN)]))


def version_header_case(tested: ListUnderTest) -> None:
    """Check that the name of the version's header is understood in whatever case."""
    rule = _version_rule(tested)
    for name in (rule.header.lower(), rule.header.upper()):
        _require_unknown_version(tested, rule, tested.ask(headers=[(name, _UNKNOWN)]))


def version_everywhere(tested: ListUnderTest) -> None:
    """Check that every answer, refusals too, carries a version."""
    rule = _version_rule(tested)
    for reply in tested.replies:
        if reply.header(rule.header) not in rule.known:
            wanted = f"{rule.header} must be one of {', '.join(rule.known)}"
            found = printable(reply.header(rule.header) or "absent")
            raise Failed(f"{wanted}, but is {found}", reply)


def _version_rule(tested: ListUnderTest) -> VersionRule:
    return next(p.version for p in tested.operation.at("header") if p.version)


def _require_version(rule: VersionRule, reply: Reply, version: str) -> None:
    found = reply.header(rule.header)
    if found != version:
        message = f"{rule.header} must be {version}, but is {printable(found or 'absent')}"
        raise Failed(message, reply)


def _require_unknown_version(tested: ListUnderTest, rule: VersionRule, reply: Reply) -> None:
    require_status(reply, 400)
    wanted = {"type": rule.error_type, "message": rule.error_message}
    wanted = {name: text for name, text in wanted.items() if tested.error_shape.tells(name)}
    told = read_error(reply, tested.error_shape)
    if not any(each.items() >= wanted.items() for each in told):
        sentence = ", ".join(f"the {name} {text!r}" for name, text in wanted.items())
        raise Failed(f"the error must have {sentence}", reply)


# Errors


def error_shape(tested: ListUnderTest) -> None:
    """Check that every 400 has the shape of errors."""
    require_error_shape(tested, 400, [reply for reply in tested.replies if reply.status == 400])


def require_error_shape(tested: AskedList, status: int, replies: Iterable[Reply]) -> None:
    """Raise Failed unless errors of a status have the shape that the document gives them."""
    schema = tested.schema(status)
    if schema is None:
        raise Undecidable(f"the document has no schema for {status}")
    for reply in replies:
        try:
            require_schema(reply, schema, "the schema of errors")
        except Failed:
            if has_built_in_shape(reply) and tested.describes_other_errors(status):
                raise Undecidable(UNTOLD) from None
            raise
