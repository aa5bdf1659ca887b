"""The contract of every step and survey that pipelines are made of, on records of the world."""

import dataclasses
import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import diptych.check
import diptych.curate
import diptych.write
from contracts import check_step, check_survey, check_value
from diptych.check.agree import CheckByAgreement, Consensus
from diptych.check.answer import CheckByAnswers
from diptych.check.confirm import ConfirmNodes
from diptych.check.detect import CheckByDetector
from diptych.check.ground import Ground
from diptych.check.judge import JudgeCaptions
from diptych.check.lift import LiftAgreement, LiftConsensus
from diptych.check.match import Match
from diptych.check.match_nodes import MatchNodes
from diptych.check.read import CheckByOcr
from diptych.check.repaint import CompareWithPaintings
from diptych.check.split import Split
from diptych.check.tell import AnswerFromCaptions, ScoreAnswers
from diptych.curate.nodes import ChooseNodes
from diptych.curate.pictures import HashPictures, ScorePictures
from diptych.curate.score import ScoreBy
from diptych.curate.select import Best, BestFor, ByLot, Choose, Keep, KeepSaying
from diptych.curate.survey import KeepShare, Rarity, ScoreRarity
from diptych.curate.twins import DropTwins, Twins
from diptych.data.graphs import KINDS
from diptych.data.schema import to_batch
from diptych.engine.context import Context
from diptych.lab.experts import Experts
from diptych.lab.opening import opened
from diptych.write.again import CaptionAgain, Settled
from diptych.write.ask import Ask, AskOwn
from diptych.write.bring import BringQuestions, BringTexts
from diptych.write.colours import NameColours
from diptych.write.distance import MeasureDepth
from diptych.write.fuse import Fuse
from diptych.write.inventory import ListObjects, ReadWords
from diptych.write.links import ComposeNodes, RelateNodes
from diptych.write.nodes import DescribeNodes, FindNodes, Searched
from diptych.write.propose import Propose, ProposeLike
from diptych.write.propose_for import ProposeFor
from diptych.write.repair import Repair
from diptych.write.revise import Revise
from diptych.write.weave import Weaving

EXPERTS = Experts(2)
# each step with the steps that must have run before it
READY = (Propose(EXPERTS.captioners, "dense"), Split())
CHECKED = (*READY, CheckByDetector(EXPERTS.detector))
SEEN = (*CHECKED, ListObjects(EXPERTS.detector))
SCORED = (*READY, Match(EXPERTS.matcher))
BESIDE = Path(__file__).parent / "write" / "beside"  # of w4-000003
ASKED = (AskOwn(EXPERTS.answerer), ProposeFor(EXPERTS.captioners[0], draws=2, told=True))
COMPARED = (*READY, CompareWithPaintings(EXPERTS.painter, EXPERTS.comparer, paintings=2))
FIND = FindNodes(EXPERTS.detector, pixels=50)
DESCRIBED = (DescribeNodes("sim:captioner?recall=1", details=2),)
FOUND = (*DESCRIBED, FIND)
GROWN = (*FOUND, ConfirmNodes(EXPERTS.answerer), *DESCRIBED)
STEPS = [
    ((), Propose(EXPERTS.captioners, draws=2)),
    ((), Split()),
    ((), ListObjects(EXPERTS.detector)),
    ((), ReadWords(EXPERTS.ocr)),
    (READY, Ground(EXPERTS.detector)),
    (READY, Ask(EXPERTS.answerer)),
    ((), AskOwn(EXPERTS.answerer)),
    ((), BringTexts(str(BESIDE / "texts.json"))),
    ((), BringQuestions(str(BESIDE / "questions.jsonl"))),
    ((), Propose(EXPERTS.captioners, texts=True, examples=("a red ball and two cubes",), words=9)),
    ((), ProposeFor(EXPERTS.captioners[0], draws=2)),
    (ASKED, AnswerFromCaptions(EXPERTS.reader)),
    (ASKED, AnswerFromCaptions("rules:")),
    ((*ASKED, AnswerFromCaptions("rules:")), ScoreAnswers()),
    ((*ASKED, AnswerFromCaptions("rules:"), ScoreAnswers()), BestFor()),
    (READY, JudgeCaptions(EXPERTS.judge, share=0.6)),
    (READY, ByLot()),
    ((*READY, ByLot(), CheckByAnswers(EXPERTS.answerer, "chosen", KINDS)), Repair("rules:", EXPERTS.answerer)),
    (READY, CheckByDetector(EXPERTS.detector)),
    (READY, CheckByAnswers(EXPERTS.answerer)),
    (READY, CheckByOcr(EXPERTS.ocr)),
    (READY, CheckByAgreement()),
    (READY, Consensus()),
    (READY, Match(EXPERTS.matcher)),
    (READY, Choose()),
    (READY, KeepSaying(2)),
    (READY, ScoreBy("rouge_l")),
    (READY, ScoreBy("fact_f1", references="proposed", score="agreement")),
    (READY, ScoreBy("clipscore", settings=(("embedder", EXPERTS.embedder),))),
    (READY, ScoreRarity((("ball", 2.0),))),
    (SCORED, Best(1)),
    (SCORED, Keep("match", 0.4)),
    (SEEN, MeasureDepth(EXPERTS.segmenter, EXPERTS.depth)),
    (CHECKED, Fuse("rules:")),
    (CHECKED, Fuse("rules:", "majority", drop=("contradicted", "unknown"), edit=True, otherwise="best")),
    (SEEN, Revise("rules:", add=Weaving(places=True))),
    (READY, CompareWithPaintings(EXPERTS.painter, EXPERTS.comparer, of="proposed", paintings=2)),
    (COMPARED, CaptionAgain(EXPERTS.captioners[0])),
    ((), ScorePictures()),
    ((), HashPictures()),
    ((), DropTwins((("w4-000001", "w4-000000"),))),
    ((ListObjects("sim:detector?attribute_recall=0"),), NameColours()),
    ((), *DESCRIBED),
    (DESCRIBED, FIND),
    (FOUND, ConfirmNodes(EXPERTS.answerer)),
    (GROWN, ComposeNodes("rules:")),
    (GROWN, RelateNodes("sim:captioner?recall=1", "rules:")),
    (GROWN, MatchNodes(EXPERTS.matcher)),
    (GROWN, ChooseNodes(("short", "region"), 12)),
]
CONDITIONS = [Settled(), Searched()]
SURVEYS = [
    (SCORED, KeepShare("match", 0.5, of="proposed")),
    (READY, Rarity()),
    ((HashPictures(),), Twins()),
    ((JudgeCaptions(EXPERTS.judge, "alt", "quality"),), ProposeLike(EXPERTS.captioners, at_least=3.0)),
    (READY, LiftConsensus()),
    (READY, LiftAgreement()),
]


