"""The word of an installed overlay, in place of a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.setting_values import WrongSetting, parse


def test_a_word_names_an_overlay_that_is_installed() -> None:
    overlay = parse({"overlay": "sequence"})["overlay"]

    assert overlay.name == "sequence.overlay.yaml"
    assert overlay.is_file()


def test_a_file_of_that_name_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sequence").write_text("overlay: 1.1.0", encoding="utf-8")

    assert parse({"overlay": "sequence"}) == {"overlay": Path("sequence")}


@pytest.mark.parametrize("text", ["sequence.yaml", "./sequence", "spec/sequence", "C:\\sequence"])
def test_a_path_stays_as_it_is_whether_there_is_a_file_or_not(text: str) -> None:
    assert parse({"overlay": text}) == {"overlay": Path(text)}


def test_a_word_that_is_none_is_refused_with_those_that_are() -> None:
    said = r"'sequnce' is neither a file nor .* \(did you mean 'sequence'\?\); those are sequence\."

    with pytest.raises(WrongSetting, match=said):
        parse({"overlay": "sequnce"})
