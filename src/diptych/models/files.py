"""`file:PATH`: annotations as an expert. PATH is any dataset that diptych reads; its rows answer for the records with their ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diptych.data.errors import AddressError, SourceError
from diptych.data.records import Record
from diptych.data.regions import Region
from diptych.data.sources import open_source
from diptych.language.wordnet import same_thing
from diptych.models.abilities import (
    Captioner,
    CaptionRequest,
    Described,
    Detection,
    Detections,
    Detector,
    DetectRequest,
    Failed,
    Ocr,
    ReadRequest,
    Word,
    Words,
)
from diptych.models.addresses import Address


@dataclass(frozen=True, slots=True)
class Annotations:
    """Captions, boxes and words by record. Draw n is the n-th caption; a request without a row, or without that caption, fails.

    A row answers for the record with its id, else for one whose file name, with or without its ending, is the row's id or the name
    of its picture; a name that two rows share stands for neither.
    """

    path: str
    rows: dict[str, Record]
    names: dict[str, Record | None]
    classes: frozenset[str] = frozenset()  # labels of all boxes

    def caption(self, requests: list[CaptionRequest]) -> list[Described | Failed]:
        """The row's captions."""
        return [self._caption(request) for request in requests]

    def _caption(self, request: CaptionRequest) -> Described | Failed:
        row = self._row(request.record)
        if row is None or len(row.captions) <= request.draw:
            return self._missing("caption")
        return Described(row.captions[request.draw].text)

    def detect(self, requests: list[DetectRequest]) -> list[Detections | Failed]:
        """The row's object regions whose label names the same thing as a phrase; all of them when none is asked for.

        What no row of the dataset has a box for is not annotated: such phrases are left unjudged.
        """
        return [self._detect(request) for request in requests]

    def _detect(self, request: DetectRequest) -> Detections | Failed:
        row = self._row(request.record)
        if row is None:
            return self._missing("boxes")
        objects = [region for region in row.regions if region.kind == "object"]
        if not request.phrases:
            return Detections(tuple(_detection(region.label, region) for region in objects))
        found = tuple(_detection(p, r) for p in request.phrases for r in objects if same_thing(p, r.label))
        return Detections(found, tuple(phrase for phrase in request.phrases if not self._known(phrase)))

    def _known(self, phrase: str) -> bool:
        return any(same_thing(phrase, label) for label in self.classes)

    def read(self, requests: list[ReadRequest]) -> list[Words | Failed]:
        """The row's text regions."""
        return [self._read(request) for request in requests]

    def _read(self, request: ReadRequest) -> Words | Failed:
        row = self._row(request.record)
        if row is None:
            return self._missing("words")
        return Words(tuple(Word(r.label, r.box, _score(r)) for r in row.regions if r.kind == "text"))

    def _row(self, id: str) -> Record | None:
        if id in self.rows:
            return self.rows[id]
        return next((row for name in names_of(id) if (row := self.names.get(name)) is not None), None)

    def _missing(self, what: str) -> Failed:
        like = next(iter(self.rows), "")
        return Failed(f"{self.path} has no {what} for this row: its ids, such as {like!r}, must be the records' ids or file names")


def names_of(path: str) -> tuple[str, str]:
    """A file's name with and without its ending."""
    name = path.rpartition("/")[2]
    return name, name.rpartition(".")[0] or name


def by_name(rows: Iterable[Record]) -> dict[str, Record | None]:
    """Rows by the names they go by; None for a name that two share."""
    found: dict[str, Record | None] = {}
    for row in rows:
        for name in {*names_of(row.id), *names_of(row.subject.path)} - {""}:
            found[name] = None if name in found else row
    return found


def _detection(phrase: str, region: Region) -> Detection:
    return Detection(phrase, region.box, _score(region), region.attributes)


def _score(region: Region) -> float:
    return 1.0 if region.score is None else region.score


ABILITIES: Sequence[type] = (Captioner, Detector, Ocr)


def open_file(address: Address, ability: type) -> Annotations:
    """The scheme `file:`. Reads the whole dataset once; its option `family` names the voice."""
    if ability not in ABILITIES:
        raise AddressError(f"file:{address.name} cannot be a {ability.__name__}: annotations serve as Captioner, Detector or Ocr")
    strange = sorted(set(address.options) - {"family"})
    if strange:
        raise AddressError(f"file:{address.name} takes no option {strange[0]!r}: the only one is family")
    rows: dict[str, Record] = {}
    try:
        for record in open_source(address.name):
            rows.setdefault(record.id, record)
    except (SourceError, OSError) as error:
        # every row would fail of it
        raise AddressError(f"file:{address.name} cannot answer: {error}") from error
    return Annotations(
        address.name, rows, by_name(rows.values()), frozenset(r.label for row in rows.values() for r in row.regions if r.kind == "object")
    )
