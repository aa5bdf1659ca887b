"""The catalogue of metrics, the package's face, and metrics row by row."""

import inspect
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import diptych.measure
from diptych.data.errors import InputError, SourceError
from diptych.data.pictures import Picture
from diptych.measure.answerability import GoldQuestion
from diptych.measure.catalogue import _CALLED, ALIASES, CATALOGUE, INPUTS, family, names
from diptych.measure.rewards import reward
from diptych.measure.ways import Way, function, named
from diptych.models.abilities import Embedded, EmbedRequest

WAYS = [(name, way) for name, metric in CATALOGUE.items() for way in metric.ways]
ROWS = [("a brown dog runs", ["a dog runs fast", "the brown dog"]), ("", ["a cat"]), ("a cat on a mat", ["a cat sits on a mat"])]
OF_TEXTS = [
    name
    for metric in CATALOGUE.values()
    if metric.alone is True and set(metric.ways[0].required) <= {"candidates", "captions", "references"}
    for name in metric.gives
]


@pytest.mark.parametrize(("name", "way"), WAYS, ids=lambda value: value if isinstance(value, str) else value.where)
def test_every_way_leads_to_a_function_that_takes_its_inputs(name: str, way: Way) -> None:
    taken = inspect.signature(function(way.where)).parameters
    places = [p for p in taken.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    needed = 1 if way.prepare else len(way.takes)
    given = {named(one)[0] for one in way.needs}
    assert len(places) >= needed and all(p.default is not inspect.Parameter.empty or p.name in given for p in places[needed:])
    for keyword in ("seed", "resamples", *(named(one)[0] for one in (*way.needs, *way.may)), *dict(way.fixed)):
        assert keyword in taken, f"{name}: {way.where} takes no {keyword}"
    if way.prepare:
        assert {named(one)[0] for one in way.prepare_may} <= inspect.signature(function(way.prepare)).parameters.keys()


def test_every_input_is_described_and_every_name_is_one() -> None:
    assert {one for _, way in WAYS for one in way.inputs} == set(INPUTS)
    given = [name for metric in CATALOGUE.values() for name in metric.gives]
    assert len(given) == len(set(given))
    assert not set(given) & set(ALIASES)
    for results in ALIASES.values():
        assert set(results) <= set(given)


def test_names_lead_to_families() -> None:
    assert family("bleu")[::2] == ("bleu", ())
    assert family("bleu_4")[::2] == ("bleu", ("bleu_4",))
    assert family("recall@5")[::2] == ("retrieval", ("i2t_recall_5", "t2i_recall_5"))
    assert "cider_d" in names() and "recall@1" in names()
    with pytest.raises(InputError, match=r"there is no metric 'metoer': did you mean meteor\?"):
        family("metoer")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("CIDEr", "cider"), ("CIDEr-D", "cider_d"), ("BLEU", "bleu"), ("Bleu-4", "bleu_4"), ("bleu4", "bleu_4"), ("ROUGE", "rouge_l"),
        ("rougeL", "rouge_l"), ("METEOR", "meteor"), ("spice", "scene_graph_f"), ("SPICE", "scene_graph_f"), ("clip_score", "clipscore"),
        ("CLIPScore", "clipscore"), ("CLIP-S", "clipscore"), ("RefCLIPScore", "refclipscore"), ("CHAIRs", "chair_s"), ("R@1", "recall@1"),
    ],
)  # fmt: skip
def test_names_as_papers_write_them(said: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        family(said)
    assert f"there is no metric {said!r}: did you mean {meant}? " in str(caught.value)


def test_every_hint_is_a_metric() -> None:
    assert {name for hints in _CALLED.values() for name in hints} <= set(names())


@pytest.mark.parametrize("page", ["README.md", "docs/measuring.md"])
def test_the_pages_name_every_family(page: str) -> None:
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    assert set(CATALOGUE) - {"self_retrieval_hard"} <= set(re.findall(r"`([a-z_0-9]+)`", text))


def test_functions_stay_public_when_modules_bear_their_names() -> None:
    code = (
        "import diptych.measure.cider; from diptych.measure import cider, chair; print(cider(['a dog'], [['a dog']]).name, chair.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cider", "chair"]


def test_the_package_is_light_and_whole() -> None:
    heavy = "numpy numba pyarrow torch"
    code = f"import sys, diptych.measure; assert not set(sys.modules) & set({heavy!r}.split())"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert all(getattr(diptych.measure, name) is not None for name in diptych.measure.__all__)
    assert dir(diptych.measure) == diptych.measure.__all__
    with pytest.raises(AttributeError, match="has no 'nothing'"):
        _ = diptych.measure.nothing


@pytest.mark.parametrize("name", OF_TEXTS)
def test_a_reward_is_the_metric_row_by_row_whatever_the_others_are(name: str) -> None:
    scorer = reward(name, undefined=-1.0)
    rows = [row[: len(scorer.takes)] for row in ROWS]
    if name.startswith("openchair"):
        rows = [(said, known[:1]) for said, known in ROWS]  # the one caption that the image was made from
    together = scorer(rows)
    assert together == [scorer([row])[0] for row in rows] == scorer(rows[::-1])[::-1]
    inputs = {part: {str(n): row[place] for n, row in enumerate(rows)} for place, part in enumerate(scorer.takes)}
    if "captions" in inputs:
        inputs["captions"] = {id: [text] for id, text in inputs["captions"].items()}
    whole = next(one for one in scorer.way.take(inputs) if one.name == name or len(family(name)[1].gives) == 1)
    assert together == [-1.0 if value != value else value for value in whole.values_N.tolist()]  # noqa: PLR0124


def seen(name: str) -> Picture:
    return Picture(name, 8, 8, lambda: Pillow.new("RGB", (8, 8)))


@dataclass
class Letters:
    """A picture is embedded as its key's first letters are counted, a text by its own."""

    def embed(self, requests: list[EmbedRequest]) -> list[Embedded]:
        said = [r.picture.key if r.picture is not None else r.text for r in requests]
        return [Embedded(np.array([1.0, text.count("a"), text.count("o"), text.count("e")], np.float32)) for text in said]


OTHERS = [
    ("chair_i", {}, [("a dog and a cat", {"dog"}), ("a horse", {"horse"}), ("a dog", set())], [0.5, 0.0, 1.0]),
    ("chair_s", {}, [(("a dog", "a cat"), {"dog"})], [0.5]),
    ("clipscore", {"embedder": Letters()}, [("dog", seen("dog")), ("cat", seen("oo"))], None),
    ("refclipscore", {"embedder": Letters()}, [("dog", ["dog", "cat"], seen("dog")), ("cat", ["dog"], seen("oo"))], None),
    ("word_recall", {}, [("a dog runs", {"object": ["dog", "cat"]}), ("a man", {"object": ["man"]})], [0.5, 1.0]),
    (
        "answerable",
        {},
        [("two dogs", [GoldQuestion("How many dogs are there?", ("2",))]), ("", [GoldQuestion("What?", ("x",))])],
        [1.0, 0.0],
    ),
    ("novel_captions", {"known": ["a dog"]}, [("A dog.",), ("a cat",)], [0.0, 1.0]),
]


@pytest.mark.parametrize(("name", "settings", "rows", "wanted"), OTHERS, ids=lambda value: value if isinstance(value, str) else "")
def test_rewards_of_other_rows(name: str, settings: dict, rows: list, wanted: list | None) -> None:
    scorer = reward(name, **settings)
    found = scorer(rows)
    assert found == [scorer([row])[0] for row in rows] == scorer(rows[::-1])[::-1]
    assert wanted is None or found == pytest.approx(wanted)
    assert wanted is not None or found[0] != found[1]


@pytest.mark.parametrize("name", sorted(name for name, metric in CATALOGUE.items() if metric.alone is False))
def test_what_hangs_on_the_whole_set_is_no_reward(name: str) -> None:
    with pytest.raises(InputError, match="hangs on the whole set"):
        reward(CATALOGUE[name].gives[0])


def test_what_cannot_reward_says_why(tmp_path) -> None:
    with pytest.raises(InputError, match="cider hangs on the whole set"):
        reward("cider")
    with pytest.raises(InputError, match="give it word_frequencies"):
        reward("lexical_match")
    with pytest.raises(InputError, match="bleu gives bleu_1, bleu_2"):
        reward("bleu")
    with pytest.raises(InputError, match="cider_d takes frequencies"):
        reward("cider_d")
    with pytest.raises(InputError, match="got colour"):
        reward("rouge_l", colour="red")
    with pytest.raises(InputError, match=r"must be \(candidates, references\)"):
        reward("rouge_l")(["a dog"])
    with pytest.raises(InputError, match=r"must be \(captions, objects\), got \{'caption': 'a dog'"):
        reward("chair_i")([{"caption": "a dog", "objects": ["dog"]}])
    for nothing in (None, float("nan")):
        with pytest.raises(InputError, match="the caption of '0' must be a text"):
            reward("chair_i")([(nothing, ["dog"])])
    assert reward("rouge_l")([]) == []


@pytest.mark.parametrize(
    ("name", "setting", "told"),
    [
        ("cider_d", "frequencies", "no document frequencies"),
        ("lexical_match", "word_frequencies", "no word frequencies"),
        ("chair_i", "mentions", "cannot be read as a synonym list"),
    ],
)
def test_a_file_of_settings_that_is_missing_fails_at_once(name: str, setting: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        reward(name, **{setting: "no/such/file"})


def test_a_synonym_list_may_be_named(tmp_path) -> None:
    (tmp_path / "list.txt").write_text("hound, dog\n")
    assert reward("chair_i", mentions=str(tmp_path / "list.txt"))([("a dog", ["hound"]), ("a dog", [])]) == [0.0, 1.0]


def test_cider_as_a_reward_with_saved_frequencies(tmp_path) -> None:
    from diptych.measure import cider, document_frequencies  # noqa: PLC0415

    references = {str(n): known for n, (_, known) in enumerate(ROWS)}
    document_frequencies(references).save(tmp_path / "df.npz")
    scorer = reward("cider_d", frequencies=str(tmp_path / "df.npz"))
    whole = cider({str(n): said for n, (said, _) in enumerate(ROWS)}, references, resamples=0)
    assert scorer(ROWS) == whole.values_N.tolist() == [scorer([row])[0] for row in ROWS]
