"""Position checks: what the parameters for a page's place stand for, by the style of the list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from mock_server.errors import Violation
from mock_server.lists import cursors, tokens
from mock_server.lists.convention import Convention
from mock_server.lists.filters import Filter
from mock_server.lists.roles import AFTER, NEXT, TOKEN
from mock_server.lists.sorting import Sort
from mock_server.openapi.operations import Operation
from mock_server.openapi.parameter_parsing import Check, SentValue
from mock_server.shown_text import quote

# The code of the violation of a cursor that has expired, which is no mistake of the client.
EXPIRED_CURSOR = "expiredCursor"

# Returns the first and the last position of the records with a text in a field; None for none.
LookUp = Callable[[str, str], tuple[int, int] | None]


def opaque_check(name: str, operation: Operation) -> Check:
    """Return the check of a cursor or token: its value is the position that it stands for.

    The value of a token is the position and the `tokens.binding` of its filters; that of a text that
    means the first page is None.
    """
    collection, giver = str(operation.collection), _giver(operation.convention)
    is_token = operation.convention.style == TOKEN
    decode: Callable[[str, str], Any] = tokens.decode if is_token else cursors.decode
    what = "token" if is_token else "cursor"
    starts = next(each.starts for each in operation.query if each.name == name)

    def check(text: str) -> tuple[Any, Violation | None]:
        if text in starts:
            return None, None
        try:
            return decode(collection, text), None
        except cursors.ExpiredCursor:
            message = (
                f"{quote(text)} was a {what} for '{name}', but has expired; "
                f"start again from the first page, without a {what}."
            )
            return None, Violation(EXPIRED_CURSOR, message, name)
        except cursors.UnknownCursor:
            message = (
                f"{quote(text)} is no {what} for '{name}'; send one that {giver} gave, "
                "unchanged, or leave it out for the first page."
            )
            return None, Violation("unknownCursor", message, name)

    return check


def _giver(convention: Convention) -> str:
    """Return what gives cursors, e.g. `a page's pagination`."""
    place = convention.response.get(NEXT, ())
    return f"a page's {place[-2]}" if len(place) > 1 else "a page"


class PositionChecks:
    """The checks of the parameters for the place of a page that one parameter's text does not decide."""

    def __init__(self, operation: Operation) -> None:
        self._convention = operation.convention
        self.names = operation.position_parameters
        self._cursors = operation.cursor_parameters
        self._starts = {each.name: each.starts for each in operation.query}
        self._is_token = self._convention.style == TOKEN
        # Whether a position depends on the records or on the filters.
        self.is_dependent = self._is_token or self._convention.cursor is not None

    def conflict(self, sent: Collection[str]) -> Violation:
        """Return the violation of a request with several places for one page; `sent` are names."""
        names = [name for name in self.names if name in sent]
        if set(names) <= set(self._convention.cursors):
            following, preceding = self._convention.cursors
            rule = "a page either follows one cursor or precedes one"
            message = f"'{following}' and '{preceding}' were both sent, but {rule}"
            return Violation("conflictingCursors", f"{message}; send only one of them.", preceding)
        message = f"{' and '.join(map(repr, names))} were all sent, but each says where the page is"
        return Violation("conflictingCursors", f"{message}; send only one of them.", names[-1])

    def settle(
        self,
        sent: Mapping[str, Sequence[SentValue]],
        arguments: dict[str, Any],
        bound: Collection[Filter | Sort] | None,
        look_up: LookUp | None,
    ) -> Iterator[Violation]:
        """Put the positions that cursors stand for into `arguments`; yield their violations.

        `bound` are the filters and the order of the request, None where one of them is not valid.
        """
        for name in self._cursors:
            if arguments.get(name) is None or name not in sent:
                continue
            if self._is_token:
                position, bound_to = arguments[name]
                arguments[name] = position
                if bound is not None and bound_to != tokens.binding(bound):
                    yield _other_filters(name, sent[name][0].decoded)
            elif look_up is not None:
                yield from self._seek(name, sent[name][0], arguments, look_up)

    def _seek(
        self, name: str, value: SentValue, arguments: dict[str, Any], look_up: LookUp
    ) -> Iterator[Violation]:
        field = str(self._convention.cursor)
        text = value.named[0][1] if value.named else value.decoded
        found = look_up(field, text)
        if found is None and value.decoded in self._starts[name]:
            arguments[name] = None
            return
        arguments[name] = None if found is None else found[self._convention.role_of(name) == AFTER]
        if found is None:
            message = (
                f"{quote(value.decoded)} is the {field} of no record here; send that of a record "
                f"that a page gave and that is still there, or leave '{name}' out for the first page."
            )
            yield Violation("unknownCursor", message, name)


def _other_filters(name: str, text: str) -> Violation:
    message = (
        f"{quote(text)} was given for '{name}' with other filters; send the filters of the page "
        "that gave it, or leave it out for the first page."
    )
    return Violation("unknownCursor", message, name)
