"""`diptych measure` where its inputs are not what they seem: no number without a word."""

import json
from pathlib import Path

import pytest
from PIL import Image as Pillow

from diptych.cli import main
from diptych.data.errors import InputError
from diptych.measure import cider

SAID = {"1": "a man and a dog", "2": "a woman with a bike"}
KNOWN = {"1": ["a man with his dog"], "2": ["a lady rides a bicycle"]}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("said.json").write_text(json.dumps(SAID))
    Path("known.json").write_text(json.dumps(KNOWN))
    Path("list.txt").write_text("person, man, woman\ndog, puppy\nbicycle, bike\n")


def measured(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert main(["measure", *words, "--candidates", "said.json", "--resamples", "0", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["measure", *words]) == 1
    out, err = capsys.readouterr()
    assert not out and len(err.splitlines()) == 1 and err.startswith("diptych: "), err
    return err


@pytest.mark.parametrize("more", [(), ("--synonyms", "list.txt")])
def test_objects_in_capitals_plurals_and_other_words(capsys, more) -> None:
    for name in ("PERSON", "persons", "man", "people"):
        Path("objects.json").write_text(json.dumps({"1": [name, "Dogs"], "2": ["Woman", "Bikes"]}))
        if more and name == "people":
            continue  # no word of this list
        found = measured(capsys, "chair", "--objects", "objects.json", *more)
        assert (found["chair_i"]["value"], found["chair_s"]["value"]) == (0.0, 0.0)
        assert "no class" not in found["chair_i"]["how"]


def test_pictures_without_captions(capsys) -> None:
    Path("photos").mkdir()
    for name in "ab":
        Pillow.new("RGB", (8, 8)).save(f"photos/{name}.png")
    # the matcher, which is nowhere, is not looked for
    for more in ((), ("--subset",)):
        told = refused(capsys, "clipscore", "photos", "--matcher", "hf:./nowhere", *more)
        assert "no row of photos has a caption (of 2): give --candidates FILE" in told


def test_objects_of_no_class(capsys) -> None:
    Path("objects.json").write_text('{"1": ["persn", "dog"], "2": ["bike"]}')
    found = measured(capsys, "chair", "--objects", "objects.json")
    assert found["chair_i"]["value"] == 0.5 and "1 of 3 object names is no class: 'persn'" in found["chair_i"]["how"]
    Path("objects.json").write_text('{"1": ["persn"], "2": ["xyzzy"]}')
    told = refused(capsys, "chair", "--objects", "objects.json", "--candidates", "said.json")
    assert "2 of 2 object names are no class: 'persn', 'xyzzy'; did you mean 'person'?" in told and "name objects by classes" in told


def test_a_file_that_is_no_list_and_captions_that_are_no_objects(capsys) -> None:
    Path("objects.json").write_text('{"1": ["dog"], "2": ["bike"]}')
    told = refused(capsys, "chair", "--candidates", "said.json", "--objects", "objects.json", "--synonyms", "objects.json")
    assert "objects.json is no synonym list" in told and "write a line for each class" in told
    told = refused(capsys, "chair", "--candidates", "said.json", "--objects", "known.json")
    assert "the sentence 'a man with his dog'" in told


def test_captions_that_mention_no_class(capsys) -> None:
    Path("objects.json").write_text('{"1": ["chair"], "2": []}')
    Path("other.txt").write_text("chair, seat\nclock\n")
    found = measured(capsys, "chair", "--objects", "objects.json", "--synonyms", "other.txt")
    assert found["chair_i"]["value"] is None and found["chair_s"]["value"] == 0.0
    assert all("no caption mentions any class" in one["how"] for one in found.values())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("bleu_4", "--synonyms", "list.txt"), "--synonyms is used by chair, pope; bleu_4 does not take it: leave it out"),
        (("bleu_4,cider", "--objects", "no.json"), "--objects is used by chair, amber; none of bleu_4, cider takes it"),
        (("cider", "--frequencies", "no.npz"), "--frequencies is used by cider_d; cider does not take it"),
        (("cider", "--embedder", "file:no.npz"), "--embedder is used by capture, capture_repaired, clipscore"),
        (("words_per_caption", "--tokenizer", "none"), "--tokenizer is used by bleu"),
        (("words_per_caption", "--word-frequencies", "no.json"), "--word-frequencies is used by lexical_match"),
        (("div", "--bag", "5"), "--bag is used by self_retrieval, self_retrieval_hard"),
    ],
)
def test_options_that_no_metric_takes(capsys, words, told) -> None:
    assert told in refused(capsys, *words, "--candidates", "said.json", "--references", "known.json")


