"""Whether a request accepts one of the media types that its answer has."""

from __future__ import annotations

from collections.abc import Iterable

from mock_server.errors import NotAcceptable, Violation
from mock_server.formats import media_types


def require_acceptable(
    accept: str, answer_types: tuple[str, ...], violations: Iterable[Violation]
) -> None:
    """Raise NotAcceptable unless an Accept header admits one of the types of the answer.

    The violations that were found before are recorded with it.
    """
    if not media_types.admits(accept, answer_types):
        error = NotAcceptable(accept, " or ".join(answer_types))
        error.also = tuple(violations)
        raise error
