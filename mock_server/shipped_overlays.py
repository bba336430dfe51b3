"""The overlays that are installed with the program, each named by a word: `sequence`."""

from __future__ import annotations

import re
from pathlib import Path

from mock_server.shown_text import did_you_mean, quote

_SUFFIX = ".overlay.yaml"


def is_word(text: str) -> bool:
    """Tell whether a text may name an installed overlay: it has neither a slash nor a suffix."""
    return re.fullmatch(r"[\w-]+", text) is not None


def overlay_path(text: str) -> Path:
    """Return the path of an overlay: `api.overlay.yaml` as it is, and for `sequence` the installed one.

    A file of that name goes first. Raise ValueError for a word that is neither, with those that are.
    """
    path = Path(text)
    if not is_word(text) or path.exists():
        return path
    installed = _installed()
    if text not in installed:
        near = did_you_mean(text, tuple(installed))
        raise ValueError(
            f"{quote(text)} is neither a file nor an overlay that is installed{near}; those are "
            f"{', '.join(installed)}."
        )
    return installed[text]


def _installed() -> dict[str, Path]:
    """Return the paths of the overlays for whole documents of vendors, by their words."""
    # Loading this takes a moment, which a command that names no overlay saves.
    from importlib.resources import files

    folder = Path(str(files("mock_server.spec")))
    names = sorted(each.name for each in folder.glob(f"*{_SUFFIX}"))
    words = (name.removesuffix(_SUFFIX) for name in names)
    return {word: folder / f"{word}{_SUFFIX}" for word in words if is_word(word)}
