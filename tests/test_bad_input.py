"""Bad input through the command: one line that says what to do, or a counted failed row; never a traceback, a lost row or a hang."""

import errno
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from PIL import Image as Pillow

from diptych.cli import main
from diptych.cli.effect import ROWS
from diptych.engine import folder as run_folder
from diptych.engine import read_run, run_json
from diptych.world.truth_table import read_truth

COMMAND = [sys.executable, "-c", "import sys; from diptych.cli import main; sys.exit(main())"]
Said = tuple[int, str, str]
Command = Callable[..., Said]

EVIL = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> a dog",
    "escapes": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m a dog",
    "right to left": "a \u202egod\u202c and \u2066a cat\u2069",
    "surrogate": "a lone \ud800 dog",
    "null": "a \x00 dog",
    "markup": "[bold]a dog[/bold] [/red] [link=file:///etc/passwd]x[/link]",
    "separators": "a dog\r\nsits\u2028here\x85there",
    "long": "a dog and a cat on a mat. " * 3847,
    "one word": "x" * 100_000,
    "brackets": "([{<" * 5000,
    "nested": "a dog of a cat " * 4000,
    "blank": "   ",
    "other writing": "日本語の犬 كلب собака",
}


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)

    def call(*words: object, status: int = 0) -> Said:
        found = main([str(word) for word in words])
        out, err = capsys.readouterr()
        err = "".join(f"{line}\n" for line in err.splitlines() if not line.startswith("simulated experts"))
        assert found == status, err
        assert "Traceback" not in out + err
        if status:
            assert err.startswith("diptych: ") and err.count("\n") == 1, err
        return found, out, err

    return call


def photos(folder: Path, number: int = 4) -> Path:
    folder.mkdir(parents=True)
    for index in range(number):
        Pillow.new("RGB", (24, 18), (index * 40, 90, 30)).save(folder / f"{index}.png")
    return folder


