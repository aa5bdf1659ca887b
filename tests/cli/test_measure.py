"""`diptych measure`: what it prints and writes, what it refuses, what it counts."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from PIL import Image as Pillow

from diptych import __version__
from diptych.cli import main
from diptych.measure import bleu, cider, compare, over_seeds, rouge_l

SAID = {"1": "a brown dog runs", "2": "two cats on a mat", "3": "a man rides a horse"}
KNOWN = {"1": ["a dog runs", "the brown dog is running"], "2": ["two cats lie on a mat"], "3": ["a man on a horse", "a person riding"]}
RESULT = {"value", "low", "high", "n", "better", "how"}


def said(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> tuple[str, str]:
    assert main(["measure", *map(str, arguments)]) == status
    found = capsys.readouterr()
    return found.out, found.err


def measured(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict:
    return json.loads(said(capsys, *arguments, "--json", "--resamples", "50")[0])


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, value in (("said", SAID), ("known", KNOWN), ("worse", {id: text.split(" ", 1)[1] for id, text in SAID.items()})):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    return tmp_path


def test_one_json_object_as_the_design_has_it(capsys, files) -> None:
    found = measured(capsys, "bleu,cider,fact_f1", "--candidates", "said.json", "--references", "known.json")
    assert list(found) == ["bleu_1", "bleu_2", "bleu_3", "bleu_4", "cider", "fact_f1"]
    assert all(set(one) == RESULT and one["n"] == 3 for one in found.values())
    assert found["cider"]["value"] == cider(SAID, KNOWN).value
    assert found["bleu_4"]["value"] == bleu(SAID, KNOWN)[3].value
    assert "PTB tokens" in found["cider"]["how"] and "diptych" in found["cider"]["how"]


def test_per_image_and_null_for_what_is_undefined(capsys, files) -> None:
    words = ("cider,mattr", "--candidates", "said.json", "--references", "known.json", "--per-image", "--json")
    out, _ = said(capsys, *words)
    assert "NaN" not in out
    found = json.loads(out)
    assert found["cider"]["per_image"] == {id: cider(SAID, KNOWN).per_image[id] for id in SAID}
    assert found["mattr"]["value"] is None and set(found["mattr"]["per_image"].values()) == {None}
    assert "3 of 3 images undefined" in found["mattr"]["how"]


@pytest.mark.parametrize("words", [("a.json,b.json",), ("a.json", "--candidates", "b.json")])
def test_two_systems_are_compared(capsys, files, words) -> None:
    Path("a.json").write_text(Path("worse.json").read_text())
    Path("b.json").write_text(Path("said.json").read_text())
    found = measured(capsys, "cider,distinct", "--candidates", *words, "--references", "known.json")
    assert set(found["systems"]) == {"a", "b"} and set(found["differences"]) == {"cider"}
    (apart,) = found["differences"]["cider"]
    assert (apart["method"], apart["baseline"], apart["n"]) == ("b", "a", 3)
    wanted = compare(cider(SAID, KNOWN), cider(json.loads(Path("worse.json").read_text()), KNOWN))
    assert apart["value"] == wanted.difference.value and 0 <= apart["won"] <= 1
    assert apart["low"] <= apart["value"] <= apart["high"]


def test_runs_with_several_seeds(capsys, files) -> None:
    texts = json.loads(Path("worse.json").read_text())
    for n in range(2):
        Path(f"a{n}.json").write_text(json.dumps({id: text.rsplit(" ", n)[0] for id, text in texts.items()}))
        Path(f"b{n}.json").write_text(json.dumps({id: text.rsplit(" ", n)[0] for id, text in SAID.items()}))
    words = ("--candidates", "a0.json,a1.json", "--candidates", "b0.json,b1.json", "--references", "known.json", "--runs")
    found = measured(capsys, "rouge_l,distinct", *words, "--out", "out", "--per-image")
    ours = [rouge_l(json.loads(Path(f"b{n}.json").read_text()), KNOWN) for n in range(2)]
    one = found["systems"]["b0 (2 runs)"]["rouge_l"]
    assert one["value"] == over_seeds(ours).value and "2 seeds and 3 images" in one["how"]
    assert one["per_image"]["1"] == pytest.approx((ours[0].per_image["1"] + ours[1].per_image["1"]) / 2)
    (apart,) = found["differences"]["rouge_l"]
    assert (apart["method"], apart["baseline"]) == ("b0 (2 runs)", "a0 (2 runs)")
    assert found["systems"]["b0 (2 runs)"]["distinct_1"]["low"] is None
    alone = measured(capsys, "rouge_l", "--candidates", "b0.json,b1.json", "--references", "known.json", "--runs")
    assert alone["rouge_l"]["value"] == one["value"]
    assert "--runs takes the files" in said(capsys, "fact_f1", "world:3", "--runs", status=1)[1]
    assert "must have the same seeds" in said(capsys, "rouge_l", *words, "--candidates", "said.json", status=1)[1]


def test_what_all_metrics_share_is_told_once_and_p_with_its_bound(capsys, files) -> None:
    known = {str(n): [f"dog number{n} runs"] for n in range(9)}
    for name, texts in (
        ("a", dict.fromkeys(known, "x")),
        ("b", {id: one[0] for id, one in known.items()}),
        ("c", dict.fromkeys(known, "dog")),
    ):
        Path(f"{name}.json").write_text(json.dumps(texts))
    Path("refs.json").write_text(json.dumps(known))
    words = ("bleu_1,cider", "--candidates", "a.json,b.json", "--references", "refs.json", "--per-image", "--out", "out")
    out, _ = said(capsys, *words)
    (shared,) = [line for line in out.splitlines() if "bootstrap over rows" in line]
    assert shared.startswith("all: PTB tokens") and shared.endswith(f"; diptych {__version__}") and out.count("PTB tokens") == 1
    assert "bleu_1: b − a = +1.0000 [+1.0000, +1.0000], better in 100.0% of resamples, p < 0.0001\n" in out
    assert "a\tbleu_1\t0\t0\n" in out  # 1e-9 or so
    assert "Holm" not in out and "&lt; 0.0001" in Path("out/report.html").read_text(encoding="utf-8")
    out, _ = said(capsys, "bleu_1", "--candidates", "a.json,b.json,c.json", "--references", "refs.json")
    assert "p < 0.0003 (Holm)" in out and "\nall: " not in out


def test_rows_say_why(capsys, files) -> None:
    Path("objects.json").write_text('{"1": ["dog"], "2": ["cat"], "3": ["person"]}')
    said(capsys, "chair,fact_f1", "--candidates", "said.json", "--objects", "objects.json", "--references", "known.json", "--out", "out")
    rows = [json.loads(line) for line in Path("out/per_image.jsonl").read_text().splitlines()]
    assert rows[2]["why"]["chair_i"] == {"objects": ["horse", "person"]}
    assert rows[2]["why"]["fact_f1"] == {"not borne out": ["man · ride · horse"], "missed": ["man · on · horse"]}
    assert "fact_f1" not in rows[0]["why"]  # nothing is wrong with it
    said(capsys, "chair", "--candidates", "said.json", "--objects", "objects.json", "--out", "out")
    rows = [json.loads(line) for line in Path("out/per_image.jsonl").read_text().splitlines()]
    assert rows[2]["why"]["chair_s"] == {"wrong": ["horse"], "objects": ["person"]}
    assert ">why</th>" in Path("out/report.html").read_text(encoding="utf-8")


def test_a_folder_with_results_rows_and_a_page(capsys, files) -> None:
    _, err = said(capsys, "cider,distinct", "--candidates", "said.json,worse.json", "--references", "known.json", "--out", "out")
    assert "drawn in out/report.html" in err
    stored = json.loads(Path("out/results.json").read_text())
    assert stored["command"].startswith("diptych measure cider") and "systems" in stored
    rows = [json.loads(line) for line in Path("out/per_image.jsonl").read_text().splitlines()]
    assert len(rows) == 6 and rows[0]["captions"] == [SAID["1"]] and rows[0]["distinct_1"] is None
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "two cats on a mat" in page and "<svg" in page and "http://" not in page.replace("http://www.w3.org", "")


def test_tables_and_columns(capsys, files) -> None:
    Path("both.csv").write_text("caption_predicted,caption_1,caption_2\na dog,a dog,\na cat,the cat,one cat\n")
    words = ("--candidates", "both.csv", "--candidate-column", "caption_predicted", "--references", "both.csv")
    found = measured(capsys, "bleu_1", *words, "--reference-columns", "caption_1,caption_2")
    assert found["bleu_1"]["value"] == bleu(["a dog", "a cat"], [["a dog"], ["the cat", "one cat"]])[0].value
    assert "told by their number" in found["bleu_1"]["how"]


def test_several_files_of_references_are_gathered(capsys, files) -> None:
    for n in (1, 2):
        Path(f"ref{n}.txt").write_text(f"a dog {n}\na cat {n}\n")
    Path("hyp.txt").write_text("a dog 2\na cat 1\n")
    found = measured(capsys, "bleu_2", "--candidates", "hyp.txt", "--references", "ref1.txt,ref2.txt", "--tokenizer", "none")
    assert found["bleu_2"]["value"] == pytest.approx(1.0)


def test_captions_of_a_dataset_against_others_of_it(capsys, files) -> None:
    rows = [
        {"id": id, "captions": [{"text": text, "by": "file:x", "style": "short"}, *({"text": k, "by": "human:a"} for k in KNOWN[id])]}
        for id, text in SAID.items()
    ]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = measured(capsys, "cider", "rows.jsonl", "--captions", "style:short", "--references-captions", "human")
    assert found["cider"]["value"] == cider(SAID, KNOWN).value
    found = measured(capsys, "cider", "rows.jsonl", "--captions", "style:short", "--references-captions", "all")
    assert found["cider"]["value"] == cider(SAID, KNOWN).value  # no caption is its own reference
    found = measured(capsys, "cider", "rows.jsonl", "--captions", "style:short", "--references", "known.json")
    assert found["cider"]["value"] == cider(SAID, KNOWN).value


def test_the_worlds_truth_pictures_and_experts(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = measured(capsys, "fact_precision,clipscore,retrieval", "world:12?noise=.5", "--embedder", "sim:embedder")
    assert 0 < found["fact_precision"]["value"] < 1 and "closed truth" in found["fact_precision"]["how"]
    assert found["clipscore"]["n"] == 12 and found["i2t_recall_1"]["n"] == 12
    assert measured(capsys, "fact_precision", "world:12")["fact_precision"]["value"] == 1.0
    words = ("self_retrieval,self_retrieval_hard,recall@5", "world:12", "--embedder", "sim:embedder", "--bag", "3")
    sizes = {"self_retrieval_3", "self_retrieval_similarity_3", "self_retrieval_hard_3", "self_retrieval_hard_similarity_3"}
    assert set(measured(capsys, *words)) == {*sizes, "i2t_recall_5", "t2i_recall_5"}


def test_pictures_of_a_folder_and_one_that_is_broken(capsys, files) -> None:
    Path("photos").mkdir()
    for name in ("a", "b"):
        Pillow.new("RGB", (40, 30), "red").save(f"photos/{name}.png")
        Path(f"photos/{name}.txt").write_text("a red wall\n")
    found = measured(capsys, "words_per_caption", "photos")
    assert found["words_per_caption"]["value"] == 3.0
    _, err = said(capsys, "clipscore", "photos", "--embedder", "sim:embedder", status=1)
    assert "knows only the world" in err


def test_a_run_over_a_world_is_held_against_its_truth(capsys, files) -> None:
    words = ["run", "visual_fact_checker", "world:12?noise=.8", "--out", "vfc", "--quiet", "--json"]
    assert main(words) == 0
    after = json.loads(capsys.readouterr().out)["after"]
    found = measured(capsys, "facts", "vfc")
    assert {name: one["value"] for name, one in found.items()} == {name: after[name]["value"] for name in found}


def test_no_model_judges_captions_that_its_family_made(capsys, files) -> None:
    Path("rows.jsonl").write_text(
        '{"id": "1", "captions": [{"text": "a dog", "by": "sim:embedder-large?x=1"}], "image": "world:3", "image_member": "1"}\n'
    )
    assert "is of a family that wrote these captions" in said(capsys, "clipscore", "rows.jsonl", "--embedder", "sim:embedder", status=1)[1]
    assert main(["run", "rank_and_fuse", "world:6", "--matcher", "sim:matcher", "--out", "run", "--quiet", "--json"]) == 0
    capsys.readouterr()
    assert "--self-check" in said(capsys, "clipscore", "run", "--matcher", "sim:matcher", status=1)[1]
    assert "--self-check" in said(capsys, "truematch", "run", "--matcher", "sim:matcher", status=1)[1]
    found = measured(capsys, "clipscore", "run", "--embedder", "sim:embedder", "--subset")["clipscore"]
    assert "embedder sim:embedder" in found["how"] and found["n"] == 5 and "1 of 6 rows dropped" in found["how"]
    assert measured(capsys, "clipscore", "run", "--matcher", "sim:matcher", "--self-check", "--subset")["clipscore"]["n"] == 5


def test_candidates_from_a_file_against_a_datasets_truth_and_pictures(capsys, files) -> None:
    texts = {f"w0-{n:06}": "a red ball" for n in range(6)}
    Path("balls.json").write_text(json.dumps(texts))
    found = measured(capsys, "facts,clipscore", "world:6", "--candidates", "balls.json", "--embedder", "sim:embedder")
    assert found["fact_precision"]["n"] == 6 and found["fact_precision"]["value"] < 1
    assert found["clipscore"]["n"] == 6


def test_rows_of_one_id_are_refused(capsys, files) -> None:
    Path("rows.jsonl").write_text('{"id": "1", "caption": "a"}\n{"id": "2", "caption": "b"}\n{"id": "1", "caption": "c"}\n')
    assert "1 rows of DATA repeat an id, such as '1'" in said(capsys, "mattr", "rows.jsonl", status=1)[1]


def test_images_without_a_caption(capsys, files) -> None:
    Path("rows.jsonl").write_text('{"id": "1", "image": "a.jpg", "caption": "a dog"}\n{"id": "2", "image": "b.jpg"}\n')
    for name in ("words_per_caption", "mattr"):
        assert "1 of 2 images of rows.jsonl have no caption ('2')" in said(capsys, name, "rows.jsonl", status=1)[1]
    found = measured(capsys, "words_per_caption", "rows.jsonl", "--subset")
    assert (
        found["words_per_caption"]["value"] == 2.0
        and "1 of 2 images of rows.jsonl have no caption, left out" in found["words_per_caption"]["how"]
    )


def test_objects_boxes_and_synonyms(capsys, files) -> None:
    Path("objects.json").write_text('{"1": ["dog"], "2": ["cat", "dining table"], "3": ["person"]}')
    found = measured(capsys, "chair", "--candidates", "said.json", "--objects", "objects.json")
    assert found["chair_s"]["value"] == pytest.approx(1 / 3)  # the horse
    assert found["chair_i"]["better"] == "lower"
    Path("words.txt").write_text("dog, puppy\ncat\nhorse, pony\nperson, man\n")
    found = measured(capsys, "chair", "--candidates", "said.json", "--objects", "objects.json", "--synonyms", "words.txt")
    assert "synonym list words.txt" in found["chair_i"]["how"] and found["chair_s"]["value"] == pytest.approx(1 / 3)
    found = measured(capsys, "chair", "--candidates", "said.json", "--objects", "objects.json", "--references", "known.json")
    assert found["chair_s"]["value"] == 0.0 and "or mentioned by a reference" in found["chair_s"]["how"]


def test_frequencies_are_saved_and_used_again(capsys, files) -> None:
    saved = ("--save-frequencies", "df.npz", "--save-word-frequencies", "wf.json")
    found = measured(capsys, "cider,lexical_match", "--candidates", "said.json", "--references", "known.json", *saved)
    used = ("--frequencies", "df.npz", "--word-frequencies", "wf.json")
    again = measured(capsys, "cider_d,lexical_match", "--candidates", "said.json", "--references", "known.json", *used)
    assert again["cider_d"]["value"] == found["cider"]["value"] and "frequencies of 3 images (known.json)" in again["cider_d"]["how"]
    assert again["lexical_match"]["value"] == found["lexical_match"]["value"]
    assert "give --references FILE" in said(capsys, "mattr", "--candidates", "said.json", *saved, status=1)[1]


def test_pope_from_answers_and_from_captions(capsys, files) -> None:
    asked = [("1", "dog", "yes"), ("1", "cat", "no"), ("2", "cat", "yes"), ("2", "dog", "no")]
    rows = [{"question_id": n, "image": i, "text": f"Is there a {o} in the image?", "label": a} for n, (i, o, a) in enumerate(asked)]
    Path("questions.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("answers.jsonl").write_text("".join(f'{{"question_id": {n}, "answer": "Yes."}}\n' for n in range(4)))
    found = measured(capsys, "pope_accuracy,pope_yes", "--questions", "questions.json", "--answers", "answers.jsonl")
    assert found["pope_accuracy"]["value"] == 0.5 and found["pope_yes"]["value"] == 1.0
    Path("two.json").write_text(json.dumps({id: SAID[id] for id in ("1", "2")}))
    assert measured(capsys, "pope_f1", "--questions", "questions.json", "--candidates", "two.json")["pope_f1"]["value"] == 1.0


def test_answers_beside_captions_are_answers(capsys, files) -> None:
    Path("questions.json").write_text('{"question_id": 0, "image": "1", "text": "Is there a cat in the image?", "label": "no"}\n')
    for name, answer in (("yes", "yes"), ("no", "no")):
        Path(f"{name}.json").write_text(json.dumps({"0": answer}))
    words = ("pope_accuracy,mattr", "--questions", "questions.json", "--candidates", "said.json", "--answers", "no.json")
    assert measured(capsys, *words)["pope_accuracy"]["value"] == 1.0
    assert "names 2 files beside captions" in said(capsys, *words, "--answers", "yes.json", status=1)[1]
    both = measured(capsys, "pope_accuracy", "--questions", "questions.json", "--answers", "yes.json,no.json")
    assert [both["systems"][name]["pope_accuracy"]["value"] for name in ("yes", "no")] == [0.0, 1.0]


def test_unreadable_references_are_counted_too(capsys, files) -> None:
    Path("r.jsonl").write_text("".join(json.dumps({"id": id, "caption": known[0]}) + "\n" for id, known in KNOWN.items()) + "nonsense\n")
    words = ("rouge_l,mattr", "--candidates", "said.json", "--references", "r.jsonl")
    assert "r.jsonl, row 3" in said(capsys, *words, status=1)[1]
    found = measured(capsys, *words, "--subset")
    assert "1 unreadable row of r.jsonl left out" in found["rouge_l"]["how"] and "r.jsonl" not in found["mattr"]["how"]


def test_a_recipe_measures_too(capsys, files) -> None:
    found = measured(capsys, "recipe:openchair", "world:6", "--truths", "alt", "--judge", "rules:")
    assert set(found) == {"openchair", "openchair_unsure"}
    assert set(measured(capsys, "image2text_regeneration", "world:6", "--draws", "1")) == {"image_score", "image_score_floor"}
    assert "has no measure" in said(capsys, "recipe:fusecap", "world:3", status=1)[1]
    assert "there is no recipe" in said(capsys, "recipe:nothing", "world:3", status=1)[1]


def test_the_list_of_metrics(capsys) -> None:
    out, _ = said(capsys)
    assert "cider" in out and "needs captions, references" in out
    rows = json.loads(said(capsys, "--json")[0])
    assert {"name", "gives", "does", "needs"} == set(rows[0])


def test_ratings_of_people(capsys, files) -> None:
    rows = [{"id": id, "candidate": SAID[id], "references": KNOWN[id], "rating": [n, n + 1]} for n, id in enumerate(SAID)]
    Path("rated.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out, err = said(capsys, "bleu_1,cider", "--against-humans", "rated.jsonl", "--by", "spearman,pearson", "--json")
    found = json.loads(out)
    assert err == "3 rated captions to score, then agreement with intervals\n"
    assert list(found)[-1] == "mean rating, all pairs" and list(found["mean rating, all pairs"]) == ["spearman", "pearson"]
    protocol = next(iter(found.values()))
    assert set(protocol["spearman"]["metrics"]) == {"bleu_1", "cider"}
    assert protocol["spearman"]["differences"][0]["baseline"] == "cider"
    assert "ratings hold no more" in said(capsys, "chair", "--against-humans", "rated.jsonl", status=1)[1]


COUNTED = [
    ('{"1": "a dog", "9": "a cat"}', ("--subset",), "1 of 2 captions have no references, left out"),
    ('{"1": "a dog"}', ("--subset",), "2 of 3 images with references have no caption, left out"),
    ('{"1": "a dog", "2": "", "3": " "}', (), "2 of 3 candidates empty, scored as empty texts"),
    ('{"1": "un perro corre por la playa", "2": "a", "3": "b"}', (), "1 of 3 candidates not English by their function words"),
    ('{"1": "собака", "2": "a", "3": "b"}', (), "1 of 3 candidates mostly outside the Latin script"),
    ('[{"image_id": 1, "caption": "a"}, {"image_id": 1, "caption": "b"}, {"image_id": 2, "caption": "c"}, {"image_id": 3, "caption": "d"}]',
     ("--first",), "the first caption of 1 image with several"),
    ('{"1": "a dog", "2": NaN, "3": "b"}', ("--subset",), "1 unreadable row of x.json left out"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "told"), COUNTED)
def test_what_is_left_out_or_odd_is_counted(capsys, files, text, options, told) -> None:
    Path("x.json").write_text(text)
    found = measured(capsys, "rouge_l,bleu_1", "--candidates", "x.json", "--references", "known.json", *options)
    assert all(told in one["how"] for one in found.values())


REFUSED = [
    ('{"1": "a dog", "9": "a cat"}', ("cider",), "1 of 2 captions have no references ('9'); 2 of 3 images with references have no caption"),
    ('{"1": "a dog", "2": NaN, "3": "b"}', ("cider",), "row 1 (id '2'): a caption must be text, got nan: correct the file, or --subset"),
    ('{"1": "a", "1": "b"}', ("cider",), "the key '1' stands twice"),
    ('[{"image_id": 1, "caption": "a"}, {"image_id": 1, "caption": "b"}]', ("cider",), "1 of 1 images of x stand in several rows"),
    ('{"1": ["a", "b"], "2": "c", "3": "d"}', ("cider",), "1 of 3 images of x have several captions, such as '1'"),
    ('{"7": "a"}', ("cider", "--subset"), "no image has both a caption of x and references"),
    ("[3]", ("cider",), "a row must be an object or a text"),
    ('{"1": "a"}', ("cidr",), "did you mean cider"),
    ('{"1": "a"}', ("nonsense",), "`diptych measure` lists all"),
    ('{"1": "a"}', ("clipscore",), "clipscore needs the images themselves (DATA with pictures) and a model that embeds"),
    ('{"1": "a"}', ("cider_d",), "cider_d needs saved document frequencies (--frequencies FILE)"),
    ('{"1": "a"}', ("cider_d", "--subset", "--frequencies", "said.json"), "holds no document frequencies"),
    ('{"1": "a"}', ("chair", "--objects", "none.json"), "is no file"),
    ('{"1": "a"}', ("cider", "--tokenizer", "words"), "--tokenizer"),
    ('{"1": "a"}', ("cider", "--resamples", "-1"), "--resamples must be 0 or more"),
    ('{"1": "a"}', ("cider", "--captions", "worst", "--nothing"), "unrecognized arguments: --nothing"),
    ('{"1": "a"}', ("cider", "--out", "x.json"), "--out x.json cannot be written"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "told"), REFUSED)
def test_errors_are_one_line_with_a_remedy(capsys, files, text, words, told) -> None:
    Path("x.json").write_text(text)
    out, err = said(capsys, *words, "--candidates", "x.json", "--references", "known.json", status=1)
    assert not out and len(err.splitlines()) == 1 and err.startswith("diptych: ") and told in err, err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("cider",), "cider needs captions by people"),
        (("words_per_caption",), "nothing to measure: give --candidates FILE"),
        (("cider", "--candidates", "none.json", "--references", "known.json"), "No such file"),
        (("cider", "--candidates", ".", "--references", "known.json"), "is a folder"),
        (("cider", "--candidates", "said.json,said.json", "--references", "known.json"), "is named twice"),
        (("cider", "no/such/place", "--references", "known.json"), "does not exist"),
        (("cider", "world:3", "--references-captions", "worst"), "captions must be one of"),
        (("fact_f1", "world:3", "--captions", "worst"), "captions must be one of"),
        (("cider", "--candidates", "said.json", "--references-captions", "alt"), "name DATA"),
        (("truematch", "world:5"), "name bags"),
        ((",", "--candidates", "said.json"), "name at least one metric"),
    ],
)
def test_inputs_that_are_not_there(capsys, files, words, told) -> None:
    err = said(capsys, *words, status=1)[1].splitlines()[-1]
    assert err.startswith("diptych: ") and told in err


def test_ten_captions_take_no_compiler_and_little_time(files) -> None:
    ten = {str(n): f"a dog number {n} runs on the grass" for n in range(10)}
    Path("ten.json").write_text(json.dumps(ten))
    Path("refs.json").write_text(json.dumps({id: [text, "the dog runs"] for id, text in ten.items()}))
    words = ["diptych", "measure", "bleu,rouge_l,cider", "--candidates", "ten.json", "--references", "refs.json", "--json"]
    code = f"import sys; sys.argv = {words!r}\nfrom diptych.cli import main\nmain()\nassert not {{'torch', 'numba'}} & set(sys.modules)"
    seconds = []
    for _ in range(3):
        started = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=files)
        seconds.append(perf_counter() - started)
    assert median(seconds) < 3.0  # the promise is 1 s on a quiet machine (benchmarks/start.py)
