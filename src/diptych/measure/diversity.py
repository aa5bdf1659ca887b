"""How varied captions are: within the several captions of one image, within one caption, and over all of them.

Words as in `measure.text` (`distinct` stands there), but for mBLEU, whose tokens are BLEU's own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from diptych import __version__
from diptych.data.errors import InputError
from diptych.data.limits import at_least
from diptych.data.results import Result
from diptych.measure.asking import joined
from diptych.measure.bleu import bleu
from diptych.measure.inputs import Candidates, by_id
from diptych.measure.intervals import RESAMPLES
from diptych.measure.ngrams import Tokenizer
from diptych.measure.rows import one_text, several_texts
from diptych.measure.scores import Scored, scored
from diptych.measure.text import WORDS_ARE, vocabulary, words_of

Sets = Mapping[str, Sequence[str]] | Sequence[Sequence[str]]
WINDOW = 10  # words; published figures over whole books use 50 to 500, which no short caption has


def div_n(captions: Sets, *, n: int = 1, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """Div-n: different n-grams of an image's captions together, over their words; mean over images (Shetty et al., 2017, 1703.10476).

    Compare sets of one size: it falls with the number of captions. An image whose captions are all empty has no value.
    """
    at_least("n", n, 1)
    sets = _sets(captions)
    values = []
    for texts in sets.values():
        lists = [words_of(text) for text in texts]
        total = sum(map(len, lists))
        values.append(len({gram for words in lists for gram in grams(words, n)}) / total if total else float("nan"))
    how = joined(WORDS_ARE, _sizes(sets))
    return scored(f"div_{n}", tuple(sets), values, how=how, seed=seed, resamples=resamples)


def mbleu(captions: Sets, *, n: int = 4, tokenizer: Tokenizer = "ptb", seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """mBLEU-n: BLEU-n of each caption of an image against its others, mean over them, then over images; lower is more varied.

    Shetty et al., 2017, arXiv:1703.10476. BLEU per caption is the reference tool's, whose smoothing gives nearly 0 where no n words
    match. An image with one caption has no value.
    """
    if not 1 <= n <= 4:
        raise InputError(f"n of mBLEU must lie from 1 to 4, got {n}")
    sets = _sets(captions)
    said = [(id, place) for id, texts in sets.items() if len(texts) > 1 for place in range(len(texts))]
    others = [[text for other, text in enumerate(sets[id]) if other != place] for id, place in said]
    made = bleu([sets[id][place] for id, place in said], others, tokenizer=tokenizer, resamples=0)[n - 1] if said else None
    rows: dict[str, list[float]] = {id: [] for id in sets}
    for (id, _), value in zip(said, () if made is None else made.values_N.tolist(), strict=True):
        rows[id].append(value)
    values = [float(np.mean(row)) if row else float("nan") for row in rows.values()]
    how = joined(f"BLEU-{n} of each caption against the image's others, {tokenizer} tokens", _sizes(sets))
    return scored(f"mbleu_{n}", tuple(sets), values, better="lower", how=how, seed=seed, resamples=resamples)


def mattr(candidates: Candidates, *, window: int = WINDOW, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """Moving-average type-token ratio of a caption: different words over words in every run of `window` words, averaged.

    Covington and McFall, 2010. 1 where no run repeats a word. It does not fall with length, as the plain ratio does; a caption shorter
    than the window has no value.
    """
    at_least("window", window, 1)
    texts = one_text(candidates)
    values = [_moving(words_of(text), window) for text in texts.values()]
    return scored("mattr", tuple(texts), values, how=f"{WORDS_ARE}; window of {window} words", seed=seed, resamples=resamples)


def novel_captions(candidates: Candidates, *, known: Iterable[str], seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """Share of captions that none of the `known` ones (of the training set) equals; case, spacing and marks do not tell them apart.

    A caption without words has no value.
    """
    texts = one_text(candidates)
    seen = {tuple(words_of(text)) for text in known}
    said = [tuple(words_of(text)) for text in texts.values()]
    values = [float(words not in seen) if words else float("nan") for words in said]
    how = f"against {len(seen)} different known captions, compared word by word"
    return scored("novel_captions", tuple(texts), values, better="none", how=how, seed=seed, resamples=resamples)


def vocabulary_size(texts: Iterable[str], *, known: Collection[str] = ()) -> Result:
    """Different words over all captions, those of `known` (the training vocabulary) left out. No interval: it grows with the captions."""
    listed = list(texts)
    words: Counter[str] = vocabulary(listed)
    size = len(words.keys() - {word.casefold() for word in known})
    nan = float("nan")
    how = joined(WORDS_ARE, f"{len(known)} known words left out" if known else "", "no interval: depends on the number of captions")
    return Result("vocabulary_size", float(size), nan, nan, len(listed), "higher", f"{how}; diptych {__version__}")


def grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """The n-grams of a list of words, in order."""
    return list(zip(*(words[start:] for start in range(n)), strict=False))


def _moving(words: Sequence[str], window: int) -> float:
    if len(words) < window:
        return float("nan")
    counts = Counter(words[:window])
    different = total = len(counts)
    for gone, come in zip(words, words[window:], strict=False):
        counts[come] += 1
        different += counts[come] == 1
        counts[gone] -= 1
        different -= counts[gone] == 0
        total += different
    return total / (window * (len(words) - window + 1))


def _sets(captions: Sets) -> dict[str, tuple[str, ...]]:
    found = several_texts(captions)
    for id, said in by_id(captions, "captions").items():
        if isinstance(said, str) or not found[id]:
            raise InputError(f"the captions of {id!r} must be a list of one or more texts, got {said!r}: give all captions of an image")
    return found


def _sizes(sets: Mapping[str, Sequence[str]]) -> str:
    sizes = sorted({len(texts) for texts in sets.values()})
    return f"{'-'.join(map(str, dict.fromkeys((sizes[0], sizes[-1]))))} captions an image" if sizes else "no images"