def table(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def captions(path: Path, *ids: str) -> Path:
    return table(path, [{"id": id, "caption": "a brown dog on a couch"} for id in ids])


def over(source: object, out: str, *experts: Path) -> list[str]:
    """The words that check captions against each other."""
    named = ",".join(f"file:{path}?family={index}" for index, path in enumerate(experts))
    return ["run", "visual_fact_checker", str(source), "--out", out, "--captioners", named,
            "--writer", "rules:", "--agreement", str(len(experts)), "--quiet"]  # fmt: skip


def sums(out: Path) -> dict[str, int]:
    said = run_json(out)["rows"]
    return {what: n if isinstance(n := said[what], int) else sum(sum(whys.values()) for whys in n.values())
            for what in ("in", "made", "kept", "dropped", "failed")}  # fmt: skip


def accounted(out: Path, rows: int) -> dict[str, int]:
    """The run's sums, after it is sure that no row was lost."""
    found = sums(out)
    assert found["in"] == rows and found["in"] + found["made"] == found["kept"] + found["dropped"] + found["failed"]
    assert len(list(read_run(out))) == rows + found["made"]
    return found


WORLD = ("run", "visual_fact_checker", "world:3", "--out", "x")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing",), "invalid choice: 'nothing'"),
        (("run",), "required: recipe, source, --out"),
        (("run", "visual_fact_checker", "world:3"), "required: --out"),
        ((*WORLD, "--nonsense", "4"), "unrecognized arguments: --nonsense 4"),
        ((*WORLD, "--limit", "0"), "limit must be 1 or more, got 0"),
        ((*WORLD, "--limit", "-1"), "limit must be 1 or more, got -1"),
        ((*WORLD, "--limit", "many"), "--limit: must be a whole number, got 'many'"),
        ((*WORLD, "--seed", "1.5"), "--seed: must be a whole number, got '1.5'"),
        ((*WORLD, "--agreement", "nan"), "--agreement must be a number, got 'nan'"),
        ((*WORLD, "--agreement", "-1"), "agreement must be 0 or more, got -1.0"),
        ((*WORLD, "--threshold", "7"), "threshold must lie in [0, 1], got 7.0"),
        ((*WORLD, "--captioners", ","), "captioners must name at least one"),
        ((*WORLD, "--writer", ""), "'' is no model address"),
        ((*WORLD, "--detector", "none", "--answerer", "none", "--ocr", "none"), "nothing to check with"),
        (
            (*WORLD, "--captioners", "file:a.jsonl,file:b.jsonl", "--agreement", "3"),
            "agreement must be at most the number of the captioners' families, 2 here (file:a.jsonl, file:b.jsonl), got 3: name captioners",
        ),
        ((*WORLD, "--captioners", "file:a.jsonl", "--agreement", "2"), "families, 1 here (file:a.jsonl), got 2"),
        ((*WORLD, "--captioners", "file:a/x.jsonl,file:b/x.jsonl", "--agreement", "2"), "?family=NAME at an address sets its own"),
        (("run", "rank_and_fuse", "world:3", "--out", "x", "--keep", "0"), "keep must be 1 or more, got 0"),
        (("run", "rank_and_fuse", "world:3", "--out", "x", "--policy", "all"), "--policy must be one of"),
        (("run", "../recipe", "world:3", "--out", "x"), "there is no recipe '../recipe'"),
        (("run", "recipe.py", "world:3", "--out", "x"), "there is no file 'recipe.py'"),
        (("demo", "--rows", "0"), "--rows must be 1 or more, got 0"),
        (("effect", "nothing"), "there is no recipe 'nothing'"),
        (("effect", "fusecap", "--budget", "big"), "invalid choice: 'big'"),
        (("compare", "fusecap", "fusecap", "--on", "world:3", "--out", "x"), "name each once"),
        (("compare", "fusecap", "rank_and_fuse", "--on", "photos", "--out", "x"), "required: --detector"),
        (("report", ""), "'' does not exist"),
        (("report", "world:2", "--out", "picture.png"), "--out must end in .html"),
        (("convert", "world:2", ""), "'' names no file"),
        (("convert", "world:2", "a.jsonl", "--captions", "worst"), "captions must be one of"),
        (("parse", "a", "b"), "unrecognized arguments: b"),
        (("parse", "--file", "."), "there is no file '.'"),
        (("cite", "nothing"), "there is no recipe 'nothing'"),
    ],
)
def test_wrong_words(command: Command, words: tuple[str, ...], told: str) -> None:
    assert told in command(*words, status=1)[2]
    assert not list(Path("x").rglob("*.parquet"))


@pytest.mark.parametrize(
    "options",
    ["", "abc", "0", "-3", "3.5", "٣", "9" * 30, "3?noise=2", "3?noise=nan", "3?noise=.1&noise=.2", "3?sise=9", "3?size=1", "3?size=1e9",
     "3?things=0", "3?things=9-1", "3?pairs=all", "3?light=", "3?seed=-1", "3?elevation=90"],
)  # fmt: skip
def test_worlds_that_are_none(command: Command, options: str) -> None:
    assert f"world:{options}" in command("report", f"world:{options}", status=1)[2] or options == "3?things=9-1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def pipeline(:\n", "is no Python file|cannot be run as a recipe"),
        ("import nothing_of_this_name\n", "cannot be run as a recipe"),
        ('"""No pipeline."""\n', "has no pipeline"),
        ("1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_recipe_files_that_are_none(command: Command, tmp_path: Path, text: str, told: str) -> None:
    own = tmp_path / "own.py"
    own.write_text(text)
    err = command("run", own, "world:2", "--out", "x", status=1)[2]
    assert any(part in err for part in told.split("|"))
    if "ZeroDivision" not in told and "nothing" not in text:
        command("cite", own, status=1)


@pytest.mark.parametrize("name", ["empty.jsonl", "header.csv", "blank.jsonl", "folder", "list.json"])
def test_nothing_in_it(command: Command, tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.mkdir() if name == "folder" else source.write_text(
        {"header.csv": "id,caption\n", "blank.jsonl": "\n\n", "list.json": "[]"}.get(name, "")
    )
    for words in (["report", source], ["convert", source, tmp_path / "y.jsonl"], over(source, "x", captions(tmp_path / "a", "1"))):
        assert name in command(*words, status=1)[2]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("sim:captioner", "sim:captioner knows only the world"),
        ("other:name", "the scheme must be one of "),
        ("hf:org/name", "hf:org/name does not open as a model"),
        ("rules:", "rules: has no Captioner"),
        ("nonsense", "is no model address"),
        ("file:none.jsonl", "'none.jsonl' does not exist"),
        ("file:photos?famly=a", "takes no option 'famly'"),
    ],
)
def test_experts_that_cannot_answer_stop_the_run_and_the_folder_stays_free(
    command: Command, tmp_path: Path, address: str, told: str
) -> None:
    photos(tmp_path / "photos")
    good = captions(tmp_path / "a.jsonl", "0.png", "1.png", "2.png", "3.png")
    words = over("photos", "x", good)
    at = words.index("--captioners") + 1
    assert told in command(*words[:at], address, *words[at + 1 :], status=1)[2]
    command(*words)
    assert accounted(Path("x"), 4)["kept"] == 4


