"""`tesseract:`: printed words by Tesseract, the program that Debian has as tesseract-ocr. No shell, no file, no network.

Smith, 2007, "An overview of the Tesseract OCR engine", ICDAR; from version 4 on its lines are read by an LSTM.
"""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diptych.data.errors import AddressError
from diptych.data.regions import Box
from diptych.models.abilities import Failed, Ocr, ReadRequest, Word, Words
from diptych.models.addresses import Address
from diptych.models.experts import number, one_by_one, only

OPTIONS: Mapping[str, str] = {"languages": "eng", "layout": "3", "seconds": "60"}
MOST = 20_000  # words of one picture
_LANGUAGE = re.compile(r"[A-Za-z]\w*(/\w+)?")
_WORD = "5"  # the level of a word in Tesseract's table


@dataclass(frozen=True, slots=True)
class Tesseract:
    """Lines of words in the order in which Tesseract reads the page. A line's score is the mean confidence of its letters."""

    program: str
    languages: str = "eng"
    layout: int = 3
    seconds: float = 60.0

    def read(self, requests: list[ReadRequest]) -> list[Words | Failed]:
        """One process for each picture, on one core: it must not depend on what else runs."""
        return one_by_one(requests, self._read)

    def _read(self, request: ReadRequest) -> Words | Failed:
        image = request.picture.pil()
        data = io.BytesIO()
        image.save(data, "PNG", compress_level=1)
        table = ("-l", self.languages, "--psm", str(self.layout), "-c", "tessedit_create_tsv=1")
        try:
            done = subprocess.run(
                (self.program, "stdin", "stdout", *table),
                input=data.getvalue(), capture_output=True, timeout=self.seconds, check=False, env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Failed(f"tesseract read for more than {self.seconds:g} s: make the picture smaller, or give ?seconds= more")
        if done.returncode:
            return Failed(f"tesseract stopped with {done.returncode}: {' '.join(done.stderr.decode(errors='replace').split())[:200]}")
        return words_of(done.stdout.decode(errors="replace"), image.size)


def words_of(table: str, size: tuple[int, int]) -> Words | Failed:
    """Tesseract's table of words (TSV) as lines, boxes in fractions of a picture of this size in pixels."""
    lines: dict[tuple[str, ...], list[tuple[str, float, tuple[int, ...]]]] = {}
    try:
        for row in table.split("\n")[1 : MOST + 1]:
            cells = row.split("\t")
            if len(cells) == 12 and cells[0] == _WORD and cells[11].strip() and float(cells[10]) >= 0:
                lines.setdefault(tuple(cells[1:5]), []).append((cells[11].strip(), float(cells[10]), tuple(map(int, cells[6:10]))))
    except ValueError as error:
        return Failed(f"tesseract wrote a table that is none ({str(error)[:100]}): is it version 4 or later?")
    return Words(tuple(_line(words, size) for words in lines.values()))


def _line(words: list[tuple[str, float, tuple[int, ...]]], size: tuple[int, int]) -> Word:
    letters = sum(len(text) for text, _, _ in words)
    sure = sum(len(text) * score for text, score, _ in words) / letters
    left, top = min(at[0] for _, _, at in words), min(at[1] for _, _, at in words)
    right, bottom = max(at[0] + at[2] for _, _, at in words), max(at[1] + at[3] for _, _, at in words)
    (width, height), text = size, " ".join(text for text, _, _ in words)
    return Word(text, Box(left / width, top / height, right / width, bottom / height), min(1.0, sure / 100))


def open_tesseract(address: Address, ability: type) -> Tesseract:
    """The scheme of `tesseract:`. `?languages=deu,eng`, `layout` is Tesseract's page segmentation mode (3 pages, 11 words here and there),
    `seconds` the most for one picture. AddressError says which program or language to install.
    """
    said = only(address, ability, (Ocr,), OPTIONS)
    languages = [one for one in re.split(r"[,+ ]", said["languages"]) if one]
    strange = next((one for one in languages if not _LANGUAGE.fullmatch(one)), "" if languages else "nothing")
    if strange:
        raise AddressError(f"tesseract:?languages= must name languages such as eng or deu,eng, got {strange!r}")
    layout = int(number(address, "layout", said["layout"], (1, 13)))
    if layout == 2:  # it finds the layout and reads nothing
        raise AddressError("tesseract:?layout=2 reads no words: 3 reads pages, 11 words here and there")
    seconds = number(address, "seconds", said["seconds"], (0.1, 3600))
    program = shutil.which("tesseract")
    if program is None:
        raise AddressError("tesseract: needs the program tesseract, which is not installed: apt-get install tesseract-ocr")
    missing = sorted(set(languages) - set(_languages(program)))
    if missing:
        raise AddressError(f"tesseract: has no language {missing[0]!r}: apt-get install tesseract-ocr-{missing[0].replace('_', '-')}")
    return Tesseract(program, "+".join(languages), layout, seconds)


def _languages(program: str) -> Iterable[str]:
    try:
        done = subprocess.run((program, "--list-langs"), capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise AddressError(f"tesseract: {program} does not run ({str(error)[:200]}): install it again") from error
    return done.stdout.decode(errors="replace").split()
