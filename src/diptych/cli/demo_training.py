"""The demo's last stage: an encoder learns from the captions before and after, and finds scenes that it has not seen."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from diptych.cli.demo import SIDE
from diptych.cli.running import Asked, Done, page
from diptych.data.pictures import Picture
from diptych.data.records import Image, Record
from diptych.engine import read_run
from diptych.lab.gained import AFTER, BEFORE, TRUE, Gained, Learnt, gained, shown_first, truthful
from diptych.lab.nano import with_tokens
from diptych.lab.opening import opened, pictures
from diptych.measure.table import as_json
from diptych.report.learning import Arm, Learning, learning_section, learning_tile
from diptych.report.numbers import duration
from diptych.train.data import Data

FOLDER = "trained"
SHOWN = 8
LARGE = 224  # pixels of a scene on the page
UPDATES = 300
LEAST = 8  # rows to train on


def learn(asked: Asked, done: Done) -> Done:
    """Trains, measures, and writes the page again with what was learnt."""
    started = monotonic()
    have = opened(asked.source, asked.seed)
    assert have.truths is not None
    truths = have.truths
    rows = tuple(read_run(asked.out))
    true = truthful(rows, lambda row: truths[row.subject.key])
    out = asked.out / FOLDER
    shutil.rmtree(out, ignore_errors=True)  # an earlier demo's
    seen = with_tokens(Data(rows, have.pictures, captions="alt"))
    arms = {BEFORE: _having(seen, rows, "alt"), AFTER: _having(seen, rows, "chosen"), TRUE: _having(seen, true, "chosen")}
    fewest, where = min((len(data), name) for name, data in arms.items())
    if fewest < LEAST:
        return replace(done, extra={"said": [f"{fewest} rows with {where} are too few to train on: --rows asks for more"]})
    found = gained(arms, out, seed=asked.seed, size=SIDE, updates=UPDATES, progress=not asked.quiet)
    found = replace(found, seconds=monotonic() - started)
    recalls = {name: arm.recall for name, arm in found.arms.items()}
    path = page(
        asked, larger, done.outcome, done.summary, extra=[learning_section(_shown(found), larger)], more_tiles=[learning_tile(recalls)]
    )
    return replace(done, report=path, extra={"learning": _json(found), "said": _said(found)})


def _having(seen: Data, rows: tuple[Record, ...], captions: str) -> Data:
    """Those rows that have such a caption and were kept (a source's caption counts before whatever became of the row)."""
    said = Data(rows, seen.pictures, captions=captions)
    kept = [n for n, row in enumerate(rows) if said.texts(n) and (captions == "alt" or row.status.kind == "kept")]
    return Data([rows[n] for n in kept], seen.pictures, captions=captions).having(tokens=seen.columns["tokens"][kept])


def larger(image: Image) -> Picture:
    """The same scene drawn with more pixels than the models see, for people."""
    return pictures(replace(image, path=image.path.replace(f"&size={SIDE}", f"&size={LARGE}")))


def _shown(found: Gained) -> Learning:
    lead = (
        f"One small encoder, from one starting point, learns {UPDATES} updates from each set of captions; the tower that sees is frozen."
        " It is then asked for scenes that no training saw, by true captions; where one is true of several, even a perfect reader misses."
        " Pictures are drawn larger here than the models see them."
    )
    arms = [Arm(arm.name, arm.recall, arm.curve, arm.first, arm.rows) for arm in found.arms.values()]
    return Learning(arms, found.ceiling, found.scenes, found.texts, shown_first(found, SHOWN), lead)


def _json(found: Gained) -> dict[str, Any]:
    arms = {name: {**_result(arm), "rows": arm.rows, "model": f"hf:{_here(arm.folder)}"} for name, arm in found.arms.items()}
    return {"arms": arms, "ceiling": round(found.ceiling, 4), "seconds": round(found.seconds, 1)}


def _result(arm: Learnt) -> Mapping[str, Any]:
    made: Mapping[str, Any] = as_json([arm.recall])[arm.recall.name]
    return made


def _said(found: Gained) -> list[str]:
    told = [f"{arm.recall.value:.3f} [{arm.recall.low:.3f}, {arm.recall.high:.3f}] from {name}" for name, arm in found.arms.items()]
    where = found.arms[AFTER].folder
    return [
        "An encoder trained on them finds new scenes by true captions (recall at 1 among 100):",
        *(f"  {line}" for line in told),
        f"  {found.ceiling:.3f} a perfect reader; {duration(found.seconds)} for all",
        f"try it: diptych measure clipscore 'world:50?size={SIDE}' --matcher hf:{_here(where)}",
    ]


def _here(folder: Path) -> str:
    return str(folder) if folder.is_absolute() else f"./{folder}"
