"""YOLO labels as an expert: a folder of NAME.txt, one box or polygon a line, and the names of the classes beside or above it.

A line is a class, then middle and size of a box, in fractions, and its score if there is one; or a class and the points of a polygon.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path

from diptych.data.errors import AddressError, InputError
from diptych.data.records import Image, Record
from diptych.data.regions import Box, Region
from diptych.data.rows import text_of
from diptych.models.file_coco import Outlines
from diptych.models.file_shapes import Outline, Polygons, polygons, unit_box

ENDINGS = (".yaml", ".yml")
CLASSES = ("classes.txt", "obj.names", "predefined_classes.txt")
LABELS = "labels"
FILES, LINES, NAMES = 2_000_000, 10_000, 100_000  # at most: label files, lines of one, names
BYTES = 4 << 20  # of one file of labels or names
BY = "file"
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^,\]}\n]+"""
_ITEM = re.compile(rf"\s*(?:(\d+)\s*:\s*)?({_QUOTED})\s*(?:,|$)")
_BLOCK = re.compile(r"\s*(?:-|(\d+)\s*:)\s+(\S.*)")


def is_yolo(path: Path) -> bool:
    """Whether a path is a data.yaml, or a folder of labels: one with a list of classes, or called labels."""
    if path.is_file():
        return path.suffix in ENDINGS
    return path.is_dir() and (_names_in(path) is not None or path.name == LABELS)


def rows_of(path: Path) -> tuple[list[Record], Outlines]:
    """A row for each file of labels, by its path without ending, and the shapes. AddressError says which file and line is wrong."""
    try:
        return _rows(path)
    except (ValueError, OSError) as error:
        raise AddressError(f"file:{path} cannot answer: {error}") from error


def _rows(path: Path) -> tuple[list[Record], Outlines]:
    told = path if path.is_file() else _told(path)
    if told is None:
        raise InputError("it has no classes.txt or data.yaml, in it or above it: labels number their classes, put their names there")
    text = text_of(told, BYTES)
    names = names_of(text) if told.suffix in ENDINGS else dict(enumerate(line.strip() for line in text.splitlines()))
    posed = bool(re.search(r"^kpt_shape\s*:", text, re.MULTILINE))
    rows: list[Record] = []
    shapes: Outlines = {}
    root = path.parent if path.is_file() else path
    for file in _label_files(root):
        id = "/".join(part for part in file.relative_to(root).with_suffix("").parts if part != LABELS)
        if id in shapes:
            raise InputError(f"two files of labels are called {id}, one of them {file}: keep one")
        found = list(_labels(file, id, names, posed))
        rows.append(Record(id, Image(""), regions=tuple(region for region, _ in found)))
        shapes[id] = tuple(outline for _, outline in found if outline is not None)
    if not rows:
        raise InputError(f"it has no labels: a folder {LABELS} with NAME.txt beside the names of the classes")
    return rows, shapes


def _names_in(folder: Path) -> Path | None:
    """The file in a folder that tells the names of classes."""
    plain = next((folder / name for name in CLASSES if (folder / name).is_file()), None)
    if plain is not None:
        return plain
    listed = sorted(file for ending in ENDINGS for file in folder.glob(f"*{ending}") if file.is_file() and file.stat().st_size <= BYTES)
    return next((file for file in listed if re.search(r"^names\s*:", file.read_text(errors="replace"), re.MULTILINE)), None)


def _told(folder: Path) -> Path | None:
    here = folder.absolute()
    return next((found for place in (here, *list(here.parents)[:3]) if (found := _names_in(place)) is not None), None)


