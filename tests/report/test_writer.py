"""The report: what its formats show of a verdict, whatever texts came, and how it gets to its readers."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server import cli, settings
from mock_server.cli import commands
from mock_server.client import NoReport, Sandbox, SandboxError, report_of
from mock_server.client import server_report as client
from mock_server.report import model, writer
from mock_server.report.markdown import escape
from mock_server.sandbox import account_pool
from mock_server.server import server
from mock_server.verdict.coverage import percentage
from tests.support import wire
from tests.support.documents import AUTH, LIST, ROOT
from tests.support.patience import PATIENCE
from tests.support.processes import Process, Suite
from tests.support.servers import Serve

Report = dict[str, Any]

HOSTILE = [
    "<script>alert(1)</script>",
    "\"quotes\" and 'quotes'",
    "two\nlines\r\n\ttab",
    "\x00\x1b[31m\x7f\x85\u202e\u2028\ufffe\ud800\U0001fffe",
    "]]> --> <!-- &amp; &#60; {{ 7 * 7 }} {% x %} ${x}",
    "| a | `b` | **c** | [d](javascript:e) | ![f](http://g) | @h | :tada: | \\| |",
    "",
    "w" * 5000,
]
texts = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=20)
points = st.builds(
    lambda name, request: {"name": name, "covered": request is not None, "request": request},
    texts,
    st.none() | texts,
)


def shared(listed: list[dict[str, Any]]) -> dict[str, Any]:
    covered = sum(point["covered"] for point in listed)
    return {"percent": percentage(covered, len(listed)), "covered": covered, "total": len(listed)}


def mistake(kind: str, text: str = "limit", operation: str | None = "getThings") -> dict[str, Any]:
    return {"kind": kind, "operation": operation, "key": text, "code": text, "message": text, "count": 2,
            "first": text, "last": "40", "example": text}  # fmt: skip


def fault(text: str) -> dict[str, Any]:
    return {"id": text, "account": text, "operation": text, "when": {"query": {text: text}},
            "script": [{"body": text}], "fired": 0, "remaining": "forever"}  # fmt: skip


def covering(operation: str, points: list[dict[str, Any]]) -> dict[str, Any]:
    group = {"group": "values", **shared(points), "points": points}
    return {
        "operation": operation,
        "called": True,
        **shared(points),
        "groups": [group],
        "apart": points[:2],
    }


def judged(
    fail_on: tuple[str, ...] = settings.FAIL_ON,
    fail_under: float | None = None,
    fail_under_all: float | None = None,
    account: str = "*",
    requests: int = 40,
    **found: list[dict[str, Any]],
) -> Report:
    """A report with these findings, which the verdict follows from."""
    operations = found.get("operations", [])
    listed = [point for each in operations for group in each["groups"] for point in group["points"]]
    faults = found.get("faults", [])
    made: Report = {kind: found.get(kind, []) for kind in ("violations", "warnings")}
    counts = {kind: sum(group["count"] for group in groups) for kind, groups in made.items()}
    counts["unfired"] = len(faults)
    coverage = {**shared(listed), "called": shared(listed), "operations": operations}
    causes = counts | {"empty": int(requests == 0)}
    reasons = [f"{causes[cause]} {cause}" for cause in fail_on if causes[cause]]
    for least in (fail_under, fail_under_all):
        if least is not None and 100 * coverage["covered"] / (coverage["total"] or 1) < least:
            reasons.append("too little")
    return {
        "account": account, "passed": not reasons, "failOn": list(fail_on), "failUnder": fail_under,
        "failUnderAll": fail_under_all, "reasons": reasons, "requests": requests, "counts": counts, **made, "unfiredFaults": faults, "coverage": coverage,
    }  # fmt: skip


reports = st.builds(
    judged,
    fail_on=st.lists(st.sampled_from(settings.CAUSES), unique=True).map(tuple),
    fail_under=st.none() | st.floats(0, 100),
    fail_under_all=st.none() | st.floats(0, 100),
    account=st.just("*") | texts,
    requests=st.integers(0, 2),
    violations=st.lists(st.builds(mistake, st.just("violation"), texts, st.none() | texts), max_size=3),
    warnings=st.lists(st.builds(mistake, st.just("warning"), texts), max_size=3),
    faults=st.lists(st.builds(fault, texts), max_size=2),
    operations=st.lists(st.builds(covering, texts, st.lists(points, max_size=5)), max_size=2),
)

SAMPLE = judged(
    fail_under=80.0,
    violations=[mistake("violation")],
    warnings=[mistake("warning", operation=None)],
    faults=[fault("fault-1")],
    operations=[
        covering(
            "getThings",
            [
                {"name": "kind=round", "covered": True, "request": "7"},
                {"name": "kind=square", "covered": False, "request": None},
            ],
        )
    ],
)


# The formats


def test_the_text_says_everything() -> None:
    assert writer.render_text(SAMPLE) == (
        "All accounts: falls short\n"
        "  2 violations\n"
        "  1 unfired\n"
        "  too little\n"
        "\n"
        "Violations: 2\n"
        "  getThings limit: limit (2×, requests limit to 40)\n"
        "    limit\n"
        "    limit\n"
        "\n"
        "Warnings: 2 (they do not fail the verdict)\n"
        "  limit: limit (2×, requests limit to 40)\n"
        "    limit\n"
        "    limit\n"
        "\n"
        "Unfired faults: 1\n"
        "  fault-1 of fault-1 (fired 0×, remaining forever)\n"
        '    It is for a request that matches {"operation": "fault-1", "when": {"query": {"fault-1":\n'
        '    "fault-1"}}}, and no such request came often enough; send it, or remove the fault.\n'
        '    [{"body": "fault-1"}]\n'
        "\n"
        "Coverage: 50 % (1 of 2)\n"
        "  getThings: 50 % (1 of 2)\n"
        "    values     50 %  1 of 2  never tried: kind=square\n"
        "    statuses that take a fault: kind=round yes, kind=square no\n"
    )


@pytest.mark.parametrize(
    ("account", "said"),
    [("*", "All accounts"), ("anonymous", "Requests without a valid account"), ("me", "Account me")],
)
def test_the_headline_says_whose_verdict_it_is(account: str, said: str) -> None:
    assert writer.render_text(judged(account=account)).startswith(f"{said}: passed\n\nViolations: 0\n")


def test_the_text_of_nothing_says_so() -> None:
    assert writer.render_text(judged(account="me", requests=0)).startswith(
        "Account me: falls short\n"
        "  1 empty\n"
        "\n"
        "Requests: 0\n"
        "  no request came (0×)\n"
        "    Nothing was judged; send requests to this server, with the client id of the account if one is\n"
        "    judged alone. --allow-empty lets nothing pass.\n"
        "\n"
        "Violations: 0\n"
    )


@pytest.mark.slow
@given(reports)
def test_a_line_of_text_stays_a_line(made: Report) -> None:
    shown = writer.render(made, "text").decode()
    assert [line for line in shown.splitlines() if not line.isprintable()] == []
    assert shown.count("\n") == len(shown.splitlines())


@pytest.mark.slow
@given(reports)
def test_json_is_the_report(made: Report) -> None:
    assert json.loads(writer.render(made, "json").decode()) == made


@given(reports)
def test_junit_has_a_test_for_each_finding_and_fails_as_the_verdict_does(made: Report) -> None:
    root = ElementTree.fromstring(writer.render(made, "junit").decode())
    [suite] = root
    cases, failures = suite.findall("testcase"), suite.findall("testcase/failure")
    findings = {
        "violations": made["violations"],
        "warnings": made["warnings"],
        "unfired": made["unfiredFaults"],
    }
    if "empty" in made["failOn"]:
        findings["empty"] = [] if made["requests"] else ["no request came"]
    for cause, found in findings.items():
        named = [case for case in cases if case.get("classname") == f"mock_server.{cause}"]
        assert len(named) == max(len(found), 1)
        is_failure = bool(found) and cause in made["failOn"]
        assert {case.find("failure") is not None for case in named} == {is_failure}
    for each in (root, suite):
        assert (each.get("tests"), each.get("failures")) == (str(len(cases)), str(len(failures)))
    assert bool(failures) is not made["passed"]
    under = [case for case in cases if case.get("classname") == "mock_server.coverage"]
    assert len(under) == sum(made[least] is not None for least in ("failUnder", "failUnderAll"))


def test_junit_says_what_failed() -> None:
    root = ElementTree.fromstring(writer.render(SAMPLE, "junit"))
    failures = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    assert {name: None if told is None else told.get("message") for name, told in failures.items()} == {
        "at least one request": None,
        "getThings limit: limit": "limit",
        "limit: limit": None,
        "fault-1 of fault-1": model.sections(SAMPLE)[3].entries[0].message,
        "at least 80 %": "50 % was covered, 1 of 2",
    }
    assert [each.text for each in root.iter("system-out")] == [
        "limit | 2×, requests limit to 40 | limit",
        "All accounts: falls short",
    ]


@pytest.mark.slow
@given(reports)
def test_a_cell_of_markdown_stays_a_cell(made: Report) -> None:
    lines = writer.render(made, "markdown").decode().splitlines()
    for before, line in pairwise(lines):
        if line.startswith("|") and before.startswith("|"):
            assert line.count("|") == before.count("|") == 5
    rows = [line for line in lines if line.startswith("| ")]
    is_empty = "empty" in made["failOn"] and not made["requests"]
    found = [*made["violations"], *made["warnings"], *made["unfiredFaults"], *[None] * is_empty]
    heads = 2 * sum(bool(made[kind]) for kind in ("violations", "warnings", "unfiredFaults"))
    heads += 2 * is_empty
    tables = [4 + bool(each["apart"]) for each in made["coverage"]["operations"]]
    assert len(rows) == len(found) + heads + sum(tables)
    assert set(re.findall(r"<[^>]*>?", "\n".join(lines))) <= {"<code>", "</code>"}


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_takes_no_text_for_markup(text: str) -> None:
    assert not re.search(r"[\\`*_~\[\]<>|@$]|[!&](?!#)|(?<!&)#|:\S", escape(text))


class Page(HTMLParser):
    """The elements, texts and titles of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags = set[str]()
        self.attributes = set[str]()
        self.titles = list[str]()
        self.texts = list[str]()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attributes)
        self.titles += [value or "" for name, value in attributes if name == "title"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "ul", "li", "section", "div",
        "p", "strong", "span", "code", "svg", "rect"}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "title", "role", "aria-label",
              "viewbox", "preserveaspectratio", "x", "width", "height"}  # fmt: skip


