"""`diptych measure NAMES`: reads what is measured, takes the metrics, gives the results."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from diptych.cli import usage
from diptych.cli.agreement import against_humans
from diptych.cli.inputs import MODELS, makers, save_frequencies
from diptych.cli.measured import Differences, Found, add_output_options, in_json, prepare, store, tell
from diptych.cli.scoring import Settings, compared, measured, wanted
from diptych.cli.systems import System, dataset, several, systems
from diptych.data.errors import InputError
from diptych.measure.catalogue import names

DOES = "Score captions: overlap with references, facts, hallucination, fit to pictures, with intervals on every number."


def run(arguments: Sequence[str]) -> int:
    """Measures what is asked for."""
    if (name := _recipe(arguments)) is not None:
        return _of_recipe(name, arguments)
    given = _parser().parse_args(arguments)
    _check(given)
    if given.against_humans:
        return against_humans(given, makers(given, None))
    data = dataset(given.data, given.seed) if given.data else None
    have = makers(given, data)
    asked = wanted([name for name in given.names.split(",") if name], have)
    settings = Settings(given.seed, given.resamples, given.subset)
    shown = systems(given, data)
    references = have["references"](shown[0]) if "references" in have else {}
    save_frequencies(given, references)
    found: Found = {system.name: measured(asked, system, have, settings) for system in shown}
    apart: Differences = compared(found, given.seed) if len(found) > 1 and not given.runs else {}
    if given.runs:
        shown, found, apart = _over_runs(given, shown, found)
    _give(given, arguments, shown, found=found, apart=apart, references=references)
    return 0


def _over_runs(given: argparse.Namespace, shown: list[System], found: Found) -> tuple[list[System], Found, Differences]:
    """Systems, results and differences where each --candidates names the runs of one system."""
    if not given.candidates:
        raise InputError("--runs takes the files of one system's runs in each --candidates")
    from diptych.cli.runs import apart_over_runs, grouped, over_runs

    groups = grouped(shown, [len(several(said)) for said in given.candidates])
    first = {system.name: system for system in shown}
    apart = apart_over_runs(found, groups, given.seed) if len(groups) > 1 else {}
    together = over_runs(found, groups, given.seed, given.resamples)
    return [replace(first[runs[0]], name=name) for name, runs in groups.items()], together, apart


def _check(given: argparse.Namespace) -> None:
    if given.resamples < 0:
        raise InputError(f"--resamples must be 0 or more, got {given.resamples}: 0 gives no intervals")
    if given.out:
        prepare(given.out)


def _give(
    given: argparse.Namespace, arguments: Sequence[str], shown: Sequence[System], *, found: Found, apart: Differences,
    references: Mapping[str, Sequence[str]],
) -> None:  # fmt: skip
    """Prints the results, and writes them where a folder is named."""
    if given.json:
        print(usage.in_json(in_json(found, apart, given.per_image)))
    else:
        tell(found, apart, given.per_image)
    if given.out:
        command = " ".join(["diptych measure", *arguments])
        page = store(given.out, command, shown, found=found, apart=apart, references=references)
        print(usage.visible(f"drawn in {page}"), file=sys.stderr)


def _recipe(arguments: Sequence[str]) -> str | None:
    """The recipe that is asked for; what knows recipes is imported only where the first word is no metric."""
    word = next((word for word in arguments if not word.startswith("-")), "facts")
    if set(word.split(",")) <= set(names()):
        return None
    from diptych.cli.recipe_measure import named

    return named(word)


def _of_recipe(name: str, arguments: Sequence[str]) -> int:
    from diptych.cli.recipe_measure import measure_recipe, parsed

    given, module, settings = parsed(name, arguments)
    _check(given)
    found, texts = measure_recipe(given, module, settings)
    _give(given, arguments, [System(name, texts)], found={name: found}, apart={}, references={})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = usage.parser("diptych measure", DOES, epilog="Without NAME the metrics are listed, with what each needs.")
    parser.add_argument("names", metavar="NAME[,NAME...]", help="metrics, or recipe:NAME")
    parser.add_argument("data", nargs="?", metavar="DATA", help="a dataset with captions: folder, table, COCO JSON, run folder, world:N")
    add = parser.add_argument
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
    add("--tokenizer", choices=("ptb", "none"), help="of n-gram metrics (default ptb, as the reference tools)")
    add("--meteor-data", metavar="DIR", help="METEOR's tables (default: an installed pycocoevalcap)")
    add("--bag", type=int, metavar="N", help="self_retrieval: images in a bag (default 100, hard bags 5)")
    for name, ability in MODELS.items():
        add(f"--{name}", metavar="ADDRESS", help=f"a model: {ability}")
    add("--against-humans", metavar="DIR", help="agreement with ratings: a folder as flickr8k_judgements, or a CSV or JSONL file")
    add("--by", metavar="NAMES", help="of --against-humans: spearman, kendall_tau_c, kendall_tau_b, pearson, pairwise_accuracy")
    add_output_options(parser)
    return parser