def test_pictures_without_captions_are_dropped_before_a_detector_is_asked(command: Command, tmp_path: Path) -> None:
    boxes = table(tmp_path / "boxes.jsonl", [{"id": "nothing.png", "objects": [{"label": "dog", "box": [0.1, 0.2, 0.5, 0.9]}]}])
    out = command("run", "fusecap", photos(tmp_path / "photos"), "--out", "x", "--detector", f"file:{boxes}", "--writer", "rules:")[1]
    assert sums(Path("x"))["dropped"] == sums(Path("x"))["in"] > 0 == sums(Path("x"))["failed"]  # the detector has none of these rows
    assert "no caption is chosen: the source must bring one to start from" in out


def test_an_unknown_address_is_told_before_anything_is_asked(command: Command) -> None:
    err = command("run", "visual_fact_checker", "world:3", "--out", "x", "--writer", "rulez:", status=1)[2]
    assert "nothing answers to 'rulez:'" in err and not Path("x").exists()


def test_sim_of_pictures_once_of_a_world(command: Command, tmp_path: Path) -> None:
    command("convert", "world:3", "copied/")
    err = command("run", "fusecap", "copied", "--out", "x", "--detector", "sim:detector", "--writer", "rules:", status=1)[2]
    assert "sim:detector knows only the world" in err