@pytest.mark.slow
@given(reports)
def test_html_holds_every_text_as_a_text(made: Report) -> None:
    page = Page(writer.render(made, "html").decode())
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    whole = "".join(page.texts)
    for section in model.sections(made):
        assert all(entry.title in whole and entry.example in whole for entry in section.entries)


def test_html_shows_each_point_and_its_request_on_hover() -> None:
    page = Page(writer.render(SAMPLE, "html").decode())
    told = ["kind=round: first by request 7", "kind=square: never tried"]
    assert page.titles == told * 2
    assert [text for text in page.texts if text in told] == told
    assert {"kind=round", "kind=square", "1 of 2 (50 %)"} <= set(page.texts)


def test_html_loads_and_runs_nothing() -> None:
    page = writer.render(SAMPLE, "html").decode()
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|url\(|@import|<script|<link|<img|\son\w+=", page)


@pytest.mark.parametrize("text", HOSTILE)
def test_html_takes_no_text_for_markup(text: str) -> None:
    """Everywhere that a text can stand in, in elements and in attributes."""
    points = [{"name": text, "covered": covered, "request": text} for covered in (True, False)]
    listed = [covering(text, points)]
    made = judged(
        ("violations", "warnings"),
        account=text or "me",
        violations=[mistake("violation", text, text)],
        warnings=[mistake("warning", text)],
        faults=[fault(text)],
        operations=listed,
    )
    made["reasons"] = [text]
    for group in listed[0]["groups"]:
        group["group"] = text
    rendered = writer.render(made, "html").decode()
    page = Page(rendered)
    assert page.tags <= TAGS
    assert page.attributes <= ATTRIBUTES
    body = rendered[rendered.index("</style>") :]
    assert all(character.isprintable() for character in body.replace("\n", ""))
    shown = model.plain(text)
    short = shown if len(text) <= model.LONGEST else f"{text[: model.LONGEST]}…"
    assert page.texts.count(shown) >= 4 or not text  # The reason, two messages and the group.
    tried = [f"{short}: first by request {shown or '?'}", f"{short}: never tried"]
    assert page.titles == tried * 2
    assert [title for title in page.texts if title in tried] == tried


@pytest.mark.slow
def test_only_html_needs_its_library() -> None:
    code = (
        "import sys; from mock_server.report import writer; assert 'jinja2' not in sys.modules\n"
        f"print(writer.render({SAMPLE!r}, 'html').decode() and 'jinja2' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True\n"


# As a file


@pytest.mark.parametrize(
    ("name", "form"),
    [("v.json", "json"), ("v.xml", "junit"), ("v.md", "markdown"), ("v.HTML", "html"), ("v", "text"),
     ("v.txt", "text")],
)  # fmt: skip
def test_a_files_suffix_names_its_format(tmp_path: Path, name: str, form: str) -> None:
    (tmp_path / name).write_text("what was there before")
    writer.write(SAMPLE, tmp_path / name)
    assert (tmp_path / name).read_bytes() == writer.render(SAMPLE, form)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("form", settings.REPORT_FORMATS)
def test_a_format_goes_before_the_suffix(tmp_path: Path, form: str) -> None:
    writer.write(SAMPLE, tmp_path / "v.json", form)
    assert (tmp_path / "v.json").read_bytes() == writer.render(SAMPLE, form)


# From a running server


def send(url: str, *queries: str, auth: tuple[str, str] = AUTH) -> None:
    for query in queries:
        httpx.get(f"{url}{LIST}?{query}", auth=auth, trust_env=False, verify=False)


@pytest.fixture
def used(serve: Serve) -> str:
    """A server with mistakes of two accounts."""
    url = serve()
    send(url, "limit=0", "limit=5", "limit=0", "colour=red")
    send(url, "aggregationType=TOTAL", auth=("other", "secret"))
    return url


def test_the_client_reads_reports(used: str) -> None:
    demo = Sandbox(used, *AUTH)
    own, everyone, anonymous = demo.report(), demo.report("*"), demo.report("anonymous")
    assert [each["account"] for each in (own, everyone, anonymous)] == ["demo", "*", "anonymous"]
    assert [group["count"] for group in own["violations"]] == [2]
    assert sorted(group["count"] for group in everyone["violations"]) == [1, 2]
    assert (anonymous["passed"], anonymous["reasons"]) == (False, ["no request came"])
    assert (own["failOn"], own["failUnder"]) == (["violations", "unfired", "empty"], None)
    none = demo.report(fail_on=(), fail_under=0.5)
    assert (none["passed"], none["failOn"], none["failUnder"]) == (True, [], 0.5)
    both = demo.report(fail_on=["warnings"], fail_under=100)
    assert both["reasons"][0] == "1 warning"
    assert "is below 100 %" in both["reasons"][1]
    with pytest.raises(SandboxError, match="must be one of violations, warnings, unfired"):
        demo.report(fail_on=["mistakes"])


def test_asking_for_a_report_leaves_no_trace_in_it(used: str) -> None:
    assert report_of(used) == report_of(used)


@pytest.mark.parametrize("form", writer.FORMATS)
def test_the_command_prints_each_format(used: str, form: str, capsysbinary: Any) -> None:
    assert cli.main(["report", used, "--format", form]) == 1
    assert capsysbinary.readouterr().out == writer.render(report_of(used), form)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "status", "said"),
    [
        ([], 1, "All accounts: falls short\n  3 violations\n"),
        (["--account", "*"], 1, "All accounts: falls short\n  3 violations\n"),
        (["--credentials", "demo:secret"], 1, "Account demo: falls short\n  2 violations\n"),
        (["--credentials", "demo:x", "--account", "*"], 1, "All accounts: falls short\n"),
        (["--credentials", "nobody:x"], 1, "Account nobody: falls short\n  no request came"),
        (["--credentials", "nobody:x", "--allow-empty"], 0, "Account nobody: passed\n\n"),
        (["--account", "anonymous"], 1, "Requests without a valid account: falls short\n  no request"),
        (["--account", "anonymous", "--allow-empty"], 0, "Requests without a valid account: passed\n"),
        (["--fail-on", "warnings"], 1, "All accounts: falls short\n  1 warning\n"),
        (["--fail-on", "unfired"], 0, "All accounts: passed\n"),
        (["--fail-on", "none"], 0, "All accounts: passed\n"),
        (["--fail-on", "none", "--fail-under", "99.5"], 1, "is below 99.5 %\n"),
    ],
    ids=str,
)
def test_the_exit_status_is_the_verdict(
    used: str, flags: list[str], status: int, said: str, capsysbinary: Any
) -> None:
    assert cli.main(["report", used, *flags]) == status
    assert said in capsysbinary.readouterr().out.decode()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'URL'"),
        (["localhost:8080"], "'localhost:8080' is not the URL of a server"),
        (["http://id:1/hush@localhost"], "an '@' behind its host; write it as %40"),
        (["http://127.0.0.1:9"], "there is no healthy mock server at http://127.0.0.1:9: "),
        (["http://127.0.0.1:9", "--format", "pdf"], "'pdf' is not one of 'text', 'json', 'junit'"),
        (["http://127.0.0.1:9", "--account", "me"], "'me' is not one of '*', 'anonymous'"),
        (["http://127.0.0.1:9", "--credentials", ":s3cr3t"], "the value is not of the form id:secret"),
        (["http://127.0.0.1:9", "--fail-on", "x"], "'x' is none of violations, warnings, unfired"),
        (["http://127.0.0.1:9", "--fail-on", "none,unfired"], "'none' is none of"),
        (["http://127.0.0.1:9", "--fail-under", "101"], "'101' is not a percentage"),
        (["http://127.0.0.1:9", "--fail-under", "nan"], "'nan' is not a percentage"),
    ],
    ids=str,
)
def test_report_exits_2_without_a_report(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in " ".join(captured.err.split())
    assert captured.out == ""
    assert "s3cr3t" not in captured.err


def test_a_server_with_credentials_of_its_own_wants_them(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    url = serve(credentials=("me:mine",))
    for flags in ([], ["--credentials", "me:s3cr3t"]):
        assert cli.main(["report", url, *flags]) == 2
        error = capsys.readouterr().err
        assert (
            error
            == f"Error: the mock server at {url} accepts only the credentials that it was started with\n"
        )
    assert cli.main(["report", url, "--credentials", "me:mine"]) == 1
    assert cli.main(["report", url, "--credentials", "me:mine", "--account", "*", "--allow-empty"]) == 0


def test_another_server_is_said_so() -> None:
    async def not_found(_scope: Any, _receive: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]}
        )
        await send({"type": "http.response.body"})

    with server.in_thread(not_found) as other, pytest.raises(NoReport) as caught:
        report_of(f"{other}/api")
    assert re.match(r".*/api does not answer as a mock server: .* answered with 404", str(caught.value))


