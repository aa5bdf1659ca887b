"""Several captioners are shown a picture and what is written about it; a judge picks the best caption, which is then repaired.

Kim et al., 2025, arXiv:2501.02552. The paper's models, on scientific figures: GPT-4o scores some author captions from 1 to 6 and a
fine-tuned LLaVA the rest; GPT-4o, Llama-3-8B, Yi-1.5-9B and Pegasus, the last three fine-tuned on captions scored 5 and 6, write
candidates from the figure, the words in it and the paragraphs that mention it; GPT-4o picks one and repairs it, long or short.
Same: the scale; source captions of 5 and more are those to learn from; several captioners; one judge scores and picks, the record's
texts before it; only the picked caption is repaired.
Different: nothing is trained here, so the best source captions are examples for the captioners, and the judge itself scores them, all
or a `share`; every captioner sees the picture, and all, every second one or none the texts too; repair asks an answerer about each
statement and for the right colour or number, where the paper's judge rewrites; `words` stands for long and short. A judge of a
captioner's own family is refused unless `self_check` is set. The effect leaves examples out but in one arm: simulated captioners
follow their length alone, and a world's source captions are short.
"""

from typing import Literal

from diptych.check.answer import CheckByAnswers
from diptych.check.judge import JudgeCaptions
from diptych.check.split import Split
from diptych.curate.select import Best, ByLot, Keep
from diptych.data.graphs import KINDS
from diptych.data.results import Effect
from diptych.engine.steps import Part, Pipeline
from diptych.lab.experts import PERFECT, Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.write.bring import BringTexts
from diptych.write.fuse import Fuse
from diptych.write.propose import Propose, ProposeLike
from diptych.write.repair import Repair

PAPER = Paper(
    "Multi-LLM Collaborative Caption Generation in Scientific Documents",
    "Kim, Jaeyoung and Lee, Jongho and Choi, Hong-Jun and Hsu, Ting-Yao and Huang, Chieh-Yang and Kim, Sungchul and Rossi, Ryan and "
    "Yu, Tong and Giles, Clyde Lee and Huang, Ting-Hao and Choi, Sungchul",
    2025,
    "2501.02552",
)
Shown = Literal["half", "all", "none"]


def pipeline(
    *,
    captioners: tuple[str, ...],
    critic: str,
    writer: str,
    answerer: str | None = None,
    examples: int = 3,
    quality: float = 5.0,
    share: float = 1.0,
    beside: str | None = None,
    texts: Shown = "all",
    draws: int = 1,
    temperature: float = 0.0,
    words: int = 0,
    style: str = "dense",
    self_check: bool = False,
) -> Pipeline:
    """Judge the source's captions, propose, judge, pick, repair. `critic` is the judge; without an answerer nothing is repaired.

    `beside` is a file of what is said of the pictures elsewhere, `{id: {"paragraph": [texts], "mention": [texts]}}`. `draws` of one real
    captioner differ only at a `temperature` above 0.
    """
    brought = (BringTexts(beside),) if beside else ()
    assess = (JudgeCaptions(critic, "alt", "quality", share=share, self_check=self_check),) if examples else ()
    proposals: list[Part] = []
    for group, shown in inputs(captioners, texts):
        plain = Propose(group, style, draws, temperature, shown, words=words)
        like = ProposeLike(group, style, draws, temperature, shown, words, at_least=quality, most=max(1, examples))
        proposals.append(like if examples else plain)
    pick = (JudgeCaptions(critic, self_check=self_check), Best(1, "judged"))
    return (*brought, *assess, *proposals, *pick, *(repair(writer, answerer, self_check) if answerer else (Split("chosen"),)))


def inputs(captioners: tuple[str, ...], texts: Shown) -> list[tuple[tuple[str, ...], bool]]:
    """Who sees the picture alone, and who the texts too: every second captioner, all or none."""
    groups = [(captioners[::2], False), (captioners[1::2], True)] if texts == "half" else [(captioners, texts == "all")]
    return [(group, shown) for group, shown in groups if group]


def repair(writer: str, answerer: str, self_check: bool = False) -> Pipeline:
    """Check all that the chosen caption says, put it right or cut it."""
    return (Split("chosen"), CheckByAnswers(answerer, "chosen", KINDS, self_check), Repair(writer, answerer))


def arms(experts: Experts) -> dict[str, Pipeline]:
    """What the effect compares; a judge of the first captioner's family among it."""
    captioners, judge, answerer = experts.captioners, experts.judge, experts.answerer
    kin = f"{judge}{'&' if '?' in judge else '?'}family=captioner0"

    def proposed(number: int, texts: Shown) -> Pipeline:
        return tuple(Propose(group, "dense", texts=shown) for group, shown in inputs(experts.with_number(number).captioners, texts))

    def picked(critic: str = judge, *, repaired: bool = True, examples: int = 0, texts: Shown = "all", draws: int = 1) -> Pipeline:
        return pipeline(captioners=captioners[: 4 // draws], critic=critic, writer="rules:", answerer=answerer if repaired else None,
                        examples=examples, texts=texts, draws=draws, self_check=critic == kin)  # fmt: skip

    def merged(number: int) -> Pipeline:
        return (*proposed(number, "all"), Split("proposed"), Fuse("rules:", "conflict_drop"), *repair("rules:", answerer))

    return {
        "source's": (Split("chosen"),),
        "source's, judged 5 or 6": (JudgeCaptions(judge, "alt", "quality"), Keep("quality", 5.0), Split("chosen")),
        "any one of 7": (*proposed(7, "all"), ByLot(), Split("chosen")),
        "any one of 7, repaired": (*proposed(7, "all"), ByLot(), *repair("rules:", answerer)),
        "any one of 7, texts shown to half, repaired": (*proposed(7, "half"), ByLot(), *repair("rules:", answerer)),
        "any 2 merged, repaired": merged(2),
        "picked of 4": picked(repaired=False),
        "picked of 4, repaired": picked(),
        "the same, texts shown to 2": picked(texts="half"),
        "the same, no texts": picked(texts="none"),
        "the same, 4 draws of one captioner": picked(draws=4),
        "the same, a perfect judge": picked(experts.all_changed(PERFECT).judge),
        "the same, the judge one captioner's kin": picked(kin),
        "the same, the best sources followed": picked(examples=3),
    }


def effect(lab: Lab) -> Effect:
    """Fact F1 of the caption picked of four and repaired against any one of seven, repaired, which takes at least as many calls.

    Records have a paragraph that names half of what is in the picture, and speaks of another one too. Two captions merged take as many
    calls as well.
    """

    four = Experts(4)
    return lab.compare(
        arms,
        four,
        method="picked of 4, repaired",
        baseline="any one of 7, repaired",
        metric="fact_f1",
        guards={"fact_precision": -0.02},
        sweep={
            "judge's sight": tuple((v, four.changed("judge", sight=v)) for v in (0.1, 0.4, 0.7, 1.0)),
            "judge accuracy": tuple((v, four.changed("judge", accuracy=v)) for v in (0.5, 0.7, 0.85, 1.0)),
            "judge noise": tuple((v, four.changed("judge", noise=v)) for v in (0.0, 0.3, 1.0)),
            "captioner correlation": tuple(
                (v, four.changed("captioner", correlation=v, family_correlation=max(v, 0.6))) for v in (0.0, 0.3, 0.6, 0.9)
            ),
            "what the paragraph says wrongly is taken": tuple((v, four.changed("captioner", credulity=v)) for v in (0.0, 0.5, 1.0)),
        },
        world="paragraph=0.5",
    )
