"""What a shell completes: commands, flags, and names of files."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mock_server import cli


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("mock-server se", {"plain,serve"}),
        ("mock-server --fail-u", {"plain,--fail-under", "plain,--fail-under-all"}),
        ("mock-server serve --watc", {"plain,--watch"}),
        ("mock-server serve --document ap", {"file,ap"}),
        ("mock-server --fixtures ap", {"file,ap"}),
        ("mock-server report --ca ap", {"file,ap"}),
        ("mock-server generate --out ap", {"file,ap"}),
        ("mock-server conform --compare a.json ap", {"file,ap"}),
        ("mock-server report --format ju", {"plain,junit"}),
    ],
)
def test_bash_completes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, expected: set[str]
) -> None:
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    monkeypatch.setenv("_MOCK_SERVER_COMPLETE", "bash_complete")
    assert cli.main([]) == 0
    assert set(capsys.readouterr().out.split()) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: str
) -> None:
    monkeypatch.setenv("_MOCK_SERVER_COMPLETE", f"{shell}_source")
    assert cli.main([]) == 0
    assert f"_MOCK_SERVER_COMPLETE={shell}_complete" in capsys.readouterr().out


@pytest.mark.slow
def test_the_command_line_imports_click_alone() -> None:
    script = "import sys, mock_server.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    own = {"mock_server", "click", "__main__", "_distutils_hack"}
    others = {name for name in done.stdout.split() if not name.startswith("__editable__")}
    assert others - own - set(sys.stdlib_module_names) == set()