@pytest.mark.parametrize("path", ["/api", "/api/", "/_mock", "/_mock/", "/_mock/#requests", "/a/b?c=d"])
def test_a_url_behind_the_root_says_what_to_give(
    url: str, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    assert cli.main(["report", f"{url}{path}"]) == 2
    shown = re.split("[?#]", path)[0]
    assert capsys.readouterr() == (
        "",
        f"Error: '{shown}' is behind the root of the mock server; give {url}\n",
    )


def test_a_url_behind_the_root_leaves_no_request_in_the_verdict(serve: Serve) -> None:
    url = serve()
    with pytest.raises(NoReport):
        report_of(f"{url}/api")
    assert report_of(url)["violations"] == []


def test_a_slash_behind_the_root_changes_nothing(url: str) -> None:
    assert report_of(f"{url}/")["account"] == "*"


@pytest.mark.slow
def test_a_closed_pipe_ends_the_report_command(used: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "mock_server", "report", used, "--format", "html"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


@pytest.mark.slow
def test_the_locale_changes_no_byte(used: str) -> None:
    command = [sys.executable, "-W", "error", "-m", "mock_server", "report", used]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.stdout == writer.render(report_of(used), "text")


def test_the_names_are_those_of_the_modules_above() -> None:
    [form] = [option for option in commands.report.params if option.name == "form"]
    assert list(form.type.choices) == list(writer.FORMATS)  # type: ignore[attr-defined]
    assert client.ALL == account_pool.ALL


# At the end of a server


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def starting(name: str, *flags: str) -> Process:
            process = Process("--quiet", "--report", str(tmp_path / name), *flags)
            stack.callback(process.popen.communicate)
            stack.callback(process.popen.kill)
            return process

        yield starting


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    [
        "v.json",
        *(pytest.param(f"v.{each}", marks=pytest.mark.slow) for each in ("xml", "md", "html", "txt")),
    ],
)
def test_a_signal_leaves_the_report_behind(start: Start, tmp_path: Path, name: str, number: int) -> None:
    process = start(name)
    send(process.url, "limit=0")
    assert list(tmp_path.iterdir()) == []
    found = report_of(process.url)
    process.popen.send_signal(number)
    said, errors = process.popen.communicate(timeout=PATIENCE)
    assert (process.popen.returncode, errors) == (1, "")
    assert said == f"All accounts: falls short (1 violation). The report is in {tmp_path / name}\n"
    form = writer.SUFFIXES.get(Path(name).suffix, "text")
    assert (tmp_path / name).read_bytes() == writer.render(found, form)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "status"),
    [
        pytest.param((), 0, marks=pytest.mark.slow),
        pytest.param(("--fail-on", "warnings"), 1, marks=pytest.mark.slow),
        pytest.param(("--fail-on", "none"), 0, marks=pytest.mark.slow),
        pytest.param(("--fail-under", "5"), 0, marks=pytest.mark.slow),
        (("--fail-under", "90"), 1),
    ],
    ids=str,
)
def test_the_status_of_the_server_is_the_verdict(
    start: Start, tmp_path: Path, flags: tuple[str, ...], status: int
) -> None:
    process = start("v.json", *flags)
    send(process.url, "colour=red&limit=1")
    assert process.end() == (status, "")
    assert json.loads((tmp_path / "v.json").read_text())["passed"] is (status == 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "status", "said"),
    [
        ((), 1, "All accounts: falls short (no request came)."),
        (("--allow-empty",), 0, "All accounts: passed."),
        (("--allow-empty", "--fail-under", "1"), 1, "(coverage of 0 % is below 1 %)."),
    ],
    ids=str,
)
def test_a_server_that_got_no_request_falls_short(
    start: Start, flags: tuple[str, ...], status: int, said: str
) -> None:
    process = start("v.json", *flags)
    process.popen.terminate()
    out, errors = process.popen.communicate(timeout=PATIENCE)
    assert (process.popen.returncode, errors) == (status, "")
    assert said in out