def prepared(before: tuple) -> tuple[list, Context]:
    have = opened("world:16?seed=4&questions=1&paragraph=0.5", 4)
    context = Context(have.opener, have.pictures, 3)
    rows = list(have.source)
    for place, step in enumerate(before):
        rows = step(rows, context.at(str(place)))
    assert all(row.status.kind == "kept" for row in rows)
    return rows, context


@pytest.mark.parametrize(("before", "step"), STEPS, ids=lambda value: type(value).__name__)
def test_step(before: tuple, step) -> None:
    rows, context = prepared(before)
    done = check_step(step, rows, context)
    assert done != rows, "the step did nothing to any record"


@pytest.mark.parametrize(("before", "step"), STEPS, ids=lambda value: type(value).__name__)
def test_a_step_forecasts_calls_to_the_models_that_it_opens(before: tuple, step) -> None:
    rows, context = prepared(before)
    seen: set[tuple[str, type]] = set()

    def opener(address: str, ability: type):
        seen.add((address, ability))
        return context.opener(address, ability)

    step(rows, Context(opener, context.pictures, 3, "7"))
    named = {f"{method_of(ability)} calls to {address}" for address, ability in seen}
    assert set(step.calls(rows[0]) if hasattr(step, "calls") else ()) == named


def method_of(ability: type) -> str:
    """An ability is a protocol of one method."""
    (name,) = (name for name, value in vars(ability).items() if inspect.isfunction(value) and not name.startswith("_"))
    return name


@pytest.mark.parametrize(("before", "survey"), SURVEYS, ids=lambda value: type(value).__name__)
def test_survey(before: tuple, survey) -> None:
    rows, context = prepared(before)
    step = check_survey(survey, [to_batch(rows)])
    check_step(step, rows, context)


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda value: type(value).__name__)
def test_condition(condition) -> None:
    rows, _ = prepared(READY)
    check_value(condition)
    assert all(type(condition(row)) is bool for row in rows)


def test_every_step_and_survey_is_held_to_the_contract() -> None:
    tested = {type(step) for _, step in STEPS} | {type(survey) for _, survey in SURVEYS} | {type(one) for one in CONDITIONS}
    for package in (diptych.check, diptych.curate, diptych.write):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in inspect.getmembers(import_module(module.name), inspect.isclass):
                if dataclasses.is_dataclass(value) and ("__call__" in vars(value) or hasattr(value, "look")):
                    assert value in tested, f"{module.name}.{name} is not held to the contract of steps"
