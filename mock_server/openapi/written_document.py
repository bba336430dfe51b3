"""A document as it was read: with its overlay merged, and checked as far as no reference is followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_server.formats import digests, source_file
from mock_server.formats.json import Json
from mock_server.formats.source_file import Source
from mock_server.openapi import document_checks, overlay, structure
from mock_server.openapi.document_checks import Checks
from mock_server.openapi.structure import Fault
from mock_server.problems import CannotServe, Problem


@dataclass(frozen=True)
class WrittenDocument:
    """A document with its overlay merged, whose structure was checked.

    `overlay_path` is None without an overlay. `faults` are those of its structure that keep no other
    part from being served; `overlay_warnings` are what is odd about the overlay for this document.
    `digest` is that of the texts of both.
    """

    path: Path
    overlay_path: Path | None
    source: Source = field(repr=False)
    merged: dict[str, Any] = field(repr=False)
    faults: Sequence[Fault] = field(repr=False)
    checks: Checks = field(repr=False)
    overlay_warnings: tuple[Problem, ...]
    digest: str


# Reads a file, e.g. one that others were read with before; raises CannotServe.
Read = Callable[[Path], Source]


def read(
    path: Path, overlay_path: Path | None, *, is_checked: bool = True, read_file: Read = source_file.read
) -> WrittenDocument:
    """Read a document and merge an overlay, None for none; raise CannotServe with what is wrong.

    What is wrong with a part of it alone is a fault. Unless it `is_checked`, its structure is taken to
    be right.
    """
    source, *overlays = _read_all([path, *([overlay_path] if overlay_path else [])], read_file)
    document_checks.require_openapi(source)
    merged, warnings = source.data, list[Problem]()
    for each in overlays:
        merged = _merge(each, merged, path, warnings)
    faults = structure.find_faults(merged) if is_checked else []
    checks = Checks(source, overlay_path, faults, overlays)
    digest = digests.combine(source.digest, *(each.digest for each in overlays))
    odd = tuple(warnings)
    return WrittenDocument(path, overlay_path, source, merged, faults, checks, odd, digest)


def _read_all(paths: list[Path], read_file: Read) -> list[Source]:
    problems, sources = list[Problem](), list[Source]()
    for path in paths:
        try:
            sources.append(read_file(path))
        except CannotServe as error:
            problems += error.problems
    if problems:
        raise CannotServe(problems)
    return sources


def _merge(source: Source, document: Json, path: Path, warnings: list[Problem]) -> Json:
    """Return a document with an overlay merged, and add what is odd about that to `warnings`."""
    merged = overlay.apply(source, document, warnings)
    warnings += overlay.extends_warnings(source, path)
    return merged
