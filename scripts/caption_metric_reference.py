"""The digits that pycocoevalcap gives for cases of our own, stored so that tests need neither it nor Java.

    python -m venv ref && ref/bin/pip install pycocoevalcap==1.2
    ref/bin/python scripts/caption_metric_reference.py tests/measure/ngram_cases.json      (java on the PATH)

Cases named `given_...` skip the tokeniser; the others go through it, and its tokens are stored too.
"""

import contextlib
import io
import json
import random
import re
import sys
from importlib.metadata import version

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

NAMES = ("bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l", "cider")
NBSP = "\u00a0"
WORDS = re.findall(r"\w+", "a the red blue dog cat man woman sits runs on in under near park street with and two three table ball grass")

Case = tuple[dict[str, str], dict[str, list[str]]]


def sentence(rng: random.Random, words: int) -> str:
    """Words drawn at random."""
    return " ".join(rng.choice(WORDS) for _ in range(words))


def drawn(seed: int, images: int, words: tuple[int, int], references: tuple[int, int]) -> Case:
    """Images with so many references of so many words, at least and at most."""
    rng = random.Random(seed)
    known = {str(n): [sentence(rng, rng.randint(*words)) for _ in range(rng.randint(*references))] for n in range(images)}
    return {id: sentence(rng, rng.randint(*words)) for id in known}, known


def punctuated() -> Case:
    """Quotes, contractions, abbreviations, fractions, brackets."""
    known = {
        "a": ["A man's dog -- brown, shaggy; old -- sits.", 'He said: "Sit!" and it sat...', "It's (probably) a 1/2-breed?!"],
        "b": ["Two well-lit rooms & a T.V. set.", "A TV, at 5:30 p.m., in Mr. Smith's room", "the room can't be seen"],
        "c": ["1 1/2 cups of sugar", "one and a half cups; 50% sugar", "$5.00 worth of sugar #sweet @home"],
        "d": ["``Stop'' sign", "a stop sign...", "STOP - a red sign ?"],
    }
    return {
        "a": "A man's dog sits, doesn't it?",
        "b": "A T.V. set in a well-lit room.",
        "c": "1 1/2 cups of sugar!",
        "d": "stop' sign .",
    }, known


def empty() -> Case:
    """Texts without a token on either side or on both."""
    known = {"a": ["", "a dog"], "b": [""], "c": ["a cat on a mat"], "d": ["", ""], "e": [".", "!?", "dog"], "f": ["a b c d", "a b c d e"]}
    return {"a": "", "b": "", "c": "", "d": "a dog", "e": ".", "f": "a b c d"}, known


def given_spaces() -> Case:
    """Spaces of several kinds, which Python's two ways of splitting part differently."""
    known = {
        "a": [f"1{NBSP}1/2 cups", "1 1/2 cups", "cups  of sugar"],
        "b": [" leading", "trailing ", "in  side", f"{NBSP}"],
        "c": ["a\tb c", "a b c", f"a{NBSP}b{NBSP}c d"],
        "d": ["", " ", "  "],
    }
    return {"a": f"1{NBSP}1/2 cups  of", "b": "in  side ", "c": f"a{NBSP}b{NBSP}c d", "d": "  "}, known


def cases() -> dict[str, Case]:
    """All cases by name."""
    one = drawn(3, 40, (1, 1), (1, 5))
    many = drawn(4, 30, (3, 14), (1, 9))
    twice = ({id: texts[0] for id, texts in many[1].items()}, {id: texts + texts for id, texts in many[1].items()})
    return {
        "punctuation": punctuated(),
        "empty": empty(),
        "one_word": one,
        "different_numbers_of_references": many,
        "equal_to_a_reference_and_said_twice": twice,
        "one_image": ({"x": "a red dog on the grass"}, {"x": ["a dog on grass", "the red dog runs"]}),
        "one_caption_everywhere": (
            {str(n): "a dog runs in the park" for n in range(5)},
            {str(n): ["a dog runs", "in the park"] for n in range(5)},
        ),
        "very_long": drawn(5, 4, (90, 260), (1, 3)),
        "repeating": ({"a": "the " * 30, "b": "dog cat " * 9}, {"a": ["the the cat", "the " * 7], "b": ["cat dog " * 8, "dog"]}),
        "given_spaces": given_spaces(),
        "given_many": drawn(6, 60, (0, 16), (1, 6)),
    }


def tokens(texts: dict[str, list[str]]) -> dict[str, list[str]]:
    """The reference tokeniser's."""
    return PTBTokenizer().tokenize({id: [{"caption": text} for text in few] for id, few in texts.items()})


def measured(candidates: dict[str, list[str]], references: dict[str, list[str]]) -> dict[str, object]:
    """Over all images and of each."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = [scorer.compute_score(references, candidates) for scorer in (Bleu(4), Rouge(), Cider())]
    whole = [*found[0][0], found[1][0], found[2][0]]
    each = [*found[0][1], found[1][1], found[2][1]]
    return {
        "corpus": dict(zip(NAMES, map(float, whole), strict=True)),
        "per_image": {name: [float(value) for value in values] for name, values in zip(NAMES, each, strict=True)},
    }


def main() -> None:
    """Writes the file."""
    stored: dict[str, object] = {}
    for name, (said, known) in cases().items():
        candidates = {id: [text] for id, text in said.items()}
        given = name.startswith("given")
        cut = (candidates, known) if given else (tokens(candidates), tokens(known))
        row: dict[str, object] = {"candidates": said, "references": known}
        if not given:
            row["tokens"] = {"candidates": {id: few[0] for id, few in cut[0].items()}, "references": cut[1]}
        stored[name] = row | measured(*cut)
    head = f"pycocoevalcap {version('pycocoevalcap')}, numpy {version('numpy')}"
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in stored.items())
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(f'{{"tool": {json.dumps(head)}, "command": "python scripts/caption_metric_reference.py", "cases": {{\n{rows}\n}}}}\n')


if __name__ == "__main__":
    main()