@pytest.mark.slow
def test_requests_in_flight_hold_no_report_up(start: Start, tmp_path: Path) -> None:
    process = start("v.json", "--fail-on", "violations")
    account = Sandbox(process.url, *AUTH)
    account.fail({"delay": 60})
    with wire.connect(process.url) as slow, wire.connect(process.url) as endless:
        slow.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: {wire.BASIC}\r\n\r\n".encode())
        endless.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n".encode())
        while not account.requests():
            time.sleep(0.01)
        began = time.monotonic()
        assert process.end() == (0, "")
        assert time.monotonic() - began < PATIENCE
    assert json.loads((tmp_path / "v.json").read_text())["passed"]


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once_and_without_a_report(start: Start, tmp_path: Path) -> None:
    process = start("v.json")
    with wire.connect(process.url) as connection:
        connection.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n".encode())
        time.sleep(0.2)
        process.popen.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(timeout=PATIENCE) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_unread_stderr_does_not_block_the_shutdown(start: Start, tmp_path: Path) -> None:
    process = start("v.json", "--allow-empty")
    assert process.popen.stdout is not None
    process.popen.stdout.close()
    process.popen.terminate()
    assert process.popen.wait(timeout=PATIENCE) == 0
    assert json.loads((tmp_path / "v.json").read_text())["passed"]


