"""Check what would be served: of a document, and of those of older versions beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mock_server.settings import Settings

if TYPE_CHECKING:
    from mock_server.data.starting_data import StartingData
    from mock_server.openapi.document import Document
    from mock_server.problems import Problem


class Checked(NamedTuple):
    """The documents of all versions with their data, the newest first, and what is odd about any."""

    versions: list[tuple[Document, StartingData]]
    warnings: tuple[Problem, ...]

    @property
    def newest(self) -> Document:
        """The newest document, with the warnings of all."""
        return replace(self.versions[0][0], warnings=self.warnings)

    def names(self) -> list[str]:
        """Return what a line says of each version: nothing where there is only one."""
        newest = self.versions[0][0]
        if not newest.older:
            return [""]
        older = [f"Version {each.version}, for requests that ask for it:" for each in newest.older]
        return ["The newest version, for requests that ask for no other:", *older]


def examine(newest: Document, settings: Settings) -> Checked:
    """Compile a document and those of older versions as a server would, and return what was found.

    Raise CannotServe with what is wrong with one of them.
    """
    from mock_server import app
    from mock_server.data import fixture_warnings, starting_data
    from mock_server.openapi import documents
    from mock_server.sandbox.sandbox import SandboxState

    data = starting_data.load(newest, settings)
    app.build(newest, SandboxState(data.collections), settings)
    older = [each.load() for each in newest.older]
    versions = [(newest, data), *((each, starting_data.load(each, settings)) for each in older)]
    warnings = [*documents.warnings(newest)]
    for each, _ in versions:
        warnings += _unfit(each)
    warnings += fixture_warnings.warnings(newest, settings.fixtures, data.collections)
    return Checked(versions, tuple(dict.fromkeys(warnings)))


def _unfit(document: Document) -> list[Problem]:
    """Return the warnings about examples that do not fit."""
    from mock_server.openapi import error_fit, example_fit

    problem = document.references.problem
    unfit = error_fit.warnings(document.effective, document.operations, document.error_shape, problem)
    return [*unfit, *example_fit.warnings(document.effective, problem)]
