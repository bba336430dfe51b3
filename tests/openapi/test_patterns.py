"""Patterns: matched as ECMA-262 says, in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.openapi import document
from mock_server.openapi.patterns import InvalidPattern, Pattern, PatternTimeout
from mock_server.openapi.schema_errors import CompiledSchema
from mock_server.settings import Settings
from tests.support import wire
from tests.support.patience import PATIENCE
from tests.support.servers import Serve, build

Small = Callable[..., Path]

# Refers back to a group, so that nothing but trying all ways tells that a text does not match.
SLOW = r"^(a+)+\1$"
LONG = "a" * 40 + "!"


@pytest.mark.parametrize(
    ("pattern", "text", "is_in"),
    [
        # The end, and no line before it.
        ("^[a-z]+$", "abc", True), ("^[a-z]+$", "abc\n", False), ("^b$", "a\nb", False),
        # ASCII, but for white space.
        (r"^\d$", "5", True), (r"^\d$", "٣", False), (r"^\w$", "é", False), (r"^\W$", "é", True),
        (r"\bb", "éb", True), (r"^\s$", "\u00a0", True), (r"^\s$", "\ufeff", True),
        # What Python does not know.
        (r"^\p{L}+$", "Größe", True), (r"^\p{L}+$", "1", False), (r"^\p{Script=Greek}$", "λ", True),
        (r"^(?<y>\d)\k<y>$", "11", True), (r"^(?<y>\d)\k<y>$", "12", False),
        (r"^[\w-.]+$", "a-b.c", True), (r"^[\w-.]+$", "a b", False),
        (r"^\cA$", "\x01", True), (r"^\u{61}$", "a", True), (r"^\u0061$", "a", True),
        (r"^[^]$", "\n", True), (r"a[]", "a", False), (r"^\/$", "/", True), (r"^.$", "\u2028", False),
        (r"^.$", "😀", True), (r"(?<!-)b", "-b", False), (r"^\-\_$", "-_", True), ("^{a}$", "{a}", True),
        (r"^[😀-😂]$", "😁", True), ("b", "abc", True), ("", "", True),
    ],
)  # fmt: skip
def test_a_pattern_matches_as_ecma_262_says(pattern: str, text: str, is_in: bool) -> None:
    assert Pattern(pattern).is_in(text) is is_in


@pytest.mark.parametrize("text", ["(", "[z-a]", "*", "(?P<x>a)", "(?<x>a)(?<x>b)", "(" * 2000, "a{2,1}"])
def test_a_text_that_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(InvalidPattern) as caught:
        Pattern(text)
    assert "ecmaregex" not in str(caught.value)
    assert len(str(caught.value)) <= 100


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(?=(a+)+$)b", "(a*)*b", "(x+x+)+y", r"^(\w|\s)*c$"])
def test_a_pattern_without_back_references_has_an_answer_for_any_text(pattern: str) -> None:
    assert not Pattern(pattern).is_in("a" * 20_000 + "!")


def test_a_pattern_that_never_ends_is_given_up() -> None:
    started = time.monotonic()
    with pytest.raises(PatternTimeout) as caught:
        Pattern(SLOW).is_in(LONG)
    assert time.monotonic() - started < PATIENCE
    assert caught.value.message == rf"takes longer than 0.1 s to match the pattern {SLOW}"


def with_pattern(small: Small, pattern: str) -> Path:
    return small(("name: kind, in: query, schema: {type: string}",
                  f"name: kind, in: query, schema: {{type: string, pattern: '{pattern}'}}"))  # fmt: skip


def test_a_parameter_is_matched_with_its_pattern(small: Small, serve: Serve) -> None:
    url = serve(document=with_pattern(small, r"^\p{L}+$"))
    assert wire.get(url, "/v1/things?kind=%C3%A9").status == 200
    answer = wire.get(url, "/v1/things?kind=1")
    assert answer.violations[0]["code"] == "pattern"
    assert r"\p{L}" in answer.violations[0]["message"]
    assert wire.get(url, "/v1/things?kind=a%0A").status == 400


def test_a_parameter_that_takes_too_long_to_match_is_refused_once(small: Small, serve: Serve) -> None:
    listed = f"{{type: array, items: {{type: string, pattern: '{SLOW}'}}}}"
    path = small(
        ("name: kind, in: query, schema: {type: string}", f"name: kind, in: query, schema: {listed}")
    )
    url = serve(document=path)
    started = time.monotonic()
    answer = wire.get(url, "/v1/things?kind=" + ",".join(f"{LONG}{number}" for number in range(100)))
    assert time.monotonic() - started < PATIENCE
    [violation] = answer.violations
    assert (answer.status, violation["code"]) == (400, "patternTimeout")
    assert violation["message"] == (
        f"'{LONG}0' was sent for 'kind', and takes longer than 0.1 s to match the pattern {SLOW}; send a "
        "shorter text, or give the document a pattern that does not refer back to groups."
    )


def test_a_record_that_takes_too_long_to_match_is_refused_once(
    small: Small, tmp_path: Path, refusal: Callable[..., list[str]]
) -> None:
    path = small(
        ("kind: {type: string, enum: [round, square]}", f"kind: {{type: string, pattern: '{SLOW}'}}")
    )
    fixture = tmp_path / "fixtures.yaml"
    record = f"  - {{id: 5a2a8a1f-0d0a-4f38-9b1c-000000000NNN, kind: {LONG}}}\n"
    records = "".join(record.replace("NNN", f"{number:03}") for number in range(50))
    fixture.write_text(f"things:\n{records}")
    started = time.monotonic()
    [found] = refusal(build, Settings(document=path, fixtures=(fixture,)))
    assert time.monotonic() - started < PATIENCE
    assert f'"{LONG}" takes longer than 0.1 s to match the pattern {SLOW}' in found


def test_what_cannot_be_decided_is_no_match_of_its_opposite() -> None:
    schema = CompiledSchema.of_answer({"not": {"pattern": SLOW}})
    assert [flaw.keyword for flaw in schema.flaws(LONG)] == ["patternTimeout"]


@pytest.mark.parametrize(
    ("text", "is_valid"), [(r"\p{L}", True), ("(" * 5000, False), ("[", False), ("a" * 2_000_000, False)]
)
def test_the_format_regex_takes_what_ecma_262_takes(text: str, is_valid: bool) -> None:
    flaws = CompiledSchema.of_answer({"type": "string", "format": "regex"}).flaws(text)
    assert [flaw.keyword for flaw in flaws] == ([] if is_valid else ["format"])


def test_a_default_is_matched_with_its_pattern_when_the_document_is_checked(small: Small) -> None:
    def limits(text: str) -> tuple[str, str]:
        return ("name: kind, in: query, schema: {type: string}",
                f"name: kind, in: query, schema: {{type: string, {text}}}")  # fmt: skip

    document.load(small(limits(r"pattern: '^\p{L}$', default: ä")))
    for text in (r"pattern: '^\p{L}$', default: '1'", f"pattern: '{SLOW}', default: {LONG}"):
        [warning] = document.load(small(limits(text))).warnings
        assert "/schema/default: the default " in str(warning)


def test_a_pattern_that_is_not_served_need_not_be_understood(small: Small) -> None:
    parts = "    Other: {type: string, pattern: '(', default: a}\n    Thing:\n"
    document.load(small(("    Thing:\n", parts)))
    assert list(CompiledSchema.of_answer({"pattern": "("}).flaws("a")) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "parameter",
    [
        "{name: x, in: header, schema: SCHEMA}", "{name: x, in: cookie, schema: SCHEMA}",
        "{name: x, in: query, schema: {anyOf: [{not: SCHEMA}, SCHEMA]}}",
        "{name: x, in: query, content: {application/json: {schema: {items: SCHEMA}}}}",
        "{name: x, in: query, style: deepObject, schema: {type: object, properties: {a: SCHEMA}}}",
        "{name: x, in: query, schema: {type: object, additionalProperties: SCHEMA}}",
    ],
)  # fmt: skip
def test_any_parameter_that_takes_too_long_to_match_is_refused(
    small: Small, serve: Serve, parameter: str
) -> None:
    described = parameter.replace("SCHEMA", f"{{type: string, pattern: '{SLOW}'}}")
    url = serve(document=small(("      parameters:\n", f"      parameters:\n        - {described}\n")))
    query = {
        "content": f'x=["{LONG}"]',
        "deepObject": f"x[a]={LONG}",
        "type: object": f"x=a,{LONG}&a={LONG}",
    }
    sent = next((value for key, value in query.items() if key in parameter), f"x={LONG}")
    answer = wire.get(url, "/v1/things?" + (sent if "query" in parameter else ""),
                      f"x: {LONG}", f"Cookie: x={LONG}")  # fmt: skip
    assert (answer.status, answer.violations[0]["code"]) == (400, "patternTimeout"), answer.body


@pytest.mark.parametrize("pattern", [r"(?P<year>\d)", '["', r"(?i)a\\"])
def test_the_remedy_for_a_pattern_that_is_not_understood_works(
    small: Small, refusal: Callable[..., list[str]], pattern: str
) -> None:
    path = small(("size: {type: integer, minimum: 1, maximum: 9}",
                  f"size: {{type: string, pattern: '{pattern}'}}"))  # fmt: skip
    [warning] = document.load(path).warnings
    found = str(warning)
    assert f"the pattern '{pattern}' is not understood" in found
    target = found.partition("remove it with an overlay: target: ")[2].partition(", remove: true")[0]
    overlaid = small(
        (
            "size: {type: integer, minimum: 1, maximum: 9}",
            f"size: {{type: string, pattern: '{pattern}'}}",
        ),
        overlay=f"- target: |-\n    {target}\n  remove: true\n",
    )
    [operation] = document.load(overlaid).operations
    assert operation.record_schema["properties"]["size"] == {"type": "string"}
