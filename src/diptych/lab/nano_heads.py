"""What the heads of the nano models learn from: tokens of the shipped tower, captions and questions as ids, all on the device."""

# n scenes, K captions of a scene, T words, Q questions

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from diptych.lab.nano_examples import Examples
from diptych.lab.nano_scores import unit
from diptych.lab.nano_texts import ANSWERS, STYLES, Asked, Told
from diptych.models.conv_tower import ConvTower
from diptych.models.words import word_tokenizer
from diptych.world.catalogue import BY_NOUN, COLOURS, MATERIALS, SIZES, WORDS
from diptych.world.phrasing import HELD_OUT, SEEN
from diptych.world.relations import PREDICATES

LENGTH = 96  # words of a caption, begin and end included
ASKING = 28  # words of a question
FALSE = 3  # false captions kept of a scene
GIVEN = (*ANSWERS, *map(str, range(10)), *COLOURS, *MATERIALS)  # all answers
Ids = Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """Tokens float16 (n, M, C); ids of true captions (n, K, T) and of false ones (n, 3, T), 0 where there is none; and questions: their
    ids (Q, T), the scene of each and the number of its answer (Q,), and their kinds.
    """

    tokens: Tensor
    true: Ids
    false: Ids
    asked: Ids
    scene: Tensor
    answer: Tensor
    kinds: tuple[str, ...]


def heads(made: Examples, tower: ConvTower, tokenizer: PreTrainedTokenizerBase) -> Heads:
    """All of it, on the tower's device."""
    device = tower.device
    false = [[*told.false, *[""] * FALSE][:FALSE] for told in made.told]
    asked = [(number, one) for number, told in enumerate(made.told) for one in told.asked if one.answer in GIVEN]
    return Heads(
        tokens(tower, made.pixels),
        ids([text for told in made.told for text in told.true], tokenizer, LENGTH).view(len(made), len(STYLES), -1).to(device),
        ids([text for three in false for text in three], tokenizer, LENGTH).view(len(made), FALSE, -1).to(device),
        ids([one.text for _, one in asked], tokenizer, ASKING).to(device),
        torch.tensor([number for number, _ in asked], device=device),
        torch.tensor([GIVEN.index(one.answer) for _, one in asked], device=device),
        tuple(one.kind for _, one in asked),
    )


@torch.inference_mode()
def tokens(tower: ConvTower, pixels: np.ndarray, batch: int = 512) -> Tensor:
    """float16 (n, M, C), on the tower's device."""
    parts = [pixels[start : start + batch] for start in range(0, len(pixels), batch)]
    return torch.cat([tower(unit(torch.from_numpy(part).to(tower.device))).half() for part in parts])


def ids(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, length: int) -> Ids:
    """int16 (texts, length), padded with 0; a longer text is cut, without its end."""
    found = np.zeros((len(texts), length), np.int16)
    for start in range(0, len(texts), 100_000):
        for row, one in enumerate(tokenizer(list(texts[start : start + 100_000]), padding=False)["input_ids"], start):
            found[row, : min(len(one), length)] = one[:length]
    return torch.from_numpy(found)


def tokenizer_of(told: Iterable[Told]) -> PreTrainedTokenizerBase:
    """Words of what is said and asked, of the phrasings that training leaves out, and of the whole catalogue."""
    said = [text for one in told for text in (*one.true, *one.false, *(asked.text for asked in one.asked))]
    nouns = [f"{c.noun} {c.plural} {c.kind}" for c in BY_NOUN.values()]
    return word_tokenizer([*said, *nouns, *COLOURS, *SIZES, *MATERIALS, *WORDS, *PREDICATES, *map(str, range(100)), *_phrasings()])


def _phrasings() -> Iterable[str]:
    for words in (SEEN, HELD_OUT):
        for name in words.__dataclass_fields__:
            value = getattr(words, name)
            for one in value.values() if isinstance(value, dict) else [value]:
                yield from [one] if isinstance(one, str) else one


def matching(of: Heads) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    """Batches of scenes, each with one of its captions and one of its false ones."""

    def prepare(own: dict[str, Tensor]) -> dict[str, Tensor]:
        rows = own["rows"]
        style = torch.randint(of.true.shape[1], rows.shape, device=rows.device)
        other = torch.randint(FALSE, rows.shape, device=rows.device)
        return {"tokens": of.tokens[rows].float(), "text_ids": of.true[rows, style].long(), "wrong_ids": of.false[rows, other].long()}

    return prepare


def captioning(of: Heads, styles: int) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    """Batches of scenes, each with a caption of one of the first styles."""

    def prepare(own: dict[str, Tensor]) -> dict[str, Tensor]:
        rows = own["rows"]
        style = torch.randint(styles, rows.shape, device=rows.device)
        ids_BT = of.true[rows, style].long()
        return {"tokens": of.tokens[rows].float(), "text_ids": ids_BT, "text_mask": ids_BT != 0, "style": style, "rows": rows}

    return prepare


def answering(of: Heads) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    """Batches of questions."""

    def prepare(own: dict[str, Tensor]) -> dict[str, Tensor]:
        rows = own["rows"]
        ids_BT = of.asked[rows].long()
        return {"tokens": of.tokens[of.scene[rows]].float(), "text_ids": ids_BT, "text_mask": ids_BT != 0, "answer": of.answer[rows]}

    return prepare


def kinds_of(asked: Sequence[Asked]) -> tuple[str, ...]:
    """The kinds of questions there are."""
    return tuple(sorted({one.kind for one in asked}))
