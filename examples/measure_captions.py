"""Measure captions against references, compare two systems, and keep the captions that a metric bears out."""

from diptych.curate.score import ScoreBy
from diptych.curate.select import Keep
from diptych.data.errors import InputError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Record
from diptych.engine import Context
from diptych.measure import cider, compare, rouge_l

references = {"1": ["a brown dog runs", "the dog is running"], "2": ["two cats on a mat", "cats lie on a rug"]}
ours, theirs = {"1": "a dog runs", "2": "two cats on a mat"}, {"1": "a dog", "2": "a red car"}

found = cider(ours, references)
print(f"{found.name} {found.value:.3f}, by image {found.per_image}; {found.result.how}")
apart = compare(rouge_l(ours, references), rouge_l(theirs, references), ("ours", "theirs"))
print(f"ROUGE-L, ours minus theirs: {apart.difference.value:+.3f}, better in {apart.won:.0%} of resamples")


def nothing(*_: object) -> Picture:
    """This pipeline needs neither models nor pictures."""
    raise InputError("not asked for")


rows = [
    Record(
        id,
        Image(""),
        (Caption(f"{id}/t", theirs[id]), *(Caption(f"{id}/{n}", text, "human:a") for n, text in enumerate(known))),
        chosen=(f"{id}/t",),
    )
    for id, known in references.items()
]
for step in (ScoreBy("fact_precision", of="chosen", references="human"), Keep("fact_precision", 0.5)):
    rows = step(rows, Context(nothing, nothing))
print({row.id: (row.status.kind, row.status.why) for row in rows})
