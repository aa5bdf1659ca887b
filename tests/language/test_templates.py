"""Generated prompts in the style of text-to-image benchmarks, read exactly: nouns, counts, attributes and relations all equal."""

import re
from pathlib import Path

import pytest

from diptych.data.draws import generator
from diptych.language.numbers import exact
from diptych.language.parse import parse, to_json
from diptych.language.wordnet import singular

CLASSES = [
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "computer mouse",
    "tv remote",
    "computer keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
]
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
LEADS = ("a photo of ", "a picture of ", "an image of ", "a photograph of ", "A photo of ", "")
PLACES = {
    "left of": "left of",
    "right of": "right of",
    "to the left of": "left of",
    "on the right of": "right of",
    "above": "above",
    "below": "below",
    "next to": "next to",
    "near": "near",
    "in front of": "in front of",
    "behind": "behind",
    "on top of": "on top of",
    "under": "under",
    "beside": "beside",
    "on": "on",
    "inside": "inside",
}
ODD = {"person": "people", "knife": "knives", "sheep": "sheep", "skis": "skis", "scissors": "scissors", "computer mouse": "computer mice"}
PROMPTS = Path(__file__).parents[2] / "../shared/data/t2i_prompts/examples/dataset"


def plural(noun):
    if noun in ODD:
        return ODD[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun}s"


def a(phrase):
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def entity(noun, count=1, *attributes):
    # "three skis" are three of a ski, "a skis" is the class's own name
    return ("ski" if noun == "skis" and count != 1 else noun, count, None, attributes, False)


def prompts():
    for index, noun in enumerate(CLASSES):
        lead = LEADS[index % len(LEADS)]
        yield lead + a(noun), [entity(noun)], []
        for number in range(2, 11):
            yield f"{lead}{NUMBERS[number]} {plural(noun)}", [entity(noun, number)], []
            yield f"{lead}{number} {plural(noun)}", [entity(noun, number)], []
        for colour in COLOURS:
            yield lead + a(f"{colour} {noun}"), [entity(noun, 1, colour)], []
    rng = generator(0, "prompts")
    for _ in range(2000):
        one, other = (CLASSES[i] for i in rng.choice(len(CLASSES), 2, replace=False))
        red, blue = (COLOURS[i] for i in rng.choice(len(COLOURS), 2, replace=False))
        place = list(PLACES)[rng.integers(len(PLACES))]
        n = int(rng.integers(2, 11))
        lead = LEADS[rng.integers(len(LEADS))]
        yield from (
            (f"{lead}{a(one)} and {a(other)}", [entity(one), entity(other)], []),
            (f"{lead}{a(f'{red} {one}')} and {a(f'{blue} {other}')}", [entity(one, 1, red), entity(other, 1, blue)], []),
            (f"{lead}{a(one)} {place} {a(other)}", [entity(one), entity(other)], [(0, PLACES[place], 1)]),
            (f"{lead}{NUMBERS[n]} {red} {plural(one)} {place} {a(other)}", [entity(one, n, red), entity(other)], [(0, PLACES[place], 1)]),
            (f"{lead}{NUMBERS[n]} {plural(one)} and {n} {plural(other)}", [entity(one, n), entity(other, n)], []),
        )


def read(text):
    found = to_json(text, parse(text))
    entities = [(e["noun"], e["count"], e["at_least"], tuple(e["attributes"]), e["negated"]) for e in found["entities"]]
    return entities, [(r["subject"], r["predicate"], r["object"]) for r in found["relations"]]


def share(cases):
    wrong = [(text, *read(text)) for text, *want in cases if read(text) != tuple(want)]
    return 1 - len(wrong) / len(cases), wrong


def test_generated_prompts_are_read_exactly():
    right, wrong = share(list(prompts()))
    assert right >= 0.995, wrong[:10]


def coloured(text):
    match = re.fullmatch(r"an? ([\w-]+) ([\w-]+(?: [\w-]+)?) and an? ([\w-]+) ([\w-]+(?: [\w-]+)?)\.?", text)
    return match and (text, [entity(match[2], 1, match[1]), entity(match[4], 1, match[3])], [])


def placed(text):
    places = {**PLACES, "on the top of": "on top of", "on the left of": "left of", "hidden by": "hide by"}
    for place, canonical in sorted(places.items(), key=lambda item: -len(item[0])):  # "on the left of" before "left of"
        match = re.fullmatch(rf"an? ([\w ]+?) {place} an? ([\w ]+?)\.?", text)
        if match:
            return text, [entity(match[1]), entity(match[2])], [(0, canonical, 1)]
    return None


def counted(text):
    found = []
    for part in re.split(r", (?:and )?| and ", text.strip(". ")):
        match = re.fullmatch(r"(\w+) (\w+)", part)
        if not match or exact(match[1].lower()) is None:
            return None
        found.append(entity(singular(match[2]), exact(match[1].lower())))
    return text, found, []


@pytest.mark.parametrize(
    ("names", "gold", "least"),
    [
        ("color", coloured, 0.99),
        ("texture", coloured, 0.97),
        ("shape", coloured, 0.92),
        ("spatial", placed, 0.99),
        ("3d_spatial", placed, 0.99),
        ("numeracy", counted, 0.99),
    ],
)
def test_benchmark_prompts_are_read_exactly(names, gold, least):
    if not PROMPTS.exists():
        pytest.skip("shared data absent")
    cases = [case for text in (PROMPTS / f"{names}.txt").read_text().splitlines() if (case := gold(text.strip()))]
    right, wrong = share(cases)
    assert len(cases) > 200
    assert right >= least, wrong[:10]
