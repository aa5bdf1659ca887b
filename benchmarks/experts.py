"""Processor time a picture of the experts without weights, one thread each.

    OMP_NUM_THREADS=1 python benchmarks/experts.py PHOTOS [--limit 25]

Prints the median of processor milliseconds over the pictures, decoding included, children's time (tesseract) too.
"""

import argparse
import resource
from collections.abc import Callable
from statistics import median

from diptych.curate.pictures import HashPictures, ScorePictures
from diptych.data.pictures import Picture
from diptych.data.records import Record
from diptych.data.sources import open_source
from diptych.engine.context import Context
from diptych.lab.opening import opened
from diptych.models.abilities import Detector, DetectRequest, Ocr, ReadRequest


def spent() -> float:
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def each(rows: list[Record], pictures: Callable[..., Picture], call: Callable[[Record, Picture], object]) -> float:
    call(rows[0], pictures(rows[0].subject))  # models are loaded before
    found = []
    for row in rows:
        begun = spent()
        call(row, pictures(row.subject))
        found.append((spent() - begun) * 1000)
    return median(found)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("photos")
    options.add_argument("--limit", type=int, default=25)
    said = options.parse_args()
    have, rows = opened(said.photos), list(open_source(said.photos))[: said.limit]
    context = Context(have.opener, have.pictures)
    faces, rapid, program = (have.opener(a, k) for a, k in (("faces:", Detector), ("rapidocr:?threads=1", Ocr), ("tesseract:", Ocr)))
    jobs: dict[str, Callable[[Record, Picture], object]] = {
        "ScorePictures": lambda row, _: ScorePictures()([row], context),
        "HashPictures": lambda row, _: HashPictures()([row], context),
        "faces:": lambda _, picture: faces.detect([DetectRequest(picture, ("face",))]),
        "tesseract:": lambda _, picture: program.read([ReadRequest(picture)]),
        "rapidocr:?threads=1": lambda _, picture: rapid.read([ReadRequest(picture)]),
    }
    for name, call in jobs.items():
        print(f"{name:<22} {each(rows, have.pictures, call):7.1f} ms of {len(rows)} pictures", flush=True)


if __name__ == "__main__":
    main()
