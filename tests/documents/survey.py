"""Survey published documents: which of their lists page truly, and which answers are valid.

`python -m tests.documents.survey FOLDER [NAME …]` serves each document of a folder, one after the other,
walks all its lists, and prints what it found.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.documents.answers import Judge
from tests.documents.published import Get, Published
from tests.documents.rules import pages, rules_for
from tests.documents.serving import COUNT, NotServed, Served, path_of, required_query, serving
from tests.documents.walking import Ask, Reply, Walk, Wrong, member, records_of, target

SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class Finding:
    """What was found of a list: `walked` is None where it does not page, else "" or why it fails."""

    get: Get
    status: int
    rule: str
    walked: str | None
    invalid: str | None
    whole: str | None = None


@dataclass
class Survey:
    """What was found of a document; `refusal` is why it is not served."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    refusal: str = ""
    processor: float = 0.0
    memory: float = 0.0
    seconds: float = 0.0

    @property
    def paging(self) -> list[Finding]:
        return [each for each in self.findings if each.walked is not None]

    @property
    def walked(self) -> list[Finding]:
        return [each for each in self.paging if not each.walked]

    @property
    def served(self) -> list[Finding]:
        return [each for each in self.findings if each.status == 200]

    @property
    def valid(self) -> list[Finding]:
        return [each for each in self.served if each.invalid is None]

    def lines(self) -> Iterator[str]:
        """Yield the report, one screen a document."""
        if self.refusal:
            yield f"{self.name}: NOT SERVED: {self.refusal[-1500:]}"
            return
        yield (
            f"{self.name}: page truly {len(self.walked)} of {len(self.paging)}{_share(self.walked, self.paging)}; "
            f"valid {len(self.valid)} of {len(self.served)} served{_share(self.valid, self.served)}, "
            f"of {len(self.findings)} lists; ready after {self.processor:.2f} s of the processor, "
            f"{self.memory:.0f} MiB; surveyed in {self.seconds:.0f} s"
        )
        yield from _grouped("rule", [(each.get, each.rule) for each in self.walked])
        for title, found in (
            ("NOT WALKED", [(each.get, each.walked) for each in self.paging if each.walked]),
            ("INVALID", [(each.get, each.invalid) for each in self.served if each.invalid]),
            ("NOT WHOLE", [(each.get, each.whole) for each in self.findings if each.whole]),
            ("NOT SERVED", [(e.get, str(e.status)) for e in self.findings if e.status != 200]),
        ):
            yield from _grouped(title, found)


def survey(path: Path) -> Survey:
    """Serve a document, walk all its lists, and return what was found."""
    began, found = time.monotonic(), Survey(path.name)
    try:
        published = Published(path)
        judge = Judge(published)
        lists = [get for get in published.gets if get.items is not None]
        with serving(published) as served:
            found.processor, found.memory = served.processor, served.memory
            for get in lists:
                found.findings.append(_look_at(path.name, get, served, judge))
    except NotServed as refusal:
        found.refusal = str(refusal)
    found.seconds = time.monotonic() - began
    return found


def _look_at(name: str, get: Get, served: Served, judge: Judge) -> Finding:
    def ask(where: str) -> Reply:
        return served.ask(get, where)

    path, needed, count = path_of(get), required_query(get), COUNT
    if needed:
        # What must be sent may filter, so that only some records come.
        needed, count = required_query(get, served.first_record(get)), 0
    first = ask(target(path, needed))
    invalid = judge.mistake(get.answer, first.body) if first.status == 200 else None
    if not pages(name, get):
        return Finding(get, first.status, "whole", None, invalid, _whole(get, first, count))
    if first.status != 200:
        return Finding(get, first.status, "", f"{first.status}: {str(first.body)[:200]}", invalid)
    rule, walked = _walked(name, get, ask, path, needed, count or None)
    return Finding(get, first.status, rule, walked, invalid)


def _walked(
    name: str, get: Get, ask: Ask, path: str, needed: dict[str, str], count: int | None
) -> tuple[str, str]:
    """Return the rule by which a list is walked truly, or the first rule and what fails."""
    failed: list[tuple[str, str]] = []
    for rule in rules_for(name, get):
        mistakes = "; ".join(_mistakes(Walk(get, rule, ask, path, needed), count))
        if not mistakes:
            return str(rule), ""
        failed.append((str(rule), mistakes))
    return failed[0] if failed else ("", "no rule of this vendor fits its parameters and members")


def _mistakes(walk: Walk, count: int | None) -> Iterator[str]:
    other = replace(walk, size=7, replies=[], pages=[])
    try:
        walk.forward()
        other.forward()
        yield from list(walk.mistakes(count))[:3]
        if walk.records != other.records:
            yield f"other records by pages of {other.size} than by pages of {walk.size}"
        yield from list(walk.backward())[:2]
    except Wrong as wrong:
        yield str(wrong)


def _whole(get: Get, reply: Reply, count: int) -> str | None:
    """Return what is wrong with a list that is served whole; None where nothing is."""
    if reply.status != 200 or (get.items and get.template.endswith("}")):
        return None  # It is not answered, or is one thing that has an array.
    try:
        records = records_of(get, reply.body)
    except Wrong as wrong:
        return str(wrong)
    if len(records) != (count or len(records)):
        return f"{len(records)} of {COUNT} records"
    for path in get.members:
        said, word = member(reply.body, path), path.split(".")[-1]
        if word in ("has_more", "hasMore", "next", "next_page", "next_marker") and said:
            return f"'{path}' is {said!r}, though nothing leads on"
        if word in ("total", "total_count", "totalCount") and said not in (None, len(records)):
            return f"'{path}' is {said!r}"
    return None


def _share(part: Sequence[Finding], whole: Sequence[Finding]) -> str:
    return f" ({100 * len(part) / len(whole):.1f} %)" if whole else ""


def _grouped(title: str, found: Sequence[tuple[Get, str | None]]) -> Iterator[str]:
    groups: dict[str, list[str]] = defaultdict(list)
    for get, said in found:
        shown = str(said).replace(path_of(get), "…")
        groups[shown].append(get.template)
    for said, paths in sorted(groups.items(), key=lambda item: -len(item[1]))[:40]:
        shown = ", ".join(paths[:2]) + (" …" if len(paths) > 2 else "")
        yield f"  {title} {len(paths)}: {said[:400]} [{shown}]"


def documents(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Return the documents of a folder whose names begin with one of `names`, or all."""
    found = sorted(
        path for path in folder.iterdir() if path.suffix in SUFFIXES and ".overlay" not in path.name
    )
    return [path for path in found if not names or path.name.startswith(tuple(names))]


def main(arguments: Sequence[str]) -> None:
    """Print the survey of a folder's documents, and the shares over all of them."""
    surveys = []
    for path in documents(Path(arguments[0]), arguments[1:]):
        surveys.append(survey(path))
        _say("\n".join(surveys[-1].lines()))
    _say(sum_up(surveys))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def sum_up(surveys: Sequence[Survey]) -> str:
    """Return the shares over all lists of several documents."""
    paging = [each for one in surveys for each in one.paging]
    served = [each for one in surveys for each in one.served]
    walked = [each for one in surveys for each in one.walked]
    valid = [each for one in surveys for each in one.valid]
    return (
        f"ALL: page truly {len(walked)} of {len(paging)}{_share(walked, paging)}; "
        f"valid {len(valid)} of {len(served)} served{_share(valid, served)}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
