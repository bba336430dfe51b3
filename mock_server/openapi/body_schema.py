"""The schema of a request's body: what of a value is wrong, and what is only odd."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.formats.source_file import Place, pointer
from mock_server.openapi.parameter_parsing import LISTED
from mock_server.openapi.patterns import GivenUp, PatternTimeout, TooDeep
from mock_server.openapi.quick_check import QuickCheck
from mock_server.openapi.schema import Schema
from mock_server.openapi.schema_access import READ_ONLY
from mock_server.openapi.schema_dialect import compile_schema
from mock_server.openapi.schema_errors import CompiledSchema, Flaw
from mock_server.openapi.secret_members import SecretMembers
from mock_server.openapi.unknown_members import UnknownMember, UnknownMembers
from mock_server.shown_text import did_you_mean, name_some, printable, quote

UNKNOWN = "unknownMember"

# The codes of flaws that are named otherwise than by their keyword, as those of parameters are.
_CODES = {"minimum": "range", "maximum": "range", "additionalProperties": UNKNOWN}

# The keywords of flaws whose messages show no value.
_SHOWING_NONE = frozenset(["additionalProperties", "required", READ_ONLY])

# The codes of what takes too long, or is nested too deeply, to be looked into any further.
_GIVEN_UP = frozenset([PatternTimeout.CODE, TooDeep.CODE])

# The most characters of a key, of which the journal holds many; names are what clients send.
_KEY = 200


class Judgement(NamedTuple):
    """What is wrong with a body, and what is odd."""

    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()


_RIGHT = Judgement()


class BodySchema:
    """The schema of a body, compiled once."""

    def __init__(self, schema: Schema, secrets: SecretMembers | None) -> None:
        """Compile a schema; no message shows the values of `secrets`."""
        self._schema, self._secrets = schema, secrets
        quick = self._quick = QuickCheck()
        self._compiled = CompiledSchema(schema, READ_ONLY, is_closed=False, is_right=quick.is_right)
        self._members = UnknownMembers(schema, self._admits, quick.is_right)

    def judge(self, value: Any) -> Judgement:
        """Return what is wrong with a value, and what is odd: unknown members, and readOnly ones."""
        self._quick.begin()
        if self._quick.is_right(value, self._schema):
            return _RIGHT
        found = list(islice(self._compiled.flaws(value), LISTED))
        wrong = [flaw for flaw in found if flaw.keyword != READ_ONLY]
        odd = [flaw for flaw in found if flaw.keyword == READ_ONLY]
        refused = {flaw.place for flaw in found}
        if not any(flaw.keyword in _GIVEN_UP for flaw in found):
            unknown = (_as_flaw(each) for each in self._unknown(value) if each.place not in refused)
            odd += islice(unknown, LISTED - len(odd))
        return Judgement(
            tuple([self._violation(flaw, value) for flaw in wrong]),
            tuple([self._violation(flaw, value) for flaw in odd]),
        )

    def _admits(self, value: Any, part: Any) -> bool:
        if not isinstance(part, dict):
            return part is not False
        return compile_schema(part, READ_ONLY, is_right=self._quick.is_right).is_valid(value)

    def _unknown(self, value: Any) -> Iterator[UnknownMember]:
        try:
            yield from self._members.find(value)
        except GivenUp:
            # Which is a flaw of the value already.
            return

    def _violation(self, flaw: Flaw, value: Any) -> Violation:
        code = _CODES.get(flaw.keyword, flaw.keyword)
        return Violation(code, self._sentence(flaw, value), key_of(flaw.place))

    def _sentence(self, flaw: Flaw, value: Any) -> str:
        secrets = None if flaw.keyword in _SHOWING_NONE else self._secrets
        if secrets is not None and not secrets.shows(value, flaw.place):
            return f"what may be a secret does not satisfy {flaw.keyword}; correct it."
        return f"{flaw.message}; {flaw.remedy}."


def key_of(place: Place) -> str:
    """Return the key of what is wrong at a place of a body: a JSON pointer, cut where it is long."""
    return printable(pointer(place), _KEY)


def _as_flaw(unknown: UnknownMember) -> Flaw:
    name, known = str(unknown.place[-1]), unknown.known
    near = did_you_mean(name, known)
    listed = "" if near else f", which has {name_some(known)}"
    message = f"{quote(name)} is no member of this object{near or listed}"
    return Flaw(unknown.place, "additionalProperties", message, "correct it, or leave it out")
