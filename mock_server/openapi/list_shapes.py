"""Lists by their shape: which operations are lists, and by which scheme each pages.

A scheme fits an operation whose answer has the records at their place and all that the scheme's
`response` names, and that has all parameters of its `request`. The operation's own `x-list` counts
first, then the document's, then the schemes that are built in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

from mock_server.formats.source_file import Place
from mock_server.lists import roles
from mock_server.lists.built_in_schemes import Family, built_in, plain
from mock_server.lists.convention import Convention
from mock_server.lists.convention import Place as AnswerPlace
from mock_server.lists.scheme import AUTO, Scheme
from mock_server.lists.scheme_reading import SchemeError, read_scheme, read_schemes
from mock_server.openapi.answer_examples import media_examples
from mock_server.openapi.list_answers import (
    Answer,
    Items,
    Member,
    alternatives,
    tells_of_pages,
)
from mock_server.openapi.list_conventions import Candidate
from mock_server.openapi.list_fitting import Fit, fit_family, fit_scheme, fit_urls, fit_whole
from mock_server.openapi.list_requests import Asked
from mock_server.openapi.parameters import query_schemas
from mock_server.openapi.responses import OK, answer_schema
from mock_server.openapi.schema import DocumentError, Schema

EXTENSION = "x-list"


class ListShape(NamedTuple):
    """A list that was found: its convention, the merged schema of its records, and their place.

    `scheme` is the one that fits, None for a list that is served whole.
    """

    convention: Convention
    record_schema: Schema
    place: AnswerPlace
    scheme: Scheme | Family | None


class ListFinder:
    """Finds the lists of one document, by its schemes and by those that are built in."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the document, resolved; raise DocumentError for an `x-list` at its root that is wrong."""
        self.schemes = document_schemes(document)

    def with_schemes(self, schemes: Iterable[Scheme]) -> ListFinder:
        """Return what finds lists by further schemes, after those of the document."""
        finder = copy(self)
        finder.schemes = (*self.schemes, *schemes)
        return finder

    def find(self, spec: Mapping[str, Any], place: Place) -> ListShape | None:
        """Return the list that a GET operation is; None where it is none.

        `spec` is the operation and `place` where it stands. Raise DocumentError for an `x-list` that is
        wrong, or that the operation does not fit.
        """
        answer, asked = self._read(spec, place)
        return find_list(spec, place, answer, asked, self.schemes)

    def lacking(self, spec: Mapping[str, Any], place: Place) -> list[list[str]]:
        """Return what a GET operation lacks of each scheme of the document, empty for one that fits."""
        answer, asked = self._read(spec, place)
        answers = alternatives(answer)
        return [
            min((_lacks(scheme, each, asked) for each in answers), key=len) for scheme in self.schemes
        ]

    def _read(self, spec: Mapping[str, Any], place: Place) -> tuple[Any, Asked]:
        """Return the schema of an operation's answer, and what a request of it takes."""
        found = answer_schema(spec, OK)
        if found is None:
            return {}, Asked(str(place[1]), {})
        response = spec["responses"][found[0][1]]
        asked = Asked(
            path=str(place[1]),
            query=query_schemas(spec),
            headers=tuple(response.get("headers", ())),
            example=next(iter(media_examples(response["content"][found[0][3]])), None),
        )
        return found[1], asked


def _lacks(scheme: Scheme, answer: Answer, asked: Asked) -> list[str]:
    fit = fit_scheme(scheme, answer, asked)
    return [] if isinstance(fit, Fit) else fit


def document_schemes(document: Mapping[str, Any]) -> tuple[Scheme, ...]:
    """Return the schemes at the root of a document; raise DocumentError for one that is wrong."""
    if EXTENSION not in document:
        return ()
    try:
        return read_schemes(document[EXTENSION])
    except SchemeError as error:
        raise _document_error((EXTENSION,), error) from None


def unused_schemes(
    document: Mapping[str, Any], used: Mapping[str, Scheme | Family | None]
) -> Iterator[DocumentError]:
    """Yield what is wrong with the schemes at the root of a document by which no list pages.

    `used` has the schemes of the lists by their paths.
    """
    try:
        schemes = document_schemes(document)
    except DocumentError:
        return
    unused = [n for n, scheme in enumerate(schemes) if scheme not in used.values()]
    lacks = _lacks_of_all(document, used) if unused else {}
    for number in unused:
        path = min(lacks, key=lambda each: len(lacks[each][number]), default=None)
        reason = "there is no list"
        if path is not None:
            lack = " and ".join(lacks[path][number])
            reason = f"{path} comes nearest, and lacks {lack}" if lack else "another counts before it"
        message = f"no list pages by this scheme: {reason}"
        yield DocumentError((EXTENSION, number), message, "correct it, or remove it")


def _lacks_of_all(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, list[list[str]]]:
    """Return what the lists of paths lack of each scheme at the root of a document."""
    finder = ListFinder(document)
    return {
        path: finder.lacking(document["paths"][path]["get"], ("paths", path, "get")) for path in paths
    }


def scheme_place(document: Mapping[str, Any], scheme: Scheme, path: str) -> Place:
    """Return where the scheme by which the list of a path pages is written, in a resolved document."""
    if EXTENSION in document["paths"][path]["get"]:
        return ("paths", path, "get", EXTENSION)
    return (EXTENSION, document_schemes(document).index(scheme))


