"""What a request says outside its query: headers, cookies, and the parameters of the path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from mock_server.openapi.compiled_parameter import CompiledParameter
from mock_server.openapi.parameter_parsing import SentValue
from mock_server.openapi.parameter_styles import describes
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.schema import kinds_of

# A name and its value, as a cookie has them.
Pair = tuple[str, str]


class OutsideQuery:
    """The values sent for parameters outside the query."""

    def __init__(
        self, headers: Mapping[str, str], path_values: Mapping[str, Any], path_names: Mapping[str, str]
    ) -> None:
        """Read a request: its headers by names in lower case, and the values of its path by their names.

        `path_names` has the name of each path parameter in `path_values`, e.g. `{"id": "p0"}`.
        """
        self._headers = headers
        self._path_values = path_values
        self._path_names = path_names

    def values_of(self, compiled: CompiledParameter) -> list[SentValue]:
        """Return the values sent for a parameter; none where it was not sent."""
        parameter = compiled.parameter
        match parameter.location:
            case "path":
                text = str(self._path_values[self._path_names[parameter.name]])
                return compiled.values_of(parameter.name, [text])
            case "cookie":
                pairs = self._pairs_of(parameter)
                return [value for name, text in pairs for value in compiled.values_of(name, [text])]
        header = self._headers.get(parameter.name.lower())
        return [] if header is None else compiled.values_of(parameter.name, [header])

    def _pairs_of(self, parameter: Parameter) -> list[Pair]:
        """Return the cookies that belong to a parameter, an exploded array's or object's all."""
        name, is_list = parameter.name, "array" in kinds_of(parameter.schema)
        if not parameter.explode or parameter.is_json or not (is_list or parameter.is_spread):
            # Of several cookies of one name, the first is that of the most specific path (RFC 6265
            # section 5.4).
            return [pair for pair in self._cookies if pair[0] == name][:1]
        # OpenAPI 3.0.3 writes them with `&`, as in a query; clients send a cookie for each.
        pairs = [_pair(piece) for each in self._cookies for piece in "=".join(each).split("&")]
        if not parameter.is_spread:
            return [pair for pair in pairs if pair[0] == name]
        return [pair for pair in pairs if describes(parameter.schema, (pair[0],))]

    @cached_property
    def _cookies(self) -> Sequence[Pair]:
        """Return the cookies as they came (RFC 6265 section 4.2.1), whatever stands between them."""
        pieces = self._headers.get("cookie", "").split(";")
        return [_pair(piece) for piece in pieces if "=" in piece]


def _pair(text: str) -> Pair:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()
