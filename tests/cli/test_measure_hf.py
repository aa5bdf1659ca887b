"""`diptych measure` with models of transformers behind its options: tiny folders with random weights."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_hf
import tiny_hf_2 as tiny
import tiny_texts
import torch
from PIL import Image as Pillow
from transformers import AutoModel, AutoModelForSequenceClassification, AutoProcessor, AutoTokenizer

from diptych.cli import main
from diptych.lab.opening import without_source
from diptych.measure.answerability import GoldQuestion
from diptych.measure.by_name import answers_from_captions, open_chair
from diptych.measure.capture import capture
from diptych.measure.dnli import dnli
from diptych.models import abilities

SAID = {"a": "a red ball", "b": "two blue cones on a wooden table", "c": "a man in a hat plays the guitar on the street"}
KNOWN = {"a": ["a ball lies there"], "b": ["blue cones"], "c": ["a man plays on the street"]}
GOLD = {
    id: [{"question": "is there a dog", "answers": ["no"]}, {"question": "how many cones are there", "answers": ["two"]}] for id in SAID
}
Checkpoint = Callable[[Callable[[Path], Path]], Path]
OPEN = without_source()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    made: dict[str, Path] = {}

    def of(build: Callable[[Path], Path]) -> Path:
        if build.__name__ not in made:
            made[build.__name__] = build(tmp_path_factory.mktemp(build.__name__))
        return made[build.__name__]

    return of


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of pictures with a caption beside each, and files of references and questions."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    for n, (id, text) in enumerate(SAID.items()):
        pixels = np.random.default_rng(n).integers(0, 256, (30 + n, 40, 3), dtype=np.uint8)
        Pillow.fromarray(pixels).save(folder / f"{id}.png")
        (folder / f"{id}.txt").write_text(text)
    for name, value in (("said", SAID), ("known", KNOWN), ("gold", GOLD)):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    return folder


def measured(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, dict]:
    status = main(["measure", *map(str, arguments), "--json", "--resamples", "20"])
    found = capsys.readouterr()
    assert status == 0, found.err
    return json.loads(found.out)


def plain_clipscore(folder: Path, photos: Path) -> float:
    model, processor = AutoModel.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder)
    found = []
    for id, text in SAID.items():
        made = processor(images=[Pillow.open(photos / f"{id}.png")], text=[f"A photo depicts {text}"], truncation=True, return_tensors="pt")
        with torch.no_grad():
            out = model(**made)
        found.append(2.5 * max(float(torch.nn.functional.cosine_similarity(out.image_embeds, out.text_embeds)), 0))
    return sum(found) / len(found)


@pytest.mark.parametrize("option", ["--embedder", "--matcher"])
def test_clipscore_is_that_of_the_plain_model(option: str, checkpoint: Checkpoint, photos: Path, capsys) -> None:
    folder = checkpoint(tiny.clip)
    found = measured(capsys, "clipscore", photos, option, f"hf:{folder}")["clipscore"]
    assert found["n"] == 3 and f"hf:{folder}" in found["how"]
    assert found["value"] == pytest.approx(plain_clipscore(folder, photos), abs=1e-5)


@pytest.mark.parametrize("make", [tiny.siglip, tiny.siglip2, tiny.blip_itm], ids=lambda make: make.__name__)
def test_pictures_and_texts_find_each_other(make: tiny.Builder, checkpoint: Checkpoint, photos: Path, capsys) -> None:
    address = f"hf:{checkpoint(make)}"
    found = measured(capsys, "retrieval,self_retrieval", photos, "--embedder", address, "--bag", 2)
    assert {"i2t_recall_1", "t2i_recall_1", "self_retrieval_2"} <= set(found)
    assert all(0 <= found[name]["value"] <= 100 and found[name]["n"] == 3 for name in ("i2t_recall_1", "t2i_recall_1"))
    matched = measured(capsys, "self_retrieval", photos, "--matcher", address, "--bag", 2)["self_retrieval_2"]
    assert 0 <= matched["value"] <= 1 and address in matched["how"]


def test_capture_embeds_words_with_a_sentence_encoder(checkpoint: Checkpoint, photos: Path, capsys) -> None:
    address = f"hf:{checkpoint(tiny_texts.bert)}"
    found = measured(capsys, "capture", "--candidates", "said.json", "--references", "known.json", "--embedder", address)["capture"]
    assert found["value"] == pytest.approx(capture(SAID, KNOWN, embedder=OPEN(address, abilities.Embedder)).value)
    assert address in found["how"]


def test_weights_without_use_are_no_news(checkpoint: Checkpoint, photos: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The head of a classifier that is asked for vectors: transformers would report it."""
    address = f"hf:{checkpoint(tiny_texts.bert_nli)}"
    caplog.clear()
    assert main(["measure", "capture", "--candidates", "said.json", "--references", "known.json", "--embedder", address]) == 0
    assert caplog.text == ""