def find_list(
    spec: Mapping[str, Any], place: Place, answer: Any, asked: Asked, schemes: Sequence[Scheme]
) -> ListShape | None:
    """Return the list that a GET operation is; None where it is none.

    `spec` is the operation and `place` where it stands, `answer` the schema of its 200, and `schemes`
    are those of the document. Raise DocumentError for an `x-list` that is wrong or does not fit.
    """
    answers = alternatives(answer)
    is_whole = spec.get(EXTENSION) is False
    if EXTENSION in spec and not is_whole:
        return _fit_own(spec[EXTENSION], (*place, EXTENSION), answers, asked)
    if not is_whole:
        found = _fit_document(answers, asked, schemes) or _fit_built_in(answers, asked)
        if found is not None:
            return found
    for each in answers:
        items = each.find_items(AUTO, asked.last_word)
        if items is not None and (is_whole or _is_list(each, items, asked, None)):
            return _shape(fit_whole(each, items, asked, schemes), None)
    return None


def _fit_document(answers: list[Answer], asked: Asked, schemes: Sequence[Scheme]) -> ListShape | None:
    """Return the list by the first of the document's schemes that fits."""
    for scheme in schemes:
        for each in answers:
            fit = fit_scheme(scheme, each, asked)
            if isinstance(fit, Fit) and _is_list(each, fit.items, asked, fit):
                return _shape(fit, scheme)
    return None


def _fit_own(own: Any, place: Place, answers: list[Answer], asked: Asked) -> ListShape:
    try:
        scheme = read_scheme(own)
    except SchemeError as error:
        raise _document_error(place, error) from None
    missing: list[str] = []
    for each in answers:
        fit = fit_scheme(scheme, each, asked)
        if isinstance(fit, Fit):
            return _shape(fit, scheme)
        missing = missing or fit
    message = f"the operation lacks {' and '.join(missing)}"
    raise DocumentError(place, message, "name what it has, or leave out what it lacks")


def _fit_built_in(answers: list[Answer], asked: Asked) -> ListShape | None:
    """Return the list of the alternative that tells most of pages, the first of several."""
    found = []
    if asked.positions:
        found = [fitted for each in answers if (fitted := _fit_first(each, asked)) is not None]
    if not found:
        found = [fitted for each in answers for fitted in _url_fits(each, asked)]
    best = max(found, key=lambda fitted: _tells(fitted[0]), default=None)
    return None if best is None else _shape(*best)


def _tells(fit: Fit) -> tuple[bool, bool]:
    """Return whether an answer tells of other pages, and whether it repeats where its own begins."""
    return fit.tells_of_pages, fit.convention.says(roles.PAGE, roles.OFFSET, is_header=False)


def _fit_first(answer: Answer, asked: Asked) -> tuple[Fit, Scheme | Family] | None:
    """Return how the first built-in scheme that fits an answer does, and the scheme; None for none."""
    items = next(_built_in_items(answer, asked), None)
    if items is None:
        return None
    for scheme in built_in().schemes:
        if isinstance(scheme, Family):
            fit = fit_family(scheme, Candidate(answer, items, asked))
        else:
            whole = fit_scheme(scheme, answer, asked)
            fit = whole if isinstance(whole, Fit) else None
        if fit is not None and _is_list(answer, fit.items, asked, fit):
            return fit, scheme
    return None


def _url_fits(answer: Answer, asked: Asked) -> Iterator[tuple[Fit, Scheme | Family]]:
    """Yield how an answer is a list whose only way on is a URL in it."""
    for items in _built_in_items(answer, asked):
        fit = fit_urls(Candidate(answer, items, asked))
        if fit is not None and _is_list(answer, items, asked, fit):
            yield fit, Scheme(style=fit.convention.style)


def _built_in_items(answer: Answer, asked: Asked) -> Iterator[Items]:
    """Yield where the records may be: at the top, else in the only array of an object at the top."""
    items = answer.find_items(AUTO, asked.last_word)
    if items is not None:
        yield items
    for name, member in answer.members.items():
        if plain(name) in built_in().envelopes and "object" in member.kinds:
            for inner in alternatives(member.schema):
                found = inner.find_items(AUTO, asked.last_word) if not inner.is_array else None
                if found is not None:
                    yield Items((name, *found.place), found.schema)


def _is_list(answer: Answer, items: Items, asked: Asked, fit: Fit | None) -> bool:
    """Tell whether an answer that holds an array is a list, and not one object with an array.

    It is if the array is the answer, or named by the path's last word or as records usually are; if the
    answer tells of pages; or if the answer has nothing of its own beside the array.
    """
    if not items.place:
        return True
    if fit is not None and fit.tells_of_pages:
        return True
    name, last_word = plain(items.place[-1]), plain(asked.last_word)
    if fit is not None and name == last_word and not asked.ends_in_parameter:
        return True
    is_one = asked.ends_in_parameter or any(
        plain(each) in built_in().names["ids"] for each in answer.members
    )
    if not is_one and (fit is not None or name in (last_word, *built_in().records)):
        return True
    beside = [member for name, member in answer.members.items() if name != items.place[0]]
    return all(map(_is_beside, beside))


def _is_beside(member: Member) -> bool:
    """Tell whether a member says nothing of its own of an object, but something of records beside it."""
    known, name = built_in(), plain(member.place[-1])
    is_known = name in known.other_members or not member.schema
    return is_known or _says(name) or tells_of_pages(member)


def _says(name: str) -> bool:
    return any(name in words for words in built_in().response.values())


def _shape(fit: Fit, scheme: Scheme | Family | None) -> ListShape:
    return ListShape(fit.convention, fit.items.record_schema, fit.items.place, scheme)


def _document_error(place: Place, error: SchemeError) -> DocumentError:
    return DocumentError((*place, *error.place), error.message, error.remedy)
