"""The names that schemas give themselves: `$id`, `$anchor` and `$dynamicAnchor`.

They are those of JSON Schema 2020-12, section 8.2, which OpenAPI 3.1 takes over.
"""

from __future__ import annotations

from urllib.parse import unquote, urldefrag, urljoin

from mock_server.formats.json import Json
from mock_server.formats.source_file import Place
from mock_server.openapi.reference_places import KINDS_31, SCHEMA, inner_parts

# Without one of these texts, no schema of a file has a name.
_NAMING = ("$id", "$anchor", "$dynamicAnchor")

# What a reference leads to.
Found = tuple[Place, Json]


def may_have_names(text: str) -> bool:
    """Tell whether a file with this text may have schemas with names."""
    return any(word in text for word in _NAMING)


class SchemaNames:
    """The schemas of one file that have names, found once."""

    def __init__(self, data: Json) -> None:
        """Take the value of a file: a document, a schema, or schemas by name."""
        is_document = isinstance(data, dict) and "openapi" in data
        self._by_id: dict[str, Found] = {"": ((), data)}
        self._ids: dict[Place, str] = {}
        self._anchors: dict[tuple[str, str], Found] = {}
        self._visited: set[int] = set()
        self._note(data, "document" if is_document else SCHEMA, (), "")
        if not is_document and isinstance(data, dict):
            for name, part in data.items():
                self._note(part, SCHEMA, (name,), "")

    def _note(self, node: Json, kind: str, place: Place, base: str) -> None:
        """Note the names of a part and of the parts in it; `base` is the `$id` that counts there."""
        waiting = [(node, kind, place, base)]
        while waiting:
            part, kind, place, base = waiting.pop()
            if id(part) in self._visited or not isinstance(part, dict | list):
                continue
            self._visited.add(id(part))
            if kind == SCHEMA and isinstance(part, dict):
                base = self._note_own(part, place, base)
            for step, inner, inner_kind in inner_parts(part, kind, KINDS_31):
                waiting.append((inner, inner_kind, (*place, step), base))

    def _note_own(self, schema: dict[str, Json], place: Place, base: str) -> str:
        """Note a schema's own names, and return its `$id`, or `base` where it has none."""
        own = schema.get("$id")
        if isinstance(own, str):
            base = urldefrag(urljoin(base, own)).url
            self._ids[place] = base
            self._by_id.setdefault(base, (place, schema))
        for name in (schema.get("$anchor"), schema.get("$dynamicAnchor")):
            if isinstance(name, str):
                self._anchors.setdefault((base, name), (place, schema))
        return base

    def find(self, reference: str, place: Place) -> tuple[Found, str] | None:
        """Return the schema that a reference at a place names, and the JSON pointer from it on."""
        url = urldefrag(urljoin(self._base(place), reference))
        fragment = unquote(url.fragment)
        if fragment and not fragment.startswith("/"):
            anchored = self._anchors.get((url.url, fragment))
            return None if anchored is None else (anchored, "")
        return (self._by_id[url.url], fragment) if url.url in self._by_id else None

    def _base(self, place: Place) -> str:
        """Return the `$id` of the innermost schema around a place that has one; empty for none."""
        depths = range(len(place), -1, -1) if self._ids else ()
        return next((self._ids[place[:d]] for d in depths if place[:d] in self._ids), "")
