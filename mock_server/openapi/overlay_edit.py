"""The edits of one action of an overlay: each container that they change is copied once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mock_server.formats.json import Json
from mock_server.formats.source_file import Place

# The way from the root of a document to a value.
Steps = tuple[str | int, ...]


@dataclass
class Incompatible(Exception):
    """An action cannot be carried out; `place` is the part of the action that is wrong."""

    message: str
    remedy: str
    place: Place = ("target",)


class Edit:
    """A document that is being changed; the one given stays as it is, and shares what stays the same.

    So nothing is copied of a large document but the containers on the way to a change, and a value that
    an update or a copy puts into several places stands in all of them.
    """

    def __init__(self, document: Json) -> None:
        self._holder: list[Json] = [document]
        # The copies, by identity; they may be changed.
        self._own: dict[int, Json] = {}

    @property
    def document(self) -> Json:
        return self._holder[0]

    def remove(self, places: Iterable[Steps]) -> None:
        """Remove values from the containers that hold them."""
        removed: dict[Steps, set[str | int]] = {}
        for place in places:
            if not place:
                raise Incompatible("the whole document cannot be removed", "select a part of it")
            removed.setdefault(place[:-1], set()).add(place[-1])
        # The deepest first: what is removed from a list moves the values after it.
        for place in sorted(removed, key=len, reverse=True):
            container, steps = self._container(place), removed[place]
            if isinstance(container, list):
                container[:] = [item for number, item in enumerate(container) if number not in steps]
            else:
                for step in steps:
                    del container[step]

    def update(self, steps: Steps, value: Json, field: Place, *, appends_arrays: bool) -> None:
        """Merge a value with what stands at a place, as the Overlay specification says.

        Into an object, an object is merged; to an array, an array is joined (with `appends_arrays`,
        appended as one value), and any other value appended; a primitive value is replaced by one.
        """
        container: Json = self._container(steps[:-1]) if steps else self._holder
        step = steps[-1] if steps else 0
        current = container[step]
        if isinstance(current, dict):
            self._merge(self._owned(container, step), value, field)
        elif isinstance(current, list):
            joined = value if isinstance(value, list) and not appends_arrays else [value]
            self._owned(container, step).extend(joined)
        elif isinstance(value, dict | list):
            message = "the target is a primitive value, the update is not"
            raise Incompatible(message, "write a text, a number, a boolean or null", field)
        else:
            container[step] = value

    def _container(self, steps: Steps) -> Json:
        """Return the container at a place, which may be changed."""
        container: Json = self._owned(self._holder, 0)
        for step in steps:
            container = self._owned(container, step)
        return container

    def _owned(self, container: Json, step: Json) -> Json:
        """Return what a container holds, as a copy of ours that may be changed."""
        part = container[step]
        if id(part) not in self._own:
            part = container[step] = part.copy()
            self._own[id(part)] = part
        return part

    def _merge(self, target: dict[str, Json], update: Json, place: Place) -> None:
        """Merge an update into an object of ours.

        Objects are merged member by member, arrays are joined, primitive values are replaced. A null
        changes no object and no array: the specification's own examples write `components:` with
        nothing after it.
        """
        if not isinstance(update, dict):
            raise Incompatible("the target is an object, the update is not", "write an object", place)
        for key, value in update.items():
            current = target.get(key)
            if isinstance(current, dict) and value is not None:
                self._merge(self._owned(target, key), value, (*place, key))
            elif isinstance(current, list) and value is not None:
                if not isinstance(value, list):
                    message = "the target holds an array there, the update does not"
                    raise Incompatible(message, "write an array", (*place, key))
                self._owned(target, key).extend(value)
            elif not isinstance(current, dict | list):
                if key in target and current is not None and isinstance(value, dict | list):
                    message = "the target holds a primitive value there, the update does not"
                    remedy = "remove it with an action of its own first"
                    raise Incompatible(message, remedy, (*place, key))
                target[key] = value
