"""The rule for the header by which a client selects a version of the API."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.errors import UnknownVersion
from mock_server.formats.source_file import unescaped
from mock_server.shown_text import quote

# References that lead to references are followed so far; a longer row may be a ring.
_HOPS = 10


class VersionRule(NamedTuple):
    """A header that selects a version, and the error that an unknown version gets.

    `header` is its name, `known` the versions, e.g. `("2024-07-30",)`, of which the greatest is the
    newest. `error_type` and `error_message` are those of the real API. `this` is the version of the
    document itself, None where it does not say; `served` are those of all documents that are served
    together, empty for one that is served alone.
    """

    header: str
    known: tuple[str, ...]
    error_type: str
    error_message: str
    this: str | None = None
    served: tuple[str, ...] = ()

    @property
    def newest(self) -> str:
        """Return the version that applies where none is asked for; versions sort as texts."""
        return self.this or max(self.known)


def check_version(rule: VersionRule, version: str) -> str:
    """Return a version that the rule knows; raise UnknownVersion, the real API's error, for another."""
    if version not in rule.known:
        message = (
            f"{quote(version)} was sent for '{rule.header}', which must be one of "
            f"{', '.join(sorted({*rule.known, *rule.served}))}; send that, or leave it out."
        )
        raise UnknownVersion(rule.error_type, rule.error_message, rule.header, message)
    return version or rule.newest


class VersionHeader(NamedTuple):
    """What a document says of the header that selects its version, before its references are resolved.

    `names` are the header's names, and `versions` those that this document may be, e.g.
    `("2024-07-30",)`; more than one where it does not say which, none where it marks no such header.
    """

    names: tuple[str, ...]
    versions: tuple[str, ...]


def written_header(document: Mapping[str, Any], unmarked: Collection[str] = ()) -> VersionHeader:
    """Return what a document says of its version header, as it is written.

    That is one which `x-version` marks. `unmarked` are names in lower case that count without it.
    """
    names, versions = dict[str, None](), dict[str, None]()
    for parameter in _written_parameters(document):
        name, rule = parameter.get("name"), parameter.get("x-version")
        if not isinstance(name, str) or parameter.get("in") != "header":
            continue
        if not isinstance(rule, dict) and name.lower() not in unmarked:
            continue
        names[name] = None
        this = rule.get("this") if isinstance(rule, dict) else None
        known = (
            [this] if isinstance(this, str) else _referred(document, parameter.get("schema")).get("enum")
        )
        versions.update(dict.fromkeys(each for each in known or () if isinstance(each, str)))
    return VersionHeader(tuple(names), tuple(versions))


def _written_parameters(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the parameters of all paths and operations, those that stand among the components once."""
    for item in _members(document.get("paths")):
        for holder in (item, *_members(item)):
            listed = holder.get("parameters")
            for each in listed if isinstance(listed, list) else ():
                yield _referred(document, each)


def _members(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value.values() if isinstance(each, dict)] if isinstance(value, dict) else []


def _referred(document: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """Return an object, or the one of this document that it refers to; empty for what is none."""
    for _ in range(_HOPS):
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str):
            break
        value = document if reference.startswith("#/") else None
        for step in reference.split("/")[1:]:
            value = value.get(unescaped(step)) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
