"""A parameter with how it is decoded and read, which remembers what short values mean."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from mock_server.errors import Violation
from mock_server.openapi.parameter_parsing import Decoder, Reader, SentValue
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.patterns import GivenUp
from mock_server.openapi.violation_sentences import given_up_violation

# Stands for the argument of values that have none.
NOTHING = object()

# How many short values of a parameter are kept with what they mean.
_KEPT = 64

_LONGEST_KEPT = 100


class Outcome(NamedTuple):
    """What was read of the values sent for a parameter; `argument` is NOTHING where there is none."""

    argument: Any
    violations: Sequence[Violation] = ()


class CompiledParameter:
    """A parameter with its decoder and its reader, and the argument where it is not sent.

    What the last short values mean is kept, since clients send the same ones again and again, e.g.
    limits.
    """

    def __init__(self, parameter: Parameter, decoder: Decoder, reader: Reader, default: Any) -> None:
        self.parameter = parameter
        self.default = default
        self._decoder = decoder
        self._reader = reader
        self._known_value = lru_cache(maxsize=_KEPT)(decoder)
        self._known_outcome = lru_cache(maxsize=_KEPT)(self._outcome_of_one)

    def values_of(self, key: str, raw_values: Sequence[str]) -> list[SentValue]:
        """Return the raw values sent under a name, decoded."""
        return [
            self._known_value(key, raw) if _is_short(key, raw) else self._decoder(key, raw)
            for raw in raw_values
        ]

    def read(self, sent: Sequence[SentValue], arguments: dict[str, Any]) -> Sequence[Violation]:
        """Return the violations of the values sent, and put their argument into `arguments`, by name."""
        if not sent:
            return self._missing()
        try:
            if len(sent) == 1 and _is_short(sent[0].key, sent[0].raw_value):
                outcome = self._known_outcome(sent[0].key, sent[0].raw_value)
            else:
                outcome = self._outcome(sent)
        except GivenUp as given_up:
            # It ends the check of the parameter, since each further text could take as long.
            return [*self._repeated(sent), given_up_violation(self.parameter, given_up)]
        if outcome.argument is not NOTHING:
            arguments[self.parameter.name] = outcome.argument
        return outcome.violations

    def _outcome_of_one(self, key: str, raw_value: str) -> Outcome:
        return self._outcome([self._known_value(key, raw_value)])

    def _outcome(self, sent: Sequence[SentValue]) -> Outcome:
        repeated = self._repeated(sent)
        if self.parameter.allows_empty and not any(value.decoded for value in sent):
            return Outcome(NOTHING, repeated)
        flaw = next((value.flaw for value in sent if value.flaw), None)
        if flaw is not None:
            return Outcome(NOTHING, [*repeated, Violation("style", flaw, self.parameter.name)])
        argument, violations = self._reader(sent)
        return Outcome(argument, [*repeated, *violations])

    def _missing(self) -> Sequence[Violation]:
        parameter, name = self.parameter, self.parameter.name
        if not parameter.required:
            return ()
        message = f"'{name}' is required in the {parameter.location}; send {self._as_written()}."
        return [Violation("required", message, name)]

    def _repeated(self, sent: Sequence[SentValue]) -> Sequence[Violation]:
        if len(sent) < 2 or self.parameter.repeatable:
            return ()
        name = self.parameter.name
        message = f"'{name}' was sent {len(sent)} times, but has a single value; send it once."
        return [Violation("repeated", message, name)]

    def _as_written(self) -> str:
        """Return how the parameter is sent: `it`, or the names of its members."""
        if not self.parameter.is_spread:
            return "it"
        return " or ".join(map(repr, islice(self.parameter.described, 5))) or "its members"


def _is_short(key: str, raw_value: str) -> bool:
    return len(key) + len(raw_value) <= _LONGEST_KEPT
