"""One tool scores one file of captions in a process of its own; `caption_metrics.py` starts it, in the environment the tool is in.

    python caption_metrics_worker.py diptych|pycocoevalcap|aac-metrics DATA.json OUT.json [--meteor [FOLDER]]

DATA holds `{"candidates": {id: text}, "references": {id: [texts]}}`. OUT gets seconds a stage, peak memory (Java's apart) and scores.
aac-metrics refuses Java 17, so it scores the tokens that pycocoevalcap left beside DATA, and has no stage for them.
"""

import argparse
import contextlib
import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

Seconds = dict[str, float]
Scores = dict[str, tuple[float, list[float]]]
NAMES = ("bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "cider")


@contextlib.contextmanager
def timed(seconds: Seconds, stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + perf_counter() - start


def diptych(said: dict[str, str], known: dict[str, list[str]], seconds: Seconds, _: Any) -> Scores:
    with timed(seconds, "load"):
        from diptych.measure import ngrams  # noqa: PLC0415
        from diptych.measure.bleu import bleu_of  # noqa: PLC0415
        from diptych.measure.cider import cider_of  # noqa: PLC0415
        from diptych.measure.rouge import rouge_l_of  # noqa: PLC0415

        metrics = {
            "bleu": bleu_of,
            "rouge_l": lambda *a, **k: (rouge_l_of(*a, **k),),
            "cider": lambda *a, **k: (cider_of(*a, **k),),
        }
        words = sum(text.count(" ") + 1 for texts in ([*said.values()], *known.values()) for text in texts)
        if words > ngrams.COMPILED_FROM:
            warm_up(ngrams, metrics)
    with timed(seconds, "tokenise"):
        corpus = ngrams.prepare(said, known)
    with timed(seconds, "n-gram ids"):
        _ = corpus.bags
    found = []
    for stage, metric in metrics.items():
        with timed(seconds, stage):
            found.extend(metric(corpus, resamples=0))
    seconds["intervals"] = -sum(seconds[stage] for stage in metrics)  # below the metrics run once more, with them
    for metric in metrics.values():
        with timed(seconds, "intervals"):
            metric(corpus)
    return {one.name: (one.value, one.values_N.tolist()) for one in found}


def warm_up(ngrams: ModuleType, metrics: dict[str, Callable[..., Any]]) -> None:
    """Loads compiled code from its cache, or compiles it, on two captions."""
    from diptych.language.ptb_pieces import pieces  # noqa: PLC0415

    pieces(["a dog runs"], each=False)
    limit, ngrams.COMPILED_FROM = ngrams.COMPILED_FROM, 0
    corpus = ngrams.prepare(["a dog runs"], [["the dog runs on"]])
    for metric in metrics.values():
        metric(corpus, resamples=0)
    ngrams.COMPILED_FROM = limit


def diptych_meteor(said: dict[str, str], known: dict[str, list[str]], seconds: Seconds, tables: str | None) -> Scores:
    with timed(seconds, "meteor"):
        from diptych.measure.meteor import meteor  # noqa: PLC0415

        found = meteor(said, known, data=tables, resamples=0)
    return {found.name: (found.value, found.values_N.tolist())}


def pycocoevalcap(said: dict[str, str], known: dict[str, list[str]], seconds: Seconds, beside: str) -> Scores:
    with timed(seconds, "load"):
        from pycocoevalcap.bleu.bleu import Bleu  # noqa: PLC0415
        from pycocoevalcap.cider.cider import Cider  # noqa: PLC0415
        from pycocoevalcap.rouge.rouge import Rouge  # noqa: PLC0415
    candidates, references = reference_tokens(said, known, seconds)
    Path(beside).write_text(
        json.dumps({"candidates": {id: few[0] for id, few in candidates.items()}, "references": references}), encoding="utf-8"
    )
    scores: Scores = {}
    for stage, scorer in (("bleu", Bleu(4)), ("rouge_l", Rouge()), ("cider", Cider())):
        with timed(seconds, stage), contextlib.redirect_stdout(io.StringIO()):
            whole, each = scorer.compute_score(references, candidates)
        if stage == "bleu":
            scores |= {f"bleu_{n + 1}": (whole[n], list(each[n])) for n in range(4)}
        else:
            scores[stage] = (float(whole), [float(value) for value in each])
    return scores


def reference_tokens(said: dict[str, str], known: dict[str, list[str]], seconds: Seconds) -> tuple[Any, Any]:
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer  # noqa: PLC0415

    with timed(seconds, "tokenise"):
        candidates = PTBTokenizer().tokenize({id: [{"caption": text}] for id, text in said.items()})
        references = PTBTokenizer().tokenize({id: [{"caption": text} for text in texts] for id, texts in known.items()})
    return candidates, references


def pycocoevalcap_meteor(said: dict[str, str], known: dict[str, list[str]], seconds: Seconds, _: Any) -> Scores:
    candidates, references = reference_tokens(said, known, {})
    with timed(seconds, "meteor"):
        from pycocoevalcap.meteor.meteor import Meteor  # noqa: PLC0415

        scorer = Meteor()
        whole, each = scorer.compute_score(references, candidates)
    seconds["java"] = running_children()
    return {"meteor": (float(whole), [float(value) for value in each])}


def running_children() -> float:
    """Peak memory in MB of the largest child that has not ended (Linux)."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return max((int(line.split()[1]) / 1024 for line in lines), default=0.0)


def aac_metrics(said: dict[str, str], known: dict[str, list[str]], seconds: Seconds, _: Any) -> Scores:
    with timed(seconds, "load"):
        sys.modules.setdefault("msclap", ModuleType("msclap")).CLAP = None  # type: ignore[attr-defined] # an audio model: no part of these metrics
        from aac_metrics.functional import bleu, cider_d, rouge_l  # noqa: PLC0415
    candidates, references = [*said.values()], [*known.values()]
    scores: Scores = {}
    with timed(seconds, "bleu"):
        whole, each = bleu(candidates, references, n=4, return_1_to_n=True)
    for n in range(4):
        scores[f"bleu_{n + 1}"] = (float(whole["bleu_1_to_4"][n]), each["bleu_1_to_4"][n].tolist())
    for stage, theirs, metric in (("rouge_l", "rouge_l", rouge_l), ("cider", "cider_d", cider_d)):
        with timed(seconds, stage):
            whole, each = metric(candidates, references)
        scores[stage] = (float(whole[theirs]), each[theirs].tolist())
    return scores


TOOLS = {
    "diptych": (diptych, diptych_meteor), "pycocoevalcap": (pycocoevalcap, pycocoevalcap_meteor), "aac-metrics": (aac_metrics, None)
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", choices=TOOLS)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--meteor", nargs="?", const="", help="METEOR alone; diptych reads its tables from this folder")
    given = parser.parse_args()
    tokens = given.data.with_suffix(".tokens")
    read = tokens if given.tool == "aac-metrics" else given.data
    data = json.loads(read.read_text(encoding="utf-8"))
    seconds: Seconds = {}
    scores = TOOLS[given.tool][given.meteor is not None](
        data["candidates"], data["references"], seconds, given.meteor if given.meteor is not None else str(tokens)
    )
    own, java = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    java = max(java, seconds.pop("java", 0.0))
    made = {"version": version(given.tool), "seconds": seconds, "memory": own, "java": java, "scores": scores}
    given.out.write_text(json.dumps(made), encoding="utf-8")


if __name__ == "__main__":
    main()
