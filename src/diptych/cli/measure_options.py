"""The options of `diptych measure`."""

import argparse

from diptych.cli import usage
from diptych.cli.inputs import MODELS
from diptych.cli.measured import add_output_options

DOES = "Score captions: overlap with references, facts, hallucination, fit to pictures, with intervals on every number."


def parser() -> argparse.ArgumentParser:
    """All of them, in groups."""
    made = usage.parser(
        "diptych measure",
        DOES,
        usage="diptych measure NAME[,NAME...] [DATA] [--candidates FILE] [--references FILE] [OPTION ...]",
        epilog="`diptych measure` alone lists the metrics with what each needs; docs/measuring.md tells more.",
    )
    made.add_argument("names", metavar="NAME[,NAME...]", help="metrics, or recipe:NAME")
    made.add_argument("data", nargs="?", metavar="DATA", help="a dataset with captions: folder, table, COCO JSON, run folder, world:N")
    _captions(made.add_argument_group("captions"))
    _needed(made.add_argument_group("what some metrics take"))
    models = made.add_argument_group("models")
    for name, ability in MODELS.items():
        models.add_argument(f"--{name}", metavar="ADDRESS", help=f"{ability}{' or ChatModel' if name == 'judge' else ''}")
    models.add_argument("--self-check", action="store_true", help="let models judge captions that their own family made")
    people = made.add_argument_group("agreement with people")
    people.add_argument("--against-humans", metavar="DIR", help="ratings: a folder as flickr8k_judgements, or a CSV or JSON lines file")
    people.add_argument("--by", metavar="NAMES", help="spearman, kendall_tau_c, kendall_tau_b, pearson, pairwise_accuracy (default two)")
    add_output_options(made)
    return made


def _captions(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--candidates", action="append", metavar="FILE", help="captions to measure; several files (commas, or again) are compared")
    add("--references", action="append", metavar="FILE", help="captions by people; several files are gathered by image")
    add("--captions", default="chosen", metavar="WHICH", help="of DATA: chosen, all, alt, proposed, human or style:NAME (default chosen)")
    add("--references-captions", metavar="WHICH", help="references among the captions of DATA, by the same words")
    add("--candidate-column", metavar="NAME", help="of a table, where the name does not tell")
    add("--reference-columns", metavar="NAMES", help="of a table, with commas")
    add("--id-column", metavar="NAME", help="of tables, where the name does not tell")
    add("--runs", action="store_true", help="each --candidates names one system's runs with several seeds")
    add("--first", action="store_true", help="of several captions of one image take the first")
    add("--subset", action="store_true", help="score the images that candidates and references both have, and count the others")


def _needed(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--objects", metavar="FILE", help="objects in each image: {id: [names]} or COCO instances")
    add("--targets", metavar="FILE", help="amber: objects that people would imagine, {id: [names]}")
    add("--associations", metavar="FILE", help="amber: other words for an object, {object: [words]}")
    add("--synonyms", dest="mentions", metavar="FILE", help="chair, pope: a synonym list in CHAIR's format (default WordNet)")
    add("--phrases", metavar="FILE", help="word_recall: {id: {kind: [phrases]}}")
    add("--known", metavar="FILE", help="novel_captions: captions of the training set")
    add("--questions", metavar="FILE", help="pope: questions as published, a JSON object a line")
    add("--answers", action="append", metavar="FILE", help="pope: answers by question_id; without them captions answer")
    add("--gold", metavar="FILE", help="answerability: {id: [{question, answers}]}")
    add("--word-frequencies", metavar="FILE", help="lexical_match: saved word frequencies")
    add("--frequencies", metavar="FILE", help="cider_d: saved document frequencies")
    add("--save-frequencies", metavar="FILE", help="write the document frequencies of these references, for cider_d")
    add("--save-word-frequencies", metavar="FILE", help="write their word frequencies, for lexical_match")
    add("--tokenizer", choices=("ptb", "ptb_each", "none"), help="of n-gram metrics (default ptb, as the reference tools)")
    add("--meteor-data", metavar="DIR", help="METEOR's tables (default: an installed pycocoevalcap)")
    add("--bag", type=int, metavar="N", help="self_retrieval: images in a bag (default 100, hard bags 5)")