def names_of(text: str) -> dict[int, str]:
    """The names under `names:` in a data.yaml, as a list or by number; InputError if there are none. No other YAML is read."""
    head = re.search(r"^names\s*:[ \t]*(.*)$", text, re.MULTILINE)
    if head is None:
        raise InputError("it has no names: write names: [a, b] or one line for each class")
    rest = re.sub(r"(^|\s)#.*$", "", text[head.start(1) :], flags=re.MULTILINE)
    inner = re.match(r"\s*[\[{]([^\]}]*)[\]}]", rest)
    found = _inline(inner.group(1)) if inner else _block(rest)
    names: dict[int, str] = {}
    for number, name in found:
        if len(names) >= NAMES or any(len(said) > 200 for said in (number or "", name)):
            raise InputError(f"its names are too many or too long: at most {NAMES} of 200 letters")
        names[len(names) if number is None else int(number)] = _plain(name)
    if not names:
        raise InputError("it names no classes: write names: [a, b] or one line for each class")
    return names


def _inline(text: str) -> Iterator[tuple[str | None, str]]:
    at = 0
    text = " ".join(line.strip() for line in text.split("\n")).strip()  # a regular expression would try every run of blanks anew
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None or item.end() == at:
            raise InputError(f"its names cannot be read from {text[at : at + 40]!r} on: write one line for each class")
        yield item.group(1), item.group(2)
        at = item.end()


def _block(text: str) -> Iterator[tuple[str | None, str]]:
    for line in text.splitlines():
        item = _BLOCK.fullmatch(line)
        if item is not None:
            yield item.group(1), item.group(2)
        elif line.strip():
            return


def _plain(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        inner = name[1:-1]
        return inner.replace("''", "'") if name[0] == "'" else re.sub(r"\\(.)", r"\1", inner)
    return name


def _label_files(root: Path) -> Iterator[Path]:
    """All files in folders of labels, or else in the folder itself."""
    inner = [folder for depth in (LABELS, f"*/{LABELS}", f"*/*/{LABELS}") for folder in sorted(root.glob(depth)) if folder.is_dir()]
    count = 0
    for folder in inner or [root]:
        for file in sorted(folder.rglob("*.txt")):
            if file.name not in CLASSES and file.is_file():
                count += 1
                if count > FILES:
                    raise InputError(f"it has more than {FILES} files of labels: name a folder of fewer")
                yield file


def _labels(file: Path, id: str, names: dict[int, str], posed: bool) -> Iterator[tuple[Region, Outline | None]]:
    listed = [line.split() for line in text_of(file, BYTES).splitlines() if line.strip()]
    if len(listed) > LINES:
        raise InputError(f"{file.name} has {len(listed)} lines: at most {LINES} are read")
    for number, cells in enumerate(listed):
        try:
            kind, values = _numbers(cells)
            if kind not in names:
                raise InputError(f"class {kind} has no name: names are given for {len(names)} classes")
            box, score, points = _place(values[:4] if posed else values)
        except ValueError as error:
            raise InputError(f"{file.name}, line {number + 1}: {error}") from error
        region = Region(f"{id}/box/{number}", box, label=names[kind], score=score, by=BY)
        yield region, None if points is None else Outline(box, Polygons((points,)))


def _numbers(cells: list[str]) -> tuple[int, list[float]]:
    try:
        return int(cells[0]), [float(cell) for cell in cells[1:]]
    except ValueError:
        raise InputError(f"a line must be the number of a class and fractions of the picture, got {' '.join(cells)!r:.80}") from None


def _place(values: list[float]) -> tuple[Box, float | None, list[float] | None]:
    """Box, score and points of a line's numbers."""
    if not all(map(math.isfinite, values)) or any(not -0.05 <= value <= 1.05 for value in values):
        raise InputError(f"its numbers must be fractions of the picture, got {values!r:.80}")
    if len(values) in (4, 5):
        x, y, across, down = values[:4]
        edges = (x - across / 2, y - down / 2, x + across / 2, y + down / 2)
        if across < 0 or down < 0:
            raise InputError(f"a box must have a positive width and height, got {across} x {down}")
        if len(values) == 5 and not 0 <= values[4] <= 1:
            raise InputError(f"a score must lie in [0, 1], got {values[4]}")
        return unit_box(edges, slack=0.6), values[4] if len(values) == 5 else None, None
    (points_K2,) = polygons([values])
    low, high = points_K2.min(0), points_K2.max(0)
    return unit_box((float(low[0]), float(low[1]), float(high[0]), float(high[1]))), None, values
