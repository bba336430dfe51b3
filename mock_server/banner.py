"""Say what is served and from where, when a server is ready and for `check`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from mock_server import __version__, effect_summary
from mock_server.data.starting_data import StartingData
from mock_server.formats import yaml
from mock_server.formats.atomic_file import STANDARD_OUTPUT
from mock_server.list_summary import (
    group_lines,
    hidden_meaning,
    position_meaning,
    sort_meaning,
    way,
    whole,
)
from mock_server.lists.built_in_schemes import built_in, plain
from mock_server.lists.roles import LIMIT
from mock_server.openapi.document import BUILT_IN, Document, overlay_beside
from mock_server.openapi.list_nearness import Nearness, may_page
from mock_server.openapi.operations import Operation, needed_parameters
from mock_server.openapi.parameters import Parameter
from mock_server.openapi.security import BASIC
from mock_server.problems import Problem
from mock_server.settings import CONTROL_PATH, Settings
from mock_server.shown_text import printable

# What lets curl take any certificate.
_UNTRUSTED = "--insecure "

# Lines about operations that fit on a screen, beside others; the warnings, and the names in one line.
_SCREEN, _WARNINGS, _SHOWN = 60, 10, 3
# The most warnings of which each is shown, whatever they are about.
_ALIKE = 3
# What a warning quotes of a document, and what is told of a value at a place in it.
_QUOTED = re.compile(r"'[^']*'|(?<=does not fit its schema: ).*|^[\[{].*(?= has non-unique)")
# The most lists whose records do not fit, each with its flaw.
_MISFITS = 12


def ready(document: Document, data: StartingData, settings: Settings, url: str) -> str:
    """Return the lines that a server at a URL prints when it is ready, with a command to copy."""
    lines = [f"mock_server {__version__} serves {document.name} at {url}"]
    lines += [f"  {line}" for line in _served_lists(document, data)]
    lines += [f"  from {_origin(document)}"]
    lines += [f"  and version {each.version} from {each.file}" for each in document.older]
    lines += [f"  see  {url}{CONTROL_PATH}/ in a browser"]
    trouble = {"chaos": settings.chaos, "a latency of": settings.latency and f"{settings.latency} ms"}
    lines += [f"  with {name} {value}" for name, value in trouble.items() if value]
    trust = _trust(settings)
    if trust == _UNTRUSTED:
        lines += ["  tls  --tls-ca-out FILE writes the certificate that clients have to trust"]
    lines += [f"  try  curl {trust}{_example(document, settings, url)}"]
    return _join(lines)


def _example(document: Document, settings: Settings, url: str) -> str:
    """Return curl's arguments for a list that needs no parameters and has pages, or for what is nearest.

    The parameters that this one needs are filled in.
    """
    found = list(document.lists.values()) or document.operations
    first = min(found, key=lambda each: (bool(needed_parameters(each)), not each.convention.is_paged))
    flags, keys = _credentials(document, first, is_checked=bool(settings.credentials))
    if not needed_parameters(first):
        return flags + shlex.quote(f"{url}{quote(first.path)}{_query(first, keys)}")
    # Imported here: most documents have a list that needs none.
    from mock_server.conform.request_values import ValueFinder

    filling = ValueFinder(first, document.described(first), lambda _: None).fill()
    headers = "".join(f"-H {shlex.quote(f'{name}: {text}')} " for name, text in filling.headers)
    limit = first.convention.request.get(LIMIT)
    parts = [part for name, part in filling.query.items() if name != limit]
    target = f"{quote(first.base_path)}{filling.path}{_query(first, [*parts, *keys])}"
    return flags + headers + shlex.quote(f"{url}{target}")


def _credentials(document: Document, operation: Operation, *, is_checked: bool) -> tuple[str, list[str]]:
    """Return curl's options with the first credentials that an operation takes, and parts of a query.

    Where it `is_checked` who asks, words stand for what only the server's user knows.
    """
    security = document.security
    requirement = security.requirements[operation.template, operation.method.lower()]
    token = "TOKEN" if is_checked else "demo"
    pair = f"{token}:" if security.is_basic_token else "ID:SECRET" if is_checked else "demo:secret"
    flags: list[str] = []
    keys: list[str] = []
    for scheme in requirement.all_alternatives[0]:
        if scheme.kind == BASIC:
            flags += ["-u", pair]
        elif scheme.location == "query":
            keys.append(f"{quote(scheme.name, safe='')}={token}")
        elif scheme.location == "cookie":
            flags += ["-b", f"{scheme.name}={token}"]
        else:
            flags += ["-H", f"{scheme.name}: {f'{scheme.word} {token}'.strip()}"]
    return "".join(f"{shlex.quote(flag)} " for flag in flags), keys


def _query(operation: Operation, keys: Iterable[str]) -> str:
    """Return a query for two records, where a limit can ask for them; `keys` are credentials."""
    limit = operation.convention.request.get(LIMIT)
    query = "&".join(filter(None, (limit and f"{quote(limit, safe='')}=2", *keys)))
    return f"?{query}" if query else ""


def _trust(settings: Settings) -> str:
    """Return the options by which curl trusts the server's certificate, "" for plain HTTP."""
    file = settings.tls_cert or settings.tls_ca_out
    if file is not None and file != STANDARD_OUTPUT:
        return f"--cacert {shlex.quote(str(file))} "
    return _UNTRUSTED if settings.tls_self_signed else ""


