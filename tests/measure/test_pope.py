import json
import math
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.data.errors import InputError, SourceError
from diptych.measure.mentions import ListedWords
from diptych.measure.pope import PopeQuestion, pope, pope_of_captions, pope_questions, read_answer, read_pope

SHARED = Path(__file__).parents[2] / "../shared/data"
OBJECTS = {
    "1": ["dog", "couch", "cup"],
    "2": ["dog", "couch", "cat"],
    "3": ["dog", "tree"],
    "4": ["boat", "dog", "tree", "person"],
    "5": ["person", "cat"],
    "6": [],
}


def asked(label, number=1, image="a", name="dog"):
    return PopeQuestion(str(number), image, name, label, f"Is there a {name} in the image?")


def test_scores_by_hand():
    # image a: right yes, wrong yes, right no; image b: wrong no, an answer that is neither
    labels = ["yes", "no", "no", "yes", "yes"]
    questions = [asked(label, n, "a" if n < 3 else "b") for n, label in enumerate(labels)]
    answers = {"0": "Yes, there is.", "1": "yes", "2": "No.", "3": "no", "4": "Perhaps there is."}
    found = pope(questions, answers, resamples=0)
    assert [s.name for s in found] == ["pope_accuracy", "pope_precision", "pope_recall", "pope_f1", "pope_yes"]
    assert [s.value for s in found] == pytest.approx([2 / 5, 1 / 2, 1 / 3, 0.4, 2 / 5])
    assert found[0].per_image == {"a": pytest.approx(2 / 3), "b": 0.0}
    assert math.isnan(found[1].per_image["b"]) and found[4].result.better == "none"
    assert "1 answers neither yes nor no, taken as wrong" in found[0].result.how
    # the released rule takes "Perhaps there is." as yes
    assert [s.value for s in pope(questions, answers, rule="released", resamples=0)] == pytest.approx([3 / 5, 2 / 3, 2 / 3, 2 / 3, 3 / 5])


@pytest.mark.parametrize(
    ("text", "first", "released"),
    [
        ("Yes", "yes", "yes"), ("no, there is none", "no", "no"), ("  **YES**!", "yes", "yes"), ("There is no dog", "", "no"),
        ("It is not there. Yes", "", "no"), ("Nothing", "", "yes"), ("", "", "yes"), ("yesterday", "", "yes"), ("1. no", "no", "yes"),
    ],
)  # fmt: skip
def test_reading_of_answers(text, first, released):
    assert read_answer(text) == first
    assert read_answer(text, "released") == released


@given(
    st.lists(
        st.tuples(st.sampled_from(("yes", "no")), st.sampled_from(("yes", "no", "hm")), st.sampled_from("ab")), min_size=1, max_size=30
    )
)
def test_equals_a_slow_reference(rows):
    questions = [asked(label, n, image) for n, (label, _, image) in enumerate(rows)]
    found = pope(questions, {str(n): said for n, (_, said, _) in enumerate(rows)}, resamples=0)
    tp = sum(label == said == "yes" for label, said, _ in rows)
    fp = sum(label == "no" and said == "yes" for label, said, _ in rows)
    positives = sum(label == "yes" for label, _, _ in rows)
    right = sum(label == said for label, said, _ in rows)
    precision = tp / (tp + fp) if tp + fp else math.nan
    recall = tp / positives if positives else math.nan
    f1 = math.nan if not positives else 0.0 if not tp else 2 * precision * recall / (precision + recall)
    assert [s.value for s in found] == pytest.approx([right / len(rows), precision, recall, f1, (tp + fp) / len(rows)], nan_ok=True)


@pytest.mark.parametrize("strategy", ["random", "popular", "adversarial"])
def test_questions_are_balanced_true_and_repeatable(strategy):
    questions = pope_questions(OBJECTS, strategy=strategy, per_image=6, seed=1)
    assert questions == pope_questions(OBJECTS, strategy=strategy, per_image=6, seed=1)
    counts = Counter((q.image, q.label) for q in questions)
    assert [counts[image, "yes"] for image in OBJECTS] == [3, 3, 2, 3, 2, 0] == [counts[image, "no"] for image in OBJECTS]
    assert all((q.object in OBJECTS[q.image]) == (q.label == "yes") for q in questions)
    assert len({(q.image, q.object) for q in questions}) == len(questions) == len({q.id for q in questions})
    positives = [q.object for q in questions if q.label == "yes"]
    assert positives == [q.object for q in pope_questions(OBJECTS, per_image=6, seed=1) if q.label == "yes"]