def test_options_that_say_nothing_alone(capsys) -> None:
    words = ("mattr", "--candidates", "said.json")
    assert "--by goes with --against-humans: give it too" in refused(capsys, *words, "--by", "spearman")
    assert "--reference-columns goes with --references" in refused(capsys, *words, "--reference-columns", "text")
    assert "--candidate-column goes with --candidates" in refused(capsys, "mattr", "world:3", "--candidate-column", "text")
    rows = [{"id": id, "candidate": SAID[id], "references": KNOWN[id], "rating": [n, n + 1]} for n, id in enumerate(SAID)]
    Path("rated.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ("bleu_1", "--against-humans", "rated.jsonl")
    assert "--candidates is not used with --against-humans" in refused(capsys, *words, "--candidates", "said.json")
    assert "--synonyms is used by chair, pope; bleu_1 does not take it" in refused(capsys, *words, "--synonyms", "list.txt")


def test_references_named_twice(capsys) -> None:
    for words in (("known.json,./known.json",), ("known.json", "--references", "known.json")):
        told = refused(capsys, "cider", "--candidates", "said.json", "--references", *words)
        assert "is named twice in --references: its captions would count double; name it once" in told


def test_missing_cells_of_a_table(capsys) -> None:
    Path("said.csv").write_text("id,caption\n1,a man and a dog\n2,nan\n")
    words = ("bleu_1", "--candidates", "said.csv", "--references", "known.json")
    assert "row 1 (id '2'): the caption is 'nan', which tables write where one is missing" in refused(capsys, *words)
    assert main(["measure", *words, "--subset", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["bleu_1"]["n"] == 1 and "1 unreadable row of said.csv left out" in found["bleu_1"]["how"]


def test_an_empty_list_of_references(capsys) -> None:
    Path("known.json").write_text('{"1": ["a man"], "2": []}')
    told = refused(capsys, "cider", "--candidates", "said.json", "--references", "known.json")
    assert "1 of 2 captions have an empty list of references ('2'): each image needs at least one; --subset" in told
    assert "same on both sides" not in told


def test_what_both_ways_lack_is_told_once(capsys) -> None:
    told = refused(capsys, "clipscore", "--candidates", "said.json")
    assert told.count("the images themselves") == 1
    assert "(--embedder ADDRESS) or a model that scores a text against a picture (--matcher ADDRESS)" in told


def test_files_of_another_kind_are_told_in_words(capsys) -> None:
    Path("objects.json").write_text('{"1": ["dog"], "2": ["bike"]}')
    words = ("--candidates", "said.json", "--references", "known.json")
    told = refused(capsys, "cider_d", "--frequencies", "objects.json", *words)
    assert "holds no document frequencies (it is no .npz file): make them with --save-frequencies FILE" in told and "pickle" not in told
    assert "Errno" not in refused(capsys, "cider_d", "--frequencies", "none.npz", *words)
    told = refused(capsys, "lexical_match", "--word-frequencies", "objects.json", *words)
    assert "holds no word frequencies (it is of another shape): make it with --save-word-frequencies FILE" in told
    assert "Errno" not in refused(capsys, "lexical_match", "--word-frequencies", "none.json", *words)
    told = refused(capsys, "pope", "--questions", "objects.json", "--candidates", "said.json")
    assert "line 1 is no question, it lacks question_id, image, text, label: give a JSON object a line" in told
    assert "Errno" not in refused(capsys, "pope", "--questions", "none.json", "--candidates", "said.json")
    told = refused(capsys, "words_per_caption", "world:5?nois=.4")
    assert "asks for 'nois', which no world has: write world:N?noise=..." in told


@pytest.mark.parametrize("text", [float("nan"), None])
def test_a_candidate_that_is_no_text(text) -> None:
    with pytest.raises(InputError, match=f"the candidate of '1' must be one text, got {text}: write an empty text"):
        cider({"1": text}, {"1": ["a dog"]})
    with pytest.raises(InputError, match="choose one caption an image"):
        cider({"1": ["a dog"]}, {"1": ["a dog"]})


def test_two_systems_of_one_image_have_no_interval(capsys) -> None:
    for name, text in (("one.json", "a man and a dog"), ("two.json", "a man")):
        Path(name).write_text(json.dumps({"1": text}))
    Path("right.json").write_text(json.dumps({"1": KNOWN["1"]}))
    assert main(["measure", "rouge_l", "--candidates", "one.json,two.json", "--references", "right.json"]) == 0
    out = capsys.readouterr().out
    assert "without an interval" in out and "one row" in out and "nan" not in out


def test_captions_that_no_record_has(capsys) -> None:
    assert main(["measure", "recipe:capture", "world:3"]) == 1
    assert "no record has a caption of style:reference: name captions that they have" in capsys.readouterr().err
