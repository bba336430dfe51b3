"""The names of a query: which parameter each belongs to, and what was meant by one that has none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mock_server.errors import Violation
from mock_server.openapi.open_objects import is_open
from mock_server.openapi.parameter_styles import describes, steps_of
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import members_of
from mock_server.shown_text import did_you_mean, printable, quote


class QueryNames:
    """The names under which the query parameters of an operation are sent.

    `exact` has those that are the names of parameters, `known` all that are described, `wholes` the
    names of the members of each object that must be sent. The members of an object are sent under names
    of their own, e.g. `role` or `filter[status]`.
    """

    def __init__(self, query: Iterable[Parameter]) -> None:
        """Take the parameters of a query."""
        parameters = list(query)
        self.exact = {p.name: p for p in parameters if _has_own_name(p)}
        self._spread = {p.name: p for p in parameters if p.is_spread}
        self._deep = [p for p in self._spread.values() if p.style == "deepObject"]
        forms = [p for p in self._spread.values() if p.style != "deepObject"]
        self._members = {name: p for p in forms for name in members_of(p.schema)}
        self._open = next((p for p in forms if is_open(p.schema)), None)
        described = [name for p in parameters for name in p.described]
        self.wholes = {
            p.whole: [name for part in parameters if part.whole == p.whole for name in part.described]
            for p in parameters
            if p.whole is not None
        }
        self.known = list(dict.fromkeys([*described, *self.exact]))

    def owner(self, name: str) -> Parameter | None:
        """Return the parameter that a name belongs to; None for a name that the document lacks."""
        found = self.exact.get(name) or self._members.get(name)
        if found is not None:
            return found
        for deep in self._deep:
            steps = steps_of(deep, name)
            if steps:
                return deep if describes(deep.schema, steps) else None
        return self._open if name and name not in self._spread else None

    def unknown(self, name: str) -> Violation:
        """Return the violation of a name that belongs to no parameter."""
        parameter = self._spread.get(name)
        if parameter is not None:
            members = ", ".join(map(repr, list(parameter.described)[:5])) or "its members"
            message = f"'{name}' is an object, whose members are sent by names of their own"
            return Violation("unknownParameter", f"{message}; send {members}.", printable(name))
        suggestion = did_you_mean(name, self.known)
        message = f"{quote(name)} is no parameter of this operation{suggestion}"
        return Violation("unknownParameter", f"{message}; correct it, or leave it out.", printable(name))

    def missing(self, sent: Collection[str]) -> Iterator[Violation]:
        """Yield the violation of each object that must be sent, and of which nothing is.

        `sent` are the names of the parameters that are.
        """
        for whole, names in self.wholes.items():
            if not any(part in sent for part in whole.parts):
                listed = " or ".join(map(repr, names[:5]))
                message = f"'{whole.name}' is required in the query; send {listed}."
                yield Violation("required", message, whole.name)


def _has_own_name(parameter: Parameter) -> bool:
    return not parameter.is_spread or parameter.kinds != ("object",)