@pytest.mark.slow
def test_a_report_that_can_no_more_be_written_is_no_pass(start: Start, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    process = start("folder/v.json")
    (tmp_path / "folder").rmdir()
    status, errors = process.end()
    assert status == 2
    assert "v.json: it cannot be written (No such file or directory)" in errors


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--report", "none/v.json"], "none/v.json: it cannot be written (No such file or directory)"),
        (["--report", "."], ".: it cannot be written (Is a directory); give another path"),
        (["--fail-on", "warnings"], "--fail-on, --fail-under and --fail-under-all need --report"),
        (["--fail-under", "80"], "--fail-on, --fail-under and --fail-under-all need --report"),
    ],
    ids=str,
)
def test_a_report_that_cannot_be_written_refuses_the_start(
    flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["serve", "--port", "0", *flags]) == 2
    assert said in capsys.readouterr().err


# At the end of a run of pytest

MISTAKEN = """
import httpx

@pytest.mark.parametrize("number", range(4))
def test_mistaken(mock_account, number):
    note(mock_account)
    url = f"{mock_account.base_url}/usage-metrics?limit=0"
    assert httpx.get(url, auth=mock_account.auth).status_code == 400
"""
FLAG = "--mock-server-report"


def reported(output: str) -> str:
    """What stands below the heading, up to the next one."""
    found = re.search(r"^=+ mock server report =+\n(.*?)^=", output, re.MULTILINE | re.DOTALL)
    assert found, output
    return found[1]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["alone", "distributed", "named", "named, distributed"])
