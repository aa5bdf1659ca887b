"""Caption, paint the caption, compare the painting with the picture, and caption again with what differed as hints.

Diesendruck et al., 2024, arXiv:2402.08756. The paper's models: GPT-4V captions and tells differences, DALL-E 3 paints.
Same: no training; forward, backward, compare in words, and the hints join the prompt, for a few rounds; the last caption is returned.
Different: several paintings a round, since one that guesses right hides what the caption left out; `votes` says how many must agree on a
hint; at most `hints` a round and none twice; a record stops where nothing new differs. Captions, differences and hints stay in the record,
paintings with `keep_paintings`. The paper's domain of code is left out.
"""

from dataclasses import replace

from diptych.check.repaint import CompareWithPaintings
from diptych.check.split import Split
from diptych.curate.select import Best, Choose
from diptych.data.limits import at_least
from diptych.data.results import Effect
from diptych.engine.steps import Pipeline, Repeat
from diptych.lab.also import answers
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.write.again import CaptionAgain, Settled
from diptych.write.fuse import Fuse
from diptych.write.propose import Propose

PAPER = Paper(
    "Learning How To Ask: Cycle-Consistency Refines Prompts in Multimodal Foundation Models",
    "Diesendruck, Maurice and Lin, Jianzhe and Imani, Shima and Mahalingam, Gayathri and Xu, Mingyang and Zhao, Jie",
    2024,
    "2402.08756",
)
MORE = "Be more detailed."


def pipeline(
    *, captioner: str, painter: str, comparer: str, rounds: int = 2, paintings: int = 3, votes: int = 1, hints: int = 5,
    style: str = "dense", size: int = 512, keep_paintings: bool = False,
) -> Pipeline:  # fmt: skip
    """Propose, then for so many rounds paint, compare and caption again."""
    at_least("rounds", rounds, 1)
    compare = CompareWithPaintings(painter, comparer, paintings=paintings, size=size, keep=keep_paintings)
    again = CaptionAgain(captioner, style, hints, votes)
    return (Propose((captioner,), style), Choose("proposed"), Repeat((compare, again), rounds, Settled()))


def effect(lab: Lab) -> Effect:
    """Questions answered from the caption alone, after two rounds, against as many calls spent on captions that are merged.

    What a round adds also makes the caption longer: "5 captions merged" are the arm nearest in length, a little shorter. Arms tell their
    calls a row and their words.
    """
    # some 14 pictures are painted a row: half the rows take as long as others' experiments
    return replace(lab, rows=(lab.rows + 1) // 2).compare(
        _arms,
        Experts(1),
        method="2 rounds",
        baseline="14 captions merged",
        metric="answers_right",
        guards={"fact_precision": -0.05},
        sweep={
            "comparer's misses": tuple((v, Experts(1).changed("comparer", missed=v)) for v in (0.0, 0.25, 0.5, 0.75)),
            "comparer's false alarms": tuple((v, Experts(1).changed("comparer", false_alarm=v)) for v in (0.0, 0.05, 0.2, 0.4)),
            "captioner's belief in false hints": tuple(
                (v, Experts(1).changed("captioner", hint_believed=v)) for v in (0.0, 0.35, 0.7, 1.0)
            ),
        },
        also=answers,
    )


def _arms(experts: Experts) -> dict[str, Pipeline]:
    captioner = experts.captioners[0]

    def cycle(rounds: int = 2, paintings: int = 3, votes: int = 1, by: Experts = experts) -> Pipeline:
        return pipeline(
            captioner=captioner, painter=by.painter, comparer=by.comparer, rounds=rounds, paintings=paintings, votes=votes
        )  # fmt: skip

    def several(number: int) -> Pipeline:
        return (Propose((captioner,), "dense", number, 1.0), Split("proposed"), Fuse("rules:", "conflict_drop"))

    zero_shot = (Propose((captioner,), "dense"), Choose("proposed"))
    compare = CompareWithPaintings(experts.painter, experts.comparer, of="proposed")
    guessing = experts.changed("comparer", guessing=1)
    return {
        "zero-shot": zero_shot,
        "asked for more detail": (*zero_shot, CaptionAgain(captioner, always=(MORE,))),
        "1 round": cycle(1),
        "2 rounds": cycle(),
        "3 rounds": cycle(3),
        "2 rounds, one painting each": cycle(paintings=1),
        "2 rounds, two of three paintings agree": cycle(votes=2),
        "2 rounds, hints drawn at random": cycle(by=guessing),
        "2 rounds, paintings of anything": cycle(by=experts.changed("painter", guessing=1)),
        "best of 2": (Propose((captioner,), "dense", 2, 1.0), compare, Best(by="alike")),
        "5 captions merged": several(5),
        "14 captions merged": several(14),
    }
