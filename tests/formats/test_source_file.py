"""Files of YAML and JSON: read strictly, every refusal with its place and remedy."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.formats import source_file, yaml

Refusal = Callable[..., list[str]]


def written(tmp_path: Path, text: str | bytes, name: str = "f.yaml") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("2024-05-02T14:26:48.63792Z", "2024-05-02T14:26:48.63792Z"),
        ("2024-07-30", "2024-07-30"),
        ("no", "no"),
        ("on", "on"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("true", True),
        ("~", None),
        ("", None),
        ("-7", -7),
        ("0x1F", 31),
        ("1.5e3", 1500.0),
        ("'7'", "7"),
        ("'{{7*7}}'", "{{7*7}}"),
        (".nan", ".nan"),
    ],
)
def test_scalars_are_read_by_the_core_schema(tmp_path: Path, scalar: str, value: object) -> None:
    assert source_file.read(written(tmp_path, f"a: {scalar}\n")).data == {"a": value}


def test_keys_are_read_as_texts(tmp_path: Path) -> None:
    data = source_file.read(written(tmp_path, "200: a\ntrue: b\n2024-01-01: c\n")).data
    assert list(data) == ["200", "true", "2024-01-01"]


def test_merge_keys_and_aliases_give_copies(tmp_path: Path) -> None:
    text = "base: &b {x: [1], y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [{z: 1}, *b]}\nthree: *b\n"
    data = source_file.read(written(tmp_path, text)).data
    assert data["one"] == {"x": [1], "y": 3}
    assert data["two"] == {"z": 1, "x": [1], "y": 2}
    assert data["three"] == data["base"]
    assert data["three"] is not data["base"]


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
def test_lines_are_found_by_place(tmp_path: Path, name: str) -> None:
    text = '{"a": [\n  1,\n  {"b":\n 2}],\n "c": 3}'
    source = source_file.read(written(tmp_path, text, name))
    assert [source.line(p) for p in [(), ("a", 1), ("a", 1, "b"), ("c",)]] == [1, 3, 3, 5]
    assert source.line(("a", 1, "missing")) == 3


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a:\n- [1", "f.yaml:3: it is not YAML"),
        ("a: 1\nb: {{7*7}}\n", "f.yaml:2: a mapping or a list stands where a key is expected"),
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: the key 'a' is there twice in one mapping; remove one"),
        ("a: !!python/object/apply:os.system [x]\n", "f.yaml:1: the tag"),
        ("a: !x 1\n", "f.yaml:1: the tag '!x' is not understood"),
        ("a: &a [*a]\n", "f.yaml:1: an alias refers to a part that contains it"),
        (BOMB, "f.yaml:6: its aliases add more than 200,000 values (an alias bomb)"),
        ("", "f.yaml: it is empty"),
        ("# only this\n", "f.yaml: it is empty"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: it is not YAML"),
        ("[" * 5000, "f.yaml"),
        ("a:\n" + "".join(" " * i + "- \n" for i in range(1, 3000)), "f.yaml"),
        (f"a: {'1' * 5000}\n", "f.yaml:1: '1111"),
        (b"a: \xff\n", "f.yaml: byte 3 is not UTF-8; save it as UTF-8 text"),
        (b"\x00", "f.yaml"),
        ("a: 1e999\n", "f.yaml"),
        (
            "\n".join(["- &a0 []", *(f"- &a{i} [*a{i - 1}]" for i in range(1, 400))]),
            "f.yaml:201: it is nested more than 100 levels deep",
        ),
        ("x: " + "[" * 100_000 + "]" * 100_000, "f.yaml:1: it is nested more than 100 levels deep"),
    ],
)
def test_yaml_is_refused_with_its_line(
    tmp_path: Path, refusal: Refusal, text: str | bytes, problem: str
) -> None:
    [found] = refusal(source_file.read, written(tmp_path, text))
    assert found.startswith(problem)
    assert len(found) < 400


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1,\n}', "f.json:2: it is not JSON"),
        ('{"a": 1, "a": 2}', "f.json: the key 'a' is there twice"),
        ('{"a": NaN}', "f.json: it holds NaN"),
        (f'{{"a": {"1" * 5000}}}', f"f.json: the number {'1' * 60}… has more than 308 digits"),
        ('{"a": 1e999}', "f.json: the number 1e999 is too large"),
        ('{"a":\n"\\ud800"}', "f.json:2: an escape stands for half a character"),
        ("[" * 600 + "]" * 600, "f.json: it is nested more than 100 levels deep"),
        ("[" * 100_000, "f.json: it is nested more than 100 levels deep"),
    ],
)
def test_json_is_refused_with_its_reason(
    tmp_path: Path, refusal: Refusal, text: str, problem: str
) -> None:
    [found] = refusal(source_file.read, written(tmp_path, text, "f.json"))
    assert found.startswith(problem)


def test_escapes_of_whole_characters_are_read(tmp_path: Path) -> None:
    source = source_file.read(written(tmp_path, r'["\ud83d\ude00", "\\ud800"]', "f.json"))
    assert source.data == ["\N{GRINNING FACE}", "\\ud800"]


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path, refusal: Refusal) -> None:
    assert refusal(source_file.read, tmp_path / "none.yaml") == [
        "none.yaml: there is no such file; give the path of an existing one."
    ]
    (tmp_path / "folder").mkdir()
    assert refusal(source_file.read, tmp_path / "folder") == [
        "folder: it is a folder; give the path of a file."
    ]


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    assert source_file.read(written(tmp_path, b"\xef\xbb\xbfa: 1\n")).data == {"a": 1}
    assert source_file.read(written(tmp_path, b'\xef\xbb\xbf{"a": 1}', "f.json")).data == {"a": 1}


def test_yaml_that_was_dumped_is_read_as_the_same_data(tmp_path: Path) -> None:
    data = {"a": ["no", "2024-01-01", "~", "ü", "1", 1, None, True, "", "a: b", "#", "50%"]}
    assert source_file.read(written(tmp_path, yaml.dump(data))).data == data


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, refusal: Refusal) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    (tmp_path / "link.yaml").symlink_to(pipe)
    for path in (pipe, tmp_path / "link.yaml", Path("/dev/zero"), Path("/dev/null")):
        [problem] = refusal(source_file.read, path)
        assert problem.endswith(": it is a pipe, a socket or a device; give the path of a regular file.")
    [problem] = refusal(source_file.read, tmp_path)
    assert problem.endswith(": it is a folder; give the path of a file.")


def test_a_file_above_the_bound_is_not_read(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        # Of a size, but of no blocks.
        file.truncate(2**40)
    [problem] = refusal(source_file.read, path)
    assert problem == "large.yaml: it holds more than 64 MiB; give a smaller file."
    [problem] = refusal(lambda: source_file.read(path, limit=2 * 2**20))
    assert problem == "large.yaml: it holds more than 2 MiB; give a smaller file."


def test_a_file_at_the_bound_is_read(tmp_path: Path, refusal: Refusal) -> None:
    path = written(tmp_path, "a" * 2**20)
    assert source_file.read(path, limit=2**20).data == "a" * 2**20
    assert (
        "more than 1 MiB"
        in refusal(lambda: source_file.read(written(tmp_path, "a" * (2**20 + 1)), 2**20))[0]
    )