def summaries(
    versions: Sequence[tuple[Document, StartingData]], names: Sequence[str], *, verbose: bool = False
) -> str:
    """Return what `summary` says of the documents of several versions, each below its name."""
    parts = [summary(document, data, verbose=verbose) for document, data in versions]
    named = zip(names, parts, strict=True)
    return "\n".join(f"{name}\n{part}" if name else part for name, part in named)


def summary(document: Document, data: StartingData, *, verbose: bool = False) -> str:
    """Return the lines that `check` prints of files that can be served.

    Of a document with many operations they are grouped, so that they fit on a screen, unless `verbose`.
    """
    header = f"{document.name}, from {_origin(document)}"
    size = sum(1 + len(operation.parameters) for operation in document.operations)
    described = _operation_lines if verbose or size <= _SCREEN else _group_lines
    return _join([header, *described(document, data)])


def _operation_lines(document: Document, data: StartingData) -> Iterator[str]:
    """Yield the lines of each operation, with its parameters."""
    nearness = Nearness(document.effective)
    for operation in document.operations:
        yield f"{operation.method} {operation.path} ({operation.id})"
        if operation.collection is None:
            yield f"  {effect_summary.saying(operation)}"
            continue
        view = operation.effect.rules.view
        if view is None:
            yield f"  {_records(operation.collection, data)}"
        else:
            yield f"  {effect_summary.saying(operation)}"
        is_paged = operation.convention.is_paged
        if view is None or not view.sums_up:
            yield f"  pages {way(operation)}" if is_paged else f"  {whole(operation, nearness)}"
        misfit = data.misfit(operation.collection)
        if misfit is not None:
            yield f"  the records do not fit their schema ({misfit}); give fixture files"
        width = max((len(p.name) for p in operation.parameters), default=0)
        yield from (f"  {p.name:{width}}  {_meaning(operation, p)}" for p in operation.parameters)


def _group_lines(document: Document, data: StartingData) -> Iterator[str]:
    """Yield a line for each way in which lists page, and for what else there is to know of many."""
    yield f"{_counted(len(document.lists), 'list')}:"
    yield from (f"  {line}" for line in group_lines(document))
    yield from _misfit_lines(document, data)
    yield from effect_summary.group_lines(document)
    yield "--verbose names them all, with their parameters."


