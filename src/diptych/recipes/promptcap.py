"""Captions that help a reader who sees no picture answer a question: written for it, and kept where the reader finds the answer.

Hu et al., 2022, arXiv:2211.09699. The paper's models: code-davinci-002 rewrites five human captions, question and answer into one
caption, ten times at temperature 1; a frozen language model answers from each; OFA is then trained on what it answered rightly.
Same: ten draws for each question at temperature 1; scores by characters (soft) and by matches (hard) among the gold answers.
Different: a captioner that sees the picture writes for the question, in place of a rewriter of human captions, and is shown the answer
only if `told` is set: then it repeats answers to what the picture does not show, which no reader of captions can notice. Gold answers
are the record's own, or an answerer's where it has none; the best caption is kept if it scores `at_least`. Nothing is trained here.
"""

from diptych.check.tell import AnswerFromCaptions, ScoreAnswers
from diptych.curate.select import BestFor
from diptych.data.errors import InputError
from diptych.data.results import Effect
from diptych.engine.steps import Part, Pipeline
from diptych.lab.experts import Experts
from diptych.lab.lab import Lab
from diptych.lab.papers import Paper
from diptych.write.ask import Ask, AskOwn
from diptych.write.bring import BringQuestions
from diptych.write.propose_for import ProposeFor

PAPER = Paper(
    "PromptCap: Prompt-Guided Image Captioning for VQA with GPT-3",
    "Hu, Yushi and Hua, Hang and Yang, Zhengyuan and Shi, Weijia and Smith, Noah A. and Luo, Jiebo",
    2022,
    "2211.09699",
)


def pipeline(
    *,
    captioner: str,
    reader: str | None = None,
    answerer: str | None = None,
    asked: str | None = None,
    questions: tuple[str, ...] = (),
    draws: int = 10,
    temperature: float = 1.0,
    guided: bool = True,
    told: bool = False,
    at_least: float = 0.5,
    words: int = 0,
    style: str = "short",
) -> Pipeline:
    """Ask, propose for each question, answer from the captions alone, keep the best for each question.

    `reader` is a chat model, or `rules:`; without one the first caption stands for each question. `asked` is a file of questions with
    answers, `{id: [{"question": text, "answers": [texts]}]}`; `questions` are asked of every picture.
    """
    if questions and not answerer:
        raise InputError("questions need an answer to hold captions against: name --answerer")
    asking: list[Part] = [BringQuestions(asked)] if asked else []
    if answerer:
        asking += [*([Ask(answerer, questions)] if questions else []), AskOwn(answerer)]
    propose = ProposeFor(captioner, style, draws, temperature, guided, told, words)
    if reader is None:
        return (*asking, propose, BestFor(""))
    return (*asking, propose, AnswerFromCaptions(reader), ScoreAnswers(), BestFor("answer_soft", at_least))


def arms(experts: Experts) -> dict[str, Pipeline]:
    """What the effect compares: captions written for the question or not, the answer shown or not, filtered or not."""

    def written(guided: bool = True, told: bool = False, filtered: bool = True, draws: int = 4) -> Pipeline:
        return pipeline(
            captioner=experts.captioners[0],
            reader=experts.reader if filtered else None,
            answerer=experts.answerer,
            draws=draws,
            guided=guided,
            told=told,
            words=12,
        )

    return {
        "generic": written(guided=False, filtered=False, draws=1),
        "generic, filtered": written(guided=False),
        "guided": written(filtered=False, draws=1),
        "guided, filtered": written(),
        "guided and told": written(told=True, filtered=False, draws=1),
        "guided and told, filtered": written(told=True),
    }


def effect(lab: Lab) -> Effect:
    """Share of questions that captions of at most twelve words answer: written for the question and filtered, against as many that were
    written without it and filtered. One question in four asks for the colour of what is not there.
    """
    one = Experts(1)
    return lab.compare(
        arms,
        one,
        method="guided, filtered",
        baseline="generic, filtered",
        metric="answer_accuracy",
        guards={"answer_withheld": -0.1, "fact_precision": -0.05},
        sweep={
            "accuracy of the answers held for gold": tuple(
                (v, one.changed("answerer", accuracy=v, count_accuracy=v, value_accuracy=v)) for v in (0.5, 0.7, 0.9, 1.0)
            ),
            "reader makes up answers": tuple((v, one.changed("reader", guess=v)) for v in (0.0, 0.15, 0.5, 1.0)),
            "captioner tells of what is not there": tuple((v, one.changed("captioner", presuming=v)) for v in (0.0, 0.3, 0.6, 1.0)),
            "captioner looks at what is asked": tuple((v, one.changed("captioner", attending=v)) for v in (0.3, 0.6, 0.85, 1.0)),
        },
        world="questions=1",
    )
