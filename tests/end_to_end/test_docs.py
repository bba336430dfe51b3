"""The README and the pages of the documentation: each command and example in them is run.

`tests/support/page_runner.py` tells by a block's language what is to be done with it. These comments, right
before a fence, say more: `<!-- not run: docker -->` that it needs what is not here, and `<!-- exit 1 -->`
the exit status of its last command. A block of bash that begins with `mock-server serve` starts a server,
to which `http://127.0.0.1:8080` leads from there on. A block with `title="FILE"` is written into the page's
folder. In an output that follows a block, `...` stands for anything.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from subprocess import CalledProcessError

import pytest
import yaml

from mock_server.conform import http_probe
from mock_server.problems import CannotServe
from mock_server.setting_table import OTHER_VARIABLES, SETTINGS
from tests.support import page_runner
from tests.support.documents import ROOT
from tests.support.page_runner import Runner, UnknownKind
from tests.support.pages import PAGES, Page

# The blocks that are not run: their page, what they need, and how many they are.
NOT_RUN = {
    ("README.md", "docker"): 1,
    ("README.md", "network"): 2,
    ("docs/how-to/ci.md", "azure"): 1,
    ("docs/how-to/ci.md", "circleci"): 1,
    ("docs/how-to/ci.md", "github"): 3,
    ("docs/how-to/ci.md", "gitlab"): 1,
    ("docs/how-to/ci.md", "jenkins"): 1,
    ("docs/how-to/ci.md", "pre-commit"): 1,
    ("docs/how-to/containers.md", "docker"): 7,
    ("docs/how-to/containers.md", "kubernetes"): 2,
    ("docs/how-to/conform.md", "network"): 1,
    ("docs/how-to/javascript.md", "network"): 1,
    ("docs/how-to/javascript.md", "npm"): 7,
    ("docs/how-to/install.md", "fish"): 1,
    ("docs/how-to/install.md", "network"): 2,
    ("docs/how-to/install.md", "zsh"): 1,
    ("docs/how-to/pytest.md", "network"): 1,
    ("docs/how-to/several-replicas.md", "docker"): 2,
    ("docs/how-to/several-replicas.md", "envoy"): 1,
    ("docs/how-to/several-replicas.md", "haproxy"): 1,
    ("docs/how-to/several-replicas.md", "kubernetes"): 1,
    ("docs/how-to/testcontainers.md", "docker"): 3,
    ("docs/how-to/testcontainers.md", "go"): 1,
    ("docs/how-to/testcontainers.md", "java"): 1,
    ("docs/how-to/testcontainers.md", "network"): 1,
    ("docs/how-to/weekly-look.md", "github"): 1,
    ("docs/how-to/https.md", "docker"): 1,
    ("docs/how-to/https.md", "java"): 1,
    ("docs/how-to/windows.md", "windows"): 2,
    ("docs/releasing.md", "network"): 6,
    ("docs/tutorial.md", "github"): 1,
    ("docs/tutorial.md", "network"): 1,
}

NEEDS = (
    "azure", "circleci", "docker", "envoy", "fish", "github", "gitlab", "go", "haproxy", "java", "jenkins",
    "kubernetes", "network", "npm", "pre-commit", "windows", "zsh",
)  # fmt: skip
WRONG = (AssertionError, ValueError, yaml.YAMLError, CannotServe, CalledProcessError)
BLOCKS = [block for page in PAGES for block in page.blocks]


# They make certificates, and ask a server hundreds of times.
LONG = ("docs/how-to/https.md", "docs/how-to/conform.md")


def slow_if_it_is(page: Page) -> object:
    is_slow = page_runner.is_slow(page) or page.name in LONG
    return pytest.param(page, id=page.name, marks=[pytest.mark.slow] if is_slow else [])


@pytest.mark.parametrize("page", [slow_if_it_is(page) for page in PAGES if page.blocks])
def test_what_a_page_shows_is_what_happens(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_probe, "sleep", lambda _seconds: None)
    Runner(page, tmp_path).run()


def test_the_blocks_that_are_not_run_are_these() -> None:
    found = Counter((block.page, block.not_run) for block in BLOCKS if block.not_run)
    assert found == NOT_RUN
    assert {need for _, need in NOT_RUN} <= set(NEEDS)


def test_each_comment_before_a_block_is_understood() -> None:
    known = re.compile(r"(<!-- (not run: \S+|exit \d+) -->\n?)*")
    assert [str(b) for b in BLOCKS if not known.fullmatch(b.comments.replace("  ", ""))] == []


@pytest.mark.parametrize(
    "text",
    [
        "```bash\nrm -rf x\n```\n",
        "```bash\nmock-server serve\ncurl http://127.0.0.1:8080\n```\n",
        "```ruby\nputs 1\n```\n",
        "```\nanything\n```\n",
        "```yaml\nservices: {}\n```\n",
        "```text\nan output of nothing\n```\n",
        "```bash\nmake serve\n```\n\nWords between.\n\n```text\nan output of nothing\n```\n",
    ],
)
def test_a_block_of_no_known_kind_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(text)
    page = Page("page.md", tmp_path)
    with pytest.raises(UnknownKind):
        [page_runner.kind(page, block) for block in page.blocks]


@pytest.mark.parametrize(
    "text",
    [
        "```bash\ncurl -u demo:secret http://127.0.0.1:8080/_mock/clock\n```\n\n```json\n{}\n```\n",
        "```python\nprint(1)\n```\n\n```text\n2\n```\n",
        "```bash\nmock-server check --document missing.yaml\n```\n",
        "<!-- exit 1 -->\n```bash\nmock-server check\n```\n",
        "```json\n{\n```\n",
        "<!-- not run: github -->\n```yaml\n[\n```\n",
        "<!-- not run: docker -->\n```bash\necho 'no end\n```\n",
        "```yaml\nusage-metrics: [{nam: x}]\n```\n",
    ],
)
def test_a_page_that_shows_what_does_not_happen_fails(text: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(text)
    (tmp_path / "folder").mkdir()
    with pytest.raises(WRONG):
        Runner(Page("page.md", tmp_path), tmp_path / "folder").run()


def test_a_file_that_a_page_shows_is_used_by_a_command_of_it() -> None:
    found_by_itself = re.compile(
        r"\.vscode/settings\.json|conftest\.py|pytest\.ini|pyproject\.toml|.*\.overlay\.yaml"
    )
    for page in PAGES:
        commands = " ".join(c for b in page.blocks if b.language == "bash" for c in b.commands)
        imported = set(re.findall(r"^(?:from|import) (\w+)", page.text, re.MULTILINE))
        for block in page.blocks:
            if block.title and not block.not_run and not found_by_itself.fullmatch(block.title):
                is_collected = block.is_test and re.search(r"pytest( -\S+)*( |$)", commands)
                path = Path(block.title)
                assert is_collected or path.name in commands or path.stem in imported, str(block)


def test_the_variables_in_the_pages_are_read_by_something() -> None:
    known = {variable for setting in SETTINGS for variable in setting.variables} | set(OTHER_VARIABLES)
    for block in BLOCKS:
        assert set(re.findall(r"\bMOCK_SERVER_\w*[A-Z]\b", block.text)) <= known, str(block)


GENERATED = re.compile(r"^<!-- generated: |^::: ", re.MULTILINE)
REPOSITORY = re.compile(r"https://github\.com/OWNER/openapi-sandbox/(blob|raw)/main/")


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MkDocs make them."""
    headings = re.findall(r"^##* (.*)", path.read_text(), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_lead_somewhere(page: Page) -> None:
    prose = re.sub(r"^( *)```.*?^\1```", "", page.text, flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)[^)]*\)", prose):
        if REPOSITORY.match(link):
            target, fragment = ROOT / REPOSITORY.sub("", link), ""
        elif link.startswith(("https://", "http://")):
            continue
        else:
            name, _, fragment = link.partition("#")
            target = ((ROOT / page.name).parent / name) if name else ROOT / page.name
        assert target.exists(), link
        # The anchors of what is generated for the site are checked when that is built.
        if fragment and not GENERATED.search(target.read_text()):
            assert fragment in anchors(target), link