def test_negatives_by_strategy():
    def negatives(strategy, image, per_image=2, seed=0):
        return [
            q.object
            for q in pope_questions(OBJECTS, strategy=strategy, per_image=per_image, seed=seed)
            if q.label == "no" and q.image == image
        ]

    assert negatives("popular", "5") == ["dog"]  # in four images
    assert "boat" not in negatives("popular", "1", per_image=6)  # in one; cat, tree and person stand in two
    # beside boat, dog, tree and person: couch twice with dog, cat with dog and with person, cup once with dog
    assert set(negatives("adversarial", "4", per_image=4)) == {"couch", "cat"}
    # beside dog and tree (image 3), counting each: couch 2, boat 2, person 2, cat 1, cup 1
    assert set(negatives("adversarial", "3", per_image=4)) <= {"couch", "boat", "person"}
    drawn = {tuple(negatives("random", "1", seed=seed)) for seed in range(30)}
    assert drawn == {("cat",), ("tree",), ("person",), ("boat",)}


def test_draws_hang_on_the_image_and_not_on_its_company():
    fewer = {id: OBJECTS[id] for id in ("4", "2")}
    more = [q.object for q in pope_questions(OBJECTS, per_image=4, seed=5) if (q.image, q.label) == ("4", "yes")]
    assert more == [q.object for q in pope_questions(fewer, per_image=4, seed=5) if (q.image, q.label) == ("4", "yes")]
    assert pope_questions({"1": ["apple"], "2": ["dog"]}, per_image=2)[0].text == "Is there an apple in the image?"


def test_images_with_the_same_objects_are_drawn_apart():
    alike = {str(number): ["ant", "bee", "cow", "dog", "elk"] for number in range(20)}
    drawn = {q.object for q in pope_questions(alike | {"other": ["fly"]}, per_image=2) if q.label == "yes" and q.image != "other"}
    assert len(drawn) > 2


def test_adversarial_objects_stand_beside_whatever_their_names():
    objects = {"1": ["ant", "zoo"], "2": ["ant", "zoo"], "3": ["ant"], "4": ["bee"], "5": ["zoo", "bee"], "6": ["bee"]}
    for seed in range(10):
        asked = pope_questions(objects, strategy="adversarial", per_image=2, seed=seed)
        assert [q.object for q in asked if (q.image, q.label) == ("3", "no")] == ["zoo"]


def test_captions_as_answers():
    questions = [
        asked("yes", 1, "a", "dog"),
        asked("no", 2, "a", "cat"),
        asked("yes", 3, "b", "zebra"),
        asked("no", 4, "b", "dining table"),
    ]
    found = pope_of_captions(questions, {"a": "a puppy and a kitten", "b": "a quiet room", "c": "unasked"}, resamples=0)
    # yes, yes (wrong), no (wrong), no
    assert [s.value for s in found] == pytest.approx([0.5, 0.5, 0.5, 0.5, 0.5])
    listed = ListedWords({"puppy": "dog"}, "my list")
    by_list = pope_of_captions(questions, {"a": "a puppy and a kitten", "b": ""}, listed, resamples=0)
    assert [s.value for s in by_list] == pytest.approx([0.75, 1.0, 0.5, 2 / 3, 0.25]) and "my list" in by_list[0].result.how
    assert "3 questions about objects that the rule never finds, answered no" in by_list[0].result.how
    assert "never finds" not in found[0].result.how


