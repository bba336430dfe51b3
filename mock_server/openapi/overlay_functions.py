"""The functions `match` and `search` of an overlay's JSONPath, which compare texts with patterns."""

from __future__ import annotations

import re
from typing import ClassVar

import iregexp_check
from jsonpath.function_extensions import ExpressionType, FilterFunction

from mock_server.openapi.patterns import InvalidPattern, compile_pattern

# RFC 9485 section 5.3: a dot outside a class is any character but a line break.
_DOT = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\.", re.DOTALL)


class Search(FilterFunction):
    """Tells whether a pattern is in a text (RFC 9535 section 2.4.7).

    `unread` is a pattern that was met and is none of RFC 9485, None where there was none.
    """

    arg_types: ClassVar = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL
    _envelope = "{}"

    def __init__(self) -> None:
        self.unread: str | None = None

    def __call__(self, value: object, pattern: object) -> bool:
        """Return False also for what is no text, or no pattern; raise PatternTimeout."""
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        if not iregexp_check.check(pattern):
            self.unread = pattern
            return False
        translated = _DOT.sub(lambda part: r"[^\n\r]" if part[0] == "." else part[0], pattern)
        try:
            return compile_pattern(self._envelope.format(translated)).is_in(value)
        except InvalidPattern:
            return False


class Match(Search):
    """Tells whether a pattern is the whole of a text (RFC 9535 section 2.4.6)."""

    _envelope = "^(?:{})$"