def test_an_entailer_reads_statements(checkpoint: Checkpoint, photos: Path, capsys) -> None:
    address = f"hf:{checkpoint(tiny_texts.bert_nli)}"
    found = measured(capsys, "dnli", "--candidates", "said.json", "--references", "known.json", "--entailer", address)
    wanted = dnli(SAID, KNOWN, entailer=OPEN(address, abilities.Entailer))
    assert wanted and {one.name: one.value for one in wanted}.items() <= {name: one["value"] for name, one in found.items()}.items()


def test_a_recipes_own_measure_names_the_model_too(checkpoint: Checkpoint, photos: Path, capsys) -> None:
    address = f"hf:{checkpoint(tiny_texts.bert_nli)}"
    found = measured(capsys, "recipe:knowada", photos, "--references", "alt", "--entailer", address)
    assert found and all(one["how"].endswith(f"; by {address}") for one in found.values())


def test_a_classifier_judges_mentions_by_its_own_labels(checkpoint: Checkpoint, photos: Path, capsys) -> None:
    folder = checkpoint(tiny_texts.bert_nli)
    words = ("openchair", "--candidates", "said.json", "--references", "known.json", "--judge", f"hf:{folder}")
    found = measured(capsys, *words)["openchair"]
    model, tokens = AutoModelForSequenceClassification.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        odds = model(**tokens("a ball lies there", "There is a ball.", return_tensors="pt")).logits[0]
    label = model.config.id2label[int(odds.argmax())]
    only = {"a": SAID["a"]}
    (chair, unsure) = open_chair(only, {"a": KNOWN["a"]}, judge=OPEN(f"hf:{folder}", abilities.Entailer))
    # of one mention: no where the pair is a contradiction, unsure where it is neutral
    assert (unsure.value, chair.value) == {
        "neutral": (1, pytest.approx(float("nan"), nan_ok=True)), "entailment": (0, 0), "contradiction": (0, 1)
    }[label]  # fmt: skip
    assert "PairClassifier as entailer" in found["how"]


def test_a_chat_model_judges_in_the_metrics_own_words(checkpoint: Checkpoint, photos: Path, capsys) -> None:
    address = f"hf:{checkpoint(tiny_hf.llama)}"
    found = measured(capsys, "openchair", "--candidates", "said.json", "--references", "known.json", "--judge", address)["openchair"]
    assert "HfChat as chat model, one word" in found["how"] and address in found["how"]


def test_an_answerer_reads_captions_without_the_picture(checkpoint: Checkpoint, photos: Path, capsys) -> None:
    address = f"hf:{checkpoint(tiny.blip_vqa)}"
    found = measured(capsys, "answerability", "--candidates", "said.json", "--gold", "gold.json", "--answerer", address)
    gold = {id: [GoldQuestion(one["question"], tuple(one["answers"])) for one in asked] for id, asked in GOLD.items()}
    wanted = answers_from_captions(SAID, gold, answerer=OPEN(address, abilities.Answerer))
    assert {one.name: one.value for one in wanted} == {name: one["value"] for name, one in found.items()}
    assert "failed" not in found["answer_soft"]["how"]


def test_questions_beyond_an_answerers_room_are_counted_and_not_cut(checkpoint: Checkpoint, photos: Path, capsys) -> None:
    """ViLT reads 40 tokens: a caption and its question are more, and cut short they would be another question."""
    address = f"hf:{checkpoint(tiny.vilt)}"
    found = measured(capsys, "answerability", "--candidates", "said.json", "--gold", "gold.json", "--answerer", address)
    assert "2 of 6 answers failed (first: the question is one of 41 tokens, and this model reads 40" in found["answer_soft"]["how"]


@pytest.mark.parametrize(
    "case",
    [
        ("clipscore photos --matcher", tiny.blip_itm, "this matcher gives probabilities: name the model as embedder instead"),
        ("clipscore photos --matcher", tiny_texts.bert_nli, "is of type bert, which is no Matcher here"),
        ("clipscore photos --embedder", tiny.vilt, "is of type vilt, which gives no vectors here"),
        ("openchair --candidates said.json --references known.json --judge", tiny.clip, "is of type clip, which writes no text"),
        ("answerability --candidates said.json --gold gold.json --answerer", tiny.siglip, "is of type siglip, which writes no text"),
    ],
)
def test_a_model_of_another_kind_is_refused_in_one_line(case: tuple, checkpoint: Checkpoint, photos: Path, capsys) -> None:
    words, make, said = case
    assert main(["measure", *words.split(), f"hf:{checkpoint(make)}"]) != 0
    told = capsys.readouterr().err.strip()
    assert said in told and "Traceback" not in told
