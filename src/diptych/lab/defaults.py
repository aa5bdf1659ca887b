"""What an option that names models stands for on a `world:` source: simulated experts in runs, a fresh small model in trainings."""

from collections.abc import Mapping

from diptych.lab.experts import Experts

Named = str | tuple[str, ...]


def world_models(experts: Experts | None = None) -> Mapping[str, Named]:
    """By the name of a recipe's option."""
    known = experts or Experts()
    return {
        "captioners": known.captioners,
        "captioner": known.captioners[0],
        "detector": known.detector,
        "answerer": known.answerer,
        "ocr": known.ocr,
        "matcher": known.matcher,
        "painter": known.painter,
        "embedder": known.embedder,
        "comparer": known.comparer,
        "entailer": known.entailer,
        "judge": known.entailer,
        "critic": known.judge,
        "reader": known.reader,
        "segmenter": known.segmenter,
        "depth": known.depth,
        "writer": "rules:",
    }


STARTS: Mapping[str, Named] = {"model": "nano:dual", "captioner": "nano:prefix"}  # what a training starts from, fresh weights both
