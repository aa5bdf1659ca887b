"""Equal to pycocoevalcap 1.2 in every digit, on cases of our own (scripts/caption_metric_reference.py made them) and on real captions."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from diptych.measure import ngrams
from diptych.measure.bleu import bleu_of
from diptych.measure.cider import cider_of
from diptych.measure.ngrams import Corpus, prepare
from diptych.measure.rouge import rouge_l_of
from diptych.measure.scores import Scored

STORED = json.loads((Path(__file__).parent / "ngram_cases.json").read_text(encoding="utf-8"))["cases"]
SHARED = (Path(__file__).parents[2] / "../shared/data").resolve()
real = pytest.mark.skipif(not SHARED.is_dir(), reason="shared data absent")
THEIRS = {"bleu_1": "Bleu_1", "bleu_2": "Bleu_2", "bleu_3": "Bleu_3", "bleu_4": "Bleu_4", "rouge_l": "ROUGE_L", "cider": "CIDEr"}


def measured(corpus: Corpus) -> dict[str, Scored]:
    return {found.name: found for found in (*bleu_of(corpus, resamples=0), rouge_l_of(corpus, resamples=0), cider_of(corpus, resamples=0))}


@pytest.fixture(params=["plain", "compiled"])
def path(request, monkeypatch):
    """Both ways of counting, whatever the size."""
    monkeypatch.setattr(ngrams, "COMPILED_FROM", 0 if request.param == "compiled" else 10**9)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name", STORED)
def test_own_cases(name):
    case = STORED[name]
    given = case.get("tokens", case)
    found = measured(prepare(given["candidates"], given["references"], tokenizer="none"))
    assert {metric: one.value for metric, one in found.items()} == case["corpus"]
    assert {metric: one.values_N.tolist() for metric, one in found.items()} == case["per_image"]


@pytest.mark.parametrize("name", [name for name, case in STORED.items() if "tokens" in case])
def test_own_cases_from_raw_captions(name):
    case = STORED[name]
    found = measured(prepare(case["candidates"], case["references"]))
    assert {metric: one.value for metric, one in found.items()} == case["corpus"]
    assert {metric: one.values_N.tolist() for metric, one in found.items()} == case["per_image"]


def fakecap():
    folder = SHARED / "coco_fakecap"
    texts = [json.loads((folder / "examples" / name).read_text()) for name in ("res.json", "gts.json")]
    return {id: few[0] for id, few in texts[0].items()}, texts[1], json.loads((folder / "reference_scores.json").read_text())


@real
@pytest.mark.usefixtures("path")
def test_coco_captions_of_a_real_system():
    candidates, references, stored = fakecap()
    found = measured(prepare(candidates, references, tokenizer="none"))
    assert list(found["cider"].ids) == stored["image_ids"]
    for ours, theirs in THEIRS.items():
        assert found[ours].value == stored["corpus"][theirs] == stored["published_by_wangleihitcs_screenshot"][theirs]
        assert found[ours].values_N.tolist() == stored["per_image"][theirs]


@real
def test_coco_captions_tokenised_again():
    candidates, references, stored = fakecap()
    found = measured(prepare(candidates, references))
    assert {theirs: found[ours].value for ours, theirs in THEIRS.items()}.items() <= stored["corpus_after_PTBTokenizer_again"].items()


@real
def test_a_second_tool_agrees():
    candidates, references, _ = fakecap()
    found = measured(prepare(candidates, references, tokenizer="none"))
    theirs = json.loads((SHARED / "coco_fakecap/reference_scores_aac_metrics.json").read_text())
    assert found["cider"].value == theirs["cider_d"]["cider_d"]
    assert found["cider"].values_N.tolist() == theirs["cider_d_per_image"]["cider_d"]
    assert found["rouge_l"].value == theirs["rouge_l"]["rouge_l"]
    assert found["rouge_l"].values_N.tolist() == theirs["rouge_l_per_image"]["rouge_l"]
    assert [found[f"bleu_{n}"].value for n in (1, 2, 3, 4)] == [theirs[f"bleu_{n}"][f"bleu_{n}"] for n in (1, 2, 3, 4)]


@real
@pytest.mark.parametrize("name", ["example_1.csv", "example_2.csv"])
def test_audio_captions(name):
    with (SHARED / "aac_captions/data" / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    references = [[row[f"caption_{n}"] for n in range(1, 6)] for row in rows]
    stored = json.loads((SHARED / "aac_captions/reference_scores.json").read_text())[name]
    found = measured(prepare([row["caption_predicted"] for row in rows], references))
    assert {theirs: found[ours].value for ours, theirs in THEIRS.items()}.items() <= stored.items()


@real
def test_two_sentences_with_published_scores():
    folder = SHARED / "nlg_eval_example"
    texts = [(folder / name).read_text().splitlines() for name in ("hyp.txt", "ref1.txt", "ref2.txt")]
    stored = json.loads((folder / "reference_scores.json").read_text())
    for tokenizer, key in (("none", "corpus_no_tokeniser"), ("ptb", "corpus_ptb")):
        found = measured(prepare(texts[0], list(zip(*texts[1:], strict=True)), tokenizer=tokenizer))
        assert {theirs: found[ours].value for ours, theirs in THEIRS.items()}.items() <= stored[key].items()
        assert all(round(found[ours].value, 6) == stored["published"][theirs] for ours, theirs in THEIRS.items())


@real
def test_pairs_that_people_judged():
    folder = SHARED / "flickr8k_judgements"
    lines = [(folder / f"ref-{n}").read_text(encoding="utf-8").splitlines() for n in range(5)]
    candidates = (folder / "candidates").read_text(encoding="utf-8").splitlines()
    stored = json.loads((folder / "reference_scores.json").read_text())
    found = measured(prepare(candidates, list(zip(*lines, strict=True))))
    assert len(candidates) == stored["pairs"]
    for ours, theirs in THEIRS.items():
        assert found[ours].value == stored["corpus"][theirs]
        assert np.abs(found[ours].values_N - stored["per_pair"][theirs]).max() <= 5.1e-11  # stored with ten digits
