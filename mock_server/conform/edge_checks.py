"""Edge invariants: credentials, versions and the shape of errors, which hold of every operation."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator

from mock_server.conform.http_probe import Header, Reply
from mock_server.conform.list_under_test import Failed, Subject, Undecidable, json_of
from mock_server.errors import shown
from mock_server.openapi.version import VersionRule

_UNKNOWN = "no-such-version"

_MALFORMED = (
    "Basic",
    "Basic !!!",
    f"Basic {b64encode(b'no colon').decode()}",
)


# Credentials


def unauthorized_missing(subject: Subject) -> None:
    """Without credentials, 401 comes, and not a 400 for a missing parameter."""
    _require_401(subject, [None])


def unauthorized_malformed(subject: Subject) -> None:
    """Credentials that are no base64 of a pair with a colon get 401."""
    _require_401(subject, _MALFORMED)


def unauthorized_scheme(subject: Subject) -> None:
    """Another scheme than Basic gets 401."""
    _require_401(subject, ["Bearer abc"])


def unauthorized_challenge(subject: Subject) -> None:
    """A 401 says which scheme would do (RFC 9110 section 11.6.1)."""
    for reply in _refusals(subject):
        challenge = reply.header("www-authenticate") or ""
        if not challenge.lower().startswith("basic"):
            told = f"WWW-Authenticate must offer Basic, but is {shown(challenge) or 'absent'}"
            raise Failed(told, reply)


def unauthorized_shape(subject: Subject) -> None:
    """A 401 has the shape of errors."""
    _require_shape(subject, 401, _refusals(subject))


def _require_401(subject: Subject, authorizations: Iterable[str | None]) -> None:
    if not subject.is_secured:
        raise Undecidable("the document asks for no credentials")
    for authorization in authorizations:
        sent: list[Header] = [("Authorization", authorization)] if authorization else []
        reply = subject.ask(sent=sent, authorized=False)
        if reply.status != 401:
            raise Failed(f"401 must come, but {reply.status} came", reply)


def _refusals(subject: Subject) -> Iterator[Reply]:
    """Every 401 to what must get one."""
    found = [reply for reply in subject.replies if not reply.authorized and reply.status == 401]
    if not found:
        raise Undecidable("no 401 has come")
    yield from found


# Versions


def version_default(subject: Subject) -> None:
    """A request without a version gets the newest, and the answer says so."""
    rule = _rule(subject)
    reply = subject.page().reply
    _require_version(rule, reply, max(rule.known))


def version_known(subject: Subject) -> None:
    """Each version of the document is served, and the answer says which it is."""
    rule = _rule(subject)
    for version in rule.known:
        reply = subject.ask(sent=[(rule.header, version)])
        if reply.status != 200:
            raise Failed(f"200 must come, but {reply.status} came", reply)
        _require_version(rule, reply, version)


def version_unknown(subject: Subject) -> None:
    """A version that the document lacks gets 400, with the error that its overlay names."""
    rule = _rule(subject)
    _require_unknown(rule, subject.ask(sent=[(rule.header, _UNKNOWN)]))


def version_header_case(subject: Subject) -> None:
    """The version's header is understood in whatever case its name is written."""
    rule = _rule(subject)
    for name in (rule.header.lower(), rule.header.upper()):
        _require_unknown(rule, subject.ask(sent=[(name, _UNKNOWN)]))


def version_everywhere(subject: Subject) -> None:
    """Every answer, refusals too, carries a version."""
    rule = _rule(subject)
    for reply in subject.replies:
        if reply.header(rule.header) not in rule.known:
            told = f"{rule.header} must be one of {', '.join(rule.known)}"
            raise Failed(f"{told}, but is {shown(reply.header(rule.header) or 'absent')}", reply)


def _rule(subject: Subject) -> VersionRule:
    rules = [p.version for p in subject.operation.at("header") if p.version]
    if not rules:
        raise Undecidable("the document has no header that selects a version")
    return rules[0]


def _require_version(rule: VersionRule, reply: Reply, version: str) -> None:
    found = reply.header(rule.header)
    if found != version:
        told = f"{rule.header} must be {version}, but is {shown(found or 'absent')}"
        raise Failed(told, reply)


def _require_unknown(rule: VersionRule, reply: Reply) -> None:
    if reply.status != 400:
        raise Failed(f"400 must come, but {reply.status} came", reply)
    body = json_of(reply)
    error = body.get("error") if isinstance(body, dict) else None
    found = (error.get("type"), error.get("message")) if isinstance(error, dict) else None
    if found != (rule.error_type, rule.error_message):
        told = f"the error must be of type {rule.error_type!r}, with the message {rule.error_message!r}"
        raise Failed(told, reply)


# Errors


def error_shape(subject: Subject) -> None:
    """Every 400 has the shape of errors."""
    refused = [reply for reply in subject.replies if reply.status == 400]
    if not refused:
        raise Undecidable("no 400 has come")
    _require_shape(subject, 400, refused)


def _require_shape(subject: Subject, status: int, replies: Iterable[Reply]) -> None:
    shape = subject.shape(status)
    if shape is None:
        raise Undecidable(f"the document has no schema for {status}")
    for reply in replies:
        for flaw in shape.flaws(json_of(reply)):
            if flaw.keyword != "additionalProperties":
                place = "/".join(map(str, flaw.place))
                raise Failed(f"by the schema of errors, at /{place}: {flaw.message}", reply)
