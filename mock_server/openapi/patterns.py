"""Regular expressions of a document: compiled and matched as ECMA-262 says, within a bound of time.

OpenAPI 3.0 (Schema Object, `pattern`) takes the dialect of ECMA-262, in which `$` is the end of the
text, `\\d` and `\\w` are ASCII, and `\\p{L}` is a letter. The library matches in time proportional to
the pattern's size times the text's, unless a pattern refers back to a group: that may take any time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import corvus_regex_ecma262 as ecma

# The longest that one match may take; usual ones take microseconds.
SECONDS = 0.1


class InvalidPattern(Exception):
    """The text is no regular expression; the message says why and where, e.g. `… at offset 1`."""


class GivenUp(Exception):
    """A check was given up, so that nobody knows whether `text` is right.

    `CODE` is that of the violation that it causes, `message` what happened, `REMEDY` what to do.
    """

    CODE: ClassVar[str]
    REMEDY: ClassVar[str]

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.message, self.text = message, text


class PatternTimeout(GivenUp):
    """Matching was given up after SECONDS, so nobody knows whether `text` matches `pattern`.

    Its message is, e.g., `takes longer than 0.1 s to match the pattern ^(a+)+\\1$`.
    """

    CODE = "patternTimeout"
    REMEDY = "send a shorter text, or give the document a pattern that does not refer back to groups"

    def __init__(self, pattern: str, text: str) -> None:
        super().__init__(f"takes longer than {SECONDS} s to match the pattern {pattern[:60]}", text)
        self.pattern = pattern


class TooDeep(GivenUp):
    """A value is nested too deeply to be checked by a schema that leads back to itself."""

    CODE = "nesting"
    REMEDY = "flatten it"

    def __init__(self, value: object) -> None:
        super().__init__("is nested too deeply for its schema", str(value)[:60])


class Pattern:
    """A compiled regular expression."""

    def __init__(self, text: str) -> None:
        """Compile a pattern; raise InvalidPattern for a text that is none.

        It is read with the flag `u`, by which `\\p{L}` and `\\u{61}` mean what they say. Where that is
        not valid, it is read as browsers read it without a flag, as in `[\\w-.]` (ECMA-262, Annex B).
        """
        self.text = text
        try:
            self._regex = _compile(text, "u")
        except ecma.error:
            try:
                self._regex = _compile(text, "")
            except ecma.error as error:
                raise InvalidPattern(_reason(error, text)) from None

    def is_in(self, text: str) -> bool:
        """Return whether the pattern matches somewhere in a text; raise PatternTimeout."""
        try:
            return self._regex.test(text)
        except ecma.MatchLimitError:
            raise PatternTimeout(self.text, text) from None


@lru_cache(maxsize=1000)
def compile_pattern(text: str) -> Pattern:
    """Return a pattern, compiled once; raise InvalidPattern."""
    return Pattern(text)


def is_match(pattern: str, text: str, *, unless_valid: bool = True) -> bool:
    """Tell whether a pattern is found in a text; return `unless_valid` for a text that is no pattern."""
    # jsonschema matches by Python's `re`.
    try:
        return compile_pattern(pattern).is_in(text)
    except InvalidPattern:
        # The document's author is told; a client can do nothing about it.
        return unless_valid


def _compile(text: str, flags: str) -> ecma.Regex:
    return ecma.compile(text, flags, timeout=SECONDS)


def _reason(error: ecma.error, text: str) -> str:
    """Return the library's message without its own name and the pattern, which the caller gives."""
    return str(error).removeprefix("ecmaregex: ").removesuffix(f' in "{text}"')[:100]
