"""What is compiled of operations when it is asked for first, since most are never asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

Source = TypeVar("Source")
Form = TypeVar("Form")


class Compiled(dict[str, Form], Generic[Source, Form]):
    """The compiled forms of things by their names; `[name]` makes one that is not there yet."""

    def __init__(self, sources: Mapping[str, Source], compile_one: Callable[[Source], Form]) -> None:
        """Take the things by their names, and the function that compiles one."""
        super().__init__()
        self._sources = sources
        self._compile_one = compile_one

    def __missing__(self, name: str) -> Form:
        form = self[name] = self._compile_one(self._sources[name])
        return form