def test_pytest_prints_the_report_at_the_end(tmp_path: Path, serve: Serve, way: str) -> None:
    suite = Suite(tmp_path, MISTAKEN)
    flags = ["--mock-server-url", serve()] if "named" in way else []
    run = suite.run_distributed if "distributed" in way else suite.run
    done = run(FLAG, *flags)
    assert (done.status, "4 passed" in done.output) == (0, True), done.output
    shown = reported(done.output)
    assert "All accounts: falls short\n  4 violations\n\nViolations: 4\n" in shown
    assert "getUsageMetrics limit: range (4×, requests 1 to 4)" in shown
    assert "never tried: " in shown
    assert "mock server report" not in run(*flags).output


@pytest.mark.slow
@pytest.mark.parametrize("way", ["alone", pytest.param("distributed", marks=pytest.mark.slow)])
def test_a_run_that_uses_no_server_starts_none_for_the_report(tmp_path: Path, way: str) -> None:
    suite = Suite(tmp_path, "def test_nothing(): pass\n")
    done = (suite.run if way == "alone" else suite.run_distributed)(FLAG)
    assert reported(done.output) == "No test has used the server.\n"
    assert done.servers() == set()


@pytest.mark.slow
def test_a_failed_run_has_a_report_too(tmp_path: Path) -> None:
    failing = (
        "def test_failing(mock_account):\n    mock_account.fail({'status': 503})\n    assert False\n"
    )
    done = Suite(tmp_path, failing).run(FLAG)
    assert done.status == 1
    assert "Unfired faults: 1\n" in reported(done.output)


@pytest.mark.slow
def test_an_unreachable_server_is_reported(tmp_path: Path) -> None:
    done = Suite(tmp_path, "def test_nothing(): pass\n").run(FLAG, MOCK_SERVER_URL="http://127.0.0.1:9")
    assert done.status == 0
    assert reported(done.output).startswith(
        "There is none: there is no healthy mock server at http://127.0.0.1:9"
    )