def test_bad_input(tmp_path):
    questions = [asked("yes", 1), asked("no", 2)]
    with pytest.raises(InputError, match="questions have no answer: '2'"):
        pope(questions, {"1": "yes"})
    with pytest.raises(InputError, match="answers have no question: '3'"):
        pope(questions, {"1": "yes", "2": "no", "3": "no"})
    with pytest.raises(InputError, match="answer of '2' must be a text"):
        pope(questions, {"1": "yes", "2": math.nan})
    with pytest.raises(InputError, match="an id that another has"):
        pope([asked("yes", 1), asked("no", 1)], {"1": "yes"})
    with pytest.raises(InputError, match="rule must be"):
        pope(questions, {"1": "yes", "2": "no"}, rule="mine")
    with pytest.raises(InputError, match="has no caption"):
        pope_of_captions(questions, {"b": "a dog"})
    with pytest.raises(InputError, match="strategy"):
        pope_questions(OBJECTS, strategy="worst")
    for odd in (0, 3, -2):
        with pytest.raises(InputError, match="even"):
            pope_questions(OBJECTS, per_image=odd)
    assert all(math.isnan(s.value) for s in pope([], {}))
    with pytest.raises(SourceError, match="cannot be read"):
        read_pope(tmp_path / "none.json")
    for line, why in (("{", "is no question"), ('{"question_id": 1}', "is no question"), ("[]", "is no question")):
        (tmp_path / "bad.json").write_text(line, "utf-8")
        with pytest.raises(SourceError, match=f"line 1 {why}"):
            read_pope(tmp_path / "bad.json")
    row = {"question_id": 1, "image": "a.jpg", "text": "Where is the dog?", "label": "yes"}
    (tmp_path / "bad.json").write_text("\n" + json.dumps(row), "utf-8")
    with pytest.raises(SourceError, match="line 2 must ask"):
        read_pope(tmp_path / "bad.json")


def test_a_file_is_read_as_written(tmp_path):
    questions = pope_questions(OBJECTS, per_image=4)
    rows = [{"question_id": int(q.id), "image": q.image, "text": q.text, "label": q.label} for q in questions]
    (tmp_path / "own.json").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert read_pope(tmp_path / "own.json") == questions
    row = {"question_id": 1, "image": "a\u2028b", "text": "Is there a dog in the image?", "label": "yes"}
    (tmp_path / "own.json").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    assert read_pope(tmp_path / "own.json")[0].image == "a\u2028b"
    (tmp_path / "own.json").write_text("[" * 100_000)
    with pytest.raises(SourceError, match="line 1 is no question"):
        read_pope(tmp_path / "own.json")


@pytest.mark.parametrize("strategy", ["random", "popular", "adversarial"])
def test_published_questions(strategy):
    if not SHARED.exists():
        pytest.skip("shared data absent")
    questions = read_pope(SHARED / f"pope_captions/output/coco/coco_pope_{strategy}.json")
    assert Counter(q.label for q in questions) == {"yes": 1500, "no": 1500}
    assert set(Counter(q.image for q in questions).values()) == {6} and len({q.image for q in questions}) == 500
    always = pope(questions, {q.id: "yes" for q in questions}, resamples=0)
    assert [s.value for s in always] == pytest.approx([0.5, 0.5, 1.0, 2 / 3, 1.0])
    # the label is right of the image's own positives, so captions that list them answer all
    lists = {
        image: " and ".join(f"a {q.object}" for q in questions if q.image == image and q.label == "yes")
        for image in {q.image for q in questions}
    }
    assert pope_of_captions(questions, lists, resamples=0)[0].value > 0.97


def test_real_captions_of_a_large_model():
    if not SHARED.exists():
        pytest.skip("shared data absent")
    folder = SHARED / "pope_captions"
    captions = {}
    for line in (folder / "caption_data/Instruction2_llava.json").read_text("utf-8").splitlines():
        row = json.loads(line)
        captions[f"COCO_val2014_{row['image_id']:012d}.jpg"] = row["text"]
    scores = {}
    for strategy in ("random", "adversarial"):
        questions = [q for q in read_pope(folder / f"output/coco/coco_pope_{strategy}.json") if q.image in captions]
        assert len(questions) == 102
        scores[strategy] = [round(s.value, 3) for s in pope_of_captions(questions, captions, resamples=0)]
    # accuracy, precision, recall, F1, share of yes: what is imagined is what usually stands there
    assert scores == {"random": [0.853, 1.0, 0.706, 0.828, 0.353], "adversarial": [0.833, 0.947, 0.706, 0.809, 0.373]}
