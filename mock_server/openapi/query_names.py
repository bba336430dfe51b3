"""The names of a query: which parameter each belongs to, and what was meant by one that has none."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.errors import Violation, did_you_mean, printable, quote
from mock_server.openapi.parameter_parsing import CompiledParameter
from mock_server.openapi.parameter_styles import describes, steps_of
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import is_open, members_of


class QueryNames:
    """The names under which the query parameters of an operation are sent.

    `exact` has those that are the names of parameters. The members of an object are sent under names of
    their own, e.g. `role` or `filter[status]`.
    """

    def __init__(self, query: Iterable[CompiledParameter]) -> None:
        compiled = list(query)
        self.exact = {c.parameter.name: c for c in compiled if _has_own_name(c.parameter)}
        spread = [c for c in compiled if c.parameter.is_spread]
        self._deep = {c.parameter.name: c for c in spread if c.parameter.style == "deepObject"}
        forms = [c for c in spread if c.parameter.style != "deepObject"]
        self._members = {name: c for c in forms for name in members_of(c.parameter.schema)}
        self._open = next((c for c in forms if is_open(c.parameter.schema)), None)
        self._spread = {c.parameter.name: c.parameter for c in spread}
        self._known = list(
            dict.fromkeys(n for c in compiled for n in [*c.parameter.described, *self.exact])
        )

    def owner(self, name: str) -> CompiledParameter | None:
        """Return the parameter that a name belongs to; None for a name that the document lacks."""
        found = self.exact.get(name) or self._members.get(name)
        if found is not None:
            return found
        deep = self._deep.get(name.partition("[")[0])
        if deep is not None:
            steps = steps_of(deep.parameter, name)
            return deep if steps and describes(deep.parameter.schema, steps) else None
        return None if self._open is None or name in self._spread else self._open

    def unknown(self, name: str) -> Violation:
        """Return the violation of a name that belongs to no parameter."""
        parameter = self._spread.get(name)
        if parameter is not None:
            members = ", ".join(map(repr, list(parameter.described)[:5])) or "its members"
            message = f"'{name}' is an object, whose members are sent by names of their own"
            return Violation("unknownParameter", f"{message}; send {members}.", printable(name))
        suggestion = did_you_mean(name, self._known)
        message = f"{quote(name)} is no parameter of this operation{suggestion}"
        return Violation("unknownParameter", f"{message}; correct it, or leave it out.", printable(name))


def _has_own_name(parameter: Parameter) -> bool:
    return not parameter.is_spread or parameter.kinds != ("object",)