def test_broken_pictures_and_rows_without_answer_are_counted(command: Command, tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    (folder / "empty.png").write_bytes(b"")
    whole = (folder / "0.png").read_bytes()
    (folder / "short.png").write_bytes(whole[: len(whole) - 20])
    (folder / "text.png").write_text("not a picture")
    (folder / "huge.ppm").write_bytes(b"P6 100000 100000 255\n")
    (folder / "dangling.png").symlink_to("nowhere.png")
    expert = captions(tmp_path / "a.jsonl", *(path.name for path in folder.iterdir() if path.name != "3.png"))
    _, out, _ = command(*over(folder, "x", expert, expert))
    found = accounted(Path("x"), 10)
    assert found["kept"] == 3 and found["failed"] == 7
    assert "broken.jpg" in out and "has no caption for this row" in out
    command("report", folder)
    command("report", "x")
    assert json.loads(command("convert", folder, "y.tar", "--json")[1])["written"] == 4


def test_rows_half_broken(command: Command, tmp_path: Path) -> None:
    deep = "[" * 100_000
    odd = [
        "[1, 2]",
        '"text"',
        "null",
        "{}",
        '{"caption": 3}',
        '{"caption": {"text": [1]}}',
        deep,
        f'{{"caption": {deep}}}',
        '{"caption": "a',
    ]
    good = [
        {"id": [1], "caption": "a dog"},
        {"id": None, "caption": "a cat"},
        {"id": True, "caption": "a cat"},
        '{"id": 1e400, "caption": "a cat"}',
    ]
    source = table(tmp_path / "half.jsonl", [*odd, *good])
    with source.open("ab") as file:
        file.write(b'{"caption": "\xff\xfe"}\n{"caption": "no end"')
    command(*over(source, "x", source))
    found = accounted(Path("x"), len(odd) + len(good) + 2)
    assert found["failed"] == len(odd) + 2 and found["kept"] + found["dropped"] == len(good)
    command("report", "x")
    for name in ("y.jsonl", "y.csv", "y.parquet", "y.json"):
        done = json.loads(command("convert", source, name, "--json")[1])
        assert done["written"] + len(done["skipped"]) == found["in"], name


def test_two_rows_with_one_id(command: Command, tmp_path: Path) -> None:
    source = captions(tmp_path / "same.jsonl", *["same"] * 5, "other")
    _, out, _ = command(*over(source, "x", source))
    assert accounted(Path("x"), 6) == {"in": 6, "made": 0, "kept": 2, "dropped": 0, "failed": 4}
    assert "4 failed at input: another row has the id 'same'" in out
    command("report", "x")
    assert json.loads(command("convert", "x", "y.jsonl", "--json")[1])["skipped"] == [
        [f"same#{n}", "failed by input: another row has the id 'same': ids must be unique, the first row stands"] for n in range(2, 6)
    ]


def test_evil_captions_through_everything(command: Command, tmp_path: Path) -> None:
    source = table(tmp_path / "evil.jsonl", [{"id": name, "caption": text} for name, text in EVIL.items()])
    _, out, err = command(*over(source, "x", source))
    accounted(Path("x"), len(EVIL))
    stated = {record.id: record.captions[0].text for record in read_run(Path("x")) if record.captions}
    assert {name: stated.get(name) for name in EVIL} == dict(EVIL)
    command("report", "x")
    command("report", source)
    for page in ("x/report.html", "report.html"):
        text = Path(page).read_text(encoding="utf-8")
        assert "<script>alert" not in text and "<img src=x" not in text and "\x1b" not in text and "\x9b" not in text
    for name in ("y.jsonl", "y.csv", "y.tsv", "y.parquet", "y.json"):
        done = json.loads(command("convert", source, name, "--json")[1])
        assert done["written"] + len(done["skipped"]) == len(EVIL)
        again = json.loads(command("convert", name, f"again-{name}.jsonl", "--json")[1])
        assert again["written"] == done["written"], name
        rows = [json.loads(line) for line in Path(f"again-{name}.jsonl").read_text().splitlines()]
        assert all(row["caption"] == EVIL[row["id"]] for row in rows), name
    assert "\x1b" not in out + err


@pytest.mark.parametrize("name", ["html", "escapes", "right to left", "surrogate", "null", "separators", "long", "nested", "other writing"])
def test_evil_captions_parse_to_json_that_steers_no_terminal(command: Command, name: str) -> None:
    out = command("parse", EVIL[name])[1]
    assert json.loads(out)["text"] == EVIL[name] and out.count("\n") == 1
    assert not set(out) & set("\x1b\x9b\x07\x00\u202e\u2066\u2028\r")


def test_odd_names_of_files(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "фото & <i> ü $x"
    folder.mkdir()
    names = ["with space.png", "日本 語.png", "<b>.png", "\x1b[31mred.png", "\u202egnp.exe.png", "quote'\".png", "line\nfeed.png",
             "-dash.png", "%41.png", "#h.png", "[bold]x.png", "col:on.png", os.fsdecode(b"bad\xff.png")]  # fmt: skip
    for name in names:
        Pillow.new("RGB", (20, 20)).save(os.fsencode(folder / name), "PNG")
    Path(folder / "\x1b[31mbroken.png").write_bytes(b"no picture")
    expert = captions(tmp_path / "the captions é.jsonl", *names, "\x1b[31mbroken.png")
    _, out, err = command(*over(folder, "run é \x1b[31m", expert, expert))
    assert accounted(Path("run é \x1b[31m"), len(names) + 1)["kept"] == len(names)
    _, more, _ = command("report", "run é \x1b[31m")
    command("report", folder)
    for name in ("y.jsonl", "y.csv", "y.parquet", "y.json", "y.tar", "y/"):
        done = json.loads(command("convert", folder, name, "--json")[1])
        assert done["written"] + len(done["skipped"]) == len(names) + 1
    _, last, error = command("convert", folder, "\x1b[31m.tar")
    assert "\x1b" not in out + err + more + last + error and "\\u001b[31mbroken.png" in out
    assert "\x1b" not in command("report", "\x1b[31mnowhere\udcff", status=1)[2]


def test_a_run_moved_elsewhere_goes_on(command: Command, tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    expert = captions(tmp_path / "a.jsonl", "0.png", "1.png", "2.png", "3.png")
    command(*over(folder, "x", expert), "--limit", "2")
    (tmp_path / "far").mkdir()
    Path("x").rename("far/y")
    command("report", "far/y")
    command(*over(folder, "far/y", expert))
    assert accounted(Path("far/y"), 4)["kept"] == 4
    assert json.loads(command("convert", "far/y", "far/z/", "--json")[1])["written"] == 4


def test_a_smaller_limit_later_takes_nothing_away(command: Command) -> None:
    words = ("run", "visual_fact_checker", "world:8", "--quiet", "--out", "x", "--limit")
    for limit in (2, 6, 3):
        command(*words, limit)
    assert accounted(Path("x"), 6) and len(read_truth(Path("x/truth.parquet"))) == 6


def test_sources_that_grew_changed_or_went(command: Command, tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    expert = captions(tmp_path / "a.jsonl", *(f"{number}.png" for number in range(9)))
    words = over(folder, "x", expert)
    command(*words)
    Pillow.new("RGB", (9, 9)).save(folder / "5.png")
    command(*words)
    assert accounted(Path("x"), 5)["kept"] == 5
    Pillow.new("RGB", (9, 9)).save(folder / "4.png")
    assert "input row 5 ('5.png') is now '4.png'" in command(*words, status=1)[2]
    (folder / "4.png").unlink()
    (folder / "2.txt").write_text("a cat\n")
    assert "input row 3 ('2.png') has changed" in command(*words, status=1)[2]
    (folder / "2.txt").unlink()
    (folder / "5.png").unlink()
    assert "input row 5 ('5.png') is missing" in command(*words, status=1)[2]
    assert len(list(read_run(Path("x")))) == 5
    command(*words, "--overwrite")
    assert accounted(Path("x"), 4)["kept"] == 4
    shutil.rmtree(folder)
    assert "does not exist" in command(*words, status=1)[2]
    command("report", "x")


@pytest.mark.parametrize("broken", ["shard", "not json", "half json", "newer", "no run", "a file", "below a file"])
def test_run_folders_that_are_none(command: Command, tmp_path: Path, broken: str) -> None:
    folder = photos(tmp_path / "photos")
    expert = captions(tmp_path / "a.jsonl", "0.png", "1.png", "2.png", "3.png")
    words = over(folder, "x/y" if broken == "below a file" else "x", expert)
    if broken in ("a file", "below a file"):
        Path("x").write_text("mine")
    elif broken == "no run":
        Path("x").mkdir()
        Path("x/mine.txt").write_text("mine")
    else:
        command(*words)
        name = "shards/00000.parquet" if broken == "shard" else "run.json"
        said = {"shard": "PAR1", "not json": "{", "half json": '{"diptych_run": 1}', "newer": '{"diptych_run": 99}'}
        Path("x", name).write_text(said[broken])
    before = {path: path.read_bytes() for path in Path("x").rglob("*") if path.is_file()}
    err = command(*words, status=1)[2]
    assert "x" in err and ("--out" in err or "--overwrite" in err)
    assert {path: path.read_bytes() for path in before} == before


def test_a_demo_does_not_replace_another_run(command: Command) -> None:
    command("run", "visual_fact_checker", "world:2", "--out", "x", "--quiet")
    assert "holds a run that is no demo" in command("demo", "--rows", "2", "--out", "x", status=1)[2]
    assert accounted(Path("x"), 2)


def test_ten_thousand_tiny_pictures(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    first = photos(tmp_path / "one", 1) / "0.png"
    whole = first.read_bytes()
    for number in range(10_000):
        (folder / f"{number:05d}.png").write_bytes(b"no picture" if number % 50 == 0 else whole)
    expert = captions(tmp_path / "a.jsonl", *(f"{number:05d}.png" for number in range(0, 10_000, 2)))
    command("report", folder)
    assert Path("report.html").stat().st_size < 2 << 20
    _, out, _ = command(*over(folder, "x", expert), "--limit", "1000")
    assert accounted(Path("x"), 1000) == {"in": 1000, "made": 0, "kept": 480, "dropped": 0, "failed": 520}
    assert Path("x/report.html").stat().st_size < 2 << 20
    assert len(out.splitlines()) < 40 and "has no caption for this row" in out


# What follows needs a process of its own.


def alone(*words: object, before: Callable[[], None] | None = None, **options: object) -> "subprocess.CompletedProcess[str]":
    listed = [*COMMAND, *map(str, words)]
    return subprocess.run(listed, capture_output=True, text=True, timeout=100, check=False, preexec_fn=before, **options)  # type: ignore[call-overload]


def refused(done: "subprocess.CompletedProcess[str]", *told: str) -> None:
    lines = [line for line in done.stderr.splitlines() if not line.startswith("simulated experts")]
    assert done.returncode == 1 and len(lines) == 1 and lines[0].startswith("diptych: "), done.stderr
    assert all(part in lines[0] for part in told), lines[0]


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """Lets no file grow beyond so many bytes, as a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("dest", ["y.jsonl", "y.csv", "y.parquet", "y.json", "y.tar", "y/", "records:y", "huggingface:y", "webdataset:y"])
def test_full_disk_leaves_no_half_dataset(command: Command, dest: str) -> None:
    with small_files(600):
        assert "cannot be written" in command("convert", "world:40?size=64", dest, status=1)[2]
    assert list(Path().iterdir()) == []


def test_full_disk_in_a_run_a_report_and_an_effect(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("run", "visual_fact_checker", "world:40", "--quiet", "--out", "x")
    monkeypatch.setitem(ROWS, "small", 3)
    with small_files(4000):
        assert "make room" in command(*words, status=1)[2]
        assert "cannot be written" in command("report", "world:2", status=1)[2]
        assert "make room" in command("effect", "fusecap", "--seeds", "1", "--quiet", "--out", "e", status=1)[2]
    assert not list(Path().glob("*.part")) and not Path("report.html").exists()
    command(*words)
    accounted(Path("x"), 40)


def test_disk_full_half_way_then_room_again(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("run", "visual_fact_checker", "world:30?size=64", "--quiet", "--out")
    command(*words, "whole")
    for after in range(6):
        left = [after]

        def full(handle: int, sync: Callable[[int], None] = os.fsync, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            sync(handle)

        with monkeypatch.context() as patch:
            patch.setattr(run_folder.os, "fsync", full)
            assert "No space left on device" in command(*words, f"x{after}", status=1)[2]
        command(*words, f"x{after}")
        rows = [repr(row) for row in read_run(Path(f"x{after}"))]
        assert rows == [repr(row) for row in read_run(Path("whole"))]


def bound() -> list[str]:
    """What makes a command obey permissions: nothing for an ordinary user; for root, giving up the right to pass them by."""
    if os.getuid():
        return []
    words = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    if not shutil.which("setpriv") or subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
        pytest.skip("runs as root")
    return words


SEVERAL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from diptych.cli import main
for words in json.loads(sys.argv[1]):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = main(words)
    print(json.dumps([words, status, out.getvalue(), err.getvalue()]))
"""


def obeying(place: Path, *commands: list[str]) -> Iterator["subprocess.CompletedProcess[str]"]:
    """These commands in one process that permissions bind."""
    listed = [*bound(), sys.executable, "-c", SEVERAL, json.dumps(commands)]
    done = subprocess.run(listed, capture_output=True, text=True, timeout=100, check=False, cwd=place)
    assert done.returncode == 0, done.stderr
    return (subprocess.CompletedProcess(*json.loads(line)) for line in done.stdout.splitlines())


def test_read_only_places(tmp_path: Path) -> None:
    bound()
    half, shut = tmp_path / "half", tmp_path / "shut"
    assert main(["run", "visual_fact_checker", "world:6", "--limit", "3", "--quiet", "--out", str(half)]) == 0
    photos(shut / "photos")
    world = ["run", "visual_fact_checker", "world:6", "--out"]
    told = {
        "shut/x": [*world, "shut/x"],
        "half/run.json": [*world, "half"],
        "half/report.html": ["report", "half"],
        "shut/r.html": ["report", "shut/photos", "--out", "shut/r.html"],
        "shut/y.jsonl": ["convert", "shut/photos", "shut/y.jsonl"],
        "shut/e": ["effect", "fusecap", "--out", "shut/e"],
    }
    for path in (shut, half):
        path.chmod(0o555)
    try:
        for name, done in zip(told, obeying(tmp_path, *told.values()), strict=True):
            refused(done, name, "Permission denied")
    finally:
        for path in (shut, half):
            path.chmod(0o755)
    assert len(list(read_run(half))) == 3


def test_unreadable_places(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    photos(folder / "below")
    expert = captions(tmp_path / "a.jsonl", "0.png", "1.png", "2.png", "3.png")
    secret = captions(tmp_path / "secret.jsonl", "0.png")
    shut = (secret, folder / "1.png", folder / "below")
    for path in shut:
        path.chmod(0)
    try:
        *errors, done = obeying(
            tmp_path,
            ["report", "secret.jsonl"],
            over(folder, "y", secret),
            ["parse", "--file", "secret.jsonl"],
            over(folder, "x", expert),
        )
    finally:
        for path in shut:
            path.chmod(0o755)
    for error in errors:
        refused(error, "secret.jsonl", "ermission")
    assert done.returncode == 0, done.stderr
    # four pictures of which one is shut, and one row for the folder that is
    assert accounted(tmp_path / "x", 5) == {"in": 5, "made": 0, "kept": 3, "dropped": 0, "failed": 2}
    assert "below" in done.stdout and "1.png" in done.stdout


@pytest.mark.parametrize("words", [["list"], ["run", "visual_fact_checker", "world:2", "--out", "x", "--quiet"]], ids=["list", "run"])
def test_nobody_reads_on(tmp_path: Path, words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([*COMMAND, *words], stdout=write, stderr=subprocess.PIPE, text=True, timeout=100, check=False, cwd=tmp_path)
    finally:
        os.close(write)
    assert done.returncode == 0 and not done.stderr.replace("simulated experts", "").startswith("diptych"), done.stderr
    assert "Traceback" not in done.stderr and "Broken" not in done.stderr
    if words[0] == "run":
        accounted(tmp_path / "x", 2)


def test_output_that_is_closed_full_or_of_few_letters(tmp_path: Path) -> None:
    closed = alone("list", before=partial(os.close, 1))
    assert closed.returncode == 0 and closed.stderr == ""
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([*COMMAND, "list"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=100, check=False)
        refused(done, "No space left")
    few = alone("parse", "café 犬", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert json.loads(few.stdout)["text"] == "café 犬"
    words = ("run", "visual_fact_checker", "world:2", "--out", tmp_path / "x", "--quiet")
    assert alone(*words, env={**os.environ, "PYTHONIOENCODING": "ascii"}).returncode == 0