def _misfit_lines(document: Document, data: StartingData) -> Iterator[str]:
    """Yield how many lists have records that do not fit their schema, and the flaws of the first."""
    flaws = {o.path: data.misfit(name) for name, o in document.lists.items()}
    misfits = [f"{path} ({flaw})" for path, flaw in flaws.items() if flaw is not None]
    if misfits:
        number = _counted(len(misfits), "list")
        yield f"  {number} with records that do not fit their schema; give fixture files:"
        yield from (f"    {misfit}" for misfit in misfits[:_MISFITS])
    if len(misfits) > _MISFITS:
        yield f"    and {len(misfits) - _MISFITS:,} more"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _some(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def warnings(document: Document, *, verbose: bool = False) -> str:
    """Return a line for each warning of a document, or for the first ones and the number of others."""
    found = document.warnings
    if verbose or len(found) <= _ALIKE:
        return _join(f"Warning: {warning}" for warning in found)
    groups: dict[str, list[Problem]] = {}
    for warning in found:
        groups.setdefault(_kind(warning), []).append(warning)
    shown = list(groups.values())[:_WARNINGS]
    lines = [f"Warning: {alike[0]}{_alike(len(alike) - 1)}" for alike in shown]
    more = len(found) - sum(map(len, shown))
    hidden = [f"{_counted(more, 'more warning')}."] if more else []
    return _join([*lines, *hidden, "mock-server check --verbose shows each warning."])


def _kind(warning: Problem) -> str:
    """Return what warnings of a kind have in common: their words, but for what they quote."""
    return f"{_QUOTED.sub('', warning.message)}; {warning.remedy}"


def _alike(number: int) -> str:
    return f" And {number:,} more like this." if number else ""


def _join(lines: Iterable[str]) -> str:
    """Return lines for a terminal, which what a document and the names of files hold can't steer."""
    return "".join(f"{printable(line, None)}\n" for line in lines)


def effective(document: Document) -> str:
    """Return the effective document as YAML: with the overlay merged into it."""
    return yaml.dump(document.bundled)


def _origin(document: Document) -> str:
    file = "the built-in document" if document.file == str(BUILT_IN) else document.file
    if document.overlay_file is None:
        return f"{file}, without an overlay"
    beside = Path(document.overlay_file) == overlay_beside(Path(document.file))
    return f"{file} and {'the overlay beside it' if beside else document.overlay_file}"


def _served_lists(document: Document, data: StartingData) -> list[str]:
    """Return a line for each list, or for the first ones and how many more there are."""
    shown = [
        f"{operation.method} {operation.path}: {_records(operation.collection, data)}"
        for operation in document.operations
        if operation.collection is not None
    ]
    more = len(shown) - _WARNINGS
    return shown if more <= 0 else [*shown[:_WARNINGS], f"and {_counted(more, 'more list')}"]


def _records(collection: str, data: StartingData) -> str:
    count = data.counts[collection]
    return f"{count:,} record{'' if count == 1 else 's'}, {data.origins[collection]}"


def _meaning(operation: Operation, parameter: Parameter) -> str:
    if parameter.filters:
        found = ", as their names say" if parameter.filters.is_found else ""
        return f"filters by {parameter.filters.named} ({parameter.filters.match}{found})"
    meaning = sort_meaning(operation, parameter) or hidden_meaning(operation, parameter)
    if meaning is not None:
        return meaning
    if parameter.version:
        return f"selects the version: {', '.join(parameter.version.known)}"
    position = position_meaning(operation, parameter)
    if position is not None:
        return position
    if parameter.location == "query":
        return _idleness(operation, parameter)
    return f"is checked ({parameter.location})"


def _idleness(operation: Operation, parameter: Parameter) -> str:
    """Return what a parameter that neither pages, sorts nor filters lacks for that."""
    if parameter.is_no_filter:
        return "is checked, and filters nothing, as x-filter: false says"
    if may_page(parameter.name):
        return "is checked, but has no effect: the list does not page by it"
    if plain(parameter.name) in built_in().names["sorting"]:
        return "is checked, but has no effect: no x-sort says what it sorts"
    if not parameter.is_rest:
        return "is checked, but has no effect: nothing says what it filters"
    idle = operation.idle_names(parameter)
    without = f", but these have no effect: {_some(idle)}" if idle else ""
    return f"is checked, with members that filter{without}"
